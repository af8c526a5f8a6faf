/**
 * The times of handshakes as the summary tells them: in all, by server, by client and over time, held against the
 * records of the same capture; and what bounds their memory.
 */
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import type { Connections } from "../../src/connection/connections.js";
import { type HostSample, newSample } from "../../src/connection/host-sample.js";
import { HostTable } from "../../src/connection/host-table.js";
import { TimeSeries } from "../../src/connection/time-series.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import {
  type Distribution,
  HANDSHAKE_TIMES,
  type HandshakeHistograms,
  type HandshakeTime,
  type HandshakeTimes,
} from "../../src/report/summary.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { NANOSECONDS, type WrittenPacket, writePcap } from "../capture/pcap-writer.js";
import { CLOSE, c, observe, packetsOf, type Step, s } from "./conversation.js";

/** A class of a host's or a step's distribution is an eighth of an octave: 12.5 % of its lower edge. */
const COARSE = 0.125;
const FINE = 1 / 128;

/** Handshakes with three servers of different distance; every seventh has to repeat its SYN. */
function manyHandshakes(count: number): Step[] {
  return Array.from({ length: count }, (_, i) => {
    const ports = { clientPort: 40_000 + i, serverPort: [80, 443, 25][i % 3]! };
    const leg = 5 + ((i * 37) % 23) * (1 + (i % 3));
    const repeat = i % 7 === 3 ? [c("SYN", { ...ports, after: 1000 })] : [];
    return [
      c("SYN", { ...ports, isn: i * 1000, after: 40 }),
      ...repeat,
      s("SYN ACK", { ...ports, isn: 7 + i * 1000, after: leg }),
      c("ACK", { ...ports, after: 1 + (i % 5) }),
      ...CLOSE.map((step) => ({ ...step, ...ports, after: 2 })),
    ];
  }).flat();
}

/** The times of these records, ascending, as the summary has to count them. */
function timesOf(records: readonly ConnectionRecord[], name: HandshakeTime): number[] {
  const read: Record<HandshakeTime, (record: ConnectionRecord) => number | null> = {
    connectTime: (record) => record.connectTimeMs,
    serverLeg: (record) => (record.legsAmbiguous ? null : record.serverLegMs),
    clientLeg: (record) => record.clientLegMs,
    initialRtt: (record) => (record.legsAmbiguous ? null : record.initialRttMs),
    retryWait: (record) => ((record.retryWaitMs ?? 0) > 0 ? record.retryWaitMs : null),
  };
  const known = records.filter(({ outcome }) => outcome === "completed").map(read[name]);
  return known.filter((ms) => ms !== null).sort((a, b) => a - b);
}

function expectDistribution(told: Distribution, times: readonly number[], width: number): void {
  expect(told.count).toBe(times.length);
  expect(told.minMs).toBe(times[0] ?? null);
  expect(told.maxMs).toBe(times.at(-1) ?? null);
  for (const [key, share] of [
    ["p50Ms", 0.5],
    ["p90Ms", 0.9],
    ["p95Ms", 0.95],
    ["p99Ms", 0.99],
  ] as const) {
    const exact = times[Math.ceil(share * times.length) - 1];
    if (exact === undefined) expect(told[key]).toBeNull();
    else expect(Math.abs(told[key]! - exact), `${key} of ${exact}`).toBeLessThanOrEqual(exact * width);
  }
}

function expectTimes(
  told: HandshakeTimes & HandshakeHistograms,
  records: readonly ConnectionRecord[],
  width: number,
): void {
  for (const { name, histogram } of HANDSHAKE_TIMES) {
    const times = timesOf(records, name);
    expectDistribution(told[name], times, width);
    const { edgesMs, counts } = told[histogram];
    const counted = counts.map(
      (_, i) => times.filter((ms) => ms >= edgesMs[i]! && ms < edgesMs[i + 1]!).length,
    );
    expect(counts, histogram).toEqual(counted);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(times.length);
  }
}

async function read(steps: readonly Step[]): Promise<{ analysis: Analysis; records: ConnectionRecord[] }> {
  const analysis = await observe(steps, { timestamps: true });
  return { analysis, records: analysis.worst("all") };
}

describe("the times of handshakes", () => {
  it("are counted in all, by server and by client as the records have them", async () => {
    const { analysis, records } = await read(manyHandshakes(90));
    const summary = analysis.summary();
    expect(timesOf(records, "retryWait").length).toBeGreaterThan(5);
    expectTimes({ ...summary.handshake, ...pick(summary) }, records, FINE);
    expect(summary.servers).toHaveLength(3);
    for (const host of summary.servers) {
      const own = records.filter(({ server }) => host.name === `${server.address}:${server.port}`);
      expect(own).toHaveLength(30);
      expectTimes(host, own, COARSE);
    }
    expect(summary.clients).toHaveLength(1);
    expectTimes(summary.clients[0]!, records, COARSE);
  });

  it("are counted in the step in which each began", async () => {
    const { analysis, records } = await read(manyHandshakes(90));
    const { stepMs, handshake, connections } = analysis.summary().timeline;
    for (const { name } of HANDSHAKE_TIMES) {
      const series = handshake[name];
      expect(series.counts).toHaveLength(connections.length);
      series.counts.forEach((count, step) => {
        const begun = records.filter(({ startMs }) => Math.floor(startMs / stepMs) === step);
        const { minMs, p50Ms, p90Ms, p95Ms, p99Ms, maxMs } = series;
        const told = { minMs, p50Ms, p90Ms, p95Ms, p99Ms, maxMs };
        const values = Object.entries(told).map(([key, column]) => [key, column[step]]);
        expectDistribution({ count, ...Object.fromEntries(values) }, timesOf(begun, name), COARSE);
        const counted = series.histogram[step]!;
        expect(counted).toHaveLength(Math.max(0, series.edgesMs.length - 1));
        expect(counted.reduce((sum, n) => sum + n, 0)).toBe(count);
      });
    }
  });

  it("leave out what did not complete", async () => {
    const { analysis } = await read([
      c("SYN"),
      s("SYN ACK"),
      s("SYN ACK", { after: 1000 }),
      c("SYN", { clientPort: 41_000, after: 3000 }),
    ]);
    const { handshake, servers, timeline, initialRtts } = analysis.summary();
    for (const { name } of HANDSHAKE_TIMES) {
      expect(handshake[name].count, name).toBe(0);
      expect(servers[0]![name].count, name).toBe(0);
      expect(timeline.handshake[name].edgesMs, name).toEqual([]);
    }
    expect(initialRtts).toEqual({ edgesMs: [], counts: [] });
  });

  it("decide a doubtful SYN-ACK by the server's other handshakes, for its hosts too", async () => {
    // The first SYN is echoed, the SYN-ACK comes 10 ms after the second one: near 10 ms is what this server takes.
    const doubtful = [
      c("SYN"),
      c("SYN", { after: 1000 }),
      s("SYN ACK", { ts: [101_010, 10_000] }),
      c("ACK"),
      s("ACK"),
    ];
    const steady = [c("SYN"), s("SYN ACK"), c("ACK"), ...CLOSE].map((step) => ({
      ...step,
      clientPort: 41_000,
    }));
    const { analysis } = await read([...doubtful, ...steady]);
    const { handshake, servers, clients } = analysis.summary();
    expect(handshake).toMatchObject({
      ambiguous: 1,
      synAckLost: 1,
      serverLeg: { count: 1 },
      retryWait: { count: 1 },
    });
    for (const host of [servers[0]!, clients[0]!])
      expect(host).toMatchObject({ serverLeg: { count: 1 }, retryWait: { count: 1, minMs: 1000 } });
    // Asking changes nothing.
    expect(analysis.summary()).toEqual(analysis.summary());
  });
});

function pick(histograms: HandshakeHistograms): HandshakeHistograms {
  const { connectTimes, serverLegs, clientLegs, initialRtts, retryWaits } = histograms;
  return { connectTimes, serverLegs, clientLegs, initialRtts, retryWaits };
}

it("counts each connection once while those that are done wait for stragglers", async () => {
  const steps = [...manyHandshakes(40), c("SYN", { clientPort: 50_000, after: 5000 })];
  const seen: number[] = [];
  const analysis = new Analysis(await openCapture(packetsOf(steps).map(sourceOf)), {
    ...DEFAULT_OPTIONS,
    onFinished: () => {
      seen.push(analysis.progress().connections);
    },
  });
  await analysis.run();
  expect(seen).toHaveLength(41);
  // Each becomes final two seconds after its end: never are there more than have begun.
  for (const [at, count] of seen.entries()) expect(count).toBeGreaterThan(at);
  expect(Math.max(...seen)).toBe(41);
  expect(analysis.progress().connections).toBe(41);
  expect(analysis.summary().connections).toBe(41);
});

function sourceOf(packets: readonly WrittenPacket[]): MemorySource {
  return new MemorySource(writePcap(packets, { magic: NANOSECONDS }), "all.pcap");
}

/** A table of connections of which only the addresses are asked: connection n is with host n. */
const numbered = {
  port: (connection: number) => connection % 7,
  ipVersion: () => 4,
  addressWord: (connection: number, _side: number, word: number) => (word === 0 ? connection : 0),
} as unknown as Connections;

function sampleOf(...times: readonly number[]): HostSample {
  return { ...newSample(), outcome: 0, bytes: 1, answer: 0, times: Float64Array.from(times) };
}

describe("the table of hosts", () => {
  it("is not made larger by asking", () => {
    const table = new HostTable(1);
    table.add(numbered, 1, sampleOf(1e6), 1);
    expect(table.shortestLegOf(table.hostOf(numbered, 2))).toBe(Number.POSITIVE_INFINITY);
    table.addTime(table.hostOf(numbered, 3), 0, 1e6);
    expect(table.size).toBe(1);
    expect(table.summary(10).hosts).toHaveLength(1);
  });

  it("takes out what it counted, exactly while there are few times", () => {
    const table = new HostTable(1);
    for (const ns of [3e6, 5e6]) table.add(numbered, 1, sampleOf(ns), 1);
    table.add(numbered, 1, sampleOf(3e6), -1);
    expect(table.summary(1).hosts[0]!.connectTime).toMatchObject({ count: 1, minMs: 5, maxMs: 5, p50Ms: 5 });
    table.add(numbered, 1, sampleOf(5e6), -1);
    table.add(numbered, 1, sampleOf(9e6), 1);
    expect(table.summary(1).hosts[0]!.connectTime).toMatchObject({ count: 1, minMs: 9, maxMs: 9 });
    for (const ns of [4e6, 6e6, 7e6]) table.add(numbered, 1, sampleOf(ns), 1);
    table.add(numbered, 1, sampleOf(6e6), -1);
    expect(table.summary(1).hosts[0]!.connectTime).toMatchObject({ count: 3, minMs: 4, maxMs: 9 });
  });

  it("keeps the busiest hosts' times where the pool is too small for all", () => {
    const table = new HostTable(1, 64);
    const times = [1e6, 2e6, 3e6, 4e6, 5e6];
    for (let round = 0; round < 20; round++) {
      for (let host = 0; host < 100; host++) {
        // Host 5 has a handshake each round, the others one in five.
        if (host === 5 || (host + round) % 5 === 0) table.add(numbered, host, sampleOf(...times), 1);
      }
    }
    const { hosts } = table.summary(100);
    expect(hosts).toHaveLength(100);
    expect(hosts[0]).toMatchObject({ connections: 20, connectTime: { count: 20 }, retryWait: { count: 20 } });
    for (const host of hosts) {
      expect(host.connectTime.count).toBeLessThanOrEqual(host.connections);
      if (host.connectTime.count > 0) expect(host.retryWait).toMatchObject({ minMs: 5, maxMs: 5 });
    }
    expect(hosts.reduce((sum, host) => sum + host.connectTime.count, 0)).toBeLessThan(20 + 99 * 4);
  });

  it("can be merged: the figures are those of one table", () => {
    const [one, other, both] = [new HostTable(1), new HostTable(1), new HostTable(1)];
    for (let i = 0; i < 200; i++) {
      const host = i % 9 === 0 ? i : i % 4;
      const sample = {
        ...sampleOf(1e6 + i * 1e4, 5e5 + i * 777),
        exchanges: 1 + (i % 3),
        isClosedWithAnswer: i % 5 === 0,
        closer: i % 2,
        closedAtNs: i * 60e9,
        lost: Int32Array.of(i % 2, 0, 1, 0),
        lostBytes: Float64Array.of(i, 0, 7, 0),
      };
      (i % 3 === 0 ? one : other).add(numbered, host, sample, 1);
      both.add(numbered, host, sample, 1);
    }
    one.merge(other);
    expect(one.summary(1000)).toEqual(both.summary(1000));
  });

  it("drops the quiet half of very many hosts with their times", () => {
    const table = new HostTable(1);
    for (let round = 0; round < 3; round++)
      for (let host = 0; host < 100; host++) table.add(numbered, host, sampleOf(2e6), 1);
    for (let host = 1000; host < 40_000; host++) table.add(numbered, host, sampleOf(1e6), 1);
    const { hosts, omitted } = table.summary(100);
    for (const host of hosts) expect(host.connectTime).toMatchObject({ count: 3, p50Ms: 2 });
    expect(omitted).toBe(39_000);
    expect(table.size).toBeLessThanOrEqual(16_384);
  });
});

describe("times over time", () => {
  it("are the same after the steps have grown, and after a merge", () => {
    const [early, late, whole] = [new TimeSeries(1, 1), new TimeSeries(1, 1), new TimeSeries(1, 1)];
    for (let i = 0; i < 1000; i++) {
      const [atNs, ns] = [i * 7.3e6, 1e6 * (1 + (i % 50))];
      (i < 100 ? early : late).addTime(0, atNs, ns, 1);
      whole.addTime(0, atNs, ns, 1);
    }
    early.merge(late);
    expect(early.spread(0, 7.3e9)).toEqual(whole.spread(0, 7.3e9));
    expect(whole.spread(0, 7.3e9).counts.reduce((sum, n) => sum + n, 0)).toBe(1000);
  });
});
