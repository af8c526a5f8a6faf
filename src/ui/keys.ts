/**
 * THE key table: which key does what on which screen, and the sentence that the help shows for it.
 *
 * Keys are data: the dispatcher and the help both read this table, so neither can know a key that the other does not.
 * Terminals may deliver several keys in one piece (fast typing, a paste, a slow line); `readKeys` takes them apart.
 */
import type { Key } from "ink";

export type Command =
  | "overview"
  | "connections"
  | "connection"
  | "findings"
  | "servers"
  | "live"
  | "pause"
  | "nextScreen"
  | "previousScreen"
  | "up"
  | "down"
  | "pageUp"
  | "pageDown"
  | "first"
  | "last"
  | "open"
  | "list"
  | "back"
  | "search"
  | "nextSort"
  | "reverseSort"
  | "previousConnection"
  | "nextConnection"
  | "zoom"
  | "plot"
  | "savePackets"
  | "saveJson"
  | "copyFilter"
  | "copyFrame"
  | "nextTime"
  | "nextPane"
  | "help"
  | "quit"
  | "interrupt"
  | "suspend"
  | "redraw";

export const SCREENS = ["overview", "connections", "connection", "findings", "servers", "live"] as const;
export type ScreenName = (typeof SCREENS)[number];

export interface Binding {
  /** Each command of the line with its keys, named as `readKeys` names them. */
  readonly keys: Readonly<Partial<Record<Command, readonly string[]>>>;
  /** How the help and the hints write the keys; the hints take the first word. */
  readonly shown: string;
  readonly help: string;
  /** Where the keys work; everywhere where this is absent. */
  readonly screens?: readonly ScreenName[];
  /** One word for the hints in the last line; keys without one are in the help only. */
  readonly hint?: string;
  /** True where the keys work, and stand in the help, only while something is captured or followed. */
  readonly isForLive?: true;
}

const LISTS: readonly ScreenName[] = ["connections", "connection", "findings", "servers"];
const TABLE: readonly ScreenName[] = ["connections"];
const HOSTS: readonly ScreenName[] = ["overview", "servers"];
const LADDER: readonly ScreenName[] = ["connection"];
const ONE: readonly ScreenName[] = ["connections", "connection"];
const FINDINGS: readonly ScreenName[] = ["findings"];

export const BINDINGS: readonly Binding[] = [
  {
    keys: { overview: ["1"], connections: ["2"], connection: ["3"], findings: ["4"], servers: ["5"] },
    shown: "1 2 3 4 5",
    help: "overview, connections, ladder of one, findings, servers",
  },
  {
    keys: { live: ["6"], pause: ["p"] },
    shown: "6 p",
    help: "what comes just now; let the screens stand still, and go on",
    isForLive: true,
  },
  {
    keys: { nextScreen: ["tab"], previousScreen: ["shift-tab"] },
    shown: "Tab Shift-Tab",
    help: "next screen, screen before",
  },
  {
    keys: { up: ["up", "k"], down: ["down", "j"] },
    shown: "Up Down k j",
    help: "one line up, down",
    screens: LISTS,
  },
  {
    keys: { pageUp: ["page-up", "ctrl-b", "ctrl-u"], pageDown: ["page-down", "ctrl-f", "ctrl-d", " "] },
    shown: "PgUp PgDn Space",
    help: "one page up, down; Ctrl-B and Ctrl-F too",
    screens: LISTS,
  },
  {
    keys: { first: ["g", "home"], last: ["G", "end"] },
    shown: "g G Home End",
    help: "to the first, last line",
    screens: LISTS,
  },
  {
    keys: { open: ["enter"] },
    shown: "Enter",
    help: "open: a connection, the worst of a finding, those of a server",
    screens: ["overview", "connections", "findings", "servers"],
    hint: "open",
  },
  {
    keys: { list: ["t"] },
    shown: "t",
    help: "findings: the connections behind it, in the table",
    screens: FINDINGS,
    hint: "table",
  },
  {
    keys: { nextTime: ["m"] },
    shown: "m",
    help: "next measure of handshakes: connect, legs, RTT, retry wait",
    screens: HOSTS,
    hint: "measure",
  },
  {
    keys: { nextPane: ["c"] },
    shown: "c",
    help: "overview: events, servers, clients; servers: their clients",
    screens: HOSTS,
    hint: "clients",
  },
  {
    keys: { search: ["/"] },
    shown: "/",
    help: "words, or a filter: rtt > 100ms; Tab completes, Esc clears",
    hint: "search",
  },
  {
    keys: { nextSort: ["s"], reverseSort: ["S"] },
    shown: "s S",
    help: "table: sort by the next column, the other way round",
    screens: TABLE,
    hint: "sort",
  },
  {
    keys: { previousConnection: ["left", "h"], nextConnection: ["right", "l"] },
    shown: "Left Right h l",
    help: "ladder: connection before, next; of a finding its examples",
    screens: LADDER,
    hint: "next",
  },
  {
    keys: { plot: ["v"], zoom: ["z"], nextPane: ["c"] },
    shown: "v z c",
    help: "ladder: as a graph, or alone; graph: what the other side sent",
    screens: LADDER,
    hint: "graph",
  },
  {
    keys: { savePackets: ["e"], saveJson: ["E"], copyFilter: ["y"], copyFrame: ["Y"] },
    shown: "e E y Y",
    help: "save packets, JSON; copy Wireshark's filter, the frame number",
    screens: ONE,
    hint: "save",
  },
  {
    keys: { back: ["escape"] },
    shown: "Esc",
    help: "back; in the table it first clears the search",
    screens: [...LISTS, "live"],
    hint: "back",
  },
  { keys: { help: ["?"] }, shown: "?", help: "this help" },
  { keys: { redraw: ["ctrl-l"] }, shown: "Ctrl-L", help: "draw the screen again" },
  { keys: { suspend: ["ctrl-z"] }, shown: "Ctrl-Z", help: "to the shell, and back with fg" },
  { keys: { quit: ["q"] }, shown: "q", help: "quit" },
  { keys: { interrupt: ["ctrl-c"] }, shown: "Ctrl-C", help: "stop reading and quit" },
];

/** The command of a key on a screen, or null where the key does nothing there. */
export function commandOf(key: string, screen: ScreenName, isLive = false): Command | null {
  for (const { keys, screens, isForLive } of BINDINGS) {
    if (isForLive && !isLive) continue;
    if (screens !== undefined && !screens.includes(screen)) continue;
    for (const [command, names] of Object.entries(keys)) if (names.includes(key)) return command as Command;
  }
  return null;
}

/** A binding that the last line of a screen hints at. */
export type HintedBinding = Binding & { readonly hint: string };

/** The bindings to hint at in the last line of a screen, besides help and quit, which always stand there. */
export function hintsFor(screen: ScreenName): readonly HintedBinding[] {
  return BINDINGS.filter(
    (binding): binding is HintedBinding =>
      binding.hint !== undefined && (binding.screens?.includes(screen) ?? true),
  );
}

const CONTROL_NAMES: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\x7f": "backspace",
  "\x1b": "escape",
};

/** Names the keys in what Ink delivered as one: single characters stand for themselves. */
export function readKeys(input: string, key: Key): readonly string[] {
  if (key.upArrow) return ["up"];
  if (key.downArrow) return ["down"];
  if (key.leftArrow) return ["left"];
  if (key.rightArrow) return ["right"];
  if (key.pageUp) return ["page-up"];
  if (key.pageDown) return ["page-down"];
  if (key.home) return ["home"];
  if (key.end) return ["end"];
  if (key.return) return ["enter"];
  if (key.escape) return ["escape"];
  if (key.tab) return [key.shift ? "shift-tab" : "tab"];
  if (key.backspace || key.delete) return ["backspace"];
  if (key.meta) return [];
  if (key.ctrl) return [`ctrl-${input}`];
  return [...input].map(nameOf);
}

function nameOf(character: string): string {
  const code = character.charCodeAt(0);
  return CONTROL_NAMES[character] ?? (code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : character);
}

/** What a key does to text that is being typed: the new text, or null where the key is no editing key. */
export function editText(text: string, key: string): string | null {
  if (key === "backspace") return [...text].slice(0, -1).join("");
  if (key === "ctrl-u") return "";
  if (key === "ctrl-w") return text.replace(/\S*\s*$/, "");
  return [...key].length === 1 ? text + key : null;
}
