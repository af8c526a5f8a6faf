/**
 * The byte ranges of an endpoint's last copies, so that a report of bytes received twice (RFC 2883 §4) finds its copy.
 *
 * A copy that the receiver got as well was made on the way, whatever it looked like. Such a report belongs to the newest
 * copy or repeat of those bytes: a range that is sent again is forgotten here. Kept by rare row; no memory before the
 * first copy.
 */
import { before } from "../tcp/sequence.js";
import { RARE_STRIDE } from "./rare-columns.js";

/** Ranges kept of an endpoint; older ones are overwritten. */
const MOST_RANGES = 7;
/** Words of an endpoint: how many there were, two bits of kind for each, then start and end of each. */
const WORDS = 16;
const KINDS = 1;
const RANGES = 2;

/** What a copy counts as: nothing (any more), the network's, certainly the capture's, or its pair of interfaces decides. */
export const COPY_NONE = 0;
export const COPY_BY_NETWORK = 1;
export const COPY_BY_CAPTURE = 2;
export const COPY_UNDECIDED = 3;

export class RecentCopies {
  #words = new Int32Array(0);

  /** A copy of the bytes from `start` to `end` of the endpoint with that rare row. */
  note(rareRow: number, start: number, end: number, kind: number): void {
    const at = (rareRow / RARE_STRIDE) * WORDS;
    if (at + WORDS > this.#words.length) this.#grow(at + WORDS);
    const range = this.#words[at]!++ % MOST_RANGES;
    this.#words[at + RANGES + range * 2] = start;
    this.#words[at + RANGES + range * 2 + 1] = end;
    this.#setKind(at, range, kind);
  }

  /** The bytes were received twice: the newest copy within them is that one. Its kind, and it is forgotten. */
  claim(rareRow: number, start: number, end: number): number {
    const at = (rareRow / RARE_STRIDE) * WORDS;
    const count = this.#words[at] ?? 0;
    for (let i = 1; i <= Math.min(count, MOST_RANGES); i++) {
      const range = (count - i) % MOST_RANGES;
      const kind = this.#kind(at, range);
      if (kind === COPY_NONE || !this.#isWithin(at, range, start, end)) continue;
      this.#setKind(at, range, COPY_NONE);
      return kind;
    }
    return COPY_NONE;
  }

  /** The bytes were sent again: what is reported of them from now on is told of the repeat. */
  forget(rareRow: number, start: number, end: number): void {
    while (this.claim(rareRow, start, end) !== COPY_NONE);
  }

  /** The rare row is given back. */
  clear(rareRow: number): void {
    const at = (rareRow / RARE_STRIDE) * WORDS;
    if (at < this.#words.length) this.#words[at] = 0;
  }

  #isWithin(at: number, range: number, start: number, end: number): boolean {
    const place = at + RANGES + range * 2;
    return !before(this.#words[place]!, start) && !before(end, this.#words[place + 1]!);
  }

  #kind(at: number, range: number): number {
    return (this.#words[at + KINDS]! >> (range * 2)) & 3;
  }

  #setKind(at: number, range: number, kind: number): void {
    this.#words[at + KINDS] = (this.#words[at + KINDS]! & ~(3 << (range * 2))) | (kind << (range * 2));
  }

  #grow(least: number): void {
    const words = new Int32Array(Math.max(16 * WORDS, this.#words.length * 2, least));
    words.set(this.#words);
    this.#words = words;
  }
}
