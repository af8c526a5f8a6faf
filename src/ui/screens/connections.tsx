/**
 * The second screen: the table of connections with its search and its order.
 */
import { Box } from "ink";
import { useContext } from "react";
import { clip, formatCount, printable } from "../../output/format.js";
import { completionOf } from "../../query/completion.js";
import { ConnectionTable } from "../components/connection-table.js";
import { Lines } from "../components/lines.js";
import type { Column } from "../connection-columns.js";
import type { Table } from "../hooks/use-table.js";
import { joinFitting, type Span, span, spread, widthOf } from "../spans.js";
import type { TableState } from "../table-state.js";
import { type Glyphs, ThemeContext } from "../theme.js";

export interface ConnectionsProps {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly isReading: boolean;
  readonly width: number;
  readonly height: number;
}

/** Lines of this screen that are not rows: search line and headings. */
export const CONNECTIONS_MARGIN = 2;

export function Connections({ table, columns, isReading, width, height }: ConnectionsProps) {
  const { glyphs } = useContext(ThemeContext);
  const { state, loaded, selected } = table;
  const rows = loaded?.page.rows ?? [];
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines lines={[searchLine(table, width, glyphs)]} width={width} height={1} />
      {rows.length > 0 ? (
        <ConnectionTable
          columns={columns}
          rows={rows}
          selected={selected}
          sort={state.sort}
          isDescending={state.isDescending}
          width={width}
          height={height - 1}
        />
      ) : (
        <Lines lines={[[], [span(emptiness(table, isReading), "quiet")]]} width={width} height={height - 1} />
      )}
    </Box>
  );
}

function searchLine({ state, loaded }: Table, width: number, glyphs: Glyphs): readonly Span[] {
  const matching = loaded?.page.matching ?? 0;
  const total = loaded?.page.total ?? 0;
  const isFiltered = state.search !== "";
  const line = matching === 0 ? 0 : Math.min(state.index + 1, matching);
  const count = isFiltered ? `${formatCount(matching)} of ${formatCount(total)}` : formatCount(total);
  const arrow = state.isDescending ? glyphs.descending : glyphs.ascending;
  const right = [span(` ${formatCount(line)}/${count}  sort: `, "quiet"), span(`${state.sort} ${arrow} `)];
  const typed = printable(state.typed);
  if (state.isTyping) {
    const line = [span(" / ", "key"), span(typed, "strong"), span(glyphs.caret, "key")];
    const help = typingHelp(state, right, width - widthOf(line), glyphs.isAscii);
    return spread(line, help, width, glyphs.isAscii);
  }
  const left = isFiltered
    ? [span(" / ", "key"), span(typed, "strong")]
    : [span(" / ", "key"), span("search or filter", "quiet")];
  return spread(left, right, width, glyphs.isAscii);
}

/** The right end while something is typed: what is wrong with the filter, or what its last word can become, and the count. */
function typingHelp(
  { typed, problem }: TableState,
  count: readonly Span[],
  room: number,
  isAscii: boolean,
): readonly Span[] {
  const { words } = completionOf(typed);
  if (problem !== null && words.length === 0)
    return [span(` ${clip(printable(problem), Math.max(0, room - 2), isAscii)} `, "problem")];
  const [left, least] = [room - widthOf(count) - 4, words[0]?.length ?? 0];
  const isCountShown = problem === null && left >= least;
  const offered = joinFitting(words.slice(0, MOST_OFFERED), "  ", isCountShown ? left : room - 4);
  return [span(` ${offered} `, "quiet"), ...(isCountShown ? count : [])];
}

/** Possible endings that are shown at once. */
const MOST_OFFERED = 6;

function emptiness({ state, loaded }: Table, isReading: boolean): string {
  if (loaded === null) return "";
  if (loaded.page.total === 0)
    return isReading ? "  no connection yet" : "  no TCP connection in this capture";
  return `  nothing matches "${printable(state.search)}"; Esc clears the search`;
}
