/**
 * Every state transition with its time and packet, in order, for each connection; all in one pool of small blocks.
 *
 * An ordinary connection's ten or eleven fit one block of three cache lines. At most `TRANSITIONS_PER_CONNECTION` are
 * kept: two ends that retract and repeat for hours cost no more memory than that; what goes beyond is counted.
 */
import { withMoreRoom } from "./room.js";

export const TRANSITIONS_PER_CONNECTION = 66;

/** Doubles of a block: the next block, one unused, then entries of time and what. */
const BLOCK = 24;
export const BLOCK_WORDS = 2 * BLOCK;
const FIRST_ENTRY = 2;
const PER_BLOCK = (BLOCK - FIRST_ENTRY) / 2;
/**
 * Beside its time an entry says in one word the packet (packet-names.ts), in the other side, event, from and to (14
 * bits) and what the packet's name has above 32 bits. Two whole words: a product of the frame left the integers after 131,072 packets, and V8 threw
 * away what it had compiled of six functions.
 */
const NAME_WORD = 2 ** 32;
const WHAT_BITS = 14;

/** Parts of the word that says what an entry is. */
export function sideOf(what: number): number {
  return (what >> 13) & 1;
}

export function eventOf(what: number): number {
  return (what >> 8) & 31;
}

export function fromOf(what: number): number {
  return (what >> 4) & 15;
}

export function toOf(what: number): number {
  return what & 15;
}

/** Receives one entry: time, packet (packet-names.ts), side (0 client), event, old and new state. */
export type TransitionVisitor = (
  at: number,
  name: number,
  side: number,
  event: number,
  from: number,
  to: number,
) => void;

export class TransitionLog {
  #blocks = new Float64Array(256 * BLOCK);
  /** The same memory in 32-bit halves. */
  #halves = new Int32Array(this.#blocks.buffer);
  #free = -1;
  #used = 0;

  /** A new block, to follow `last` (-1: the first of its connection); returns its number. */
  open(last: number): number {
    let block = this.#free;
    if (block >= 0) this.#free = this.#blocks[block * BLOCK]!;
    else {
      if ((this.#used + 1) * BLOCK > this.#blocks.length) {
        this.#blocks = withMoreRoom(this.#blocks.length, 8, (words) => {
          const blocks = new Float64Array(words);
          blocks.set(this.#blocks);
          return blocks;
        });
        this.#halves = new Int32Array(this.#blocks.buffer);
      }
      block = this.#used++;
    }
    this.#blocks[block * BLOCK] = -1;
    if (last >= 0) this.#blocks[last * BLOCK] = block;
    return block;
  }

  /** Whether entry number `count` of a connection needs a new block. */
  isFull(count: number): boolean {
    return count % PER_BLOCK === 0;
  }

  /** Writes entry number `count` of a connection into its last block. */
  put(
    block: number,
    count: number,
    at: number,
    name: number,
    side: number,
    event: number,
    from: number,
    to: number,
  ): void {
    const place = block * BLOCK + FIRST_ENTRY + (count % PER_BLOCK) * 2;
    const high = name < NAME_WORD ? 0 : Math.floor(name / NAME_WORD);
    this.#blocks[place] = at;
    this.#halves[place * 2 + 2] = name | 0;
    this.#halves[place * 2 + 3] = (high << WHAT_BITS) | (side << 13) | (event << 8) | (from << 4) | to;
  }

  /** Calls `visit` for the `count` entries from block `first` on. */
  forEach(first: number, count: number, visit: TransitionVisitor): void {
    let block = first;
    for (let number = 0; number < count; number++) {
      if (number > 0 && number % PER_BLOCK === 0) block = this.#blocks[block * BLOCK]!;
      const place = block * BLOCK + FIRST_ENTRY + (number % PER_BLOCK) * 2;
      const what = this.#halves[place * 2 + 3]!;
      const name = (this.#halves[place * 2 + 2]! >>> 0) + (what >>> WHAT_BITS) * NAME_WORD;
      visit(this.#blocks[place]!, name, sideOf(what), eventOf(what), fromOf(what), toOf(what));
    }
  }

  /** The block of entry number `entry` of a connection, after that of the entry before (its first block for the first). */
  blockOf(block: number, entry: number): number {
    return entry > 0 && entry % PER_BLOCK === 0 ? this.#blocks[block * BLOCK]! : block;
  }

  /** Time of an entry in its block. */
  timeNs(block: number, entry: number): number {
    return this.#blocks[block * BLOCK + FIRST_ENTRY + (entry % PER_BLOCK) * 2]!;
  }

  /** What it is: see `sideOf`, `eventOf`, `fromOf` and `toOf`. */
  what(block: number, entry: number): number {
    return this.#halves[(block * BLOCK + FIRST_ENTRY + (entry % PER_BLOCK) * 2) * 2 + 3]!;
  }

  /** Copies `count` entries from block `first` on into `words`, four words each; returns the place behind them. */
  copyOut(first: number, count: number, words: Int32Array, start: number): number {
    const halves = this.#halves;
    let block = first;
    let at = start;
    for (let number = 0; number < count; number++) {
      if (number > 0 && number % PER_BLOCK === 0) block = this.#blocks[block * BLOCK]!;
      const place = (block * BLOCK + FIRST_ENTRY + (number % PER_BLOCK) * 2) * 2;
      for (let half = 0; half < 4; half++) words[at++] = halves[place + half]!;
    }
    return at;
  }

  /** Entry number `number` into `block` from the four words at `start`; returns the place behind them. */
  copyIn(block: number, number: number, words: Int32Array, start: number): number {
    const place = (block * BLOCK + FIRST_ENTRY + (number % PER_BLOCK) * 2) * 2;
    for (let half = 0; half < 4; half++) this.#halves[place + half] = words[start + half]!;
    return start + 4;
  }

  /** Copies a block's entries into `words` at `at`, BLOCK_WORDS of them. */
  moveOut(block: number, words: Int32Array, at: number): void {
    const halves = this.#halves;
    const from = block * BLOCK_WORDS;
    for (let word = 2 * FIRST_ENTRY; word < BLOCK_WORDS; word++) words[at + word] = halves[from + word]!;
  }

  /** Copies back what `moveOut` wrote. */
  moveIn(block: number, words: Int32Array, at: number): void {
    const halves = this.#halves;
    const to = block * BLOCK_WORDS;
    for (let word = 2 * FIRST_ENTRY; word < BLOCK_WORDS; word++) halves[to + word] = words[at + word]!;
  }

  /** Gives the blocks from `first` to `last` back. */
  release(first: number, last: number): void {
    if (first < 0) return;
    this.#blocks[last * BLOCK] = this.#free;
    this.#free = first;
  }
}
