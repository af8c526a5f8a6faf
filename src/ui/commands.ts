/**
 * What each command of the key table does, on the screen where it was given.
 *
 * Plain functions over what the application holds; nothing is drawn and nothing is kept here.
 */
import { completed } from "../query/completion.js";
import { displayFilter } from "../report/display-filter.js";
import { HANDSHAKE_TIMES } from "../report/summary.js";
import type { Traffic } from "../report/traffic.js";
import type { SortKey } from "../report/view.js";
import type { Column } from "./connection-columns.js";
import type { OpenedConnection } from "./hooks/use-connection.js";
import type { FindingsList } from "./hooks/use-findings.js";
import type { HostList } from "./hooks/use-hosts.js";
import type { Actions } from "./hooks/use-keys.js";
import type { NewFinding } from "./hooks/use-news.js";
import { queryOf, type Table } from "./hooks/use-table.js";
import { searchForFinding, searchForHost } from "./host-search.js";
import { type Command, editText, SCREENS, type ScreenName } from "./keys.js";
import type { LiveAnalysis } from "./live.js";
import { LOWER_PANES, type OverviewFocus } from "./overview-focus.js";

/** All that commands can work on. */
export interface Controls {
  readonly live: LiveAnalysis;
  readonly actions: Actions;
  readonly screen: ScreenName;
  readonly setScreen: (screen: ScreenName) => void;
  /** The screens that "back" leads to, the last one first; empty where a screen was chosen by itself. */
  readonly trail: readonly ScreenName[];
  readonly setTrail: (trail: readonly ScreenName[]) => void;
  readonly isHelp: boolean;
  readonly setHelp: (isHelp: boolean) => void;
  readonly table: Table;
  /** Rows of the table that are shown. */
  readonly tableHeight: number;
  readonly columns: readonly Column[];
  readonly connection: OpenedConnection;
  readonly findings: FindingsList;
  /** Lines of the list of findings. */
  readonly findingsHeight: number;
  readonly hosts: HostList;
  /** What comes just now; null where nothing is captured or followed. */
  readonly traffic: Traffic | null;
  /** Findings as they came. */
  readonly news: readonly NewFinding[];
  /** What a command has to say in the last line, until the next one. */
  readonly setNotice: (notice: string | null) => void;
  /** What the overview is about. */
  readonly focus: OverviewFocus;
  readonly setFocus: (focus: OverviewFocus) => void;
}

/** Does what a command says. */
export function runCommand(controls: Controls, command: Command): void {
  const { isHelp, setHelp, setNotice, actions, table } = controls;
  setNotice(null);
  if (isHelp && command === "back") setHelp(false);
  else if (isAction(command)) actions[command]();
  else if (command === "help") setHelp(!isHelp);
  else if (command === "pause") controls.live.togglePause();
  else if (isScreen(command)) show(controls, command);
  else if (command === "nextScreen") show(controls, neighbour(controls, 1));
  else if (command === "previousScreen") show(controls, neighbour(controls, -1));
  else if (command === "search") {
    show(controls, "connections");
    table.dispatch({ kind: "type" });
  } else if (!isHelp) runOnScreen(controls, command);
}

function runOnScreen(controls: Controls, command: Command): void {
  if (takeAway(controls, command)) return;
  if (controls.screen === "connections") runInTable(controls, command);
  else if (controls.screen === "connection") runInLadder(controls, command);
  else if (controls.screen === "findings") runInFindings(controls, command);
  else if (controls.screen === "servers") runInServers(controls, command);
  else if (controls.screen === "live") {
    if (command === "back") goBack(controls);
  } else if (command === "open") controls.setScreen("connections");
  else refocus(controls, command);
}

/** Saves or copies the connection that is shown, or under the cursor; false for another command. */
function takeAway({ screen, table, connection, actions, setNotice }: Controls, command: Command): boolean {
  const form = SAVED_FORMS[command];
  if (form === undefined && command !== "copyFilter" && command !== "copyFrame") return false;
  const record = screen === "connection" ? connection.record : table.selected;
  if (record === null) return true;
  if (form !== undefined) {
    setNotice("saving the connection");
    void actions.save(record, form).then(setNotice);
  } else {
    const text = command === "copyFrame" ? record.id : displayFilter(record);
    actions.copy(text);
    setNotice(`given to the clipboard: ${text}`);
  }
  return true;
}

const SAVED_FORMS: Readonly<Partial<Record<Command, "pcap" | "json">>> = {
  savePackets: "pcap",
  saveJson: "json",
};

/** The next measure, or what the lower pane shows next. */
function refocus({ focus, setFocus }: Controls, command: Command): void {
  if (command === "nextTime") setFocus({ ...focus, time: (focus.time + 1) % HANDSHAKE_TIMES.length });
  if (command !== "nextPane") return;
  const at = LOWER_PANES.indexOf(focus.lower);
  setFocus({ ...focus, lower: LOWER_PANES[(at + 1) % LOWER_PANES.length]! });
}

function runInTable(controls: Controls, command: Command): void {
  const { table, columns, tableHeight, trail, connection } = controls;
  const isListed = trail.length > 0;
  if (command === "open") {
    if (table.selected === null) return;
    connection.open(table.selected);
    goOn(controls, "connection");
  } else if (command === "nextSort") table.sortBy(sortKeysOf(columns));
  else if (command === "reverseSort") table.dispatch({ kind: "reverse" });
  else if (command === "back") {
    // What was listed for a finding or a host is left with one key.
    if (table.state.search !== "") table.dispatch({ kind: "clear" });
    if (table.state.search === "" || isListed) goBack(controls);
  } else table.move(linesOf(command, tableHeight));
}

function runInLadder(controls: Controls, command: Command): void {
  const { connection } = controls;
  if (command === "back") goBack(controls);
  else if (command === "zoom") connection.toggleZoom();
  else if (command === "plot") connection.togglePlot();
  else if (command === "nextPane") connection.turnPlot();
  else if (command === "previousConnection") step(controls, -1);
  else if (command === "nextConnection") step(controls, 1);
  else connection.scrollBy(linesOf(command, connection.layout.ladderHeight - 1));
}

/** The finding's worst connection, or all of them in the table. */
function runInFindings(controls: Controls, command: Command): void {
  const { findings, findingsHeight, connection, table } = controls;
  const { selected } = findings;
  if (command === "back") goBack(controls);
  else if (command === "open") {
    if (selected === null || selected.examples.length === 0) return;
    connection.openExample(selected, 0);
    goOn(controls, "connection");
  } else if (command === "list") {
    if (selected === null || selected.connections === 0) return;
    table.dispatch({ kind: "search", text: searchForFinding(selected) });
    goOn(controls, "connections");
  } else findings.move(linesOf(command, findingsHeight));
}

/** The host's connections in the table; the other kind of hosts; another of their times. */
function runInServers(controls: Controls, command: Command): void {
  const { hosts, table } = controls;
  if (command === "back") goBack(controls);
  else if (command === "nextPane") hosts.turn();
  else if (command === "nextTime") refocus(controls, command);
  else if (command === "open") {
    if (hosts.selected === null) return;
    table.dispatch({ kind: "search", text: searchForHost(hosts.selected.name) });
    goOn(controls, "connections");
  } else hosts.move(linesOf(command, hosts.height));
}

/** Goes to a screen from which "back" leads to this one. */
function goOn({ screen, setScreen, trail, setTrail }: Controls, target: ScreenName): void {
  setTrail([...trail, screen]);
  setScreen(target);
}

function goBack({ screen, setScreen, trail, setTrail }: Controls): void {
  setScreen(trail.at(-1) ?? (screen === "connection" ? "connections" : "overview"));
  setTrail(trail.slice(0, -1));
}

/** Goes to a screen; from the table to the connection under the cursor. */
function show(controls: Controls, target: ScreenName): void {
  const { screen, setScreen, setTrail, setHelp, table, connection } = controls;
  setHelp(false);
  if (screen !== target) setTrail([]);
  if (screen === "connections" && target === "connection" && table.selected !== null) {
    connection.open(table.selected);
  }
  setScreen(target);
}

/** Opens the neighbour of the opened connection in the table's order, or among the examples of its finding. */
function step({ live, table, tableHeight, connection }: Controls, lines: number): void {
  const { evidence } = connection;
  if (evidence !== null) {
    connection.openExample(evidence.finding, evidence.example + lines);
    return;
  }
  const index = table.state.index + lines;
  if (index < 0) return;
  void live.view.page(queryOf(table.state, index, 1)).then(({ rows: [record] }) => {
    if (record === undefined) return;
    table.dispatch({ kind: "place", index, id: record.id, height: tableHeight });
    connection.open(record);
  });
}

/** Keys that keep their meaning while a search is typed. */
const PASSES_TYPING: ReadonlySet<string> = new Set([
  "up",
  "down",
  "page-up",
  "page-down",
  "ctrl-z",
  "ctrl-l",
]);
const LONGEST_SEARCH = 400;

/** Takes a key as text for the search, while one is typed; true where that was all. */
export function typeKey({ table, screen, isHelp }: Controls, key: string): boolean {
  if (!table.state.isTyping || screen !== "connections" || isHelp || PASSES_TYPING.has(key)) return false;
  if (key === "enter") table.dispatch({ kind: "keep" });
  else if (key === "escape") table.dispatch({ kind: "clear" });
  else {
    const { typed } = table.state;
    const text = key === "tab" ? completed(typed) : editText(typed, key);
    if (text !== null && text.length <= LONGEST_SEARCH) table.dispatch({ kind: "search", text });
  }
  return true;
}

/** Whether a command has to wait for rows that are on their way: what it means depends on them. */
export function mustWait({ screen, isHelp, table }: Controls, command: Command): boolean {
  if (screen !== "connections" || isHelp) return false;
  return command === "open" ? !table.isSettled : linesOf(command, 2) !== 0 && !table.isInOrder;
}

function isAction(command: Command): command is Extract<Command, keyof Actions> {
  return command === "quit" || command === "interrupt" || command === "suspend" || command === "redraw";
}

function isScreen(command: Command): command is ScreenName & Command {
  return (SCREENS as readonly string[]).includes(command);
}

function neighbour({ screen, traffic }: Controls, step: number): ScreenName {
  const screens = SCREENS.filter((name) => name !== "live" || traffic !== null);
  return screens[(screens.indexOf(screen) + step + screens.length) % screens.length]!;
}

/** Further than any list is long. */
const END = Number.MAX_SAFE_INTEGER / 2;

/** How far a command moves in a list that shows `page` lines; 0 where it moves nothing. */
function linesOf(command: Command, page: number): number {
  const lines: Partial<Record<Command, number>> = {
    up: -1,
    down: 1,
    pageUp: -Math.max(1, page - 1),
    pageDown: Math.max(1, page - 1),
    first: -END,
    last: END,
  };
  return lines[command] ?? 0;
}

/** The orders that the shown columns offer, after the order of time, which always makes sense. */
function sortKeysOf(columns: readonly Column[]): readonly SortKey[] {
  const shown = columns.map((column) => column.sort).filter((sort) => sort !== null);
  return ["start", ...shown.filter((sort) => sort !== "start")];
}
