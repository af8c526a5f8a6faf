/**
 * The rows of the connection table that are on the screen, below their headings.
 */
import { useContext } from "react";
import { clip, pad } from "../../output/format.js";
import type { ConnectionRecord } from "../../report/record.js";
import type { SortKey } from "../../report/view.js";
import type { Column } from "../connection-columns.js";
import { markOf, markSpan } from "../marks.js";
import { clipLeft, type Span, span, widthOf } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface ConnectionTableProps {
  readonly columns: readonly Column[];
  readonly rows: readonly ConnectionRecord[];
  /** The row under the cursor, or null. */
  readonly selected: ConnectionRecord | null;
  readonly sort: SortKey;
  readonly isDescending: boolean;
  readonly width: number;
  /** Lines, that of the headings included. */
  readonly height: number;
}

export function ConnectionTable(props: ConnectionTableProps) {
  const { columns, rows, selected, width, height } = props;
  const { glyphs } = useContext(ThemeContext);
  const lines = rows.map((row) => rowLine(row, columns, row === selected, width, glyphs));
  return <Lines lines={[headings(props, glyphs), ...lines]} width={width} height={height} />;
}

function headings({ columns, sort, isDescending }: ConnectionTableProps, glyphs: Glyphs): readonly Span[] {
  const pieces: Span[] = [span("   ")];
  for (const column of columns) {
    const isSorted = column.sort === sort;
    const arrow = isDescending ? glyphs.descending : glyphs.ascending;
    const title = isSorted ? `${clip(column.title, column.width - 1, glyphs.isAscii)}${arrow}` : column.title;
    const text = pad(
      clip(title, column.width, glyphs.isAscii),
      column.width,
      column.isRight ? "right" : "left",
    );
    if (pieces.length > 1) pieces.push(span(" "));
    pieces.push(span(text, isSorted ? "key" : "quiet"));
  }
  return pieces;
}

function rowLine(
  row: ConnectionRecord,
  columns: readonly Column[],
  isSelected: boolean,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const mark = markSpan(markOf(row), glyphs);
  const text = columns.map((column) => cellText(column, row, glyphs)).join(" ");
  if (isSelected) {
    // One piece, so that the whole line is inverse; the cursor mark stands for it where inverse is not shown.
    return [span(`${glyphs.cursor}${mark.text} ${text}`.padEnd(width), "selected")];
  }
  const pieces = [span(" "), mark, span(` ${text}`)];
  return widthOf(pieces) > width ? pieces : [...pieces, span(" ".repeat(width - widthOf(pieces)))];
}

function cellText(column: Column, row: ConnectionRecord, glyphs: Glyphs): string {
  const text = column.cell(row);
  const cut = column.isCutLeft
    ? clipLeft(text, column.width, glyphs.more)
    : clip(text, column.width, glyphs.isAscii);
  return pad(cut, column.width, column.isRight ? "right" : "left");
}
