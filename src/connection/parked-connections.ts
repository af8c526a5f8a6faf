/**
 * Connections that are done and wait two seconds for stragglers, out of the way of the open ones.
 *
 * Nobody asks for their records: they only have to come back should a segment of theirs still come. Their words are
 * copied, as they lie in memory, to the end of a ring; the places of open connections are so few, and always in use,
 * that they stay in the processor's cache. What has to be done when the wait is over stands on a ticket, so that the
 * words are not even read then. What stands in pools (transitions, rare rows, holes) stays there.
 */
import type { ColumnMemory } from "./column-memory.js";
import { KEY } from "./four-tuples.js";

/** Numbers of parked connections begin here; those of places end below. */
export const PARKED = 2 ** 29;

/** Words of a ticket, one cache line: 1 while it waits, key in the four-tuple table, epitaph, handles of pools. */
const TICKET = 16;
const TICKET_KEY = 1;
const TICKET_EPITAPH = TICKET_KEY + KEY;
/** Words of what a tomb says (reuse.ts). */
export const EPITAPH = 5;
const TICKET_HANDLES = TICKET_EPITAPH + EPITAPH;
/** First and last block of transitions, then of each end its rare row and its first hole. */
export const HANDLES = 6;

export class ParkedConnections {
  tickets: Int32Array;
  /** Of each: when it ended, and its first frame. */
  dates: Float64Array;
  readonly #rows: number;
  readonly #ringWords: number;
  readonly #size: number;
  #words: Int32Array;
  #capacity = 1024;
  /** Serial numbers of the first that may still wait and of the next to come; the place in the ring is the remainder. */
  #first = 0;
  #next = 0;

  /** A connection has `rows` rows in `memory` and `ringWords` words of recent packets. */
  constructor(memory: ColumnMemory, rows: number, ringWords: number) {
    this.#rows = rows;
    this.#ringWords = ringWords;
    this.#size = memory.wordsOf(rows) + ringWords;
    this.#words = new Int32Array(this.#capacity * this.#size);
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
    while (this.#first < this.#next && !this.isWaiting(numberOf(this.#first))) this.#first++;
    if (this.#next - this.#first === this.#capacity) this.#grow();
    const number = numberOf(this.#next++);
    const place = this.#placeOf(number);
    this.tickets[place * TICKET] = 1;
    memory.copyOut(row, this.#rows, this.#words, place * this.#size);
    const at = (place + 1) * this.#size - this.#ringWords;
    for (let word = 0; word < this.#ringWords; word++) this.#words[at + word] = rings[ring + word]!;
    return number;
  }

  /** Copies a waiting connection back; it waits no longer. */
  recall(number: number, memory: ColumnMemory, row: number, rings: Int32Array, ring: number): void {
    const place = this.#placeOf(number);
    memory.copyIn(row, this.#rows, this.#words, place * this.#size);
    const at = (place + 1) * this.#size - this.#ringWords;
    for (let word = 0; word < this.#ringWords; word++) rings[ring + word] = this.#words[at + word]!;
    this.leave(number);
  }

  /** It waits no longer. */
  leave(number: number): void {
    this.tickets[this.#placeOf(number) * TICKET] = 0;
  }

  #placeOf(number: number): number {
    return number & (this.#capacity - 1);
  }

  #grow(): void {
    const [words, tickets, dates] = [this.#words, this.tickets, this.dates];
    this.#words = new Int32Array(words.length * 2);
    this.tickets = new Int32Array(tickets.length * 2);
    this.dates = new Float64Array(dates.length * 2);
    for (let serial = this.#first; serial < this.#next; serial++) {
      const from = serial & (this.#capacity - 1);
      const to = serial & (2 * this.#capacity - 1);
      this.#words.set(words.subarray(from * this.#size, (from + 1) * this.#size), to * this.#size);
      this.tickets.set(tickets.subarray(from * TICKET, (from + 1) * TICKET), to * TICKET);
      this.dates.set(dates.subarray(from * 2, (from + 1) * 2), to * 2);
    }
    this.#capacity *= 2;
  }
}

function numberOf(serial: number): number {
  return PARKED + (serial % PARKED);
}
