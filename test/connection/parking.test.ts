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
import { Segment } from "../../src/wire/segment.js";

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
    // 400 conversations at a time, and some 1,900 that wait: more than the ring began with.
    expect(parked.tracker.connections.mostAlive).toBeLessThan(500);
    expect(inPlace.tracker.connections.mostAlive).toBeGreaterThan(1500);
  }, 60_000);

  it("brings back what it was given, wherever the ring has grown or turned", () => {
    const { connections } = new Tracker({ count() {}, repeat() {}, wants: () => false, finish() {} });
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
      // Most leave in order; every tenth is still there when the ring grows.
      if (seed >= 10 && seed % 10 !== 0) parked.leave(numbers[seed - 10]!);
    }
    for (let seed = 2995; seed < 3000; seed++) {
      expect(parked.isWaiting(numbers[seed]!)).toBe(true);
      fill(-1);
      parked.recall(numbers[seed]!, memory, 0, rings, 0);
      expect(memory.ints[1]![31]).toBe(seed * 1000 + 131);
      expect(memory.wides[0]![31]).toBe(seed + 0.5);
      expect(rings[3]).toBe(seed);
      expect(parked.isWaiting(numbers[seed]!)).toBe(false);
    }
  });
});
