/** How many ends stood in which state over time: as the records' transitions tell, whatever the order and the room. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analyzer.js";
import { STRIDE } from "../../src/connection/columns.js";
import type { Connections } from "../../src/connection/connections.js";
import type { Scene } from "../../src/connection/describe.js";
import { StateCounts } from "../../src/connection/state-counts.js";
import { openAnalysis } from "../../src/index.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { COUNTED_STATES, type Standing, type StandingByState } from "../../src/report/summary.js";
import { CLOSE_WAIT, TIME_WAIT } from "../../src/tcp/states.js";
import { SAMPLES } from "../samples/samples.js";
import { CLOSE, c, HANDSHAKE, observe, type Step, s } from "./conversation.js";
import { conversation } from "./random-conversation.js";

const TIME_WAIT_MS = 60_000;
const SYN_RECEIVED_MS = 63_000;

/** The steps as connection number `i`, the first of them `after` ms after what came before. */
const numbered = (i: number, after: number, steps: readonly Step[]): Step[] =>
  steps.map((step, at) => ({
    ...step,
    clientPort: 30_000 + i,
    ...(at === 0 && { isn: 1000 * i, after }),
    ...(at === 1 && step.side === 1 && { isn: 9000 * i }),
  }));

const LEAK: readonly Step[] = [...HANDSHAKE, c("FIN ACK"), s("ACK")];
const WHOLE: readonly Step[] = [...HANDSHAKE, ...CLOSE];

/** Peak and last count of each state that was seen. */
const told = (states: StandingByState | null) =>
  Object.fromEntries(
    Object.entries(states ?? {}).map(([state, { peak, atEnd }]: [string, Standing]) => [
      state,
      [peak, atEnd],
    ]),
  );

const lookAt = (analysis: Analysis) => {
  const { states, servers, clients } = analysis.summary();
  return { states, server: servers[0]!, client: clients[0]! };
};

describe("states over time", () => {
  it("tell sockets that are left in CLOSE_WAIT, of whom, since when", async () => {
    const steps = [0, 1, 2, 3].flatMap((i) => numbered(i, 5000, LEAK));
    const { states, server, client } = lookAt(await observe([...steps, ...numbered(9, 5000, WHOLE)]));
    expect(states.stepMs).toBe(1000);
    expect(server.states?.CLOSE_WAIT?.counts).toEqual([
      1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4,
    ]);
    expect(server.states?.CLOSE_WAIT).toMatchObject({ peak: 4, peakAtMs: 16_000, atEnd: 4 });
    expect(told(client.states)).toEqual({ FIN_WAIT_2: [4, 4], TIME_WAIT: [1, 1] });
    expect(states).toMatchObject({ client: client.states, server: server.states });
  });

  it("let TIME_WAIT last a minute", async () => {
    const late = numbered(9, 100_000, HANDSHAKE);
    const { client, server } = lookAt(await observe([...numbered(0, 0, WHOLE), ...late]));
    expect(client.states?.TIME_WAIT?.counts.join("")).toBe(`${"1".repeat(60)}${"0".repeat(41)}`);
    expect(server.states?.TIME_WAIT).toBeUndefined();
  });

  it("count a port that is taken up again out of TIME_WAIT once", async () => {
    const reused = Array.from({ length: 4 }, (_, i) =>
      numbered(0, 20_000, WHOLE).map((step) =>
        step.isn === undefined ? step : { ...step, isn: i * 1_000_000 },
      ),
    ).flat();
    const { client } = lookAt(await observe([...reused, ...numbered(9, 70_000, HANDSHAKE)]));
    expect(client.states?.TIME_WAIT).toMatchObject({ peak: 1, atEnd: 0 });
    expect(client.states?.TIME_WAIT?.counts.lastIndexOf(1)).toBe(119);
    expect(client.ports?.inUse).toMatchObject({ peak: 1, atEnd: 1 });
  });

  it("give up a handshake that nobody completes after 63 s, and a SYN when the next was due", async () => {
    const halfOpen = [0, 1, 2].flatMap((i) => numbered(i, 1000, [c("SYN"), s("SYN ACK")]));
    const late = numbered(9, 100_000, WHOLE);
    const { server } = lookAt(await observe([...halfOpen, ...late]));
    expect(server.states?.SYN_RECEIVED).toMatchObject({ peak: 3, atEnd: 0 });
    expect(server.states?.SYN_RECEIVED?.counts.lastIndexOf(1)).toBe(64);
    const alone = numbered(3, 0, [c("SYN"), c("SYN", { after: 1000 })]);
    const { client } = lookAt(await observe([...alone, ...late]));
    expect(client.ports?.inUse.counts.slice(0, 5)).toEqual([1, 1, 1, 0, 0]);
  });

  it("count ports towards each server apart", async () => {
    const steps = [0, 1, 2, 3, 4].flatMap((i) =>
      numbered(i, 1500, WHOLE).map((step) => ({ ...step, serverPort: i < 2 ? 81 : 80 })),
    );
    const { client } = lookAt(await observe(steps));
    expect(client.ports).toMatchObject({ server: "10.0.0.2:80", missing: 0 });
    expect(client.ports).toMatchObject({ inUse: { peak: 3, atEnd: 3 }, timeWait: { peak: 3 } });
    expect(told(client.states)).toEqual({ TIME_WAIT: [5, 5] });
  });
});

/** When an end left which state, by its record. */
function staysOf(record: ConnectionRecord, side: "client" | "server") {
  const stays: { state: string; fromMs: number; toMs: number }[] = [];
  let sinceMs = Number.NaN;
  let last = "";
  for (const { side: of, atMs, event, from, to } of record.transitions) {
    if (of !== side) continue;
    if (last !== "")
      stays.push({ state: event.startsWith("retracted") ? to : from, fromMs: sinceMs, toMs: atMs });
    [sinceMs, last] = [atMs, to];
  }
  stays.push({ state: last, fromMs: sinceMs, toMs: Number.POSITIVE_INFINITY });
  return stays.map(({ state, fromMs, toMs }) => {
    const mostMs = { TIME_WAIT: TIME_WAIT_MS, SYN_RECEIVED: SYN_RECEIVED_MS }[state];
    const endMs = toMs === Number.POSITIVE_INFINITY && mostMs !== undefined ? fromMs + mostMs : toMs;
    return { state, fromMs: record.startMs + fromMs, toMs: record.startMs + endMs };
  });
}

/** How many ends stand in the state when `atMs` is reached. */
const standing = (
  records: readonly ConnectionRecord[],
  side: "client" | "server",
  state: string,
  atMs: number,
) =>
  records
    .flatMap((record) => staysOf(record, side))
    .filter((stay) => stay.state === state && stay.fromMs < atMs && stay.toMs >= atMs).length;

function expectAsRecords(analysis: Analysis): void {
  const { states, durationMs } = analysis.summary();
  const records = analysis.worst("all").filter(({ sameAs }) => sameAs === null);
  for (const side of ["client", "server"] as const)
    for (const state of COUNTED_STATES) {
      const counts =
        states[side][state]?.counts ?? new Array(Math.max(1, Math.ceil(durationMs / 1000))).fill(0);
      counts.forEach((count, step) => {
        const atMs = (step + 1) * states.stepMs;
        expect(count, `${side} ${state} at ${atMs}`).toBe(standing(records, side, state, atMs));
      });
    }
}

describe("the counts are those of the records", () => {
  it("of made-up conversations, one behind and beside the other", async () => {
    const several = fc.array(fc.tuple(conversation, fc.integer({ min: 0, max: 9000 })), {
      minLength: 2,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(several, async (lives) => {
        const steps = lives.flatMap(([one, after], i) => numbered(i, after, one));
        expectAsRecords(await observe(steps));
      }),
      { numRuns: 60 },
    );
  });

  it.each(SAMPLES)("of $name", async ({ file }) => {
    const analysis = await openAnalysis([file], { keep: "all" });
    await analysis.run();
    expectAsRecords(analysis);
  });
});

/** Connections whose two ends entered their last states at `sinceNs`: all with one server. */
function made(
  lives: readonly { readonly client: number; readonly sinceNs: number; readonly state: number }[],
): Connections {
  const of = <T>(read: (life: (typeof lives)[number], side: number) => T) =>
    Object.fromEntries(
      lives.flatMap((life, n) => [
        [n * 2 * STRIDE, read(life, 0)],
        [n * 2 * STRIDE + STRIDE, read(life, 1)],
      ]),
    );
  return {
    endpoints: {
      state: of(({ state }, side) => (side === 0 ? state : CLOSE_WAIT)),
      stateSince: of(({ sinceNs }) => sinceNs),
      firstAt: of(({ sinceNs }) => sinceNs - 100),
      rareRow: of(() => 0),
    },
    columns: { reuse: of(() => 0), transitions: of(() => 0), firstTransition: of(() => -1) },
    rare: { evictedAt: [0] },
    ipVersion: () => 4,
    port: () => 80,
    addressWord: (n: number, side: number, word: number) =>
      word > 0 ? 0 : side === 0 ? lives[n / 2 / STRIDE]!.client : 7,
  } as unknown as Connections;
}

describe("rows of states", () => {
  const scene = { nowNs: 1300 * 7e9, timeWaitNs: 60e9 } as Scene;
  const SECOND = 1e9;
  /** A client's connection every 7 s for two hours and a half, in TIME_WAIT from then on. */
  const lives = Array.from({ length: 1300 }, (_, n) => ({
    client: n % 5,
    sinceNs: n * 7 * SECOND,
    state: TIME_WAIT,
  }));
  const untilNs = 1300 * 7 * SECOND;
  const all = (counts: StateCounts) => ({
    whole: counts.summary(untilNs),
    server: counts.ofHost([7, 0, 0, 0, 80 * 8 + 4], 1, untilNs),
    clients: [0, 1, 2, 3, 4].map((client) => counts.ofHost([client, 0, 0, 0, 4], 0, untilNs)),
  });
  const addTo = (
    counts: StateCounts,
    wanted: (n: number) => boolean,
    weight: 1 | -1 = 1,
    order: 1 | -1 = 1,
  ) => {
    const connections = made(lives);
    const numbers = lives.map((_, n) => n).filter(wanted);
    if (order < 0) numbers.reverse();
    for (const n of numbers) counts.add({ connections, scene }, n * 2 * STRIDE, n + 1, n + 1, weight);
    return counts;
  };

  it("are the same in whatever order, from however many tallies, and when others came and went", () => {
    const whole = all(addTo(new StateCounts(), () => true));
    expect(whole.whole.stepMs).toBe(64_000);
    expect(whole.whole.server.CLOSE_WAIT).toMatchObject({ peak: 1300, atEnd: 1300 });
    expect(all(addTo(new StateCounts(), () => true, 1, -1))).toEqual(whole);
    const [one, other] = [addTo(new StateCounts(), (n) => n < 9), addTo(new StateCounts(), (n) => n >= 9)];
    one.merge(other);
    expect(all(one)).toEqual(whole);
    const late = addTo(new StateCounts(), (n) => n >= 9);
    late.merge(addTo(new StateCounts(), (n) => n < 9));
    expect(all(late)).toEqual(whole);
    const few = addTo(
      addTo(new StateCounts(), () => true),
      (n) => n % 3 === 0,
      -1,
    );
    expect(all(few)).toEqual(all(addTo(new StateCounts(), (n) => n % 3 !== 0)));
  });

  it("belong to the busiest, and say what may be missing", () => {
    const counts = new StateCounts();
    const many = Array.from({ length: 4000 }, (_, n) => ({
      client: n < 1000 ? n : n % 10,
      sinceNs: n * SECOND,
      state: CLOSE_WAIT,
    }));
    const connections = made(many);
    const met = new Map<number, number>();
    many.forEach(({ client }, n) => {
      met.set(client, (met.get(client) ?? 0) + 1);
      counts.add({ connections, scene }, n * 2 * STRIDE, met.get(client)!, n + 1, 1);
    });
    const of = (client: number) => counts.ofHost([client, 0, 0, 0, 4], 0, 4000 * SECOND);
    for (let client = 0; client < 10; client++) {
      const { states, statesMissing } = of(client);
      expect(states?.CLOSE_WAIT?.atEnd).toBe(301 - statesMissing);
      expect(statesMissing).toBeLessThan(2);
    }
    expect(of(999).states).toBeNull();
    expect(counts.summary(4000 * SECOND).client.CLOSE_WAIT?.atEnd).toBe(4000);
  });
});
