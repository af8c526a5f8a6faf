/**
 * Why bytes were sent again: fast retransmission, timeout, tail-loss probe (RFC 5681, RFC 6675, RFC 8985, RFC 6298).
 *
 * Decided when the repeat passes, from what its sender had heard by then (hearing.ts) and how long it had been silent;
 * then the sender's mode follows: open, recovery, loss. How long its timer waits at least: sender-timer.ts.
 */
import {
  CAUSE_FAST,
  CAUSE_FAST_OPEN,
  CAUSE_PATH_MTU,
  CAUSE_RTO,
  CAUSE_RTO_RECOVERY,
  CAUSE_TAIL_LOSS_PROBE,
  CAUSE_UNKNOWN,
} from "../report/labels.js";
import { FAST_OPEN_LEFT_OUT } from "../report/verdicts.js";
import { after, before, distance } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { idsCount } from "./classify.js";
import { MARK_HAS_TIMESTAMPS, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import type { Evidence } from "./evidence.js";
import { hasHeardUnseen } from "./inferred.js";
import { countsAlone, idDistance, spannedIds } from "./ip-id-steps.js";
import { fitsPathMtu } from "./path-mtu.js";
import { hasJustRepeatedUpTo } from "./repeats.js";
import {
  leastHiddenSilenceNs,
  leastSilenceNs,
  noteSoonTimeout,
  noteTimeout,
  shownTimeoutNs,
  timerNs,
} from "./sender-timer.js";
import {
  enterLoss,
  fullRttNs,
  MODE_LOSS,
  MODE_OPEN,
  MODE_RECOVERY,
  SENDER_GOES_UP,
  SENDER_HAS_HEARD,
  SENDER_HAS_PROBED,
  SENDER_HAS_REPEATED,
  SENDER_HAS_TIMED_OUT,
  SENDER_HEARD_SACK,
  SENDER_IS_ACKED,
  SENDER_MAY_UNDO,
  SENDER_ONE_WAY_TIMEOUT,
  SENDER_PROBE_OPEN,
} from "./senders.js";
import {
  SEGMENT_CAME_LATE,
  SEGMENT_HAS_TSVAL,
  SEGMENT_INTS,
  SEGMENT_IS_REPEAT,
  SEGMENT_MARKS,
  SEGMENT_WIDES,
  SENT_AT,
  START,
  TIMES,
  TSVAL,
} from "./sent-segments.js";

/** Linux's least timeout, less slack, where no round trip is known. */
const LEAST_SILENCE_ONE_WAY_NS = 160e6;
/** So long a sender may wait for what was overtaken once an ACK has told of it: a quarter round trip (RFC 8985 §6.2). */
const LONGEST_WAIT_ONE_WAY_MS = 120;

/**
 * Cause of a repeat by the endpoint at `row`, sent at `sent`. `entry`: the first of its segments in sent-segments.ts,
 * `hole`: the hole that it fills, -1 where there is none.
 */
export function causeOf(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  sent: number,
  entry: number,
  hole: number,
  usesSack: boolean,
): number {
  const x = connections.evidence;
  gather(x, connections, row, peer, segment, sent, entry, hole, usesSack);
  if (!mayProbeTail(connections, row, usesSack)) noteSoonTimeout(connections, row, entry >= 0);
  if (fitsPathMtu(connections, row, segment, entry)) return CAUSE_PATH_MTU;
  if (wasLeftOutOfSyn(connections, row, entry)) return CAUSE_FAST_OPEN;
  const sender = connections.endpoints.sender[row]!;
  const ofRepair = repairCause(connections, row, entry, usesSack);
  if (x.isOneWay) {
    x.hasJustHeard = hasJustHeard(connections, row, segment);
    return ofRepair > 0 ? ofRepair : oneWayCause(connections, row, usesSack);
  }
  const cause = ofRepair > 0 ? ofRepair : newCause(connections, row, usesSack);
  noteTimeout(connections, row, cause, entry >= 0);
  const c = connections.senders.columns;
  if (c.mode[sender] === MODE_OPEN && (isTimeout(cause) || cause === CAUSE_FAST)) {
    beginRepair(connections, sender, segment);
  }
  if (!(c.marks[sender]! & SENDER_HAS_REPEATED) || after(x.end, c.repeatedEnd[sender]!)) {
    c.marks[sender]! |= SENDER_HAS_REPEATED;
    c.repeatedEnd[sender] = x.end;
  }
  follow(connections, row, cause);
  return cause;
}

/** The first repeat since the mode was last open. */
function beginRepair({ senders }: Connections, sender: number, segment: Segment): void {
  const c = senders.columns;
  c.repairSince[sender] = segment.timeNs;
  c.repairTsVal[sender] = segment.hasTimestamps ? segment.tsVal : Number.NaN;
  c.marks[sender]! &= ~SENDER_HAS_REPEATED;
}

/** Data of the only SYN, which the SYN-ACK did not take (RFC 7413 §4.2), for the first time since. */
function wasLeftOutOfSyn(connections: Connections, row: number, entry: number): boolean {
  const { endpoints: e, rare, senders } = connections;
  const at = e.rareRow[row]!;
  if (rare.synPayloadFate[at] !== FAST_OPEN_LEFT_OUT || e.synCount[row] !== 1) return false;
  if (entry < 0 || senders.segments.ints[entry * SEGMENT_INTS + TIMES] !== 1) return false;
  return senders.segments.ints[entry * SEGMENT_INTS + START] === e.isn[row];
}

export function isTimeout(cause: number): boolean {
  return cause === CAUSE_RTO || cause === CAUSE_RTO_RECOVERY;
}

function gather(
  x: Evidence,
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  sent: number,
  entry: number,
  hole: number,
  usesSack: boolean,
): void {
  const { senders, endpoints: e, holes } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const marks = c.marks[sender]!;
  const hasHeard = (marks & SENDER_HAS_HEARD) !== 0;
  x.start = segment.sequence;
  x.end = (segment.sequence + segment.length) | 0;
  x.sent = sent;
  x.fullRtt = fullRttNs(senders, sender);
  x.shownTimeout = shownTimeoutNs(connections, row);
  x.sinceAck = sent - c.heardAckAt[sender]!;
  x.sinceData = sent - c.lastDataSentAt[sender]!;
  x.isHead = !hasHeard || !after(x.start, c.heardUna[sender]!);
  x.isTail = !before(x.end, e.sndNxt[row]!);
  x.isFromBefore = hole >= 0 && holes.isBeforeCapture[hole] === 1;
  x.isOneWay = !hasHeard && !(marks & SENDER_IS_ACKED);
  const seen = entry * SEGMENT_WIDES;
  x.previousSent =
    entry >= 0
      ? senders.segments.wides[seen + SENT_AT]!
      : hole >= 0
        ? holes.openerSentAt[hole]!
        : c.lastDataSentAt[sender]!;
  x.isForgotten = entry < 0 && hole < 0;
  x.isLast = x.previousSent === c.lastDataSentAt[sender];
  x.restarted = Math.max(x.previousSent, c.heardAdvanceAt[sender]!);
  x.isTimerDue = x.isHead && sent - x.restarted >= timerNs(connections, row);
  const quiet = Math.min(x.sinceAck, x.sinceData);
  const isClocked = x.sinceAck < Math.max(x.fullRtt / 2, 5e6);
  const leastSilence = Math.max(leastSilenceNs(connections, row), 1.5 * x.fullRtt);
  x.isSilent = !isClocked && quiet >= leastSilence;
  x.isProbeLost =
    quiet >= leastHiddenSilenceNs(connections, row) && isIdMissing(connections, row, peer, segment);
  const below = hole >= 0 && entry < 0 ? holes.belowSentAt[hole]! : Number.NaN;
  x.isOvertaken = c.heardSentAt[sender]! > x.previousSent || c.heardSentAt[sender]! > below;
  x.hasSackAbove = (marks & SENDER_HEARD_SACK) !== 0 && after(c.heardSackHigh[sender]!, x.end);
  x.duplicates = c.heardDuplicates[sender]!;
  x.isLossKnown = x.isOvertaken || x.hasSackAbove || x.duplicates >= 3 || c.mode[sender] === MODE_RECOVERY;
  const at = entry * SEGMENT_INTS;
  const { ints } = senders.segments;
  const lastTsVal = entry >= 0 ? ints[at + TSVAL]! : e.tsVal[row]!;
  const hasClock =
    segment.hasTimestamps &&
    (entry < 0
      ? (e.marks[row]! & MARK_HAS_TIMESTAMPS) !== 0
      : (ints[at + SEGMENT_MARKS]! & SEGMENT_HAS_TSVAL) !== 0);
  x.clockNs = hasClock ? distance(segment.tsVal, lastTsVal) * c.clockTickNs[sender]! : 0;
  x.isAgain = entry >= 0 && ints[at + TIMES]! + (ints[at + SEGMENT_MARKS]! & SEGMENT_IS_REPEAT ? 1 : 0) > 1;
  const knownAt = lossKnownAt(connections, sender, usesSack);
  x.hasComeLate = entry >= 0 && (ints[at + SEGMENT_MARKS]! & SEGMENT_CAME_LATE) !== 0;
  x.isStale = x.isHead && c.mode[sender] === MODE_OPEN && sent - knownAt >= leastSilence;
  x.isDueAgain =
    x.isTimerDue && c.mode[sender] === MODE_LOSS && x.previousSent >= c.timeoutAt[sender]! && !x.isOvertaken;
  x.goesBack =
    c.mode[sender] === MODE_LOSS &&
    (marks & SENDER_GOES_UP) !== 0 &&
    before(x.start, c.lastRepeatStart[sender]!);
}

/** When the sender heard what makes it repeat the lowest bytes at once; Infinity where it has not. */
function lossKnownAt({ senders }: Connections, sender: number, usesSack: boolean): number {
  const c = senders.columns;
  if (usesSack && !(c.marks[sender]! & SENDER_HEARD_SACK)) return Number.POSITIVE_INFINITY;
  if (usesSack) return Math.max(c.heardSackAt[sender]!, c.heardAdvanceAt[sender]!, c.timeoutAt[sender]!);
  return c.heardDuplicates[sender]! >= 3 ? c.thirdDuplicateAt[sender]! : Number.POSITIVE_INFINITY;
}

/** A packet between the newest and this one is missing, and no acknowledgment that the peer's data drew. */
function isIdMissing(connections: Connections, row: number, peer: number, segment: Segment): boolean {
  const { senders, endpoints: e } = connections;
  if (hasHeardUnseen(connections, row, peer, segment)) return false;
  if (!idsCount(connections, row, segment) || !countsAlone(e.ipIdSteps[row]!)) return false;
  const c = senders.columns;
  const sender = e.sender[row]!;
  const other = e.sender[peer]!;
  const steps = idDistance(segment.ipId, e.lastIpId[row]!);
  const drawn = c.elicited[other]! - c.elicitedThen[sender]!;
  return steps > 1 && steps < 200 && steps - 1 - spannedIds(e.ipIdSteps[row]!) - drawn > 0;
}

/** Cause of a repeat that belongs to a timeout before; 0 where it does not. */
function repairCause(connections: Connections, row: number, entry: number, usesSack: boolean): number {
  const x = connections.evidence;
  const sender = connections.endpoints.sender[row]!;
  const { mode, timeoutAt } = connections.senders.columns;
  // Everything up to `point` is sent again, upwards: what goes back, or comes again, was found by RACK.
  if (mode[sender] === MODE_LOSS) {
    if (x.isSilent || x.isDueAgain) return CAUSE_RTO;
    const isFoundLater = x.previousSent > timeoutAt[sender]! && x.isAgain && x.isOvertaken;
    if (!x.goesBack && !isFoundLater) return CAUSE_RTO_RECOVERY;
  }
  const isFromBeforeTimeout = entry >= 0 && x.previousSent < timeoutAt[sender]!;
  if (mode[sender] !== MODE_OPEN && !x.goesBack && !x.isSilent && isFromBeforeTimeout)
    return CAUSE_RTO_RECOVERY;
  return !usesSack && isOfTimeoutBefore(connections, row) ? CAUSE_RTO_RECOVERY : 0;
}

/**
 * Whether the repeat goes on where another ended, so soon that no acknowledgment of that can have come. Fast recovery
 * without SACK repeats the oldest bytes alone, once a round trip (RFC 6582 §3.2): there was a timeout, before the capture.
 */
function isOfTimeoutBefore({ evidence: x, endpoints: e, senders }: Connections, row: number): boolean {
  if (x.isHead || e.synCount[row] !== 0 || e.synCount[row ^ STRIDE] !== 0) return false;
  return hasJustRepeatedUpTo(senders, e.sender[row]!, x.start, x.sent - 0.85 * x.fullRtt);
}

/** Cause of any other: the first that fits. */
function newCause(connections: Connections, row: number, usesSack: boolean): number {
  const x = connections.evidence;
  const { timeoutAt } = connections.senders.columns;
  const sender = connections.endpoints.sender[row]!;
  if (x.isLossKnown) {
    const isNew = x.isOvertaken || !x.isAgain;
    return x.isHead && (x.isSilent || x.isStale || (!isNew && x.isTimerDue)) ? CAUSE_RTO : CAUSE_FAST;
  }
  if (mayProbeTail(connections, row, usesSack)) return CAUSE_TAIL_LOSS_PROBE;
  if (x.isTimerDue || (x.isHead && x.isSilent)) return CAUSE_RTO;
  // No evidence of a loss: a timeout that was taken back was not, by a sender that goes on with it.
  if (x.previousSent < timeoutAt[sender]!) return CAUSE_RTO_RECOVERY;
  if (x.isFromBefore || x.hasComeLate) return CAUSE_FAST;
  // Nothing was sent behind: no acknowledgment can have told that it is lost. What a tunnel of the sender's own host refuses
  // as too large, unseen, comes again sooner than that, in smaller segments.
  if (x.sent - x.previousSent >= 0.85 * x.fullRtt) return x.isTail && x.isLast ? CAUSE_RTO : CAUSE_FAST;
  return x.isHead && x.clockNs >= timerNs(connections, row) ? CAUSE_RTO : CAUSE_UNKNOWN;
}

/** Whether a repeat that no acknowledgment asked for can be a tail-loss probe (RFC 8985 §7.2). */
function mayProbeTail(
  { evidence: x, endpoints, senders }: Connections,
  row: number,
  usesSack: boolean,
): boolean {
  const { marks, mode } = senders.columns;
  const sender = endpoints.sender[row]!;
  const isProbing = (marks[sender]! & SENDER_PROBE_OPEN) !== 0;
  return usesSack && x.isTail && !isProbing && mode[sender] === MODE_OPEN && !x.isProbeLost;
}

/** Only the silence before it tells, and what was sent since, where no acknowledgment was captured. */
function oneWayCause(connections: Connections, row: number, usesSack: boolean): number {
  const x = connections.evidence;
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  // Nothing was sent behind its last bytes: no acknowledgment can have told that they are lost. (A tunnel of the sender's own
  // host can, where they were too large for it: that is not told apart here.)
  const isLast = x.isTail && x.isLast;
  let cause = CAUSE_FAST;
  const isSilent = x.sinceData >= LEAST_SILENCE_ONE_WAY_NS && (x.isTail || !x.hasJustHeard);
  if (isSilent || (isLast && usesSack)) {
    const isFirst = !(c.marks[sender]! & SENDER_HAS_PROBED) || c.probeEnd[sender] !== e.sndNxt[row];
    cause = x.isTail && usesSack && isFirst ? CAUSE_TAIL_LOSS_PROBE : CAUSE_RTO;
  } else if (isOfOneWayTimeout(connections, row)) cause = CAUSE_RTO_RECOVERY;
  if (cause === CAUSE_RTO) {
    c.marks[sender]! |= SENDER_ONE_WAY_TIMEOUT | SENDER_HAS_TIMED_OUT;
    c.timeoutAt[sender] = x.sent;
    c.timeoutEnd[sender] = e.sndNxt[row]!;
  } else if (cause !== CAUSE_RTO_RECOVERY) c.marks[sender]! &= ~SENDER_ONE_WAY_TIMEOUT;
  if (cause === CAUSE_TAIL_LOSS_PROBE) {
    c.probeEnd[sender] = e.sndNxt[row]!;
    c.marks[sender]! |= SENDER_HAS_PROBED;
  }
  return cause;
}

/**
 * Whether the sender has just heard of its peer, of which nothing was captured: it echoes a clock that has gone on by as
 * much as has passed since what it echoed before was new (RFC 7323 §4.3). After a timeout the echo is as old as the
 * silence. A clock of another tick than a millisecond tells nothing.
 */
function hasJustHeard({ endpoints, senders }: Connections, row: number, segment: Segment): boolean {
  if (!segment.hasTimestamps) return false;
  const sender = endpoints.sender[row]!;
  const { lastEcho, lastEchoAtMs } = senders.columns;
  const passedMs = segment.timeNs / 1e6 - lastEchoAtMs[sender]!;
  return Math.abs(passedMs - distance(segment.tsEcr, lastEcho[sender]!)) < LONGEST_WAIT_ONE_WAY_MS;
}

/** Whether the repeat goes on upwards where a timeout began, with bytes that were sent before it. */
function isOfOneWayTimeout({ evidence: x, endpoints, senders }: Connections, row: number): boolean {
  const { marks, timeoutAt, lastRepeatStart } = senders.columns;
  const sender = endpoints.sender[row]!;
  // Of what went as one large segment each piece that comes again makes the rest look newer.
  const goesOn = hasJustRepeatedUpTo(senders, sender, x.start, Number.NEGATIVE_INFINITY);
  const isFromBefore = x.isForgotten || goesOn || x.previousSent <= timeoutAt[sender]!;
  if (!(marks[sender]! & SENDER_ONE_WAY_TIMEOUT) || !isFromBefore) return false;
  return !(marks[sender]! & SENDER_GOES_UP) || after(x.start, lastRepeatStart[sender]!);
}

/** The sender's mode after the repeat. */
function follow(connections: Connections, row: number, cause: number): void {
  const x = connections.evidence;
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const sndNxt = e.sndNxt[row]!;
  if (isTimeout(cause)) {
    const isAnew = c.mode[sender] !== MODE_LOSS || (x.isSilent && x.isHead) || x.isDueAgain;
    if (isAnew) {
      c.timeoutAt[sender] = x.sent;
      c.marks[sender]! &= ~SENDER_PROBE_OPEN;
      // One within a recovery is no matter of F-RTO, unless it comes again.
      if (c.mode[sender] === MODE_RECOVERY) c.marks[sender]! &= ~SENDER_MAY_UNDO;
      else c.marks[sender]! |= SENDER_MAY_UNDO;
    }
    enterLoss(senders, sender, isAnew ? sndNxt : c.point[sender]!);
  } else if (cause === CAUSE_FAST) {
    c.marks[sender]! &= ~SENDER_PROBE_OPEN;
    if (c.mode[sender] !== MODE_RECOVERY) c.timeoutAt[sender] = Number.NEGATIVE_INFINITY;
    if (c.mode[sender] !== MODE_RECOVERY) c.point[sender] = sndNxt;
    c.mode[sender] = MODE_RECOVERY;
  } else if (cause === CAUSE_TAIL_LOSS_PROBE) {
    c.probeEnd[sender] = sndNxt;
    c.marks[sender]! |= SENDER_PROBE_OPEN;
  }
}
