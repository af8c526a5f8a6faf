/** Ranges of a sender's bytes that its peer reported by SACK (RFC 2018), in order, joined, at most 16: the lowest go. */
import { after, before, distance } from "../tcp/sequence.js";
import { SACK_RANGES, type Senders } from "./senders.js";

/** Takes [start, end) in; returns whether a range had to be forgotten for want of room. */
export function addSack(senders: Senders, sender: number, start: number, end: number): boolean {
  const { columns, sacks } = senders;
  if (columns.sacksAt[sender] === 0) columns.sacksAt[sender] = sacks.take(SACK_RANGES);
  const first = columns.sacksAt[sender]!;
  const count = columns.sacksCount[sender]!;
  let from = 0;
  while (from < count && before(sacks.ints[(first + from) * 2 + 1]!, start)) from++;
  let to = from;
  let low = start;
  let high = end;
  for (; to < count && !after(sacks.ints[(first + to) * 2]!, high); to++) {
    if (before(sacks.ints[(first + to) * 2]!, low)) low = sacks.ints[(first + to) * 2]!;
    if (after(sacks.ints[(first + to) * 2 + 1]!, high)) high = sacks.ints[(first + to) * 2 + 1]!;
  }
  const isFull = to === from && count === SACK_RANGES;
  if (isFull) {
    if (from === 0) return true;
    sacks.move(first + 1, first, from - 1);
    from--;
  } else {
    sacks.move(first + to, first + from + 1, count - to);
    columns.sacksCount[sender] = count - (to - from) + 1;
  }
  sacks.ints[(first + from) * 2] = low;
  sacks.ints[(first + from) * 2 + 1] = high;
  return isFull;
}

/** Whether the whole of [start, end) was reported. */
export function isSacked(senders: Senders, sender: number, start: number, end: number): boolean {
  const { sacksAt, sacksCount } = senders.columns;
  const { ints } = senders.sacks;
  for (let range = sacksAt[sender]!; range < sacksAt[sender]! + sacksCount[sender]!; range++) {
    if (!after(ints[range * 2]!, start) && !before(ints[range * 2 + 1]!, end)) return true;
  }
  return false;
}

/** How many bytes were reported, as far as they lie below `high`. */
export function sackedBelow(senders: Senders, sender: number, high: number): number {
  const { sacksAt, sacksCount } = senders.columns;
  const { ints } = senders.sacks;
  let bytes = 0;
  for (let range = sacksAt[sender]!; range < sacksAt[sender]! + sacksCount[sender]!; range++) {
    const [start, end] = [ints[range * 2]!, ints[range * 2 + 1]!];
    if (before(start, high)) bytes += distance(after(end, high) ? high : end, start);
  }
  return bytes;
}

/** Forgets the ranges up to `una`. */
export function forgetSacked(senders: Senders, sender: number, una: number): void {
  const { sacksAt, sacksCount } = senders.columns;
  const { sacks } = senders;
  const first = sacksAt[sender]!;
  let passed = 0;
  while (passed < sacksCount[sender]! && !after(sacks.ints[(first + passed) * 2 + 1]!, una)) passed++;
  if (passed === 0) return;
  sacksCount[sender]! -= passed;
  sacks.move(first + passed, first, sacksCount[sender]!);
}
