/**
 * Tables of text: columns as wide as their widest cell, two blanks apart, within a given width.
 *
 * Nothing is cut: where a leading cell (an IPv6 address, a long pair of endpoints) would push the line beyond the
 * width, it gets a line of its own and its figures stand below, in their columns.
 */
import { type Align, pad, wrap } from "./format.js";

export interface TableColumn {
  readonly title: string;
  readonly align: Align;
}

export interface Table {
  readonly heading: string;
  /** The lines of each row: one, or more where the leading cell stands alone. */
  readonly rows: readonly (readonly string[])[];
}

const GAP = "  ";

/** The narrowest that a leading column becomes. */
const LEAD_MIN = 12;

/**
 * Lays out rows below their headings, in lines of at most `width` characters as far as the figures fit; the column at
 * `lead` is the one whose long cells may stand alone. No line ends in blanks.
 */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  lead = 0,
): Table {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const others = widths.reduce((sum, each, index) => (index === lead ? sum : sum + each + GAP.length), 0);
  widths[lead] = Math.min(widths[lead]!, Math.max(LEAD_MIN, columns[lead]!.title.length, width - others));
  const layOut = (cells: readonly string[]): string =>
    columns
      .map((column, index) => pad(cells[index] ?? "", widths[index]!, column.align))
      .join(GAP)
      .trimEnd();
  const indent = widths.slice(0, lead).reduce((sum, each) => sum + each + GAP.length, 0);
  return {
    heading: layOut(columns.map((column) => column.title)),
    rows: rows.map((row) => {
      if ((row[lead]?.length ?? 0) <= widths[lead]!) return [layOut(row)];
      const before = layOut(row.slice(0, lead)).padEnd(indent);
      const alone = wrap(row[lead]!, width, " ".repeat(indent), before);
      return [...alone, layOut(row.map((cell, index) => (index <= lead ? "" : cell)))];
    }),
  };
}

/** Two blocks of lines beside each other, the right one beginning at column `at`. */
export function beside(left: readonly string[], right: readonly string[], at: number): string[] {
  const lines: string[] = [];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    lines.push(`${pad(left[index] ?? "", at)}${right[index] ?? ""}`.trimEnd());
  }
  return lines;
}
