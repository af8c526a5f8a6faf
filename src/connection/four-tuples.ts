/**
 * The four-tuple table ("flow table"): addresses, ports and overlay network of a segment → connection number and side.
 *
 * Open addressing with linear probing; a slot is a hash and a connection number side by side, so that a look-up that
 * misses costs one cache line. Both directions hash alike; the key remembers which end is the client. The hash is
 * seeded at random for each table: nobody can prepare tuples that collide. Nothing is ever listed in slot order, so
 * the seed never shows in a report.
 */
import type { Segment } from "../wire/segment.js";

/** Words of a key, one cache line: client address 0–3, server address 4–7, ports, overlay with IP version, scope, hash. */
const KEY = 16;
const PORTS = 8;
const OVERLAY = 9;
const SCOPE = 10;
const HASH = 11;

/** Beside the overlay's 25 bits: an IPv4 address and an IPv6 address never are the same. */
const IS_IPV6 = 1 << 30;

function networkOf(segment: Segment): number {
  return segment.ipVersion === 6 ? segment.overlayId | IS_IPV6 : segment.overlayId;
}

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e3779b1);
  return h ^ (h >>> 15);
}

export class FourTuples {
  /** After `find`: 0 where the segment's sender is the client of the connection found, 1 where it is the server. */
  side = 0;

  #slots: Int32Array;
  #mask: number;
  #used = 0;
  #keys: Int32Array;
  readonly #seed: number;

  constructor(connections: number, seed = (Math.random() * 0x100000000) | 0) {
    this.#seed = seed;
    this.#keys = new Int32Array(connections * KEY);
    const slots = 2 ** Math.ceil(Math.log2(connections * 2));
    this.#slots = new Int32Array(slots * 2);
    this.#mask = slots - 1;
  }

  /** How many tuples stand in the table. */
  get size(): number {
    return this.#used;
  }

  /** Number of the connection with the segment's tuple, or -1. `scope` parts connections that share one (0 usually). */
  find(segment: Segment, scope: number): number {
    const hash = this.hashOf(segment, scope);
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const connection = slots[slot * 2 + 1]! - 1;
      if (connection < 0) return -1;
      if (slots[slot * 2] === hash && this.#isSame(connection, segment, scope)) return connection;
    }
  }

  /** Enters `connection` with the segment's sender as client (or its receiver where `isFromServer`). */
  add(connection: number, segment: Segment, scope: number, isFromServer: boolean): void {
    if (this.#used * 2 > this.#mask) this.#grow();
    const keys = this.#keys;
    const at = connection * KEY;
    const client = isFromServer ? at + 4 : at;
    const server = isFromServer ? at : at + 4;
    keys[client] = segment.source0;
    keys[client + 1] = segment.source1;
    keys[client + 2] = segment.source2;
    keys[client + 3] = segment.source3;
    keys[server] = segment.destination0;
    keys[server + 1] = segment.destination1;
    keys[server + 2] = segment.destination2;
    keys[server + 3] = segment.destination3;
    keys[at + PORTS] = isFromServer
      ? (segment.destinationPort << 16) | segment.sourcePort
      : (segment.sourcePort << 16) | segment.destinationPort;
    keys[at + OVERLAY] = networkOf(segment);
    keys[at + SCOPE] = scope;
    const hash = this.hashOf(segment, scope);
    keys[at + HASH] = hash;
    this.#put(hash, connection);
    this.#used++;
  }

  /** Takes `connection` out again. */
  remove(connection: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = this.#keys[connection * KEY + HASH]! & mask;
    while (slots[slot * 2 + 1] !== connection + 1) slot = (slot + 1) & mask;
    // Moves back what a later look-up would no longer reach over the gap.
    for (let next = (slot + 1) & mask; slots[next * 2 + 1] !== 0; next = (next + 1) & mask) {
      const home = slots[next * 2]! & mask;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      slots[slot * 2] = slots[next * 2]!;
      slots[slot * 2 + 1] = slots[next * 2 + 1]!;
      slot = next;
    }
    slots[slot * 2 + 1] = 0;
    this.#used--;
  }

  /** Room for the keys of this many connections. */
  reserve(connections: number): void {
    const keys = new Int32Array(connections * KEY);
    keys.set(this.#keys);
    this.#keys = keys;
  }

  /** Word `word` (0–3) of the client's (side 0) or server's (side 1) address. */
  addressWord(connection: number, side: number, word: number): number {
    return this.#keys[connection * KEY + side * 4 + word]!;
  }

  /** Words of the key as they stand, for packing and unpacking. */
  keyWord(connection: number, word: number): number {
    return this.#keys[connection * KEY + word]!;
  }

  setKeyWord(connection: number, word: number, value: number): void {
    this.#keys[connection * KEY + word] = value;
  }

  port(connection: number, side: number): number {
    const ports = this.#keys[connection * KEY + PORTS]!;
    return side === 0 ? ports >>> 16 : ports & 0xffff;
  }

  /** Network identifier of the overlay + 1, or 0. */
  overlay(connection: number): number {
    return this.#keys[connection * KEY + OVERLAY]! & ~IS_IPV6;
  }

  /** 4 or 6. */
  ipVersion(connection: number): number {
    return this.#keys[connection * KEY + OVERLAY]! & IS_IPV6 ? 6 : 4;
  }

  scope(connection: number): number {
    return this.#keys[connection * KEY + SCOPE]!;
  }

  /** The tuple's hash: the same for both directions. */
  hashOf(segment: Segment, scope: number): number {
    const seed = this.#seed;
    let source = mix(seed, segment.source0);
    let destination = mix(seed, segment.destination0);
    if (segment.ipVersion === 6) {
      source = mix(mix(mix(source, segment.source1), segment.source2), segment.source3);
      destination = mix(
        mix(mix(destination, segment.destination1), segment.destination2),
        segment.destination3,
      );
    }
    source = mix(source, segment.sourcePort);
    destination = mix(destination, segment.destinationPort);
    const both = (source + destination) | 0;
    return mix(both, networkOf(segment) + Math.imul(scope, 0x85ebca6b));
  }

  #isSame(connection: number, segment: Segment, scope: number): boolean {
    const keys = this.#keys;
    const at = connection * KEY;
    if (keys[at + OVERLAY] !== networkOf(segment) || keys[at + SCOPE] !== scope) return false;
    const ports = (segment.sourcePort << 16) | segment.destinationPort;
    if (
      keys[at + PORTS] === ports &&
      keys[at] === segment.source0 &&
      keys[at + 4] === segment.destination0 &&
      keys[at + 1] === segment.source1 &&
      keys[at + 5] === segment.destination1 &&
      keys[at + 2] === segment.source2 &&
      keys[at + 6] === segment.destination2 &&
      keys[at + 3] === segment.source3 &&
      keys[at + 7] === segment.destination3
    ) {
      this.side = 0;
      return true;
    }
    const turned = (segment.destinationPort << 16) | segment.sourcePort;
    if (
      keys[at + PORTS] === turned &&
      keys[at + 4] === segment.source0 &&
      keys[at] === segment.destination0 &&
      keys[at + 5] === segment.source1 &&
      keys[at + 1] === segment.destination1 &&
      keys[at + 6] === segment.source2 &&
      keys[at + 2] === segment.destination2 &&
      keys[at + 7] === segment.source3 &&
      keys[at + 3] === segment.destination3
    ) {
      this.side = 1;
      return true;
    }
    return false;
  }

  #put(hash: number, connection: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot * 2] = hash;
    this.#slots[slot * 2 + 1] = connection + 1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#slots.length / 2 - 1;
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) this.#put(old[slot]!, old[slot + 1]! - 1);
    }
  }
}
