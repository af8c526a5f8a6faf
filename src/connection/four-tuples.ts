/**
 * The four-tuple table ("flow table"): addresses, ports and overlay network of a segment → connection number and side.
 *
 * Open addressing with linear probing over slots of four words. A plain IPv4 tuple stands in its slot whole, so that a
 * look-up costs one cache line; of an IPv6 tuple, or one of an overlay network or a scope, the slot holds the hash and
 * the rest stands in a pool. Ends are kept in an order of their own (the lower first), so that both directions look
 * for the same words; a bit of the slot tells which end is the client. The hash is seeded at random for each table:
 * nobody can prepare tuples that collide. Nothing is ever listed in slot order, so the seed never shows in a report.
 *
 * A table that is half full is followed by one of twice the size, into which each new tuple moves a few of the old ones:
 * nobody waits for all of them (docs/decisions/0121-growth-without-a-pause.md). Meanwhile what the new table lacks is looked
 * for in the old one.
 */
import type { Segment } from "../wire/segment.js";
import { LONG, LongTuples, networkOf } from "./long-tuples.js";

/**
 * Words of a slot: lower address, higher address, their ports, tag. Of a tuple in the pool: hash, place in it, the client's
 * port above the server's, tag.
 */
const SLOT = 4;
/**
 * Tag of a slot: 0 free; above 0 a plain IPv4 tuple, below 0 one of the pool. Its magnitude is connection · 2 + 1, plus
 * 1 where the lower end is the server.
 */
const TAG = 3;
/** Tag of a slot of the table that is being left, whose tuple was taken out. */
const GONE = -0x80000000;
/** Slots of it that are left with each new tuple: an eighth as many as until the next growth. */
const MOVED_AT_ONCE = 16;

/** Words kept for each connection: client and server address (IPv4), ports (client's above), place in the pool + 1. */
export const KEY = 4;
const CLIENT = 0;
const SERVER = 1;
const PORTS = 2;
const PLACE = 3;

/** Words of a packed tuple, at most: a key, and what the pool holds of it. */
export const TUPLE_WORDS = KEY + LONG;

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
  /** The table that is being left, empty where none is; the slots in front of `#left` stand in the new one. */
  #old: Int32Array = NONE;
  #left = 0;
  #keys: Int32Array;
  readonly #long = new LongTuples();
  readonly #seed: number;

  constructor(connections: number, seed = (Math.random() * 0x100000000) | 0) {
    this.#seed = seed;
    this.#keys = new Int32Array(connections * KEY);
    const slots = 2 ** Math.ceil(Math.log2(connections * 2));
    this.#slots = new Int32Array(slots * SLOT);
    this.#mask = slots - 1;
  }

  /** How many tuples stand in the table. */
  get size(): number {
    return this.#used;
  }

  /** Number of the connection with the segment's tuple, or -1. `scope` parts connections that share one (0 usually). */
  find(segment: Segment, scope: number): number {
    if (!isPlain(segment, scope)) return this.#findLong(segment, scope);
    const slots = this.#slots;
    const mask = this.#mask;
    // Which end is the lower is a coin toss from packet to packet: all ones or all zeros instead of a branch.
    const isLower = lowerMask(segment);
    const { source0, destination0 } = segment;
    const low = destination0 ^ ((source0 ^ destination0) & isLower);
    const high = source0 ^ destination0 ^ low;
    const sent = (segment.sourcePort << 16) | segment.destinationPort;
    const ports = turned(sent) ^ ((sent ^ turned(sent)) & isLower);
    let at = (this.#plainHash(low, high, ports) & mask) * SLOT;
    for (let tag = slots[at + TAG]!; tag !== 0; tag = slots[at + TAG]!) {
      if (slots[at + PORTS] === ports && slots[at] === low && slots[at + 1] === high && tag > 0) {
        this.side = ((tag - 1) & 1) ^ (1 + isLower);
        return (tag - 1) >> 1;
      }
      at = (at + SLOT) & (mask * SLOT + SLOT - 1);
    }
    return this.#old === NONE ? -1 : this.#findOld(low, high, ports, isLower);
  }

  /** Enters `connection` with the segment's sender as client (or its receiver where `isFromServer`). */
  add(connection: number, segment: Segment, scope: number, isFromServer: boolean): void {
    if (this.#old !== NONE) this.#leave(MOVED_AT_ONCE);
    if (this.#used * 2 > this.#mask) this.#grow();
    const keys = this.#keys;
    const at = connection * KEY;
    keys[at + CLIENT] = isFromServer ? segment.destination0 : segment.source0;
    keys[at + SERVER] = isFromServer ? segment.source0 : segment.destination0;
    keys[at + PORTS] = isFromServer
      ? (segment.destinationPort << 16) | segment.sourcePort
      : (segment.sourcePort << 16) | segment.destinationPort;
    keys[at + PLACE] = isPlain(segment, scope)
      ? 0
      : this.#long.add(segment, scope, isFromServer, this.hashOf(segment, scope)) + 1;
    this.#put(connection);
    this.#used++;
  }

  /** Takes `connection` out again. */
  remove(connection: number): void {
    this.#remove(connection, this.#keys, connection * KEY);
  }

  /** From now on `find` gives `number` for the tuple of `connection`; its key goes into the KEY words from `at` on. */
  moveOut(connection: number, number: number, words: Int32Array, at: number): void {
    const key = connection * KEY;
    for (let word = 0; word < KEY; word++) words[at + word] = this.#keys[key + word]!;
    this.#renumber(connection, number, words, at);
  }

  /** Undoes `moveOut`: the tuple under `number` is that of `connection` again. */
  moveIn(connection: number, number: number, words: Int32Array, at: number): void {
    const key = connection * KEY;
    for (let word = 0; word < KEY; word++) this.#keys[key + word] = words[at + word]!;
    this.#renumber(number, connection, words, at);
  }

  /** Takes out the tuple under `number`, whose key `moveOut` wrote. */
  removeMoved(number: number, words: Int32Array, at: number): void {
    this.#remove(number, words, at);
  }

  #renumber(from: number, to: number, keys: Int32Array, key: number): void {
    let slots = this.#slots;
    let slot = slotOf(slots, this.#hashOfKey(keys, key), from, 0);
    if (slot < 0) {
      slots = this.#old;
      slot = this.#oldSlotOf(from, keys, key);
    }
    const at = slot * SLOT + TAG;
    const tag = slots[at]!;
    slots[at] = tag < 0 ? -(to * 2 + 1) : to * 2 + 1 + ((tag - 1) & 1);
  }

  #oldSlotOf(number: number, keys: Int32Array, key: number): number {
    const slot = this.#old === NONE ? -1 : slotOf(this.#old, this.#hashOfKey(keys, key), number, this.#left);
    if (slot < 0) throw new Error(`no tuple stands under ${number}`);
    return slot;
  }

  #remove(number: number, keys: Int32Array, key: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = slotOf(slots, this.#hashOfKey(keys, key), number, 0);
    if (slot < 0) this.#old[this.#oldSlotOf(number, keys, key) * SLOT + TAG] = GONE;
    else {
      // Moves back what a later look-up would no longer reach over the gap.
      for (let next = (slot + 1) & mask; slots[next * SLOT + TAG] !== 0; next = (next + 1) & mask) {
        const home = this.#hashOfSlot(slots, next * SLOT) & mask;
        if (((next - home) & mask) < ((next - slot) & mask)) continue;
        for (let word = 0; word < SLOT; word++) slots[slot * SLOT + word] = slots[next * SLOT + word]!;
        slot = next;
      }
      slots[slot * SLOT + TAG] = 0;
    }
    this.#used--;
    const place = keys[key + PLACE]!;
    if (place > 0) this.#long.release(place - 1);
  }

  /** Room for the keys of this many connections. */
  reserve(connections: number): void {
    const keys = new Int32Array(connections * KEY);
    keys.set(this.#keys);
    this.#keys = keys;
  }

  /** Word `word` (0–3) of the client's (side 0) or server's (side 1) address. */
  addressWord(connection: number, side: number, word: number): number {
    const place = this.#keys[connection * KEY + PLACE]!;
    if (place > 0) return this.#long.addressWord(place - 1, side, word);
    return word === 0 ? this.#keys[connection * KEY + side]! : 0;
  }

  port(connection: number, side: number): number {
    const ports = this.#keys[connection * KEY + PORTS]!;
    return side === 0 ? ports >>> 16 : ports & 0xffff;
  }

  /** Network identifier of the overlay + 1, or 0. */
  overlay(connection: number): number {
    const place = this.#keys[connection * KEY + PLACE]!;
    return place > 0 ? this.#long.overlay(place - 1) : 0;
  }

  /** 4 or 6. */
  ipVersion(connection: number): number {
    const place = this.#keys[connection * KEY + PLACE]!;
    return place > 0 ? this.#long.ipVersion(place - 1) : 4;
  }

  scope(connection: number): number {
    const place = this.#keys[connection * KEY + PLACE]!;
    return place > 0 ? this.#long.scope(place - 1) : 0;
  }

  /** Copies the tuple into `words` from `start` on; returns the place behind it. At most `TUPLE_WORDS`. */
  copyOut(connection: number, words: Int32Array, start: number): number {
    const at = connection * KEY;
    for (let word = 0; word < KEY; word++) words[start + word] = this.#keys[at + word]!;
    const place = this.#keys[at + PLACE]!;
    return place === 0 ? start + KEY : this.#long.copyOut(place - 1, words, start + KEY);
  }

  /** Gives `connection`, whose tuple was entered once, the tuple that `copyOut` wrote: to be read, not to be found. */
  copyIn(connection: number, words: Int32Array, start: number): number {
    const at = connection * KEY;
    let place = this.#keys[at + PLACE]!;
    for (let word = 0; word < PLACE; word++) this.#keys[at + word] = words[start + word]!;
    if (place > 0) this.#long.release(place - 1);
    place = words[start + PLACE] === 0 ? 0 : this.#long.take() + 1;
    this.#keys[at + PLACE] = place;
    return place === 0 ? start + KEY : this.#long.copyIn(place - 1, words, start + KEY);
  }

  /** The tuple's hash: the same for both directions. */
  hashOf(segment: Segment, scope: number): number {
    if (isPlain(segment, scope)) {
      const ports = (segment.sourcePort << 16) | segment.destinationPort;
      return this.#hashOfEnds(segment.source0, segment.destination0, ports);
    }
    const { source0, source1, source2, source3 } = segment;
    const { destination0, destination1, destination2, destination3 } = segment;
    const seed = this.#seed;
    const source = mix(mix(mix(mix(mix(seed, source0), source1), source2), source3), segment.sourcePort);
    const destination = mix(
      mix(mix(mix(mix(seed, destination0), destination1), destination2), destination3),
      segment.destinationPort,
    );
    return mix((source + destination) | 0, networkOf(segment) + Math.imul(scope, 0x85ebca6b));
  }

  /** Hash of an IPv4 tuple: addresses of the lower and the higher end, and their ports in the same order. */
  #plainHash(low: number, high: number, ports: number): number {
    return mix(mix(mix(this.#seed, low), high), ports);
  }

  /** The same of two ends in either order, with the first one's port above the second's. */
  #hashOfEnds(first: number, second: number, ports: number): number {
    return lowerOf(first, second, ports) !== 0
      ? this.#plainHash(first, second, ports)
      : this.#plainHash(second, first, turned(ports));
  }

  #hashOfKey(keys: Int32Array, at: number): number {
    const place = keys[at + PLACE]!;
    if (place > 0) return this.#long.hash(place - 1);
    return this.#hashOfEnds(keys[at + CLIENT]!, keys[at + SERVER]!, keys[at + PORTS]!);
  }

  #hashOfSlot(slots: Int32Array, at: number): number {
    if (slots[at + TAG]! < 0) return slots[at]!;
    return this.#plainHash(slots[at]!, slots[at + 1]!, slots[at + PORTS]!);
  }

  #findLong(segment: Segment, scope: number): number {
    const hash = this.hashOf(segment, scope);
    const number = this.#findLongIn(this.#slots, 0, hash, segment, scope);
    if (number >= 0 || this.#old === NONE) return number;
    return this.#findLongIn(this.#old, this.#left, hash, segment, scope);
  }

  /** Looks for it among the slots from `first` on; those before it are stepped over. */
  #findLongIn(slots: Int32Array, first: number, hash: number, segment: Segment, scope: number): number {
    const mask = slots.length / SLOT - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const tag = slots[slot * SLOT + TAG]!;
      if (tag === 0) return -1;
      if (tag > 0 || tag === GONE || slots[slot * SLOT] !== hash || slot < first) continue;
      const side = this.#long.sideOf(slots[slot * SLOT + 1]!, slots[slot * SLOT + PORTS]!, segment, scope);
      if (side < 0) continue;
      this.side = side;
      return (-tag - 1) >> 1;
    }
  }

  /** As `find`, among what has not been moved yet. */
  #findOld(low: number, high: number, ports: number, isLower: number): number {
    const slots = this.#old;
    const mask = slots.length / SLOT - 1;
    for (let slot = this.#plainHash(low, high, ports) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT;
      const tag = slots[at + TAG]!;
      if (tag === 0) return -1;
      if (tag < 0 || slot < this.#left) continue;
      if (slots[at + PORTS] !== ports || slots[at] !== low || slots[at + 1] !== high) continue;
      this.side = ((tag - 1) & 1) ^ (1 + isLower);
      return (tag - 1) >> 1;
    }
  }

  // ---- slots

  #put(connection: number): void {
    const keys = this.#keys;
    const key = connection * KEY;
    const hash = this.#hashOfKey(keys, key);
    let slot = hash & this.#mask;
    while (this.#slots[slot * SLOT + TAG] !== 0) slot = (slot + 1) & this.#mask;
    const at = slot * SLOT;
    if (keys[key + PLACE]! > 0) {
      this.#slots[at] = hash;
      this.#slots[at + 1] = keys[key + PLACE]! - 1;
      this.#slots[at + PORTS] = keys[key + PORTS]!;
      this.#slots[at + TAG] = -(connection * 2 + 1);
      return;
    }
    const client = keys[key + CLIENT]!;
    const server = keys[key + SERVER]!;
    const ports = keys[key + PORTS]!;
    const isLower = lowerOf(client, server, ports) !== 0;
    this.#slots[at] = isLower ? client : server;
    this.#slots[at + 1] = isLower ? server : client;
    this.#slots[at + PORTS] = isLower ? ports : turned(ports);
    this.#slots[at + TAG] = connection * 2 + (isLower ? 1 : 2);
  }

  /** Begins a table of twice the size. The one before is left long before this one is full. */
  #grow(): void {
    this.#leave(Number.POSITIVE_INFINITY);
    this.#old = this.#slots;
    this.#left = 0;
    this.#slots = new Int32Array(this.#old.length * 2);
    this.#mask = this.#slots.length / SLOT - 1;
  }

  /** Moves the tuples of the next `count` slots of the table that is being left. */
  #leave(count: number): void {
    const old = this.#old;
    const end = Math.min(old.length / SLOT, this.#left + count);
    for (let at = this.#left * SLOT; at < end * SLOT; at += SLOT) {
      const tag = old[at + TAG]!;
      if (tag === 0 || tag === GONE) continue;
      let slot = this.#hashOfSlot(old, at) & this.#mask;
      while (this.#slots[slot * SLOT + TAG] !== 0) slot = (slot + 1) & this.#mask;
      for (let word = 0; word < SLOT; word++) this.#slots[slot * SLOT + word] = old[at + word]!;
    }
    this.#left = end;
    if (end * SLOT === old.length) this.#old = NONE;
  }
}

/** In place of a table where none is being left. */
const NONE = new Int32Array(0);

/** The slot, from `first` on, of the connection under `number`, whose tuple has that hash; -1 where it is not there. */
function slotOf(slots: Int32Array, hash: number, number: number, first: number): number {
  const mask = slots.length / SLOT - 1;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const tag = slots[slot * SLOT + TAG]!;
    if (tag === 0) return -1;
    if (slot >= first && tag !== GONE && (Math.abs(tag) - 1) >> 1 === number) return slot;
  }
}

/** Whether the tuple fits a slot: IPv4, outside of any overlay network, in no scope of its own. */
function isPlain(segment: Segment, scope: number): boolean {
  return segment.ipVersion === 4 && (segment.overlayId | scope) === 0;
}

/** -1 where the segment's sender is the lower end of its tuple, else 0: by first address word, then by port. */
function lowerMask(segment: Segment): number {
  return lowerOf(segment.source0, segment.destination0, (segment.sourcePort << 16) | segment.destinationPort);
}

/** The same of two ends, with the first one's port above the second's. */
function lowerOf(first: number, second: number, ports: number): number {
  // Without their last bits the difference of two addresses cannot overflow.
  const distance = (first >>> 1) - (second >>> 1);
  if (distance !== 0) return distance >> 31;
  const isLower = first === second ? ports >>> 16 <= (ports & 0xffff) : (first & 1) === 0;
  return isLower ? -1 : 0;
}

/** Ports of the other direction. */
function turned(ports: number): number {
  return (ports << 16) | (ports >>> 16);
}
