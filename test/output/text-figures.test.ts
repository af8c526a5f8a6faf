/** How the spread of connect times is drawn: over classes as the tally makes them, in every width. */
import { describe, expect, it } from "vitest";
import { FINE, TimeDistribution } from "../../src/connection/distribution.js";
import { handshakeLines } from "../../src/output/text-figures.js";
import type { Histogram } from "../../src/report/summary.js";
import { makeDistribution, makeHistogram, makeSummary } from "../report/record-fixture.js";

const none = makeDistribution(0);

/** The marks and the scale below them. */
function drawn(connectTimes: Histogram, width: number): { marks: string; scale: string; lines: string[] } {
  const handshake = { serverLeg: none, clientLeg: none, retryWait: none, ambiguous: 0 };
  const empty = { edgesMs: [], counts: [] };
  const others = { serverLegs: empty, clientLegs: empty, initialRtts: empty, retryWaits: empty };
  const lines = handshakeLines(makeSummary({ handshake, connectTimes, ...others }), {
    width,
    hasColor: false,
    isAscii: true,
  });
  return { marks: lines.at(-2)!, scale: lines.at(-1)!, lines };
}

function histogramOf(timesMs: readonly number[]): Histogram {
  const distribution = new TimeDistribution(FINE);
  for (const ms of timesMs) distribution.add(ms * 1e6, 1);
  // Few times are listed rather than drawn: here they stand for many.
  const { edgesMs, counts } = distribution.histogram();
  return { edgesMs, counts };
}

/** Milliseconds of a label of the scale. */
function millisecondsOf(label: string): number {
  return label.endsWith("s") ? Number.parseFloat(label) * 1000 : Number.parseFloat(label);
}

describe("the histogram of connect times", () => {
  const wide = histogramOf([1, 1, 1, 30_000]);

  it("merges classes until a spread from 1 ms to 30 s stands in 80 columns, its scale complete", () => {
    expect(wide.counts.length).toBeGreaterThan(100);
    const { marks, scale, lines } = drawn(wide, 80);
    expect(marks).toMatch(/^ {2}# {40,}-$/);
    expect(scale).toMatch(/^ {2}0\.98 .* 30s$/);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each([60, 72, 80, 100, 120, 200])(
    "fits %s columns, both ends and an ascending scale included",
    (width) => {
      for (const timesMs of [
        [0.002, 4_000_000],
        [1, 30_000],
        [0.3, 7, 900],
        [1, 1.2],
        [20, 21, 22, 45],
      ]) {
        const { marks, scale } = drawn(histogramOf(timesMs), width);
        expect(Math.max(marks.length, scale.length)).toBeLessThanOrEqual(width);
        expect(marks[2]).not.toBe(" ");
        const labels = scale.trim().split(/ +/).map(millisecondsOf);
        expect(labels.length).toBeGreaterThan(1);
        expect(labels).toEqual([...new Set(labels)].sort((a, b) => a - b));
        expect(labels[0]).toBeLessThanOrEqual(timesMs[0]! * 1.05);
        expect(labels.at(-1)).toBeGreaterThanOrEqual(timesMs.at(-1)! * 0.95);
        // The highest edge begins where the last class ends.
        expect(scale.lastIndexOf(" ") + 1).toBe(marks.length);
      }
    },
  );

  it("leaves no handshake out where it merges", () => {
    const counts = new Array<number>(130).fill(0).map((_, index) => (index % 2 === 0 ? 0 : 5));
    const edgesMs = Array.from({ length: 131 }, (_, index) => 2 ** (index / 8));
    // Two neighbours at a time: each sum is 5, and none is blank.
    expect(drawn({ edgesMs, counts }, 80).marks).toBe(`  ${"#".repeat(65)}`);
  });

  it("leaves classes apart where there is room", () => {
    const { marks, scale } = drawn(makeHistogram([0, 8, 1]), 80);
    expect(marks).toBe("  ######......");
    expect(scale).toBe("  0.5   1     2");
  });
});

it("lists few handshakes as they are, and a single one not at all", () => {
  const listed = { edgesMs: [1, 2, 40], counts: [1, 1], timesMs: [1.4, 1.5, 36] };
  const { lines } = drawn(listed, 80);
  expect(lines.slice(-2)).toEqual(["Time to connect", "  1.40 ms, 1.50 ms, 36.0 ms"]);
  expect(drawn({ ...listed, timesMs: [1.4] }, 80).lines.join("\n")).not.toContain("Time to connect");
});

it("keeps few times exactly, until there are more", () => {
  const distribution = new TimeDistribution(FINE);
  for (const ms of [3, 1, 2]) distribution.add(ms * 1e6, 1);
  distribution.add(1e6, -1);
  expect(distribution.histogram().timesMs).toEqual([2, 3]);
  const other = new TimeDistribution(FINE);
  for (const ms of [9, 8, 7]) other.add(ms * 1e6, 1);
  distribution.merge(other);
  expect(distribution.histogram().timesMs).toBeUndefined();
  expect(distribution.summary()).toMatchObject({ count: 5, minMs: 1, maxMs: 9 });
});
