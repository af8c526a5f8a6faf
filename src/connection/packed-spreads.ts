/**
 * Times of turns and round trips packed and back: the pairs of spreads (spreads.ts) that a finished connection has.
 *
 * Of each spread a byte says what it has, then that follows: its count and owner's word, smallest, largest and sum as
 * differences, what is smoothed, the histogram.
 */
import { type ByteCursor, MOST_INTEGER_BYTES, MOST_NUMBER_BYTES } from "./byte-cursor.js";
import {
  COUNT,
  HISTOGRAM_INTS,
  LEAST,
  MOST,
  OTHER_PAIR,
  OWNERS,
  SMOOTHED,
  SPREAD_INTS,
  SPREAD_WIDES,
  type Spreads,
  SUM,
  VARIATION,
} from "./spreads.js";

const HAS_OWNERS = 1 << 0;
const HAS_TIMES = 1 << 1;
const HAS_SEVERAL = 1 << 2;
const HAS_SMOOTHED = 1 << 3;
const HAS_HISTOGRAM = 1 << 4;
const HAS_OTHER_PAIR = 1 << 5;

const MOST_SPREAD_BYTES = 1 + (2 + HISTOGRAM_INTS) * MOST_INTEGER_BYTES + SPREAD_WIDES * MOST_NUMBER_BYTES;

/** Bytes that no connection's pairs exceed. */
export const MOST_SPREADS_BYTES = 4 * MOST_SPREAD_BYTES;

/** Packs the pair that begins at `first`, and the one that goes with it. */
export function packSpreads(spreads: Spreads, first: number, out: ByteCursor): void {
  packSpread(spreads, first, out);
  packSpread(spreads, first + 1, out);
  const other = spreads.entries.ints[first * SPREAD_INTS + OTHER_PAIR]!;
  if (other > 0) packSpreads(spreads, other, out);
}

function packSpread(spreads: Spreads, entry: number, out: ByteCursor): void {
  const { ints, wides } = spreads.entries;
  const at = entry * SPREAD_INTS;
  const wide = entry * SPREAD_WIDES;
  const count = ints[at + COUNT]!;
  const histogram = spreads.histogramAt(entry);
  const has =
    (ints[at + OWNERS] !== 0 ? HAS_OWNERS : 0) |
    (count > 0 ? HAS_TIMES : 0) |
    (count > 1 ? HAS_SEVERAL : 0) |
    (wides[wide + SMOOTHED] !== 0 || wides[wide + VARIATION] !== 0 ? HAS_SMOOTHED : 0) |
    (histogram > 0 ? HAS_HISTOGRAM : 0) |
    (ints[at + OTHER_PAIR]! > 0 ? HAS_OTHER_PAIR : 0);
  out.putByte(has);
  if (has & HAS_OWNERS) out.putInteger(ints[at + OWNERS]!, 0);
  const [least, most] = [wides[wide + LEAST]!, wides[wide + MOST]!];
  if (has & HAS_TIMES) out.putNumber(least, 0);
  if (has & HAS_SEVERAL) {
    out.putInteger(count, 0);
    out.putNumber(most, least);
    // Of two times the sum is that of the ends, of more about their mean.
    out.putNumber(wides[wide + SUM]!, Math.floor((count * (least + most)) / 2));
  }
  if (has & HAS_SMOOTHED) {
    out.putNumber(wides[wide + SMOOTHED]!, 0);
    out.putNumber(wides[wide + VARIATION]!, 0);
  }
  for (let word = 0; histogram > 0 && word < HISTOGRAM_INTS; word++)
    out.putInteger(spreads.histograms.ints[histogram + word]!, 0);
}

/** Takes a pair, and the one that goes with it, with what stands where `from` stands; returns its first. */
export function unpackSpreads(spreads: Spreads, from: ByteCursor): number {
  const first = spreads.takePair();
  const hasOther = unpackSpread(spreads, first, from);
  unpackSpread(spreads, first + 1, from);
  if (!hasOther) return first;
  const other = unpackSpreads(spreads, from);
  spreads.entries.ints[first * SPREAD_INTS + OTHER_PAIR] = other;
  return first;
}

/** Fills an entry in which everything is 0; returns whether another pair goes with its own. */
function unpackSpread(spreads: Spreads, entry: number, from: ByteCursor): boolean {
  const { ints, wides } = spreads.entries;
  const at = entry * SPREAD_INTS;
  const wide = entry * SPREAD_WIDES;
  const has = from.takeByte();
  if (has & HAS_OWNERS) ints[at + OWNERS] = from.takeInteger(0);
  if (has & HAS_TIMES) {
    const least = from.takeNumber(0);
    const count = has & HAS_SEVERAL ? from.takeInteger(0) : 1;
    const most = has & HAS_SEVERAL ? from.takeNumber(least) : least;
    ints[at + COUNT] = count;
    wides[wide + LEAST] = least;
    wides[wide + MOST] = most;
    wides[wide + SUM] = has & HAS_SEVERAL ? from.takeNumber(Math.floor((count * (least + most)) / 2)) : least;
  }
  if (has & HAS_SMOOTHED) {
    wides[wide + SMOOTHED] = from.takeNumber(0);
    wides[wide + VARIATION] = from.takeNumber(0);
  }
  const histogram = has & HAS_HISTOGRAM ? spreads.takeHistogram(entry) : 0;
  for (let word = 0; histogram > 0 && word < HISTOGRAM_INTS; word++)
    spreads.histograms.ints[histogram + word] = from.takeInteger(0);
  return (has & HAS_OTHER_PAIR) !== 0;
}
