/**
 * What the screens do: fill while the file is read, keep the selection, ask only for what they show, follow the size.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { makeLadder, makeSummary } from "../report/record-fixture.js";
import { closeAll, expectScreen, openUi } from "./harness.js";

afterEach(closeAll);

const selectedLine = (text: string): string => text.split("\n").find((line) => line.startsWith("▸")) ?? "";

describe("while the file is read", () => {
  it("shows the first frame before it is run", async () => {
    const ui = await openUi({ share: 0.1 });
    expect(ui.text()).toContain("1 Overview");
  });

  it("looks at most ten times a second, and not at all afterwards", async () => {
    const ui = await openUi({ share: 0.1 });
    const before = ui.live.state().version;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const looks = ui.live.state().version - before;
    expect(looks).toBeGreaterThan(3);
    expect(looks).toBeLessThanOrEqual(10);
    ui.view.finish();
    await ui.settle();
    const [version, writes] = [ui.live.state().version, ui.screen.writes];
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect([ui.live.state().version, ui.screen.writes]).toEqual([version, writes]);
  });

  it("writes nothing where nothing has changed", async () => {
    const ui = await openUi({ share: 0.1 });
    const writes = ui.screen.writes;
    await ui.nextLook();
    await ui.nextLook();
    expect(ui.screen.writes).toBe(writes);
  });

  it("keeps the selected connection while others come before it", async () => {
    const ui = await openUi({ share: 0.1, connections: 2_000 });
    await ui.type("2", "s", "s", "s", "s", "s", "s");
    expect(ui.text()).toContain("sort: retransmissions ▼");
    await ui.type("jjjjj");
    const line = selectedLine(ui.text());
    const row = ui.lines().indexOf(line);
    for (const share of [0.2, 0.5, 1]) {
      ui.view.readTo(share);
      await ui.nextLook();
      expect(selectedLine(ui.text())).toBe(line);
    }
    expect(row).toBeGreaterThan(0);
  });

  it("finds the selected connection again though it has left the window by far", async () => {
    const ui = await openUi({ share: 0.05, connections: 10_000 });
    // The other way round by time: each new connection comes before all others.
    await ui.type("2", "S", "jjj");
    const line = selectedLine(ui.text());
    expect(line).toContain("51496");
    ui.view.readTo(0.3);
    await ui.nextLook();
    await ui.settle();
    expect(selectedLine(ui.text())).toBe(line);
    expect(ui.text()).toMatch(/ 2,504\/3,000 /);
  });

  it("stays at the top of a sorted table until the cursor is moved", async () => {
    const ui = await openUi({ share: 0.1, connections: 1_000 });
    await ui.type("2", "S");
    ui.view.readTo(0.5);
    await ui.nextLook();
    expect(ui.text()).toMatch(/ 1\/500 /);
  });
});

describe("the table", () => {
  it("asks for the rows that it shows and no others", async () => {
    const ui = await openUi({ connections: 5_000 });
    await ui.type("2", "G", "\x1b[5~", "g", "jjjj", "s", "/", "reset");
    expect(ui.view.queries.length).toBeGreaterThan(5);
    for (const query of ui.view.queries) expect(query.limit).toBeLessThanOrEqual(24);
  });

  it("asks for nothing while the overview is shown", async () => {
    const ui = await openUi();
    expect(ui.view.queries).toEqual([]);
  });

  it("filters while the search is typed; Enter keeps it, Esc clears it", async () => {
    const ui = await openUi();
    await ui.type("/", "half", "-");
    expect(ui.lines()[2]).toMatch(/^ \/ half-▏ .* 1\/72 of 500 /);
    await ui.type("\r");
    expect(ui.lines()[2]).toMatch(/^ \/ half- .* 1\/72 of 500 /);
    await ui.type("/", "\x7f\x7f");
    expect(ui.lines()[2]).toMatch(/^ \/ hal▏/);
    await ui.type("\x1b");
    expect(ui.lines()[2]).toMatch(/^ \/ search or filter .* 1\/500 /);
  });

  it("takes a filter, keeps the last whole one while the next is typed, and says what is wrong", async () => {
    const ui = await openUi();
    await ui.type("/", "close = half-closed");
    expect(ui.lines()[2]).toMatch(/^ \/ close = half-closed▏ .* 1\/72 of 500 /);
    await ui.type(" and");
    expect(ui.lines()[2]).toMatch(/half-closed and▏ .*column 24: the filter ends here/);
    expect(ui.view.queries.at(-1)?.search.trim()).toBe("close = half-closed");
    // A line that is no filter yet is not left by Enter.
    await ui.type("\r", " port = 8080", "\r");
    expect(ui.view.queries.at(-1)?.search).toBe("close = half-closed and port = 8080");
    expect(ui.lines()[2]).toMatch(/^ \/ close = half-closed and port = 8080 /);
  });

  it("shows what a word can become, and completes it with Tab", async () => {
    const ui = await openUi();
    await ui.type("/", "server.sta");
    expect(ui.lines()[2]).toContain("server.state");
    await ui.type("\t", " = CLOSE_", "\t");
    expect(ui.lines()[2]).toMatch(/^ \/ server.state = CLOSE_WAIT▏/);
    expect(ui.text()).toContain("CLOSE_WAIT");
    await ui.type("\x1b");
    expect(ui.lines()[2]).toMatch(/^ \/ search or filter /);
  });

  it("says so where nothing matches", async () => {
    const ui = await openUi();
    await ui.type("/", "nowhere", "\r");
    expect(ui.text()).toContain('nothing matches "nowhere"');
    await ui.type("\r");
    expect(ui.text()).toContain("[2 Connections]");
  });

  it("escapes what is typed", async () => {
    const ui = await openUi();
    await ui.type("/", "a\u202eb");
    expect(ui.text()).toContain("a\\u202eb");
  });

  it("keeps the selection when the terminal changes its size", async () => {
    const ui = await openUi();
    await ui.type("2", "jjjjjjjjjjjjjjj");
    ui.screen.resize(120, 16);
    await ui.settle();
    expect(selectedLine(ui.text())).toContain("51015");
    ui.screen.resize(80, 30);
    await ui.settle();
    expect(selectedLine(ui.text())).toContain("51015");
    expect(ui.text()).toMatch(/ 16\/500 /);
  });
});

describe("the size", () => {
  it("draws all of the screen again at its new size", async () => {
    const small = await openUi({ columns: 80, rows: 24 });
    small.screen.resize(120, 40);
    await small.settle();
    const large = await openUi({ columns: 120, rows: 40 });
    expect(small.text()).toBe(large.text());
    small.screen.resize(60, 20);
    await small.settle();
    expectScreen(small.text(), "overview-60x20");
  });

  it.each([
    [10, 5],
    [39, 24],
    [80, 13],
    [40, 14],
    [200, 14],
    [300, 100],
    [76, 60],
  ])("fits %i columns and %i rows", async (columns, rows) => {
    const ui = await openUi({ columns, rows });
    await ui.type("2", "\r", "z", "z", "?", "?", "1");
    expect(ui.lines().length - 1).toBeLessThanOrEqual(rows - 1);
    expect(ui.text().trim()).not.toBe("");
  });
});

describe("captures that are not as they should be", () => {
  it("an empty one", async () => {
    const none = { count: 0, minMs: null, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null };
    const { outcomes, closes, resetKinds } = makeSummary();
    const zero = <T extends object>(counts: T): T =>
      Object.fromEntries(Object.keys(counts).map((key) => [key, 0])) as T;
    const summary = makeSummary({
      start: null,
      durationMs: 0,
      packets: 0,
      wireBytes: 0,
      skipped: [],
      capturePoint: "unknown",
      connections: 0,
      outcomes: zero(outcomes),
      closes: zero(closes),
      resetKinds: zero(resetKinds),
      handshake: {
        connectTime: none,
        serverLeg: none,
        clientLeg: none,
        initialRtt: none,
        retryWait: none,
        synLost: 0,
        synAckLost: 0,
        handshakeAckLost: 0,
      },
      connectTimes: { edgesMs: [], counts: [] },
      serverLegs: { edgesMs: [], counts: [] },
      clientLegs: { edgesMs: [], counts: [] },
      payloadBytes: 0,
      retransmissions: 0,
      synRetransmissions: 0,
      synAckRetransmissions: 0,
      finRetransmissions: 0,
      fastRetransmissions: 0,
      timeouts: 0,
      timeoutRepeats: 0,
      tailLossProbes: 0,
      spuriousRetransmissions: 0,
      reordered: 0,
      timeline: { stepMs: 1, connections: [], retransmissions: [], resets: [], slowHandshakes: [] },
    });
    const ui = await openUi({ connections: 0, summary });
    expectScreen(ui.text(), "empty-80x24");
    await ui.type("2", "G", "j", "\r");
    expect(ui.text()).toContain("no TCP connection in this capture");
    await ui.type("3");
    expect(ui.text()).toContain("no connection selected");
  });

  it("a damaged one", async () => {
    const sentence = "packet 812 is cut at byte 70,122: 60 bytes needed, 12 there";
    const summary = makeSummary({
      problems: [{ kind: "cut", sentence, count: 1, isFatal: true, offset: null, firstId: null }],
      missingBytes: 12_000,
      notes: ["seen in one direction only"],
    });
    const ui = await openUi({ problem: sentence, summary });
    expectScreen(ui.text(), "damaged-80x24");
    await ui.type("2");
    expect(ui.lines().at(-2)).toContain("✗ packet 812 is cut");
  });

  it("one whose reading fails", async () => {
    const ui = await openUi({ share: 0.5, error: new Error("read error: \x1b[2J device gone") });
    ui.view.finish();
    await ui.settle();
    expect(ui.text()).toContain("✗ read error: \\x1b[2J device gone");
  });

  it("a name that would write to the terminal", async () => {
    const ui = await openUi({ fileLabel: `${"a/".repeat(60)}evil\x1b]0;x\x07\u202e.pcap` });
    expect(ui.lines()[0]).toContain("evil\\x1b]0;x\\x07\\u202e.pcap");
    expect(ui.lines()[0]!.length).toBeLessThanOrEqual(80);
  });

  it("a ladder that cannot be had", async () => {
    const absent = "the input was a pipe: its packets were not kept";
    const ui = await openUi({ ladder: makeLadder({ rows: [], absent }) });
    await ui.type("3");
    expect(ui.text()).toContain(absent);
  });

  it("from a pipe, whose end is not known", async () => {
    const ui = await openUi({ share: 0.37, bytesTotal: null });
    expect(ui.lines().at(-2)).toContain("reading 68.1 MB, 445,524 packets, 301 k packets/s");
  });
});

describe("the look", () => {
  it("has no colour with NO_COLOR, and says the same", async () => {
    const plain = await openUi({ environment: { LANG: "C.UTF-8", NO_COLOR: "1" } });
    const coloured = await openUi();
    await plain.type("2");
    await coloured.type("2");
    expect(plain.text()).toBe(coloured.text());
    expect(plain.screen.styled()).not.toMatch(/\x1b\[3\d/);
  });

  it("is drawn again as a whole on request", async () => {
    const ui = await openUi();
    const text = ui.text();
    const { bytes } = ui.screen;
    ui.writer.redraw();
    expect(ui.screen.bytes - bytes).toBeGreaterThan(text.length);
    expect(ui.text()).toBe(text);
  });

  it("changes only the lines that differ", async () => {
    const ui = await openUi();
    await ui.type("2");
    const { bytes } = ui.screen;
    await ui.type("j");
    expect(ui.screen.bytes - bytes).toBeLessThan(1_000);
  });
});

it("ends where drawing fails", async () => {
  const { mount } = await import("../../src/ui/mount.js");
  const { FrameWriter } = await import("../../src/ui/frame-writer.js");
  const { LiveAnalysis } = await import("../../src/ui/live.js");
  const { chooseTheme } = await import("../../src/ui/theme.js");
  const { FakeKeyboard, FakeScreen } = await import("./fake-terminal.js");
  const { FixtureView } = await import("./fixture-view.js");
  const view = new FixtureView();
  view.summary = () => {
    throw new Error("no summary");
  };
  vi.spyOn(console, "error").mockImplementation(() => {});
  const screen = new FakeScreen(80, 24);
  screen.write = () => true;
  const nothing = (): void => {};
  const { failed } = mount({
    live: new LiveAnalysis(view),
    fileLabel: "x",
    screen: new FrameWriter(screen),
    keyboard: new FakeKeyboard().asKeyboard(),
    theme: chooseTheme({}, "linux"),
    actions: {
      ...{ quit: nothing, interrupt: nothing, suspend: nothing, redraw: nothing, copy: nothing },
      save: () => Promise.resolve(""),
    },
  });
  await expect(failed).rejects.toThrow("no summary");
  vi.restoreAllMocks();
});
