/** Curves of a ladder: which segments, what was acknowledged and allowed, how much was on its way, how long it took. */
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { busierSide, plotOf } from "../../src/report/plot.js";
import { makeLadder } from "./record-fixture.js";

const data = (deltaMs: number, sequence: number, payloadBytes: number, more = {}) => ({
  deltaMs,
  from: "server" as const,
  flags: "ACK",
  sequence,
  payloadBytes,
  ...more,
});
const ack = (deltaMs: number, acknowledgment: number, window = 10_000) => ({
  deltaMs,
  from: "client" as const,
  flags: "ACK",
  acknowledgment,
  window,
});

describe("the curves of the server's bytes", () => {
  const { rows } = makeLadder({
    rows: [
      data(0, 1, 1000),
      data(1, 1001, 1000),
      ack(20, 1001),
      data(1, 2001, 1000),
      // The second segment again: an acknowledgment that covers it may answer either copy.
      data(200, 1001, 1000, { label: "retransmission", cause: "rto" }),
      ack(20, 3001, 0),
      data(5, 3001, 500),
      ack(30, 3501, 4000),
    ],
  });
  const plot = plotOf(rows, "server");

  it("hold every segment with its cause", () => {
    expect(plot.segments.map(({ atMs, from, to, cause }) => [atMs, from, to, cause])).toEqual([
      [0, 1, 1001, ""],
      [1, 1001, 2001, ""],
      [22, 2001, 3001, ""],
      [222, 1001, 2001, "rto"],
      [247, 3001, 3501, ""],
    ]);
  });

  it("hold what was acknowledged, and the window's edge where it moved", () => {
    const pairs = (values: typeof plot.acknowledged) => values.map(({ atMs, value }) => [atMs, value]);
    expect(pairs(plot.acknowledged)).toEqual([
      [21, 1001],
      [242, 3001],
      [277, 3501],
    ]);
    // 3001 + 0 is behind the edge of before: a closed window takes nothing back.
    expect(pairs(plot.allowed)).toEqual([[21, 11_001]]);
  });

  it("hold the bytes on their way after each packet", () => {
    expect(plot.inFlightBytes.map(({ value }) => value)).toEqual([1000, 2000, 1000, 2000, 2000, 0, 500, 0]);
  });

  it("time only what was sent once", () => {
    expect(plot.roundTripsMs.map(({ atMs, value }) => [atMs, value])).toEqual([
      [21, 21],
      [277, 30],
    ]);
  });
});

it("the busier side is the one with more payload", () => {
  expect(busierSide(makeLadder({ rows: [data(0, 1, 10), ack(1, 11)] }).rows)).toBe("server");
  expect(busierSide([])).toBe("server");
});

it("a recorded connection: as many repeats as its record, round trips as the handshake had it, and more", async () => {
  const analysis = await openAnalysis([new URL("../../captures/loss-spread.pcap", import.meta.url).pathname]);
  await analysis.run();
  for (const { id } of analysis.worst("all")) {
    const { rows, record } = await analysis.ladder(id);
    const plot = plotOf(rows, "client");
    const repeats = plot.segments.filter(({ label }) => label === "retransmission").length;
    expect(repeats).toBe(record.client.retransmissions);
    const samples = plot.roundTripsMs.map(({ value }) => value).sort((a, b) => a - b);
    expect(samples.length).toBeGreaterThan(5);
    expect(samples[0]).toBeGreaterThan(record.initialRttMs! - 1);
    expect(samples[samples.length >> 1]! - record.initialRttMs!).toBeLessThan(15);
  }
});
