/** The screen of servers and clients: what it shows, how it scrolls, where its keys lead. */
import { afterEach, describe, expect, it } from "vitest";
import { makeHost, makeStanding, makeSummary } from "../report/record-fixture.js";
import { closeAll, expectScreen, openUi } from "./harness.js";

afterEach(closeAll);

/** Many servers, the busiest first. */
const servers = Array.from({ length: 60 }, (_, i) =>
  makeHost({ name: i === 7 ? "[2001:db8::7]:443" : `10.20.1.${i}:443`, connections: 600 - i, refused: i }),
);
const clients = [makeHost({ name: "10.20.0.3", connections: 50 }), makeHost({ name: "2001:db8::31" })];
const summary = makeSummary({ servers, clients, serversOmitted: 3 });

describe.each([
  [40, 20],
  [60, 20],
  [80, 24],
  [120, 40],
] as const)("at %i columns and %i rows", (columns, rows) => {
  it("servers", async () => {
    const ui = await openUi({ summary, columns, rows });
    await ui.type("5", "jj");
    expectScreen(ui.text(), `servers-${columns}x${rows}`);
    expect(ui.lines().length - 1).toBeLessThanOrEqual(rows - 1);
  });
});

describe.each([
  [40, 20],
  [80, 24],
  [120, 40],
] as const)("at %i columns and %i rows, where states are known", (columns, rows) => {
  const hill = Array.from({ length: 134 }, (_, i) => Math.round(40 * Math.sin(i / 40) ** 2));
  const piled = makeHost({
    name: "10.20.3.1:443",
    closedFirst: 12,
    closedByPeers: 80,
    statesMissing: 4,
    states: {
      ESTABLISHED: makeStanding(hill),
      CLOSE_WAIT: makeStanding([...hill.map((_, i) => Math.floor(i / 4))]),
      TIME_WAIT: makeStanding([...hill, 0]),
    },
  });
  const client = makeHost({
    name: "10.20.0.1",
    states: { TIME_WAIT: makeStanding([0, 900, 1200]) },
    ports: { server: "10.20.3.1:443", inUse: makeStanding([5, 950, 1203]), timeWait: null, missing: 0 },
  });
  const withStates = makeSummary({ servers: [piled, ...servers], clients: [client, ...clients] });

  it("those of the server under the cursor, and of a client with its ports", async () => {
    const ui = await openUi({ summary: withStates, columns, rows });
    await ui.type("5");
    const ofServer = ui.text();
    await ui.type("c");
    expectScreen(`${ofServer}\n${ui.text()}`, `servers-states-${columns}x${rows}`);
    expect(ui.lines().length - 1).toBeLessThanOrEqual(rows - 1);
  });
});

it("says of a host whose states are not followed that they are not", async () => {
  const hosts = [
    makeHost({ states: { CLOSE_WAIT: makeStanding([3]) } }),
    makeHost({ name: "quiet:1", states: null }),
  ];
  const ui = await openUi({ summary: makeSummary({ servers: hosts }) });
  await ui.type("5");
  expect(ui.text()).toMatch(/CLOSE_WAIT +3 now +3 at most/);
  await ui.type("j");
  expect(ui.text()).toContain("not followed: other hosts are busier");
});

it("scrolls to the last of many, and says how many are not listed", async () => {
  const ui = await openUi({ summary });
  await ui.type("5", "G");
  expect(ui.text()).toMatch(/^▸10\.20\.1\.59:443 /m);
  expect(ui.lines()[2]).toContain(" 60/60, 3 more are not listed");
  await ui.type("k", "\x1b[5~");
  expect(ui.text()).toMatch(/^▸10\.20\.1\.41:443 /m);
  await ui.type("g");
  expect(ui.lines()[4]).toMatch(/^▸10\.20\.1\.0:443 /);
});

it("keeps the server under the cursor while others overtake it", async () => {
  const ui = await openUi({ share: 0.5, summary });
  await ui.type("5", "j");
  const busier = makeHost({ name: "10.20.2.1:80", connections: 9_000 });
  Object.assign(ui.view.options, { summary: makeSummary({ servers: [busier, ...servers] }) });
  await ui.nextLook();
  expect(ui.text()).toMatch(/^▸10\.20\.1\.1:443 /m);
  expect(ui.lines()[2]).toMatch(/ 3\/61$/);
});

it("lists a host's connections, and comes back", async () => {
  const ui = await openUi({ summary });
  await ui.type("5", "c", "\r");
  // Not those of 10.20.0.31.
  expect(ui.text()).toContain('nothing matches "10.20.0.3:"');
  await ui.type("\x1b", "j", "\r");
  expect(ui.lines()[2]).toMatch(/^ \/ \[2001:db8::31\]: /);
  await ui.type("\x1b");
  expect(ui.lines()[1]).toContain("[5 Servers]");
});

it("says so where there is none", async () => {
  const ui = await openUi({ share: 0.5, summary: makeSummary({ servers: [], clients: [] }) });
  await ui.type("5");
  expect(ui.text()).toContain("no server yet");
  ui.view.finish();
  await ui.settle();
  await ui.type("c", "j", "\r");
  expect(ui.text()).toContain("no client in this capture");
});
