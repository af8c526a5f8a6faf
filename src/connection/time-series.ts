/**
 * Counts over capture time in a fixed number of steps; the step doubles when the capture outgrows it.
 */
const STEPS = 240;
const FIRST_STEP_NS = 1e6;

export class TimeSeries {
  stepNs = FIRST_STEP_NS;
  readonly names: readonly string[];
  readonly #series: Float64Array[];
  #used = 0;

  constructor(names: readonly string[]) {
    this.names = names;
    this.#series = names.map(() => new Float64Array(STEPS));
  }

  /** Makes the steps long enough for all of the time up to `untilNs`. */
  cover(untilNs: number): void {
    while (untilNs > this.stepNs * STEPS) this.#double();
  }

  add(series: number, atNs: number, amount: number): void {
    while (atNs >= this.stepNs * STEPS) this.#double();
    const step = Math.max(0, Math.floor(atNs / this.stepNs));
    if (step >= this.#used) this.#used = step + 1;
    this.#series[series]![step]! += amount;
  }

  merge(other: TimeSeries): void {
    while (this.stepNs < other.stepNs) this.#double();
    other.#series.forEach((steps, series) => {
      for (let step = 0; step < other.#used; step++) {
        if (steps[step]! > 0) this.add(series, (step + 0.5) * other.stepNs, steps[step]!);
      }
    });
  }

  /** The steps up to `untilNs`. */
  steps(series: number, untilNs: number): number[] {
    const count = Math.max(this.#used, Math.min(STEPS, Math.ceil(untilNs / this.stepNs)));
    return [...this.#series[series]!.subarray(0, count)];
  }

  #double(): void {
    for (const steps of this.#series) {
      for (let step = 0; step < STEPS / 2; step++) steps[step] = steps[step * 2]! + steps[step * 2 + 1]!;
      steps.fill(0, STEPS / 2);
    }
    this.#used = Math.ceil(this.#used / 2);
    this.stepNs *= 2;
  }
}
