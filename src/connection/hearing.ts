/**
 * What a sender has heard: acknowledgments that passed the capture point, and whether they have reached it by now.
 *
 * An acknowledgment counts as heard when it passes, unless the sender's next packets echo an older TSval: then it is
 * still on its way (RFC 7323 §4.3 says which TSval is echoed). From what was heard follows whether the sender repairs a
 * loss (RFC 6675, RFC 8985) and since when.
 */
import { after, before } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import {
  fullRttNs,
  MODE_LOSS,
  MODE_OPEN,
  MODE_RECOVERY,
  SENDER_HAS_HEARD,
  SENDER_HAS_REPEATED,
  SENDER_HAS_TIMED_OUT,
  SENDER_HEARD_SACK,
  SENDER_MAY_UNDO,
  SENDER_PROBE_OPEN,
  type Senders,
} from "./senders.js";

/** At most so many are on the way. */
const MOST_ACKS = 128;
/**
 * None is longer on the way. Stacks older than the rule of RFC 7323 §4.3 never echo an ACK without data, and
 * would else seem never to hear one.
 */
const LONGEST_WAY_NS = 3e9;

// ---- words of an entry
export const ACK_INTS = 6;
export const ACKNOWLEDGMENT = 0;
export const SACK_HIGH = 1;
export const ACK_WINDOW = 2;
export const ACK_TSVAL = 3;
export const ACK_MARKS = 4;
export const ACK_TSECR = 5;
export const ACK_WIDES = 2;
export const PASSED_AT = 0;
/** Latest sending among the segments that it reports as delivered; -Infinity none. */
export const NEWEST_SENT = 1;

// ---- bits of ACK_MARKS
export const ACK_HAS_TSVAL = 1 << 0;
export const ACK_HAS_SACK = 1 << 1;
/** It repeats the number before (RFC 5681 §2). */
export const ACK_IS_DUPLICATE = 1 << 2;
/** Likewise, without payload and without SACK. */
export const ACK_IS_PLAIN = 1 << 3;
export const ACK_HAS_DSACK = 1 << 4;
/** Every repeat since the mode was last open was needless. */
export const ACK_UNDOES = 1 << 5;
/** It reports, for the first time, a segment that was sent only once. */
export const ACK_HAS_ORIGINAL = 1 << 7;
/** Its TSval may not be echoed: it carries payload, or its sender had a hole. */
export const ACK_MAY_GO_UNECHOED = 1 << 6;

/** Place for an acknowledgment on its way to the sender: its entry. What comes too many counts as heard. */
export function queueAck(senders: Senders, sender: number, sndNxt: number, usesSack: boolean): number {
  const c = senders.columns;
  if (c.acksCount[sender] === MOST_ACKS) hearOldest(senders, sender, sndNxt, usesSack);
  if (c.acksCount[sender] === c.acksSize[sender]) grow(senders, sender);
  const place = (c.acksFrom[sender]! + c.acksCount[sender]!++) & (c.acksSize[sender]! - 1);
  return c.acksAt[sender]! + place;
}

function grow(senders: Senders, sender: number): void {
  const c = senders.columns;
  const size = c.acksSize[sender]!;
  const at = senders.acks.take(Math.max(4, size * 2));
  if (size > 0) {
    const from = c.acksFrom[sender]! & (size - 1);
    senders.acks.move(c.acksAt[sender]! + from, at, size - from);
    senders.acks.move(c.acksAt[sender]!, at + size - from, from);
    senders.acks.release(c.acksAt[sender]!, size);
  }
  c.acksAt[sender] = at;
  c.acksSize[sender] = Math.max(4, size * 2);
  c.acksFrom[sender] = 0;
}

/** The sender's packet `segment`, sent at `sent`, shows what has reached it. */
export function hear(
  senders: Senders,
  sender: number,
  segment: Segment,
  sent: number,
  sndNxt: number,
  usesSack: boolean,
): void {
  const c = senders.columns;
  while (c.acksCount[sender]! > 0) {
    if (segment.hasTimestamps) {
      const entry = c.acksAt[sender]! + (c.acksFrom[sender]! & (c.acksSize[sender]! - 1));
      const marks = senders.acks.ints[entry * ACK_INTS + ACK_MARKS]!;
      const tsVal = senders.acks.ints[entry * ACK_INTS + ACK_TSVAL]!;
      if (marks & ACK_HAS_TSVAL && before(segment.tsEcr, tsVal)) {
        const age = sent - senders.acks.wides[entry * ACK_WIDES + PASSED_AT]!;
        const isUnechoed = (marks & ACK_MAY_GO_UNECHOED) !== 0;
        if (age <= (isUnechoed ? 2 * fullRttNs(senders, sender) + 40e6 : LONGEST_WAY_NS)) return;
      }
    }
    hearOldest(senders, sender, sndNxt, usesSack);
  }
}

/** The oldest acknowledgment on the way has arrived. */
function hearOldest(senders: Senders, sender: number, sndNxt: number, usesSack: boolean): void {
  const c = senders.columns;
  const entry = c.acksAt[sender]! + (c.acksFrom[sender]! & (c.acksSize[sender]! - 1));
  c.acksFrom[sender]!++;
  c.acksCount[sender]!--;
  const { ints, wides } = senders.acks;
  const acknowledgment = ints[entry * ACK_INTS + ACKNOWLEDGMENT]!;
  const marks = ints[entry * ACK_INTS + ACK_MARKS]!;
  const passedAt = wides[entry * ACK_WIDES + PASSED_AT]!;
  const newestSent = wides[entry * ACK_WIDES + NEWEST_SENT]!;

  c.heardAckAt[sender] = passedAt;
  if (newestSent > c.heardSentAt[sender]!) c.heardSentAt[sender] = newestSent;
  settleProbe(senders, sender, acknowledgment, marks);
  const undoes =
    (marks & ACK_UNDOES) !== 0 ||
    (c.mode[sender] === MODE_LOSS && showsNeedlessTimeout(senders, sender, entry, sndNxt));
  advance(senders, sender, acknowledgment, marks, passedAt);
  if (marks & ACK_HAS_SACK) {
    const high = ints[entry * ACK_INTS + SACK_HIGH]!;
    const isNews = !(c.marks[sender]! & SENDER_HEARD_SACK) || after(high, c.heardSackHigh[sender]!);
    if (isNews && after(high, c.heardUna[sender]!)) {
      const isFirst = !(c.marks[sender]! & SENDER_HEARD_SACK) || !isSackAbove(senders, sender);
      if (isFirst) c.heardSackAt[sender] = passedAt;
      c.heardSackHigh[sender] = high;
      c.marks[sender]! |= SENDER_HEARD_SACK;
    }
  }
  c.heardWindow[sender] = ints[entry * ACK_INTS + ACK_WINDOW]!;
  if (c.mode[sender] !== MODE_OPEN) leaveMode(senders, sender, sndNxt, usesSack);
  if (undoes) {
    if (c.mode[sender] === MODE_LOSS) c.mode[sender] = MODE_OPEN;
    c.marks[sender]! &= ~SENDER_HAS_TIMED_OUT;
  }
}

/**
 * Whether the acknowledgment tells a sender that its timer ran out for nothing: it echoes what was sent before the first
 * repeat (Eifel, RFC 3522 §3.2), or reports what was sent once, before that (F-RTO, RFC 5682 §3.1). New data that draws
 * duplicates ends the wait for the latter.
 */
function showsNeedlessTimeout(senders: Senders, sender: number, entry: number, sndNxt: number): boolean {
  const c = senders.columns;
  const { ints, wides } = senders.acks;
  const marks = ints[entry * ACK_INTS + ACK_MARKS]!;
  // One that passed before the timer ran out and was not heard by then may well have been lost.
  if (wides[entry * ACK_WIDES + PASSED_AT]! < c.timeoutAt[sender]!) return false;
  const hasAdvanced = after(ints[entry * ACK_INTS + ACKNOWLEDGMENT]!, c.heardUna[sender]!);
  const hasClocks = (marks & ACK_HAS_TSVAL) !== 0 && !Number.isNaN(c.repairTsVal[sender]!);
  if (hasAdvanced && hasClocks && before(ints[entry * ACK_INTS + ACK_TSECR]!, c.repairTsVal[sender]!))
    return true;
  if (!(c.marks[sender]! & SENDER_MAY_UNDO)) return false;
  if (marks & ACK_HAS_ORIGINAL) return true;
  const isNews = (marks & (ACK_HAS_SACK | ACK_IS_DUPLICATE)) !== 0;
  if (isNews && after(sndNxt, c.point[sender]!)) c.marks[sender]! &= ~SENDER_MAY_UNDO;
  return false;
}

/** A tail-loss probe is answered by an ACK beyond it, by a DSACK or a plain duplicate at it (RFC 8985 §7.4). */
function settleProbe(senders: Senders, sender: number, acknowledgment: number, marks: number): void {
  const c = senders.columns;
  if (!(c.marks[sender]! & SENDER_PROBE_OPEN) || before(acknowledgment, c.probeEnd[sender]!)) return;
  const isPlainDuplicate =
    (marks & ACK_IS_PLAIN) !== 0 &&
    (c.marks[sender]! & SENDER_HAS_HEARD) !== 0 &&
    acknowledgment === c.heardUna[sender];
  if (after(acknowledgment, c.probeEnd[sender]!) || marks & ACK_HAS_DSACK || isPlainDuplicate)
    c.marks[sender]! &= ~SENDER_PROBE_OPEN;
}

function advance(
  senders: Senders,
  sender: number,
  acknowledgment: number,
  marks: number,
  passedAt: number,
): void {
  const c = senders.columns;
  if (!(c.marks[sender]! & SENDER_HAS_HEARD) || after(acknowledgment, c.heardUna[sender]!)) {
    c.marks[sender]! |= SENDER_HAS_HEARD;
    c.heardUna[sender] = acknowledgment;
    c.heardAdvanceAt[sender] = passedAt;
    c.heardDuplicates[sender] = 0;
    if (before(c.heardSackHigh[sender]!, acknowledgment)) c.marks[sender]! &= ~SENDER_HEARD_SACK;
  } else if (marks & ACK_IS_DUPLICATE && acknowledgment === c.heardUna[sender]) {
    if (++c.heardDuplicates[sender]! === 3) c.thirdDuplicateAt[sender] = passedAt;
  }
}

function isSackAbove({ columns: c }: Senders, sender: number): boolean {
  return after(c.heardSackHigh[sender]!, c.heardUna[sender]!);
}

/** The loss is repaired once `point` is acknowledged; without SACK only beyond it (RFC 6582 §3.2). */
function leaveMode(senders: Senders, sender: number, sndNxt: number, usesSack: boolean): void {
  const c = senders.columns;
  const una = c.heardUna[sender]!;
  if (!after(una, c.point[sender]!) && !(usesSack && una === c.point[sender])) return;
  const goesOn =
    c.mode[sender] === MODE_RECOVERY &&
    (c.marks[sender]! & SENDER_HEARD_SACK) !== 0 &&
    isSackAbove(senders, sender) &&
    (c.marks[sender]! & SENDER_HAS_REPEATED) !== 0 &&
    after(c.repeatedEnd[sender]!, una);
  if (goesOn) c.point[sender] = sndNxt;
  else c.mode[sender] = MODE_OPEN;
}
