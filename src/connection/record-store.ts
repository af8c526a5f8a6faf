/**
 * Finished connections that somebody may still ask for, packed: a few hundred bytes each, in one growing list of
 * blocks. One is unpacked into a scratch place and described from there.
 */
import { Segment } from "../wire/segment.js";
import { Connections } from "./connections.js";
import { MOST_WORDS, pack, unpack } from "./packed-connection.js";
import type { Unreachable } from "./unreachable.js";

/** A block holds thousands of connections; a connection never spans two. */
const BLOCK_WORDS = 2 ** 20;

export class RecordStore {
  /** The scratch place: exactly one connection, number 0. */
  readonly scratch = scratchConnections();
  count = 0;

  readonly #blocks: Int32Array[] = [];
  #used = BLOCK_WORDS;
  /** Block · BLOCK_WORDS + offset of each packed connection. */
  #places = new Float64Array(1024);
  readonly #unreachable = new Map<number, Unreachable>();

  /** Packs a connection; returns its number in the store. */
  add(connections: Connections, connection: number, unreachable: Unreachable | undefined): number {
    if (this.#used + MOST_WORDS > BLOCK_WORDS) {
      this.#blocks.push(new Int32Array(BLOCK_WORDS));
      this.#used = 0;
    }
    const number = this.count++;
    if (number === this.#places.length) {
      const places = new Float64Array(number * 2);
      places.set(this.#places);
      this.#places = places;
    }
    const block = this.#blocks.length - 1;
    this.#places[number] = block * BLOCK_WORDS + this.#used;
    this.#used = pack(connections, connection, this.#blocks[block]!, this.#used);
    if (unreachable) this.#unreachable.set(number, unreachable);
    return number;
  }

  /** Unpacks connection `number` into the scratch place. */
  load(number: number): void {
    const place = this.#places[number]!;
    const block = Math.floor(place / BLOCK_WORDS);
    loadScratch(this.scratch, this.#blocks[block]!, place - block * BLOCK_WORDS);
  }

  unreachable(number: number): Unreachable | undefined {
    return this.#unreachable.get(number);
  }
}

/** A place for one connection, number 0, to describe packed ones from. */
export function scratchConnections(): Connections {
  const scratch = new Connections(1);
  scratch.create(new Segment(), 0, false);
  return scratch;
}

/** Unpacks a connection into a scratch place. */
export function loadScratch(scratch: Connections, words: Int32Array, start: number): void {
  scratch.log.release(scratch.columns.firstTransition[0]!, scratch.columns.lastTransition[0]!);
  unpack(scratch, 0, words, start);
}
