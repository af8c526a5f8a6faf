/**
 * What is kept of a finished connection: 40 bytes for twice 2MSL, at most a million of them.
 *
 * A tomb recognises a segment that comes late (it belongs to the connection that ended, not to a new one) and tells
 * how a tuple came to be used again. Entries stand in a ring in the order of their end; the hash chains reach back
 * from the newest to the oldest, so that an expired entry need not be taken out: a chain ends where it would reach it.
 */
import { distance } from "../tcp/sequence.js";

export const MOST_TOMBS = 2 ** 20;

/** Segments further than this from the end of the earlier connection are none of it. */
const REACH = 2 ** 22;

/** Words of an epitaph: hash and check of the tuple, SND.NXT of client and server, who stands in TIME_WAIT. */
export const EPITAPH = 5;
export const HASH = 0;
export const CHECK = 1;
export const CLIENT_NEXT = 2;
export const SERVER_NEXT = 3;
export const WAITING = 4;

/** Whose TIME_WAIT a later connection takes up, as 1 + index into REUSES (report/verdicts.ts); 0 nobody's. */
export const SERVER_REOPEN = 1;
export const TW_REUSE = 2;

/** Words of a tomb: its epitaph, number of the tomb before it in its chain. */
const WORDS = EPITAPH + 1;
const EARLIER = EPITAPH;

export class Tombs {
  /** Tombs dropped before their time because there were too many. */
  evicted = 0;

  #size = 1024;
  #words = new Int32Array(1024 * WORDS);
  /** When it ended, and the name of its first packet, by turns. */
  #wide = new Float64Array(1024 * 2);
  /** Of each chain the newest, 0 for none. Never grows: pages that are not used cost nothing, hashing anew did (2 %). */
  readonly #heads = new Int32Array(MOST_TOMBS);
  /** Entries are numbered from 1 for ever; the place in the ring is the number modulo its size. */
  #oldest = 1;
  #newest = 1;

  /** Buries a connection under the epitaph at `from` in `words`. */
  add(words: Int32Array, from: number, endedAt: number, name: number): void {
    if (this.#newest - this.#oldest === this.#size) {
      if (this.#size < MOST_TOMBS) this.#grow();
      else {
        this.#oldest++;
        this.evicted++;
      }
    }
    const number = this.#newest++;
    const place = number & (this.#size - 1);
    const at = place * WORDS;
    const head = words[from + HASH]! & (MOST_TOMBS - 1);
    for (let word = 0; word < EPITAPH; word++) this.#words[at + word] = words[from + word]!;
    this.#words[at + EARLIER] = this.#heads[head]!;
    this.#wide[place * 2] = endedAt;
    this.#wide[place * 2 + 1] = name;
    this.#heads[head] = number;
  }

  /** Forgets what ended before `timeNs`. */
  expire(timeNs: number): void {
    while (this.#oldest < this.#newest && this.#wide[(this.#oldest & (this.#size - 1)) * 2]! < timeNs)
      this.#oldest++;
  }

  /** Number of the newest tomb of the tuple, or -1. */
  find(hash: number, check: number): number {
    let number = this.#heads[hash & (MOST_TOMBS - 1)]!;
    while (number >= this.#oldest) {
      const at = (number & (this.#size - 1)) * WORDS;
      if (this.#words[at + HASH] === hash && this.#words[at + CHECK] === check) return number;
      number = this.#words[at + EARLIER]!;
    }
    return -1;
  }

  /**
   * Whether a segment at `sequence` belongs to the connection that ended (either side may have sent it); `isBelow`: only
   * where it lies below what that side sent.
   */
  isNear(tomb: number, sequence: number, isBelow: boolean): boolean {
    const at = (tomb & (this.#size - 1)) * WORDS;
    const aboveClient = distance(sequence, this.#words[at + CLIENT_NEXT]!);
    const aboveServer = distance(sequence, this.#words[at + SERVER_NEXT]!);
    const most = isBelow ? 0 : REACH;
    return (aboveClient > -REACH && aboveClient < most) || (aboveServer > -REACH && aboveServer < most);
  }

  /** Name of the connection's first packet (packet-names.ts). */
  name(tomb: number): number {
    return this.#wide[(tomb & (this.#size - 1)) * 2 + 1]!;
  }

  /** Who stood in TIME_WAIT: SERVER_REOPEN, TW_REUSE or 0 above. */
  waiting(tomb: number): number {
    return this.#words[(tomb & (this.#size - 1)) * WORDS + WAITING]!;
  }

  endedAt(tomb: number): number {
    return this.#wide[(tomb & (this.#size - 1)) * 2]!;
  }

  #grow(): void {
    const [words, wide, size] = [this.#words, this.#wide, this.#size];
    this.#size = size * 2;
    this.#words = new Int32Array(this.#size * WORDS);
    this.#wide = new Float64Array(this.#size * 2);
    for (let number = this.#oldest; number < this.#newest; number++) {
      const [from, to] = [number & (size - 1), number & (this.#size - 1)];
      for (let word = 0; word < WORDS; word++) this.#words[to * WORDS + word] = words[from * WORDS + word]!;
      this.#wide[to * 2] = wide[from * 2]!;
      this.#wide[to * 2 + 1] = wide[from * 2 + 1]!;
    }
  }
}
