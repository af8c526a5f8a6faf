/**
 * Follows an endpoint as a sender of data: before a segment is judged, what its sender has heard; after that, what the
 * segment was sent for, and what its acknowledgment tells the other side.
 *
 * The two calls stand around `classify` in the tracker; both before the columns take the segment in (sequence-space.ts).
 */
import {
  CAUSE_FAST,
  CAUSE_NONE,
  CAUSE_RTO,
  CAUSE_TAIL_LOSS_PROBE,
  isCopy,
  LABEL_CAPTURE_DUPLICATE,
  LABEL_KEEP_ALIVE,
  LABEL_NETWORK_DUPLICATE,
  LABEL_OUT_OF_WINDOW,
  LABEL_REORDERED,
  LABEL_RETRANSMISSION,
  LABEL_ZERO_WINDOW_PROBE,
} from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import { ACK, type Segment, SYN } from "../wire/segment.js";
import { noteAcknowledgment } from "./acknowledgment.js";
import { causeOf, isTimeout } from "./cause.js";
import { MARK_SEEN, MARK_UNSEEN_BUT_ACKED } from "./columns.js";
import type { Connections } from "./connections.js";
import { hear } from "./hearing.js";
import { inferRepeat } from "./inferred.js";
import { LOST_BEFORE, LOST_UNKNOWN, lossSideOf } from "./losses.js";
import { measureLoop, noteEcho, sentAt } from "./sender-clock.js";
import {
  ETHERNET_PAYLOAD,
  fullPayload,
  MODE_LOSS,
  MODE_OPEN,
  SENDER_GOES_UP,
  SENDER_HAS_HEARD,
  SENDER_HAS_TIMED_OUT,
  SENDER_IS_ACKED,
  SENDER_KEPT_ALIVE,
  SENDER_ONE_WAY_TIMEOUT,
  SENDER_PROBES_WINDOW,
  SENDER_UNSEEN,
  type Senders,
} from "./senders.js";
import {
  CAPTURED_AT,
  END,
  FIRST_AT,
  FIRST_TSVAL,
  FRAME,
  findSegment,
  insertSegment,
  SEGMENT_CAME_LATE,
  SEGMENT_HAS_CONTROL,
  SEGMENT_INTS,
  SEGMENT_IS_INFERRED,
  SEGMENT_IS_REPEAT,
  SEGMENT_MARKS,
  SEGMENT_WIDES,
  SENT_AT,
  START,
  TIMES,
  TSVAL,
} from "./sent-segments.js";
import { noteHiddenRepeat, noteLateOriginal, noteRepeat } from "./spurious.js";

/**
 * What the sender at `row` has heard by the time of this segment, which is no reset. `withSack`: usesSack. Returns when it
 * was sent (sender-clock.ts).
 */
export function hearSender(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  withSack: boolean,
): number {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const sent =
    segment.hasTimestamps && !(segment.flags & SYN) ? sentAt(senders, sender, segment) : segment.timeNs;
  hear(senders, sender, segment, sent, e.sndNxt[row]!, withSack);
  if (!(segment.length > 0 && before(segment.sequence, e.sndNxt[row]!)))
    measureLoop(senders, sender, e.sender[peer]!, segment, sent);
  return sent;
}

/**
 * The segment, of the kind `label`, was sent at `sent`. Returns the cause where it was sent again (CAUSES), else
 * CAUSE_NONE; `connections.isInferred` then says whether that is told by what is missing alone.
 */
export function observeSender(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  segment: Segment,
  sent: number,
  withSack: boolean,
): number {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  connections.isInferred = false;
  if (label === LABEL_OUT_OF_WINDOW) return CAUSE_NONE;
  if (label === LABEL_CAPTURE_DUPLICATE) {
    if (segment.length > 0) noteRepeat(connections, row, segment, label, false, false);
    return CAUSE_NONE;
  }
  let cause = CAUSE_NONE;
  const isProbe = label === LABEL_KEEP_ALIVE || label === LABEL_ZERO_WINDOW_PROBE;
  if (segment.length > 0 && !isProbe)
    cause = noteSending(connections, row, peer, label, segment, sent, withSack);
  noteProbe(connections, row, label, segment);
  tellPeer(connections, row, peer, segment, sent, withSack, e.sndUna[peer]!, e.sndNxt[peer]!);
  if (segment.length > 0) senders.columns.marks[sender]! &= ~SENDER_UNSEEN;
  return cause;
}

/** What the segment brings to the other side: an echo, an acknowledgment of what it sent, bytes that draw one. */
export function tellPeer(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  sent: number,
  withSack: boolean,
  una: number,
  sndNxt: number,
): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  if (segment.hasTimestamps) noteEcho(senders, sender, segment.tsVal, segment.timeNs);
  if (segment.length > 0) c.elicited[sender]!++;
  if (segment.flags & ACK) noteAcknowledgment(connections, row, peer, segment, withSack, una, sndNxt);
  c.lastSentAt[sender] = sent;
  c.elicitedThen[sender] = c.elicited[e.sender[peer]!]!;
}

/** The most payload that the sender has put into one packet, as far as ordinary links carry it. */
export function notePayload(senders: Senders, sender: number, bytes: number): void {
  const { largestPayload } = senders.columns;
  if (bytes > largestPayload[sender]!) largestPayload[sender] = Math.min(bytes, ETHERNET_PAYLOAD);
}

function noteProbe(connections: Connections, row: number, label: number, segment: Segment): void {
  const sender = connections.endpoints.sender[row]!;
  const { marks } = connections.senders.columns;
  if (label === LABEL_KEEP_ALIVE) marks[sender]! |= SENDER_KEPT_ALIVE;
  if (label === LABEL_ZERO_WINDOW_PROBE) marks[sender]! |= SENDER_PROBES_WINDOW;
  else if (segment.length > 0 || label === LABEL_KEEP_ALIVE) marks[sender]! &= ~SENDER_PROBES_WINDOW;
}

/** A segment with sequence numbers takes its place among what was sent. */
export function noteSending(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  segment: Segment,
  sent: number,
  withSack: boolean,
): number {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  if (segment.flags & SYN) {
    noteSyn(connections, row, label, segment);
    return CAUSE_NONE;
  }
  notePayload(senders, sender, segment.payloadLength);
  const isFirst = !(e.marks[row]! & (MARK_SEEN | MARK_UNSEEN_BUT_ACKED));
  if (isCopy(label)) {
    noteRepeat(connections, row, segment, LABEL_NETWORK_DUPLICATE, false, false);
    return CAUSE_NONE;
  }
  if (isFirst || !before(segment.sequence, e.sndNxt[row]!)) {
    const cause = isFirst ? CAUSE_NONE : inferRepeat(connections, row, peer, segment, sent, withSack);
    connections.isInferred = cause !== CAUSE_NONE;
    insertSegment(senders, sender, segment, sent, cause === CAUSE_NONE ? 0 : SEGMENT_IS_INFERRED);
    connections.openedSentAt = sent;
    connections.belowSentAt = c.highestSentAt[sender]! > 0 ? c.highestSentAt[sender]! : sent;
    c.lastDataSentAt[sender] = sent;
    c.highestSentAt[sender] = sent;
    if (cause === CAUSE_NONE) endOneWayTimeout(connections, sender, segment, withSack);
    return cause;
  }
  return noteBelow(connections, row, peer, label, segment, sent, withSack);
}

/**
 * New data. A sender that asks whether its timer ran out for nothing sends two segments more, and no third (RFC 5682 §2.1):
 * where no acknowledgment tells, that ends the repair. Without SACK what was sent before the timeout may follow all the
 * same, until all of it is acknowledged.
 */
function endOneWayTimeout(
  { senders }: Connections,
  sender: number,
  segment: Segment,
  withSack: boolean,
): void {
  const c = senders.columns;
  const marks = c.marks[sender]!;
  if (marks & (SENDER_HAS_HEARD | SENDER_IS_ACKED) || !(marks & SENDER_HAS_TIMED_OUT)) return;
  const end = (segment.sequence + segment.length) | 0;
  if (distance(end, c.timeoutEnd[sender]!) <= 2 * fullPayload(senders, sender)) return;
  if (withSack) c.marks[sender] = marks & ~(SENDER_ONE_WAY_TIMEOUT | SENDER_HAS_TIMED_OUT);
  c.mode[sender] = MODE_OPEN;
}

/** Data of a SYN that comes again was sent for good by a timeout. */
function noteSyn(connections: Connections, row: number, label: number, segment: Segment): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  if (isCopy(label)) return;
  const isRepeat = label === LABEL_RETRANSMISSION && !(segment.flags & ACK);
  if (isRepeat && after(e.sndNxt[row]!, (segment.sequence + 1) | 0)) {
    c.mode[sender] = MODE_LOSS;
    c.point[sender] = e.sndNxt[row]!;
    c.marks[sender]! &= ~SENDER_GOES_UP;
  }
  c.lastDataSentAt[sender] = segment.timeNs;
  // No round trip is measured by one that was sent twice (Karn).
  const marks = label === LABEL_RETRANSMISSION ? SEGMENT_IS_REPEAT : 0;
  insertSegment(senders, sender, segment, segment.timeNs, marks);
}

/** Bytes below the highest: overtaken ones, or ones sent again. */
function noteBelow(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  segment: Segment,
  sent: number,
  withSack: boolean,
): number {
  const { senders, endpoints: e, holes } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const start = segment.sequence;
  const end = (start + segment.length) | 0;
  const entry = findSegment(senders, sender, start, end);
  const hole = holes.touching(e.holes[row]!, start, end);
  const isRepeat = label === LABEL_RETRANSMISSION;
  let cause = CAUSE_NONE;
  if (isRepeat) {
    connections.lossSide = lossSideOf(connections, hole);
    connections.lostAtNs = lostAtNs(connections, entry, hole);
    cause = causeOf(connections, row, peer, segment, sent, entry, hole, withSack);
    // Its receiver, too, had missed these bytes and had them later, which no acknowledgment can tell here.
    const { isOneWay, hasComeLate } = connections.evidence;
    const isNeedless = cause === CAUSE_FAST && isOneWay && hasComeLate;
    noteRepeat(connections, row, segment, label, isTimeout(cause), isNeedless);
  } else if (label === LABEL_REORDERED) {
    noteLateOriginal(connections, row, start, end);
    if (hole < 0 && entry >= 0) revealRepeat(connections, row, entry, withSack);
  }
  if (hole >= 0)
    insertSegment(senders, sender, segment, sent, isRepeat ? SEGMENT_IS_REPEAT : SEGMENT_CAME_LATE);
  else if (entry >= 0 && isRepeat) renew(connections, entry, segment, sent);
  if (isRepeat) {
    c.lastDataSentAt[sender] = sent;
    c.lastRepeatStart[sender] = start;
    c.marks[sender]! |= SENDER_GOES_UP;
  }
  return cause;
}

/** When the bytes that are sent again had been sent, as far as the capture tells: what overtook them came soon after. */
function lostAtNs({ senders, holes }: Connections, entry: number, hole: number): number {
  if (hole >= 0) return holes.openedAt[hole]!;
  return entry >= 0 ? senders.segments.wides[entry * SEGMENT_WIDES + CAPTURED_AT]! : Number.NaN;
}

function renew(connections: Connections, entry: number, segment: Segment, sent: number): void {
  const { ints, wides } = connections.senders.segments;
  wides[entry * SEGMENT_WIDES + CAPTURED_AT] = segment.timeNs;
  wides[entry * SEGMENT_WIDES + SENT_AT] = sent;
  ints[entry * SEGMENT_INTS + TSVAL] = segment.tsVal;
  ints[entry * SEGMENT_INTS + TIMES]!++;
}

/** What was captured first of these bytes was their repeat: the original comes only now. */
function revealRepeat(connections: Connections, row: number, entry: number, withSack: boolean): void {
  const { ints, wides } = connections.senders.segments;
  const at = entry * SEGMENT_INTS;
  if (ints[at + SEGMENT_MARKS]! & SEGMENT_IS_REPEAT) return;
  ints[at + SEGMENT_MARKS]! |= SEGMENT_IS_REPEAT;
  const frame = wides[entry * SEGMENT_WIDES + FRAME]!;
  if (!(ints[at + SEGMENT_MARKS]! & SEGMENT_IS_INFERRED))
    connections.noteRevealed(
      row,
      frame,
      withSack ? CAUSE_TAIL_LOSS_PROBE : CAUSE_RTO,
      distance(ints[at + END]!, ints[at + START]!) -
        (ints[at + SEGMENT_MARKS]! & SEGMENT_HAS_CONTROL ? 1 : 0),
    );
  connections.lossSide = ints[at + SEGMENT_MARKS]! & SEGMENT_IS_INFERRED ? LOST_BEFORE : LOST_UNKNOWN;
  connections.lostAtNs = Number.NaN;
  noteHiddenRepeat(
    connections,
    row,
    ints[at + START]!,
    ints[at + END]!,
    ints[at + FIRST_TSVAL]!,
    wides[entry * SEGMENT_WIDES + FIRST_AT]!,
    frame,
  );
}
