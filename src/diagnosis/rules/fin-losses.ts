/**
 * What the rules on repeated FINs share: was the FIN lost, or the acknowledgment of it (RFC 9293 §3.6)?
 *
 * That the FIN had arrived is shown by its acknowledgment, captured before the repeat, or by the peer's report that the
 * repeat was needless. Without either, the FIN was lost, or its acknowledgment before it reached the capture point.
 */

import { formatNumberOf } from "../../report/quantities.js";
import { type ConnectionRecord, SIDES, type Side, type TransitionRecord } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, serverOf } from "../places.js";
import type { Group, Sighting } from "../rule.js";

export type FinLoss = "fin-lost" | "fin-ack-lost" | "last-ack-lost";

/** No timer of a repeat is shorter (Linux's least; RFC 6298 §2.4 asks for a second). */
const LEAST_TIMEOUT_MS = 200;
/** No repeat comes sooner than this: where the first FIN was lost before the capture point, its cost is not known. */
const NOTABLE_MS = 10;

export function lookForFinLoss(record: ConnectionRecord, loss: FinLoss): Sighting | null {
  if (record.captured !== "both" || record.transitionsDropped > 0) return null;
  for (const side of SIDES) {
    if (record[side].finRetransmissions === 0 || finLossOf(record, side) !== loss) continue;
    const sent = lastOf(record, side, "sentFin");
    const acked = lastOf(record, side, "receivedAckOfFin");
    if (!sent || !acked) continue;
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
