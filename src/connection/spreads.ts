/**
 * How a kind of times spreads, in a few words of a pool: count, sum and ends exactly, percentiles nearly.
 *
 * The first times, five or three, stand as they are where later their ends and sum do. Then comes a histogram of 32
 * logarithmic classes of 16 bits: an eighth of an octave wide at first (9 %), and each time its range no longer holds
 * what comes, twice as wide. Entry 0 belongs to nobody.
 */
import { classOf, lowerEdge } from "./distribution.js";
import { EntryPool } from "./entry-pool.js";
import { withMoreRoom } from "./room.js";

/**
 * Words of an entry, one cache line: how many times, its histogram (0 none), another pair that goes with this one, and its
 * owner's; then the doubles.
 */
export const SPREAD_INTS = 16;
export const COUNT = 0;
const HISTOGRAM = 1;
export const OTHER_PAIR = 2;
export const OWNERS = 3;
const DOUBLES = 2;
/** Two words that are free for what goes with a pair (pauses.ts). */
export const SPARE = 14;
/** The doubles: smallest, largest, sum, and two for times that are smoothed (RFC 6298 §2). */
const LEAST = 0;
const MOST = 1;
const SUM = 2;
export const SMOOTHED = 3;
export const VARIATION = 4;
export const SPREAD_WIDES = 5;

/** Words of a histogram: classes to an octave as a power of two, its first class, and the counts, two in a word. */
const BITS = 0;
const FIRST = 1;
const COUNTS = 2;
const CLASSES = 32;
export const HISTOGRAM_INTS = COUNTS + CLASSES / 2;
const FINEST = 3;
/** So many times are kept as they are: as many as an entry has doubles, and where they are smoothed too. */
export const FEW = SPREAD_WIDES;
export const FEW_SMOOTHED = SMOOTHED;
const FULL = 0xffff;

/** Counts of a histogram while its classes change. */
const counts = new Int32Array(CLASSES);

/** Nanoseconds. */
export interface Spread {
  readonly count: number;
  readonly leastNs: number;
  readonly meanNs: number;
  readonly medianNs: number;
  readonly p95Ns: number;
  readonly mostNs: number;
}

/** Where the doubles of an entry begin. */
export function widesAt(entry: number): number {
  return ((entry * SPREAD_INTS) >> 1) + DOUBLES;
}

export class Spreads {
  /** The words of all entries, and the same memory as doubles. They may be others after `takePair`. */
  ints = new Int32Array(64 * SPREAD_INTS);
  wides = new Float64Array(this.ints.buffer);
  readonly histograms = new EntryPool(HISTOGRAM_INTS, 0);
  readonly #free: number[] = [];
  #used = 2;

  /** First of two new entries side by side, all 0: one for each side of a connection. */
  takePair(): number {
    const first = this.#free.pop() ?? this.#newPair();
    const { wides } = this;
    // Not `fill`: its call takes longer than so few words.
    const start = (first * SPREAD_INTS) >> 1;
    for (let word = start; word < start + SPREAD_INTS; word++) wides[word] = 0;
    return first;
  }

  #newPair(): number {
    const first = this.#used;
    this.#used += 2;
    if (this.#used * SPREAD_INTS > this.ints.length) {
      this.ints = withMoreRoom(this.ints.length, 4, (words) => {
        const ints = new Int32Array(words);
        ints.set(this.ints);
        return ints;
      });
      this.wides = new Float64Array(this.ints.buffer);
    }
    return first;
  }

  /** Gives the pair back, and the one that goes with it; 0 is none. */
  releasePair(first: number): void {
    if (first === 0) return;
    this.releasePair(this.ints[first * SPREAD_INTS + OTHER_PAIR]!);
    for (let entry = first; entry < first + 2; entry++) {
      const histogram = this.ints[entry * SPREAD_INTS + HISTOGRAM]!;
      if (histogram > 0) this.histograms.release(histogram, 1);
    }
    this.#free.push(first);
  }

  add(entry: number, ns: number): void {
    this.#add(entry, ns, FEW);
  }

  #add(entry: number, ns: number, few: number): void {
    const { ints, wides } = this;
    const at = entry * SPREAD_INTS;
    const wide = widesAt(entry);
    const count = ints[at + COUNT]!++;
    if (count < few) {
      wides[wide + count] = ns;
      return;
    }
    if (count === few) this.#begin(entry, few);
    if (ns < wides[wide + LEAST]!) wides[wide + LEAST] = ns;
    if (ns > wides[wide + MOST]!) wides[wide + MOST] = ns;
    wides[wide + SUM]! += ns;
    this.#count(ints[at + HISTOGRAM]!, ns);
  }

  /** Adds a time that is smoothed too (RFC 6298 §2.2, RFC 6298 §2.3). */
  addSmoothed(entry: number, ns: number): void {
    const { ints, wides } = this;
    const at = widesAt(entry);
    if (ints[entry * SPREAD_INTS + COUNT] === 0) {
      wides[at + SMOOTHED] = ns;
      wides[at + VARIATION] = ns / 2;
    } else {
      wides[at + VARIATION]! += (Math.abs(ns - wides[at + SMOOTHED]!) - wides[at + VARIATION]!) / 4;
      wides[at + SMOOTHED]! += (ns - wides[at + SMOOTHED]!) / 8;
    }
    this.#add(entry, ns, FEW_SMOOTHED);
  }

  /** Room for a histogram, its words to be written from where this says in `histograms.ints`; 0 is none. */
  takeHistogram(entry: number): number {
    const histogram = this.histograms.take(1);
    this.ints[entry * SPREAD_INTS + HISTOGRAM] = histogram;
    return histogram * HISTOGRAM_INTS;
  }

  /** Where the words of its histogram begin; 0 without one. */
  histogramAt(entry: number): number {
    return this.ints[entry * SPREAD_INTS + HISTOGRAM]! * HISTOGRAM_INTS;
  }

  count(entry: number): number {
    return this.ints[entry * SPREAD_INTS + COUNT]!;
  }

  smoothedNs(entry: number): number {
    return this.wides[widesAt(entry) + SMOOTHED]!;
  }

  variationNs(entry: number): number {
    return this.wides[widesAt(entry) + VARIATION]!;
  }

  /** All the times together. */
  totalNs(entry: number): number {
    const at = widesAt(entry);
    if (this.histogramAt(entry) > 0) return this.wides[at + SUM]!;
    let sum = 0;
    for (let i = at; i < at + this.count(entry); i++) sum += this.wides[i]!;
    return sum;
  }

  /** What the times are like, percentiles the middles of their classes; null without any. */
  summary(entry: number): Spread | null {
    const count = this.count(entry);
    if (count === 0) return null;
    const at = widesAt(entry);
    const { wides } = this;
    const few = this.histogramAt(entry) === 0 ? wides.slice(at, at + count).sort() : null;
    const leastNs = few ? few[0]! : wides[at + LEAST]!;
    const mostNs = few ? few[count - 1]! : wides[at + MOST]!;
    const sum = few ? few.reduce((total, ns) => total + ns, 0) : wides[at + SUM]!;
    const quantile = (share: number) => {
      const rank = Math.ceil(share * count);
      if (few) return few[rank - 1]!;
      if (rank >= count) return mostNs;
      return Math.min(mostNs, Math.max(leastNs, this.#quantile(entry, share)));
    };
    return {
      count,
      leastNs,
      meanNs: sum / count,
      medianNs: quantile(0.5),
      p95Ns: quantile(0.95),
      mostNs,
    };
  }

  #quantile(entry: number, share: number): number {
    const at = this.histogramAt(entry);
    const { ints } = this.histograms;
    this.#read(at);
    let left = Math.ceil(share * counts.reduce((sum, n) => sum + n, 0));
    let i = 0;
    while (i < CLASSES - 1 && (left -= counts[i]!) > 0) i++;
    const [bits, one] = [ints[at + BITS]!, ints[at + FIRST]! + i];
    return (lowerEdge(one, bits) + lowerEdge(one + 1, bits)) / 2;
  }

  /** A histogram of the `few` times that came first, and their ends and sum in their place. */
  #begin(entry: number, few: number): void {
    const at = this.takeHistogram(entry);
    const histogram = at / HISTOGRAM_INTS;
    const { ints } = this.histograms;
    for (let word = at; word < at + HISTOGRAM_INTS; word++) ints[word] = 0;
    const { wides } = this;
    const wide = widesAt(entry);
    let [least, most, sum] = [wides[wide]!, wides[wide]!, 0];
    ints[at + BITS] = FINEST;
    ints[at + FIRST] = Math.max(0, classOf(least, FINEST) - CLASSES / 2);
    for (let i = wide; i < wide + few; i++) {
      const ns = wides[i]!;
      least = Math.min(least, ns);
      most = Math.max(most, ns);
      sum += ns;
      this.#count(histogram, ns);
    }
    wides[wide + LEAST] = least;
    wides[wide + MOST] = most;
    wides[wide + SUM] = sum;
  }

  #count(histogram: number, ns: number): void {
    const { ints } = this.histograms;
    const at = histogram * HISTOGRAM_INTS;
    let i = classOf(ns, ints[at + BITS]!) - ints[at + FIRST]!;
    if (i < 0 || i >= CLASSES) i = this.#makeRoom(at, ns);
    const shift = (i & 1) * 16;
    const word = at + COUNTS + (i >> 1);
    if (((ints[word]! >>> shift) & FULL) === FULL) this.#halve(at);
    ints[word]! += 1 << shift;
  }

  /** Other classes, among which is that of `ns`; returns its place. */
  #makeRoom(at: number, ns: number): number {
    const { ints } = this.histograms;
    this.#read(at);
    let bits = ints[at + BITS]!;
    const first = ints[at + FIRST]!;
    let low = first + counts.findIndex((n) => n > 0);
    let high = first + counts.findLastIndex((n) => n > 0);
    let own = classOf(ns, bits);
    while (Math.max(high, own) - Math.min(low, own) >= CLASSES) {
      bits--;
      low >>= 1;
      high >>= 1;
      own = classOf(ns, bits);
    }
    low = Math.min(low, own);
    const begin = Math.max(0, low - ((CLASSES - 1 - Math.max(high, own) + low) >> 1));
    const shift = ints[at + BITS]! - bits;
    ints.fill(0, at + COUNTS, at + HISTOGRAM_INTS);
    for (let i = 0; i < CLASSES; i++) {
      if (counts[i]! > 0) this.#put(at, ((first + i) >> shift) - begin, counts[i]!);
    }
    ints[at + BITS] = bits;
    ints[at + FIRST] = begin;
    return own - begin;
  }

  #put(at: number, i: number, n: number): void {
    const { ints } = this.histograms;
    const word = at + COUNTS + (i >> 1);
    const shift = (i & 1) * 16;
    const sum = Math.min(FULL, ((ints[word]! >>> shift) & FULL) + n);
    ints[word] = (ints[word]! & ~(FULL << shift)) | (sum << shift);
  }

  /** Every count by half, rounded up: the shares stay. */
  #halve(at: number): void {
    this.#read(at);
    const { ints } = this.histograms;
    ints.fill(0, at + COUNTS, at + HISTOGRAM_INTS);
    for (let i = 0; i < CLASSES; i++) this.#put(at, i, (counts[i]! + 1) >> 1);
  }

  #read(at: number): void {
    const { ints } = this.histograms;
    for (let i = 0; i < CLASSES; i++) counts[i] = (ints[at + COUNTS + (i >> 1)]! >>> ((i & 1) * 16)) & FULL;
  }
}
