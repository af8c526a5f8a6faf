/**
 * A bounded table: rows of integers by a key of integers, in one typed array.
 *
 * Rows stand in sets of four, a set by the hash of its key. Where a fifth one comes, it takes the place of the one that
 * was asked for least often: busy ones stay, and a lookup never looks further than one set.
 */

import { addressText } from "./addresses.js";

const WAYS = 4;
/** Integers of a key: the words of the client's address, or 0, and of the server's; its port times 8 and the IP version. */
export const KEY = 9;
export const WORDS = 4;
export const PORT = 8;
/** Behind the key: how often it was asked for. */
const USES = KEY;
/** Where a row's own integers begin. */
export const FIRST = KEY + 1;

export class BoundedRows {
  /** The key to ask for: filled in by the caller, so that asking makes no object. */
  readonly key = new Int32Array(KEY);
  readonly #width: number;
  readonly #setMask: number;
  /** Rows that had to go for others. */
  displaced = 0;
  /** No memory before the first row. */
  #ints = new Int32Array(0);

  /** Room for `sets` (a power of two) times four rows of so many integers of their own. */
  constructor(sets: number, ownInts: number) {
    this.#width = FIRST + ownInts;
    this.#setMask = sets - 1;
  }

  /** Another array after the first row was taken. */
  get ints(): Int32Array {
    return this.#ints;
  }

  /** Place of the key's row in `ints`, or -1. */
  find(): number {
    if (this.#ints.length === 0) return -1;
    const first = this.#firstOfSet();
    for (let at = first; at < first + WAYS * this.#width; at += this.#width) if (this.#isAt(at)) return at;
    return -1;
  }

  /** The same; where there is none, a new one whose own integers, from `FIRST` on, are 0. */
  take(): number {
    if (this.#ints.length === 0) this.#ints = new Int32Array((this.#setMask + 1) * WAYS * this.#width);
    const [ints, width] = [this.#ints, this.#width];
    const first = this.#firstOfSet();
    let quietest = first;
    for (let at = first; at < first + WAYS * width; at += width) {
      if (this.#isAt(at)) {
        ints[at + USES]!++;
        return at;
      }
      if (ints[at + USES]! < ints[quietest + USES]!) quietest = at;
    }
    if (ints[quietest + USES]! > 0) this.displaced++;
    ints.fill(0, quietest, quietest + width);
    ints.set(this.key, quietest);
    ints[quietest + USES] = 1;
    return quietest;
  }

  /** Row of another table's key at that place, made where it is new. */
  takeLike(other: BoundedRows, place: number): number {
    for (let i = 0; i < KEY; i++) this.key[i] = other.ints[place + i]!;
    return this.take();
  }

  /** Calls back with the place of each row. */
  forEach(callback: (place: number) => void): void {
    for (let at = 0; at < this.#ints.length; at += this.#width) if (this.#ints[at + USES]! > 0) callback(at);
  }

  #firstOfSet(): number {
    return (hashOf(this.key) & this.#setMask) * WAYS * this.#width;
  }

  #isAt(place: number): boolean {
    if (this.#ints[place + USES] === 0) return false;
    for (let i = 0; i < KEY; i++) if (this.#ints[place + i] !== this.key[i]) return false;
    return true;
  }
}

function hashOf(key: Int32Array): number {
  let hash = 0;
  for (let i = 0; i < KEY; i++) {
    hash = Math.imul(hash ^ key[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** Text of a key's address: the client's (side 0) or the server's. */
export function addressAt(ints: Int32Array, place: number, side: 0 | 1): string {
  const at = place + side * WORDS;
  return addressText(ints[place + PORT]! & 7, ints[at]!, ints[at + 1]!, ints[at + 2]!, ints[at + 3]!);
}
