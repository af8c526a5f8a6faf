/**
 * The numbers by which connections are sorted, a column each, so that a million need not be described to be sorted.
 */
import { SORT_KEYS, type SortKey } from "../report/view.js";
import { beganAt, lastPacketAt, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import type { DescribeContext } from "./describe.js";
import { closeOf } from "./describe-close.js";
import { handshakeFacts, newFacts } from "./describe-handshake.js";

const facts = newFacts();

const FIRST_SIZE = 1024;
/** The columns grow by half: a million connections take 76 to 114 MB. */
const GROWTH = 1.5;

/** Number by which one connection in memory is sorted; NaN (unknown) comes last in either direction. */
export function sortValue(context: DescribeContext, connection: number, key: SortKey): number {
  const { endpoints: e, rare } = context.connections;
  const client = connection;
  const server = client + STRIDE;
  switch (key) {
    case "start":
      return beganAt(e, connection);
    case "client":
      return addressOrder(context.connections, connection, 0);
    case "server":
      return addressOrder(context.connections, connection, 1);
    case "clientState":
      return e.state[client]!;
    case "serverState":
      return e.state[server]!;
    case "connectTime":
      return handshakeFacts(context, connection, facts).connectNs;
    case "initialRtt":
      handshakeFacts(context, connection, facts);
      return facts.serverLegNs + facts.clientLegNs;
    case "retransmissions":
      return rare.retransmissions[e.rareRow[client]!]! + rare.retransmissions[e.rareRow[server]!]!;
    case "bytes":
      return e.bytes[client]! + e.bytes[server]!;
    case "duration":
      return (
        Math.max(lastPacketAt(e, client), context.unreachable(connection)?.atNs ?? 0) -
        sortValue(context, connection, "start")
      );
    case "outcome":
      return handshakeFacts(context, connection, facts).outcome;
    case "close":
      return closeOf(context, connection, handshakeFacts(context, connection, facts).outcome);
  }
}

/** Orders IPv4 addresses with ports exactly, IPv6 ones by their first words. */
function addressOrder(connections: Connections, connection: number, side: number): number {
  const high = connections.addressWord(connection, side, 0) >>> 0;
  const low =
    connections.ipVersion(connection) === 6 ? connections.addressWord(connection, side, 3) & 0xffff : 0;
  return (high * 65536 + low) * 16 + connections.port(connection, side) / 4096;
}

/** Sort keys whose numbers are not times or byte counts: the states' and verdicts' fit a byte, -1 for unknown. */
const NARROW: Readonly<Partial<Record<SortKey, typeof Int8Array | typeof Int32Array>>> = {
  clientState: Int8Array,
  serverState: Int8Array,
  outcome: Int8Array,
  close: Int8Array,
  retransmissions: Int32Array,
};

type SortColumn = Float64Array | Int32Array | Int8Array;

/** One growing column for each sort key, and the frames by which a connection is found again. */
export class SortColumns {
  #columns: Record<SortKey, SortColumn>;
  #frames = new Float64Array(FIRST_SIZE);
  #files = new Int32Array(FIRST_SIZE);
  /** Number of the first connection that is held. */
  first = 0;
  /** Number behind the last one. */
  count = 0;

  constructor() {
    this.#columns = Object.fromEntries(
      SORT_KEYS.map((key) => [key, new (NARROW[key] ?? Float64Array)(FIRST_SIZE)]),
    ) as Record<SortKey, SortColumn>;
  }

  /** Bytes of all columns, room for more included. */
  get bytes(): number {
    const columns = Object.values(this.#columns);
    return columns.reduce(
      (sum, { byteLength }) => sum + byteLength,
      this.#frames.byteLength + this.#files.byteLength,
    );
  }

  add(context: DescribeContext, connection: number): void {
    const number = this.count++ - this.first;
    if (number === this.#frames.length) this.#grow();
    for (const key of SORT_KEYS) this.#columns[key][number] = sortValue(context, connection, key);
    this.#frames[number] = context.connections.columns.frame[connection]!;
    this.#files[number] = context.connections.columns.file[connection]!;
  }

  value(number: number, key: SortKey): number {
    return this.#columns[key][number - this.first]!;
  }

  /** Orders two by their beginning, and by their first packets where they began at once. */
  compareStarts(a: number, b: number): number {
    return (
      this.value(a, "start") - this.value(b, "start") ||
      this.#files[a - this.first]! - this.#files[b - this.first]! ||
      this.#frames[a - this.first]! - this.#frames[b - this.first]!
    );
  }

  /** Number of the connection that begins with this frame, or -1. */
  find(frame: number, file: number): number {
    for (let at = 0; at < this.count - this.first; at++) {
      if (this.#frames[at] === frame && this.#files[at] === file) return this.first + at;
    }
    return -1;
  }

  /** Forgets the connections in front of `first`; the others keep their numbers. */
  forget(first: number): void {
    const by = first - this.first;
    for (const column of [...Object.values(this.#columns), this.#frames, this.#files])
      column.copyWithin(0, by);
    this.first = first;
  }

  #grow(): void {
    const size = Math.ceil(this.#frames.length * GROWTH);
    this.#columns = Object.fromEntries(
      SORT_KEYS.map((key) => [key, larger(this.#columns[key], size)]),
    ) as Record<SortKey, SortColumn>;
    this.#frames = larger(this.#frames, size);
    this.#files = larger(this.#files, size);
  }
}

function larger<T extends SortColumn>(column: T, size: number): T {
  const grown = new (column.constructor as new (size: number) => T)(size);
  grown.set(column);
  return grown;
}
