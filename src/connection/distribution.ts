/**
 * A distribution of times that can be merged: percentiles within one percent (DDSketch), exact ends, and counts over
 * logarithmic classes for a histogram. Bounded in memory, whatever is added.
 */
import { DDSketch } from "@datadog/sketches-js";
import type { Distribution, Histogram } from "../report/summary.js";

const ACCURACY = 0.01;

export class TimeDistribution {
  #sketch: DDSketch | null = null;

  get count(): number {
    return this.#sketch?.count ?? 0;
  }

  add(ns: number): void {
    this.#sketch ??= new DDSketch({ relativeAccuracy: ACCURACY });
    this.#sketch.accept(ns);
  }

  merge(other: TimeDistribution): void {
    if (!other.#sketch) return;
    this.#sketch ??= new DDSketch({ relativeAccuracy: ACCURACY });
    this.#sketch.merge(other.#sketch);
  }

  summary(): Distribution {
    const sketch = this.#sketch;
    if (!sketch) return NO_TIMES;
    // The sketch is right within one percent; never outside of what was really seen.
    const at = (quantile: number) => Math.min(sketch.max, Math.max(sketch.min, sketch.getValueAtQuantile(quantile))) / 1e6;
    return {
      count: sketch.count,
      minMs: sketch.min / 1e6,
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      maxMs: sketch.max / 1e6,
    };
  }
}

/** Classes: sixteen to a factor of ten, from 1 µs to 10,000 s; what lies outside goes into the first or last. */
const PER_DECADE = 16;
const FIRST_NS = 1e3;
const CLASSES = PER_DECADE * 10;

/**
 * Counts over logarithmic classes. It also serves where thousands of distributions are kept at once (one for each
 * server): percentiles within 8 %, in 640 bytes, at a tenth of a sketch's cost (a sketch moves its bins as it grows).
 */
export class LogHistogram {
  count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #counts: Uint32Array | null = null;

  add(ns: number): void {
    this.#counts ??= new Uint32Array(CLASSES);
    const at = Math.floor(Math.log10(Math.max(ns, 1) / FIRST_NS) * PER_DECADE);
    this.#counts[Math.max(0, Math.min(CLASSES - 1, at))]!++;
    this.count++;
    if (ns < this.#min) this.#min = ns;
    if (ns > this.#max) this.#max = ns;
  }

  merge(other: LogHistogram): void {
    if (!other.#counts) return;
    this.#counts ??= new Uint32Array(CLASSES);
    for (let i = 0; i < CLASSES; i++) this.#counts[i]! += other.#counts[i]!;
    this.count += other.count;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Percentiles, each the middle of its class, never outside of what was seen. */
  summary(): Distribution {
    if (!this.#counts) return NO_TIMES;
    return {
      count: this.count,
      minMs: this.#min / 1e6,
      p50Ms: this.#quantile(0.5),
      p90Ms: this.#quantile(0.9),
      p95Ms: this.#quantile(0.95),
      p99Ms: this.#quantile(0.99),
      maxMs: this.#max / 1e6,
    };
  }

  /** The classes between the first and the last that hold anything. */
  histogram(): Histogram {
    if (!this.#counts) return { edgesMs: [], counts: [] };
    const first = this.#counts.findIndex((n) => n > 0);
    const last = this.#counts.findLastIndex((n) => n > 0);
    const edgesMs: number[] = [];
    for (let i = first; i <= last + 1; i++) edgesMs.push((FIRST_NS * 10 ** (i / PER_DECADE)) / 1e6);
    return { edgesMs, counts: [...this.#counts.subarray(first, last + 1)] };
  }

  #quantile(share: number): number {
    let left = Math.ceil(share * this.count);
    let at = 0;
    while (at < CLASSES - 1 && (left -= this.#counts![at]!) > 0) at++;
    const ns = FIRST_NS * 10 ** ((at + 0.5) / PER_DECADE);
    return Math.min(this.#max, Math.max(this.#min, ns)) / 1e6;
  }
}

const NO_TIMES: Distribution = { count: 0, minMs: null, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null };
