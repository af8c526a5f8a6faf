/**
 * The most that came within any one second, of what is seen in no order of time and may be taken back.
 *
 * Bounded: the busiest seconds are kept by tenths, so that a second may begin at any of them. A trickle of hours pushes
 * out nothing but its own.
 */

const TENTHS = 10;
/** Once so many seconds are kept, the quieter half of them goes. */
const MOST_SECONDS = 64;

export class BusiestSecond {
  /** By second: how many came in each tenth of it. */
  readonly #seconds = new Map<number, number[]>();

  /** One came, `atMs` after the beginning of the capture; with weight -1 it is taken out again. */
  add(atMs: number, weight: number): void {
    const tenth = Math.floor((atMs / 1000) * TENTHS);
    const second = Math.floor(tenth / TENTHS);
    const counts = this.#countsOf(second, weight);
    // What was pushed out cannot be taken back any more.
    if (counts !== undefined) counts[tenth - second * TENTHS]! += weight;
  }

  merge(other: BusiestSecond): void {
    for (const [second, tenths] of other.#seconds) {
      const counts = this.#countsOf(second, 1)!;
      tenths.forEach((count, i) => {
        counts[i]! += count;
      });
    }
  }

  get most(): number {
    let most = 0;
    for (const [second, counts] of this.#seconds) {
      // Each span of ten tenths that ends in this second.
      const tenths = [...(this.#seconds.get(second - 1) ?? new Array<number>(TENTHS).fill(0)), ...counts];
      for (let end = TENTHS + 1; end <= 2 * TENTHS; end++)
        most = Math.max(most, sumOf(tenths.slice(end - TENTHS, end)));
    }
    return most;
  }

  #countsOf(second: number, weight: number): number[] | undefined {
    const known = this.#seconds.get(second);
    if (known !== undefined || weight < 0) return known;
    if (this.#seconds.size === MOST_SECONDS) this.#dropQuietest();
    const counts = new Array<number>(TENTHS).fill(0);
    this.#seconds.set(second, counts);
    return counts;
  }

  #dropQuietest(): void {
    const quietest = [...this.#seconds].sort(([, a], [, b]) => sumOf(a) - sumOf(b));
    for (const [second] of quietest.slice(0, MOST_SECONDS / 2)) this.#seconds.delete(second);
  }
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
