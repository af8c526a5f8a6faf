/**
 * How many ends stood in which state over the time of the capture: of all connections, of the busiest servers and clients;
 * and how many ports a client held at once towards one server.
 *
 * Each connection adds its stays (state-stays.ts) once, when it is done: one more in the step in which a stay begins, one
 * less in the step in which it ends. Added up, that tells how many stood at the end of each step, and it is the same in
 * whatever order connections come and however often the steps have doubled since. What begins and ends within one step is
 * in none. Rows are bounded (2 MB): a busier host takes the place of a quieter one; all are in the capture's own.
 */
import { formatEndpoint } from "../report/quantities.js";
import {
  COUNTED_STATES,
  type HostStates,
  type PortUse,
  type Standing,
  type StandingByState,
  type StatesOverTime,
} from "../report/summary.js";
import { addressAt, BoundedRows, FIRST, PORT, WORDS } from "./bounded-rows.js";
import type { Connections } from "./connections.js";
import type { Scene } from "./describe.js";
import type { Host } from "./host-table.js";
import {
  MOST_AFTER_NS,
  OF_CLIENT_END,
  OF_PORT,
  OF_SERVER_END,
  readStays,
  STATES,
  Stays,
  TIME_WAIT_COLUMN,
} from "./state-stays.js";

const STEPS = 240;
const FIRST_STEP_NS = 1e9;

/** Sets of four rows: 256 servers and 128 clients of 5 kB, 128 pairs of a client and a server of 2 kB. */
const [SERVER_SETS, CLIENT_SETS, PAIR_SETS] = [64, 32, 32];
/** Columns of a pair: ports in use, and those of them in TIME_WAIT. */
const [IN_USE, WAITING, PAIR_COLUMNS] = [0, 1, 2];

const [CLIENT, SERVER] = [0, 1];

/** Rows of one kind. A row's own integers: connections that may be missing in it, then the steps, `columns` wide. */
class Table {
  readonly rows: BoundedRows;
  readonly columns: number;

  constructor(sets: number, columns: number) {
    this.rows = new BoundedRows(sets, 1 + STEPS * columns);
    this.columns = columns;
  }

  /** Whether a key without a row may have had one, or should have. */
  get isShort(): boolean {
    return this.rows.displaced + this.rows.refused > 0;
  }
}

const MISSING = FIRST;
const COUNTS = FIRST + 1;

const stays = new Stays(STEPS);

export class StateCounts {
  #stepNs = FIRST_STEP_NS;
  /** Of all connections: the client's ends, and the server's. */
  readonly #totals = [new Int32Array(STEPS * STATES), new Int32Array(STEPS * STATES)] as const;
  readonly #hosts = [new Table(CLIENT_SETS, STATES), new Table(SERVER_SETS, STATES)] as const;
  readonly #pairs = new Table(PAIR_SETS, PAIR_COLUMNS);

  /**
   * Adds a connection that is done; with weight -1 takes it out again. `ofClient`, `ofServer`: how many connections the two
   * have had so far.
   */
  add(
    context: { readonly connections: Connections; readonly scene: Scene },
    connection: number,
    ofClient: number,
    ofServer: number,
    weight: 1 | -1,
  ): void {
    const { nowNs, timeWaitNs } = context.scene;
    this.#cover(nowNs + Math.max(timeWaitNs, MOST_AFTER_NS));
    readStays(context, connection, this.#stepNs, stays);
    const { kinds } = stays;
    if (kinds === 0) return;
    const { connections } = context;
    const [clients, servers] = this.#hosts;
    const server = kinds & OF_SERVER_END ? place(servers, connections, connection, 2, ofServer, weight) : -1;
    const client =
      kinds & (OF_CLIENT_END | OF_PORT) ? place(clients, connections, connection, 1, ofClient, weight) : -1;
    // Ports are counted of clients that have a row, from when they have it.
    const ofPair = Math.min(ofClient, ofServer);
    const isLate = client >= 0 && clients.rows.ints[client + MISSING]! > 0;
    const hasPair = (kinds & OF_PORT) !== 0 && client >= 0;
    const pair = hasPair ? place(this.#pairs, connections, connection, 3, ofPair, weight, isLate) : -1;
    for (let i = 0; i < stays.count; i++) this.#put(i, client, server, pair, weight);
  }

  /** Counts stay `i` in, in all that it belongs to. */
  #put(i: number, client: number, server: number, pair: number, weight: 1 | -1): void {
    const kind = stays.kind[i]!;
    const column = stays.column[i]!;
    const n = weight * stays.sign[i]!;
    if (kind === OF_PORT) {
      if (pair >= 0) put(this.#pairs.rows.ints, pair + COUNTS + IN_USE, PAIR_COLUMNS, i, n);
      return;
    }
    const side = kind === OF_CLIENT_END ? CLIENT : SERVER;
    const row = side === CLIENT ? client : server;
    put(this.#totals[side as 0 | 1], column, STATES, i, n);
    if (row >= 0) put(this.#hosts[side as 0 | 1].rows.ints, row + COUNTS + column, STATES, i, n);
    if (pair >= 0 && side === CLIENT && column === TIME_WAIT_COLUMN)
      put(this.#pairs.rows.ints, pair + COUNTS + WAITING, PAIR_COLUMNS, i, n);
  }

  merge(other: StateCounts): void {
    while (this.#stepNs < other.#stepNs) this.#double();
    const ratio = this.#stepNs / other.#stepNs;
    for (const side of [CLIENT, SERVER] as const) {
      addSteps(this.#totals[side], 0, other.#totals[side], 0, STATES, ratio);
      mergeTable(this.#hosts[side], other.#hosts[side], ratio);
    }
    mergeTable(this.#pairs, other.#pairs, ratio);
  }

  /** How many stood in each state, of all connections. */
  summary(untilNs: number): StatesOverTime {
    this.#cover(untilNs);
    const [client, server] = this.#totals.map((ints) => this.#byState(ints, 0, untilNs)) as [
      StandingByState,
      StandingByState,
    ];
    return { stepMs: this.#stepNs / 1e6, client, server };
  }

  /** Of the ends of one host; `side`: 0 of a client, 1 of a server. */
  ofHost(host: Host, side: 0 | 1, untilNs: number): HostStates {
    const { rows, isShort } = this.#hosts[side];
    rows.key.fill(0);
    rows.key.set(host.slice(0, WORDS), side * WORDS);
    rows.key[PORT] = host[WORDS]!;
    const at = rows.find();
    const ports = side === CLIENT ? this.#portsOf(host, untilNs) : null;
    if (at < 0) return { states: isShort ? null : {}, statesMissing: 0, ports };
    const states = this.#byState(rows.ints, at + COUNTS, untilNs);
    return { states, statesMissing: rows.ints[at + MISSING]!, ports };
  }

  /** The server towards which the client held the most ports at once. */
  #portsOf(client: Host, untilNs: number): PortUse | null {
    const { rows } = this.#pairs;
    let most: PortUse | null = null;
    rows.forEach((at) => {
      const { ints } = rows;
      for (let word = 0; word < WORDS; word++) if (ints[at + word] !== client[word]) return;
      if ((ints[at + PORT]! & 7) !== client[WORDS]) return;
      const inUse = this.#standing(ints, at + COUNTS + IN_USE, PAIR_COLUMNS, untilNs);
      if (inUse === null || inUse.peak <= (most?.inUse.peak ?? 0)) return;
      const timeWait = this.#standing(ints, at + COUNTS + WAITING, PAIR_COLUMNS, untilNs);
      const server = formatEndpoint(addressAt(ints, at, 1), ints[at + PORT]! >> 3);
      most = { server, inUse, timeWait, missing: ints[at + MISSING]! };
    });
    return most;
  }

  #byState(ints: Int32Array, at: number, untilNs: number): StandingByState {
    const entries: [string, Standing][] = [];
    COUNTED_STATES.forEach((name, column) => {
      const standing = this.#standing(ints, at + column, STATES, untilNs);
      if (standing !== null) entries.push([name, standing]);
    });
    return Object.fromEntries(entries);
  }

  /** The steps up to `untilNs` added up; null where none ever stood. */
  #standing(ints: Int32Array, at: number, columns: number, untilNs: number): Standing | null {
    const length = Math.min(STEPS, Math.max(1, Math.ceil(untilNs / this.#stepNs)));
    const counts: number[] = [];
    let [now, peak, peakStep] = [0, 0, 0];
    for (let step = 0; step < length; step++) {
      now += ints[at + step * columns]!;
      // What was taken back of a connection that has no part in a row of later ones, or at another time.
      const count = Math.max(0, now);
      counts.push(count);
      if (count > peak) [peak, peakStep] = [count, step];
    }
    if (peak === 0) return null;
    const peakAtMs = Math.min((peakStep + 1) * this.#stepNs, untilNs) / 1e6;
    return { counts, peak, peakAtMs, atEnd: counts.at(-1)! };
  }

  #cover(untilNs: number): void {
    while (untilNs >= this.#stepNs * STEPS) this.#double();
  }

  #double(): void {
    for (const ints of this.#totals) fold(ints, 0, STATES);
    for (const { rows, columns } of [...this.#hosts, this.#pairs])
      rows.forEach((at) => {
        fold(rows.ints, at + COUNTS, columns);
      });
    this.#stepNs *= 2;
  }
}

/**
 * Place of the row of the connection's hosts (1 its client, 2 its server, 3 both), which have had so many connections; -1
 * where others have had more. `isLate`: those before this one were not counted in such rows.
 */
function place(
  table: Table,
  connections: Connections,
  connection: number,
  hosts: 1 | 2 | 3,
  uses: number,
  weight: 1 | -1,
  isLate = false,
): number {
  const { rows } = table;
  const { key } = rows;
  const ipVersion = connections.ipVersion(connection);
  const words = ipVersion === 4 ? 1 : WORDS;
  key.fill(0);
  for (let word = 0; word < words; word++) {
    if (hosts & 1) key[word] = connections.addressWord(connection, CLIENT, word);
    if (hosts & 2) key[WORDS + word] = connections.addressWord(connection, SERVER, word);
  }
  key[PORT] = (hosts & 2 ? connections.port(connection, SERVER) : 0) * 8 + ipVersion;
  if (weight < 0) return rows.find();
  const at = rows.takeBusier(uses);
  // Before the first row had to go, or could not be had, nothing was left out.
  if (at >= 0 && rows.isNew && (isLate || table.isShort)) rows.ints[at + MISSING] = uses - 1;
  return at;
}

/** Counts `n` more from the step on in which stay `i` begins, and no more from that on in which it ends. */
function put(ints: Int32Array, at: number, columns: number, i: number, n: number): void {
  ints[at + stays.first[i]! * columns]! += n;
  if (stays.end[i]! < STEPS) ints[at + stays.end[i]! * columns]! -= n;
}

/** Two steps become one. */
function fold(ints: Int32Array, at: number, columns: number): void {
  const half = (STEPS / 2) * columns;
  for (let i = 0; i < half; i++) {
    const from = at + i + Math.floor(i / columns) * columns;
    ints[at + i] = ints[from]! + ints[from + columns]!;
  }
  ints.fill(0, at + half, at + 2 * half);
}

/** `ratio`: how many of their steps are one of these. */
function addSteps(
  own: Int32Array,
  to: number,
  theirs: Int32Array,
  from: number,
  columns: number,
  ratio: number,
): void {
  for (let step = 0; step < STEPS; step++) {
    const at = to + Math.floor(step / ratio) * columns;
    for (let column = 0; column < columns; column++)
      own[at + column]! += theirs[from + step * columns + column]!;
  }
}

function mergeTable({ rows, columns }: Table, { rows: others }: Table, ratio: number): void {
  rows.displaced += others.displaced;
  rows.refused += others.refused;
  others.forEach((from) => {
    const to = rows.takeBusierLike(others, from);
    if (to < 0) return;
    rows.ints[to + MISSING]! += others.ints[from + MISSING]!;
    addSteps(rows.ints, to + COUNTS, others.ints, from + COUNTS, columns, ratio);
  });
}
