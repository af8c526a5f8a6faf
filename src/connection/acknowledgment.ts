/**
 * What an acknowledgment tells of the segments that it covers: round trips, what was delivered, which repeats were
 * needless; and its way on to the sender.
 *
 * Called before the columns take the acknowledgment in (sequence-space.ts).
 */
import { after, before, distance } from "../tcp/sequence.js";
import { FIN, type Segment, SYN } from "../wire/segment.js";
import { MARK_PROBE_OPEN, MARK_SEEN, MARK_UNSEEN_BUT_ACKED, MARK_WINDOW_ZERO, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import {
  ACK_HAS_DSACK,
  ACK_HAS_ORIGINAL,
  ACK_HAS_SACK,
  ACK_HAS_TSVAL,
  ACK_INTS,
  ACK_IS_DUPLICATE,
  ACK_IS_PLAIN,
  ACK_MARKS,
  ACK_MAY_GO_UNECHOED,
  ACK_TSECR,
  ACK_TSVAL,
  ACK_UNDOES,
  ACK_WIDES,
  ACK_WINDOW,
  ACKNOWLEDGMENT,
  NEWEST_SENT,
  PASSED_AT,
  queueAck,
  SACK_HIGH,
} from "./hearing.js";
import { claimDuplicate, judgeJump, notePassed } from "./needless-without-sack.js";
import { addSack, forgetSacked, isSacked } from "./sack-ranges.js";
import { MODE_LOSS, SENDER_IS_ACKED, SENDER_UNSEEN, type Senders } from "./senders.js";
import {
  CAPTURED_AT,
  END,
  findSegment,
  firstSegmentAbove,
  forgetAcknowledged,
  SEGMENT_INTS,
  SEGMENT_IS_REPEAT,
  SEGMENT_MARKS,
  SEGMENT_WIDES,
  SENT_AT,
  START,
  segmentEndingAt,
  TIMES,
} from "./sent-segments.js";
import { isDuplicateReport, judgeAcknowledged, judgeDuplicateSack } from "./spurious.js";

/** An acknowledgment further from SND.NXT than this is no acknowledgment of it. */
const FARTHEST_ABOVE = 2 ** 24;
const FARTHEST_BELOW = -(2 ** 30);

/**
 * The endpoint at `row` acknowledges what the one at `peer` sent. `una` and `sndNxt`: of the latter, before.
 */
export function noteAcknowledgment(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  usesSack: boolean,
  una: number,
  sndNxt: number,
): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[peer]!;
  const c = senders.columns;
  const { acknowledgment, timeNs } = segment;
  // Nothing of the other direction was captured so far: this number is the first that is known.
  const isFirst = !(e.marks[peer]! & (MARK_SEEN | MARK_UNSEEN_BUT_ACKED));
  if (isFirst && segment.flags & SYN) return;
  const ahead = isFirst ? 0 : distance(acknowledgment, sndNxt);
  if (ahead > FARTHEST_ABOVE || ahead < FARTHEST_BELOW) return;
  const wasAcked = (c.marks[sender]! & SENDER_IS_ACKED) !== 0;
  const hasAdvanced = !wasAcked || after(acknowledgment, una);
  const hasDsack = segment.sackBlocks > 0 && isDuplicateReport(senders, sender, segment, una);
  const firstBlock = hasDsack ? 1 : 0;
  const isBare = segment.payloadLength === 0 && !(segment.flags & (SYN | FIN));

  delivered.newestSent = Number.NEGATIVE_INFINITY;
  delivered.hasOriginal = false;
  delivered.hasRepeat = false;
  if (hasAdvanced) takeDelivered(senders, sender, wasAcked, una, segment);
  if (segment.sackBlocks > firstBlock) takeReported(senders, sender, segment, firstBlock);

  const entry = queueAck(senders, sender, isFirst ? acknowledgment : sndNxt, usesSack);
  const hasSack = segment.sackBlocks > firstBlock;
  const repeatsNumber = !hasAdvanced && isBare;
  const saysNothing = repeatsNumber && acknowledgment === una && segment.window === e.window[row];
  const isDuplicate =
    before(una, sndNxt) && (hasSack ? repeatsNumber && acknowledgment === una : saysNothing);
  const at = entry * ACK_INTS;
  const { ints, wides } = senders.acks;
  ints[at + ACKNOWLEDGMENT] = acknowledgment;
  ints[at + SACK_HIGH] = hasSack ? highestEdge(segment, firstBlock) : 0;
  ints[at + ACK_WINDOW] = segment.window;
  ints[at + ACK_TSVAL] = segment.tsVal;
  ints[at + ACK_TSECR] = segment.tsEcr;
  ints[at + ACK_MARKS] =
    (segment.hasTimestamps ? ACK_HAS_TSVAL : 0) |
    (hasSack ? ACK_HAS_SACK : 0) |
    (isDuplicate ? ACK_IS_DUPLICATE : 0) |
    (repeatsNumber && !hasSack ? ACK_IS_PLAIN : 0) |
    (hasDsack ? ACK_HAS_DSACK : 0) |
    (delivered.hasOriginal && (usesSack || !delivered.hasRepeat) ? ACK_HAS_ORIGINAL : 0) |
    (segment.payloadLength > 0 || hasOpenHole(connections, row) ? ACK_MAY_GO_UNECHOED : 0);
  wides[entry * ACK_WIDES + PASSED_AT] = timeNs;
  wides[entry * ACK_WIDES + NEWEST_SENT] = delivered.newestSent;

  if (hasAdvanced) measureRoundTrip(connections, row, peer, segment);
  if (c.repeatsAt[sender]! > 0) {
    judgeAcknowledged(connections, peer, segment, firstBlock, hasAdvanced, usesSack);
    if (!usesSack) judgeWithoutSack(connections, peer, segment, hasAdvanced, saysNothing);
    if (
      hasDsack &&
      !answersProbe(e, peer, segment) &&
      judgeDuplicateSack(connections, peer, segment.sackEdges[0]!, segment.sackEdges[1]!, timeNs)
    )
      ints[at + ACK_MARKS]! |= ACK_UNDOES;
  }
  for (let block = firstBlock; block < segment.sackBlocks; block++)
    takeBlock(connections, peer, segment.sackEdges[block * 2]!, segment.sackEdges[block * 2 + 1]!);
  if (!hasAdvanced) return;
  c.marks[sender]! |= SENDER_IS_ACKED | (ahead > 0 ? SENDER_UNSEEN : 0);
  if (c.sacksCount[sender]! > 0) forgetSacked(senders, sender, acknowledgment);
  forgetAcknowledged(senders, sender, acknowledgment);
}

function judgeWithoutSack(
  connections: Connections,
  row: number,
  segment: Segment,
  hasAdvanced: boolean,
  saysNothing: boolean,
): void {
  if (saysNothing) claimDuplicate(connections, row, segment);
  if (!hasAdvanced) return;
  judgeJump(connections, row, segment);
  notePassed(connections, row, segment);
}

/** Bytes [start, end) of the endpoint at `row` were reported. */
function takeBlock(connections: Connections, row: number, start: number, end: number): void {
  const { endpoints, senders } = connections;
  if (addSack(senders, endpoints.sender[row]!, start, end))
    connections.rare.forgottenRanges[connections.rareRow(row)]!++;
}

/** The byte that a probe brought once more is reported like others: no repeat was needless for that. */
function answersProbe(e: Connections["endpoints"], prober: number, segment: Segment): boolean {
  const reported = distance(segment.sackEdges[1]!, segment.sackEdges[0]!);
  return (e.marks[prober]! & MARK_PROBE_OPEN) !== 0 && reported <= 1;
}

/** A hole that opened while the capture ran: what its receiver has of it, it cannot echo in order. */
function hasOpenHole(connections: Connections, row: number): boolean {
  const { holes } = connections;
  const hole = connections.endpoints.holes[row]!;
  return hole >= 0 && (holes.isBeforeCapture[hole] === 0 || holes.next[hole]! >= 0);
}

function highestEdge(segment: Segment, firstBlock: number): number {
  const edges = segment.sackEdges;
  let high = edges[firstBlock * 2 + 1]!;
  for (let block = firstBlock + 1; block < segment.sackBlocks; block++) {
    if (after(edges[block * 2 + 1]!, high)) high = edges[block * 2 + 1]!;
  }
  return high;
}

/** What an acknowledgment tells of the segments that it reports and none before did. */
const delivered = {
  /** Latest sending among them; -Infinity none. */
  newestSent: 0.5,
  /** One of them was sent only once; one of them more often. */
  hasOriginal: false,
  hasRepeat: false,
};

/** The segments that are acknowledged now and were not before. */
function takeDelivered(
  senders: Senders,
  sender: number,
  wasAcked: boolean,
  una: number,
  segment: Segment,
): void {
  const { segmentsAt, segmentsFrom, segmentsCount, sacksCount, mode } = senders.columns;
  const { ints } = senders.segments;
  const first = segmentsAt[sender]! + segmentsFrom[sender]!;
  const last = first + segmentsCount[sender]!;
  for (let entry = wasAcked ? firstSegmentAbove(senders, sender, una) : first; entry < last; entry++) {
    const start = ints[entry * SEGMENT_INTS + START]!;
    const end = ints[entry * SEGMENT_INTS + END]!;
    if (after(end, segment.acknowledgment)) break;
    const wasSacked = sacksCount[sender]! > 0 && isSacked(senders, sender, start, end);
    // Should the timer run out while this is on its way, the lowest one is what is sent again.
    const isOriginal = mode[sender] === MODE_LOSS || after(start, una);
    takeSegment(senders, sender, entry, segment.timeNs, isOriginal && !wasSacked);
  }
}

/** Those that the SACK blocks report first. */
function takeReported(senders: Senders, sender: number, segment: Segment, firstBlock: number): void {
  for (let block = firstBlock; block < segment.sackBlocks; block++) {
    const start = segment.sackEdges[block * 2]!;
    const end = segment.sackEdges[block * 2 + 1]!;
    if (isSacked(senders, sender, start, end)) continue;
    const low = findSegment(senders, sender, start, (start + 1) | 0);
    const high = findSegment(senders, sender, (end - 1) | 0, end);
    if (low >= 0) takeSegment(senders, sender, low, segment.timeNs, isNew(senders, sender, low));
    if (high >= 0) takeSegment(senders, sender, high, segment.timeNs, isNew(senders, sender, high));
  }
}

/** Whether the segment was not reported by SACK before. */
function isNew(senders: Senders, sender: number, entry: number): boolean {
  const at = entry * SEGMENT_INTS;
  const { ints } = senders.segments;
  return !isSacked(senders, sender, ints[at + START]!, ints[at + END]!);
}

/** A repeated segment counts only where its newest sending can have been answered by now. */
function takeSegment(
  senders: Senders,
  sender: number,
  entry: number,
  nowNs: number,
  isOriginal: boolean,
): void {
  const { ints, wides } = senders.segments;
  const sentAt = wides[entry * SEGMENT_WIDES + SENT_AT]!;
  const { mode, point } = senders.columns;
  const isRepeated = ints[entry * SEGMENT_INTS + TIMES]! > 1;
  if (isRepeated || ints[entry * SEGMENT_INTS + SEGMENT_MARKS]! & SEGMENT_IS_REPEAT)
    delivered.hasRepeat = true;
  else if (isOriginal) {
    // What was sent after the timeout says nothing of it.
    const isFromBefore =
      mode[sender] !== MODE_LOSS || !after(ints[entry * SEGMENT_INTS + END]!, point[sender]!);
    if (isFromBefore) delivered.hasOriginal = true;
  }
  if (isRepeated) {
    const minRtt = senders.columns.minRttNs[sender]!;
    const age = nowNs - wides[entry * SEGMENT_WIDES + CAPTURED_AT]!;
    if (minRtt < Number.POSITIVE_INFINITY && age < 0.8 * minRtt) return;
  }
  if (sentAt > delivered.newestSent) delivered.newestSent = sentAt;
}

/** A sample from the segment that ends where the acknowledgment does; none of what was sent again (Karn). */
function measureRoundTrip(connections: Connections, row: number, peer: number, segment: Segment): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[peer]!;
  const entry = segmentEndingAt(senders, sender, segment.acknowledgment);
  if (entry < 0) return;
  const { ints, wides } = senders.segments;
  const at = entry * SEGMENT_INTS;
  if (ints[at + TIMES] !== 1 || ints[at + SEGMENT_MARKS]! & SEGMENT_IS_REPEAT) return;
  const c = senders.columns;
  const rtt = segment.timeNs - wides[entry * SEGMENT_WIDES + CAPTURED_AT]!;
  const isOfThis = isTold(connections, row, sender, entry, segment.acknowledgment);
  // A first one that waited for bytes below it would stand for the path.
  if (c.srttNs[sender] === 0 && !isOfThis) return;
  if (rtt < c.minRttNs[sender]!) c.minRttNs[sender] = rtt;
  if (c.srttNs[sender] === 0) {
    c.srttNs[sender] = rtt;
    c.rttvarNs[sender] = rtt / 2;
  } else {
    c.rttvarNs[sender]! += (Math.abs(rtt - c.srttNs[sender]!) - c.rttvarNs[sender]!) / 4;
    c.srttNs[sender]! += (rtt - c.srttNs[sender]!) / 8;
  }
  if (isOfThis) connections.roundTripNs = rtt;
  const answerer = e.sender[row]!;
  if (rtt < c.loopNs[answerer]!) c.loopNs[answerer] = rtt;
}

/**
 * Whether the acknowledgment came for what the segment at `entry` brought: not for a repeat below it, of which it waited
 * to hear, nor because a closed window opened.
 */
function isTold(connections: Connections, row: number, sender: number, entry: number, end: number): boolean {
  const { senders, endpoints: e } = connections;
  if (e.marks[row]! & MARK_WINDOW_ZERO) return false;
  if (senders.columns.sacksCount[sender]! > 0 && isSacked(senders, sender, (end - 1) | 0, end)) return false;
  const { ints } = senders.segments;
  for (let below = firstSegmentAbove(senders, sender, e.sndUna[row ^ STRIDE]!); below < entry; below++) {
    const at = below * SEGMENT_INTS;
    if (ints[at + TIMES] !== 1 || ints[at + SEGMENT_MARKS]! & SEGMENT_IS_REPEAT) return false;
  }
  return true;
}
