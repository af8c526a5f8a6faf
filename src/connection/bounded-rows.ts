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
/** Where a row's own integers begin. */
export const FIRST = KEY;

export class BoundedRows {
  /** The key to ask for: filled in by the caller, so that asking makes no object. */
  readonly key = new Int32Array(KEY);
  readonly #width: number;
  readonly #setMask: number;
  /** Rows that had to go for others; times that there was no row for a key. */
  displaced = 0;
  refused = 0;
  /** Whether the last `takeBusier` made its row. */
  isNew = false;
  /** No memory before the first row. */
  #ints = new Int32Array(0);
  /** Of each row how often it was asked for, 0 where there is none, and the hash of its key. */
  #uses = new Int32Array(0);
  #hashes = new Int32Array(0);

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
    const row = this.#find(hashOf(this.key));
    return row < 0 ? -1 : row * this.#width;
  }

  /** The same; where there is none, a new one whose own integers, from `FIRST` on, are 0. */
  take(): number {
    this.#allocate();
    const hash = hashOf(this.key);
    const known = this.#find(hash);
    if (known < 0) return this.#renew(this.#quietest(hash), hash, 1);
    this.#uses[known]!++;
    return known * this.#width;
  }

  /**
   * Place of the row of a key that was met `uses` times in all. A new one takes only the place of one that was met less
   * than half as often: -1 where there is none.
   */
  takeBusier(uses: number): number {
    this.#allocate();
    const hash = hashOf(this.key);
    const known = this.#find(hash);
    this.isNew = known < 0;
    if (known >= 0) {
      this.#uses[known] = uses;
      return known * this.#width;
    }
    const quietest = this.#quietest(hash);
    if (2 * this.#uses[quietest]! < uses) return this.#renew(quietest, hash, uses);
    this.refused++;
    return -1;
  }

  /** Row of another table's key at that place, made where it is new. */
  takeLike(other: BoundedRows, place: number): number {
    for (let i = 0; i < KEY; i++) this.key[i] = other.ints[place + i]!;
    return this.take();
  }

  /** The same as `takeBusier` with how often that one was met. */
  takeBusierLike(other: BoundedRows, place: number): number {
    for (let i = 0; i < KEY; i++) this.key[i] = other.ints[place + i]!;
    return this.takeBusier(other.#uses[place / other.#width]!);
  }

  /** Calls back with the place of each row. */
  forEach(callback: (place: number) => void): void {
    for (let row = 0; row < this.#uses.length; row++) if (this.#uses[row]! > 0) callback(row * this.#width);
  }

  #allocate(): void {
    if (this.#ints.length > 0) return;
    const rows = (this.#setMask + 1) * WAYS;
    this.#ints = new Int32Array(rows * this.#width);
    this.#uses = new Int32Array(rows);
    this.#hashes = new Int32Array(rows);
  }

  /** The row of the key, or -1. Rows of other hashes are not looked at: they may be far apart. */
  #find(hash: number): number {
    const first = (hash & this.#setMask) * WAYS;
    for (let row = first; row < first + WAYS; row++)
      if (this.#hashes[row] === hash && this.#uses[row]! > 0 && this.#isAt(row * this.#width)) return row;
    return -1;
  }

  #quietest(hash: number): number {
    const first = (hash & this.#setMask) * WAYS;
    let quietest = first;
    for (let row = first + 1; row < first + WAYS; row++)
      if (this.#uses[row]! < this.#uses[quietest]!) quietest = row;
    return quietest;
  }

  #renew(row: number, hash: number, uses: number): number {
    if (this.#uses[row]! > 0) this.displaced++;
    const place = row * this.#width;
    this.#ints.fill(0, place, place + this.#width);
    this.#ints.set(this.key, place);
    this.#uses[row] = uses;
    this.#hashes[row] = hash;
    return place;
  }

  #isAt(place: number): boolean {
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
