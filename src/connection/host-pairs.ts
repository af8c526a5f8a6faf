/**
 * Which directions between two hosts the capture ever saw.
 *
 * A connection attempt without an answer means something else where the answers take a path that is not captured: if
 * some connection of the same two hosts shows that (its acknowledgments cover what was never captured) and no packet
 * of that direction was ever seen, nothing is said of "never answered". Bounded; what does not fit is not judged.
 */

import type { Segment } from "../wire/segment.js";
import { MARK_SEEN, MARK_UNSEEN_BUT_ACKED, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";

/** Bits for "a packet of this direction was seen", by hash: 512 KiB. A collision only makes the program say more. */
const SEEN_BITS = 2 ** 22;
/** Pairs of which it is known that one direction is missing. */
const MOST_ONE_WAY = 2 ** 16;

/** Who hears what becomes known of directions, where the connections of a capture are followed in parts. */
export interface PairJournal {
  seen(direction: number): void;
  oneWay(pair: number): void;
}

export class HostPairs {
  journal: PairJournal | null = null;
  readonly #seen = new Int32Array(SEEN_BITS / 32);
  readonly #oneWay = new Set<number>();

  /** Notes the first segment of a direction. */
  observe(connections: Connections, connection: number, row: number): void {
    if (connections.endpoints.marks[row]! & MARK_SEEN) return;
    const side = row & STRIDE ? 1 : 0;
    this.note(this.directionKey(connections, connection, side));
  }

  /** The same of the sender of a segment whose connection has no place yet (held-syns.ts). */
  noteSeen(segment: Segment): void {
    this.note(directionOf(segment));
  }

  /** A packet of that direction was seen. */
  note(direction: number): void {
    const bit = direction & (SEEN_BITS - 1);
    const mask = 1 << (bit & 31);
    if (this.journal && !(this.#seen[bit >>> 5]! & mask)) this.journal.seen(direction);
    this.#seen[bit >>> 5]! |= mask;
  }

  /** A connection has ended of which one direction was told only by the other's acknowledgments. */
  noteEnd(connections: Connections, connection: number): void {
    const { marks } = connections.endpoints;
    const client = connection;
    const told = marks[client]! | marks[client + STRIDE]!;
    const both = marks[client]! & marks[client + STRIDE]!;
    if (!(told & MARK_UNSEEN_BUT_ACKED) || both & MARK_SEEN) return;
    this.noteOneWay(keyOf(connections, connection));
  }

  /** Of two hosts one direction is told by the other's acknowledgments alone. */
  noteOneWay(pair: number): void {
    if (this.#oneWay.size >= MOST_ONE_WAY) return;
    if (this.journal && !this.#oneWay.has(pair)) this.journal.oneWay(pair);
    this.#oneWay.add(pair);
  }

  /** Whether packets from `side` (0 client, 1 server) to the other host seem to be missing from the capture as such. */
  isUncaptured(connections: Connections, connection: number, side: number): boolean {
    if (this.#oneWay.size === 0 || !this.#oneWay.has(keyOf(connections, connection))) return false;
    return this.isMissing(this.directionKey(connections, connection, side));
  }

  /** The direction from `side` to the other host as one number, to ask about it later. */
  directionKey(connections: Connections, connection: number, side: number): number {
    return keyOf(connections, connection) * 2 + (isUp(connections, connection, side) ? 1 : 0);
  }

  /** The same as `isUncaptured`, of a direction by its number. */
  isMissing(direction: number): boolean {
    if (!this.#oneWay.has(Math.floor(direction / 2))) return false;
    const bit = direction & (SEEN_BITS - 1);
    return (this.#seen[bit >>> 5]! & (1 << (bit & 31))) === 0;
  }
}

/** Whether `side` is the host whose address compares higher: a direction's name that both directions share. */
function isUp(connections: Connections, connection: number, side: number): boolean {
  for (let word = 0; word < 4; word++) {
    const own = connections.addressWord(connection, side, word);
    const other = connections.addressWord(connection, 1 - side, word);
    if (own !== other) return own > other;
  }
  return connections.port(connection, side) > connections.port(connection, 1 - side);
}

/** The two addresses in one number, the same for both directions. */
function keyOf(connections: Connections, connection: number): number {
  let key = 0;
  const words = connections.ipVersion(connection) === 6 ? 4 : 1;
  for (let word = 0; word < words; word++) {
    const client = connections.addressWord(connection, 0, word);
    const server = connections.addressWord(connection, 1, word);
    key = mixed(key, client, server);
  }
  return key;
}

function mixed(key: number, client: number, server: number): number {
  const mix = Math.imul(key ^ (client + server), 0x9e3779b1) ^ Math.imul(client ^ server, 0x85ebca77);
  return mix ^ (mix >>> 15);
}

/** `directionKey` of the segment's sender. */
function directionOf(segment: Segment): number {
  const { source0, source1, source2, source3 } = segment;
  const { destination0, destination1, destination2, destination3 } = segment;
  let key = mixed(0, source0, destination0);
  if (segment.ipVersion === 6) {
    key = mixed(key, source1, destination1);
    key = mixed(key, source2, destination2);
    key = mixed(key, source3, destination3);
  }
  const higher =
    Number(source0 > destination0) - Number(source0 < destination0) ||
    Number(source1 > destination1) - Number(source1 < destination1) ||
    Number(source2 > destination2) - Number(source2 < destination2) ||
    Number(source3 > destination3) - Number(source3 < destination3) ||
    segment.sourcePort - segment.destinationPort;
  return key * 2 + (higher > 0 ? 1 : 0);
}
