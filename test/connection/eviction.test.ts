/**
 * The bound on open connections: who is made final early, what is said of it, and that nobody else is touched.
 */
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { DEFAULT_MSL_NS } from "../../src/connection/sink.js";
import { Tracker } from "../../src/connection/tracker.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { sentenceFor } from "../../src/report/sentence.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { decode, SEGMENT } from "../../src/wire/decode.js";
import { Segment } from "../../src/wire/segment.js";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import { CLOSE, c, type Fields, HANDSHAKE, observe, packetsOf, type Step, s } from "./conversation.js";

/** Connections are numbered; all have the same ISNs, so that relative numbers hold for each. */
const FIRST_PORT = 30_000;
const on = (clientPort: number, steps: readonly Step[], more: Fields = {}): Step[] =>
  steps.map((step) => ({
    ...step,
    clientPort: FIRST_PORT + clientPort,
    ...(step.flags & 2 ? { isn: 7 } : {}),
    ...more,
  }));
const open = (port: number, more: Fields = {}): Step[] => on(port, HANDSHAKE, more);
const speak = (port: number, more: Fields = {}): Step[] =>
  on(port, [c("ACK", { seq: 1, ack: 1, bytes: 10 }), s("ACK", { seq: 1, ack: 11 })], more);
const syn = (port: number, more: Fields = {}): Step[] => on(port, [c("SYN")], more);
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

const byPort = (analysis: Analysis): Map<number, ConnectionRecord[]> => {
  const map = new Map<number, ConnectionRecord[]>();
  for (const record of analysis.worst("all")) {
    const number = record.client.port - FIRST_PORT;
    map.set(number, [...(map.get(number) ?? []), record]);
  }
  return map;
};
const evictedPorts = (analysis: Analysis): number[] =>
  analysis
    .worst("all")
    .filter(({ evicted }) => evicted)
    .map(({ client }) => client.port - FIRST_PORT);

describe("more open connections than may be", () => {
  it("end in the order in which they were heard last", async () => {
    const steps = [open(1), open(2), open(3), speak(1), open(4), open(5)].flat();
    const analysis = await observe(steps, { mostConnections: 3 });
    expect(evictedPorts(analysis)).toEqual([2, 3]);
    expect(analysis.summary()).toMatchObject({
      connections: 5,
      evictedConnections: 2,
      evictedUnanswered: 0,
      evictedByServer: [{ name: "10.0.0.2:80", connections: 2, unanswered: 0 }],
    });
    expect(analysis.summary().notes).toEqual([
      "2 open connections were closed in the books early, for there were more than --max-connections allows: " +
        "0 of them were SYNs that nothing had answered; most were to 10.0.0.2:80 (2).",
    ]);
    const [record] = byPort(analysis).get(2)!;
    expect(record).toMatchObject({ outcome: "completed", close: "open" });
    expect(sentenceFor(record!)).toContain("told early, while it was open");
  });

  it("are none where they are as many as may be, or where the bound is 0", async () => {
    const steps = [open(1), open(2), open(3), speak(1)].flat();
    for (const mostConnections of [3, 0]) {
      const analysis = await observe(steps, { mostConnections });
      expect(evictedPorts(analysis)).toEqual([]);
      expect(analysis.summary()).toMatchObject({ evictedConnections: 0, evictedByServer: [], notes: [] });
    }
  });

  it("are none where the others have ended, whether or not their wait is over", async () => {
    const closed = (port: number) => on(port, [...HANDSHAKE, ...CLOSE.map((step) => step)]);
    const reset = (port: number) => [...open(port), ...on(port, [s("RST ACK", { seq: 1, ack: 1 })])];
    const analysis = await observe([closed(1), reset(2), reset(3), open(4), open(5)].flat(), {
      mostConnections: 2,
    });
    expect(analysis.summary()).toMatchObject({ connections: 5, evictedConnections: 0 });
  });

  it("stay as they were when they were made final", async () => {
    const steps = [open(1), open(2), open(3), open(9, { after: 900_000 })].flat();
    const analysis = await observe(steps, { mostConnections: 3 });
    expect(byPort(analysis).get(1)).toMatchObject([{ evicted: true, close: "idle" }]);
    const soon = await observe([open(1), open(2), open(3), speak(3, { after: 400_000 })].flat(), {
      mostConnections: 2,
    });
    expect(byPort(soon).get(1)).toMatchObject([{ evicted: true, close: "open" }]);
    expect(byPort(soon).get(2)).toMatchObject([{ evicted: false, close: "idle" }]);
    const states = byPort(soon).get(1)![0]!.client.stateTimesMs;
    expect(states.ESTABLISHED).toBeLessThan(1000);
  });

  it("go on as connections without a beginning that name what was evicted", async () => {
    const analysis = await observe([open(1), open(2), open(3), speak(1)].flat(), { mostConnections: 2 });
    const [first, second] = byPort(analysis).get(1)!;
    expect(first).toMatchObject({ evicted: true, outcome: "completed", packets: 3 });
    expect(second).toMatchObject({
      outcome: "mid-stream",
      previousId: first!.id,
      reuse: null,
      packets: 2,
      bytes: 10,
    });
    expect(analysis.summary().lateSegments).toBe(0);
    const rowsOf = async ({ id }: ConnectionRecord) => (await analysis.ladder(id)).rows;
    expect((await rowsOf(first!)).map(({ frame }) => frame)).toEqual([1, 2, 3]);
    expect((await rowsOf(second!)).map(({ frame }) => frame)).toEqual([10, 11]);
  });

  it("are followed by a new SYN without a word of how they ended", async () => {
    const again = on(1, HANDSHAKE, { isn: 90_000 });
    const analysis = await observe([open(1), open(2), open(3), again].flat(), { mostConnections: 2 });
    const [first, second] = byPort(analysis).get(1)!;
    expect(second).toMatchObject({ outcome: "completed", previousId: first!.id, reuse: null });
  });
});

describe("a flood of SYNs", () => {
  const ordinary = range(1, 10);
  /** Ten connections that speak every now and then, and many SYNs from elsewhere. */
  const flood = (syns: number, repeats = 0): Step[] => [
    ...ordinary.flatMap((port) => open(port)),
    ...range(20_000, syns).flatMap((port) => [
      ...syn(port, { serverPort: 443, after: 0.1 }),
      ...(port % 50 === 0 ? ordinary.flatMap((one) => speak(one, { after: 0.01 })) : []),
      ...range(0, repeats).flatMap(() => syn(port - 1, { serverPort: 443, after: 0.1 })),
    ]),
    ...ordinary.flatMap((port) => on(port, [c("RST ACK", { seq: 11, ack: 1 })])),
    ...syn(30_000, { after: 5000 }),
  ];
  const isOrdinary = ({ client }: ConnectionRecord) => ordinary.includes(client.port - FIRST_PORT);
  /** Frames and times after an eviction depend on nothing else. */
  const ordinaryOf = (analysis: Analysis) => analysis.worst("all").filter(isOrdinary);

  it.each([0, 1])("leaves the others as they are, with %d repeats of each SYN", async (repeats) => {
    const free = await observe(flood(2000, repeats), { mostConnections: 0 });
    const bounded = await observe(flood(2000, repeats), { mostConnections: 100 });
    expect(ordinaryOf(bounded)).toEqual(ordinaryOf(free));
    expect(ordinaryOf(bounded).map(({ close }) => close)).toEqual(ordinary.map(() => "reset"));
    const { evictedConnections, evictedUnanswered, evictedByServer, connections, outcomes } =
      bounded.summary();
    expect(evictedUnanswered).toBe(evictedConnections);
    expect(evictedConnections).toBeGreaterThan(1800);
    expect(evictedByServer).toEqual([
      { name: "10.0.0.2:443", connections: evictedConnections, unanswered: evictedConnections },
    ]);
    if (repeats > 0) return;
    expect(connections).toBe(2011);
    expect(outcomes.unanswered).toBe(free.summary().outcomes.unanswered);
    expect(bounded.summary().servers.find(({ name }) => name === "10.0.0.2:443")).toMatchObject({
      connections: 2000,
      unanswered: 2000,
    });
  });

  it("evicts the oldest SYN first, a place of its own or not", async () => {
    for (const holdsSynsFrom of [0, 5, 1000]) {
      const steps = [open(1), open(2), ...range(100, 30).map((port) => syn(port))].flat();
      const analysis = await observe(steps, { mostConnections: 12, holdsSynsFrom });
      expect(evictedPorts(analysis)).toEqual(range(100, 20));
      for (const record of analysis.worst("all").filter(({ evicted }) => evicted))
        expect(record).toMatchObject({ outcome: "unanswered", packets: 1, synCount: 1 });
    }
  });

  it("does not part an ordinary connection from its answer", async () => {
    const steps = range(1, 200).flatMap((port) => open(port));
    const analysis = await observe(steps, { mostConnections: 50 });
    expect(analysis.summary()).toMatchObject({
      evictedConnections: 150,
      evictedUnanswered: 0,
      outcomes: { completed: 200 },
    });
    expect(evictedPorts(analysis)).toEqual(range(1, 150));
  });
});

describe("the order of eviction", () => {
  it("is exact: always the one that was silent longest", async () => {
    const most = 40;
    let state = 5;
    const next = (limit: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >>> 8) % limit;
    };
    const lastHeard: number[] = [];
    const expected: number[] = [];
    const steps: Step[] = [];
    for (let port = 1; port <= 400; port++) {
      if (lastHeard.length === most) expected.push(lastHeard.shift()!);
      steps.push(...open(port));
      lastHeard.push(port);
      for (let i = next(4); i > 0; i--) {
        const [heard] = lastHeard.splice(next(lastHeard.length), 1);
        steps.push(...speak(heard!));
        lastHeard.push(heard!);
      }
    }
    const analysis = await observe(steps, { mostConnections: most });
    expect(evictedPorts(analysis).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
    expect(analysis.summary().connections).toBe(400);
  });
});

describe("what is evicted", () => {
  it("gives back all that it took", async () => {
    const ports = range(1, 60);
    const rounds = [1, 2, 3].flatMap(() => ports.flatMap((port) => speak(port)));
    const packets = packetsOf([...ports.flatMap((port) => open(port)), ...rounds])[0]!;
    const sink = {
      count: () => {},
      repeat: () => {},
      handshake: () => {},
      wants: () => false,
      finish: () => {},
    };
    const tracker = new Tracker(sink, { mslNs: DEFAULT_MSL_NS, mostConnections: 10 });
    const { senders } = tracker.connections;
    const [take, release] = [senders.take.bind(senders), senders.release.bind(senders)];
    const counts = { taken: 0, open: 0, most: 0 };
    senders.take = () => {
      counts.taken++;
      counts.open++;
      counts.most = Math.max(counts.most, counts.open);
      return take();
    };
    senders.release = (row) => {
      counts.open--;
      release(row);
    };
    const capture = await openCapture([new MemorySource(writePcap(packets, { magic: NANOSECONDS }), "file")]);
    const segment = new Segment();
    while (await capture.fill())
      while (capture.next()) if (decode(capture, segment) === SEGMENT) tracker.observe(segment);
    await capture.close();
    tracker.end();
    expect(counts).toMatchObject({ open: 0, most: 10 });
    expect(counts.taken).toBeGreaterThan(100);
    expect(tracker.connections).toMatchObject({ alive: 0, mostAlive: 10 });
  });
});
