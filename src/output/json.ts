/**
 * The JSON document: what the capture says as a whole, its servers and clients, and its connections.
 *
 * Machine-readable and stable: `schemaVersion` changes when a name changes its meaning. Valid JSON however it ends;
 * written in pieces, one connection a line, so that a document of any length needs little memory.
 */
import type { ConnectionRecord } from "../report/record.js";
import type { CaptureSummary } from "../report/summary.js";
import type { Ladder } from "../report/view.js";

export const SCHEMA_VERSION = 1;

/** The program that wrote a document. */
export interface Generator {
  readonly name: string;
  readonly version: string;
}

/** The document in pieces; `connections` are listed in the order in which they came. */
export function* jsonDocument(
  summary: CaptureSummary,
  connections: Iterable<ConnectionRecord>,
  generator: Generator,
): IterableIterator<string> {
  const { servers, clients, findings, ...capture } = summary;
  const head = { schemaVersion: SCHEMA_VERSION, generator, capture, findings, servers, clients };
  yield `${indented(head, 1).slice(0, -2)},\n "connections": [`;
  let separator = "\n  ";
  for (const record of connections) {
    yield `${separator}${JSON.stringify(record)}`;
    separator = ",\n  ";
  }
  yield "\n ]\n}\n";
}

/** `value` as JSON with a member a line; a list of plain values, or of lists of such, stays on its line. */
function indented(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null || isFlat(value)) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return `${open}${close}`;
  const lines = members.map(([key, member]) => {
    const name = Array.isArray(value) ? "" : `${JSON.stringify(key)}: `;
    return `${" ".repeat(depth)}${name}${indented(member, depth + 1)}`;
  });
  return `${open}\n${lines.join(",\n")}\n${" ".repeat(depth - 1)}${close}`;
}

function isFlat(value: object): boolean {
  const isPlain = (one: unknown): boolean => typeof one !== "object" || one === null;
  return (
    Array.isArray(value) && value.every((one) => isPlain(one) || (Array.isArray(one) && one.every(isPlain)))
  );
}

/** One connection with its segments as a document of its own. */
export function jsonConnection(ladder: Ladder, generator: Generator): string {
  const { record, findings, rows, omitted, absent } = ladder;
  const document = {
    schemaVersion: SCHEMA_VERSION,
    generator,
    connection: record,
    findings,
    segments: rows,
    segmentsOmitted: omitted,
    segmentsAbsent: absent,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
