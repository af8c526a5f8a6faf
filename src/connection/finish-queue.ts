/**
 * Connections whose both sides are done, in the order in which that happened: each waits two seconds of capture time
 * for what is still on its way, then its record is final and its memory serves the next one.
 *
 * It is counted when it is done, while its words are in the cache, and counted anew should a straggler change it.
 */

/** How long a finished connection stays in memory. */
export const LINGER_NS = 2e9;

export class FinishQueue {
  /** When the first in the row is due; Infinity where none waits. */
  nextDueAt = Number.POSITIVE_INFINITY;

  #dueAt = new Float64Array(1024);
  #connection = new Int32Array(1024);
  #first = 0;
  #count = 0;

  /** Puts a connection at the end: a client's row, or -1 - the number of a parked one. */
  push(connection: number, dueAt: number): void {
    if (this.#count === this.#dueAt.length) this.#grow();
    const at = (this.#first + this.#count++) & (this.#dueAt.length - 1);
    this.#dueAt[at] = dueAt;
    this.#connection[at] = connection;
    if (this.#count === 1) this.nextDueAt = dueAt;
  }

  /** Takes out the first; the caller checks whether it is still the one that was put in. */
  pop(): number {
    const connection = this.#connection[this.#first]!;
    this.#first = (this.#first + 1) & (this.#dueAt.length - 1);
    this.#count--;
    this.nextDueAt = this.#count > 0 ? this.#dueAt[this.#first]! : Number.POSITIVE_INFINITY;
    return connection;
  }

  #grow(): void {
    const size = this.#dueAt.length;
    const dueAt = new Float64Array(size * 2);
    const connection = new Int32Array(size * 2);
    for (let i = 0; i < this.#count; i++) {
      const at = (this.#first + i) & (size - 1);
      dueAt[i] = this.#dueAt[at]!;
      connection[i] = this.#connection[at]!;
    }
    this.#dueAt = dueAt;
    this.#connection = connection;
    this.#first = 0;
  }
}
