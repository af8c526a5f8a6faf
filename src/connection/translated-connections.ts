/**
 * One connection under two four-tuples: an address translator (RFC 3022 §2), or the two sides of a tunnel, between two
 * capture points.
 *
 * A translator changes addresses and ports and leaves the rest of the TCP header alone, so both tuples show the same
 * initial sequence numbers (RFC 9293 §3.4.1) and the same TSvals (RFC 7323 §3) at nearly the same time. Looked up once
 * a connection, when its handshake is complete, or at its end where it never was; nothing here happens for a packet. The
 * last handshakes stand in a ring with hash chains that reach back, as tombs do: nothing has to be taken out.
 */
import { MARK_ISN_KNOWN, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { nameOf } from "./packet-names.js";

/** Handshakes remembered, a power of two: so few that they stay in the processor's cache. */
export const MOST_HANDSHAKES = 2 ** 12;
/** Two capture points of one host are microseconds apart; the clocks of two hosts agree no better than this. */
const NEARLY_THE_SAME_NS = 1e9;

/**
 * Words: both ISNs, TSvals of the last SYN and SYN-ACK, number of the one before in its chain, a hash of what a
 * translator changes.
 */
const WORDS = 6;
const CLIENT_ISN = 0;
const SERVER_ISN = 1;
const SYN_TS_VAL = 2;
const SYN_ACK_TS_VAL = 3;
const EARLIER = 4;
const PLACES = 5;

/** What a handshake shows under every tuple, and where it stands. */
export class Handshake {
  /** Name of the connection's first packet (packet-names.ts). */
  name = 0.5;
  synAtNs = 0.5;
  clientIsn = 0;
  serverIsn = 0;
  /** TSvals of the last SYN and SYN-ACK. */
  synTsVal = 0;
  synAckTsVal = 0;
  /** Hash of both addresses, the server's port and the overlay. */
  places = 0;

  /** Reads it from the columns; false where it is not known well enough to be compared. */
  read(connections: Connections, connection: number): boolean {
    const e = connections.endpoints;
    const server = connection + STRIDE;
    this.name = nameOf(connections.columns, connection);
    // One captured SYN is not enough to tell; a tuple that shows several connections at once has its own rules.
    if (!(e.marks[connection]! & e.marks[server]! & MARK_ISN_KNOWN)) return false;
    if (e.synCount[connection] === 0 || e.synCount[server] === 0 || connections.scope(connection) !== 0)
      return false;
    this.synAtNs = e.synAt[connection]!;
    this.clientIsn = e.isn[connection]!;
    this.serverIsn = e.isn[server]!;
    this.synTsVal = e.lastSynTsVal[connection]!;
    this.synAckTsVal = e.lastSynTsVal[server]!;
    this.places = placesOf(connections, connection);
    return true;
  }
}

export class TranslatedConnections {
  /** Handshakes forgotten while a second sight of them was still possible. */
  evicted = 0;

  readonly #words = new Int32Array(MOST_HANDSHAKES * WORDS);
  /** When its SYN was captured, and the connection's first packet (packet-names.ts), by turns. */
  readonly #wide = new Float64Array(MOST_HANDSHAKES * 2);
  /** Of each chain the newest handshake, 0 for none. */
  readonly #heads = new Int32Array(MOST_HANDSHAKES);
  /** Handshakes are numbered from 1 for ever; the place in the ring is the number modulo its size. */
  #next = 1;

  /** Name of another connection that showed the same handshake before, or 0: then it is remembered. */
  earlier(handshake: Handshake): number {
    const head = hashOf(handshake.clientIsn, handshake.serverIsn) & (MOST_HANDSHAKES - 1);
    const place = this.#find(handshake, head);
    if (place < 0) this.#add(handshake, head);
    return place < 0 || this.#isOf(place, handshake) ? 0 : this.#wide[place * 2 + 1]!;
  }

  #isOf(place: number, { name }: Handshake): boolean {
    return this.#wide[place * 2 + 1] === name;
  }

  /** Place of the same handshake, or -1. */
  #find(handshake: Handshake, head: number): number {
    const oldest = this.#next - MOST_HANDSHAKES;
    for (let number = this.#heads[head]!; number > 0 && number >= oldest; ) {
      const place = number & (MOST_HANDSHAKES - 1);
      const at = place * WORDS;
      if (
        this.#words[at + CLIENT_ISN] === handshake.clientIsn &&
        this.#words[at + SERVER_ISN] === handshake.serverIsn &&
        this.#words[at + SYN_TS_VAL] === handshake.synTsVal &&
        this.#words[at + SYN_ACK_TS_VAL] === handshake.synAckTsVal &&
        Math.abs(handshake.synAtNs - this.#wide[place * 2]!) < NEARLY_THE_SAME_NS &&
        // Another port of the same client is another connection, of hosts whose ISNs are always the same.
        (this.#words[at + PLACES] !== handshake.places || this.#isOf(place, handshake))
      )
        return place;
      number = this.#words[at + EARLIER]!;
    }
    return -1;
  }

  #add(handshake: Handshake, head: number): void {
    const { synAtNs } = handshake;
    const number = this.#next++;
    const place = number & (MOST_HANDSHAKES - 1);
    const at = place * WORDS;
    if (number > MOST_HANDSHAKES && synAtNs - this.#wide[place * 2]! < NEARLY_THE_SAME_NS) this.evicted++;
    this.#words[at + CLIENT_ISN] = handshake.clientIsn;
    this.#words[at + SERVER_ISN] = handshake.serverIsn;
    this.#words[at + SYN_TS_VAL] = handshake.synTsVal;
    this.#words[at + SYN_ACK_TS_VAL] = handshake.synAckTsVal;
    this.#words[at + EARLIER] = this.#heads[head]!;
    this.#words[at + PLACES] = handshake.places;
    this.#wide[place * 2] = synAtNs;
    this.#wide[place * 2 + 1] = handshake.name;
    this.#heads[head] = number;
  }
}

/** Marks the connection as one that was seen before, as the connection with the name `earlier`. */
export function markSecondSight(connections: Connections, connection: number, earlier: number): void {
  const at = connections.rareRow(connection);
  connections.rare.sameAs[at] = earlier;
}

/** Whether the connection is one that was seen before under another tuple. */
export function isSecondSight(connections: Connections, connection: number): boolean {
  return connections.rare.sameAs[connections.endpoints.rareRow[connection]!]! > 0;
}

/** Hash of both addresses, the server's port and the overlay. */
function placesOf(connections: Connections, connection: number): number {
  let hash = 0;
  for (let side = 0; side < 2; side++) {
    for (let word = 0; word < 4; word++) hash = hashOf(hash, connections.addressWord(connection, side, word));
  }
  return hashOf(hashOf(hash, connections.port(connection, 1)), connections.overlay(connection));
}

function hashOf(clientIsn: number, serverIsn: number): number {
  const h = Math.imul(clientIsn, 0x9e3779b1) ^ Math.imul(serverIsn, 0x85ebca77);
  return h ^ (h >>> 15);
}
