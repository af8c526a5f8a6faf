/** How fast something grows just now: over the last second, where somebody looks several times in it. */

const SPAN_MS = 1000;

export class RecentRate {
  #fromMs = performance.now();
  #fromCount = 0;
  #perSecond = 0;

  /** The rate a second, told what has been counted in all. */
  of(count: number, nowMs = performance.now()): number {
    const elapsedMs = nowMs - this.#fromMs;
    if (elapsedMs >= SPAN_MS) {
      this.#perSecond = ((count - this.#fromCount) * 1000) / elapsedMs;
      this.#fromMs = nowMs;
      this.#fromCount = count;
    }
    return this.#perSecond;
  }
}
