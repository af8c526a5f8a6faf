/**
 * Where the capture listens: near the client, near the server, in between; told by its handshakes, interface by
 * interface.
 *
 * Near a host its leg takes next to nothing of the round trip, and its packets still have the TTL that hosts set.
 * Counts only, so that parts of a capture can be merged, and a connection be taken out again.
 */
import type { CapturePoint } from "../report/summary.js";

const NEAR_CLIENT = 0;
const NEAR_SERVER = 1;
const MIDDLE = 2;
const NAMES: readonly CapturePoint[] = ["near-client", "near-server", "middle"];
/** A smaller share of the handshakes than this is no clear majority. */
const CLEAR_SHARE = 0.6;
/** A round trip this short has both ends on the capturing host or its switch: its legs tell nothing. */
const TOO_SHORT_NS = 200e3;
/** TTLs as hosts set them: a packet that still has one has met no router. */
const INITIAL_TTLS = [32, 64, 128, 255];

export class CapturePoints {
  /** Handshakes seen near the client, near the server, in between: by interface. */
  readonly #counts: [number, number, number][] = [];

  /** A handshake of which both legs are known, in nanoseconds. */
  note(
    interfaceId: number,
    serverLegNs: number,
    clientLegNs: number,
    clientTtl: number,
    serverTtl: number,
    weight: 1 | -1,
  ): void {
    const point = pointOf(serverLegNs, clientLegNs, clientTtl, serverTtl);
    if (point >= 0) (this.#counts[interfaceId] ??= [0, 0, 0])[point]! += weight;
  }

  /** Where the interface, or with null all of them together, listens: a clear majority, or unknown. */
  of(interfaceId: number | null): CapturePoint {
    const total: [number, number, number] = [0, 0, 0];
    this.#counts.forEach((counts, id) => {
      if (interfaceId === null || id === interfaceId)
        counts.forEach((n, i) => {
          total[i]! += n;
        });
    });
    const all = total[0] + total[1] + total[2];
    if (all === 0) return "unknown";
    const best = total.indexOf(Math.max(...total));
    return total[best]! < CLEAR_SHARE * all ? "unknown" : NAMES[best]!;
  }

  merge(other: CapturePoints): void {
    other.#counts.forEach((counts, id) => {
      const own = (this.#counts[id] ??= [0, 0, 0]);
      counts.forEach((n, i) => {
        own[i]! += n;
      });
    });
  }
}

/** Which end one handshake was captured near, or -1. */
function pointOf(serverLegNs: number, clientLegNs: number, clientTtl: number, serverTtl: number): number {
  const both = serverLegNs + clientLegNs;
  if (both < TOO_SHORT_NS) return -1;
  const share = clientLegNs / both;
  if (share <= 0.1) return NEAR_CLIENT;
  if (share >= 0.9) return NEAR_SERVER;
  const isClientLocal = INITIAL_TTLS.includes(clientTtl);
  const isServerLocal = INITIAL_TTLS.includes(serverTtl);
  if (isClientLocal !== isServerLocal && (share < 0.3 || share > 0.7))
    return isClientLocal ? NEAR_CLIENT : NEAR_SERVER;
  return MIDDLE;
}
