/**
 * The four-tuple table against a Map: whatever is entered, moved and taken out, both directions find the same.
 */
import { describe, expect, it } from "vitest";
import { FourTuples, KEY } from "../../src/connection/four-tuples.js";
import { PARKED } from "../../src/connection/parked-connections.js";
import { Segment } from "../../src/wire/segment.js";

const EDGES = [0, 1, -1, -2, 2 ** 31 - 1, -(2 ** 31), 1 - 2 ** 31];
const PORTS = [1, 80, 32_768, 65_535];

/** Small random numbers, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Entry {
  readonly segment: Segment;
  readonly scope: number;
  readonly isFromServer: boolean;
  number: number;
  /** The key of a tuple that was moved out. */
  moved: Int32Array | null;
}

function randomTuple(random: () => number): { segment: Segment; scope: number } {
  const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const address = () => (random() < 0.7 ? one(EDGES) : (random() * 2 ** 32) | 0);
  const port = () => (random() < 0.5 ? one(PORTS) : Math.floor(random() * 65_536));
  const segment = new Segment();
  segment.source0 = address();
  segment.destination0 = address();
  segment.sourcePort = port();
  segment.destinationPort = port();
  if (random() < 0.4) {
    segment.ipVersion = 6;
    segment.source3 = address();
    segment.destination3 = address();
  }
  if (random() < 0.2) segment.overlayId = 1 + Math.floor(random() * 3);
  return { segment, scope: random() < 0.2 ? 2 ** 30 + Math.floor(random() * 3) : 0 };
}

function turned(segment: Segment): Segment {
  const back = Object.assign(new Segment(), segment);
  [back.source0, back.destination0] = [segment.destination0, segment.source0];
  [back.source3, back.destination3] = [segment.destination3, segment.source3];
  [back.sourcePort, back.destinationPort] = [segment.destinationPort, segment.sourcePort];
  return back;
}

function nameOf({ segment: s, scope }: { segment: Segment; scope: number }): string {
  const ends = [
    `${s.source0} ${s.source3} ${s.sourcePort}`,
    `${s.destination0} ${s.destination3} ${s.destinationPort}`,
  ];
  return `${ends.sort().join(" | ")} ${s.ipVersion} ${s.overlayId} ${scope}`;
}

/** Does so many random things to a table and to a Map; `firstMoved` is the first number of those that are moved out. */
function compare(seed: number, steps: number, firstMoved: number): void {
  const random = randomFrom(seed);
  const table = new FourTuples(16, seed);
  const entries = new Map<string, Entry>();
  const free: number[] = [];
  let [capacity, used, nextMoved] = [16, 0, firstMoved];
  const place = () => {
    if (free.length > 0) return free.pop()!;
    if (used === capacity) table.reserve((capacity *= 2));
    return used++;
  };
  const check = (entry: Entry) => {
    const { segment, scope, number, isFromServer } = entry;
    expect(table.find(segment, scope)).toBe(number);
    const side = table.side;
    expect(table.find(turned(segment), scope)).toBe(number);
    const isSelf = nameOf(entry) === nameOf({ segment, scope }) && segment.source0 === segment.destination0;
    if (!isSelf) expect([side, table.side]).toEqual(isFromServer ? [1, 0] : [0, 1]);
    expect(table.hashOf(turned(segment), scope)).toBe(table.hashOf(segment, scope));
  };
  for (let step = 0; step < steps; step++) {
    const names = [...entries.keys()];
    const chosen = entries.get(names[Math.floor(random() * names.length)] ?? "");
    const what = random();
    if (chosen === undefined || (what < 0.5 && entries.size < 900)) {
      const tuple = randomTuple(random);
      if (entries.has(nameOf(tuple))) continue;
      expect(table.find(tuple.segment, tuple.scope)).toBe(-1);
      const entry = { ...tuple, isFromServer: random() < 0.5, number: place(), moved: null };
      table.add(entry.number, entry.segment, entry.scope, entry.isFromServer);
      entries.set(nameOf(tuple), entry);
      check(entry);
    } else if (what < 0.7) {
      if (chosen.moved) table.removeMoved(chosen.number, chosen.moved, 2);
      else {
        table.remove(chosen.number);
        free.push(chosen.number);
      }
      entries.delete(nameOf(chosen));
      expect(table.find(chosen.segment, chosen.scope)).toBe(-1);
    } else if (chosen.moved === null) {
      chosen.moved = new Int32Array(KEY + 2);
      table.moveOut(chosen.number, nextMoved, chosen.moved, 2);
      free.push(chosen.number);
      chosen.number = nextMoved++;
      check(chosen);
    } else {
      const back = place();
      table.moveIn(back, chosen.number, chosen.moved, 2);
      [chosen.number, chosen.moved] = [back, null];
      check(chosen);
    }
    if (step % 500 === 0) for (const entry of entries.values()) check(entry);
  }
  expect(table.size).toBe(entries.size);
}

describe("the four-tuple table", () => {
  it.each([1, 2, 3, 4])("finds what a map finds, both ways (seed %i)", (seed) => {
    compare(seed, 6000, PARKED);
  });

  it("finds what stands under the largest numbers", () => {
    compare(9, 2000, PARKED + PARKED / 2 - 800);
  });

  it("says so rather than look for ever for a number that is not there", () => {
    const table = new FourTuples(16);
    expect(() => table.removeMoved(PARKED, new Int32Array(KEY), 0)).toThrow("no tuple stands under");
  });
});
