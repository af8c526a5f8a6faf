/** What pauses tell: delayed acknowledgments against small segments, heartbeats, keep-alive times, congestion echoes. */
import { describe, expect, it } from "vitest";
import type { ConnectionRecord } from "../../src/report/record.js";
import { sentenceFor } from "../../src/report/sentence.js";
import { c, HANDSHAKE, recordsOf, type Step, s } from "./conversation.js";

async function recordOf(steps: readonly Step[]): Promise<ConnectionRecord> {
  const [record] = await recordsOf(steps);
  const [general] = await recordsOf(steps, { predictsHeaders: false });
  expect(general).toEqual(record);
  return record!;
}

/** 10 ms to the server and back, 10 ms to the client and back, an MSS of 1460. */
const OPENING = HANDSHAKE;

/** A request in two writes: the second goes when the first is acknowledged, `heldMs` late, after `promptMs` more. */
const writeWriteRead = (heldMs: number, promptMs = 10, bytes = 60): readonly Step[] => [
  c("PSH ACK", { bytes: 80, after: 300 }),
  s("ACK", { after: 10 + heldMs }),
  c("PSH ACK", { bytes, after: promptMs }),
  s("PSH ACK", { bytes: 300, after: 12 }),
  c("ACK", { after: 10 }),
];

describe("small segments that waited for a delayed acknowledgment", () => {
  it("are counted with what they waited", async () => {
    const { client, server } = await recordOf([...OPENING, ...writeWriteRead(40), ...writeWriteRead(42)]);
    expect(client).toMatchObject({ heldBackSegments: 2, heldBackMs: 82, heldBackFrame: 6 });
    expect(server).toMatchObject({ heldBackSegments: 0, heldBackMs: null, heldBackFrame: null });
  });

  it("are told of the server too", async () => {
    const { server } = await recordOf([
      ...OPENING,
      c("PSH ACK", { bytes: 50 }),
      s("PSH ACK", { bytes: 80, after: 15 }),
      c("ACK", { after: 10 + 200 }),
      s("PSH ACK", { bytes: 20, after: 10 }),
      c("ACK"),
    ]);
    expect(server).toMatchObject({ heldBackSegments: 1, heldBackMs: 200 });
  });

  it.each<readonly [name: string, steps: readonly Step[]]>([
    ["the acknowledgment came when it could", [...OPENING, ...writeWriteRead(2)]],
    [
      "the next bytes came later than it: the application had none before",
      [...OPENING, ...writeWriteRead(40, 60)],
    ],
    ["the next bytes went before it can have arrived", [...OPENING, ...writeWriteRead(40, 3)]],
    ["a full segment waits for nothing", [...OPENING, ...writeWriteRead(40, 10, 1460)]],
    ["no acknowledgment is delayed so long", [...OPENING, ...writeWriteRead(700)]],
    ["the legs of the path are not known", writeWriteRead(40)],
  ])("not where %s", async (_, steps) => {
    expect((await recordOf(steps)).client).toMatchObject({ heldBackSegments: 0, heldBackMs: null });
  });
});

const beat = (seconds: number, bytes = 30): readonly Step[] => [
  s("PSH ACK", { bytes, after: seconds * 1000 - 20 }),
  c("PSH ACK", { bytes: 5, after: 10 }),
  s("ACK", { after: 10 }),
];

describe("heartbeats", () => {
  const every = (...seconds: number[]) => [...OPENING, ...seconds.flatMap((one) => beat(one))];
  it("are told with their interval", async () => {
    const record = await recordOf(every(5, 30, 30, 30.4, 29.9, 30));
    expect(record.heartbeat).toMatchObject({ by: "server", count: 6, missed: 0 });
    expect(record.heartbeat!.intervalMs).toBeCloseTo(30_000, -3);
    expect(sentenceFor(record)).toContain("6 heartbeats from the server, every 30");
  });

  it("are told without an answer, and of the client", async () => {
    const one = [c("PSH ACK", { bytes: 30, after: 9990 }), s("ACK")];
    const record = await recordOf([...OPENING, ...one, ...one, ...one, ...one, ...one]);
    expect(record.heartbeat).toEqual({ by: "client", count: 5, intervalMs: 10_000, missed: 0 });
  });

  it("may be missing", async () => {
    expect((await recordOf(every(5, 30, 30, 30, 90, 30))).heartbeat).toMatchObject({ count: 6, missed: 2 });
  });

  it("are known after something else came between", async () => {
    const download = [
      c("PSH ACK", { bytes: 100, after: 3300 }),
      s("ACK", { bytes: 1400 }),
      s("ACK", { bytes: 1400 }),
      c("ACK"),
    ];
    const record = await recordOf([...every(5, 30, 30, 30, 30), ...download]);
    expect(record.heartbeat).toMatchObject({ by: "server", count: 5, intervalMs: 30_000 });
  });

  it.each<readonly [name: string, steps: readonly Step[]]>([
    ["intervals differ", every(5, 30, 41, 12, 77, 3)],
    ["there are too few", every(5, 30, 30)],
    [
      "the exchanges are large",
      [...OPENING, ...[5, 30, 30, 30, 30].flatMap((one) => [...beat(one, 1400), ...beat(0.05, 1400)])],
    ],
    ["they follow one another as a person types", every(0.4, 0.4, 0.4, 0.4, 0.4, 0.4)],
  ])("are not where %s", async (_, steps) => {
    expect((await recordOf(steps)).heartbeat).toBeNull();
  });
});

describe("keep-alives", () => {
  const probe = (seconds: number, bytes = 0): Step => c("ACK", { seq: 50, bytes, after: seconds * 1000 });
  const opening = [...OPENING, c("PSH ACK", { bytes: 50 }), s("ACK")];
  it("tell how long their sender waits", async () => {
    const { client } = await recordOf([
      ...opening,
      probe(60),
      s("ACK", { after: 10 }),
      probe(60),
      s("ACK", { after: 10 }),
    ]);
    expect(client).toMatchObject({
      keepAlives: 2,
      keepAliveIdleMs: 60_000,
      keepAliveGapMs: null,
      keepAlivesUnanswered: 0,
    });
  });

  it("tell the gap between two that nobody answers, and name the defaults", async () => {
    const record = await recordOf([...opening, probe(7200), probe(75), probe(75)]);
    expect(record.client).toMatchObject({
      keepAlives: 3,
      keepAliveIdleMs: 7_200_000,
      keepAliveGapMs: 75_000,
      keepAlivesUnanswered: 3,
    });
    expect(sentenceFor(record)).toMatch(
      /3 keep-alives from the client \(after .*\(Linux's default\) of silence, .*\(Linux's default\) apart, the last 3 unanswered\)/,
    );
  });
});

describe("echoes of congestion", () => {
  const data = [c("ACK", { bytes: 50 }), s("ACK ECE"), c("ACK CWR", { bytes: 50 }), s("ACK")];
  it("are counted on each side", async () => {
    const { client, server } = await recordOf([...OPENING, ...data]);
    expect(client).toMatchObject({ congestionEchoes: 0, windowReductions: 1 });
    expect(server).toMatchObject({ congestionEchoes: 1, windowReductions: 0 });
  });

  it("are no echoes on SYNs", async () => {
    const { client, server } = await recordOf([c("SYN ECE CWR"), s("SYN ACK ECE"), c("ACK")]);
    expect([client.congestionEchoes, client.windowReductions, server.congestionEchoes]).toEqual([0, 0, 0]);
  });
});

it("the path's round trip is both sides' shortest ones, or the handshake's", async () => {
  expect((await recordOf(HANDSHAKE)).pathRoundTripMs).toBe(20);
  expect((await recordOf(HANDSHAKE.slice(0, 2))).pathRoundTripMs).toBeNull();
});
