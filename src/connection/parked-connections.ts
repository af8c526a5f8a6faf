/**
 * Connections that are done and wait two seconds for stragglers, out of the way of the open ones.
 *
 * Nobody asks for their records: they only have to come back should a segment of theirs still come. Their words are
 * copied, as they lie in memory, to the end of a ring; the places of open connections are so few, and always in use,
 * that they stay in the processor's cache (five wait for each open one on the narrow trace, and waiting in place took
 * 30 of 290 ns a packet there). What has to be done when the wait is over stands on a ticket, so that the words are not
 * even read then. What else stands in pools (more transitions than a block holds, rare rows, holes) stays there.
 */
import type { ColumnMemory } from "./column-memory.js";
import { KEY } from "./four-tuples.js";
import { EPITAPH } from "./tombs.js";
import { BLOCK_WORDS, type TransitionLog } from "./transition-log.js";

/** Numbers of parked connections begin here; those of places end below. */
export const PARKED = 2 ** 29;

/**
 * Words of a ticket, one cache line: 1 while it waits (-1 - row once it was recalled), key in the four-tuple table,
 * epitaph, handles of pools.
 */
const TICKET = 16;
const TICKET_KEY = 1;
const TICKET_EPITAPH = TICKET_KEY + KEY;
/** First and last block of transitions, then of each end its rare row and its first hole. */
const TICKET_HANDLES = TICKET_EPITAPH + EPITAPH;

if (TICKET_HANDLES + 6 > TICKET) throw new Error("a ticket has more words than its cache line");

export class ParkedConnections {
  tickets: Int32Array;
  /** Of each: when it ended, and the name of its first packet (packet-names.ts). */
  dates: Float64Array;
  readonly #rows: number;
  readonly #ringWords: number;
  readonly #intWords: number;
  readonly #wideWords: number;
  #ints: Int32Array;
  #wides: Float64Array;
  #rings: Int32Array;
  /** Transitions, where they fit one block of the log. */
  #logs: Int32Array;
  /** Small at first: a place to describe one packed connection from has a ring too, and never parks. */
  #capacity = 16;
  /** Serial numbers of the first that may still wait and of the next to come; the place in the ring is the remainder. */
  #first = 0;
  #next = 0;

  /** A connection has `rows` rows in `memory` and `ringWords` words of recent packets. */
  constructor(memory: ColumnMemory, rows: number, ringWords: number) {
    this.#rows = rows;
    this.#ringWords = ringWords;
    const rowWords = rows * memory.stride;
    this.#intWords = rowWords * memory.ints.length;
    this.#wideWords = rowWords * memory.wides.length;
    this.#ints = new Int32Array(this.#capacity * this.#intWords);
    this.#wides = new Float64Array(this.#capacity * this.#wideWords);
    this.#rings = new Int32Array(this.#capacity * ringWords);
    this.#logs = new Int32Array(this.#capacity * BLOCK_WORDS);
    this.tickets = new Int32Array(this.#capacity * TICKET);
    this.dates = new Float64Array(this.#capacity * 2);
  }

  isWaiting(number: number): boolean {
    return this.tickets[this.#placeOf(number) * TICKET] === 1;
  }

  /** Where parts of the ticket begin in `tickets`, and its dates in `dates`. */
  keyOf(number: number): number {
    return this.#placeOf(number) * TICKET + TICKET_KEY;
  }

  epitaphOf(number: number): number {
    return this.#placeOf(number) * TICKET + TICKET_EPITAPH;
  }

  handlesOf(number: number): number {
    return this.#placeOf(number) * TICKET + TICKET_HANDLES;
  }

  datesOf(number: number): number {
    return this.#placeOf(number) * 2;
  }

  /** Copies a connection in; returns its number here. The caller fills the ticket. */
  park(memory: ColumnMemory, row: number, rings: Int32Array, ring: number): number {
    if (this.#next - this.#first === this.#capacity) this.#grow();
    const number = numberOf(this.#next++);
    const place = this.#placeOf(number);
    this.tickets[place * TICKET] = 1;
    memory.copyOut(row, this.#rows, this.#ints, this.#wides, place);
    const at = place * this.#ringWords;
    for (let word = 0; word < this.#ringWords; word++) this.#rings[at + word] = rings[ring + word]!;
    return number;
  }

  /** Copies a waiting connection back; its ticket says where to until its time is over. */
  recall(number: number, memory: ColumnMemory, row: number, rings: Int32Array, ring: number): void {
    const place = this.#placeOf(number);
    memory.copyIn(row, this.#rows, this.#ints, this.#wides, place);
    const at = place * this.#ringWords;
    for (let word = 0; word < this.#ringWords; word++) rings[ring + word] = this.#rings[at + word]!;
    this.tickets[place * TICKET] = -1 - row;
  }

  /** An integer of the parked connection: a word of the first buffer. */
  word(number: number, word: number): number {
    return this.#ints[this.#placeOf(number) * this.#intWords + word]!;
  }

  /** Copies a block of transitions in, or back out into a block. */
  parkLog(number: number, log: TransitionLog, block: number): void {
    log.moveOut(block, this.#logs, this.#placeOf(number) * BLOCK_WORDS);
  }

  recallLog(number: number, log: TransitionLog, block: number): void {
    log.moveIn(block, this.#logs, this.#placeOf(number) * BLOCK_WORDS);
  }

  /** Client's row to which the connection was copied back. */
  recalledTo(number: number): number {
    return -1 - this.tickets[this.#placeOf(number) * TICKET]!;
  }

  /** The time of the first in the ring is over: tickets leave in the order in which they came (finish-queue.ts). */
  leave(number: number): void {
    this.tickets[this.#placeOf(number) * TICKET] = 0;
    this.#first++;
  }

  #placeOf(number: number): number {
    return number & (this.#capacity - 1);
  }

  #grow(): void {
    const [first, next, capacity] = [this.#first, this.#next, this.#capacity];
    /** Twice the room; each serial number keeps its words, at its new remainder. */
    const grown = <T extends Int32Array | Float64Array>(old: T, larger: T, size: number): T => {
      for (let serial = first; serial < next; serial++) {
        const from = (serial & (capacity - 1)) * size;
        larger.set(old.subarray(from, from + size), (serial & (2 * capacity - 1)) * size);
      }
      return larger;
    };
    const twice = (old: Int32Array) => new Int32Array(old.length * 2);
    this.#ints = grown(this.#ints, twice(this.#ints), this.#intWords);
    this.#rings = grown(this.#rings, twice(this.#rings), this.#ringWords);
    this.tickets = grown(this.tickets, twice(this.tickets), TICKET);
    this.#logs = grown(this.#logs, twice(this.#logs), BLOCK_WORDS);
    this.#wides = grown(this.#wides, new Float64Array(this.#wides.length * 2), this.#wideWords);
    this.dates = grown(this.dates, new Float64Array(this.dates.length * 2), 2);
    this.#capacity *= 2;
  }
}

function numberOf(serial: number): number {
  return PARKED + (serial % (PARKED / 2));
}
