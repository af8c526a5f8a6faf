/**
 * Repeats that look like new bytes: every earlier copy was lost before the capture point and left no hole.
 *
 * Where a sender counts its packets, the missing numbers tell: more of them than what fits the hole and than the
 * acknowledgments that the peer's data drew, after a silence in which everything below was acknowledged. Finds about half
 * of them and is nearly never wrong.
 */
import { CAUSE_NONE, CAUSE_RTO, CAUSE_TAIL_LOSS_PROBE } from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { idsCount } from "./classify.js";
import { MARK_HAS_TIMESTAMPS } from "./columns.js";
import type { Connections } from "./connections.js";
import { countsAlone, goodSteps, idDistance, spannedIds } from "./ip-id-steps.js";
import { leastHiddenSilenceNs } from "./sender-timer.js";
import {
  enterLoss,
  fullPayload,
  fullRttNs,
  MODE_LOSS,
  MODE_OPEN,
  SENDER_GOES_UP,
  SENDER_HAS_PROBED,
  SENDER_HAS_TIMED_OUT,
  SENDER_IS_ACKED,
  SENDER_KEPT_ALIVE,
  SENDER_MAY_UNDO,
  SENDER_PROBE_OPEN,
  SENDER_PROBES_WINDOW,
  SENDER_UNSEEN,
  type Senders,
} from "./senders.js";
import { isPeerUnseen } from "./unseen-direction.js";

const MOST_SILENCE_NS = 60e9;
/**
 * Where nothing else shows that packets of it are lost, the numbers may be another connection's, for some hosts have one
 * counter for all: then a probe has to come when it is due, and a timeout soon.
 */
const MOST_SILENCE_BEFORE_TIMEOUT_NS = 1e9;
const MOST_SILENCE_BEFORE_PROBE_NS = 320e6;
/** Numbers may step so far, and so far once the sender is well known to count. */
const FARTHEST_STEP = 33;
const FARTHEST_STEP_KNOWN = 200;
/** A hole of so many bytes held what its sender had no more room for; less, what it had no more of. */
const LEAST_FULL_SEGMENT = 1208;
/** A wider hole is no matter of one packet. */
const MOST_SEGMENTS_IN_HOLE = 60;

/** Cause of bytes at or above the highest that were sent before, or CAUSE_NONE where they are new. */
export function inferRepeat(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  sent: number,
  usesSack: boolean,
): number {
  if (!idsCount(connections, row, segment)) return CAUSE_NONE;
  const { senders, endpoints: e } = connections;
  const steps = idDistance(segment.ipId, e.lastIpId[row]!);
  const above = distance(segment.sequence, e.sndNxt[row]!);
  // Nothing is missing: so it is nearly always.
  if (steps <= 1 && above === 0) return CAUSE_NONE;
  if (hasHeardUnseen(connections, row, peer, segment)) return CAUSE_NONE;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const size = fullPayload(senders, sender);
  const missingSegments = Math.ceil(above / size);
  // Less than a full segment may have been sent in pieces: as small as this one, for all that is known.
  const mostSegments = above < size ? Math.ceil(above / Math.max(1, segment.payloadLength)) : missingSegments;
  const missingIds = steps - 1 - spannedIds(e.ipIdSteps[row]!);
  const drawn = c.elicited[e.sender[peer]!]! - c.elicitedThen[sender]!;
  const limit = farthestStep(e.ipIdSteps[row]!);
  const end = (segment.sequence + segment.length) | 0;
  const isUnexplained =
    steps > 1 &&
    steps < limit &&
    above < MOST_SEGMENTS_IN_HOLE * size &&
    missingIds - mostSegments - drawn > 0;
  if (isUnexplained && countsAlone(e.ipIdSteps[row]!) && wasSilent(connections, row, sent)) {
    const isOneMissing = missingIds - mostSegments - drawn === 1;
    const isProbe =
      isOneMissing && usesSack && c.mode[sender] === MODE_OPEN && !(c.marks[sender]! & SENDER_PROBE_OPEN);
    // Behind a piece that was all its sender had, the number may be that of a probe which repeated it, and this be new.
    const isTold = above === 0 || !isProbe || above >= LEAST_FULL_SEGMENT;
    const isShown = isTold && ((above > 0 && !isProbe) || isOnTime(connections, row, sent, isProbe));
    if (isProbe && isShown) {
      c.probeEnd[sender] = end;
      c.marks[sender]! |= SENDER_HAS_PROBED;
      if (c.marks[sender]! & SENDER_IS_ACKED) c.marks[sender]! |= SENDER_PROBE_OPEN;
      return CAUSE_TAIL_LOSS_PROBE;
    }
    if (!isProbe) {
      // Whether it is one or not: should a loss show next, it belongs to this timeout.
      beginLoss(senders, sender, end);
      return isShown ? CAUSE_RTO : CAUSE_NONE;
    }
  }
  // A hole with fewer numbers missing than segments was sent before the timeout: what fills it belongs to that.
  const followsTimeout =
    c.mode[sender] === MODE_LOSS ||
    ((c.marks[sender]! & SENDER_HAS_TIMED_OUT) !== 0 && c.timeoutEnd[sender] === e.sndNxt[row]);
  if (above > 0 && steps >= 1 && missingIds < missingSegments && followsTimeout) {
    beginLoss(senders, sender, segment.sequence);
  }
  return CAUSE_NONE;
}

/**
 * Whether the sender has heard more of its peer than was captured: it echoes a TSval that has not passed, or acknowledges
 * more of a direction that was not captured. What is missing of its own packets may have answered that.
 */
export function hasHeardUnseen(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
): boolean {
  const { marks, tsVal, ackSent } = connections.endpoints;
  if (isPeerUnseen(connections, row)) return after(segment.acknowledgment, ackSent[row]!);
  const hasClock = segment.hasTimestamps && (marks[peer]! & MARK_HAS_TIMESTAMPS) !== 0;
  return hasClock && after(segment.tsEcr, tsVal[peer]!);
}

/** A timeout was found out: what is sent again up to `point` is its repair, from wherever that begins. */
function beginLoss(senders: Senders, sender: number, point: number): void {
  const c = senders.columns;
  if (c.mode[sender] !== MODE_LOSS) {
    // Its first sending was lost before the capture point: nothing says that it was needless.
    c.repairTsVal[sender] = Number.NaN;
    c.marks[sender]! &= ~SENDER_MAY_UNDO;
  }
  enterLoss(senders, sender, point);
  c.marks[sender]! &= ~SENDER_GOES_UP;
}

/**
 * Whether what comes first after a silence, so many packet numbers further, may be sent the second time: where not, `inferRepeat` will not say so either.
 * A packet that was held up on its way was sent longer ago than it passed.
 */
export function mayLackRepeat(
  connections: Connections,
  row: number,
  segment: Segment,
  steps: number,
): boolean {
  const { endpoints: e, senders } = connections;
  // A host that counts the packets of all its connections steps far meanwhile.
  if (steps >= farthestStep(e.ipIdSteps[row]!) || steps - 1 <= spannedIds(e.ipIdSteps[row]!)) return false;
  const sender = e.sender[row]!;
  const lastAt = sender > 0 ? senders.columns.lastSentAt[sender]! : e.lastAt[row]!;
  return segment.timeNs - lastAt >= leastHiddenSilenceNs(connections, row) && countsAlone(e.ipIdSteps[row]!);
}

function farthestStep(counts: number): number {
  return goodSteps(counts) >= 4 ? FARTHEST_STEP_KNOWN : FARTHEST_STEP;
}

/** Long enough for a timer, with all acknowledged, a window open, and no probe that explains the missing numbers. */
function wasSilent(connections: Connections, row: number, sent: number): boolean {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const silence = sent - c.lastSentAt[sender]!;
  if (
    silence < Math.max(1.8 * fullRttNs(senders, sender), leastHiddenSilenceNs(connections, row)) ||
    silence >= MOST_SILENCE_NS
  )
    return false;
  const isAcked = (c.marks[sender]! & SENDER_IS_ACKED) !== 0;
  if (isAcked && before(e.sndUna[row]!, e.sndNxt[row]!)) return false;
  if (c.heardWindow[sender] === 0) return false;
  return !(c.marks[sender]! & (SENDER_PROBES_WINDOW | SENDER_UNSEEN | SENDER_KEPT_ALIVE));
}

/** Whether the silence is about what such a timer makes of it. */
function isOnTime(connections: Connections, row: number, sent: number, isProbe: boolean): boolean {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const silence = sent - senders.columns.lastSentAt[sender]!;
  if (!isProbe) return silence < MOST_SILENCE_BEFORE_TIMEOUT_NS;
  // Up to a round trip until the last acknowledgment, and two from there (RFC 8985 §7.2).
  return silence < MOST_SILENCE_BEFORE_PROBE_NS + 3 * fullRttNs(senders, sender);
}
