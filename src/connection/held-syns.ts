/**
 * Connections of which one SYN was seen and nothing else, once very many are open: each is its SYN alone (syn-table.ts).
 *
 * Whatever else comes of the tuple, a repeat, an answer, a reset, an ICMP error, makes it an ordinary connection:
 * the SYN is taken as if it came just then, at its own time and as its own packet, before what came is looked at. What
 * a SYN does outside of its own connection is done when it is held, so that no record and no figure shows the
 * difference.
 */
import { Segment } from "../wire/segment.js";
import { beganAt, connectionOf } from "./columns.js";
import { SynTable } from "./syn-table.js";
import type { Tracker } from "./tracker.js";

/** Row of the sender of a SYN that is held: it has none yet. */
export const HELD = -2;

export class HeldSyns {
  readonly #tracker: Tracker;
  readonly #table = new SynTable();
  readonly #from: number;
  readonly #syn = new Segment();
  readonly #hashOf = (place: number): number => {
    this.#table.read(place, this.#syn);
    return this.#tracker.connections.tuples.hashOf(this.#syn, 0);
  };
  /** Once the capture has ended: rows that are left, from `#ended` on. */
  #left: Int32Array | null = null;
  #ended = 0;

  /** `from`: with so many connections open a SYN is held. */
  constructor(tracker: Tracker, from: number) {
    this.#tracker = tracker;
    this.#from = from;
  }

  get count(): number {
    return this.#table.count;
  }

  /** When the oldest came, in nanoseconds; Infinity where none is held. */
  get oldestAt(): number {
    return this.#table.oldestAt;
  }

  /** Holds the segment where it begins a connection that can be held, and `open` are enough; false where not. */
  hold(segment: Segment, open: number): boolean {
    if (open < this.#from || !SynTable.isPlain(segment)) return false;
    const { connections, pairs } = this.#tracker;
    this.#table.add(segment, connections.tuples.hashOf(segment, 0), this.#hashOf);
    connections.begun++;
    pairs.noteSeen(segment);
    if (segment.ipId === 0) connections.copies.countOriginal(segment.interfaceId, 1);
    return true;
  }

  /** Whether a SYN of the segment's tuple was held: it is a connection from here on. */
  recall(segment: Segment): boolean {
    if (this.#table.count === 0) return false;
    const place = this.#table.find(segment, this.#tracker.connections.tuples.hashOf(segment, 0));
    if (place < 0) return false;
    this.#begin(place);
    return true;
  }

  /** Makes the oldest a connection; returns its client's row. */
  beginOldest(): number {
    return this.#begin(this.#table.oldest);
  }

  /** After the end: makes the first that is left a connection where it began before `connection` (-1: any); or -1. */
  beginBefore(connection: number): number {
    this.#left ??= this.#table.inOrder();
    if (this.#ended === this.#left.length) return -1;
    const place = this.#left[this.#ended]!;
    if (connection >= 0 && !this.#isBefore(place, connection)) return -1;
    this.#ended++;
    return this.#begin(place);
  }

  #isBefore(place: number, connection: number): boolean {
    const { endpoints, columns } = this.#tracker.connections;
    const syn = this.#syn;
    this.#table.read(place, syn);
    const later = beganAt(endpoints, connection) - syn.timeNs;
    return (later || columns.file[connection]! - syn.file || columns.frame[connection]! - syn.number) > 0;
  }

  #begin(place: number): number {
    const tracker = this.#tracker;
    const { connections } = tracker;
    const syn = this.#syn;
    this.#table.remove(place, this.#hashOf(place));
    // Both are done anew.
    connections.begun--;
    if (syn.ipId === 0) connections.copies.countOriginal(syn.interfaceId, -1);
    const row = tracker.reuse.start(syn, 0, -1);
    tracker.take(row, syn);
    return connectionOf(row);
  }
}
