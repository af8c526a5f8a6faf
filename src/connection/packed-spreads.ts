/**
 * Times of turns and round trips packed and back: the pairs of spreads (spreads.ts) that a finished connection has.
 *
 * Of each spread a byte says what it has, then that follows: its owner's word, the spare ones, its count, its doubles as far as they are
 * in use, each as its difference from the one before, the histogram.
 */
import { type ByteCursor, MOST_INTEGER_BYTES, MOST_NUMBER_BYTES } from "./byte-cursor.js";
import {
  COUNT,
  HISTOGRAM_INTS,
  OTHER_PAIR,
  OWNERS,
  SMOOTHED,
  SPARE,
  SPREAD_INTS,
  SPREAD_WIDES,
  type Spreads,
  VARIATION,
  widesAt,
} from "./spreads.js";

const HAS_OWNERS = 1 << 0;
const HAS_TIMES = 1 << 1;
const HAS_ALL_WIDES = 1 << 2;
const HAS_HISTOGRAM = 1 << 3;
const HAS_OTHER_PAIR = 1 << 4;
const HAS_SPARE = 1 << 5;

const MOST_SPREAD_BYTES = 1 + (4 + HISTOGRAM_INTS) * MOST_INTEGER_BYTES + SPREAD_WIDES * MOST_NUMBER_BYTES;

/** Bytes that no connection's pairs exceed. */
export const MOST_SPREADS_BYTES = 4 * MOST_SPREAD_BYTES;

/** Packs the pair that begins at `first`, and the one that goes with it. */
export function packSpreads(spreads: Spreads, first: number, out: ByteCursor): void {
  packSpread(spreads, first, out);
  packSpread(spreads, first + 1, out);
  const other = spreads.ints[first * SPREAD_INTS + OTHER_PAIR]!;
  if (other > 0) packSpreads(spreads, other, out);
}

function packSpread(spreads: Spreads, entry: number, out: ByteCursor): void {
  const { ints, wides } = spreads;
  const at = entry * SPREAD_INTS;
  const wide = widesAt(entry);
  const count = ints[at + COUNT]!;
  const histogram = spreads.histogramAt(entry);
  const hasSpare = ints[at + SPARE] !== 0 || ints[at + SPARE + 1] !== 0;
  const hasAll = count >= SPREAD_WIDES || wides[wide + SMOOTHED] !== 0 || wides[wide + VARIATION] !== 0;
  out.putByte(
    (ints[at + OWNERS] !== 0 ? HAS_OWNERS : 0) |
      (count > 0 ? HAS_TIMES : 0) |
      (hasAll ? HAS_ALL_WIDES : 0) |
      (histogram > 0 ? HAS_HISTOGRAM : 0) |
      (ints[at + OTHER_PAIR]! > 0 ? HAS_OTHER_PAIR : 0) |
      (hasSpare ? HAS_SPARE : 0),
  );
  if (ints[at + OWNERS] !== 0) out.putInteger(ints[at + OWNERS]!, 0);
  if (hasSpare) out.putInteger(ints[at + SPARE]!, 0);
  if (hasSpare) out.putInteger(ints[at + SPARE + 1]!, 0);
  if (count > 0) out.putInteger(count, 0);
  const words = hasAll ? SPREAD_WIDES : count;
  for (let i = wide; i < wide + words; i++) out.putNumber(wides[i]!, i > wide ? wides[i - 1]! : 0);
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
  spreads.ints[first * SPREAD_INTS + OTHER_PAIR] = other;
  return first;
}

/** Fills an entry in which everything is 0; returns whether another pair goes with its own. */
function unpackSpread(spreads: Spreads, entry: number, from: ByteCursor): boolean {
  const { ints, wides } = spreads;
  const at = entry * SPREAD_INTS;
  const wide = widesAt(entry);
  const has = from.takeByte();
  if (has & HAS_OWNERS) ints[at + OWNERS] = from.takeInteger(0);
  if (has & HAS_SPARE) {
    ints[at + SPARE] = from.takeInteger(0);
    ints[at + SPARE + 1] = from.takeInteger(0);
  }
  const count = has & HAS_TIMES ? from.takeInteger(0) : 0;
  ints[at + COUNT] = count;
  const words = has & HAS_ALL_WIDES ? SPREAD_WIDES : count;
  for (let i = wide; i < wide + words; i++) wides[i] = from.takeNumber(i > wide ? wides[i - 1]! : 0);
  const histogram = has & HAS_HISTOGRAM ? spreads.takeHistogram(entry) : 0;
  for (let word = 0; histogram > 0 && word < HISTOGRAM_INTS; word++)
    spreads.histograms.ints[histogram + word] = from.takeInteger(0);
  return (has & HAS_OTHER_PAIR) !== 0;
}
