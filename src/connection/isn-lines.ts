/**
 * Initial sequence numbers that can be guessed: those of one host in the order of its SYNs, each a line further on.
 *
 * RFC 6528 §3 wants a secret for each four-tuple in them. Hosts that only count, by connections or by time, give
 * themselves away: the step from one to the next is a number a connection and a number a second. Kept are the first
 * handshakes of a host on different four-tuples, by side, in a bounded table (bounded-rows.ts).
 */
import { formatEndpoint } from "../report/quantities.js";
import type { Side } from "../report/record.js";
import type { GuessableIsns } from "../report/summary.js";
import { distance } from "../tcp/sequence.js";
import { addressAt, BoundedRows, FIRST, PORT, WORDS } from "./bounded-rows.js";
import { STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { nameOf } from "./packet-names.js";

/** Sets of four rows: 2,048 hosts of each side. */
const SETS = 512;
/** Handshakes kept of a host, and needed. */
const MOST = 12;
const LEAST = 8;
/** Of a host's connections so many are looked at: some use a four-tuple again. */
const MOST_COUNTED = 4 * MOST;
/** Hosts in the summary. */
const MOST_TOLD = 100;
/** Of each handshake: the ISN, when it was sent in milliseconds, its first packet, a hash of the four-tuple. */
const [ISN, MS, ORDER, TUPLE] = [0, 1, 2, 3];
const INTS = 4;
const COUNT = FIRST;
const SAMPLES = FIRST + 1;
/**
 * A step may lie so far off the line: clocks tick in steps, and packets wait. Chance puts the steps of eight random
 * numbers so near to one line once in 10^21.
 */
const NEAR = 2 ** 17;

export class IsnLines {
  /** Clients by address, servers by address and port. */
  readonly #sides = [new BoundedRows(SETS, 1 + MOST * INTS), new BoundedRows(SETS, 1 + MOST * INTS)] as const;

  /**
   * Keeps what a completed handshake shows: both hosts have such connections, and only probe for none. `connections` of
   * the client's and of the server's were counted before it: of busy hosts the first are enough.
   */
  add(connections: Connections, client: number, ofClient = 0, ofServer = 0): void {
    if (ofClient > MOST_COUNTED && ofServer > MOST_COUNTED) return;
    const { isn, synAt, synCount } = connections.endpoints;
    if (synCount[client] === 0 || synCount[client + STRIDE] === 0) return;
    const order = nameOf(connections.columns, client) | 0;
    const tuple = tupleHash(connections, client);
    for (let side = 0; side < 2; side++) {
      if ((side === 0 ? ofClient : ofServer) > MOST_COUNTED) continue;
      const rows = this.#sides[side]!;
      for (let word = 0; word < WORDS; word++)
        rows.key[WORDS + word] = connections.addressWord(client, side, word);
      rows.key[PORT] = (side === 1 ? connections.port(client, 1) : 0) * 8 + connections.ipVersion(client);
      const row = client + side * STRIDE;
      keep(rows, rows.take(), isn[row]!, Math.floor(synAt[row]! / 1e6), order, tuple);
    }
  }

  merge(other: IsnLines): void {
    other.#sides.forEach((theirs, side) => {
      const rows = this.#sides[side]!;
      theirs.forEach((place) => {
        const own = rows.takeLike(theirs, place);
        const { ints } = theirs;
        for (const at of samplesOf(ints, place))
          keep(rows, own, ints[at + ISN]!, ints[at + MS]!, ints[at + ORDER]!, ints[at + TUPLE]!);
      });
    });
  }

  /** The hosts whose numbers stand on a line, those with the most handshakes first. */
  summary(): GuessableIsns[] {
    const told: GuessableIsns[] = [];
    for (const side of ["client", "server"] as const) {
      const rows = this.#sides[side === "client" ? 0 : 1];
      rows.forEach((row) => {
        const line = rows.ints[row + COUNT]! < LEAST ? null : lineOf(stepsOf(rows.ints, row));
        if (line) told.push({ host: hostAt(rows.ints, row, side), side, ...line });
      });
    }
    return told.sort((a, b) => b.handshakes - a.handshakes || (a.host < b.host ? -1 : 1)).slice(0, MOST_TOLD);
  }
}

/** Keeps the handshake where it is among the first of its host. */
function keep(rows: BoundedRows, row: number, isn: number, ms: number, order: number, tuple: number): void {
  const { ints } = rows;
  const count = ints[row + COUNT]!;
  const first = row + SAMPLES;
  let latest = first;
  for (let at = first; at < first + count * INTS; at += INTS) {
    // A four-tuple that is used again counts on from what it was, as it should (RFC 6191 §2).
    if (ints[at + TUPLE] === tuple) return;
    if (isEarlier(ints, latest, ints[at + MS]!, ints[at + ORDER]!)) latest = at;
  }
  if (count === MOST && isEarlier(ints, latest, ms, order)) return;
  const place = count === MOST ? latest : first + count * INTS;
  ints[place + ISN] = isn;
  ints[place + MS] = ms;
  ints[place + ORDER] = order;
  ints[place + TUPLE] = tuple;
  if (count < MOST) ints[row + COUNT] = count + 1;
}

/** Whether the kept handshake began before that time, or in the same millisecond and in front of that packet. */
function isEarlier(ints: Int32Array, at: number, ms: number, order: number): boolean {
  return ints[at + MS] === ms ? distance(ints[at + ORDER]!, order) < 0 : distance(ints[at + MS]!, ms) < 0;
}

function samplesOf(ints: Int32Array, row: number): number[] {
  return Array.from({ length: ints[row + COUNT]! }, (_, i) => row + SAMPLES + i * INTS);
}

interface Step {
  readonly gained: number;
  readonly ms: number;
}

/** From each handshake to the next one, in the order of time. */
function stepsOf(ints: Int32Array, row: number): Step[] {
  const samples = samplesOf(ints, row);
  samples.sort((a, b) => (isEarlier(ints, a, ints[b + MS]!, ints[b + ORDER]!) ? -1 : 1));
  return samples.slice(1).map((at, i) => ({
    gained: distance(ints[at + ISN]!, ints[samples[i]! + ISN]!),
    ms: distance(ints[at + MS]!, ints[samples[i]! + MS]!),
  }));
}

/** Least squares of `gained = perHandshake + perMs · ms`; null where a step lies off that line. */
function lineOf(steps: readonly Step[]) {
  const mean = (of: (step: Step) => number) => steps.reduce((sum, step) => sum + of(step), 0) / steps.length;
  const [gained, ms] = [mean((step) => step.gained), mean((step) => step.ms)];
  const spread = mean((step) => (step.ms - ms) ** 2);
  const slope = spread === 0 ? 0 : mean((step) => (step.ms - ms) * (step.gained - gained)) / spread;
  // By time alone or by connections alone where that explains it: a line through few points bends to either.
  const lines = [
    { perHandshake: gained, perMs: 0 },
    { perHandshake: 0, perMs: ms === 0 ? 0 : gained / ms },
    { perHandshake: gained - slope * ms, perMs: slope },
  ];
  const line = lines.find((one) => farthest(steps, one) <= NEAR);
  if (!line) return null;
  return {
    handshakes: steps.length + 1,
    perHandshake: Math.round(line.perHandshake),
    perSecond: Math.round(line.perMs * 1000),
    within: Math.ceil(farthest(steps, line)),
  };
}

function farthest(steps: readonly Step[], line: { perHandshake: number; perMs: number }): number {
  return Math.max(...steps.map(({ gained, ms }) => Math.abs(gained - line.perHandshake - line.perMs * ms)));
}

function hostAt(ints: Int32Array, row: number, side: Side): string {
  const address = addressAt(ints, row, 1);
  return side === "client" ? address : formatEndpoint(address, ints[row + PORT]! >> 3);
}

function tupleHash(connections: Connections, client: number): number {
  let hash = connections.port(client, 0) * 65_536 + connections.port(client, 1);
  for (let side = 0; side < 2; side++)
    for (let word = 0; word < WORDS; word++) {
      hash = Math.imul(hash ^ connections.addressWord(client, side, word), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
  return hash;
}
