/**
 * Without SACK nobody reports what came twice. What a receiver does with each segment tells all the same (RFC 5681 §4.2):
 * one that fills a gap is acknowledged at once, up to the next gap; one that it holds already draws a duplicate.
 *
 * So an acknowledgment that goes far beyond the oldest bytes was drawn by their repeat, and what else it covers had
 * arrived before: those repeats that were sent behind are on their way for nothing, and each draws a duplicate when it
 * comes.
 */
import { after } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import type { Connections } from "./connections.js";
import {
  AT,
  DUPLICATE_DUE,
  END,
  IS_COPY,
  IS_NEEDLESS,
  IS_PASSED,
  MARKS,
  markNeedless,
  REPEAT_INTS,
  REPEAT_WIDES,
  remembered,
  repeatEntry,
  START,
} from "./repeats.js";
import { fullRttNs, SENDER_HAS_REPEATED } from "./senders.js";

/** An acknowledgment of two segments may be one that was delayed (RFC 5681 §4.2): it tells nothing of the second. */
const LEAST_PASSED = 2;

/** An acknowledgment that jumps beyond all that was repeated says that only the lowest was missing. */
export function judgeJump(connections: Connections, row: number, segment: Segment): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  if (!(c.marks[sender]! & SENDER_HAS_REPEATED)) return;
  const una = e.sndUna[row]!;
  const { acknowledgment } = segment;
  if (!after(acknowledgment, c.repeatedEnd[sender]!) || !after(c.repeatedEnd[sender]!, una)) return;
  const first = senders.columns.repeatsAt[sender]!;
  const count = remembered(senders, sender);
  const { ints, wides } = senders.repeats;
  const recent = 2 * fullRttNs(senders, sender) + 50e6;
  for (let entry = first; entry < first + count; entry++) {
    const at = entry * REPEAT_INTS;
    if (ints[at + MARKS]! & (IS_COPY | IS_NEEDLESS)) continue;
    if (!after(ints[at + START]!, una) || after(ints[at + END]!, acknowledgment)) continue;
    if (segment.timeNs - wides[entry * REPEAT_WIDES + AT]! < recent) markNeedless(connections, row, entry);
  }
}

/**
 * The acknowledgment is the first beyond `sndUna` of the endpoint at `row`: repeats that it passes on its way from the
 * oldest bytes, and that were sent after these, wait for their duplicates.
 */
export function notePassed(connections: Connections, row: number, segment: Segment): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const { ints, wides } = senders.repeats;
  const una = e.sndUna[row]!;
  const newest = senders.columns.repeatsCount[sender]! - 1;
  const oldest = newest + 1 - remembered(senders, sender);
  let nth = newest;
  let passed = 0;
  for (; nth >= oldest; nth--) {
    const at = repeatEntry(senders, sender, nth) * REPEAT_INTS;
    ints[at + MARKS]! &= ~IS_PASSED;
    if (ints[at + MARKS]! & IS_COPY) continue;
    if (!after(ints[at + START]!, una)) break;
    if (!after(ints[at + END]!, segment.acknowledgment)) passed++;
  }
  if (nth < oldest || passed < LEAST_PASSED) return;
  const lowest = repeatEntry(senders, sender, nth);
  if (!after(ints[lowest * REPEAT_INTS + END]!, una)) return;
  // The duplicate follows as its repeat followed; a round trip later it may be another's.
  const delay = segment.timeNs - wides[lowest * REPEAT_WIDES + AT]! + 0.5 * fullRttNs(senders, sender);
  for (nth++; nth <= newest; nth++) {
    const entry = repeatEntry(senders, sender, nth);
    const at = entry * REPEAT_INTS;
    if (ints[at + MARKS]! & (IS_COPY | IS_NEEDLESS)) continue;
    if (after(ints[at + END]!, segment.acknowledgment)) continue;
    ints[at + MARKS]! |= IS_PASSED;
    wides[entry * REPEAT_WIDES + DUPLICATE_DUE] = wides[entry * REPEAT_WIDES + AT]! + delay;
  }
}

/** A duplicate acknowledgment: it is that of the oldest repeat which was passed and still waits for one. */
export function claimDuplicate(connections: Connections, row: number, segment: Segment): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const { ints, wides } = senders.repeats;
  const count = senders.columns.repeatsCount[sender]!;
  for (let nth = count - remembered(senders, sender); nth < count; nth++) {
    const entry = repeatEntry(senders, sender, nth);
    if (!(ints[entry * REPEAT_INTS + MARKS]! & IS_PASSED)) continue;
    ints[entry * REPEAT_INTS + MARKS]! &= ~IS_PASSED;
    if (segment.timeNs > wides[entry * REPEAT_WIDES + DUPLICATE_DUE]!) continue;
    markNeedless(connections, row, entry);
    return;
  }
}
