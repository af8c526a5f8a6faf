/**
 * One connection in text: its ladder diagram, the findings behind which it stands, then every number that the field
 * table knows of it, both sides beside each other.
 *
 * Only lays out; a field without a value is left out, so that what is listed is what is known.
 */
import type { Field, FieldValue } from "../report/fields/field.js";
import { FIELDS } from "../report/fields.js";
import type { ConnectionRecord } from "../report/record.js";
import { lossText } from "../report/sentence-opening.js";
import { tlsParts } from "../report/tls-words.js";
import type { Ladder } from "../report/view.js";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  printable,
  wrap,
} from "./format.js";
import { ladderLines } from "./ladder.js";
import { emphasize, type Medium } from "./style.js";
import { type TableColumn, table } from "./table.js";
import { connectionFindingLines } from "./text-findings.js";

/** The whole report of one connection, ending in a line feed. */
export function connectionReport(ladder: Ladder, medium: Medium): string {
  const { record } = ladder;
  const lines = [
    ...ladderLines(ladder, medium),
    "",
    ...(ladder.findings.length === 0 ? [] : [...connectionFindingLines(ladder.findings, medium), ""]),
    ...sideLines(record, medium),
    "",
    ...wholeLines(record, medium),
    ...lossLines(record, medium),
    ...tlsLines(record, medium),
    ...transitionLines(record, medium),
  ];
  return `${lines.join("\n")}\n`;
}

function sideLines(record: ConnectionRecord, medium: Medium): string[] {
  const columns: TableColumn[] = [
    { title: "Both sides", align: "left" },
    { title: "client", align: "right" },
    { title: "server", align: "right" },
  ];
  const rows: string[][] = [];
  for (const field of FIELDS) {
    if (!field.name.startsWith("client.")) continue;
    const name = field.name.slice("client.".length);
    // Two IPv6 addresses beside each other would need more than 80 columns.
    if (name === "address" || (name === "segments" && !hasSuperSegments(record))) continue;
    const other = FIELDS.find((candidate) => candidate.name === `server.${name}`)!;
    const values = [field.read(record), other.read(record)];
    if (values.every((value) => value === null)) continue;
    rows.push([name, ...values.map((value) => valueText(field, value))]);
  }
  const { heading, rows: body } = table(columns, rows, medium.width);
  return [emphasize(medium, "heading", heading), ...body.flat()];
}

/** Whether a packet of either side holds several segments: without that their number is the packets'. */
function hasSuperSegments({ client, server }: ConnectionRecord): boolean {
  return [client, server].some(({ segments, packets }) => segments !== null && segments > packets);
}

function wholeLines(record: ConnectionRecord, medium: Medium): string[] {
  const fields = FIELDS.filter(
    ({ name, unit }) => !/^(client|server)\.(?!address$)/.test(name) && unit !== "list",
  );
  const known = fields.filter((field) => field.read(record) !== null);
  const nameWidth = Math.max(...known.map(({ name }) => name.length));
  const indent = " ".repeat(nameWidth + 2);
  return [
    emphasize(medium, "heading", "Connection"),
    ...known.flatMap((field) =>
      wrap(valueText(field, field.read(record)), medium.width, indent, `${field.name.padEnd(nameWidth)}  `),
    ),
  ];
}

/** Which packets of the handshake were lost, with the frames that show it. */
function lossLines({ lossEvidence }: ConnectionRecord, medium: Medium): string[] {
  if (lossEvidence.length === 0) return [];
  const lines = lossEvidence.flatMap((loss) => wrap(printable(lossText(loss)), medium.width));
  return ["", emphasize(medium, "heading", "Lost in the handshake"), ...lines];
}

/** The handshake of TLS on one line or a few. */
function tlsLines({ tls }: ConnectionRecord, medium: Medium): string[] {
  if (tls === null) return [];
  const lines = wrap(printable(tlsParts(tls).join(", ")), medium.width);
  return ["", emphasize(medium, "heading", "TLS handshake"), ...lines];
}

/** Every change of state, with its time and frame. */
function transitionLines(record: ConnectionRecord, medium: Medium): string[] {
  if (record.transitions.length === 0) return [];
  const columns: TableColumn[] = [
    { title: "at", align: "right" },
    { title: "frame", align: "right" },
    ...["side", "event", "from", "to"].map((title): TableColumn => ({ title, align: "left" })),
  ];
  const rows = record.transitions.map(({ atMs, frame, side, event, from, to }) => [
    formatDuration(atMs),
    printable(String(frame)),
    side,
    event,
    from,
    to,
  ]);
  const { heading, rows: body } = table(columns, rows, medium.width);
  return ["", emphasize(medium, "heading", "State changes"), heading, ...body.flat()];
}

/** A value as a person reads it: numbers with their units, flags as words. */
export function valueText(field: Field, value: FieldValue): string {
  if (value === null) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return numberText(field, value);
  return printable(Array.isArray(value) ? value.join(", ") : String(value));
}

function numberText(field: Field, value: number): string {
  if (field.unit === "ms") return formatDuration(value);
  if (field.unit === "bits/s") return formatRate(value);
  if (field.unit === "share") return formatPercent(value);
  if (field.unit === "bytes")
    return value < 10_000 ? `${formatCount(value)} B` : `${formatCount(value)} B (${formatBytes(value)})`;
  // Numbers that name something are looked for as they are, without separators.
  return /(^|\.)(frame|port|isn|lastFrame|provokedByFrame|helloFrame|cipher|fromFrame|toFrame)$/.test(
    field.name,
  )
    ? String(value)
    : formatCount(value);
}
