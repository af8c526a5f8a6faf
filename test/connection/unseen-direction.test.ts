/** A capture of one direction: what its acknowledgments tell of the other one. */
import { describe, expect, it } from "vitest";
import { sentenceFor } from "../../src/report/sentence.js";
import { c, observe, type Step, s } from "./conversation.js";

/** Only the client was captured: its SYN, and acknowledgments of what the server sent. */
const OPEN: readonly Step[] = [
  c("SYN"),
  c("ACK", { seq: 1, ack: 1 }),
  c("ACK", { seq: 1, ack: 101, after: 20 }),
];
const ack = (number: number, fields: Partial<Step> = {}): Step =>
  c("ACK", { seq: 1, ack: number, after: 1, ...fields });
const SACKED: readonly Step[] = [
  ...OPEN,
  // 101 to 200 is missing; then 301 to 400 as well; both come.
  ack(101, { sack: [[201, 301]] }),
  ack(101, {
    sack: [
      [401, 501],
      [201, 301],
    ],
  }),
  ack(301, { sack: [[401, 501]] }),
  ack(501),
  // Another one, later.
  ack(501, { sack: [[601, 701]] }),
  ack(701),
];

async function told(steps: readonly Step[]) {
  const analysis = await observe(steps);
  const [record] = analysis.worst("all");
  return { record: record!, summary: analysis.summary(), gaps: record!.server.reportedGaps };
}

describe("the acknowledgments of a captured client", () => {
  it("tell how much the server's bytes came to, which is no loss in the capture", async () => {
    const { record, summary } = await told([...OPEN, ack(5001)]);
    expect(record).toMatchObject({ captured: "client-only", outcome: "completed" });
    expect(record.server).toMatchObject({ missingBytes: 5000, reportedGaps: 0 });
    expect(summary).toMatchObject({ missingBytes: 0, unseenBytes: 5000, reportedGaps: 0 });
    expect(sentenceFor(record)).toContain(
      "only the client's packets were captured, which tell of 5.0 kB from the server",
    );
    expect(sentenceFor(record)).not.toContain("delivered but not captured");
    expect(summary.notes).toContain(
      "Of 1 connection only one direction was captured; its acknowledgments tell of 5000 bytes in the other.",
    );
  });

  it("tell of gaps by SACK", async () => {
    const { record, summary, gaps } = await told(SACKED);
    expect(gaps).toBe(3);
    expect(record.client.duplicateAcks).toBe(3);
    expect(summary.reportedGaps).toBe(3);
    expect(sentenceFor(record)).toContain("and of 3 gaps in between");
  });

  it("tell of gaps by three duplicates without it", async () => {
    const alike = [ack(101), ack(101), ack(101), ack(101), ack(301)];
    const { record, gaps } = await told([...OPEN, ...alike, ...alike.map((step) => ({ ...step, ack: 601 }))]);
    expect(gaps).toBe(2);
    expect(record.client.duplicateAcks).toBe(8);
  });

  it.each<[string, readonly Step[]]>([
    ["two alike", [ack(101), ack(101), ack(201), ack(201), ack(201)]],
    ["window updates", [1, 2, 3, 4].map((window) => ack(101, { window: window * 1000 + 7 }))],
    ["answers to probes, seconds apart", [1, 2, 3, 4].map(() => ack(101, { after: 75_000 }))],
    ["a closed window", [1, 2, 3, 4].map(() => ack(101, { window: 0, after: 200 }))],
    ["bytes received twice", [ack(101, { sack: [[1, 101]] }), ack(101, { sack: [[1, 51]] })]],
  ])("do not by %s", async (_, steps) => {
    expect((await told([...OPEN, ...steps])).gaps).toBe(0);
  });

  it("are not asked where the server was captured", async () => {
    const { record } = await told([c("SYN"), s("SYN ACK"), ...SACKED.slice(1)]);
    expect(record).toMatchObject({ captured: "both", server: { reportedGaps: null } });
  });
});

it("where only a server was captured, its acknowledgments tell of the client's bytes", async () => {
  const steps = [
    s("SYN ACK", { ack: 1 }),
    s("ACK", { seq: 1, ack: 301, bytes: 50 }),
    s("ACK", { seq: 51, ack: 801 }),
  ];
  const { record, summary } = await told(steps);
  expect(record).toMatchObject({
    captured: "server-only",
    outcome: "completed",
    client: { missingBytes: 800, reportedGaps: 0 },
  });
  expect(record.server.reportedGaps).toBeNull();
  expect(summary.unseenBytes).toBe(800);
});
