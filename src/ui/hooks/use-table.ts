/**
 * The connection table at work: its state, the page that it shows, and the connection that its cursor holds on to.
 */
import { useEffect, useReducer } from "react";
import type { ConnectionRecord } from "../../report/record.js";
import type { AnalysisView, PageQuery, SortKey } from "../../report/view.js";
import type { LoadedPage } from "../page-loader.js";
import {
  INITIAL_TABLE,
  isInOrder,
  reduceTable,
  rowUnderCursor,
  type TableAction,
  type TableState,
} from "../table-state.js";
import { usePage } from "./use-page.js";

export interface Table {
  readonly state: TableState;
  readonly loaded: LoadedPage | null;
  /** The connection under the cursor, as far as its row has arrived. */
  readonly selected: ConnectionRecord | null;
  /** Whether rows have arrived that are in the table's order and of its search. */
  readonly isInOrder: boolean;
  /** Whether the row under the cursor has arrived, or there is none. */
  readonly isSettled: boolean;
  readonly dispatch: (action: TableAction) => void;
  /** Moves the cursor by lines; beyond the ends it stays there. */
  readonly move: (lines: number) => void;
  /** Goes to the next of the orders that the screen shows. */
  readonly sortBy: (keys: readonly SortKey[]) => void;
}

/** Lines on each side in which a connection is looked for that has left the window, first and last try. */
const NEAR_LINES = 256;
const FAR_LINES = 4096;

/** Keeps a table of `height` lines over `view`; asks for nothing while `isActive` is false. */
export function useTable(view: AnalysisView, height: number, version: number, isActive: boolean): Table {
  const [state, dispatch] = useReducer(reduceTable, INITIAL_TABLE);
  const query = queryOf(state, state.offset, height);
  const loaded = usePage(view, query, version, isActive);

  useEffect(() => {
    if (loaded !== null) dispatch({ kind: "loaded", loaded, height });
  }, [loaded, height]);

  const lostId = lostConnection(state, loaded);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one search for each page that lacks the connection
  useEffect(() => {
    if (lostId === null) return;
    let isWanted = true;
    findLine(view, state, lostId).then(
      (index) => {
        if (!isWanted) return;
        dispatch(
          index === null ? { kind: "lost", id: lostId } : { kind: "found", id: lostId, index, height },
        );
      },
      // The page itself is asked for as well: its error is the one that is told.
      () => isWanted && dispatch({ kind: "lost", id: lostId }),
    );
    return () => {
      isWanted = false;
    };
  }, [view, lostId, loaded]);

  const selected = rowUnderCursor(state, loaded);
  return {
    state,
    loaded,
    selected,
    isInOrder: isInOrder(state, loaded),
    isSettled: selected !== null || (isInOrder(state, loaded) && loaded.page.matching === 0),
    dispatch,
    move: (lines) => dispatch({ kind: "move", lines, height, loaded }),
    sortBy: (keys) => dispatch({ kind: "sort", keys }),
  };
}

/** What the analysis is asked for `limit` lines from `offset` on, in the table's order. */
export function queryOf(state: TableState, offset: number, limit: number): PageQuery {
  return { sort: state.sort, isDescending: state.isDescending, search: state.search, offset, limit };
}

/** The connection that the cursor holds on to, where the page of its window has come without it. */
function lostConnection(state: TableState, loaded: LoadedPage | null): string | null {
  if (loaded === null || state.anchor.kind !== "connection" || loaded.query.offset !== state.offset)
    return null;
  const { id } = state.anchor;
  return loaded.page.rows.some((row) => row.id === id) ? null : id;
}

async function findLine(view: AnalysisView, state: TableState, id: string): Promise<number | null> {
  for (const lines of [NEAR_LINES, FAR_LINES]) {
    const offset = Math.max(0, state.index - lines);
    const page = await view.page(queryOf(state, offset, lines * 2));
    const at = page.rows.findIndex((row) => row.id === id);
    if (at >= 0) return offset + at;
  }
  return null;
}
