/**
 * Says what a segment is: new bytes, a gap, bytes that were overtaken, a retransmission, a probe, a copy.
 *
 * Evidence in the order of its strength: the same packet seen before (fingerprint); the sender's own packet counter
 * (IP identification, where it is shown to count); its timestamps clock (RFC 7323); last, time against the round trip.
 * Nothing is changed here. The cause of a retransmission is decided next to it (sending.ts, cause.ts).
 */
import {
  LABEL_AFTER_GAP,
  LABEL_CAPTURE_DUPLICATE,
  LABEL_KEEP_ALIVE,
  LABEL_KEEP_ALIVE_ACK,
  LABEL_NETWORK_DUPLICATE,
  LABEL_NEW,
  LABEL_NONE,
  LABEL_OUT_OF_WINDOW,
  LABEL_REORDERED,
  LABEL_RETRANSMISSION,
  LABEL_ZERO_WINDOW_PROBE,
  LABEL_ZERO_WINDOW_PROBE_ACK,
} from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import { ACK, FIN, RST, type Segment, SYN } from "../wire/segment.js";
import {
  connectionOf,
  MARK_ACTIVE,
  MARK_CROSSING_SYN_ACK,
  MARK_HAS_ACKED,
  MARK_HAS_TIMESTAMPS,
  MARK_PROBE_OPEN,
  MARK_SEEN,
  MARK_STALE_SYN_ACK,
  MARK_UNSEEN_BUT_ACKED,
  STRIDE,
} from "./columns.js";
import { type Connections, PAIR } from "./connections.js";
import { badSteps, goodSteps, idDistance, idsVary } from "./ip-id-steps.js";
import { hasPrint, isNewestPrint } from "./recent-prints.js";
import { fullRttNs, MODE_LOSS, SENDER_GOES_UP, type Senders, timeoutNs } from "./senders.js";
import {
  CAPTURED_AT,
  END,
  FIRST_IP_ID,
  FIRST_TSVAL,
  findSegment,
  SEGMENT_HAS_TSVAL,
  SEGMENT_INTS,
  SEGMENT_MARKS,
  SEGMENT_WIDES,
  SENT_AT,
  START,
  TSVAL,
} from "./sent-segments.js";

/** A copy made by the capture follows its original within this; later ones were made on the way. */
const CAPTURE_COPY_NS = 10e6;
/**
 * One that was made on the way keeps close to its original. So late, its sender sends the packet once more as it is, with
 * the number that it had (some load balancers).
 */
const LATEST_COPY_NS = 150e6;
/** A keep-alive comes after silence; anything sooner is ordinary traffic. */
const KEEP_ALIVE_SILENCE_NS = 200e6;
/** Bytes above this distance are no gap but garbage: the largest window (RFC 7323 §2.3). */
const LARGEST_WINDOW = 2 ** 30;
/** IP identifications further apart than this are not compared. */
const ID_REACH = 4096;

export function classify(connections: Connections, row: number, peer: number, segment: Segment): number {
  const { marks, sndNxt, holes } = connections.endpoints;
  if (segment.flags & RST) return resetLabel(connections, row, peer, segment);
  if (!(marks[row]! & MARK_SEEN)) return startLabel(connections, row, segment);
  const usesIds = idsCount(connections, row, segment);
  if (segment.flags & SYN) return classifySyn(connections, row, segment, usesIds);

  const above = distance(segment.sequence, sndNxt[row]!);
  // The common case first: the next bytes in order, or a pure acknowledgment at the highest byte.
  if (above === 0) {
    if (isProbeOfNewByte(connections, row, segment)) return LABEL_ZERO_WINDOW_PROBE;
    if (segment.length > 0) return isOlder(connections, row, segment, usesIds) ? LABEL_REORDERED : LABEL_NEW;
    return classifyPureAck(connections, row, peer, segment, usesIds);
  }
  if (above > LARGEST_WINDOW || above < -LARGEST_WINDOW) return LABEL_OUT_OF_WINDOW;
  if (above === -1 && segment.payloadLength <= 1 && !(segment.flags & FIN)) {
    const probe = probeLabel(connections, row, segment, usesIds);
    if (probe !== LABEL_NONE) return probe;
  }
  if (segment.length === 0) return classifyPureAck(connections, row, peer, segment, usesIds);
  if (above > 0) return isOlder(connections, row, segment, usesIds) ? LABEL_REORDERED : LABEL_AFTER_GAP;

  const end = (segment.sequence + segment.length) | 0;
  const hole = connections.holes.touching(holes[row]!, segment.sequence, end);
  if (hole >= 0) return fillsHole(connections, row, segment, hole, usesIds);
  if (after(end, sndNxt[row]!)) return LABEL_RETRANSMISSION;
  return seenBefore(connections, row, segment, usesIds);
}

/** A host without the connection answers each segment with the same reset: only one that answers nothing new is a copy. */
function resetLabel(connections: Connections, row: number, peer: number, segment: Segment): number {
  if (segment.ipId === 0 || !isSamePacket(connections, row, segment)) return LABEL_NONE;
  const { lastAt, ipIdSteps } = connections.endpoints;
  const answersNew = lastAt[peer]! > lastAt[row]!;
  return answersNew && !(goodSteps(ipIdSteps[row]!) >= 1 && idsCount(connections, row, segment))
    ? LABEL_NONE
    : copyLabel(connections, row, segment);
}

/** The first captured segment of a direction; what the peer acknowledged before may lie above or below it. */
function startLabel(connections: Connections, row: number, segment: Segment): number {
  if (segment.length === 0) return LABEL_NONE;
  const { marks, sndNxt, holes } = connections.endpoints;
  if (!(marks[row]! & MARK_UNSEEN_BUT_ACKED) || segment.flags & SYN) return LABEL_NEW;
  const above = distance(segment.sequence, sndNxt[row]!);
  if (above > LARGEST_WINDOW || above < -LARGEST_WINDOW) return LABEL_OUT_OF_WINDOW;
  if (above >= 0) return above > 0 ? LABEL_AFTER_GAP : LABEL_NEW;
  const end = (segment.sequence + segment.length) | 0;
  const hole = connections.holes.touching(holes[row]!, segment.sequence, end);
  return hole >= 0 ? fillsHole(connections, row, segment, hole, false) : LABEL_RETRANSMISSION;
}

/** A SYN or SYN-ACK that is not the first: a repeat, or a copy. Another ISN never comes here (reuse.ts). */
function classifySyn(connections: Connections, row: number, segment: Segment, usesIds: boolean): number {
  const { marks, isn, tsVal, lastAt, synCount, sndNxt } = connections.endpoints;
  if (synCount[row] === 0) {
    // The answer to an older attempt is remembered by its place only.
    const isStale = (marks[row]! & MARK_STALE_SYN_ACK) !== 0 && segment.sequence === ((sndNxt[row]! - 1) | 0);
    return isStale ? LABEL_RETRANSMISSION : LABEL_NEW;
  }
  if (segment.sequence !== isn[row]) return LABEL_OUT_OF_WINDOW;
  // The SYN-ACK of an opener answers the SYN that crossed its own: no repeat.
  if (segment.flags & ACK && (marks[row]! & (MARK_ACTIVE | MARK_CROSSING_SYN_ACK)) === MARK_ACTIVE)
    return LABEL_NEW;
  const isSame = isSamePacket(connections, row, segment);
  const hasClock = segment.hasTimestamps && (marks[row]! & MARK_HAS_TIMESTAMPS) !== 0;
  const isOld = hasClock && before(segment.tsVal, tsVal[row]!);
  if (usesIds && isSame) return copyLabel(connections, row, segment);
  // The repeat, or what followed it, was captured first.
  if (isOld) return LABEL_REORDERED;
  if (usesIds) return LABEL_RETRANSMISSION;
  if (hasClock) {
    // Without a packet number the same TSval may also stand on the answer to another SYN within the same tick.
    const mayAnswerAnother = segment.ipId === 0 && segment.flags & ACK && synCount[row ^ STRIDE]! >= 2;
    if (isSame && segment.tsVal === tsVal[row]! && !mayAnswerAnother)
      return copyLabel(connections, row, segment);
    return LABEL_RETRANSMISSION;
  }
  return isSame && segment.timeNs - lastAt[row]! < 5e6
    ? copyLabel(connections, row, segment)
    : LABEL_RETRANSMISSION;
}

/** Zero-window probes and keep-alives: at most one byte, one below the highest (RFC 9293 §3.8.4, §3.8.6.1). */
function probeLabel(connections: Connections, row: number, segment: Segment, usesIds: boolean): number {
  const { marks, sndUna, sndNxt, ackSent, lastAt, rareRow, sender } = connections.endpoints;
  if (isOlder(connections, row, segment, usesIds)) return LABEL_NONE;
  if (marks[row]! & MARK_HAS_ACKED && before(segment.acknowledgment, ackSent[row]!)) return LABEL_NONE;
  if (segment.payloadLength === 1 && before(sndUna[row]!, sndNxt[row]!)) return LABEL_NONE;
  if (usesIds && isSamePacket(connections, row, segment)) return copyLabel(connections, row, segment);
  if (segment.payloadLength === 1 && wasTypedAlone(connections, row, segment)) return LABEL_NONE;
  if (
    connections.senders.columns.heardWindow[sender[row]!] === 0 ||
    connections.rare.lastProbe[rareRow[row]!] === LABEL_ZERO_WINDOW_PROBE
  )
    return LABEL_ZERO_WINDOW_PROBE;
  return segment.timeNs - lastAt[row]! < KEEP_ALIVE_SILENCE_NS ? LABEL_NONE : LABEL_KEEP_ALIVE;
}

/**
 * The next byte alone into a window that its sender knows to be closed, with nothing on the way: a probe as RFC 9293
 * §3.8.6.1 describes it (BSD, Solaris, Windows; Linux repeats one below). Its receiver may take it or not.
 */
function isProbeOfNewByte(connections: Connections, row: number, segment: Segment): boolean {
  const { sndUna, sndNxt, sender } = connections.endpoints;
  return (
    segment.payloadLength === 1 &&
    segment.length === 1 &&
    sndUna[row] === sndNxt[row] &&
    connections.senders.columns.heardWindow[sender[row]!] === 0
  );
}

/** One byte that was sent by itself a moment ago is a keystroke sent again, not a probe. */
function wasTypedAlone(connections: Connections, row: number, segment: Segment): boolean {
  const { senders } = connections;
  const sender = connections.endpoints.sender[row]!;
  const end = (segment.sequence + 1) | 0;
  const entry = findSegment(senders, sender, segment.sequence, end);
  if (entry < 0) return false;
  const { ints, wides } = senders.segments;
  const at = entry * SEGMENT_INTS;
  const age = segment.timeNs - wides[entry * SEGMENT_WIDES + CAPTURED_AT]!;
  const isAlone = ints[at + START] === segment.sequence && ints[at + END] === end;
  return isAlone && age < Math.max(1e9, 4 * timeoutNs(senders, sender));
}

/** A segment without payload: nothing, an answer to a probe, a copy, or one that was overtaken. */
function classifyPureAck(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  usesIds: boolean,
): number {
  if (!(segment.flags & ACK)) return LABEL_NONE;
  const { marks, rareRow, lastIpId } = connections.endpoints;
  if (usesIds) {
    // A newer packet number settles it without a look at the ring.
    const steps = idDistance(segment.ipId, lastIpId[row]!);
    if (steps <= 0) {
      if (isSamePacket(connections, row, segment)) return copyLabel(connections, row, segment);
      if (steps < 0 && steps > -1024) return LABEL_REORDERED;
    }
  } else {
    const old = oldAckLabel(connections, row, segment);
    if (old !== LABEL_NONE) return old;
  }
  if (marks[peer]! & MARK_PROBE_OPEN) {
    return connections.rare.lastProbe[rareRow[peer]!] === LABEL_ZERO_WINDOW_PROBE
      ? LABEL_ZERO_WINDOW_PROBE_ACK
      : LABEL_KEEP_ALIVE_ACK;
  }
  return LABEL_NONE;
}

/** Likewise of a sender that does not count its packets. */
function oldAckLabel(connections: Connections, row: number, segment: Segment): number {
  const { marks, ackSent, tsVal, ipIdSteps } = connections.endpoints;
  if (!(marks[row]! & MARK_HAS_ACKED)) return LABEL_NONE;
  const hasClock = segment.hasTimestamps && (marks[row]! & MARK_HAS_TIMESTAMPS) !== 0;
  // A lower number with a newer clock was sent later all the same; nothing new is a copy.
  if (hasClock && after(segment.tsVal, tsVal[row]!)) return LABEL_NONE;
  if (after(segment.acknowledgment, ackSent[row]!)) return LABEL_NONE;
  const isOld =
    before(segment.acknowledgment, ackSent[row]!) || (hasClock && before(segment.tsVal, tsVal[row]!));
  // Duplicate ACKs of one tick look alike; where numbers vary, or the clock went on since, only copies do.
  const isTold = (segment.ipId !== 0 && idsVary(ipIdSteps[row]!)) || (isOld && hasClock);
  if (isTold && isSamePacket(connections, row, segment)) return copyLabel(connections, row, segment);
  return isOld ? LABEL_REORDERED : LABEL_NONE;
}

/** Bytes in a hole: overtaken, if sent before what opened the hole; else sent again. */
function fillsHole(
  connections: Connections,
  row: number,
  segment: Segment,
  hole: number,
  usesIds: boolean,
): number {
  const { holes, senders, endpoints } = connections;
  const openerId = holes.openerIpId[hole]!;
  if (usesIds && openerId !== 0) {
    const steps = idDistance(segment.ipId, openerId);
    if (Math.abs(steps) < ID_REACH) return steps < 0 ? LABEL_REORDERED : LABEL_RETRANSMISSION;
  }
  if (segment.hasTimestamps && holes.openerHasTsVal[hole] === 1)
    return after(segment.tsVal, holes.openerTsVal[hole]!) ? LABEL_RETRANSMISSION : LABEL_REORDERED;
  // The soonest repeat takes a whole round trip.
  const age = segment.timeNs - holes.openedAt[hole]!;
  return age < 0.9 * fullRttNs(senders, endpoints.sender[row]!) ? LABEL_REORDERED : LABEL_RETRANSMISSION;
}

/** Bytes that were all captured before: a copy, their original, or a retransmission. */
function seenBefore(connections: Connections, row: number, segment: Segment, usesIds: boolean): number {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const end = (segment.sequence + segment.length) | 0;
  const entry = findSegment(senders, sender, segment.sequence, end);
  const { ints, wides } = senders.segments;
  const age = entry < 0 ? 0 : segment.timeNs - wides[entry * SEGMENT_WIDES + CAPTURED_AT]!;
  const isLate = age >= LATEST_COPY_NS;
  const isSame =
    (segment.ipId !== 0 || segment.hasTimestamps) && !isLate && isSamePacket(connections, row, segment);
  if (usesIds && isSame) return copyLabel(connections, row, segment);
  if (entry < 0) {
    // Too long ago to be remembered: what its sender sends again is newer than anything before.
    const isOld = usesIds
      ? idDistance(segment.ipId, e.lastIpId[row]!) <= 0
      : isOlder(connections, row, segment, false) || (segment.hasTimestamps && isSame);
    return isOld ? copyLabel(connections, row, segment) : LABEL_RETRANSMISSION;
  }
  const at = entry * SEGMENT_INTS;
  const isSameStart = ints[at + START] === segment.sequence;
  const hasTsVal = (ints[at + SEGMENT_MARKS]! & SEGMENT_HAS_TSVAL) !== 0;
  // A copy keeps its identification, whatever its sender makes of that.
  const keepsId = isSame || segment.ipId === ints[at + FIRST_IP_ID];
  if (!usesIds && isSameStart && (segment.ipId === 0 || keepsId)) {
    // A repeat carries a newer TSval than its original; a copy cannot.
    if (segment.hasTimestamps && hasTsVal && segment.tsVal === ints[at + TSVAL])
      return copyLabel(connections, row, segment);
    const near = 0.25 * Math.min(fullRttNs(senders, sender), 20e6);
    const isNear = !segment.hasTimestamps && ints[at + END] === end && age < near;
    if (isNear && !isNextOfRun(senders, sender, segment, entry)) return copyLabel(connections, row, segment);
  }
  if (usesIds && ints[at + FIRST_IP_ID] !== 0) {
    // Its first sending, further back than the last packets reach.
    const isFirst = isSameStart && ints[at + FIRST_IP_ID] === segment.ipId && ints[at + END] === end;
    if (isFirst && !isLate) return copyLabel(connections, row, segment);
    const steps = idDistance(segment.ipId, ints[at + FIRST_IP_ID]!);
    const isOlderId = steps < 0 && steps > -ID_REACH && idDistance(segment.ipId, e.lastIpId[row]!) < 0;
    return isOlderId ? LABEL_REORDERED : LABEL_RETRANSMISSION;
  }
  const isOlderClock = segment.hasTimestamps && hasTsVal && before(segment.tsVal, ints[at + FIRST_TSVAL]!);
  return isOlderClock ? LABEL_REORDERED : LABEL_RETRANSMISSION;
}

/** After a timeout its sender repeats upwards, and has come from below to what the segment at `entry` holds. */
function isNextOfRun(senders: Senders, sender: number, segment: Segment, entry: number): boolean {
  const { marks, mode, lastRepeatStart, lastDataSentAt } = senders.columns;
  return (
    mode[sender] === MODE_LOSS &&
    (marks[sender]! & SENDER_GOES_UP) !== 0 &&
    before(lastRepeatStart[sender]!, segment.sequence) &&
    lastDataSentAt[sender]! > senders.segments.wides[entry * SEGMENT_WIDES + SENT_AT]!
  );
}

/** Whether its sender sent this before the newest of its packets: by packet counter, else by clock. */
function isOlder(connections: Connections, row: number, segment: Segment, usesIds: boolean): boolean {
  const { marks, tsVal, lastIpId } = connections.endpoints;
  if (usesIds) {
    const steps = idDistance(segment.ipId, lastIpId[row]!);
    return steps < 0 && steps > -1024;
  }
  return (
    segment.hasTimestamps && (marks[row]! & MARK_HAS_TIMESTAMPS) !== 0 && before(segment.tsVal, tsVal[row]!)
  );
}

/** Whether this sender is shown to count its packets in the IP identification, and this packet carries one. */
export function idsCount(connections: Connections, row: number, segment: Segment): boolean {
  const { lastIpId, ipIdSteps } = connections.endpoints;
  if (segment.ipId === 0 || lastIpId[row]! < 0) return false;
  const good = goodSteps(ipIdSteps[row]!);
  const bad = badSteps(ipIdSteps[row]!);
  if (good >= 1) return bad * 8 <= good;
  return bad === 0 && Math.abs(idDistance(segment.ipId, lastIpId[row]!)) <= 32;
}

/** Whether the very same packet stands among the endpoint's last ones. */
export function isSamePacket(connections: Connections, row: number, segment: Segment): boolean {
  const { endpoints: e, recent, senders } = connections;
  if (e.sender[row]! > 0) return hasPrint(senders, e.sender[row]!, segment);
  const connection = connectionOf(row);
  return recent.has(connection / PAIR, connections.packetsOf(connection), row !== connection, segment);
}

/** Whether the very same packet is the endpoint's newest. */
export function isNewestPacket(connections: Connections, row: number, segment: Segment): boolean {
  const { endpoints: e, recent, senders } = connections;
  if (e.sender[row]! > 0) return isNewestPrint(senders, e.sender[row]!, segment);
  const connection = connectionOf(row);
  return recent.isNewest(connection / PAIR, connections.packetsOf(connection), row !== connection, segment);
}

/** A copy: by the capture where it follows at once and nothing but link or TTL can differ, else by the network. */
function copyLabel(connections: Connections, row: number, segment: Segment): number {
  const age = segment.timeNs - connections.endpoints.lastAt[row]!;
  return segment.ipId !== 0 && age >= 0 && age < CAPTURE_COPY_NS
    ? LABEL_CAPTURE_DUPLICATE
    : LABEL_NETWORK_DUPLICATE;
}
