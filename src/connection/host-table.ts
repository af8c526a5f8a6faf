/**
 * Figures by server (address and port) or by client (address), for the busiest ones: bounded, what falls out counted.
 */
import type { HostSummary } from "../report/summary.js";
import { addressText } from "./addresses.js";

import type { Connections } from "./connections.js";
import { LogHistogram } from "./distribution.js";

/** Hosts kept; when there are twice as many, the half with fewer connections is dropped and counted. */
const MOST_HOSTS = 8192;

export class HostTally {
  connections = 0;
  completed = 0;
  refused = 0;
  unanswered = 0;
  resets = 0;
  retransmissions = 0;
  bytes = 0;
  connectTime = new LogHistogram();
  serverLeg = new LogHistogram();
  /** Shortest server leg of an unambiguous handshake, in nanoseconds. */
  shortestLegNs = Number.POSITIVE_INFINITY;
  readonly words: readonly number[];
  readonly port: number;
  readonly ipVersion: number;

  constructor(words: readonly number[], port: number, ipVersion: number) {
    this.words = words;
    this.port = port;
    this.ipVersion = ipVersion;
  }

  merge(other: HostTally): void {
    this.connections += other.connections;
    this.completed += other.completed;
    this.refused += other.refused;
    this.unanswered += other.unanswered;
    this.resets += other.resets;
    this.retransmissions += other.retransmissions;
    this.bytes += other.bytes;
    this.connectTime.merge(other.connectTime);
    this.serverLeg.merge(other.serverLeg);
    this.shortestLegNs = Math.min(this.shortestLegNs, other.shortestLegNs);
  }
}

export class HostTable {
  /** Hosts that were dropped because there were too many. */
  dropped = 0;
  readonly #side: number;
  #hosts = new Map<number, HostTally[]>();
  #count = 0;

  /** `side`: 0 for clients (the port is left out), 1 for servers. */
  constructor(side: number) {
    this.#side = side;
  }

  /** The tally of the connection's host, or undefined. */
  find(connections: Connections, connection: number): HostTally | undefined {
    const side = this.#side;
    const port = side === 1 ? connections.port(connection, side) : 0;
    const bucket = this.#hosts.get(keyOf(connections, connection, side, port));
    if (!bucket) return undefined;
    const ipVersion = connections.ipVersion(connection);
    for (const host of bucket) {
      if (host.port !== port || host.ipVersion !== ipVersion) continue;
      let word = 0;
      while (word < 4 && host.words[word] === connections.addressWord(connection, side, word)) word++;
      if (word === 4) return host;
    }
    return undefined;
  }

  /** The tally of the connection's host, made where it is new. */
  of(connections: Connections, connection: number): HostTally {
    const known = this.find(connections, connection);
    if (known) return known;
    const side = this.#side;
    const words = [0, 1, 2, 3].map((word) => connections.addressWord(connection, side, word));
    const host = new HostTally(words, side === 1 ? connections.port(connection, side) : 0, connections.ipVersion(connection));
    this.#put(keyOf(connections, connection, side, host.port), host);
    return host;
  }

  merge(other: HostTable): void {
    for (const [key, bucket] of other.#hosts) {
      for (const host of bucket) {
        const own = this.#hosts.get(key)?.find((h) => h.port === host.port && h.words.every((w, i) => w === host.words[i]));
        if (own) own.merge(host);
        else {
          const copy = new HostTally(host.words, host.port, host.ipVersion);
          copy.merge(host);
          this.#put(key, copy);
        }
      }
    }
    this.dropped += other.dropped;
  }

  /** The busiest hosts first, at most `most`; equal ones in the order of their addresses. */
  summary(most: number): { hosts: HostSummary[]; omitted: number } {
    const all = [...this.#hosts.values()].flat();
    const named = all.map((host) => ({ host, name: nameOf(host, this.#side) }));
    named.sort((a, b) => b.host.connections - a.host.connections || (a.name < b.name ? -1 : 1));
    const hosts = named.slice(0, most).map(({ host, name }) => ({
      name,
      connections: host.connections,
      completed: host.completed,
      refused: host.refused,
      unanswered: host.unanswered,
      resets: host.resets,
      retransmissions: host.retransmissions,
      bytes: host.bytes,
      connectTime: host.connectTime.summary(),
      serverLeg: host.serverLeg.summary(),
    }));
    return { hosts, omitted: this.dropped + Math.max(0, all.length - most) };
  }

  #put(key: number, host: HostTally): void {
    if (this.#count >= MOST_HOSTS * 2) this.#dropQuietHalf();
    const bucket = this.#hosts.get(key);
    if (bucket) bucket.push(host);
    else this.#hosts.set(key, [host]);
    this.#count++;
  }

  #dropQuietHalf(): void {
    const all = [...this.#hosts].flatMap(([key, bucket]) => bucket.map((host) => ({ key, host })));
    all.sort((a, b) => b.host.connections - a.host.connections);
    this.dropped += Math.max(0, all.length - MOST_HOSTS);
    this.#hosts = new Map();
    this.#count = 0;
    for (const { key, host } of all.slice(0, MOST_HOSTS)) this.#put(key, host);
  }
}

function keyOf(connections: Connections, connection: number, side: number, port: number): number {
  let key = port;
  for (let word = 0; word < 4; word++) {
    key = Math.imul(key ^ connections.addressWord(connection, side, word), 0x9e3779b1);
    key ^= key >>> 15;
  }
  return key;
}

function nameOf(host: HostTally, side: number): string {
  const [w0, w1, w2, w3] = host.words as [number, number, number, number];
  const address = addressText(host.ipVersion, w0, w1, w2, w3);
  if (side === 0) return address;
  return host.ipVersion === 6 ? `[${address}]:${host.port}` : `${address}:${host.port}`;
}
