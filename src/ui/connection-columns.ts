/**
 * The columns of the connection table and how they share a width: six that always stay, then what room allows.
 *
 * Widths depend on the width of the screen and on the widest cell seen so far, never on the rows that happen to be
 * shown: a table whose columns jump while one scrolls cannot be read.
 */
import {
  formatBytesShort,
  formatCount,
  formatDuration,
  formatEndpoint,
  formatTimeOfDay,
  printable,
} from "../output/format.js";
import type { ConnectionRecord } from "../report/record.js";
import { sentenceFor } from "../report/sentence.js";
import type { SortKey } from "../report/view.js";
import { SHORT_STATE_WIDTH, STATE_WIDTH, shortClose, shortState } from "./names.js";

export interface Column {
  readonly title: string;
  readonly sort: SortKey | null;
  readonly width: number;
  readonly isRight: boolean;
  /** Where a cell that is too long is cut: addresses differ most at their end. */
  readonly isCutLeft: boolean;
  readonly cell: (record: ConnectionRecord) => string;
}

/** Widest addresses seen so far, in characters. */
export interface EndpointWidths {
  readonly client: number;
  readonly server: number;
}

const TITLE_WIDTHS: EndpointWidths = { client: 9, server: 9 };
/** From this width on states are written out and the endpoints get what they need. */
const WIDE = 100;
/** Below this width handshake and retransmissions go, so that the endpoints can still be told apart. */
const NARROW = 70;
/** Cursor, mark and a blank. */
const MARGIN = 3;
const LEAST_NOTE = 24;
/** IPv6 with port at its longest; more would be no address. */
const MOST_ENDPOINT = 47;
/** Most of an endpoint below the second width: any IPv4 address with its port, and the telling end of IPv6. */
const MODEST_ENDPOINT = 22;
const VERY_WIDE = 150;

/** Widens `known` by the addresses of `rows`. */
export function widenEndpoints(
  known: EndpointWidths | null,
  rows: readonly ConnectionRecord[],
): EndpointWidths {
  let { client, server } = known ?? TITLE_WIDTHS;
  for (const row of rows) {
    client = Math.max(client, formatEndpoint(row.client.address, row.client.port).length);
    server = Math.max(server, formatEndpoint(row.server.address, row.server.port).length);
  }
  return { client: Math.min(client, MOST_ENDPOINT), server: Math.min(server, MOST_ENDPOINT) };
}

type Definition = Omit<Column, "isRight" | "isCutLeft"> & Partial<Pick<Column, "isRight" | "isCutLeft">>;

const START: Definition = { title: "start", sort: "start", width: 12, cell: (r) => formatTimeOfDay(r.start) };
const RTT: Definition = {
  title: "rtt",
  sort: "initialRtt",
  width: 9,
  isRight: true,
  cell: (r) => formatDuration(r.initialRttMs),
};
const BYTES: Definition = {
  title: "bytes",
  sort: "bytes",
  width: 8,
  isRight: true,
  cell: (r) => formatBytesShort(r.bytes),
};
const DURATION: Definition = {
  title: "duration",
  sort: "duration",
  width: 12,
  isRight: true,
  cell: (r) => formatDuration(r.durationMs),
};

/** The longest name of a rule, "reset-unknown-connection". */
const FINDINGS: Definition = {
  title: "findings",
  sort: null,
  width: 24,
  cell: (r) => printable(r.findings.join(", ")),
};

const GO_FIRST: ReadonlySet<SortKey | null> = new Set(["connectTime", "retransmissions"]);

/** The columns for a table of `width` characters, in the order in which they stand. */
export function columnsFor(width: number, endpoints: EndpointWidths): readonly Column[] {
  const isWide = width >= WIDE;
  const always = stateColumns(isWide).filter((column) => width >= NARROW || !GO_FIRST.has(column.sort));
  const taken = MARGIN + always.reduce((sum, column) => sum + column.width + 1, 0);
  // Two more gaps for the endpoints; none after the last column.
  const room = width - taken - 1;
  const most = width < VERY_WIDE ? MODEST_ENDPOINT : MOST_ENDPOINT;
  const [client, server] = shareEndpoints(room, {
    client: Math.min(endpoints.client, most),
    server: Math.min(endpoints.server, most),
  });
  let left = room - client - server;
  const optional: Definition[] = [];
  for (const column of [START, RTT, BYTES, DURATION]) {
    if (column.width + 1 > left) break;
    optional.push(column);
    left -= column.width + 1;
  }
  const hasFindings = left > FINDINGS.width;
  if (hasFindings) left -= FINDINGS.width + 1;
  const note: Definition[] =
    left > LEAST_NOTE ? [{ title: "what happened", sort: null, width: left - 1, cell: sentenceFor }] : [];
  return [
    ...(optional.includes(START) ? [START] : []),
    {
      title: "client",
      sort: "client" as const,
      width: client,
      isCutLeft: true,
      cell: (r: ConnectionRecord) => formatEndpoint(r.client.address, r.client.port),
    },
    {
      title: "server",
      sort: "server" as const,
      width: server,
      isCutLeft: true,
      cell: (r: ConnectionRecord) => formatEndpoint(r.server.address, r.server.port),
    },
    ...always.slice(0, -1),
    ...optional.filter((column) => column !== START),
    ...always.slice(-1),
    ...(hasFindings ? [FINDINGS] : []),
    ...note,
  ].map((column) => ({ isRight: false, isCutLeft: false, ...column }));
}

/** States, handshake, retransmissions, close: with the endpoints, what stays at every width. */
function stateColumns(isWide: boolean): readonly Definition[] {
  const width = isWide ? STATE_WIDTH : SHORT_STATE_WIDTH;
  return [
    {
      title: isWide ? "client state" : "client st.",
      sort: "clientState",
      width,
      cell: (r) => (isWide ? r.client.state : shortState(r.client.state)),
    },
    {
      title: isWide ? "server state" : "server st.",
      sort: "serverState",
      width,
      cell: (r) => (isWide ? r.server.state : shortState(r.server.state)),
    },
    {
      title: isWide ? "handshake" : "handsh.",
      sort: "connectTime",
      width: isWide ? 10 : 7,
      isRight: true,
      cell: (r) => formatDuration(r.connectTimeMs),
    },
    {
      title: "retr",
      sort: "retransmissions",
      width: isWide ? 6 : 4,
      isRight: true,
      cell: (r) =>
        isWide ? formatCount(r.retransmissions) : formatBytesShort(r.retransmissions).replace(" ", ""),
    },
    {
      title: "close",
      sort: "close",
      width: isWide ? 19 : 11,
      cell: (r) => (isWide ? r.close : shortClose(r.close)),
    },
  ];
}

/** What client and server get of the room: what they need, or parts alike to what they need. */
function shareEndpoints(room: number, { client, server }: EndpointWidths): readonly [number, number] {
  if (client + server <= room) return [client, server];
  const half = Math.floor(room / 2);
  if (client <= half) return [client, Math.max(0, room - client)];
  if (server <= half) return [Math.max(0, room - server), server];
  return [Math.max(0, room - half), Math.max(0, half)];
}
