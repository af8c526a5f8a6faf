/**
 * What a sender sent lately, by sequence number: those in flight, and the last ones acknowledged.
 *
 * An entry is a range of sequence numbers as it was sent first; repeats renew its time. Entries stand in order of their
 * first byte. At most `MOST_SEGMENTS` are kept: the lowest is forgotten beyond.
 */
import { after, before } from "../tcp/sequence.js";
import { FIN, type Segment, SYN } from "../wire/segment.js";
import type { Senders } from "./senders.js";

/** In flight and acknowledged together. */
const MOST_SEGMENTS = 256;
/** Acknowledged ones that are kept for the sake of late repeats. */
const KEPT_ACKNOWLEDGED = 32;

// ---- words of an entry
export const SEGMENT_INTS = 8;
export const START = 0;
export const END = 1;
export const FIRST_IP_ID = 2;
export const FIRST_TSVAL = 3;
export const TSVAL = 4;
/** Times sent, without copies. */
export const TIMES = 5;
export const SEGMENT_MARKS = 6;
export const SEGMENT_WIDES = 4;
/** When its newest sending was captured, and when that was sent. */
export const CAPTURED_AT = 0;
export const SENT_AT = 1;
/** When its first sending was captured; the number of that packet. */
export const FIRST_AT = 2;
export const FRAME = 3;

// ---- bits of SEGMENT_MARKS
export const SEGMENT_HAS_TSVAL = 1;
/** What was captured first is a repeat: the original came later, or the bytes filled a hole. */
export const SEGMENT_IS_REPEAT = 2;
/** It was taken for a repeat when it came (inferred.ts). */
export const SEGMENT_IS_INFERRED = 4;
/** It was overtaken, and came late. */
export const SEGMENT_CAME_LATE = 8;
/** One of its numbers is that of a SYN or a FIN, and of no byte. */
export const SEGMENT_HAS_CONTROL = 16;

/** Entry of the lowest segment that shares a byte with [start, end), or -1. */
export function findSegment(senders: Senders, sender: number, start: number, end: number): number {
  const entry = firstSegmentAbove(senders, sender, start);
  const { segmentsAt, segmentsFrom, segmentsCount } = senders.columns;
  const last = segmentsAt[sender]! + segmentsFrom[sender]! + segmentsCount[sender]!;
  return entry < last && before(senders.segments.ints[entry * SEGMENT_INTS + START]!, end) ? entry : -1;
}

/** Entry of the lowest segment that ends above `sequence`; one beyond the last where there is none. */
export function firstSegmentAbove(senders: Senders, sender: number, sequence: number): number {
  const { segmentsAt, segmentsFrom, segmentsCount } = senders.columns;
  const { ints } = senders.segments;
  let low = segmentsAt[sender]! + segmentsFrom[sender]!;
  let high = low + segmentsCount[sender]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (after(ints[middle * SEGMENT_INTS + END]!, sequence)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Entry of the segment that ends at `end`, or -1. */
export function segmentEndingAt(senders: Senders, sender: number, end: number): number {
  const entry = findSegment(senders, sender, (end - 1) | 0, end);
  return entry >= 0 && senders.segments.ints[entry * SEGMENT_INTS + END] === end ? entry : -1;
}

/** Notes a segment; `marks`: SEGMENT_… bits. */
export function insertSegment(
  senders: Senders,
  sender: number,
  segment: Segment,
  sentAt: number,
  marks: number,
): void {
  const entry = makeRoom(senders, sender, segment.sequence);
  const { ints, wides } = senders.segments;
  const at = entry * SEGMENT_INTS;
  ints[at + START] = segment.sequence;
  ints[at + END] = (segment.sequence + segment.length) | 0;
  ints[at + FIRST_IP_ID] = segment.ipId;
  ints[at + FIRST_TSVAL] = segment.tsVal;
  ints[at + TSVAL] = segment.tsVal;
  ints[at + TIMES] = 1;
  ints[at + SEGMENT_MARKS] =
    marks |
    (segment.hasTimestamps ? SEGMENT_HAS_TSVAL : 0) |
    (segment.flags & (SYN | FIN) ? SEGMENT_HAS_CONTROL : 0);
  const wide = entry * SEGMENT_WIDES;
  wides[wide + CAPTURED_AT] = segment.timeNs;
  wides[wide + SENT_AT] = sentAt;
  wides[wide + FIRST_AT] = segment.timeNs;
  wides[wide + FRAME] = segment.number;
}

/** A free entry where a segment that begins at `start` belongs: the others have moved. */
function makeRoom(senders: Senders, sender: number, start: number): number {
  const c = senders.columns;
  const pool = senders.segments;
  if (c.segmentsCount[sender] === MOST_SEGMENTS) dropLowest(senders, sender, 1);
  if (c.segmentsFrom[sender]! + c.segmentsCount[sender]! === c.segmentsSize[sender]!) {
    if (c.segmentsFrom[sender]! > 0 && c.segmentsFrom[sender]! >= c.segmentsSize[sender]! >> 1) {
      const at = c.segmentsAt[sender]!;
      pool.move(at + c.segmentsFrom[sender]!, at, c.segmentsCount[sender]!);
      c.segmentsFrom[sender] = 0;
    } else grow(senders, sender);
  }
  const first = c.segmentsAt[sender]! + c.segmentsFrom[sender]!;
  let place = c.segmentsCount[sender]!++;
  while (place > 0 && !before(pool.ints[(first + place - 1) * SEGMENT_INTS + START]!, start)) place--;
  const moved = c.segmentsCount[sender]! - 1 - place;
  if (moved > 0) pool.move(first + place, first + place + 1, moved);
  return first + place;
}

function grow(senders: Senders, sender: number): void {
  const c = senders.columns;
  const pool = senders.segments;
  const size = c.segmentsSize[sender]!;
  const at = pool.take(Math.max(4, size * 2));
  if (size > 0) {
    pool.move(c.segmentsAt[sender]! + c.segmentsFrom[sender]!, at, c.segmentsCount[sender]!);
    pool.release(c.segmentsAt[sender]!, size);
  }
  c.segmentsAt[sender] = at;
  c.segmentsSize[sender] = Math.max(4, size * 2);
  c.segmentsFrom[sender] = 0;
}

function dropLowest(senders: Senders, sender: number, count: number): void {
  senders.columns.segmentsFrom[sender]! += count;
  senders.columns.segmentsCount[sender]! -= count;
}

/** Forgets what is acknowledged up to `una`, but for the last ones. */
export function forgetAcknowledged(senders: Senders, sender: number, una: number): void {
  const { segmentsAt, segmentsFrom, segmentsCount } = senders.columns;
  const { ints } = senders.segments;
  while (segmentsCount[sender]! > KEPT_ACKNOWLEDGED) {
    const entry = segmentsAt[sender]! + segmentsFrom[sender]! + KEPT_ACKNOWLEDGED;
    if (after(ints[entry * SEGMENT_INTS + END]!, una)) return;
    dropLowest(senders, sender, 1);
  }
}
