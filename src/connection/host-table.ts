/**
 * Figures by server (address and port) or by client (address), for the busiest ones: bounded, what falls out counted.
 *
 * A host is a row of numbers: key and counts, found by open addressing; its times are in host-times.ts. Objects for them
 * cost a microsecond a connection in cache misses (5,000 clients on the narrow trace).
 */
import type { HostStates, HostSummary } from "../report/summary.js";
import { OUTCOMES } from "../report/verdicts.js";
import { addressText } from "./addresses.js";
import type { Connections } from "./connections.js";
import { type HostSample, LOSSES } from "./host-sample.js";
import { HostTimes } from "./host-times.js";
import { CLOCKED, COOKIE, WITHOUT_OPTIONS } from "./syn-cookies.js";

/** Hosts kept; when there are twice as many, the half with fewer connections is dropped and counted. */
const MOST_HOSTS = 8192;
/** Integers of a host: key (address, port with IP version, hash), then counts; a second cache line for losses. */
const INTS = 32;
const PORT = 4;
const HASH = 5;
const [CONNECTIONS, COMPLETED, REFUSED, UNANSWERED, RESETS, REPEATS, ONE_TURN] = [6, 7, 8, 9, 10, 11, 12];
/** The minute of the capture, from 1, in which it last closed first; how often in it; how often in the worst one. */
const [MINUTE, IN_MINUTE, WORST_MINUTE] = [13, 14, 15];
/** Segments that were lost: the client's and the server's on the client's side of the capture point, then on the other. */
const LOST = 16;
/**
 * Most exchanges that a connection carried; connections that the server closed with an answer, and those of them that
 * carried so many.
 */
const [EXCHANGES, CLOSED_WITH_ANSWER, CLOSED_AT_MOST] = [20, 21, 22];
/** Of servers: SYN-ACKs that their timestamps judge, SYN cookies among them, those that granted nothing (syn-cookies.ts). */
const [CLOCKED_ANSWERS, COOKIES, BARE_ANSWERS] = [23, 24, 25];
/** Connections that the host closed first by a FIN, and that its peers did. */
const [CLOSED_FIRST, CLOSED_BY_PEER] = [26, 27];
/** As long as TIME_WAIT lasts on Linux: what is closed within it stands in TIME_WAIT together at its end. */
const MINUTE_NS = 60e9;
/**
 * Doubles of a host, one cache line: bytes, the shortest server leg of any handshake with it, completed or not, the bytes
 * of `LOST` in its order, and the connections that lost any on the client's side and on the server's.
 */
const WIDES = 8;
const [BYTES, SHORTEST_LEG, LOST_BYTES, LOSSY] = [0, 1, 2, 6];
/** In `LOST`, those of each side of the capture point. */
const DIRECTIONS = 2;

const OUTCOME_COMPLETED = OUTCOMES.indexOf("completed");
const OUTCOME_REFUSED = OUTCOMES.indexOf("refused");
const OUTCOME_UNANSWERED = OUTCOMES.indexOf("unanswered");
/** Somebody else answered in its place: of the host itself nothing came. */
const OUTCOME_UNREACHABLE = OUTCOMES.indexOf("unreachable");

/** A host by the words of its key: address, then port and IP version. */
export type Host = readonly [w0: number, w1: number, w2: number, w3: number, port: number];

export class HostTable {
  /** Hosts that were dropped because there were too many. */
  dropped = 0;
  /** After `add`: how many connections the host has had. */
  counted = 0;

  readonly #side: number;
  #count = 0;
  #capacity = 1024;
  #slots = new Int32Array(2048);
  #ints = new Int32Array(1024 * INTS);
  #wides = new Float64Array(1024 * WIDES);
  readonly #times: HostTimes;

  /** `side`: 0 for clients (the port is left out), 1 for servers. `mostBlocks` bounds the pool of host-times.ts. */
  constructor(side: number, mostBlocks?: number) {
    this.#side = side;
    this.#times = new HostTimes(1024, mostBlocks);
  }

  /** Counts a connection (weight -1: takes it out). Returns how many of the host's completed their handshake. */
  add(connections: Connections, connection: number, sample: HostSample, weight: 1 | -1): number {
    const host = this.#rowOf(connections, connection);
    const [ints, wides] = [this.#ints, this.#wides];
    const at = host * INTS;
    ints[at + CONNECTIONS]! += weight;
    if (sample.outcome === OUTCOME_COMPLETED) ints[at + COMPLETED]! += weight;
    else if (sample.outcome === OUTCOME_REFUSED) ints[at + REFUSED]! += weight;
    else if (sample.outcome === OUTCOME_UNANSWERED || sample.outcome === OUTCOME_UNREACHABLE)
      ints[at + UNANSWERED]! += weight;
    if (sample.wasReset) ints[at + RESETS]! += weight;
    ints[at + REPEATS]! += weight * sample.repeats;
    if (sample.isOneTurn) ints[at + ONE_TURN]! += weight;
    if (sample.closer === this.#side) {
      ints[at + CLOSED_FIRST]! += weight;
      this.#countClose(at, sample.closedAtNs, weight);
    } else if (sample.closer >= 0) ints[at + CLOSED_BY_PEER]! += weight;
    if (sample.exchanges > 0) countExchanges(ints, at, sample, weight);
    if (this.#side === 1) countAnswer(ints, at, sample.answer, weight);
    const wide = host * WIDES;
    wides[wide + BYTES]! += weight * sample.bytes;
    const { legNs, times, lost, lostBytes } = sample;
    if (lost[0]! + lost[1]! + lost[2]! + lost[3]! > 0) {
      for (let i = 0; i < LOSSES; i++) {
        ints[at + LOST + i]! += weight * lost[i]!;
        wides[wide + LOST_BYTES + i]! += weight * lostBytes[i]!;
      }
    }
    if (lost[0]! + lost[1]! > 0) wides[wide + LOSSY]! += weight;
    if (lost[2]! + lost[3]! > 0) wides[wide + LOSSY + 1]! += weight;
    if (legNs < wides[wide + SHORTEST_LEG]!) wides[wide + SHORTEST_LEG] = legNs;
    if (this.#times.isFull) this.#raiseBar();
    for (let time = 0; time < times.length; time++) {
      const ns = times[time]!;
      if (ns === ns) this.#times.add(host, time, ns, weight, ints[at + CONNECTIONS]!);
    }
    this.counted = ints[at + CONNECTIONS]!;
    return ints[at + COMPLETED]!;
  }

  /** The host closed first. One that comes late, after others of a later minute, is left out: the worst is a least. */
  #countClose(at: number, closedAtNs: number, weight: 1 | -1): void {
    const ints = this.#ints;
    const minute = Math.floor(closedAtNs / MINUTE_NS) + 1;
    if (minute > ints[at + MINUTE]!) {
      ints[at + MINUTE] = minute;
      ints[at + IN_MINUTE] = 0;
    }
    if (minute !== ints[at + MINUTE]) return;
    ints[at + IN_MINUTE]! += weight;
    if (ints[at + IN_MINUTE]! > ints[at + WORST_MINUTE]!) ints[at + WORST_MINUTE] = ints[at + IN_MINUTE]!;
  }

  /** The row of the connection's host, new where there is none: `hostOf` without its array. */
  #rowOf(connections: Connections, connection: number): number {
    const side = this.#side;
    return this.#rowFor(
      connections.addressWord(connection, side, 0),
      connections.addressWord(connection, side, 1),
      connections.addressWord(connection, side, 2),
      connections.addressWord(connection, side, 3),
      this.#portKey(connections, connection),
    );
  }

  #portKey(connections: Connections, connection: number): number {
    return (this.#side === 1 ? connections.port(connection, 1) : 0) * 8 + connections.ipVersion(connection);
  }

  /** Counts one more time of a host whose connection was counted before; nothing where the host was dropped. */
  addTime(host: Host, time: number, ns: number): void {
    const row = this.#find(...host);
    if (row < 0) return;
    if (this.#times.isFull) this.#raiseBar();
    this.#times.add(row, time, ns, 1, this.#ints[row * INTS + CONNECTIONS]!);
  }

  /** The connection's host, to ask for now or later. */
  hostOf(connections: Connections, connection: number): Host {
    const side = this.#side;
    return [
      connections.addressWord(connection, side, 0),
      connections.addressWord(connection, side, 1),
      connections.addressWord(connection, side, 2),
      connections.addressWord(connection, side, 3),
      this.#portKey(connections, connection),
    ];
  }

  /** Shortest server leg of an unambiguous handshake with the host, in nanoseconds, or Infinity. */
  shortestLegOf(host: Host): number {
    const row = this.#find(...host);
    return row < 0 ? Number.POSITIVE_INFINITY : this.#wides[row * WIDES + SHORTEST_LEG]!;
  }

  /** Hosts in memory. */
  get size(): number {
    return this.#count;
  }

  merge(other: HostTable): void {
    for (let theirs = 0; theirs < other.#count; theirs++) {
      const key = other.#ints.subarray(theirs * INTS, theirs * INTS + HASH);
      const own = this.#rowFor(key[0]!, key[1]!, key[2]!, key[3]!, key[PORT]!);
      for (let i = CONNECTIONS; i <= ONE_TURN; i++)
        this.#ints[own * INTS + i]! += other.#ints[theirs * INTS + i]!;
      for (let i = LOST; i < LOST + LOSSES; i++)
        this.#ints[own * INTS + i]! += other.#ints[theirs * INTS + i]!;
      for (let i = CLOCKED_ANSWERS; i <= CLOSED_BY_PEER; i++)
        this.#ints[own * INTS + i]! += other.#ints[theirs * INTS + i]!;
      const worst = own * INTS + WORST_MINUTE;
      this.#ints[worst] = Math.max(this.#ints[worst]!, other.#ints[theirs * INTS + WORST_MINUTE]!);
      const exchanges = theirs * INTS + EXCHANGES;
      raiseExchanges(this.#ints, own * INTS, other.#ints[exchanges]!);
      if (other.#ints[exchanges] === this.#ints[own * INTS + EXCHANGES])
        this.#ints[own * INTS + CLOSED_AT_MOST]! += other.#ints[theirs * INTS + CLOSED_AT_MOST]!;
      this.#ints[own * INTS + CLOSED_WITH_ANSWER]! += other.#ints[theirs * INTS + CLOSED_WITH_ANSWER]!;
      const [to, from] = [own * WIDES, theirs * WIDES];
      const shortest = Math.min(this.#wides[to + SHORTEST_LEG]!, other.#wides[from + SHORTEST_LEG]!);
      for (let i = 0; i < WIDES; i++) this.#wides[to + i]! += other.#wides[from + i]!;
      this.#wides[to + SHORTEST_LEG] = shortest;
      if (this.#times.isFull) this.#raiseBar();
      this.#times.merge(own, other.#times, theirs, this.#ints[own * INTS + CONNECTIONS]!);
    }
    this.dropped += other.dropped;
  }

  /** Name of the connection's host, as the summary lists it. */
  nameFor(connections: Connections, connection: number): string {
    return this.#textOf(this.hostOf(connections, connection));
  }

  /**
   * The busiest hosts first, at most `most`; equal ones in the order of their names. `unclaimed`: attempts by name that
   * count as unanswered and are not, for their answers were never captured; `statesOf`: what is told of states.
   */
  summary(
    most: number,
    unclaimed: ReadonlyMap<string, number> = new Map(),
    statesOf: (host: Host) => HostStates = () => ({ states: null, statesMissing: 0, ports: null }),
  ): { hosts: HostSummary[]; omitted: number } {
    const named: { host: number; name: string }[] = [];
    for (let host = 0; host < this.#count; host++) {
      if (this.#ints[host * INTS + CONNECTIONS]! > 0) named.push({ host, name: this.#nameOf(host) });
    }
    const connections = (host: number) => this.#ints[host * INTS + CONNECTIONS]!;
    named.sort((a, b) => connections(b.host) - connections(a.host) || (a.name < b.name ? -1 : 1));
    const hosts = named.slice(0, most).map(({ host, name }) => {
      const summary = this.#summaryOf(host, name);
      const unanswered = summary.unanswered - (unclaimed.get(name) ?? 0);
      return { ...summary, unanswered, ...statesOf(this.#keyOf(host)) };
    });
    return { hosts, omitted: this.dropped + Math.max(0, named.length - most) };
  }

  #summaryOf(host: number, name: string): Omit<HostSummary, keyof HostStates> {
    const count = (i: number) => this.#ints[host * INTS + i]!;
    const wide = (i: number) => this.#wides[host * WIDES + i]!;
    const lostOn = (side: number) => {
      const first = side * DIRECTIONS;
      return {
        clientSegments: count(LOST + first),
        serverSegments: count(LOST + first + 1),
        bytes: wide(LOST_BYTES + first) + wide(LOST_BYTES + first + 1),
        connections: wide(LOSSY + side),
      };
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
      lostClientSide: lostOn(0),
      lostServerSide: lostOn(1),
      oneTurn: count(ONE_TURN),
      closedFirst: count(CLOSED_FIRST),
      closedByPeers: count(CLOSED_BY_PEER),
      timeWaitPeak: count(WORST_MINUTE),
      mostExchanges: count(EXCHANGES),
      closedWithAnswer: count(CLOSED_WITH_ANSWER),
      closedAtMostExchanges: count(CLOSED_AT_MOST),
      clockedHandshakes: count(CLOCKED_ANSWERS),
      synCookies: count(COOKIES),
      withoutOptions: count(BARE_ANSWERS),
      ...this.#times.summary(host),
    };
  }

  /** Row of the host, or -1 where it is unknown. */
  #find(w0: number, w1: number, w2: number, w3: number, port: number): number {
    const hash = hashOf(w0, w1, w2, w3, port);
    const ints = this.#ints;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const host = this.#slots[slot]! - 1;
      if (host < 0) return -1;
      const at = host * INTS;
      const isSame =
        ints[at] === w0 && ints[at + 3] === w3 && ints[at + PORT] === port && ints[at + 1] === w1;
      if (isSame && ints[at + 2] === w2) return host;
    }
  }

  /** Row of the host, made where it is new. */
  #rowFor(w0: number, w1: number, w2: number, w3: number, port: number): number {
    const known = this.#find(w0, w1, w2, w3, port);
    if (known >= 0) return known;
    if (this.#count >= 2 * MOST_HOSTS) this.#dropQuietHalf();
    if (this.#count === this.#capacity) this.#grow();
    const host = this.#count++;
    this.#ints.fill(0, host * INTS, (host + 1) * INTS);
    this.#ints.set([w0, w1, w2, w3, port, hashOf(w0, w1, w2, w3, port)], host * INTS);
    this.#wides.fill(0, host * WIDES, (host + 1) * WIDES);
    this.#wides[host * WIDES + SHORTEST_LEG] = Number.POSITIVE_INFINITY;
    this.#times.clear(host);
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
    this.#ints = ints;
    this.#wides = wides;
    this.#times.grow(this.#capacity);
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let host = 0; host < this.#count; host++) this.#enter(host);
  }

  #dropQuietHalf(): void {
    const order = this.#busiestFirst();
    for (const host of order.slice(MOST_HOSTS)) this.#times.release(host);
    const kept = order.slice(0, MOST_HOSTS).sort((a, b) => a - b);
    this.dropped += this.#count - kept.length;
    kept.forEach((host, place) => {
      this.#ints.copyWithin(place * INTS, host * INTS, (host + 1) * INTS);
      this.#wides.copyWithin(place * WIDES, host * WIDES, (host + 1) * WIDES);
      this.#times.move(place, host);
    });
    this.#count = kept.length;
    this.#slots.fill(0);
    for (let host = 0; host < this.#count; host++) this.#enter(host);
  }

  /** Hosts with fewer connections than are needed from now on give the classes of their times back. */
  #raiseBar(): void {
    while (this.#times.isFull) {
      const least = this.#times.raise();
      for (let host = 0; host < this.#count; host++)
        if (this.#ints[host * INTS + CONNECTIONS]! < least) this.#times.release(host);
    }
  }

  #busiestFirst(): number[] {
    const connections = (host: number) => this.#ints[host * INTS + CONNECTIONS]!;
    return Array.from({ length: this.#count }, (_, host) => host).sort(
      (a, b) => connections(b) - connections(a) || a - b,
    );
  }

  #nameOf(host: number): string {
    return this.#textOf(this.#keyOf(host));
  }

  #keyOf(host: number): Host {
    const [w0, w1, w2, w3, port] = this.#ints.subarray(host * INTS, host * INTS + HASH);
    return [w0!, w1!, w2!, w3!, port!];
  }

  #textOf([w0, w1, w2, w3, portAndVersion]: Host): string {
    const ipVersion = portAndVersion & 7;
    const address = addressText(ipVersion, w0, w1, w2, w3);
    if (this.#side === 0) return address;
    const port = portAndVersion >> 3;
    return ipVersion === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  }
}

/** A connection whose exchanges are known. One that is taken out leaves the most as it was. */
function countExchanges(ints: Int32Array, at: number, sample: HostSample, weight: 1 | -1): void {
  raiseExchanges(ints, at, sample.exchanges);
  if (!sample.isClosedWithAnswer) return;
  ints[at + CLOSED_WITH_ANSWER]! += weight;
  if (sample.exchanges === ints[at + EXCHANGES]) ints[at + CLOSED_AT_MOST]! += weight;
}

function raiseExchanges(ints: Int32Array, at: number, exchanges: number): void {
  if (exchanges <= ints[at + EXCHANGES]!) return;
  ints[at + EXCHANGES] = exchanges;
  ints[at + CLOSED_AT_MOST] = 0;
}

function countAnswer(ints: Int32Array, at: number, answer: number, weight: 1 | -1): void {
  if (answer === CLOCKED || answer === COOKIE) ints[at + CLOCKED_ANSWERS]! += weight;
  if (answer === COOKIE) ints[at + COOKIES]! += weight;
  if (answer === WITHOUT_OPTIONS) ints[at + BARE_ANSWERS]! += weight;
}

function hashOf(w0: number, w1: number, w2: number, w3: number, port: number): number {
  let hash = Math.imul(w0 ^ Math.imul(port, 0x85ebca77), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w3, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 13) ^ w1 ^ Math.imul(w2, 0x27d4eb2f), 0x165667b1);
  return hash ^ (hash >>> 16);
}
