/**
 * What an HTML report holds of a capture: the summary, a row for each connection of its table, and everything of the
 * worst connections. Written into the page as JSON, and read there.
 */
import type { ConnectionRecord } from "../../report/record.js";
import { sentenceFor } from "../../report/sentence.js";
import type { CaptureSummary } from "../../report/summary.js";
import type { Ladder, LadderRow } from "../../report/view.js";
import { formatEndpoint } from "../format.js";
import type { Generator } from "../json.js";

export type Cell = string | number | null;

/** A column of the table. Numbers sort as such, and are written by their unit. */
export interface RowColumn {
  readonly name: string;
  readonly title: string;
  readonly unit: "ms" | "bytes" | "count" | "text" | "time";
  read(record: ConnectionRecord): Cell;
}

function text(name: string, title: string, read: (record: ConnectionRecord) => string): RowColumn {
  return { name, title, unit: "text", read };
}

/** What was sent again by both sides for one reason. */
function repeats(
  name: string,
  title: string,
  count: (side: ConnectionRecord["client"]) => number,
): RowColumn {
  return { name, title, unit: "count", read: ({ client, server }) => count(client) + count(server) };
}

/** The columns of the table, in the order in which they stand. */
export const ROW_COLUMNS: readonly RowColumn[] = [
  text("id", "id", ({ id }) => id),
  { name: "start", title: "start", unit: "time", read: ({ startMs }) => startMs },
  text("client", "client", ({ client }) => formatEndpoint(client.address, client.port)),
  text("server", "server", ({ server }) => formatEndpoint(server.address, server.port)),
  text("serverName", "server name", ({ tls }) => tls?.sni ?? ""),
  text("clientState", "client state", ({ client }) => client.state),
  text("serverState", "server state", ({ server }) => server.state),
  { name: "connectTime", title: "handshake", unit: "ms", read: ({ connectTimeMs }) => connectTimeMs },
  { name: "initialRtt", title: "RTT", unit: "ms", read: ({ initialRttMs }) => initialRttMs },
  { name: "clientBytes", title: "bytes from client", unit: "bytes", read: ({ client }) => client.bytes },
  { name: "serverBytes", title: "bytes from server", unit: "bytes", read: ({ server }) => server.bytes },
  { name: "duration", title: "duration", unit: "ms", read: ({ durationMs }) => durationMs },
  {
    name: "retransmissions",
    title: "sent again",
    unit: "count",
    read: ({ retransmissions }) => retransmissions,
  },
  repeats("fast", "fast", ({ fastRetransmissions }) => fastRetransmissions),
  repeats("timeouts", "timeout", ({ timeouts, timeoutRepeats }) => timeouts + timeoutRepeats),
  repeats("probes", "probe", ({ tailLossProbes }) => tailLossProbes),
  text("close", "close", ({ close }) => close),
  text("findings", "findings", ({ findings }) => findings.join(", ")),
  text("story", "what happened", sentenceFor),
];

/** A column's cells; texts, which often come again, by their places in a list. */
export type PackedColumn =
  | readonly (number | null)[]
  | { readonly texts: readonly string[]; readonly at: readonly number[] };

/** Takes connections one by one, and keeps of each its row. */
export class RowPacker {
  count = 0;
  readonly #columns = ROW_COLUMNS.map(({ unit }) =>
    unit === "text" ? new Texts() : ([] as (number | null)[]),
  );

  add(record: ConnectionRecord): void {
    this.count++;
    ROW_COLUMNS.forEach(({ read }, i) => {
      const [column, cell] = [this.#columns[i]!, read(record)];
      if (column instanceof Texts) column.add(cell as string);
      else column.push(cell as number | null);
    });
  }

  /** In the order of `ROW_COLUMNS`. */
  packed(): readonly PackedColumn[] {
    return this.#columns.map((column) => (column instanceof Texts ? column.packed() : column));
  }
}

class Texts {
  readonly #places = new Map<string, number>();
  readonly #at: number[] = [];

  add(one: string): void {
    const place = this.#places.get(one) ?? this.#places.size;
    this.#places.set(one, place);
    this.#at.push(place);
  }

  packed(): { readonly texts: readonly string[]; readonly at: readonly number[] } {
    return { texts: [...this.#places.keys()], at: this.#at };
  }
}

/** The cells of a packed column. */
export function cellsOf(column: PackedColumn): readonly Cell[] {
  if (!("texts" in column)) return column;
  return column.at.map((place) => column.texts[place]!);
}

/** Parts of a ladder's row, in the order in which a packed one has them. */
const ROW_KEYS = [
  "frame",
  "atMs",
  "deltaMs",
  "from",
  "flags",
  "sequence",
  "end",
  "acknowledgment",
  "payloadBytes",
  "window",
  "sack",
  "label",
  "cause",
  "isSpurious",
  "isInferred",
  "checksum",
  "remarks",
  "clientState",
  "serverState",
] as const satisfies readonly (keyof LadderRow)[];

/** Everything of one connection. */
export interface Detail {
  readonly record: ConnectionRecord;
  readonly rows: readonly (readonly unknown[])[];
  readonly omitted: number;
  readonly absent: string | null;
}

/** Segments of one connection that stand in a report: more of a long transfer would take the place of other connections. */
export const MOST_SEGMENTS = 5000;

export function detailOf({ record, rows, omitted, absent }: Ladder): Detail {
  const shown = rows.slice(0, MOST_SEGMENTS);
  return {
    record,
    rows: shown.map((row) => ROW_KEYS.map((key) => row[key])),
    omitted: omitted + rows.length - shown.length,
    absent,
  };
}

export function ladderOf({ record, rows, omitted, absent }: Detail): Ladder {
  const unpacked = rows.map((row) => Object.fromEntries(ROW_KEYS.map((key, i) => [key, row[i]])));
  // The page has the findings themselves, and the record their names.
  return { record, findings: [], rows: unpacked as unknown as LadderRow[], omitted, absent };
}

/** All that a page shows. */
export interface PageData {
  readonly generator: Generator;
  readonly summary: CaptureSummary;
  /** Rows of the table, and its columns in the order of `ROW_COLUMNS`. */
  readonly count: number;
  readonly columns: readonly PackedColumn[];
  /** By id. */
  readonly details: Readonly<Record<string, Detail>>;
}
