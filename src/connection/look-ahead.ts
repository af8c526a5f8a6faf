/**
 * Reads a word of each cache line that the next segments will need, before they are observed one after the other.
 *
 * With thousands of connections open, a segment finds its connection's records in none of the nearer caches, and would
 * wait for one line after the other. Reads that depend on nothing let the processor wait for many of them at once.
 * Nothing is decided here, and nothing changes.
 */
import type { Segment } from "../wire/segment.js";
import { STRIDE } from "./columns.js";
import { type Connections, PAIR } from "./connections.js";
import { PARKED } from "./parked-connections.js";
import { RECENT_WORDS } from "./recent-packets.js";

/** Segments that are decoded before the first of them is observed: 8 gain less, 32 no more. */
export const LOOK_AHEAD = 16;
/** With fewer connections open, all that is known of them stays near by itself. */
const WORTH_FROM = 300;
/** Integers of a line of 64 bytes. */
const INTS = 16;

export class LookAhead {
  /** What was read, added up: an engine leaves reads out that lead to nothing. */
  sum = 0;
  readonly #places = new Int32Array(LOOK_AHEAD);

  /** Reads what the first `count` of `segments`, at most `LOOK_AHEAD`, will need of `connections`. */
  read(connections: Connections, segments: readonly Segment[], count: number): void {
    if (connections.alive < WORTH_FROM) return;
    const { tuples, memory, recent } = connections;
    const places = this.#places;
    for (let i = 0; i < count; i++) places[i] = tuples.find(segments[i]!, 0);
    const [hot, warm] = memory.memory.ints as [Int32Array, Int32Array];
    const wide = memory.memory.wides[0]!;
    const { words } = recent;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const place = places[i]!;
      if (place < 0 || place >= PARKED) continue;
      const row = place * PAIR;
      const at = place * RECENT_WORDS;
      sum += hot[row]! + hot[row + STRIDE]! + warm[row]! + warm[row + STRIDE]!;
      sum += words[at]! + words[at + INTS]!;
      sum += wide[row]! + wide[row + STRIDE]!;
    }
    this.sum = sum;
  }
}
