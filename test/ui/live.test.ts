/** The screen of what comes just now: as text at common sizes, its keys, and that it stands still where it is told to. */
import { afterEach, describe, expect, it } from "vitest";
import type { Sockets } from "../../src/report/socket.js";
import type { Traffic } from "../../src/report/traffic.js";
import { renewed } from "../../src/ui/hooks/use-news.js";
import { makeSummary } from "../report/record-fixture.js";
import { closeAll, expectScreen, type OpenOptions, openUi } from "./harness.js";
import { FINDINGS } from "./made-up-findings.js";

afterEach(closeAll);

const SECONDS = 90;
const series = (of: (second: number) => number) => Array.from({ length: SECONDS }, (_, second) => of(second));

const traffic: Traffic = {
  packets: series((second) => 12_000 + 8_000 * Math.sin(second / 7)),
  wireBytes: series((second) => 9e6 + 6e6 * Math.sin(second / 7)),
  connections: series((second) => (second % 30 === 12 ? 410 : 35)),
  droppedPackets: series((second) => (second === 71 ? 1_204 : 0)),
  states: {
    ESTABLISHED: series((second) => 800 + second),
    CLOSE_WAIT: series((second) => second * 3),
    SYN_SENT: series((second) => (second % 30 === 12 ? 24 : 0)),
  },
  open: 3_118,
};

const info = {
  roundTripMs: 0.31,
  congestionWindow: 10,
  unacknowledged: 0,
  retransmitsInFlight: 0,
  retransmits: 0,
  backoffs: 0,
};
const sockets: Sockets = {
  sockets: [
    {
      local: "10.1.2.3:8080",
      remote: "10.1.9.9:40112",
      socket: {
        state: "CLOSE_WAIT",
        process: "java",
        pid: 4312,
        receiveQueueBytes: 1,
        sendQueueBytes: 0,
        wireState: null,
        ...info,
      },
      wire: "CLOSE_WAIT",
    },
    {
      local: "10.1.2.3:8080",
      remote: "10.1.9.9:40118",
      socket: {
        state: "ESTABLISHED",
        process: "java",
        pid: 4312,
        receiveQueueBytes: 0,
        sendQueueBytes: 28_960,
        wireState: "CLOSE_WAIT",
        ...info,
      },
      wire: "CLOSE_WAIT",
    },
    {
      local: "10.1.2.3:51344",
      remote: "10.1.7.7:5432",
      socket: {
        state: "FIN_WAIT_2",
        process: null,
        pid: null,
        receiveQueueBytes: 0,
        sendQueueBytes: 0,
        wireState: null,
        ...info,
      },
      wire: null,
    },
  ],
  states: { CLOSE_WAIT: 268, ESTABLISHED: 891, FIN_WAIT_2: 1 },
  listeners: [
    { local: "0.0.0.0:8080", process: "java", pid: 4312, acceptQueue: 129, acceptQueueMost: 128 },
    { local: "0.0.0.0:22", process: "sshd", pid: 811, acceptQueue: 0, acceptQueueMost: 128 },
  ],
  lacking: null,
};

const capture: OpenOptions = {
  share: 0.5,
  fileLabel: "eth0",
  capturing: { name: "eth0", droppedPackets: 1_204 },
  bytesTotal: null,
  traffic,
  summary: makeSummary({ isComplete: false, findings: FINDINGS }),
};

describe.each([
  [80, 24],
  [120, 40],
] as const)("at %i columns and %i rows", (columns, rows) => {
  const size = { columns, rows };
  it.each([
    ["live", {}],
    ["live-sockets", { sockets }],
    ["live-quiet", { traffic: emptyTraffic(), summary: makeSummary({ findings: [], isComplete: false }) }],
    ["live-ascii", { sockets, environment: { LANG: "C" } }],
  ])("%s", async (name, options) => {
    const ui = await openUi({ ...capture, ...options, ...size });
    await ui.type("6");
    expectScreen(ui.text(), `${name}-${columns}x${rows}`);
  });
});

function emptyTraffic(): Traffic {
  return { packets: [], wireBytes: [], connections: [], droppedPackets: [], states: {}, open: 0 };
}

describe("its keys", () => {
  it("are there only while something is captured or followed", async () => {
    const file = await openUi({ share: 0.5 });
    await file.type("6", "p");
    expect(file.lines()[1]).toContain("[1 Overview]");
    expect(file.text()).not.toMatch(/6 Live|paused/);
    const live = await openUi(capture);
    await live.type("\t", "\t", "\t", "\t", "\t");
    expect(live.lines()[1]).toContain("[6 Live]");
    await live.type("\t");
    expect(live.lines()[1]).toContain("[1 Overview]");
    await live.type("?");
    expect(live.text()).toMatch(/^ 6 p +what comes just now/m);
  });

  it("p lets the screens stand still, and go on", async () => {
    const ui = await openUi(capture);
    await ui.type("6", "p");
    const { version } = ui.live.state();
    expect(ui.text()).toMatch(/paused .* the capture goes on/);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(ui.live.state().version).toBe(version);
    await ui.type("p");
    await ui.nextLook();
    expect(ui.live.state().version).toBeGreaterThan(version);
    expect(ui.text()).toContain("capturing eth0");
  });

  it("the end of a capture ends the pause", async () => {
    const ui = await openUi(capture);
    await ui.type("p");
    ui.view.finish();
    await ui.settle();
    expect(ui.text()).not.toContain("paused");
  });
});

it("findings keep the time at which they came, and go with what they were of", () => {
  const [one, two] = FINDINGS;
  const first = renewed([], { ...makeSummary(), findings: [one!], durationMs: 1_000 });
  const second = renewed(first, { ...makeSummary(), findings: [one!, two!], durationMs: 4_000 });
  expect(second.map(({ finding, atMs }) => [finding, atMs])).toEqual([
    [two, 4_000],
    [one, 1_000],
  ]);
  expect(renewed(second, { ...makeSummary(), findings: [two!], durationMs: 9_000 })).toEqual([
    { finding: two, atMs: 4_000 },
  ]);
});
