/**
 * CSV (RFC 4180): one row a connection, the columns of the field table under one line of their names.
 *
 * Unknown is an empty cell. Lists are their elements with `;` between them, as JSON where those are more than words.
 * Text that a spreadsheet would take for a formula gets an apostrophe in front: a server name may begin with `=`.
 */
import type { FieldValue } from "../report/fields/field.js";
import { FIELDS } from "../report/fields.js";
import type { ConnectionRecord } from "../report/record.js";
import { printable } from "./format.js";

/** The names of the columns, a line. */
export const CSV_HEADER = `${FIELDS.map(({ name }) => name).join(",")}\n`;

/** The connection as one row, ending in a line feed. */
export function csvRow(record: ConnectionRecord): string {
  let row = "";
  for (let index = 0; index < FIELDS.length; index++) {
    row += `${index === 0 ? "" : ","}${cell(FIELDS[index]!.read(record))}`;
  }
  return `${row}\n`;
}

function cell(value: FieldValue): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (typeof value === "boolean") return String(value);
  return quoted(typeof value === "string" ? value : listText(value));
}

/** A list in one cell. */
function listText(list: readonly unknown[]): string {
  const isPlain = list.every((one) => typeof one === "string" || typeof one === "number");
  return isPlain ? list.join(";") : JSON.stringify(list);
}

/** Characters with which a spreadsheet's formulas begin, behind blanks that it leaves out. */
const FORMULA = /^\s*[=+\-@\uff0b\uff0d\uff1d\uff20]/;

function quoted(text: string): string {
  const safe = printable(FORMULA.test(text) ? `'${text}` : text);
  return /[",;'\s]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
