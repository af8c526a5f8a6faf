/**
 * Connections whose records nobody asks for are parked when they are done: that changes no figure, stragglers included.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STRIDE } from "../../src/connection/columns.js";
import { ParkedConnections } from "../../src/connection/parked-connections.js";
import { Tracker } from "../../src/connection/tracker.js";
import { openAnalysis, openCaptures } from "../../src/index.js";
import { decode, QUOTED, SEGMENT } from "../../src/wire/decode.js";
import { ACK, FIN, Segment, SYN } from "../../src/wire/segment.js";

const root = new URL("../../", import.meta.url).pathname;
const samples = readdirSync(join(root, "captures")).filter((name) => /\.pcap(ng)?$/.test(name));

async function summaryOf(path: string, keep: "all" | "none") {
  const analysis = await openAnalysis([path], { keep });
  await analysis.run();
  return analysis.summary();
}

/** Follows a whole capture with a tracker whose records are wanted or not; returns it and what it counted. */
async function follow(path: string, isWanted: boolean) {
  const counted: string[] = [];
  const tracker: Tracker = new Tracker({
    count: (connection, weight) => {
      const { columns, endpoints } = tracker.connections;
      const peer = connection + STRIDE;
      const transitions: string[] = [];
      tracker.connections.log.forEach(
        columns.firstTransition[connection]!,
        columns.transitions[connection]!,
        (...entry) => transitions.push(entry.join(":")),
      );
      counted.push(
        `${weight} ${columns.frame[connection]} ${endpoints.state[connection]} ${endpoints.state[peer]} ` +
          `${endpoints.packets[connection]} ${endpoints.packets[peer]} ${endpoints.marks[connection]} ${endpoints.marks[peer]} ${transitions}`,
      );
    },
    repeat: () => {},
    handshake: () => {},
    wants: () => isWanted,
    finish: () => {},
  });
  const capture = await openCaptures([path]);
  const segment = new Segment();
  while (await capture.fill()) {
    while (capture.next()) {
      const kind = decode(capture, segment);
      if (kind === SEGMENT) tracker.observe(segment);
      else if (kind === QUOTED) tracker.observeError(segment);
    }
  }
  await capture.close();
  tracker.end();
  return { tracker, counted };
}

describe("parking", () => {
  let folder = "";
  let busy = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "parking-"));
    execFileSync("node", [join(root, "bench/generate.mjs"), "narrow", "--scale", "0.1", "--out", folder]);
    busy = join(folder, "narrow.pcap");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(samples)("leaves the summary of %s as it is", async (name) => {
    const path = join(root, "captures", name);
    expect(await summaryOf(path, "none")).toEqual(await summaryOf(path, "all"));
  });

  it.each(samples)("counts every connection of %s in the same states, stragglers included", async (name) => {
    const path = join(root, "captures", name);
    const parked = await follow(path, false);
    const inPlace = await follow(path, true);
    expect(parked.counted).toEqual(inPlace.counted);
    expect(parked.counted.length).toBeGreaterThan(0);
  });

  it("leaves a busy trace as it is, and keeps few places", async () => {
    expect(await summaryOf(busy, "none")).toEqual(await summaryOf(busy, "all"));
    const parked = await follow(busy, false);
    const inPlace = await follow(busy, true);
    expect(parked.counted).toEqual(inPlace.counted);
    // 400 conversations at a time, and some 1,900 that wait.
    expect(parked.tracker.connections.mostAlive).toBeLessThan(500);
    expect(inPlace.tracker.connections.mostAlive).toBeGreaterThan(1500);
  }, 60_000);

  it("brings back what it was given, wherever the ring has grown or turned", () => {
    const { connections } = new Tracker({
      count() {},
      repeat() {},
      handshake() {},
      wants: () => false,
      finish() {},
    });
    const { memory } = connections.memory;
    const parked = new ParkedConnections(memory, 2, 4);
    const rings = new Int32Array(8);
    const fill = (seed: number) => {
      memory.ints.forEach((ints, i) => {
        for (let word = 0; word < 32; word++) ints[word] = seed * 1000 + i * 100 + word;
      });
      memory.wides[0]!.fill(seed + 0.5, 0, 32);
      rings.fill(seed, 0, 4);
    };
    const numbers: number[] = [];
    for (let seed = 0; seed < 3000; seed++) {
      fill(seed);
      numbers.push(parked.park(memory, 0, rings, 0));
      // They leave in the order in which they came; ever more of them wait.
      if (seed % 3 === 0) parked.leave(numbers[seed / 3]!);
    }
    for (let seed = 1001; seed < 3000; seed += 99) {
      expect(parked.isWaiting(numbers[seed]!)).toBe(true);
      fill(-1);
      parked.recall(numbers[seed]!, memory, 0, rings, 0);
      expect(memory.ints[1]![31]).toBe(seed * 1000 + 131);
      expect(memory.wides[0]![31]).toBe(seed + 0.5);
      expect(rings[3]).toBe(seed);
      expect(parked.isWaiting(numbers[seed]!)).toBe(false);
    }
  });

  /** A connection that opens and closes at once, 5 ms long; then `more` of its segments, each with its time in ms. */
  const life = (tracker: Tracker, number: number, atMs: number, ipVersion = 4, more: readonly Late[] = []) =>
    send(tracker, number, atMs, ipVersion, [
      [0, 0, SYN, 100, 0],
      [1, 1, SYN | ACK, 500, 101],
      [2, 0, ACK, 101, 501],
      [3, 0, FIN | ACK, 101, 501],
      [4, 1, FIN | ACK, 501, 102],
      [5, 0, ACK, 102, 502],
      ...more,
    ]);

  const send = (
    tracker: Tracker,
    number: number,
    atMs: number,
    ipVersion: number,
    packets: readonly Late[],
  ) => {
    for (const [ms, side, flags, sequence, acknowledgment] of packets) {
      const segment = new Segment();
      const [client, server] = [number >> 14, -5];
      Object.assign(segment, { ipVersion, flags, sequence, acknowledgment, window: 1000, ttl: 64 });
      segment.number = tracker.segments + 1;
      segment.timeNs = (atMs + ms) * 1e6;
      segment.length = (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
      [segment.source0, segment.destination0] = side === 0 ? [client, server] : [server, client];
      const ports = [1024 + (number & 16_383), 80] as const;
      segment.sourcePort = ports[side]!;
      segment.destinationPort = ports[1 - side]!;
      tracker.observe(segment);
    }
  };

  /** What a tracker counts, in words, while `act` gives it segments. */
  const countsOf = (isWanted: boolean, act: (tracker: Tracker) => void) => {
    const counted: string[] = [];
    const tracker: Tracker = new Tracker({
      count: (connection, weight) =>
        counted.push(`${weight} ${tracker.connections.columns.frame[connection]}`),
      repeat: () => counted.push("repeat"),
      handshake: () => {},
      wants: () => isWanted,
      finish: () => {},
    });
    act(tracker);
    const open = tracker.connections.tuples.size;
    tracker.end();
    return { counted, late: tracker.lateSegments, open };
  };

  type Late = readonly [ms: number, side: 0 | 1, flags: number, sequence: number, acknowledgment: number];

  it.each([4, 6])("finds stragglers of IPv%i, and waits no longer for their sake", (ipVersion) => {
    const stragglers: Late[] = [
      [1500, 0, ACK, 102, 502],
      [1600, 1, FIN | ACK, 501, 102],
      [1601, 0, ACK, 102, 502],
      [5000, 1, FIN | ACK, 501, 102],
    ];
    const act = (tracker: Tracker) => {
      life(tracker, 1, 0, ipVersion, stragglers);
      life(tracker, 2, 9000, ipVersion);
    };
    expect(countsOf(false, act)).toEqual(countsOf(true, act));
    expect(countsOf(false, act).late).toBe(1);
  });

  it.each([
    [950, 0.5],
    [300, 0.9],
    [60, 1.9],
  ])("brings back thousands, each by a segment %i connections later", (later, everyMs) => {
    const act = (tracker: Tracker) => {
      for (let number = 0; number < 6000; number++) {
        life(tracker, number, number * everyMs);
        if (number >= later) send(tracker, number - later, number * everyMs, 4, [[7, 0, ACK, 102, 502]]);
      }
    };
    expect(countsOf(false, act)).toEqual(countsOf(true, act));
  });

  it("finishes the others though one packet lies far in the future", () => {
    const act = (tracker: Tracker) => {
      for (let number = 0; number < 8000; number++) {
        life(tracker, number, number, 4, number === 100 ? [[3.2e12, 0, ACK, 102, 502]] : []);
      }
    };
    const parked = countsOf(false, act);
    expect(parked.open).toBeLessThan(2200);
    expect(parked.counted).toEqual(countsOf(true, act).counted);
  });
});
