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

  /** Both SYNs of the connection are known: marks it where it is one that was seen before, else remembers it. */
  observe(connections: Connections, connection: number): void {
    const e = connections.endpoints;
    const server = connection + STRIDE;
    // One captured SYN is not enough to tell; a tuple that shows several connections at once has its own rules.
    if (!(e.marks[connection]! & e.marks[server]! & MARK_ISN_KNOWN)) return;
    if (e.synCount[connection] === 0 || e.synCount[server] === 0 || connections.scope(connection) !== 0)
      return;
    const head = hashOf(e.isn[connection]!, e.isn[server]!) & (MOST_HANDSHAKES - 1);
    const place = this.#find(connections, connection, head);
    if (place < 0) {
      this.#add(connections, connection, head);
      return;
    }
    if (this.#isOf(place, connections, connection)) return;
    const at = connections.rareRow(connection);
    connections.rare.sameAs[at] = this.#wide[place * 2 + 1]!;
  }

  #isOf(place: number, connections: Connections, connection: number): boolean {
    return this.#wide[place * 2 + 1] === nameOf(connections.columns, connection);
  }

  /** Place of the same handshake, or -1. */
  #find(connections: Connections, connection: number, head: number): number {
    const e = connections.endpoints;
    const server = connection + STRIDE;
    const synAt = e.synAt[connection]!;
    const places = placesOf(connections, connection);
    const oldest = this.#next - MOST_HANDSHAKES;
    for (let number = this.#heads[head]!; number > 0 && number >= oldest; ) {
      const place = number & (MOST_HANDSHAKES - 1);
      const at = place * WORDS;
      if (
        this.#words[at + CLIENT_ISN] === e.isn[connection] &&
        this.#words[at + SERVER_ISN] === e.isn[server] &&
        this.#words[at + SYN_TS_VAL] === e.lastSynTsVal[connection] &&
        this.#words[at + SYN_ACK_TS_VAL] === e.lastSynTsVal[server] &&
        Math.abs(synAt - this.#wide[place * 2]!) < NEARLY_THE_SAME_NS &&
        // Another port of the same client is another connection, of hosts whose ISNs are always the same.
        (this.#words[at + PLACES] !== places || this.#isOf(place, connections, connection))
      )
        return place;
      number = this.#words[at + EARLIER]!;
    }
    return -1;
  }

  #add(connections: Connections, connection: number, head: number): void {
    const { endpoints: e, columns } = connections;
    const server = connection + STRIDE;
    const synAt = e.synAt[connection]!;
    const number = this.#next++;
    const place = number & (MOST_HANDSHAKES - 1);
    const at = place * WORDS;
    if (number > MOST_HANDSHAKES && synAt - this.#wide[place * 2]! < NEARLY_THE_SAME_NS) this.evicted++;
    this.#words[at + CLIENT_ISN] = e.isn[connection]!;
    this.#words[at + SERVER_ISN] = e.isn[server]!;
    this.#words[at + SYN_TS_VAL] = e.lastSynTsVal[connection]!;
    this.#words[at + SYN_ACK_TS_VAL] = e.lastSynTsVal[server]!;
    this.#words[at + EARLIER] = this.#heads[head]!;
    this.#words[at + PLACES] = placesOf(connections, connection);
    this.#wide[place * 2] = synAt;
    this.#wide[place * 2 + 1] = nameOf(columns, connection);
    this.#heads[head] = number;
  }
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
