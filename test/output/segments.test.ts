/** `--segments`: a line a segment, in order, with what came to light of it within two seconds. */
import { describe, expect, it } from "vitest";
import { SEGMENT_HEADER, segmentJson, segmentLine } from "../../src/output/segments.js";
import type { SegmentRow } from "../../src/report/segment-row.js";
import { c, HANDSHAKE, observe, type Step, s } from "../connection/conversation.js";

const SACK: readonly Step[] = [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { sackPermitted: true }),
  c("ACK"),
];

async function rowsOf(steps: readonly Step[]): Promise<SegmentRow[]> {
  const rows: SegmentRow[] = [];
  await observe(steps, { onSegment: (row) => void rows.push(row) });
  return rows;
}

describe("rows of segments", () => {
  const needless = [
    ...SACK,
    c("ACK", { bytes: 100 }),
    c("ACK", { seq: 1, bytes: 100, after: 240 }),
    s("ACK", { ack: 101, after: 5 }),
    s("ACK", { ack: 101, sack: [[1, 101]], after: 15 }),
  ];

  it("come in the order of packets, with what later ones say of them", async () => {
    const rows = await rowsOf(needless);
    expect(rows.map(({ frame }) => frame)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(rows[4]).toMatchObject({
      label: "retransmission",
      repeats: "data",
      cause: "tail-loss-probe",
      spurious: true,
    });
    expect(rows.every(({ connection }) => connection === "1")).toBe(true);
  });

  it("are held back for two seconds of capture time and no longer", async () => {
    const seen: string[] = [];
    const steps = [...HANDSHAKE, c("ACK", { bytes: 1, after: 1999 }), c("ACK", { bytes: 1, after: 5 })];
    await observe(steps, { onSegment: ({ frame }) => void seen.push(frame) });
    expect(seen).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("have as many cells as names, escaped, and the same in JSON", async () => {
    const rows = await rowsOf(needless);
    const names = SEGMENT_HEADER.trimEnd().split("\t");
    for (const row of rows) {
      expect(segmentLine(row).slice(0, -1).split("\t")).toHaveLength(names.length);
      expect(Object.keys(JSON.parse(segmentJson(row)) as object)).toEqual(names);
    }
    const hostile = segmentLine({ ...rows[0]!, frame: "a\u001b[2Jb\tc:1" });
    expect(hostile.slice(0, -1).split("\t")).toHaveLength(names.length);
    expect(hostile).not.toContain("\u001b");
  });

  it("name no connection for a segment that comes after its end", async () => {
    const close = [c("FIN ACK"), s("FIN ACK"), c("ACK"), c("ACK", { bytes: 10, after: 5000 })];
    const rows = await rowsOf([...HANDSHAKE, ...close]);
    expect(rows.at(-1)).toMatchObject({ connection: "", label: "" });
  });
});
