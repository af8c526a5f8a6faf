/** An analysis in another thread: what a screen sees of it is what it would see here. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Answer,
  Engine,
  type EngineState,
  openAnalysis,
  type Question,
  RemoteAnalysis,
  type SaveConnection,
  stateOf,
} from "../../src/index.js";

const folder = new URL("../../captures/", import.meta.url).pathname;
const samples = readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name));
const QUERY = { sort: "bytes", isDescending: true, search: "", offset: 0, limit: 10 } as const;

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Both sides, with a real channel between them: what crosses is copied as between threads. */
async function opened(
  paths: readonly string[],
  save: SaveConnection = () => Promise.reject(new Error("nobody saves here")),
) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const analysis = await openAnalysis(paths);
  const engine = new Engine(analysis, (answer) => port2.postMessage(answer), save);
  port2.on("message", (question: Question) => engine.hear(question));
  const first: EngineState = stateOf(analysis);
  let fail: (error: Error) => void = () => {};
  const remote = new RemoteAnalysis(
    {
      ask: (question) => port1.postMessage(question),
      listen: (hear, told) => {
        port1.on("message", (answer: Answer) => hear(answer));
        fail = told;
      },
    },
    first,
  );
  return { remote, fail: (error: Error) => fail(error) };
}

async function here(paths: readonly string[]) {
  const analysis = await openAnalysis(paths);
  await analysis.run();
  return analysis;
}

describe("seen from here", () => {
  it.each(samples.slice(0, 12))("%s is the same", async (name) => {
    const paths = [join(folder, name)];
    const { remote } = await opened(paths);
    expect(remote.progress().packets).toBe(0);
    await remote.run();
    await remote.look();
    const expected = await here(paths);
    expect(remote.summary()).toEqual(expected.summary());
    expect({ ...remote.progress(), packetsPerSecond: 0 }).toEqual({
      ...expected.progress(),
      packetsPerSecond: 0,
    });
    expect(await remote.page(QUERY)).toEqual(await expected.page(QUERY));
    const [worst] = expected.worst(1);
    expect(await remote.ladder(worst!.id)).toEqual(await expected.ladder(worst!.id));
  });

  it("is as it was at the last look", async () => {
    const { remote } = await opened([join(folder, "loss.pcap")]);
    await remote.run();
    expect(remote.progress().packets).toBe(0);
    await remote.look();
    expect(remote.progress().packets).toBeGreaterThan(0);
  });
});

it("has a connection saved there, and is told where", async () => {
  const saved: unknown[] = [];
  const { remote } = await opened([join(folder, "loss.pcap")], async (record, form) => {
    saved.push([record.id, form]);
    return `saved as somewhere.${form}`;
  });
  await remote.run();
  const [record] = (await remote.page(QUERY)).rows;
  expect(await remote.save(record!, "pcap")).toBe("saved as somewhere.pcap");
  expect(await remote.save(record!, "json")).toBe("saved as somewhere.json");
  expect(saved).toEqual([
    [record!.id, "pcap"],
    [record!.id, "json"],
  ]);
  const { remote: other } = await opened([join(folder, "loss.pcap")]);
  expect(await other.save(record!, "pcap")).toBe("not saved: nobody saves here");
});

describe("what goes wrong there", () => {
  it("is told to whoever asked", async () => {
    const { remote } = await opened([join(folder, "loss.pcap")]);
    await remote.run();
    await expect(remote.ladder("999999")).rejects.toThrow("no connection 999999");
    await expect(remote.page({ ...QUERY, search: "rtt >" })).rejects.toThrow("the filter ends here");
    expect((await remote.page(QUERY)).total).toBeGreaterThan(0);
  });

  it("fails everything that waits, and what is asked later, where the thread is gone", async () => {
    const { remote, fail } = await opened([join(folder, "loss.pcap")]);
    const running = remote.run();
    const page = remote.page(QUERY);
    fail(new Error("out of memory"));
    await expect(running).rejects.toThrow("out of memory");
    await expect(page).rejects.toThrow("out of memory");
    await expect(remote.look()).rejects.toThrow("out of memory");
  });
});

it("makes a summary again only after many times as long as the last one took, and once it is over", async () => {
  const analysis = await openAnalysis([join(folder, "loss.pcap")]);
  let summaries = 0;
  const slow = {
    ...{ progress: () => analysis.progress(), traffic: () => null, sockets: () => null },
    ...{ page: analysis.page.bind(analysis), ladder: analysis.ladder.bind(analysis) },
    ...{ worst: () => [], run: () => analysis.run() },
    summary() {
      summaries++;
      for (const until = performance.now() + 20; performance.now() < until; );
      return analysis.summary();
    },
  };
  const answers: Answer[] = [];
  const engine = new Engine(
    slow,
    (answer) => void answers.push(answer),
    () => Promise.resolve(""),
  );
  for (let id = 1; id <= 5; id++) engine.hear({ kind: "look", id });
  await new Promise((resolve) => setImmediate(resolve));
  expect([answers.length, summaries]).toEqual([5, 1]);
  const madeAt = performance.now();
  // However busy the machine is: it took 20 ms or more.
  for (let id = 6; summaries < 2; id++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    engine.hear({ kind: "look", id });
  }
  expect(performance.now() - madeAt).toBeGreaterThan(300);
  engine.hear({ kind: "run" });
  while (!answers.some(({ kind }) => kind === "ended"))
    await new Promise((resolve) => setTimeout(resolve, 5));
  engine.hear({ kind: "look", id: 1e6 });
  expect(summaries).toBe(3);
});

it("stops when it is told to", async () => {
  const { remote } = await opened([join(folder, "loss.pcap")]);
  const stop = new AbortController();
  const running = remote.run(stop.signal);
  stop.abort();
  await running;
  await remote.look();
  expect(remote.progress().isDone).toBe(true);
});
