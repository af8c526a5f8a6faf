/**
 * Every key of the key table, on every screen where it works: pressed on the real screens, seen by what they show.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { BINDINGS, type Command, commandOf, editText, hintsFor, SCREENS } from "../../src/ui/keys.js";
import { makeLadder } from "../report/record-fixture.js";
import { closeAll, type OpenedUi, openUi } from "./harness.js";

afterEach(closeAll);

/** How terminals send the keys that are no characters. */
const SENT: Readonly<Record<string, string>> = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  "page-up": "\x1b[5~",
  "page-down": "\x1b[6~",
  "shift-tab": "\x1b[Z",
  tab: "\t",
  enter: "\r",
  escape: "\x1b",
};

function sent(key: string): string {
  if (key.startsWith("ctrl-")) return String.fromCharCode(key.charCodeAt(5) - 96);
  return SENT[key] ?? key;
}

function keysOf(command: Command): readonly string[] {
  return BINDINGS.flatMap((binding) => binding.keys[command] ?? []);
}

const tab = (ui: OpenedUi): string => /\[(\S.*?)\]/.exec(ui.lines()[1]!)?.[1] ?? "";
const cursor = (ui: OpenedUi): string => / (\S+) {2}sort: /.exec(ui.text())?.[1] ?? "";
/** Port of the client of the opened connection: 51000 and its number. */
const opened = (ui: OpenedUi): string => /:(\d+) →/.exec(ui.text())?.[1] ?? "";

/** The finding under the cursor, by what its line says. */
const chosen = (ui: OpenedUi): string =>
  ui.lines().some((line) => /^▸. .* refused /.test(line)) ? "connection-refused" : "abortive-close";

/** The server or client under the cursor. */
const host = (ui: OpenedUi): string => /^▸(\S+)/m.exec(ui.text())?.[1] ?? "";

/** Keys that work while something is captured. */
const FOR_LIVE = new Set<Command>(["live", "pause"]);
const NOTHING = { packets: [], wireBytes: [], connections: [], droppedPackets: [], states: {}, open: 0 };

async function seen(
  command: Command,
  keys: readonly string[],
  key: string,
  look: (ui: OpenedUi) => string,
): Promise<string> {
  const row = { from: "client", flags: "PSH ACK", payloadBytes: 100 } as const;
  const rows = Array.from({ length: 100 }, (_, i) => ({ ...row, sequence: 1 + i * 100 }));
  const live = FOR_LIVE.has(command) ? { traffic: NOTHING, share: 0.5 } : {};
  const ui = await openUi({ ladder: makeLadder({ rows }), ...live });
  await ui.type(...keys, sent(key));
  const text = look(ui);
  ui.close();
  return text;
}

/** What each command makes visible, from the given keys on. */
const EXPECTED: readonly (readonly [
  Command,
  readonly string[],
  (ui: OpenedUi) => string,
  string | RegExp,
])[] = [
  ["overview", ["2"], tab, "1 Overview"],
  ["connections", [], tab, "2 Connections"],
  ["connection", [], tab, "3 Connection"],
  ["nextScreen", [], tab, "2 Connections"],
  ["findings", [], tab, "4 Findings (2)"],
  ["servers", [], tab, "5 Servers"],
  ["live", [], tab, "6 Live"],
  ["pause", ["6"], (ui) => ui.text(), /^ paused /m],
  ["nextScreen", ["5"], tab, "1 Overview"],
  ["previousScreen", [], tab, "5 Servers"],
  ["down", ["2"], cursor, "2/500"],
  ["up", ["2", "jj"], cursor, "2/500"],
  ["pageDown", ["2"], cursor, "18/500"],
  ["pageUp", ["2", "G"], cursor, "483/500"],
  ["first", ["2", "G"], cursor, "1/500"],
  ["last", ["2"], cursor, "500/500"],
  ["down", ["3"], (ui) => ui.text(), /2-9 of 100/],
  ["up", ["3", "jj"], (ui) => ui.text(), /2-9 of 100/],
  ["pageDown", ["3"], (ui) => ui.text(), /8-15 of 100/],
  ["pageUp", ["3", "G"], (ui) => ui.text(), /86-93 of 100/],
  ["first", ["3", "G"], (ui) => ui.text(), /1-8 of 100/],
  ["last", ["3"], (ui) => ui.text(), /93-100 of 100/],
  ["down", ["4"], chosen, "abortive-close"],
  ["up", ["4", "j"], chosen, "connection-refused"],
  ["last", ["4"], chosen, "abortive-close"],
  ["first", ["4", "G"], chosen, "connection-refused"],
  ["pageDown", ["4"], chosen, "abortive-close"],
  ["pageUp", ["4", "G"], chosen, "connection-refused"],
  ["open", ["4"], tab, "3 Connection"],
  ["list", ["4"], (ui) => ui.lines()[2]!, /^ \/ connection-refused 10\.20\.0\.9:5432 /],
  ["back", ["4"], tab, "1 Overview"],
  ["back", ["4", "\r"], tab, "4 Findings (2)"],
  ["back", ["4", "t"], tab, "4 Findings (2)"],
  ["down", ["5"], host, "10.20.0.9:443"],
  ["up", ["5", "j"], host, "10.20.0.8:8080"],
  ["last", ["5"], host, "10.20.0.9:443"],
  ["first", ["5", "G"], host, "10.20.0.8:8080"],
  ["pageDown", ["5"], host, "10.20.0.9:443"],
  ["pageUp", ["5", "G"], host, "10.20.0.8:8080"],
  ["nextPane", ["5"], host, "10.20.0.31"],
  ["nextPane", ["5c"], host, "10.20.0.8:8080"],
  ["nextTime", ["5"], (ui) => ui.text(), /Servers: server leg +conns/],
  ["open", ["5"], (ui) => ui.lines()[2]!, /^ \/ 10\.20\.0\.8:8080 /],
  ["back", ["5"], tab, "1 Overview"],
  ["back", ["5", "\r"], tab, "5 Servers"],
  ["open", [], tab, "2 Connections"],
  ["open", ["2", "j"], opened, "51001"],
  ["back", ["2"], tab, "1 Overview"],
  ["back", ["2", "\r"], tab, "2 Connections"],
  ["search", [], (ui) => ui.lines()[2]!, /^ \/ ▏/],
  ["nextSort", ["2"], (ui) => ui.lines()[2]!, /sort: client ▲/],
  ["reverseSort", ["2"], (ui) => ui.lines()[2]!, /sort: start ▼/],
  ["nextConnection", ["2", "\r"], opened, "51001"],
  ["previousConnection", ["2", "j\r"], opened, "51000"],
  ["nextTime", ["m"], (ui) => ui.text(), /Client leg: SYN-ACK to ACK/],
  ["nextPane", [], (ui) => ui.text(), /Servers: connect +conns/],
  ["nextPane", ["cm"], (ui) => ui.text(), /Clients: server leg +conns/],
  ["zoom", ["3"], (ui) => ui.text(), /1-16 of 100/],
  ["plot", ["3"], (ui) => ui.text(), /client → server {2}segments {2}acknowledged/],
  ["plot", ["3v"], (ui) => ui.text(), /no\. +after +state client/],
  ["nextPane", ["3v"], (ui) => ui.text(), /the server sent no data; c shows the other direction/],
  [
    "savePackets",
    ["2", "j"],
    (ui) => `${ui.actions.join()} ${ui.text().trimEnd().split("\n").at(-1)}`,
    /^save 12 pcap {2}saved as \.\/checkout-slow-12\.pcap /,
  ],
  ["saveJson", ["2", "j\r"], (ui) => ui.actions.join(), "save 12 json"],
  [
    "copyFilter",
    ["2"],
    (ui) => ui.actions.join(),
    "copy ip.addr == 10.20.0.31 && tcp.port == 51000 && ip.addr == 10.20.0.8 && tcp.port == 8080",
  ],
  ["copyFrame", ["2", "j\r"], (ui) => ui.actions.join(), "copy 12"],
  ["help", [], tab, "?"],
  ["redraw", [], (ui) => ui.actions.join(), "redraw"],
  ["suspend", [], (ui) => ui.actions.join(), "suspend"],
  ["quit", [], (ui) => ui.actions.join(), "quit"],
  ["interrupt", [], (ui) => ui.actions.join(), "interrupt"],
];

describe.each(EXPECTED)("%s after %j", (command, before, look, expected) => {
  it.each(keysOf(command))("with %j", async (key) => {
    const text = await seen(command, before, key, look);
    if (typeof expected === "string") expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });
});

it("leaves no command without a test", () => {
  const commands = BINDINGS.flatMap((binding) => Object.keys(binding.keys));
  expect(new Set(EXPECTED.map(([command]) => command))).toEqual(new Set(commands));
});

it("gives no key two meanings on one screen", () => {
  for (const screen of SCREENS) {
    const valid = BINDINGS.filter(({ screens }) => screens === undefined || screens.includes(screen));
    const keys = valid.flatMap((binding) => Object.values(binding.keys).flat());
    expect(new Set(keys).size, screen).toBe(keys.length);
    for (const key of keys) expect(commandOf(key, screen, true)).not.toBeNull();
  }
});

it("ignores keys where they mean nothing", async () => {
  const ui = await openUi();
  const before = ui.text();
  await ui.type("j", "s", "x", "\x1b[24~", "\x1bq", "ä");
  expect(ui.text()).toBe(before);
  expect(ui.actions).toEqual([]);
});

it("meets the screen that the key before leads to, though both arrive in one piece", async () => {
  const ui = await openUi();
  await ui.type("2jjj\r");
  expect(opened(ui)).toBe("51003");
  await ui.type("\x1b");
  await ui.type("/refused\r\r");
  expect(ui.text()).toContain("refused by 10.20.0.8:8081");
});

it("edits the search", () => {
  expect(editText("ab", "c")).toBe("abc");
  expect(editText("ab", "ü")).toBe("abü");
  expect(editText("a😀", "backspace")).toBe("a");
  expect(editText("10.0 closed", "ctrl-w")).toBe("10.0 ");
  expect(editText("10.0 closed", "ctrl-u")).toBe("");
  expect(editText("ab", "page-up")).toBeNull();
});

it("hints at open, search, sort and save in the table", () => {
  expect(hintsFor("connections").map(({ hint }) => hint)).toEqual(["open", "search", "sort", "save", "back"]);
});

it("hints at open and table in the findings", () => {
  expect(hintsFor("findings").map(({ hint }) => hint)).toEqual(["open", "table", "search", "back"]);
});

it("stands in README as it is; UPDATE_DOCS=1 writes it", () => {
  const path = fileURLToPath(new URL("../../README.md", import.meta.url));
  const readme = readFileSync(path, "utf8");
  const list = BINDINGS.map(({ shown, help }) => `${shown.padEnd(18)}${help}\n`).join("");
  const expected = readme.replace(/```keys\n[\s\S]*?```/, `\`\`\`keys\n${list}\`\`\``);
  if (process.env.UPDATE_DOCS === "1") writeFileSync(path, expected);
  expect(readFileSync(path, "utf8")).toBe(expected);
  expect(expected).toContain(list);
});
