/** What limits a sender, its first flight, the windows that it fills, its speed: conversations, and their look-alikes. */
import { describe, expect, it } from "vitest";
import type { EndpointRecord } from "../../src/report/record.js";
import { c, HANDSHAKE, recordsOf, type Step, s } from "./conversation.js";

const FULL = 1460;
const full = (count: number): Step[] =>
  Array.from({ length: count }, (_, i) => c("ACK", { bytes: FULL, after: i === 0 ? 0.1 : 0.01 }));
/** Acknowledges so many full segments with this window. */
const ack = (segments: number, window: number, after: number) =>
  s("ACK", { ack: 1 + FULL * segments, window, after });
/** A handshake of a round trip of 40 ms, the capture point beside the client. */
const opened = (window: number): Step[] => [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { window, sackPermitted: true, after: 40 }),
  c("ACK", { after: 0.1 }),
];
/** Rounds of a round trip each, so many segments in each, as acknowledged. */
const rounds = (count: number, segments: number, window: number): Step[] =>
  Array.from({ length: count }, (_, i) => [...full(segments), ack((i + 1) * segments, window, 40)]).flat();

async function client(steps: readonly Step[]): Promise<EndpointRecord> {
  const [record] = await recordsOf(steps);
  const [general] = await recordsOf(steps, { predictsHeaders: false });
  expect(general).toEqual(record);
  return record!.client;
}

/** Shares in percent: application, receive window, network, congestion window. */
function shares({ limitedBy }: EndpointRecord): number[] {
  const { application, receiveWindow, network, congestionWindow } = limitedBy!;
  return [application, receiveWindow, network, congestionWindow].map((share) => Math.round(100 * share));
}

describe("what limits a sender", () => {
  it("is the application of one that asks and waits", async () => {
    const steps = Array.from({ length: 10 }, (_, i): Step[] => [
      c("ACK", { bytes: 100, ack: 1 + 200 * i, after: 50 }),
      s("ACK", { bytes: 200, ack: 101 + 100 * i, after: 40 }),
    ]).flat();
    const [record] = await recordsOf([...HANDSHAKE, ...steps]);
    expect(shares(record!.client)).toEqual([100, 0, 0, 0]);
    expect(shares(record!.server)).toEqual([100, 0, 0, 0]);
  });

  it("is the application of one that sends what it has, and then pauses", async () => {
    const burst = (i: number): Step[] => [
      ...full(7),
      c("ACK", { bytes: 100, after: 0.01 }),
      s("ACK", { ack: 1 + (7 * FULL + 100) * (i + 1), window: 60_000, after: 40 }),
      c("ACK", { after: 200 }),
    ];
    const told = await client([...opened(60_000), ...[0, 1, 2, 3].flatMap(burst), ...full(1)]);
    expect(shares(told)[0]).toBeGreaterThan(95);
    expect(told.busyMs! / told.transferMs!).toBeLessThan(0.25);
  });

  it("is the congestion window of one that sends a flight each round trip", async () => {
    const told = await client([...opened(60_000), ...rounds(10, 10, 60_000), ...full(1)]);
    expect(shares(told)).toEqual([0, 0, 0, 100]);
    expect(told.windowFulls).toBe(0);
    expect(told.filledWindowBytes).toBeNull();
    expect(told.busyMs! / told.transferMs!).toBeGreaterThan(0.95);
  });

  it("is the receive window of one that fills it each time", async () => {
    const told = await client([...opened(15_000), ...rounds(10, 10, 15_000), ...full(1)]);
    expect(shares(told)[1]).toBeGreaterThan(95);
    expect(told.windowFulls).toBe(10);
    expect(told.filledWindowBytes).toBe(15_000);
  });

  it("is the receive window while that is closed, and no time of the application", async () => {
    const told = await client([
      ...opened(15_000),
      ...full(10),
      ack(10, 0, 40),
      ack(10, 15_000, 1000),
      ...full(10),
      ack(20, 15_000, 40),
    ]);
    expect(shares(told)[1]).toBeGreaterThan(95);
  });

  it("is the network while a timer runs", async () => {
    const lost = c("ACK", { seq: 1 + 20 * FULL, bytes: FULL, after: 600 });
    const told = await client([
      ...opened(60_000),
      ...rounds(2, 10, 60_000),
      ...full(5),
      lost,
      ack(25, 60_000, 40),
      ...full(2),
      ack(27, 60_000, 40),
    ]);
    expect(shares(told)[2]).toBeGreaterThan(80);
    expect(told.stall!.count).toBe(1);
  });

  it("is not told of a single segment, nor of a peer that was not captured", async () => {
    expect((await client([...HANDSHAKE, c("ACK", { bytes: 100 }), s("ACK")])).limitedBy).toBeNull();
    expect((await client([c("ACK", { bytes: 100 }), c("ACK", { bytes: 100 })])).limitedBy).toBeNull();
  });
});

describe("the first flight", () => {
  it("is what was sent before an acknowledgment called for more", async () => {
    const told = await client([...opened(60_000), ...rounds(3, 10, 60_000)]);
    expect(told.initialWindowBytes).toBe(10 * FULL);
  });

  it("tells nothing where the sender had no more", async () => {
    const all = [
      ...full(6),
      c("ACK", { bytes: 50, after: 0.01 }),
      s("ACK", { ack: 6 * FULL + 51, after: 40 }),
    ];
    const more = [...full(6), s("ACK", { ack: 12 * FULL + 51, after: 40 })];
    expect((await client([...opened(60_000), ...all, ...more])).initialWindowBytes).toBeNull();
    expect((await client([...opened(60_000), ...full(6), ack(6, 60_000, 40)])).initialWindowBytes).toBeNull();
  });
});

describe("the flight after a loss", () => {
  const after = (segments: number): Step[] => {
    const first = 1 + 10 * FULL;
    const sack = (to: number, delay: number) =>
      s("ACK", { ack: first, window: 60_000, sack: [[first + FULL, first + to * FULL]], after: delay });
    return [
      ...opened(60_000),
      ...rounds(1, 10, 60_000),
      ...full(10),
      sack(2, 40),
      sack(3, 0.01),
      sack(4, 0.01),
      c("ACK", { seq: first, bytes: FULL, after: 0.1 }),
      ack(20, 60_000, 40),
      ...full(segments),
      ack(21, 60_000, 41),
      ...full(1),
      ack(20 + segments + 1, 60_000, 40),
    ];
  };

  it("is told beside the one before: here seven segments on the way, then five", async () => {
    const told = await client(after(5));
    expect(told.recovery).toMatchObject({ episodes: 1, flightsMeasured: 1 });
    expect(told.recovery!.flightRatio).toBeCloseTo(5 / 7);
  });

  it("is not measured after a timeout", async () => {
    const lost = c("ACK", { seq: 1 + 10 * FULL, bytes: FULL, after: 600 });
    const told = await client([
      ...opened(60_000),
      ...rounds(1, 10, 60_000),
      ...full(3),
      lost,
      ack(13, 60_000, 40),
      ...rounds(1, 0, 60_000),
    ]);
    expect(told.recovery!.flightRatio).toBeNull();
  });
});

describe("speed", () => {
  it("is of payload over the time from the first to the last, with and without repeats", async () => {
    const told = await client([
      ...HANDSHAKE,
      c("ACK", { bytes: 1000 }),
      s("ACK", { ack: 1001 }),
      c("ACK", { bytes: 1000 }),
      c("ACK", { seq: 1001, bytes: 1000, after: 480 }),
      s("ACK", { ack: 2001 }),
    ]);
    expect(told.transferMs).toBe(500);
    expect(told.throughput).toBe(48_000);
    expect(told.goodput).toBe(32_000);
  });

  it("is unknown of one segment, and of none", async () => {
    const [record] = await recordsOf([...HANDSHAKE, c("ACK", { bytes: 1000 }), s("ACK")]);
    expect(record!.client).toMatchObject({ transferMs: 0, throughput: null, goodput: null });
    expect(record!.server).toMatchObject({ transferMs: null, throughput: null, goodput: null });
  });
});
