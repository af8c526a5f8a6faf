/**
 * Options that a server grants to others and not on this path: what is told by the handshakes of several clients.
 *
 * A server grants window scale, SACK or timestamps to whoever offers them, or to nobody (RFC 7323 §2.2, RFC 2018 §2). Where
 * one client's offers are never answered and those of others are, a box on its path takes the option away. Counted for
 * each completed handshake, in bounded tables (bounded-rows.ts): a path is a client's address and a server's port.
 */
import { formatEndpoint } from "../report/quantities.js";
import { NEGOTIATED, type StrippedPath } from "../report/summary.js";
import { addressAt, BoundedRows, FIRST, KEY, PORT, WORDS } from "./bounded-rows.js";
import { OFFER_SACK, OFFER_TIMESTAMPS, OFFERS_CUT, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { frameOf, idOfName, nameOf } from "./packet-names.js";

/** Sets of four rows: 16,384 paths, 2,048 servers. */
const PATH_SETS = 4096;
const SERVER_SETS = 512;
const OPTIONS = NEGOTIATED.length;
/** Handshakes of one path that lack an option, and other clients that have it, at least. */
const LEAST_MISSING = 3;
const LEAST_OTHERS = 3;
/** Paths in the summary. */
const MOST_TOLD = 100;

// A path's own integers: handshakes that were granted each option, then those that were not, in the order of NEGOTIATED;
// the first connection that lacks one (packet-names.ts), in two words.
const [GRANTED, MISSING, NAME] = [FIRST, FIRST + OPTIONS, FIRST + 2 * OPTIONS];
const PATH_INTS = 2 * OPTIONS + 2;
const WORD = 2 ** 32;
/** A server's own: for each option the hashes of the first clients to which it was granted, 0 for none yet. */
const GRANTEES = FIRST;

/** Paths whose options are known to be granted, by hash: what goes on being granted is not noted again. */
const GRANTED_PATHS = 2 ** 14;

export class HandshakePaths {
  readonly #granted = new Int32Array(GRANTED_PATHS);
  readonly #paths = new BoundedRows(PATH_SETS, PATH_INTS);
  readonly #servers = new BoundedRows(SERVER_SETS, OPTIONS * LEAST_OTHERS);

  /** Counts a completed handshake (weight -1: takes it out; a path that was granted an option stays one). */
  add(connections: Connections, client: number, weight: 1 | -1): void {
    const { endpoints: e } = connections;
    const server = client + STRIDE;
    // Some systems leave options out when they repeat a SYN.
    if (e.synCount[client] !== 1 || e.synCount[server] === 0) return;
    if ((e.options[client]! | e.options[server]!) & OFFERS_CUT) return;
    const offered = optionsOf(e.options[client]!, e.offeredScale[client]!);
    const granted = offered & optionsOf(e.options[server]!, e.offeredScale[server]!);
    // Nothing was asked for; or a SYN cookie had no room for it, as it has none without timestamps (syn-cookies.ts).
    if (offered === 0 || (granted === 0 && !(e.options[client]! & OFFER_TIMESTAMPS))) return;
    if (offered === granted && this.#isKnown(connections, client, offered, weight)) return;
    const path = take(this.#paths, connections, client, true);
    const { ints } = this.#paths;
    for (let option = 0; option < OPTIONS; option++) {
      if (!(offered & (1 << option))) continue;
      const isGranted = (granted & (1 << option)) !== 0;
      if (!isGranted) {
        ints[path + MISSING + option]! += weight;
        if (weight > 0) noteName(ints, path, nameOf(connections.columns, client));
      } else if (weight > 0 && ints[path + GRANTED + option]!++ === 0) {
        const row = take(this.#servers, connections, client, false);
        noteGrantee(this.#servers.ints, row, option, clientHash(connections, client));
      }
    }
  }

  /** Whether nothing is to be noted of a path that grants all that is asked for; it is known the next time. */
  #isKnown(connections: Connections, client: number, offered: number, weight: 1 | -1): boolean {
    if (weight < 0) return true;
    // A row that went for others is forgotten: what was noted in it has to be noted again.
    if (this.#paths.displaced > 0) return false;
    const hash = pathHash(connections, client) ^ offered;
    const at = hash & (GRANTED_PATHS - 1);
    if (this.#granted[at] === hash) return true;
    this.#granted[at] = hash;
    return false;
  }

  merge(other: HandshakePaths): void {
    const { ints: theirs } = other.#paths;
    other.#paths.forEach((place) => {
      const own = this.#paths.takeLike(other.#paths, place);
      const { ints } = this.#paths;
      for (let i = 0; i < 2 * OPTIONS; i++) ints[own + GRANTED + i]! += theirs[place + GRANTED + i]!;
      const name = nameAt(theirs, place);
      if (name > 0) noteName(ints, own, name);
    });
    other.#servers.forEach((place) => {
      const own = this.#servers.takeLike(other.#servers, place);
      for (let i = 0; i < OPTIONS * LEAST_OTHERS; i++) {
        const hash = other.#servers.ints[place + GRANTEES + i]!;
        if (hash !== 0) noteGrantee(this.#servers.ints, own, Math.floor(i / LEAST_OTHERS), hash);
      }
    });
  }

  /** The paths that lack what the same server grants to others; those with the most handshakes first. */
  summary(fileNames: readonly string[]): { paths: StrippedPath[]; omitted: number } {
    const stripped: StrippedPath[] = [];
    const { ints } = this.#paths;
    this.#paths.forEach((place) => {
      let handshakes = 0;
      const options = NEGOTIATED.filter((_, option) => {
        const missing = ints[place + MISSING + option]!;
        if (ints[place + GRANTED + option]! > 0 || missing < LEAST_MISSING) return false;
        if (!this.#isGrantedElsewhere(ints, place, option)) return false;
        handshakes = Math.max(handshakes, missing);
        return true;
      });
      if (options.length === 0) return;
      const name = nameAt(ints, place);
      stripped.push({
        server: formatEndpoint(addressAt(ints, place, 1), ints[place + PORT]! >> 3),
        client: addressAt(ints, place, 0),
        options,
        handshakes,
        firstId: idOfName(fileNames, name),
        firstFrame: frameOf(fileNames, name)!,
      });
    });
    stripped.sort((a, b) => b.handshakes - a.handshakes || compare(a.server + a.client, b.server + b.client));
    return { paths: stripped.slice(0, MOST_TOLD), omitted: Math.max(0, stripped.length - MOST_TOLD) };
  }

  /** The path itself has no grant of the option: all of the server's are to others. */
  #isGrantedElsewhere(path: Int32Array, place: number, option: number): boolean {
    const { key } = this.#servers;
    for (let i = 0; i < KEY; i++) key[i] = i < WORDS ? 0 : path[place + i]!;
    const row = this.#servers.find();
    return row >= 0 && this.#servers.ints[row + GRANTEES + (option + 1) * LEAST_OTHERS - 1] !== 0;
  }
}

/** One more client to which the server grants the option, as far as they are told apart. */
function noteGrantee(ints: Int32Array, row: number, option: number, hash: number): void {
  const first = row + GRANTEES + option * LEAST_OTHERS;
  for (let at = first; at < first + LEAST_OTHERS; at++) {
    if (ints[at] === hash) return;
    if (ints[at] !== 0) continue;
    ints[at] = hash;
    return;
  }
}

/** The first connection that lacks an option. */
function nameAt(ints: Int32Array, path: number): number {
  return (ints[path + NAME]! >>> 0) + ints[path + NAME + 1]! * WORD;
}

function noteName(ints: Int32Array, path: number, name: number): void {
  const known = nameAt(ints, path);
  if (known > 0 && known <= name) return;
  ints[path + NAME] = name % WORD;
  ints[path + NAME + 1] = Math.floor(name / WORD);
}

/** Bits in the order of NEGOTIATED. */
function optionsOf(offers: number, scale: number): number {
  return (scale >= 0 ? 1 : 0) | (offers & OFFER_SACK ? 2 : 0) | (offers & OFFER_TIMESTAMPS ? 4 : 0);
}

/** The row of the connection's server, or of its path: from the client's address to that. */
function take(rows: BoundedRows, connections: Connections, client: number, isPath: boolean): number {
  for (let word = 0; word < WORDS; word++) {
    rows.key[word] = isPath ? connections.addressWord(client, 0, word) : 0;
    rows.key[WORDS + word] = connections.addressWord(client, 1, word);
  }
  rows.key[PORT] = connections.port(client, 1) * 8 + connections.ipVersion(client);
  return rows.take();
}

/** The three lowest bits are 0: options stand there. */
function pathHash(connections: Connections, client: number): number {
  let hash = connections.port(client, 1);
  const words = connections.ipVersion(client) === 4 ? 1 : WORDS;
  for (let side = 0; side < 2; side++)
    for (let word = 0; word < words; word++) {
      hash = Math.imul(hash ^ connections.addressWord(client, side, word), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
  return hash & ~7;
}

/** Never 0. Two clients that share one count once: a server needs one more to be believed. */
function clientHash(connections: Connections, client: number): number {
  let hash = 0;
  for (let word = 0; word < WORDS; word++) {
    hash = Math.imul(hash ^ connections.addressWord(client, 0, word), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash || 1;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
