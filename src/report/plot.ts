/**
 * What a ladder shows as curves: one direction's bytes over time with what was acknowledged and allowed, the bytes in
 * flight, and the round trips as the capture point sees them.
 */
import type { CauseName, LabelName } from "./labels.js";
import type { Side } from "./record.js";
import type { LadderRow } from "./view.js";

/** A segment with payload. Sequence numbers are the ladder's, times in ms since the connection's first packet. */
export interface PlottedSegment {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  readonly label: LabelName;
  readonly cause: CauseName;
  readonly isSpurious: boolean;
}

/** A value from a moment on. */
export interface PlottedValue {
  readonly atMs: number;
  readonly value: number;
}

export interface Plot {
  /** Who sent the bytes. */
  readonly side: Side;
  readonly untilMs: number;
  readonly segments: readonly PlottedSegment[];
  /** Highest byte acknowledged, and highest byte that the receiver's window allows. */
  readonly acknowledged: readonly PlottedValue[];
  readonly allowed: readonly PlottedValue[];
  readonly inFlightBytes: readonly PlottedValue[];
  /**
   * From a segment to the acknowledgment of its last byte, at the capture point; no samples of what was sent twice
   * (RFC 6298 §3).
   */
  readonly roundTripsMs: readonly PlottedValue[];
}

/** The side that sent more bytes; the server where both sent as many. */
export function busierSide(rows: readonly LadderRow[]): Side {
  const bytes = { client: 0, server: 0 };
  for (const { from, payloadBytes } of rows) bytes[from] += payloadBytes;
  return bytes.client > bytes.server ? "client" : "server";
}

/** The curves of what `side` sent. */
export function plotOf(rows: readonly LadderRow[], side: Side): Plot {
  const segments: PlottedSegment[] = [];
  const acknowledged: PlottedValue[] = [];
  const allowed: PlottedValue[] = [];
  const inFlightBytes: PlottedValue[] = [];
  const roundTripsMs: PlottedValue[] = [];
  const unacknowledged = new Unacknowledged();
  let [highest, acked, edge] = [0, 0, 0];
  for (const row of rows) {
    // Of the ladder: they count from the ISN and do not wrap.
    const { atMs, acknowledgment: upTo } = row;
    if (row.from === side) {
      if (row.payloadBytes === 0) continue;
      const { label, cause, isSpurious, sequence: from, end } = row;
      // Before its first byte nothing is on its way.
      if (segments.length === 0) [highest, acked] = [from, Math.max(acked, from)];
      // A probe or a repeat may begin below what is seen for the first time.
      segments.push({ atMs, from, to: end, label, cause, isSpurious });
      unacknowledged.send(end, atMs, from < highest);
      highest = Math.max(highest, end);
    } else if (upTo !== null) {
      if (row.sack.length > 0) unacknowledged.waitForHole();
      if (upTo > acked) {
        acked = upTo;
        acknowledged.push({ atMs, value: acked });
        const sentMs = unacknowledged.acknowledge(acked);
        if (sentMs !== null) roundTripsMs.push({ atMs, value: atMs - sentMs });
      }
      if (row.label !== "out-of-window" && upTo + row.window > edge) {
        edge = upTo + row.window;
        allowed.push({ atMs, value: edge });
      }
    } else continue;
    inFlightBytes.push({ atMs, value: Math.max(0, highest - acked) });
  }
  const untilMs = rows.at(-1)?.atMs ?? 0;
  return { side, untilMs, segments, acknowledged, allowed, inFlightBytes, roundTripsMs };
}

/** Segments on their way, in the order of their ends. */
class Unacknowledged {
  #sent: { readonly end: number; readonly atMs: number }[] = [];
  /** Acknowledgments up to here may answer either copy, or waited until a hole below was filled. */
  #ambiguousTo = 0;

  send(end: number, atMs: number, isRepeat: boolean): void {
    if (isRepeat) this.#ambiguousTo = Math.max(this.#ambiguousTo, this.#sent.at(-1)?.end ?? end, end);
    else this.#sent.push({ end, atMs });
  }

  /** The receiver has more than it can acknowledge. */
  waitForHole(): void {
    this.#ambiguousTo = Math.max(this.#ambiguousTo, this.#sent.at(-1)?.end ?? 0);
  }

  /** When the last byte of them was sent, or null where that cannot be told. */
  acknowledge(to: number): number | null {
    const left = this.#sent.findIndex(({ end }) => end > to);
    const done = left < 0 ? this.#sent : this.#sent.slice(0, left);
    this.#sent = left < 0 ? [] : this.#sent.slice(left);
    const last = done.at(-1);
    return last === undefined || last.end !== to || to <= this.#ambiguousTo ? null : last.atMs;
  }
}
