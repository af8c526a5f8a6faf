/** A part of a capture by time: what is written of a moment, and what is left of a file. */
import { describe, expect, it } from "vitest";
import { momentOf } from "../../src/capture/span.js";
import { openAnalysis, type Span } from "../../src/index.js";
import { CAPTURES } from "../samples/samples.js";

const SAMPLE = `${CAPTURES}syn-lost.pcap`;

async function read(span?: Span) {
  const analysis = await openAnalysis([SAMPLE], span ? { span } : {});
  await analysis.run();
  const [record] = analysis.worst("all");
  return { analysis, record, summary: analysis.summary() };
}

describe("a moment", () => {
  it.each<[text: string, since: string, ns: bigint]>([
    ["+30s", "first-packet", 30_000_000_000n],
    ["+30", "first-packet", 30_000_000_000n],
    ["+1.5min", "first-packet", 90_000_000_000n],
    ["+250ms", "first-packet", 250_000_000n],
    ["1763711621.5", "epoch", 1_763_711_621_500_000_000n],
    ["2026-11-21T07:53:41.000000001Z", "epoch", 1_795_247_621_000_000_001n],
    ["2026-11-21 07:53:41", "epoch", 1_795_247_621_000_000_000n],
    ["2026-11-21T09:53:41+02:00", "epoch", 1_795_247_621_000_000_000n],
    ["2026-11-21", "epoch", 1_795_219_200_000_000_000n],
    ["07:53", "midnight", 28_380_000_000_000n],
    ["07:53:41.25", "midnight", 28_421_250_000_000n],
  ])("%s", (text, since, ns) => expect(momentOf(text)).toEqual({ since, ns }));

  it.each(["", "now", "+", "-5s", "25:00", "07:61", "2026-13-40", "2026-11-21T", "1e9", "+5 parsecs"])(
    "%j is none",
    (text) => expect(momentOf(text)).toBeNull(),
  );
});

describe("a span", () => {
  it("leaves what is within, both ends counted, with the numbers of the file", async () => {
    const { summary: whole } = await read();
    expect(whole.packets).toBe(13);
    const { summary, record } = await read({ from: momentOf("+1s"), to: momentOf("+1.046s") });
    // Frame 1 is the SYN that was lost; 2 to 5 are the repeat, its answer, the ACK and the request.
    expect(summary.packets).toBe(4);
    expect(record!.frame).toBe(2);
    expect(record!.startMs).toBe(0);
    expect(Date.parse(summary.start!) - Date.parse(whole.start!)).toBe(1014);
    expect(record!.start).toBe(summary.start);
  });

  it("takes times of day and dates", async () => {
    for (const [from, to] of [
      ["2026-11-21T07:53:41Z", "2026-11-21T07:53:42Z"],
      ["07:53:41", "07:53:42"],
      ["1795247621", "1795247622"],
    ])
      expect((await read({ from: momentOf(from!), to: momentOf(to!) })).summary.packets).toBe(12);
  });

  it("finds packets again in it: the ladder", async () => {
    const { analysis } = await read({ from: momentOf("+1s"), to: null });
    const { rows } = await analysis.ladder("2");
    expect(rows.map(({ frame }) => frame)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it("may hold nothing", async () => {
    const { summary } = await read({ from: momentOf("+1h"), to: null });
    expect([summary.packets, summary.connections]).toEqual([0, 0]);
  });
});
