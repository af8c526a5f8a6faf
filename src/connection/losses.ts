/**
 * Where packets were lost, seen from the capture point: before it, where a repeat fills a hole; after it, where bytes that
 * were seen are sent again and no sign comes that this was needless; and acknowledgments that were seen and not heard.
 */
import { CAUSE_RTO, CAUSE_TAIL_LOSS_PROBE } from "../report/labels.js";
import { after, distance } from "../tcp/sequence.js";
import { type Segment, SYN } from "../wire/segment.js";
import { MARK_FIN_SENT, MARK_REPEATED, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { packetName } from "./packet-names.js";
import { fullRttNs } from "./senders.js";

/** Where the original of a repeat was lost, if it was. */
export const LOST_AFTER = 0;
export const LOST_BEFORE = 1;
/** The original came before the capture began, or the repeat is counted nowhere. */
export const LOST_UNKNOWN = 2;

/** An acknowledgment that passed so many round trips ago, and this much more, has arrived or never will. */
const ROUND_TRIPS_TO_HEAR = 2;
const SLACK_NS = 40e6;

/** Of a repeat that touches `hole`, -1 none: where its original was lost. */
export function lossSideOf({ holes }: Connections, hole: number): number {
  if (hole < 0) return LOST_AFTER;
  return holes.isBeforeCapture[hole] === 1 ? LOST_UNKNOWN : LOST_BEFORE;
}

/** The endpoint at `row` sends again `bytes` of payload, where `connections.lossSide` stands. */
export function countLoss(
  connections: Connections,
  row: number,
  cause: number,
  segment: Segment,
  bytes: number,
): void {
  const side = connections.isInferred ? LOST_BEFORE : connections.lossSide;
  const { lostAtNs } = connections;
  connections.lossSide = LOST_UNKNOWN;
  connections.lostAtNs = Number.NaN;
  if (segment.flags & SYN) return;
  const at = connections.rareRow(row);
  const { rare } = connections;
  if (side === LOST_BEFORE) {
    rare.lostBefore[at]!++;
    rare.lostBeforeBytes[at]! += bytes;
  } else if (side === LOST_AFTER) {
    rare.lostAfter[at]!++;
    rare.lostAfterBytes[at]! += bytes;
  }
  if (side !== LOST_UNKNOWN && bytes > 0)
    connections.bursts.note(connections, row, lostAtNs, packetName(segment.file, segment.number));
  countLostAck(connections, row, cause, segment);
}

/** The repeat of [start, end), whose original was taken for lost on that side, was needless: nothing was lost. */
export function takeBackLoss(
  { endpoints: e, rare }: Connections,
  row: number,
  side: number,
  start: number,
  end: number,
): void {
  const at = e.rareRow[row]!;
  const hasFin = (e.marks[row]! & MARK_FIN_SENT) !== 0 && end === ((e.finSequence[row]! + 1) | 0);
  const bytes = distance(end, start) - (hasFin ? 1 : 0);
  if (side === LOST_BEFORE) {
    rare.lostBefore[at]!--;
    rare.lostBeforeBytes[at]! -= bytes;
  } else if (side === LOST_AFTER) {
    rare.lostAfter[at]!--;
    rare.lostAfterBytes[at]! -= bytes;
  }
}

/** Its timer ran out over bytes whose acknowledgment passed long enough ago: that did not reach it. */
function countLostAck(connections: Connections, row: number, cause: number, segment: Segment): void {
  const { endpoints: e, senders } = connections;
  const sender = e.sender[row]!;
  if ((cause !== CAUSE_RTO && cause !== CAUSE_TAIL_LOSS_PROBE) || sender === 0) return;
  if (e.marks[row]! & MARK_REPEATED || after((segment.sequence + segment.length) | 0, e.sndUna[row]!)) return;
  // Before the two were followed it passed no later than its sender's last packet.
  const advancedAt = senders.columns.advancedAt[sender]! || e.lastAt[row ^ STRIDE]!;
  const arrivedAt = advancedAt + ROUND_TRIPS_TO_HEAR * fullRttNs(senders, sender) + SLACK_NS;
  if (!(segment.timeNs > arrivedAt)) return;
  const at = connections.rareRow(row ^ STRIDE);
  connections.rare.lostAcks[at]!++;
}
