/**
 * What the rules on repeated FINs share: was the FIN lost, or the acknowledgment of it (RFC 9293 §3.6)?
 *
 * That the FIN had arrived is shown by its acknowledgment, captured before the repeat, or by the peer's report that the
 * repeat was needless. Without either, the FIN was lost, or its acknowledgment before it reached the capture point. Nothing
 * was lost where the acknowledgment was only late: it was under way when the FIN was repeated.
 */

import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord, Side, TransitionRecord } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { serverOf } from "../places.js";
import type { Group, Sighting } from "../rule.js";

export type FinLoss = "fin-lost" | "fin-ack-lost" | "last-ack-lost";

/** No timer of a repeat is shorter (Linux's least; RFC 6298 §2.4 asks for a second). */
const LEAST_TIMEOUT_MS = 200;
/** An acknowledgment this much sooner after a repeat than the way to the peer and back takes was of the first FIN. */
const TOO_SOON = 0.7;
/** Shorter ways are not told from what hosts take. */
const LEAST_WAY_MS = 3;
/** No repeat comes sooner than this: where the first FIN was lost before the capture point, its cost is not known. */
const NOTABLE_MS = 10;

export function lookForFinLoss(record: ConnectionRecord, loss: FinLoss): Sighting | null {
  if (record.captured !== "both" || record.transitionsDropped > 0) return null;
  for (const side of ["client", "server"] as const) {
    if (record[side].finRetransmissions === 0 || finLossOf(record, side) !== loss) continue;
    const sent = lastOf(record, side, "sentFin");
    const acked = lastOf(record, side, "receivedAckOfFin");
    if (!sent || !acked || wasLate(record, side)) continue;
    const lostMs = acked.atMs - sent.atMs - (record.pathRoundTripMs ?? 0);
    return {
      where: serverOf(record),
      frames: [sent.frame, lastOf(record, side, "retractedAckOfFin")?.frame ?? null, acked.frame],
      ...(lostMs >= NOTABLE_MS && { lostMs, ranges: { lostMs } }),
    };
  }
  return null;
}

/** "in 3 closes with 192.0.2.1:80, which took up to 1.2 s longer". */
export function closesOf(group: Group): string {
  const most = group.most("lostMs");
  const cost = most > 0 ? `, which took up to ${formatDuration(most)} longer` : "";
  return `in ${formatNumberOf(group.connections, "close")} with ${group.where}${cost}`;
}

/** Whether the acknowledgment of the side's FIN was under way when that was repeated. */
function wasLate(record: ConnectionRecord, side: Side): boolean {
  const peer = otherSide(side);
  const { finAckGapMs } = record[side];
  const toPeerMs = shortestWayMs(record, peer);
  if (finAckGapMs !== null && toPeerMs >= LEAST_WAY_MS && finAckGapMs < TOO_SOON * toPeerMs) return true;
  const retracted = lastOf(record, side, "retractedAckOfFin");
  if (!retracted) return false;
  const acked = record.transitions.findLast(
    (one) => one.side === side && one.event === "receivedAckOfFin" && one.atMs <= retracted.atMs,
  );
  return acked !== undefined && retracted.atMs - acked.atMs < shortestWayMs(record, side);
}

/** From the capture point to the side and back, at the shortest, in milliseconds; 0 where it was not measured. */
function shortestWayMs(record: ConnectionRecord, side: Side): number {
  const legMs = side === "client" ? record.clientLegMs : record.serverLegMs;
  const measured = record[otherSide(side)].roundTrip?.minMs ?? legMs ?? 0;
  return Math.min(measured, legMs ?? measured);
}

/** What was lost around the side's FIN, which it repeated and which was acknowledged in the end. */
function finLossOf(record: ConnectionRecord, side: Side): FinLoss {
  if (!hadArrived(record, side)) return "fin-lost";
  return record.closedFirst === otherSide(side) ? "last-ack-lost" : "fin-ack-lost";
}

function hadArrived(record: ConnectionRecord, side: Side): boolean {
  const { retransmissions, finRetransmissions, spuriousRetransmissions } = record[side];
  if (lastOf(record, side, "retractedAckOfFin")) return true;
  if (spuriousRetransmissions > 0 && retransmissions === finRetransmissions) return true;
  // The peer's own FIN acknowledged it, was captured, and took a repeat to come through.
  const received = lastOf(record, otherSide(side), "receivedFin");
  const acked = lastOf(record, side, "receivedAckOfFin");
  return received !== undefined && acked !== undefined && acked.atMs - received.atMs >= LEAST_TIMEOUT_MS;
}

function lastOf(
  record: ConnectionRecord,
  side: Side,
  event: TransitionRecord["event"],
): TransitionRecord | undefined {
  return record.transitions.findLast((one) => one.side === side && one.event === event);
}
