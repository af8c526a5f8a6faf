/**
 * The screen of findings: what it shows at every size, where its keys lead, and what the other screens say of findings.
 */
import { afterEach, describe, expect, it } from "vitest";
import { findingsLines, moveInFindings, packetsText } from "../../src/ui/finding-lines.js";
import { searchForFinding, searchForHost } from "../../src/ui/host-search.js";
import { markOf, markSpan } from "../../src/ui/marks.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { makeCleanSummary, makeRecord, makeSummary } from "../report/record-fixture.js";
import { closeAll, expectScreen, type OpenedUi, type OpenOptions, openUi } from "./harness.js";
import { FINDINGS } from "./made-up-findings.js";

afterEach(closeAll);

const summary = makeSummary({ findings: FINDINGS });
const { glyphs } = chooseTheme({ LANG: "C.UTF-8" }, "linux");
const ascii = { environment: { LANG: "C" } };
const tab = (ui: OpenedUi): string => /\[(\S.*?)\]/.exec(ui.lines()[1]!)?.[1] ?? "";

const SIZES = [
  [40, 20],
  [60, 20],
  [80, 24],
  [120, 40],
] as const;

describe.each(SIZES)("at %i columns and %i rows", (columns, rows) => {
  const shots: readonly (readonly [name: string, options: OpenOptions, keys: readonly string[]])[] = [
    ["findings", {}, ["4"]],
    ["findings-last", {}, ["4", "G"]],
    ["findings-ascii", ascii, ["4", "j"]],
    ["findings-overview", {}, []],
    ["findings-example", {}, ["4", "\r", "\x1b[C"]],
  ];
  it.each(shots)("%s", async (name, options, keys) => {
    const ui = await openUi({ summary, ...options, columns, rows });
    await ui.type(...keys);
    expectScreen(ui.text(), `${name}-${columns}x${rows}`);
    expect(ui.lines().length - 1).toBeLessThanOrEqual(rows - 1);
    if (options === ascii) expect(ui.text()).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe("the list", () => {
  it("says so where there is nothing yet, nothing at all, and nothing that a rule knows", async () => {
    const reading = await openUi({ share: 0.5, summary: makeSummary({ findings: [], isComplete: false }) });
    await reading.type("4");
    expect(reading.text()).toContain("no findings so far");
    expect(reading.lines()[1]).toContain("[4 Findings]");
    const clean = await openUi({ summary: makeCleanSummary() });
    await clean.type("4", "j", "\r", "t");
    expect(clean.text()).toContain("nothing to complain of");
    const odd = await openUi({ summary: makeSummary({ findings: [] }) });
    await odd.type("4");
    expect(odd.text()).not.toContain("nothing to complain of");
    expect(odd.text()).toContain("no findings; what else is odd");
  });

  it("says below it, on every screen of it, what no rule judged", async () => {
    const beyond = { connections: 2345, groups: 1234 };
    const findingsOmitted = [
      { id: "connection-refused", title: "Connections refused", ...beyond },
      { id: "embryonic", title: "Handshakes that stop half-way", connections: 1, groups: 1 },
    ];
    const ui = await openUi({ summary: makeSummary({ findings: FINDINGS, findingsOmitted }), columns: 150 });
    const line =
      /^ Connections refused: 2,345 more connections, of 1,234 servers or clients beyond .*, not judged; 1 more rule likewise/m;
    for (const key of ["4", "G", "g"]) {
      await ui.type(key);
      expect(ui.text()).toMatch(line);
    }
    const none = await openUi({ summary: makeSummary({ findings: [], findingsOmitted }), columns: 150 });
    await none.type("4");
    expect(none.text()).toMatch(line);
  });

  it("keeps the selected finding while worse ones come before it", async () => {
    const ui = await openUi({ share: 0.5, summary });
    await ui.type("4", "j");
    expect(ui.text()).toMatch(/^▸✗ PROBLEM {2}unclear .* refused/m);
    const more = { ...FINDINGS[0]!, id: "syn-lost", where: "10.20.0.9:443" };
    Object.assign(ui.view.options, { summary: makeSummary({ findings: [more, ...FINDINGS] }) });
    await ui.nextLook();
    expect(ui.lines()[1]).toContain("[4 Findings (5)]");
    expect(ui.text()).toMatch(/^▸✗ PROBLEM {2}unclear .* refused/m);
  });

  it("stays on the worst until it is moved", async () => {
    const ui = await openUi({ share: 0.5, summary });
    await ui.type("4");
    const more = { ...FINDINGS[0]!, id: "syn-lost", sentence: "worse" };
    Object.assign(ui.view.options, { summary: makeSummary({ findings: [more, ...FINDINGS] }) });
    await ui.nextLook();
    expect(ui.text()).toMatch(/^▸✗ PROBLEM {2}server {4}worse/m);
  });

  it("shows every line of a finding with more lines than the screen, on the way down", () => {
    const room = { width: 40, height: 8, glyphs };
    const seen = new Set<string>();
    let place = { index: 0, skip: 0 };
    for (let steps = 0; place.index === 0 && steps < 20; steps++) {
      const lines = findingsLines(FINDINGS, place, room);
      expect(lines.length).toBeLessThanOrEqual(8);
      for (const line of lines)
        seen.add(
          line
            .map(({ text }) => text)
            .join("")
            .trim(),
        );
      place = moveInFindings(FINDINGS, place, 1, room);
    }
    expect(place).toEqual({ index: 1, skip: 0 });
    const text = [...seen].join(" ");
    for (const part of [
      "how sure: likely",
      "what to do: in that",
      "sends data, or closes",
      "69 more: t lists all",
    ])
      expect(text).toContain(part);
    expect(moveInFindings(FINDINGS, { index: 0, skip: 6 }, -1, room)).toEqual({ index: 0, skip: 0 });
  });

  it("makes only the lines that are shown, of any number of findings", () => {
    const many = Array.from({ length: 18_000 }, (_, i) => ({ ...FINDINGS[1]!, where: `10.0.0.1:${i}` }));
    const lines = findingsLines(many, { index: 17_000, skip: 0 }, { width: 80, height: 20, glyphs });
    expect(lines).toHaveLength(20);
    expect(lines.filter(([first]) => first!.tone === "selected")).toHaveLength(1);
  });

  it("escapes what comes from the capture", async () => {
    const ui = await openUi({ summary });
    await ui.type("4", "jj");
    expect(ui.text()).toContain("held back \\x1b[31m 1 segment");
  });

  it("has no meaning in colours alone", async () => {
    const plain = await openUi({ summary, environment: { LANG: "C.UTF-8", NO_COLOR: "1" } });
    await plain.type("4");
    for (const word of ["✗ PROBLEM", "▲ warning", "· note"]) expect(plain.text()).toContain(word);
  });
});

describe("the way to the connections", () => {
  it("opens the worst example with the ladder at its packets, steps through the others, and comes back", async () => {
    const ui = await openUi({ summary });
    await ui.type("4", "\r");
    expect(tab(ui)).toBe("3 Connection");
    expect(ui.lines()[2]).toContain("10.20.0.31:51001 →");
    expect(ui.text()).toContain("▸ close-wait-leak · packets 2, 8, 102");
    expect(ui.text()).toContain("example 1 of 20");
    expect(ui.text()).toMatch(/^▸ {2}2 /m);
    await ui.type("\x1b[C");
    expect(ui.lines()[2]).toContain("10.20.0.31:51008 →");
    await ui.type("\x1b[D", "\x1b[D");
    expect(ui.lines()[2]).toContain("10.20.0.31:51001 →");
    await ui.type("\x1b");
    expect(tab(ui)).toBe("4 Findings (4)");
  });

  it("scrolls to the first packet of the finding, two lines below the top", async () => {
    const late = [{ connection: "12", frames: [6, 8], lostMs: null }];
    const ui = await openUi({
      summary: makeSummary({ findings: [{ ...FINDINGS[0]!, examples: late }] }),
      rows: 20,
    });
    await ui.type("4", "\r");
    const ladder = ui.lines().findIndex((line) => line.startsWith(" no."));
    expect(ui.lines()[ladder + 3]).toMatch(/^▸ {2}6 /);
    await ui.type("g");
    expect(ui.lines()[ladder + 1]).toMatch(/^ {3}1 /);
  });

  it("lists the connections behind it in the table, and comes back with one key", async () => {
    const ui = await openUi({ summary });
    await ui.type("4", "t");
    expect(tab(ui)).toBe("2 Connections");
    expect(ui.lines()[2]).toMatch(/^ \/ close-wait-leak 10\.20\.0\.8:8080 .* 1\/72 of 500 /);
    await ui.type("j", "\r");
    expect(ui.lines()[2]).toContain("10.20.0.31:51008 →");
    expect(ui.text()).toContain(" findings  close-wait-leak");
    expect(ui.text()).not.toContain("example");
    await ui.type("\x1b");
    expect(tab(ui)).toBe("2 Connections");
    await ui.type("\x1b");
    expect(tab(ui)).toBe("4 Findings (4)");
    await ui.type("2");
    expect(ui.lines()[2]).toMatch(/^ \/ search /);
  });

  it("has nowhere to go from a finding of the capture as a whole", async () => {
    const ui = await openUi({ summary });
    await ui.type("4", "G");
    const before = ui.text();
    await ui.type("\r", "t");
    expect(ui.text()).toBe(before);
    expect(before).toContain("none: it is of the capture as a whole");
  });

  it("says so where the example cannot be had any more", async () => {
    const gone = [{ connection: "5", frames: [5], lostMs: null }];
    const ui = await openUi({ summary: makeSummary({ findings: [{ ...FINDINGS[0]!, examples: gone }] }) });
    await ui.type("4", "\r");
    expect(ui.text()).toContain("the segments could not be read again: no connection 5");
  });

  it("finds connections by the name of a finding that is typed", async () => {
    const ui = await openUi();
    await ui.type("/", "connection-refused");
    expect(ui.lines()[2]).toMatch(/ 1\/72 of 500 /);
  });

  it("names a file once for all its packets", () => {
    expect(packetsText([7])).toBe("packet 7");
    expect(packetsText(["a.pcap:1", "a.pcap:9", "b.pcap:2"])).toBe("packets a.pcap:1, 9, b.pcap:2");
    expect(packetsText(["a.pcap:1", "a.pcap:9"], "a.pcap:1")).toBe("packets 1, 9");
  });

  it("searches for the name and the hosts, without the words between them", () => {
    const of = (where: string | null): string => searchForFinding({ ...FINDINGS[0]!, id: "x", where });
    const counted = { ...FINDINGS[0]!, where: "192.0.2.7", connections: 30, examples: [] };
    expect(searchForFinding(counted)).toBe("192.0.2.7:");
    expect(of("192.0.2.1:443")).toBe("x 192.0.2.1:443");
    expect(of("192.0.2.7 to [2001:db8::1]:443")).toBe("x 192.0.2.7: [2001:db8::1]:443");
    expect(of("192.0.2.1:443: 192.0.2.9 says host unreachable")).toBe("x 192.0.2.1:443");
    expect(of(null)).toBe("x");
    expect(searchForHost("2001:db8::7")).toBe("[2001:db8::7]:");
  });
});

describe("the other screens", () => {
  it("mark a connection that has nothing but a finding", () => {
    expect(markOf(makeRecord())).toBeNull();
    const mark = markOf(makeRecord({ findings: ["nagle-delayed-ack"] }));
    expect(mark).toBe("note");
    expect(markSpan(mark, glyphs).text).toBe("·");
  });

  it("name the findings in a column where there is room", async () => {
    const ui = await openUi({ columns: 220 });
    await ui.type("2");
    expect(ui.lines()[3]).toMatch(/close +findings +what happened/);
    expect(ui.lines()[5]).toMatch(/half-closed +close-wait-leak/);
  });
});
