/**
 * Figures by server (address and port) or by client (address), for the busiest ones: bounded, what falls out counted.
 *
 * A host is a row of numbers: key, counts and two coarse distributions side by side, found by open addressing. Objects
 * for them cost a microsecond a connection in cache misses (5,000 clients on the narrow trace).
 */
import type { Distribution, HostSummary } from "../report/summary.js";
import { OUTCOMES } from "../report/verdicts.js";
import { addressText } from "./addresses.js";
import type { Connections } from "./connections.js";
import { COARSE_CLASSES, coarseClass, distributionOf } from "./distribution.js";

/** Hosts kept; when there are twice as many, the half with fewer connections is dropped and counted. */
const MOST_HOSTS = 8192;
/** Words of a key: address, port and IP version, hash. */
const KEY = 6;
const PORT = 4;
const HASH = 5;
/** Numbers of a host, then the classes of both distributions. */
const [CONNECTIONS, COMPLETED, REFUSED, UNANSWERED, RESETS, REPEATS, BYTES] = [0, 1, 2, 3, 4, 5, 6];
const [SHORTEST_CONNECT, LONGEST_CONNECT, SHORTEST_LEG, LONGEST_LEG] = [7, 8, 9, 10];
const NUMBERS = 11;
const CONNECT_CLASSES = 0;
const LEG_CLASSES = COARSE_CLASSES;

const OUTCOME_COMPLETED = OUTCOMES.indexOf("completed");
const OUTCOME_REFUSED = OUTCOMES.indexOf("refused");
const OUTCOME_UNANSWERED = OUTCOMES.indexOf("unanswered");

/** A host by the words of its key: address, then port and IP version. */
export type Host = readonly [w0: number, w1: number, w2: number, w3: number, port: number];

export class HostTable {
  /** Hosts that were dropped because there were too many. */
  dropped = 0;

  readonly #side: number;
  #count = 0;
  #capacity = 1024;
  #slots = new Int32Array(2048);
  #keys = new Int32Array(1024 * KEY);
  #numbers = new Float64Array(1024 * NUMBERS);
  #classes = new Uint32Array(1024 * 2 * COARSE_CLASSES);

  /** `side`: 0 for clients (the port is left out), 1 for servers. */
  constructor(side: number) {
    this.#side = side;
  }

  /** Counts a connection (weight -1: takes it out). Times in nanoseconds, NaN where unknown. */
  add(
    connections: Connections,
    connection: number,
    outcome: number,
    wasReset: boolean,
    repeats: number,
    bytes: number,
    connectNs: number,
    legNs: number,
    weight: 1 | -1,
  ): void {
    const host = this.#rowOf(connections, connection);
    const numbers = this.#numbers;
    const at = host * NUMBERS;
    numbers[at + CONNECTIONS]! += weight;
    if (outcome === OUTCOME_COMPLETED) numbers[at + COMPLETED]! += weight;
    else if (outcome === OUTCOME_REFUSED) numbers[at + REFUSED]! += weight;
    else if (outcome === OUTCOME_UNANSWERED) numbers[at + UNANSWERED]! += weight;
    if (wasReset) numbers[at + RESETS]! += weight;
    numbers[at + REPEATS]! += weight * repeats;
    numbers[at + BYTES]! += weight * bytes;
    const classes = host * 2 * COARSE_CLASSES;
    if (connectNs === connectNs) {
      this.#classes[classes + CONNECT_CLASSES + coarseClass(connectNs)]! += weight;
      if (connectNs < numbers[at + SHORTEST_CONNECT]!) numbers[at + SHORTEST_CONNECT] = connectNs;
      if (connectNs > numbers[at + LONGEST_CONNECT]!) numbers[at + LONGEST_CONNECT] = connectNs;
    }
    if (legNs === legNs) {
      this.#classes[classes + LEG_CLASSES + coarseClass(legNs)]! += weight;
      if (legNs < numbers[at + SHORTEST_LEG]!) numbers[at + SHORTEST_LEG] = legNs;
      if (legNs > numbers[at + LONGEST_LEG]!) numbers[at + LONGEST_LEG] = legNs;
    }
  }

  /** Shortest server leg of an unambiguous handshake with the connection's host, or Infinity. */
  shortestLegNs(connections: Connections, connection: number): number {
    return this.#numbers[this.#rowOf(connections, connection) * NUMBERS + SHORTEST_LEG]!;
  }

  /** The connection's host, to ask for later. */
  hostOf(connections: Connections, connection: number): Host {
    const at = this.#rowOf(connections, connection) * KEY;
    return [
      this.#keys[at]!,
      this.#keys[at + 1]!,
      this.#keys[at + 2]!,
      this.#keys[at + 3]!,
      this.#keys[at + PORT]!,
    ];
  }

  /** The same as `shortestLegNs` by host. */
  shortestLegOf(host: Host): number {
    return this.#numbers[this.#find(...host) * NUMBERS + SHORTEST_LEG]!;
  }

  merge(other: HostTable): void {
    for (let theirs = 0; theirs < other.#count; theirs++) {
      const key = other.#keys.subarray(theirs * KEY, (theirs + 1) * KEY);
      const own = this.#find(key[0]!, key[1]!, key[2]!, key[3]!, key[PORT]!);
      const [to, from] = [own * NUMBERS, theirs * NUMBERS];
      for (let i = CONNECTIONS; i <= BYTES; i++) this.#numbers[to + i]! += other.#numbers[from + i]!;
      for (const i of [SHORTEST_CONNECT, SHORTEST_LEG]) {
        this.#numbers[to + i] = Math.min(this.#numbers[to + i]!, other.#numbers[from + i]!);
      }
      for (const i of [LONGEST_CONNECT, LONGEST_LEG]) {
        this.#numbers[to + i] = Math.max(this.#numbers[to + i]!, other.#numbers[from + i]!);
      }
      const size = 2 * COARSE_CLASSES;
      for (let i = 0; i < size; i++) this.#classes[own * size + i]! += other.#classes[theirs * size + i]!;
    }
    this.dropped += other.dropped;
  }

  /** The busiest hosts first, at most `most`; equal ones in the order of their names. */
  summary(most: number): { hosts: HostSummary[]; omitted: number } {
    const named: { host: number; name: string }[] = [];
    for (let host = 0; host < this.#count; host++) {
      if (this.#numbers[host * NUMBERS + CONNECTIONS]! > 0) named.push({ host, name: this.#nameOf(host) });
    }
    const connections = (host: number) => this.#numbers[host * NUMBERS + CONNECTIONS]!;
    named.sort((a, b) => connections(b.host) - connections(a.host) || (a.name < b.name ? -1 : 1));
    const hosts = named.slice(0, most).map(({ host, name }) => this.#summaryOf(host, name));
    return { hosts, omitted: this.dropped + Math.max(0, named.length - most) };
  }

  #summaryOf(host: number, name: string): HostSummary {
    const number = (i: number) => this.#numbers[host * NUMBERS + i]!;
    const distribution = (first: number, shortest: number, longest: number): Distribution => {
      const start = host * 2 * COARSE_CLASSES + first;
      const counts = this.#classes.subarray(start, start + COARSE_CLASSES);
      return distributionOf(counts, number(shortest), number(longest));
    };
    return {
      name,
      connections: number(CONNECTIONS),
      completed: number(COMPLETED),
      refused: number(REFUSED),
      unanswered: number(UNANSWERED),
      resets: number(RESETS),
      retransmissions: number(REPEATS),
      bytes: number(BYTES),
      connectTime: distribution(CONNECT_CLASSES, SHORTEST_CONNECT, LONGEST_CONNECT),
      serverLeg: distribution(LEG_CLASSES, SHORTEST_LEG, LONGEST_LEG),
    };
  }

  #rowOf(connections: Connections, connection: number): number {
    const side = this.#side;
    const port = (side === 1 ? connections.port(connection, 1) : 0) * 8 + connections.ipVersion(connection);
    return this.#find(
      connections.addressWord(connection, side, 0),
      connections.addressWord(connection, side, 1),
      connections.addressWord(connection, side, 2),
      connections.addressWord(connection, side, 3),
      port,
    );
  }

  /** Row of the host, made where it is new. */
  #find(w0: number, w1: number, w2: number, w3: number, port: number): number {
    const hash = hashOf(w0, w1, w2, w3, port);
    const keys = this.#keys;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const host = this.#slots[slot]! - 1;
      if (host < 0) break;
      const at = host * KEY;
      const isSame =
        keys[at] === w0 && keys[at + 3] === w3 && keys[at + PORT] === port && keys[at + 1] === w1;
      if (isSame && keys[at + 2] === w2) return host;
    }
    if (this.#count >= 2 * MOST_HOSTS) this.#dropQuietHalf();
    if (this.#count === this.#capacity) this.#grow();
    const host = this.#count++;
    this.#keys.set([w0, w1, w2, w3, port, hash], host * KEY);
    this.#numbers.fill(0, host * NUMBERS, (host + 1) * NUMBERS);
    this.#numbers[host * NUMBERS + SHORTEST_CONNECT] = Number.POSITIVE_INFINITY;
    this.#numbers[host * NUMBERS + SHORTEST_LEG] = Number.POSITIVE_INFINITY;
    this.#classes.fill(0, host * 2 * COARSE_CLASSES, (host + 1) * 2 * COARSE_CLASSES);
    this.#enter(host);
    return host;
  }

  #enter(host: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#keys[host * KEY + HASH]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = host + 1;
  }

  #grow(): void {
    this.#capacity *= 4;
    const keys = new Int32Array(this.#capacity * KEY);
    keys.set(this.#keys);
    const numbers = new Float64Array(this.#capacity * NUMBERS);
    numbers.set(this.#numbers);
    const classes = new Uint32Array(this.#capacity * 2 * COARSE_CLASSES);
    classes.set(this.#classes);
    this.#keys = keys;
    this.#numbers = numbers;
    this.#classes = classes;
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let host = 0; host < this.#count; host++) this.#enter(host);
  }

  #dropQuietHalf(): void {
    const connections = (host: number) => this.#numbers[host * NUMBERS + CONNECTIONS]!;
    const order = Array.from({ length: this.#count }, (_, host) => host).sort(
      (a, b) => connections(b) - connections(a) || a - b,
    );
    const kept = order.slice(0, MOST_HOSTS).sort((a, b) => a - b);
    this.dropped += this.#count - kept.length;
    const size = 2 * COARSE_CLASSES;
    kept.forEach((host, place) => {
      this.#keys.copyWithin(place * KEY, host * KEY, (host + 1) * KEY);
      this.#numbers.copyWithin(place * NUMBERS, host * NUMBERS, (host + 1) * NUMBERS);
      this.#classes.copyWithin(place * size, host * size, (host + 1) * size);
    });
    this.#count = kept.length;
    this.#slots.fill(0);
    for (let host = 0; host < this.#count; host++) this.#enter(host);
  }

  #nameOf(host: number): string {
    const key = this.#keys.subarray(host * KEY, (host + 1) * KEY);
    const ipVersion = key[PORT]! & 7;
    const address = addressText(ipVersion, key[0]!, key[1]!, key[2]!, key[3]!);
    if (this.#side === 0) return address;
    const port = key[PORT]! >> 3;
    return ipVersion === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  }
}

function hashOf(w0: number, w1: number, w2: number, w3: number, port: number): number {
  let hash = Math.imul(w0 ^ Math.imul(port, 0x85ebca77), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w3, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 13) ^ w1 ^ Math.imul(w2, 0x27d4eb2f), 0x165667b1);
  return hash ^ (hash >>> 16);
}
