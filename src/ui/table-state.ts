/**
 * Where the connection table stands: order, search, cursor and window, as a pure function of what happens to it.
 *
 * The cursor holds on to a connection, not to a line: rows that arrive while the file is read do not move it. Before
 * it was moved it stays at the top, so that the worst of a sorted table is what is seen.
 */

import { searchProblem } from "../query/search.js";
import type { ConnectionRecord } from "../report/record.js";
import type { SortKey } from "../report/view.js";
import type { LoadedPage } from "./page-loader.js";

/** What the cursor holds on to: the top, a line whose connection is not known yet, or a connection. */
export type Anchor =
  | { readonly kind: "top" }
  | { readonly kind: "line" }
  | { readonly kind: "connection"; readonly id: string };

export interface TableState {
  readonly sort: SortKey;
  readonly isDescending: boolean;
  /** What is looked for: words or a filter. */
  readonly search: string;
  /** What stands in the line, and what is wrong with it where it is meant as a filter; then `search` is the last without. */
  readonly typed: string;
  readonly problem: string | null;
  /** Whether keys are text for the search. */
  readonly isTyping: boolean;
  /** Line of the cursor, and first line of the window, among all that match. */
  readonly index: number;
  readonly offset: number;
  readonly anchor: Anchor;
}

export const INITIAL_TABLE: TableState = {
  sort: "start",
  isDescending: false,
  search: "",
  typed: "",
  problem: null,
  isTyping: false,
  index: 0,
  offset: 0,
  anchor: { kind: "top" },
};

export type TableAction =
  | {
      readonly kind: "move";
      readonly lines: number;
      readonly height: number;
      readonly loaded: LoadedPage | null;
    }
  | { readonly kind: "sort"; readonly keys: readonly SortKey[] }
  | { readonly kind: "reverse" }
  | { readonly kind: "type" }
  | { readonly kind: "search"; readonly text: string }
  | { readonly kind: "keep" }
  | { readonly kind: "clear" }
  | { readonly kind: "loaded"; readonly loaded: LoadedPage; readonly height: number }
  | { readonly kind: "found"; readonly id: string; readonly index: number; readonly height: number }
  | { readonly kind: "lost"; readonly id: string }
  | { readonly kind: "place"; readonly id: string; readonly index: number; readonly height: number };

const TOP = { index: 0, offset: 0, anchor: { kind: "top" } } as const;

/** Orders in which the largest is what one looks for first. */
const LARGEST_FIRST: ReadonlySet<SortKey> = new Set([
  "connectTime",
  "initialRtt",
  "retransmissions",
  "bytes",
  "duration",
]);

export function reduceTable(state: TableState, action: TableAction): TableState {
  switch (action.kind) {
    case "move":
      return move(state, action.lines, action.height, action.loaded);
    case "sort": {
      const sort = action.keys[(action.keys.indexOf(state.sort) + 1) % action.keys.length] ?? state.sort;
      return { ...state, ...TOP, sort, isDescending: LARGEST_FIRST.has(sort) };
    }
    case "reverse":
      return { ...state, ...TOP, isDescending: !state.isDescending };
    case "type":
      return { ...state, isTyping: true };
    case "search":
      return search(state, action.text);
    case "keep":
      return { ...state, isTyping: state.problem !== null };
    case "clear":
      return {
        ...(state.search === "" ? state : search(state, "")),
        isTyping: false,
        typed: "",
        problem: null,
      };
    case "loaded":
      return settle(state, action.loaded, action.height);
    case "found":
      return holds(state, action.id)
        ? { ...state, ...windowAround(state, action.index, action.height) }
        : state;
    case "lost":
      return holds(state, action.id) ? { ...state, anchor: { kind: "line" } } : state;
    case "place": {
      const offset = contain(state.offset, action.index, action.height, Number.POSITIVE_INFINITY);
      return { ...state, index: action.index, offset, anchor: { kind: "connection", id: action.id } };
    }
  }
}

function search(state: TableState, typed: string): TableState {
  const problem = searchProblem(typed);
  return problem === null
    ? { ...state, ...TOP, search: typed, typed, problem }
    : { ...state, typed, problem };
}

function holds(state: TableState, id: string): boolean {
  return state.anchor.kind === "connection" && state.anchor.id === id;
}

function move(state: TableState, lines: number, height: number, loaded: LoadedPage | null): TableState {
  if (loaded === null) return state;
  const { matching, rows } = loaded.page;
  const index = Math.max(0, Math.min(matching - 1, state.index + lines));
  const row = rows[index - loaded.query.offset];
  const anchor: Anchor = row === undefined ? { kind: "line" } : { kind: "connection", id: row.id };
  return { ...state, index, offset: contain(state.offset, index, height, matching), anchor };
}

/** The first line of a window of `height` lines that shows `index`, moved as little as possible. */
export function contain(offset: number, index: number, height: number, matching: number): number {
  const lowest = Math.max(0, Math.min(offset, matching - height));
  if (index < lowest) return index;
  return index >= lowest + height ? index - height + 1 : lowest;
}

/** Moves the window along with the cursor's connection, which stays on its line of the screen. */
function windowAround(
  state: TableState,
  index: number,
  height: number,
): Pick<TableState, "index" | "offset"> {
  const line = Math.max(0, Math.min(height - 1, state.index - state.offset));
  return { index, offset: Math.max(0, index - line) };
}

/** Takes in a page that has arrived: bounds, and the connection that the cursor is on. */
function settle(state: TableState, loaded: LoadedPage, height: number): TableState {
  if (!isInOrder(state, loaded)) return state;
  const { query, page } = loaded;
  const { anchor } = state;
  if (anchor.kind === "connection") {
    const at = page.rows.findIndex((row) => row.id === anchor.id);
    if (at >= 0) {
      const index = query.offset + at;
      if (index !== state.index) return { ...state, ...windowAround(state, index, height) };
    }
  }
  const index = Math.max(0, Math.min(state.index, page.matching - 1));
  const offset = contain(state.offset, index, height, page.matching);
  const row = page.rows[index - query.offset];
  const isKnown = anchor.kind === "line" && row !== undefined;
  if (index === state.index && offset === state.offset && !isKnown) return state;
  return { ...state, index, offset, anchor: isKnown ? { kind: "connection", id: row.id } : anchor };
}

/** Whether a page has arrived that is in the table's order and of its search. */
export function isInOrder(state: TableState, loaded: LoadedPage | null): loaded is LoadedPage {
  if (loaded === null) return false;
  const { sort, isDescending, search } = loaded.query;
  return sort === state.sort && isDescending === state.isDescending && search === state.search;
}

/** The row under the cursor among the rows that have arrived, or null. */
export function rowUnderCursor(state: TableState, loaded: LoadedPage | null): ConnectionRecord | null {
  if (!isInOrder(state, loaded)) return null;
  const { anchor } = state;
  if (anchor.kind === "connection") {
    return loaded.page.rows.find((candidate) => candidate.id === anchor.id) ?? null;
  }
  return loaded.page.rows[state.index - loaded.query.offset] ?? null;
}
