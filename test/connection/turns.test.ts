/** Requests and responses, round trips, what is on the way, and closed windows: each raised, and what only looks alike. */
import { describe, expect, it } from "vitest";
import type { ConnectionRecord } from "../../src/report/record.js";
import { c, HANDSHAKE, type Options, recordsOf, type Step, s } from "./conversation.js";

async function recordOf(steps: readonly Step[], options: Options = {}): Promise<ConnectionRecord> {
  const [record] = await recordsOf([...HANDSHAKE, ...steps], options);
  const [general] = await recordsOf([...HANDSHAKE, ...steps], { ...options, predictsHeaders: false });
  expect(general!.responseTime).toEqual(record!.responseTime);
  expect(general!.thinkTime).toEqual(record!.thinkTime);
  expect(general!.client.mostInFlightBytes).toBe(record!.client.mostInFlightBytes);
  expect(general!.server.mostInFlightBytes).toBe(record!.server.mostInFlightBytes);
  return record!;
}

/** A request in two segments, and its response in two, the first after `ms`. */
const exchange = (ms: number, thoughtMs = 10): Step[] => [
  c("ACK", { bytes: 100, after: thoughtMs }),
  c("PSH ACK", { bytes: 50, after: 1 }),
  s("ACK", { after: 1 }),
  s("ACK", { bytes: 200, after: ms - 1 }),
  s("PSH ACK", { bytes: 30, after: 2 }),
  c("ACK", { after: 1 }),
];

const alike = (count: number, ms: number) => ({
  count,
  minMs: ms,
  meanMs: ms,
  p50Ms: ms,
  p95Ms: ms,
  maxMs: ms,
});

describe("turns", () => {
  it("time one response from the last byte of its request", async () => {
    const record = await recordOf(exchange(40));
    expect(record).toMatchObject({
      firstByteMs: 20 + 10 + 1 + 40,
      responseTime: alike(1, 40),
      thinkTime: null,
      overlappingTurns: 0,
    });
  });

  it("time each response, and the client between them", async () => {
    const record = await recordOf([...exchange(40), ...exchange(60, 500), ...exchange(80, 700)]);
    expect(record.responseTime).toEqual({
      count: 3,
      minMs: 40,
      meanMs: 60,
      p50Ms: 60,
      p95Ms: 80,
      maxMs: 80,
    });
    expect(record.thinkTime).toEqual({
      count: 2,
      minMs: 501,
      meanMs: 601,
      p50Ms: 501,
      p95Ms: 701,
      maxMs: 701,
    });
  });

  it("tell percentiles of many within a class", async () => {
    const times = Array.from({ length: 99 }, (_, i) => 10 + i);
    const { responseTime } = await recordOf(times.flatMap((ms) => exchange(ms)));
    expect(responseTime).toMatchObject({ count: 99, minMs: 10, maxMs: 108, meanMs: 59 });
    expect(Math.abs(responseTime!.p50Ms / 59 - 1)).toBeLessThan(0.09);
    expect(Math.abs(responseTime!.p95Ms / 104 - 1)).toBeLessThan(0.09);
  });

  it("do not take a repeat of the request for its end", async () => {
    const record = await recordOf([
      c("ACK", { bytes: 100 }),
      c("ACK", { seq: 1, bytes: 100, after: 300 }),
      s("ACK", { bytes: 10, after: 20 }),
    ]);
    expect(record.client.retransmissions).toBe(1);
    expect(record.responseTime).toEqual(alike(1, 320));
  });

  it("do not take a repeat of the response for another one", async () => {
    const record = await recordOf([
      c("ACK", { bytes: 100 }),
      s("ACK", { bytes: 10, after: 20 }),
      c("ACK", { bytes: 100, after: 30 }),
      s("ACK", { seq: 1, bytes: 10, ack: 101, after: 1 }),
      s("ACK", { bytes: 10, after: 49 }),
    ]);
    expect(record.responseTime).toMatchObject({ count: 2, minMs: 20, maxMs: 50 });
  });

  it("do not take a keep-alive of one byte for a request", async () => {
    const record = await recordOf([
      c("ACK", { bytes: 100 }),
      s("ACK"),
      c("ACK", { seq: 100, bytes: 1, after: 5000 }),
      s("ACK"),
      s("ACK", { bytes: 10, after: 100 }),
    ]);
    expect(record.client.keepAlives).toBe(1);
    expect(record.responseTime).toEqual(alike(1, 5120));
  });

  it("know a greeting from a response", async () => {
    const record = await recordOf([
      s("ACK", { bytes: 20, after: 35 }),
      c("ACK"),
      c("ACK", { bytes: 10, after: 100 }),
      s("ACK", { bytes: 10, after: 50 }),
    ]);
    expect(record).toMatchObject({
      firstByteMs: 55,
      responseTime: alike(1, 50),
      thinkTime: alike(1, 110),
    });
  });

  it("are not timed where both sides' bytes cross", async () => {
    const crossing = (i: number): Step[] => [
      c("ACK", { bytes: 10, ack: 1 + 10 * i }),
      s("ACK", { bytes: 10, ack: 1 + 10 * i, after: 1 }),
    ];
    const record = await recordOf([0, 1, 2, 3].flatMap(crossing));
    expect(record).toMatchObject({ responseTime: null, thinkTime: null });
    expect(record.overlappingTurns).toBeGreaterThan(3);
    expect(record.firstByteMs).not.toBeNull();
  });

  it("leave a single crossing among many exchanges out", async () => {
    const record = await recordOf([
      ...Array.from({ length: 12 }, () => exchange(40)).flat(),
      c("ACK", { bytes: 10 }),
      s("ACK", { bytes: 10, after: 40 }),
      c("ACK", { bytes: 10, ack: 2761, after: 5 }),
      s("ACK", { bytes: 10, after: 5 }),
      c("ACK"),
    ]);
    expect(record.overlappingTurns).toBe(1);
    expect(record.responseTime).toMatchObject({ count: 13, minMs: 40, maxMs: 40 });
  });

  it("claim no response where its beginning is missing", async () => {
    const record = await recordOf([c("ACK", { bytes: 10 }), s("ACK", { seq: 101, bytes: 10, after: 40 })]);
    expect(record).toMatchObject({ firstByteMs: null, responseTime: null });
  });
});

describe("round trips", () => {
  /** So many segments with their acknowledgments, each `ms` later, that none is left of the handshake's. */
  const acknowledged = (count: number, ms: number): Step[] =>
    Array.from({ length: count }, () => [c("ACK", { bytes: 10, after: 50 }), s("ACK", { after: ms })]).flat();

  it("are sampled from data to its acknowledgment once a side has sent some packets", async () => {
    const record = await recordOf(acknowledged(40, 30));
    expect(record.client.roundTrip).toMatchObject({ ...alike(25, 30), smoothedMs: 30 });
    expect(record.client.roundTrip!.variationMs).toBeLessThan(1);
    expect(record.server.roundTrip).toBeNull();
  });

  it("leave a short connection to its handshake", async () => {
    const record = await recordOf(acknowledged(8, 30));
    expect(record).toMatchObject({ initialRttMs: 20, client: { roundTrip: null } });
  });

  it("are smoothed as a sender's timer does it (RFC 6298 §2)", async () => {
    const record = await recordOf([...acknowledged(16, 30), ...acknowledged(1, 110)]);
    expect(record.client.roundTrip).toMatchObject({ count: 2, minMs: 30, maxMs: 110, smoothedMs: 40 });
    expect(record.client.roundTrip!.variationMs).toBe(15 * 0.75 + 80 / 4);
  });

  it("take none from what was sent again, or waited for it", async () => {
    const lossy: Step[] = [
      ...acknowledged(20, 30),
      c("ACK", { bytes: 10 }),
      c("ACK", { seq: 201, bytes: 10, after: 400 }),
      s("ACK", { after: 30 }),
      c("ACK", { bytes: 10 }),
      c("ACK", { bytes: 10, after: 1 }),
      c("ACK", { seq: 211, bytes: 10, after: 400 }),
      s("ACK", { after: 30 }),
      ...acknowledged(3, 30),
    ];
    const record = await recordOf(lossy);
    expect(record.client.retransmissions).toBe(2);
    expect(record.client.roundTrip).toMatchObject({ count: 8, minMs: 30, maxMs: 30 });
  });
});

describe("bytes on the way", () => {
  it("are the most at once, without SYN and FIN", async () => {
    const record = await recordOf([
      c("ACK", { bytes: 100 }),
      c("ACK", { bytes: 100 }),
      s("ACK"),
      c("ACK", { bytes: 150 }),
      c("FIN ACK", { bytes: 100 }),
      s("ACK", { bytes: 7 }),
    ]);
    expect(record.client.mostInFlightBytes).toBe(250);
    expect(record.server.mostInFlightBytes).toBe(7);
  });

  it("are unknown of a side whose peer was not captured, or that sent none", async () => {
    const [record] = await recordsOf([c("ACK", { bytes: 100, ack: 5 }), c("ACK", { bytes: 100, ack: 5 })]);
    expect(record!.client.mostInFlightBytes).toBeNull();
    const quiet = await recordOf([c("ACK", { bytes: 1 })]);
    expect(quiet.server.mostInFlightBytes).toBeNull();
  });
});

describe("closed windows", () => {
  const filled = [c("ACK", { bytes: 1000 }), s("ACK", { window: 0 })];

  it("are timed, each and in all", async () => {
    const record = await recordOf([
      ...filled,
      s("ACK", { window: 500, after: 120 }),
      c("ACK", { bytes: 500 }),
      s("ACK", { window: 0 }),
      s("ACK", { window: 500, after: 80 }),
    ]);
    expect(record.server).toMatchObject({
      zeroWindows: 2,
      zeroWindowMs: 200,
      longestZeroWindowMs: 120,
      zeroWindowAtEnd: false,
      windowUpdatesLost: 0,
    });
    expect(record.client).toMatchObject({ zeroWindows: 0, zeroWindowMs: null, longestZeroWindowMs: null });
  });

  it("are closed until now where they never open", async () => {
    const record = await recordOf([
      ...filled,
      c("ACK", { seq: 1000, after: 300 }),
      s("ACK", { window: 0, after: 1 }),
    ]);
    expect(record.server).toMatchObject({
      zeroWindows: 1,
      zeroWindowMs: 301,
      longestZeroWindowMs: 301,
      zeroWindowAtEnd: true,
    });
  });

  const probe = (after: number) => c("ACK", { seq: 1000, after });

  it("open unheard where the sender goes on probing", async () => {
    const record = await recordOf([
      ...filled,
      probe(300),
      s("ACK", { window: 0, after: 1 }),
      s("ACK", { window: 800, after: 50 }),
      probe(600),
      s("ACK", { window: 800, after: 1 }),
      c("ACK", { bytes: 800 }),
    ]);
    expect(record.server).toMatchObject({ zeroWindows: 1, zeroWindowMs: 351, windowUpdatesLost: 1 });
  });

  it("open heard where a probe only crossed the update", async () => {
    const record = await recordOf([
      ...filled,
      probe(300),
      s("ACK", { window: 0, after: 1 }),
      s("ACK", { window: 800, after: 590 }),
      probe(5),
      s("ACK", { window: 800, after: 1 }),
      c("ACK", { bytes: 800 }),
    ]);
    expect(record.server).toMatchObject({ zeroWindows: 1, windowUpdatesLost: 0 });
  });

  it("are a SYN proxy's where the SYN-ACK allows nothing, and no stall", async () => {
    const [record] = await recordsOf([
      c("SYN"),
      s("SYN ACK", { window: 0 }),
      c("ACK"),
      s("ACK", { window: 1000, after: 40 }),
      c("ACK", { bytes: 10 }),
    ]);
    expect(record).toMatchObject({ synProxy: true, server: { zeroWindows: 0, zeroWindowMs: null } });
  });

  it("are no SYN proxy's where they close later", async () => {
    const record = await recordOf([...filled, s("ACK", { window: 500, after: 120 })]);
    expect(record.synProxy).toBe(false);
  });
});
