/**
 * What is kept of a finished connection: 32 bytes for twice 2MSL, at most a million of them.
 *
 * A tomb recognises a segment that comes late (it belongs to the connection that ended, not to a new one) and tells
 * how a tuple came to be used again. Entries stand in a ring in the order of their end; the hash chains reach back
 * from the newest to the oldest, so that an expired entry need not be taken out: a chain ends where it would reach it.
 */
import { distance } from "../tcp/sequence.js";

export const MOST_TOMBS = 2 ** 20;

/** Segments further than this from the end of the earlier connection are none of it. */
const REACH = 2 ** 22;

/**
 * Words of an epitaph: 20 bits of the tuple's hash and FACTS above them, a second hash of the tuple, SND.NXT of client
 * and server, and the last TSval of the side whose SYN a TIME_WAIT would have to judge.
 */
export const EPITAPH = 5;
export const CHAIN = 0;
export const CHECK = 1;
export const CLIENT_NEXT = 2;
export const SERVER_NEXT = 3;
export const TSVAL = 4;

/** Facts above a word's lowest bits: who is in TIME_WAIT, whether TSVAL holds one, which end is the client, no end yet. */
export const FACTS_AT = 21;
export const CLIENT_WAITS = 1 << FACTS_AT;
export const SERVER_WAITS = 1 << (FACTS_AT + 1);
export const HAS_TSVAL = 1 << (FACTS_AT + 2);
export const CLIENT_IS_LOWER = 1 << (FACTS_AT + 3);
/** It was open, and made final because too many were (eviction.ts). */
export const IS_EVICTED = 1 << (FACTS_AT + 4);
const FACTS = CLIENT_WAITS | SERVER_WAITS | HAS_TSVAL | CLIENT_IS_LOWER | IS_EVICTED;

/**
 * Words of a tomb. What fills no word shares one: below its facts the link tells how many tombs further back the one
 * before it in its chain lies (0 none), above them the highest bits of its time; the high word the lowest bits of the
 * time's upper half, and the upper half of the name. 49 bits of nanoseconds tell tombs apart that lie within days.
 */
const WORDS = 8;
const LINK = CHAIN;
const TIME = 5;
const NAME = 6;
const HIGH = 7;
const BACK = (1 << FACTS_AT) - 1;
const WORD = 2 ** 32;
const NAME_BITS = 21;
const NAME_HIGH = (1 << NAME_BITS) - 1;
const TIME_BITS = 32 - NAME_BITS;
const TIME_HIGH = (1 << TIME_BITS) - 1;
const TIME_TOP_AT = FACTS_AT + 5;
/** Times are kept modulo this. */
const ERA_NS = 2 ** (32 + TIME_BITS + 32 - TIME_TOP_AT);

export class Tombs {
  /** Tombs dropped before their time because there were too many. */
  evicted = 0;

  #size = 1024;
  #words = new Int32Array(1024 * WORDS);
  /** Of each chain the newest, 0 for none. Never grows: pages that are not used cost nothing, hashing anew did (2 %). */
  readonly #heads = new Int32Array(MOST_TOMBS);
  /** Entries are numbered from 1 for ever; the place in the ring is the number modulo its size. */
  #oldest = 1;
  #newest = 1;
  /** When the last one ended: times are told from here. */
  #lastEndedAt = 0;

  /** How much of the room for tombs is taken, from 0 to 1. */
  get share(): number {
    return (this.#newest - this.#oldest) / MOST_TOMBS;
  }

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
    const at = this.#placeOf(number);
    const own = this.#words;
    const chain = words[from + CHAIN]! & (MOST_TOMBS - 1);
    const earlier = this.#heads[chain]!;
    const back = earlier >= this.#oldest ? number - earlier : 0;
    const timeHigh = Math.floor(endedAt / WORD);
    own[at + LINK] = back | (words[from + CHAIN]! & FACTS) | ((timeHigh >> TIME_BITS) << TIME_TOP_AT);
    for (let word = CHECK; word < EPITAPH; word++) own[at + word] = words[from + word]!;
    own[at + TIME] = endedAt | 0;
    own[at + NAME] = name | 0;
    own[at + HIGH] = ((timeHigh & TIME_HIGH) << NAME_BITS) | Math.floor(name / WORD);
    this.#lastEndedAt = endedAt;
    this.#heads[chain] = number;
  }

  /** Forgets what ended before `timeNs`. */
  expire(timeNs: number): void {
    while (this.#oldest < this.#newest && this.endedAt(this.#oldest) < timeNs) this.#oldest++;
  }

  /** Number of the newest tomb of the tuple, or -1. */
  find(hash: number, check: number): number {
    let number = this.#heads[hash & (MOST_TOMBS - 1)]!;
    while (number >= this.#oldest) {
      const at = this.#placeOf(number);
      if (this.#words[at + CHECK] === check) return number;
      const back = this.#words[at + LINK]! & BACK;
      if (back === 0) return -1;
      number -= back;
    }
    return -1;
  }

  /**
   * Whether a segment at `sequence` belongs to the connection that ended (either side may have sent it); `isBelow`: only
   * where it lies below what that side sent.
   */
  isNear(tomb: number, sequence: number, isBelow: boolean): boolean {
    const at = this.#placeOf(tomb);
    const aboveClient = distance(sequence, this.#words[at + CLIENT_NEXT]!);
    const aboveServer = distance(sequence, this.#words[at + SERVER_NEXT]!);
    const most = isBelow ? 0 : REACH;
    return (aboveClient > -REACH && aboveClient < most) || (aboveServer > -REACH && aboveServer < most);
  }

  /** Name of the connection's first packet (packet-names.ts). */
  name(tomb: number): number {
    const at = this.#placeOf(tomb);
    return (this.#words[at + NAME]! >>> 0) + (this.#words[at + HIGH]! & NAME_HIGH) * WORD;
  }

  /** Whether the connection was open when it was buried: what comes of it goes on with it. */
  isEvicted(tomb: number): boolean {
    return (this.#words[this.#placeOf(tomb) + LINK]! & IS_EVICTED) !== 0;
  }

  /** Whether the client's address and port are lower than the server's: `isLower` of a segment tells its sender. */
  isClient(tomb: number, isLower: boolean): boolean {
    return ((this.#words[this.#placeOf(tomb) + LINK]! & CLIENT_IS_LOWER) !== 0) === isLower;
  }

  /** Whether the client, or the server, stood in TIME_WAIT. */
  isWaiting(tomb: number, isClient: boolean): boolean {
    return (this.#words[this.#placeOf(tomb) + LINK]! & (isClient ? CLIENT_WAITS : SERVER_WAITS)) !== 0;
  }

  /** SND.NXT of the client, or of the server. */
  next(tomb: number, isClient: boolean): number {
    return this.#words[this.#placeOf(tomb) + (isClient ? CLIENT_NEXT : SERVER_NEXT)]!;
  }

  /** Last TSval of the side that was not in TIME_WAIT (the client where both were, or none); null where it sent none. */
  tsVal(tomb: number): number | null {
    const at = this.#placeOf(tomb);
    return this.#words[at + LINK]! & HAS_TSVAL ? this.#words[at + TSVAL]! : null;
  }

  endedAt(tomb: number): number {
    const at = this.#placeOf(tomb);
    const top = this.#words[at + LINK]! >>> TIME_TOP_AT;
    const high = (top << TIME_BITS) | (this.#words[at + HIGH]! >>> NAME_BITS);
    const kept = high * WORD + (this.#words[at + TIME]! >>> 0);
    const since = (kept - this.#lastEndedAt) % ERA_NS;
    const nearest = since > ERA_NS / 2 ? since - ERA_NS : since < -ERA_NS / 2 ? since + ERA_NS : since;
    return this.#lastEndedAt + nearest;
  }

  #placeOf(tomb: number): number {
    return (tomb & (this.#size - 1)) * WORDS;
  }

  #grow(): void {
    const [words, size] = [this.#words, this.#size];
    this.#size = size * 2;
    this.#words = new Int32Array(this.#size * WORDS);
    for (let number = this.#oldest; number < this.#newest; number++) {
      const from = (number & (size - 1)) * WORDS;
      const to = this.#placeOf(number);
      for (let word = 0; word < WORDS; word++) this.#words[to + word] = words[from + word]!;
    }
  }
}
