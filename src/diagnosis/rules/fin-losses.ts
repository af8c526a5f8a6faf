/**
 * What the rules on repeated FINs share: was the FIN lost, or the acknowledgment of it (RFC 9293 §3.6)?
 *
 * That the FIN had arrived is shown by its acknowledgment, captured before the repeat, or by the peer's report that the
 * repeat was needless. Without either, the FIN was lost, or its acknowledgment before it reached the capture point. Nothing
 * was lost where the acknowledgment was only late: it was under way when the FIN was repeated.
 */

import { formatNumberOf } from "../../report/quantities.js";
import { type ConnectionRecord, SIDES, type Side, type TransitionRecord } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, serverOf } from "../places.js";
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
  for (const side of SIDES) {
    if (record[side].finRetransmissions === 0 || finLossOf(record, side) !== loss) continue;
    const sent = lastOf(record, side, "sentFin");
    const acked = lastOf(record, side, "receivedAckOfFin");
    if (!sent || !acked || mayBeLate(record, side)) continue;
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
  const cost = group.most("lostMs") > 0 ? `, which took ${formatLongest(group, "lostMs")} longer` : "";
  return `in ${formatNumberOf(group.connections, "close")} with ${group.where}${cost}`;
}

/** Whether the acknowledgment of the side's FIN was only late, or may have been: under way when the FIN was repeated. */
function mayBeLate(record: ConnectionRecord, side: Side): boolean {
  const peer = otherSide(side);
  const { finAckGapMs, finCameTwice } = record[side];
  const retracted = lastOf(record, side, "retractedAckOfFin");
  if (retracted) {
    const acked = record.transitions.findLast(
      (one) => one.side === side && one.event === "receivedAckOfFin" && one.atMs <= retracted.atMs,
    );
    const [, longestMs] = wayMs(record, side);
    return acked !== undefined && retracted.atMs - acked.atMs < longestMs;
  }
  const [shortestMs] = wayMs(record, peer);
  // A host so near may have been late itself. What answers a FIN that came twice says so, else it answers the first one.
  if (isNeedless(record, side))
    return shortestMs < LEAST_WAY_MS
      ? record[peer].finRetransmissions === 0
      : !finCameTwice || isAckedByFin(record, side);
  return finAckGapMs !== null && shortestMs >= LEAST_WAY_MS && finAckGapMs < TOO_SOON * shortestMs;
}

/** The peer's own FIN acknowledged the side's, and arrived at the first attempt when that had been repeated already. */
function isAckedByFin(record: ConnectionRecord, side: Side): boolean {
  const peer = otherSide(side);
  const sent = lastOf(record, side, "sentFin");
  const fin = lastOf(record, peer, "sentFin");
  const acked = lastOf(record, side, "receivedAckOfFin");
  if (!sent || !fin || !acked || record[peer].finRetransmissions > 0) return false;
  return fin.atMs > sent.atMs && fin.atMs < acked.atMs;
}

/** From the capture point to the side and back, at the shortest and the longest, in milliseconds; 0 where not measured. */
function wayMs(record: ConnectionRecord, side: Side): readonly [shortest: number, longest: number] {
  const legMs = side === "client" ? record.clientLegMs : record.serverLegMs;
  const { roundTrip } = record[otherSide(side)];
  const all = [legMs, roundTrip?.minMs, roundTrip?.maxMs].filter((ms) => ms !== null && ms !== undefined);
  return all.length === 0 ? [0, 0] : [Math.min(...all), Math.max(...all)];
}

/** The peer says that what the side repeated had arrived, and it repeated its FIN alone. */
function isNeedless(record: ConnectionRecord, side: Side): boolean {
  const { retransmissions, finRetransmissions, spuriousRetransmissions } = record[side];
  return spuriousRetransmissions > 0 && retransmissions === finRetransmissions;
}

/** What was lost around the side's FIN, which it repeated and which was acknowledged in the end. */
function finLossOf(record: ConnectionRecord, side: Side): FinLoss {
  if (!hadArrived(record, side)) return "fin-lost";
  return record.closedFirst === otherSide(side) ? "last-ack-lost" : "fin-ack-lost";
}

function hadArrived(record: ConnectionRecord, side: Side): boolean {
  if (lastOf(record, side, "retractedAckOfFin") || isNeedless(record, side)) return true;
  // The peer's own FIN acknowledged it, was captured, and took a repeat to come through.
  if (record[otherSide(side)].finRetransmissions === 0) return false;
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
