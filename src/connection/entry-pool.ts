/**
 * Short lists of records, many of them, in two typed arrays: a list is a run of entries; one that is full moves
 * to a larger run.
 *
 * Sizes are powers of two; a run that is given back serves the next list of its size. Entry 0 belongs to nobody. Nothing
 * here knows what an entry means.
 */
import { withMoreRoom } from "./room.js";

export class EntryPool {
  ints: Int32Array;
  wides: Float64Array;
  readonly intWords: number;
  readonly wideWords: number;
  #capacity = 64;
  #used = 1;
  /** Runs given back, by the logarithm of their size. */
  readonly #free: number[][] = [];

  /** An entry has `intWords` integers and `wideWords` doubles. */
  constructor(intWords: number, wideWords: number) {
    this.intWords = intWords;
    this.wideWords = wideWords;
    this.ints = new Int32Array(this.#capacity * intWords);
    this.wides = new Float64Array(this.#capacity * wideWords);
  }

  /** First entry of a run of `size` entries, a power of two. Their words hold anything. The arrays may be others now. */
  take(size: number): number {
    const free = this.#free[orderOf(size)]?.pop();
    if (free !== undefined) return free;
    while (this.#used + size > this.#capacity) this.#grow();
    const first = this.#used;
    this.#used += size;
    return first;
  }

  release(first: number, size: number): void {
    const order = orderOf(size);
    let runs = this.#free[order];
    if (!runs) {
      while (this.#free.length <= order) this.#free.push([]);
      runs = this.#free[order]!;
    }
    runs.push(first);
  }

  /** Copies `count` entries; the two ranges may overlap. */
  move(from: number, to: number, count: number): void {
    this.ints.copyWithin(to * this.intWords, from * this.intWords, (from + count) * this.intWords);
    this.wides.copyWithin(to * this.wideWords, from * this.wideWords, (from + count) * this.wideWords);
  }

  #grow(): void {
    withMoreRoom(this.#capacity, this.intWords * 4 + this.wideWords * 8, (capacity) => {
      const ints = new Int32Array(capacity * this.intWords);
      const wides = new Float64Array(capacity * this.wideWords);
      ints.set(this.ints);
      wides.set(this.wides);
      this.ints = ints;
      this.wides = wides;
      this.#capacity = capacity;
    });
  }
}

/** The logarithm of a power of two. */
function orderOf(size: number): number {
  return 31 - Math.clz32(size);
}
