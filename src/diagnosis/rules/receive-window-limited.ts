/** Transfers that are as fast as the receiver's window lets them be (RFC 7323 §1.1). */
import {
  formatBytes,
  formatDuration,
  formatNumberOf,
  formatPercent,
  formatRate,
} from "../../report/quantities.js";
import { type ConnectionRecord, type EndpointRecord, SIDES } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { firstFrame, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

/** The window's share of the transfer. */
const LEAST_SHARE = 0.5;
/** A transfer that was over sooner would hardly have gained by more; fewer round trips tell nothing. */
const LEAST_TRANSFER_MS = 500;
const LEAST_ROUND_TRIPS = 10;
const LEAST_BYTES = 50_000;
/** A window that was used once in a round trip makes a pace of so much of it; less, and its room came later than that. */
const USED_SHARE = 0.5;
/** A window that was closed for longer is told as that (zero-window.ts). */
const CLOSED_MS = 500;
const BITS = 8;

export const receiveWindowLimited: Rule = {
  id: "receive-window-limited",
  title: "Transfers held by the receive window",
  severity: "warning",
  actor: "unknown",
  confidence: "likely",
  what: "For most of its transfer a sender had as many bytes on the way as the receiver's window allowed, and waited for room.",
  why: "No transfer is faster than a window in each round trip, whatever the network could carry.",
  advice:
    "give the receiver a larger buffer: let it grow by itself (no SO_RCVBUF in the application; `net.ipv4.tcp_rmem` with a maximum of the bandwidth times the round trip), and let window scaling through; if its receive queue is full (`ss -tm`), its application reads too slowly",
  mistakenFor:
    "congestion, which leaves room in the window; a closed window, which is the reading application's",
  look(record) {
    for (const side of SIDES) {
      const receiver = otherSide(side);
      const roundTripMs = record.initialRttMs ?? record[side].roundTrip?.minMs ?? null;
      if (roundTripMs === null || !isHeld(record[side], record[receiver], roundTripMs)) continue;
      const { transferMs, goodput, limitedBy, mostInFlightBytes } = record[side];
      const bytes = ((goodput! / BITS) * roundTripMs) / 1000;
      return {
        ...ofSide(record, receiver),
        actor: receiver,
        frames: [firstFrame(record)],
        sums: {
          unscaled: isUnscaled(record) ? 1 : 0,
          slow: bytes < USED_SHARE * (mostInFlightBytes ?? 0) ? 1 : 0,
          heldMs: limitedBy!.receiveWindow * transferMs!,
          transferMs: transferMs!,
        },
        ranges: { roundTripMs, rate: goodput!, bytes },
      };
    }
    return null;
  },
  tell(group) {
    const { connections } = group;
    const share = formatPercent(group.sum("heldMs") / group.sum("transferMs"));
    const rate = formatRate(group.most("rate"));
    const unscaled = group.sum("unscaled") > 0 ? "; window scaling was not agreed on" : "";
    const pace =
      2 * group.sum("slow") > connections
        ? `room came as slowly as the receiving application read, at ${rate} or less`
        : `about ${formatBytes(group.most("bytes"))} in a round trip of ${formatDuration(group.least("roundTripMs"))} make ${rate} at the most${unscaled}`;
    return {
      sentence: `${formatNumberOf(connections, "transfer")} to ${whoOf(group)} waited for room in the receive window for ${share} of the time: ${pace}`,
    };
  },
};

function isHeld(sender: EndpointRecord, receiver: EndpointRecord, roundTripMs: number): boolean {
  const { limitedBy, transferMs, goodput } = sender;
  if (limitedBy === null || transferMs === null || goodput === null || sender.bytes < LEAST_BYTES)
    return false;
  if (limitedBy.receiveWindow <= LEAST_SHARE || (receiver.zeroWindowMs ?? 0) >= CLOSED_MS) return false;
  return transferMs >= Math.max(LEAST_TRANSFER_MS, LEAST_ROUND_TRIPS * roundTripMs);
}

/** Both SYNs were seen, and not both offered to scale windows (RFC 7323 §2.2). */
function isUnscaled({ client, server }: ConnectionRecord): boolean {
  if (client.offered === null || server.offered === null) return false;
  return client.offered.windowScale === null || server.offered.windowScale === null;
}
