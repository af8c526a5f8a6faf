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
/** Integers of a host, one cache line: key (address, port with IP version, hash), then counts. */
const INTS = 16;
const PORT = 4;
const HASH = 5;
const [CONNECTIONS, COMPLETED, REFUSED, UNANSWERED, RESETS, REPEATS] = [6, 7, 8, 9, 10, 11];
/** Doubles of a host, another cache line: bytes, then the ends of both distributions. */
const WIDES = 8;
const BYTES = 0;
const [SHORTEST_CONNECT, LONGEST_CONNECT, SHORTEST_LEG, LONGEST_LEG] = [1, 2, 3, 4];
/** Classes of a host: of both distributions. */
const CLASSES = 2 * COARSE_CLASSES;
const CONNECT_CLASSES = 0;
const LEG_CLASSES = COARSE_CLASSES;

const OUTCOME_COMPLETED = OUTCOMES.indexOf("completed");
const OUTCOME_REFUSED = OUTCOMES.indexOf("refused");
const OUTCOME_UNANSWERED = OUTCOMES.indexOf("unanswered");
/** Somebody else answered in its place: of the host itself nothing came. */
const OUTCOME_UNREACHABLE = OUTCOMES.indexOf("unreachable");

/** A host by the words of its key: address, then port and IP version. */
export type Host = readonly [w0: number, w1: number, w2: number, w3: number, port: number];

/** What a connection adds to its hosts. Times in nanoseconds, NaN where unknown; one object, filled again and again. */
export interface HostSample {
  /** Index into OUTCOMES, or -1. */
  outcome: number;
  wasReset: boolean;
  repeats: number;
  bytes: number;
  connectNs: number;
  legNs: number;
}

export class HostTable {
  /** Hosts that were dropped because there were too many. */
  dropped = 0;

  readonly #side: number;
  #count = 0;
  #capacity = 1024;
  #slots = new Int32Array(2048);
  #ints = new Int32Array(1024 * INTS);
  #wides = new Float64Array(1024 * WIDES);
  #classes = new Uint32Array(1024 * CLASSES);

  /** `side`: 0 for clients (the port is left out), 1 for servers. */
  constructor(side: number) {
    this.#side = side;
  }

  /** Counts a connection (weight -1: takes it out). */
  add(connections: Connections, connection: number, sample: HostSample, weight: 1 | -1): void {
    const host = this.#rowOf(connections, connection);
    const ints = this.#ints;
    const wides = this.#wides;
    const at = host * INTS;
    ints[at + CONNECTIONS]! += weight;
    if (sample.outcome === OUTCOME_COMPLETED) ints[at + COMPLETED]! += weight;
    else if (sample.outcome === OUTCOME_REFUSED) ints[at + REFUSED]! += weight;
    else if (sample.outcome === OUTCOME_UNANSWERED || sample.outcome === OUTCOME_UNREACHABLE)
      ints[at + UNANSWERED]! += weight;
    if (sample.wasReset) ints[at + RESETS]! += weight;
    ints[at + REPEATS]! += weight * sample.repeats;
    const wide = host * WIDES;
    wides[wide + BYTES]! += weight * sample.bytes;
    const { connectNs, legNs } = sample;
    if (connectNs === connectNs) {
      this.#classes[host * CLASSES + CONNECT_CLASSES + coarseClass(connectNs)]! += weight;
      if (connectNs < wides[wide + SHORTEST_CONNECT]!) wides[wide + SHORTEST_CONNECT] = connectNs;
      if (connectNs > wides[wide + LONGEST_CONNECT]!) wides[wide + LONGEST_CONNECT] = connectNs;
    }
    if (legNs === legNs) {
      this.#classes[host * CLASSES + LEG_CLASSES + coarseClass(legNs)]! += weight;
      if (legNs < wides[wide + SHORTEST_LEG]!) wides[wide + SHORTEST_LEG] = legNs;
      if (legNs > wides[wide + LONGEST_LEG]!) wides[wide + LONGEST_LEG] = legNs;
    }
  }

  /** Shortest server leg of an unambiguous handshake with the connection's host, or Infinity. */
  shortestLegNs(connections: Connections, connection: number): number {
    const host = this.#rowOf(connections, connection);
    return this.#wides[host * WIDES + SHORTEST_LEG]!;
  }

  /** The connection's host, to ask for later. */
  hostOf(connections: Connections, connection: number): Host {
    const at = this.#rowOf(connections, connection) * INTS;
    const ints = this.#ints;
    return [ints[at]!, ints[at + 1]!, ints[at + 2]!, ints[at + 3]!, ints[at + PORT]!];
  }

  /** The same as `shortestLegNs` by host. */
  shortestLegOf(host: Host): number {
    const row = this.#find(...host);
    return this.#wides[row * WIDES + SHORTEST_LEG]!;
  }

  merge(other: HostTable): void {
    for (let theirs = 0; theirs < other.#count; theirs++) {
      const key = other.#ints.subarray(theirs * INTS, theirs * INTS + HASH);
      const own = this.#find(key[0]!, key[1]!, key[2]!, key[3]!, key[PORT]!);
      for (let i = CONNECTIONS; i <= REPEATS; i++)
        this.#ints[own * INTS + i]! += other.#ints[theirs * INTS + i]!;
      const [to, from] = [own * WIDES, theirs * WIDES];
      this.#wides[to + BYTES]! += other.#wides[from + BYTES]!;
      for (const i of [SHORTEST_CONNECT, SHORTEST_LEG])
        this.#wides[to + i] = Math.min(this.#wides[to + i]!, other.#wides[from + i]!);
      for (const i of [LONGEST_CONNECT, LONGEST_LEG])
        this.#wides[to + i] = Math.max(this.#wides[to + i]!, other.#wides[from + i]!);
      for (let i = 0; i < CLASSES; i++)
        this.#classes[own * CLASSES + i]! += other.#classes[theirs * CLASSES + i]!;
    }
    this.dropped += other.dropped;
  }

  /** Name of the connection's host, as the summary lists it. */
  nameFor(connections: Connections, connection: number): string {
    return this.#nameOf(this.#rowOf(connections, connection));
  }

  /**
   * The busiest hosts first, at most `most`; equal ones in the order of their names. `unclaimed`: attempts by name that
   * count as unanswered and are not, for their answers were never captured.
   */
  summary(most: number, unclaimed: ReadonlyMap<string, number>): { hosts: HostSummary[]; omitted: number } {
    const named: { host: number; name: string }[] = [];
    for (let host = 0; host < this.#count; host++) {
      if (this.#ints[host * INTS + CONNECTIONS]! > 0) named.push({ host, name: this.#nameOf(host) });
    }
    const connections = (host: number) => this.#ints[host * INTS + CONNECTIONS]!;
    named.sort((a, b) => connections(b.host) - connections(a.host) || (a.name < b.name ? -1 : 1));
    const hosts = named.slice(0, most).map(({ host, name }) => {
      const summary = this.#summaryOf(host, name);
      return { ...summary, unanswered: summary.unanswered - (unclaimed.get(name) ?? 0) };
    });
    return { hosts, omitted: this.dropped + Math.max(0, named.length - most) };
  }

  #summaryOf(host: number, name: string): HostSummary {
    const count = (i: number) => this.#ints[host * INTS + i]!;
    const wide = (i: number) => this.#wides[host * WIDES + i]!;
    const distribution = (first: number, shortest: number, longest: number): Distribution => {
      const start = host * CLASSES + first;
      const counts = this.#classes.subarray(start, start + COARSE_CLASSES);
      return distributionOf(counts, wide(shortest), wide(longest));
    };
    return {
      name,
      connections: count(CONNECTIONS),
      completed: count(COMPLETED),
      refused: count(REFUSED),
      unanswered: count(UNANSWERED),
      resets: count(RESETS),
      retransmissions: count(REPEATS),
      bytes: wide(BYTES),
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
    const ints = this.#ints;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const host = this.#slots[slot]! - 1;
      if (host < 0) break;
      const at = host * INTS;
      const isSame =
        ints[at] === w0 && ints[at + 3] === w3 && ints[at + PORT] === port && ints[at + 1] === w1;
      if (isSame && ints[at + 2] === w2) return host;
    }
    if (this.#count >= 2 * MOST_HOSTS) this.#dropQuietHalf();
    if (this.#count === this.#capacity) this.#grow();
    const host = this.#count++;
    this.#ints.fill(0, host * INTS, (host + 1) * INTS);
    this.#ints.set([w0, w1, w2, w3, port, hash], host * INTS);
    this.#wides.fill(0, host * WIDES, (host + 1) * WIDES);
    this.#wides[host * WIDES + SHORTEST_CONNECT] = Number.POSITIVE_INFINITY;
    this.#wides[host * WIDES + SHORTEST_LEG] = Number.POSITIVE_INFINITY;
    this.#classes.fill(0, host * CLASSES, (host + 1) * CLASSES);
    this.#enter(host);
    return host;
  }

  #enter(host: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#ints[host * INTS + HASH]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = host + 1;
  }

  #grow(): void {
    this.#capacity *= 4;
    const ints = new Int32Array(this.#capacity * INTS);
    ints.set(this.#ints);
    const wides = new Float64Array(this.#capacity * WIDES);
    wides.set(this.#wides);
    const classes = new Uint32Array(this.#capacity * CLASSES);
    classes.set(this.#classes);
    this.#ints = ints;
    this.#wides = wides;
    this.#classes = classes;
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let host = 0; host < this.#count; host++) this.#enter(host);
  }

  #dropQuietHalf(): void {
    const connections = (host: number) => this.#ints[host * INTS + CONNECTIONS]!;
    const order = Array.from({ length: this.#count }, (_, host) => host).sort(
      (a, b) => connections(b) - connections(a) || a - b,
    );
    const kept = order.slice(0, MOST_HOSTS).sort((a, b) => a - b);
    this.dropped += this.#count - kept.length;
    kept.forEach((host, place) => {
      this.#ints.copyWithin(place * INTS, host * INTS, (host + 1) * INTS);
      this.#wides.copyWithin(place * WIDES, host * WIDES, (host + 1) * WIDES);
      this.#classes.copyWithin(place * CLASSES, host * CLASSES, (host + 1) * CLASSES);
    });
    this.#count = kept.length;
    this.#slots.fill(0);
    for (let host = 0; host < this.#count; host++) this.#enter(host);
  }

  #nameOf(host: number): string {
    const key = this.#ints.subarray(host * INTS, host * INTS + HASH);
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
