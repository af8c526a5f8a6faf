/**
 * Connections whose both sides are done wait two seconds of capture time for what is still on its way.
 *
 * They wait packed, in the order in which they ended, so that the memory of those that live stays small and warm:
 * read back in sequence a packed connection costs 0.3 µs; left in its place for two seconds its 24 cache lines cost
 * 3 µs (23,000 connections, 8 times the live ones; `npm run bench`). A segment that does come late brings it back.
 */
import type { Segment } from "../wire/segment.js";
import { connectionOf } from "./columns.js";
import type { Connections } from "./connections.js";
import { isClient, MOST_WORDS, pack, unpack } from "./packed-connection.js";
import { loadScratch } from "./record-store.js";
import type { Unreachable } from "./unreachable.js";

/** How long a finished connection waits. */
export const LINGER_NS = 2e9;

/** Words of a block; blocks are used again as soon as their last connection is final. */
const BLOCK_WORDS = 2 ** 18;

export class Linger {
  /** When the first in the row is due; Infinity where none waits. */
  nextDueAt = Number.POSITIVE_INFINITY;

  /** Entries are numbered for ever; the place is the number modulo the capacity. */
  #oldest = 0;
  #newest = 0;
  #dueAt = new Float64Array(1024);
  /** Block and offset; -1 where the connection was brought back. */
  #places = new Float64Array(1024);
  readonly #blocks = new Map<number, Int32Array>();
  readonly #spare: Int32Array[] = [];
  #block: Int32Array = new Int32Array(BLOCK_WORDS);
  #blockNumber = 0;
  #used = 0;
  readonly #unreachable = new Map<number, Unreachable>();

  constructor() {
    this.#blocks.set(0, this.#block);
  }

  /** Packs the connection; returns the number under which it waits. */
  add(connections: Connections, connection: number, dueAt: number, unreachable: Unreachable | undefined): number {
    if (this.#newest - this.#oldest === this.#dueAt.length) this.#grow();
    if (this.#used + MOST_WORDS > BLOCK_WORDS) this.#openBlock();
    const number = this.#newest++;
    const at = number & (this.#dueAt.length - 1);
    this.#dueAt[at] = dueAt;
    this.#places[at] = this.#blockNumber * BLOCK_WORDS + this.#used;
    this.#used = pack(connections, connection, this.#block, this.#used);
    if (unreachable) this.#unreachable.set(number, unreachable);
    if (number === this.#oldest) this.nextDueAt = dueAt;
    return number;
  }

  /** Whether `number` still waits. */
  isWaiting(number: number): boolean {
    return number >= this.#oldest && number < this.#newest && this.#places[number & (this.#dueAt.length - 1)]! >= 0;
  }

  /** Brings a waiting connection back to life; returns the row of the segment's sender. */
  bringBack(connections: Connections, number: number, segment: Segment): number {
    const at = number & (this.#dueAt.length - 1);
    const place = this.#places[at]!;
    this.#places[at] = -1;
    const blockNumber = Math.floor(place / BLOCK_WORDS);
    const words = this.#blocks.get(blockNumber)!;
    const start = place - blockNumber * BLOCK_WORDS;
    const isFromClient = isClient(words, start, segment.source0, segment.source3, segment.sourcePort);
    const row = connections.create(segment, 0, !isFromClient);
    unpack(connections, connectionOf(row), words, start);
    return row;
  }

  /** Unpacks the first in the row into `scratch` and takes it out; false where it had been brought back. */
  take(scratch: Connections): boolean {
    const number = this.#oldest++;
    const at = number & (this.#dueAt.length - 1);
    const place = this.#places[at]!;
    const next = this.#oldest & (this.#dueAt.length - 1);
    this.nextDueAt = this.#oldest < this.#newest ? this.#dueAt[next]! : Number.POSITIVE_INFINITY;
    if (place < 0) return false;
    const blockNumber = Math.floor(place / BLOCK_WORDS);
    loadScratch(scratch, this.#blocks.get(blockNumber)!, place - blockNumber * BLOCK_WORDS);
    this.taken = this.#unreachable.get(number);
    if (this.taken) this.#unreachable.delete(number);
    this.#freeBlocksBefore(blockNumber);
    return true;
  }

  /** After `take`: the ICMP error of the connection, if it had one. */
  taken: Unreachable | undefined;

  #openBlock(): void {
    this.#block = this.#spare.pop() ?? new Int32Array(BLOCK_WORDS);
    this.#blocks.set(++this.#blockNumber, this.#block);
    this.#used = 0;
  }

  /** Blocks stand in the order of their numbers: those before the one just read hold nothing that waits. */
  #freeBlocksBefore(blockNumber: number): void {
    for (const [number, block] of this.#blocks) {
      if (number >= blockNumber) return;
      this.#blocks.delete(number);
      this.#spare.push(block);
    }
  }

  #grow(): void {
    const size = this.#dueAt.length;
    const dueAt = new Float64Array(size * 2);
    const places = new Float64Array(size * 2);
    for (let number = this.#oldest; number < this.#newest; number++) {
      dueAt[number & (size * 2 - 1)] = this.#dueAt[number & (size - 1)]!;
      places[number & (size * 2 - 1)] = this.#places[number & (size - 1)]!;
    }
    this.#dueAt = dueAt;
    this.#places = places;
  }
}
