/**
 * Whether a retransmission was needless: its bytes had arrived, or were about to.
 *
 * Told afterwards, by what comes back: a duplicate SACK (RFC 2883), the echo of the original's TSval (Eifel, RFC 3522),
 * the original itself, an acknowledgment that comes too soon; without SACK by what else a receiver does
 * (needless-without-sack.ts). The last repeats and copies of each sender are remembered (repeats.ts).
 */
import { LABEL_RETRANSMISSION } from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { MARK_HAS_ACKED, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import {
  AFTER_TIMEOUT,
  AT,
  END,
  FRAME,
  HAS_DSACK,
  HAS_TSVAL,
  IS_ACKNOWLEDGED,
  IS_COPY,
  IS_NEEDLESS,
  IS_OVERTAKEN,
  LOST_AT,
  MARKS,
  markNeedless,
  REPEAT_INTS,
  REPEAT_WIDES,
  remembered,
  repeatEntry,
  START,
  TSVAL,
  takeRepeat,
  withLossSide,
} from "./repeats.js";
import { isSacked } from "./sack-ranges.js";
import { fullPayload, type Senders } from "./senders.js";
import { usesSack } from "./uses-sack.js";

/** Without SACK an acknowledgment this much sooner than a round trip was for the original. */
const TOO_SOON = 0.7;
const LEAST_RTT_TO_JUDGE_NS = 3e6;

/** Remembers a repeat, or a copy, of the endpoint at `row`. `isNeedless`: it is known to be by now. */
export function noteRepeat(
  connections: Connections,
  row: number,
  segment: Segment,
  label: number,
  isTimeout: boolean,
  isNeedless: boolean,
): void {
  const { endpoints: e, senders } = connections;
  const { sequence, tsVal, timeNs, number } = segment;
  const end = (sequence + segment.length) | 0;
  const marks =
    (segment.hasTimestamps ? HAS_TSVAL : 0) |
    (label === LABEL_RETRANSMISSION ? 0 : IS_COPY) |
    (isTimeout ? AFTER_TIMEOUT : 0) |
    (before(segment.acknowledgment, e.ackSent[row]!) ? IS_OVERTAKEN : 0);
  const entry = remember(connections, row, sequence, end, tsVal, marks, timeNs, number);
  if (label !== LABEL_RETRANSMISSION) return;
  if (isAcknowledged(connections, row, end) || isSacked(senders, e.sender[row]!, sequence, end)) {
    senders.repeats.ints[entry * REPEAT_INTS + MARKS]! |= IS_ACKNOWLEDGED;
    markNeedless(connections, row, entry);
  } else if (isNeedless) markNeedless(connections, row, entry);
}

/** Where a capture begins with bytes that are sent ahead, what lies below them was not acknowledged for that. */
function isAcknowledged({ endpoints: e }: Connections, row: number, end: number): boolean {
  const peer = row ^ STRIDE;
  return (
    !after(end, e.sndUna[row]!) && (e.marks[peer]! & MARK_HAS_ACKED) !== 0 && !after(end, e.ackSent[peer]!)
  );
}

/** Takes a repeat or copy of [start, end) in, in place of the oldest; returns its entry. */
function remember(
  connections: Connections,
  row: number,
  start: number,
  end: number,
  tsVal: number,
  marks: number,
  timeNs: number,
  frame: number,
): number {
  const { senders, endpoints } = connections;
  const sender = endpoints.sender[row]!;
  const entry = takeRepeat(senders, sender, usesSack(connections, row));
  const { ints, wides } = senders.repeats;
  ints[entry * REPEAT_INTS + START] = start;
  ints[entry * REPEAT_INTS + END] = end;
  ints[entry * REPEAT_INTS + TSVAL] = tsVal;
  ints[entry * REPEAT_INTS + MARKS] = withLossSide(marks, connections.lossSide);
  wides[entry * REPEAT_WIDES + AT] = timeNs;
  wides[entry * REPEAT_WIDES + FRAME] = frame;
  wides[entry * REPEAT_WIDES + LOST_AT] = connections.lostAtNs;
  raiseEnd(connections, row, end);
  return entry;
}

/** `repeatsEnd` is at least `end`. One that is acknowledged counts no more: the numbers may have gone round since. */
function raiseEnd({ endpoints: e, senders }: Connections, row: number, end: number): void {
  const sender = e.sender[row]!;
  const { repeatsCount, repeatsEnd } = senders.columns;
  const isOut = repeatsCount[sender]! > 1 && after(repeatsEnd[sender]!, e.sndUna[row]!);
  if (!isOut || after(end, repeatsEnd[sender]!)) repeatsEnd[sender] = end;
}

/** The original of bytes that were repeated has come after all: [start, end). */
export function noteLateOriginal(connections: Connections, row: number, start: number, end: number): void {
  const { senders, endpoints } = connections;
  const { ints } = senders.repeats;
  const sender = endpoints.sender[row]!;
  const first = senders.columns.repeatsAt[sender]!;
  const count = remembered(senders, sender);
  for (let entry = first; entry < first + count; entry++) {
    const at = entry * REPEAT_INTS;
    if (ints[at + MARKS]! & (IS_COPY | IS_NEEDLESS)) continue;
    if (!before(ints[at + START]!, start) && !after(ints[at + END]!, end))
      markNeedless(connections, row, entry);
  }
}

/** The first captured packet of a range was its repeat: the original has come now. */
export function noteHiddenRepeat(
  connections: Connections,
  row: number,
  start: number,
  end: number,
  tsVal: number,
  at: number,
  frame: number,
): void {
  const marks = HAS_TSVAL | (after(end, connections.endpoints.sndUna[row]!) ? 0 : IS_ACKNOWLEDGED);
  markNeedless(connections, row, remember(connections, row, start, end, tsVal, marks, at, frame));
}

/**
 * The peer acknowledges, and reports the segment's SACK blocks from `firstBlock` on: repeats of the endpoint at `row`
 * that this covers. `hasAdvanced`: the number is higher than any before.
 */
export function judgeAcknowledged(
  connections: Connections,
  row: number,
  segment: Segment,
  firstBlock: number,
  hasAdvanced: boolean,
  usesSack: boolean,
): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  if (!after(senders.columns.repeatsEnd[sender]!, e.sndUna[row]!)) return;
  const first = senders.columns.repeatsAt[sender]!;
  const count = remembered(senders, sender);
  const { ints, wides } = senders.repeats;
  const minRtt = senders.columns.minRttNs[sender]!;
  for (let entry = first; entry < first + count; entry++) {
    const at = entry * REPEAT_INTS;
    if (ints[at + MARKS]! & (IS_NEEDLESS | IS_ACKNOWLEDGED)) continue;
    const start = ints[at + START]!;
    const end = ints[at + END]!;
    const isCumulative = !after(end, segment.acknowledgment);
    if (!isCumulative && !reports(segment, firstBlock, start, end)) continue;
    ints[at + MARKS]! |= IS_ACKNOWLEDGED;
    if (ints[at + MARKS]! & IS_COPY) continue;
    const age = segment.timeNs - wides[entry * REPEAT_WIDES + AT]!;
    const isTooSoon =
      !usesSack &&
      minRtt < Number.POSITIVE_INFINITY &&
      minRtt >= LEAST_RTT_TO_JUDGE_NS &&
      age < TOO_SOON * minRtt;
    // The left edge's acknowledgment echoes what arrived first: the original (RFC 3522 §3.2).
    const isEifel =
      !(ints[at + MARKS]! & IS_OVERTAKEN) &&
      hasAdvanced &&
      isCumulative &&
      !after(start, e.sndUna[row]!) &&
      segment.hasTimestamps &&
      (ints[at + MARKS]! & HAS_TSVAL) !== 0 &&
      before(segment.tsEcr, ints[at + TSVAL]!);
    if (isTooSoon || isEifel) markNeedless(connections, row, entry);
  }
}

function reports(segment: Segment, firstBlock: number, start: number, end: number): boolean {
  const edges = segment.sackEdges;
  for (let block = firstBlock; block < segment.sackBlocks; block++) {
    if (!after(edges[block * 2]!, start) && !before(edges[block * 2 + 1]!, end)) return true;
  }
  return false;
}

/**
 * The peer got [start, end) twice (RFC 2883): the newest repeat or copy of it that none was reported of yet. Returns
 * whether every repeat since the loss began was needless: the sender undoes what it did (RFC 4015).
 */
export function judgeDuplicateSack(
  connections: Connections,
  row: number,
  start: number,
  end: number,
  timeNs: number,
): boolean {
  const { senders, endpoints } = connections;
  const sender = endpoints.sender[row]!;
  const c = senders.columns;
  const { ints, wides } = senders.repeats;
  const count = c.repeatsCount[sender]!;
  const minRtt = c.minRttNs[sender]!;
  const isMeasured = minRtt < Number.POSITIVE_INFINITY && minRtt >= 2e6;
  for (let nth = count - 1; nth >= count - remembered(senders, sender); nth--) {
    const entry = repeatEntry(senders, sender, nth);
    const at = entry * REPEAT_INTS;
    if (ints[at + MARKS]! & HAS_DSACK || !after(ints[at + END]!, start) || !before(ints[at + START]!, end))
      continue;
    if (isMeasured && timeNs - wides[entry * REPEAT_WIDES + AT]! < 0.6 * minRtt) continue;
    ints[at + MARKS]! |= HAS_DSACK;
    if (ints[at + MARKS]! & IS_COPY) return false;
    markNeedless(connections, row, entry);
    return (ints[at + MARKS]! & AFTER_TIMEOUT) !== 0 && areAllReported(senders, sender);
  }
  return false;
}

function areAllReported(senders: Senders, sender: number): boolean {
  const { ints, wides } = senders.repeats;
  const since = senders.columns.repairSince[sender]!;
  const first = senders.columns.repeatsAt[sender]!;
  const count = remembered(senders, sender);
  for (let entry = first; entry < first + count; entry++) {
    if (ints[entry * REPEAT_INTS + MARKS]! & (IS_COPY | HAS_DSACK)) continue;
    if (wides[entry * REPEAT_WIDES + AT]! >= since) return false;
  }
  return true;
}

/** Bytes of a SACK block that a receiver may report twice: two full segments, or less. */
export function isDuplicateReport(senders: Senders, sender: number, segment: Segment, una: number): boolean {
  const edges = segment.sackEdges;
  const start = edges[0]!;
  const end = edges[1]!;
  const most = 2 * fullPayload(senders, sender);
  if (!after(end, segment.acknowledgment)) return before(start, una) || distance(end, start) <= most;
  return segment.sackBlocks > 1 && !before(start, edges[2]!) && !after(end, edges[3]!);
}
