/** Transfers that needed more than the 64 KiB that a window without scaling can tell (RFC 7323 §1.1, §2.2). */
import { formatBytes, formatDuration, formatNumberOf, formatRate } from "../../report/quantities.js";
import type { ConnectionRecord, Side } from "../../report/record.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** What the window field holds (RFC 9293 §3.1); a smaller window is smaller for the receiver's own reasons. */
const MOST_UNSCALED = 65_535;
const NEARLY_MOST = 0.9 * MOST_UNSCALED;
/** Waiting for room, in all, and as a share of the transfer. */
const LEAST_HELD_MS = 100;
const LEAST_SHARE = 0.2;
/** Less than this share of a window in a round trip, and its room came as slowly as the receiver's application read. */
const USED_SHARE = 0.5;
const BITS = 8;

export const noWindowScale: Rule = {
  id: "no-window-scale",
  title: "Transfers held by a window without scaling",
  severity: "note",
  actor: "unknown",
  confidence: "certain",
  what: "One side did not offer window scaling in its SYN, and a transfer filled the 64 KiB that a window can be without it.",
  why: "No more than 64 KiB can be on the way at a time, whatever the buffers and the network could take: the longer the round trip, the slower the transfer.",
  advice:
    "switch window scaling on at the side named (`net.ipv4.tcp_window_scaling = 1`; nothing in the application can); where it is on, look for a box on the way that strips options from SYNs: compare the SYN as it left with the SYN as it arrived",
  mistakenFor:
    "connections whose bandwidth times round trip stays below 64 KiB, which lose nothing; a small receive buffer, which scaling would not enlarge",
  look(record) {
    const [client, server] = [record.client.offered, record.server.offered];
    const roundTripMs = record.initialRttMs ?? record.pathRoundTripMs;
    if (client === null || server === null || roundTripMs === null) return null;
    if (client.windowScale !== null && server.windowScale !== null) return null;
    const held = (["client", "server"] as const).map((side) => heldMs(record, side, roundTripMs));
    const lostMs = held[0]! + held[1]!;
    if (lostMs === 0) return null;
    return {
      where: serverOf(record),
      // A server grants only what its client offers.
      actor: client.windowScale === null ? "client" : "server",
      frames: [firstFrame(record)],
      lostMs,
      sums: { clients: client.windowScale === null ? 1 : 0 },
      ranges: { roundTripMs },
    };
  },
  tell(group) {
    const who = group.sum("clients") > 0 ? `the clients of ${group.where}` : group.where;
    const roundTripMs = group.least("roundTripMs");
    const rate = (MOST_UNSCALED * BITS * 1000) / roundTripMs;
    return {
      sentence: `${who} did not offer window scaling: ${formatNumberOf(group.connections, "transfer")} waited ${formatDuration(group.lostMs)} for room in a window of ${formatBytes(MOST_UNSCALED)}, which at a round trip of ${formatDuration(roundTripMs)} makes ${formatRate(rate)} at the most`,
    };
  },
};

/** How long the side's transfer was held by the largest window there is without scaling; 0 where it was not. */
function heldMs(record: ConnectionRecord, side: Side, roundTripMs: number): number {
  const { filledWindowBytes, limitedBy, transferMs, goodput } = record[side];
  if (filledWindowBytes === null || limitedBy === null || transferMs === null || goodput === null) return 0;
  if (filledWindowBytes < NEARLY_MOST || filledWindowBytes > MOST_UNSCALED) return 0;
  const ms = limitedBy.receiveWindow * transferMs;
  if (ms < LEAST_HELD_MS || limitedBy.receiveWindow < LEAST_SHARE) return 0;
  const bytesInRoundTrip = ((goodput / BITS) * roundTripMs) / 1000;
  return bytesInRoundTrip >= USED_SHARE * filledWindowBytes ? ms : 0;
}
