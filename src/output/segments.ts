/**
 * `--segments`: a line for each TCP segment, in the order of packets, with what the analysis says of it.
 *
 * As text the columns stand apart by tabs under one line of names, for `cut`, `awk` and spreadsheets; as NDJSON every line
 * has every name. Sequence numbers are those on the wire.
 */
import type { SegmentRow } from "../report/segment-row.js";
import { printable } from "./format.js";

const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x002, "SYN"],
  [0x001, "FIN"],
  [0x004, "RST"],
  [0x008, "PSH"],
  [0x020, "URG"],
  [0x040, "ECE"],
  [0x080, "CWR"],
  [0x100, "AE"],
  [0x010, "ACK"],
];

interface Column {
  readonly name: string;
  readonly value: (row: SegmentRow) => string | number | boolean | null;
}

const COLUMNS: readonly Column[] = [
  { name: "frame", value: ({ frame }) => frame },
  { name: "timeMs", value: ({ timeNs }) => timeNs / 1e6 },
  { name: "connection", value: ({ connection }) => connection || null },
  { name: "from", value: ({ from }) => from },
  { name: "flags", value: ({ flags }) => flagWords(flags) },
  { name: "sequence", value: ({ sequence }) => sequence },
  { name: "acknowledgment", value: ({ acknowledgment }) => acknowledgment },
  { name: "payloadBytes", value: ({ payloadBytes }) => payloadBytes },
  { name: "window", value: ({ window }) => window },
  { name: "label", value: ({ label }) => label || null },
  { name: "repeats", value: ({ repeats }) => repeats || null },
  { name: "cause", value: ({ cause }) => cause || null },
  { name: "inferred", value: ({ inferred }) => inferred },
  { name: "spurious", value: ({ spurious }) => spurious },
  { name: "evidence", value: ({ evidence }) => evidence || null },
];

/** The names of the columns, a line. */
export const SEGMENT_HEADER = `${COLUMNS.map(({ name }) => name).join("\t")}\n`;

/** The segment as columns apart by tabs: nothing for what is not known or not there, "yes" for what is so. */
export function segmentLine(row: SegmentRow): string {
  return `${COLUMNS.map(({ value }) => cell(value(row))).join("\t")}\n`;
}

/** The segment as one line of JSON. */
export function segmentJson(row: SegmentRow): string {
  return `${JSON.stringify(Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value(row)])))}\n`;
}

function cell(value: string | number | boolean | null): string {
  if (value === null || value === false) return "";
  return value === true ? "yes" : printable(String(value));
}

function flagWords(flags: number): string {
  return FLAGS.filter(([bit]) => flags & bit)
    .map(([, name]) => name)
    .join(" ");
}
