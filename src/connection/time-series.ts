/**
 * Counts over capture time in a fixed number of steps, and in each step how some times are spread; the step doubles
 * when the capture outgrows it.
 */
import type { Distribution } from "../report/summary.js";
import type { DistributionSeries } from "../report/timeline.js";
import {
  COARSE_CLASSES,
  coarseClass,
  distributionOf,
  NO_TIMES,
  octaveCounts,
  octaveEdgeMs,
} from "./distribution.js";

const STEPS = 240;
const FIRST_STEP_NS = 1e6;

/** One time over the steps: coarse classes of each, and its ends. A quarter of a megabyte. */
interface Spread {
  readonly classes: Uint32Array;
  readonly shortest: Float64Array;
  readonly longest: Float64Array;
}

export class TimeSeries {
  stepNs = FIRST_STEP_NS;
  readonly #series: Float64Array[];
  /** Made when the first of its times comes. */
  readonly #spreads: (Spread | null)[];
  #used = 0;

  /** Room for so many series of counts, and of times. */
  constructor(counts: number, times: number) {
    this.#series = Array.from({ length: counts }, () => new Float64Array(STEPS));
    this.#spreads = new Array<null>(times).fill(null);
  }

  /** Makes the steps long enough for all of the time up to `untilNs`. */
  cover(untilNs: number): void {
    while (untilNs > this.stepNs * STEPS) this.#double();
  }

  add(series: number, atNs: number, amount: number): void {
    const step = this.#stepOf(atNs);
    this.#series[series]![step]! += amount;
  }

  /** Counts a time of `ns` in at `atNs`; with weight -1 takes it out again (the ends stay). */
  addTime(time: number, atNs: number, ns: number, weight: 1 | -1): void {
    const step = this.#stepOf(atNs);
    const { classes, shortest, longest } = this.#spread(time);
    classes[step * COARSE_CLASSES + coarseClass(ns)]! += weight;
    if (ns < shortest[step]!) shortest[step] = ns;
    if (ns > longest[step]!) longest[step] = ns;
  }

  merge(other: TimeSeries): void {
    while (this.stepNs < other.stepNs) this.#double();
    other.#series.forEach((steps, series) => {
      for (let step = 0; step < other.#used; step++) {
        if (steps[step]! > 0) this.add(series, (step + 0.5) * other.stepNs, steps[step]!);
      }
    });
    other.#spreads.forEach((theirs, time) => {
      if (!theirs) return;
      for (let from = 0; from < other.#used; from++) {
        if (theirs.shortest[from]! > theirs.longest[from]!) continue;
        const to = this.#stepOf((from + 0.5) * other.stepNs);
        addStep(this.#spread(time), to, theirs, from);
      }
    });
  }

  /** The steps up to `untilNs`. */
  steps(series: number, untilNs: number): number[] {
    return [...this.#series[series]!.subarray(0, this.#length(untilNs))];
  }

  /** How a time is spread in each of the steps up to `untilNs`. */
  spread(time: number, untilNs: number): DistributionSeries {
    const spread = this.#spreads[time];
    const distributions: Distribution[] = [];
    const octaves: (readonly number[])[] = [];
    for (let step = 0; step < this.#length(untilNs); step++) {
      // Most steps are without a time, and this is asked for ten times a second.
      if (!spread || spread.shortest[step]! > spread.longest[step]!) {
        distributions.push(NO_TIMES);
        octaves.push(NO_OCTAVES);
        continue;
      }
      const counts = spread.classes.subarray(step * COARSE_CLASSES, (step + 1) * COARSE_CLASSES);
      distributions.push(distributionOf(counts, spread.shortest[step]!, spread.longest[step]!));
      octaves.push(octaveCounts(counts));
    }
    const [first, last] = usedRange(octaves);
    const column = <K extends keyof Distribution>(name: K) => distributions.map((each) => each[name]);
    return {
      counts: column("count"),
      minMs: column("minMs"),
      p50Ms: column("p50Ms"),
      p90Ms: column("p90Ms"),
      p95Ms: column("p95Ms"),
      p99Ms: column("p99Ms"),
      maxMs: column("maxMs"),
      edgesMs:
        last < first ? [] : Array.from({ length: last - first + 2 }, (_, i) => octaveEdgeMs(first + i)),
      histogram: octaves.map((counts) => counts.slice(first, last + 1)),
    };
  }

  #length(untilNs: number): number {
    return Math.max(this.#used, Math.min(STEPS, Math.ceil(untilNs / this.stepNs)));
  }

  #stepOf(atNs: number): number {
    while (atNs >= this.stepNs * STEPS) this.#double();
    const step = Math.max(0, Math.floor(atNs / this.stepNs));
    if (step >= this.#used) this.#used = step + 1;
    return step;
  }

  #spread(time: number): Spread {
    return (this.#spreads[time] ??= newSpread(STEPS));
  }

  #double(): void {
    for (const steps of this.#series) {
      for (let step = 0; step < STEPS / 2; step++) steps[step] = steps[step * 2]! + steps[step * 2 + 1]!;
      steps.fill(0, STEPS / 2);
    }
    this.#spreads.forEach((old, time) => {
      if (!old) return;
      const spread = newSpread(STEPS);
      for (let step = 0; step < this.#used; step++) addStep(spread, step >> 1, old, step);
      this.#spreads[time] = spread;
    });
    this.#used = Math.ceil(this.#used / 2);
    this.stepNs *= 2;
  }
}

function newSpread(steps: number): Spread {
  return {
    classes: new Uint32Array(steps * COARSE_CLASSES),
    shortest: new Float64Array(steps).fill(Number.POSITIVE_INFINITY),
    longest: new Float64Array(steps).fill(Number.NEGATIVE_INFINITY),
  };
}

const NO_OCTAVES: readonly number[] = octaveCounts(new Uint32Array(COARSE_CLASSES));

function addStep(own: Spread, to: number, theirs: Spread, from: number): void {
  const [at, other] = [to * COARSE_CLASSES, from * COARSE_CLASSES];
  for (let i = 0; i < COARSE_CLASSES; i++) own.classes[at + i]! += theirs.classes[other + i]!;
  own.shortest[to] = Math.min(own.shortest[to]!, theirs.shortest[from]!);
  own.longest[to] = Math.max(own.longest[to]!, theirs.longest[from]!);
}

/** The first and the last class that any step uses; none: the last is before the first. */
function usedRange(steps: readonly (readonly number[])[]): [first: number, last: number] {
  let [first, last] = [Number.POSITIVE_INFINITY, -1];
  for (const counts of steps) {
    const at = counts.findIndex((n) => n > 0);
    if (at < 0) continue;
    first = Math.min(first, at);
    last = Math.max(
      last,
      counts.findLastIndex((n) => n > 0),
    );
  }
  return [first, last];
}
