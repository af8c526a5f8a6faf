/**
 * Distributions of times that can be merged: percentiles, exact ends, and counts over logarithmic classes.
 *
 * Classes follow the bits of a double, as in HDR histograms: so many to an octave, no logarithm to compute. A class of
 * `FINE` is 0.8 % wide (a fixed 16 kB), one of `COARSE` 12 % (1 kB: thousands are kept, one for each server). Why not
 * sketches: docs/decisions/0009-fixed-log-classes.md.
 */
import type { Distribution, Histogram } from "../report/summary.js";

/** Bits of the mantissa that make a class: 2^7 = 128 classes to an octave, or 2^3 = 8. */
export const FINE = 7;
const COARSE = 3;
/** Times below 2^10 ns (1 µs) fall into the first class, those above 2^42 ns (73 min) into the last. */
const FIRST_OCTAVE = 10;
const OCTAVES = 32;
const EXPONENT_BIAS = 1023;
/** So few times are kept as they are: they say more than classes do. */
const FEW = 4;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Classes of a coarse distribution. */
export const COARSE_CLASSES = OCTAVES << COARSE;

/** Of no times at all. */
export const NO_TIMES: Distribution = {
  count: 0,
  minMs: null,
  p50Ms: null,
  p90Ms: null,
  p95Ms: null,
  p99Ms: null,
  maxMs: null,
};

/** Class of a time among `OCTAVES << bits`, of which 2^bits make an octave; those of half as many follow by halving. */
export function classOf(ns: number, bits: number): number {
  double[0] = ns;
  // The upper half of a double: sign, 11 bits of exponent, the first 20 bits of the mantissa.
  const at = (halves[1]! >> (20 - bits)) - ((EXPONENT_BIAS + FIRST_OCTAVE) << bits);
  const last = (OCTAVES << bits) - 1;
  return Math.min(Math.max(at, 0), last);
}

/** Class of a time among `COARSE_CLASSES`. */
export function coarseClass(ns: number): number {
  return classOf(ns, COARSE);
}

/** Percentiles of coarse counts whose shortest and longest time are known. */
export function distributionOf(counts: Uint32Array, minNs: number, maxNs: number): Distribution {
  return summarize(counts, COARSE, minNs, maxNs);
}

export class TimeDistribution {
  count = 0;
  readonly #bits: number;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #counts: Uint32Array | null = null;
  /** The times themselves, while they are few. */
  #few: number[] | null = [];

  constructor(bits: number) {
    this.#bits = bits;
  }

  /** Counts a time in; with weight -1 takes it out again (the ends stay: what was seen was seen). */
  add(ns: number, weight: 1 | -1): void {
    this.#counts ??= new Uint32Array(OCTAVES << this.#bits);
    this.#counts[classOf(ns, this.#bits)]! += weight;
    this.count += weight;
    if (this.#few) this.#keepFew(ns, weight);
    if (ns < this.#min) this.#min = ns;
    if (ns > this.#max) this.#max = ns;
  }

  #keepFew(ns: number, weight: 1 | -1): void {
    const few = this.#few!;
    if (weight > 0) few.push(ns);
    else few.splice(few.indexOf(ns), 1);
    if (few.length > FEW) this.#few = null;
  }

  /** Adds what `other`, of the same classes, holds. */
  merge(other: TimeDistribution): void {
    if (!other.#counts) return;
    this.#counts ??= new Uint32Array(OCTAVES << this.#bits);
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i]! += other.#counts[i]!;
    this.count += other.count;
    const few = this.#few && other.#few ? [...this.#few, ...other.#few] : null;
    this.#few = few && few.length <= FEW ? few : null;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Percentiles, each the middle of its class, never outside of what was seen. */
  summary(): Distribution {
    return this.#counts ? summarize(this.#counts, this.#bits, this.#min, this.#max) : NO_TIMES;
  }

  /** Counts over classes of an eighth of an octave, from the first to the last that holds anything. */
  histogram(): Histogram {
    if (!this.#counts || this.count === 0) return { edgesMs: [], counts: [] };
    const histogram = histogramOf(this.#counts, this.#bits, COARSE);
    if (!this.#few) return histogram;
    return { ...histogram, timesMs: this.#few.map((ns) => ns / 1e6).sort((a, b) => a - b) };
  }
}

/** Counts of classes of `bits` put together to classes of `coarser` bits, from the first to the last that is not empty. */
function histogramOf(counts: Uint32Array, bits: number, coarser: number): Histogram {
  const merged = bits - coarser;
  const coarse = new Array<number>(OCTAVES << coarser).fill(0);
  for (let i = 0; i < counts.length; i++) coarse[i >> merged]! += counts[i]!;
  const first = coarse.findIndex((n) => n > 0);
  if (first < 0) return { edgesMs: [], counts: [] };
  const last = coarse.findLastIndex((n) => n > 0);
  const edgesMs: number[] = [];
  for (let i = first; i <= last + 1; i++) edgesMs.push(lowerEdge(i, coarser) / 1e6);
  return { edgesMs, counts: coarse.slice(first, last + 1) };
}

/** The histogram of coarse counts, as `TimeDistribution.histogram` gives it. */
export function coarseHistogram(counts: Uint32Array): Histogram {
  return histogramOf(counts, COARSE, COARSE);
}

/** Coarse counts by octave: `OCTAVES` sums, the first of times from `octaveEdgeMs(0)` on. */
export function octaveCounts(counts: Uint32Array): number[] {
  const octaves = new Array<number>(OCTAVES).fill(0);
  for (let i = 0; i < counts.length; i++) octaves[i >> COARSE]! += counts[i]!;
  return octaves;
}

/** Where an octave begins, in milliseconds. */
export function octaveEdgeMs(octave: number): number {
  return lowerEdge(octave, 0) / 1e6;
}

function summarize(counts: Uint32Array, bits: number, minNs: number, maxNs: number): Distribution {
  let count = 0;
  for (let i = 0; i < counts.length; i++) count += counts[i]!;
  if (count === 0) return NO_TIMES;
  const quantile = (share: number) => {
    let left = Math.ceil(share * count);
    // The ends are known exactly.
    if (left >= count) return maxNs / 1e6;
    if (left <= 1) return minNs / 1e6;
    let at = 0;
    while (at < counts.length - 1 && (left -= counts[at]!) > 0) at++;
    const ns = (lowerEdge(at, bits) + lowerEdge(at + 1, bits)) / 2;
    return Math.min(maxNs, Math.max(minNs, ns)) / 1e6;
  };
  return {
    count,
    minMs: minNs / 1e6,
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: maxNs / 1e6,
  };
}

/** Nanoseconds at which class `at` begins. */
export function lowerEdge(at: number, bits: number): number {
  const octave = at >> bits;
  const part = (at & ((1 << bits) - 1)) / (1 << bits);
  return 2 ** (FIRST_OCTAVE + octave) * (1 + part);
}
