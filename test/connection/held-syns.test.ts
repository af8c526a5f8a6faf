/**
 * A connection of which only a SYN was seen may be its SYN alone: every record, line and figure is the same as without.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { ndjsonAmendment, ndjsonLine } from "../../src/output/ndjson.js";
import { segmentJson } from "../../src/output/segments.js";
import { CLOSE, c, HANDSHAKE, type Options, observe, type Step, s } from "./conversation.js";

const root = new URL("../../", import.meta.url).pathname;
const samples = readdirSync(join(root, "captures")).filter((name) => /\.pcap(ng)?$/.test(name));

async function analyse(path: string, holdsSynsFrom: number) {
  const analysis = await openAnalysis([path], { holdsSynsFrom });
  await analysis.run();
  return { records: analysis.worst("all"), summary: analysis.summary(), progress: countOf(analysis) };
}

function countOf(analysis: Awaited<ReturnType<typeof openAnalysis>>): number {
  return analysis.progress().connections;
}

/** All that is said of a conversation: records, summary, lines as they are streamed, with those of segments. */
async function told(steps: readonly Step[], options: Options, holdsSynsFrom: number) {
  const lines: string[] = [];
  const segments: string[] = [];
  const streamed = await observe(steps, {
    ...options,
    holdsSynsFrom,
    onFinished: (record) => void lines.push(ndjsonLine(record)),
    onAmended: (amendment) => void lines.push(ndjsonAmendment(amendment)),
    onSegment: (row) => void segments.push(segmentJson(row)),
  });
  return { records: streamed.worst("all"), summary: streamed.summary(), lines, segments };
}

const syns = (count: number, fields = {}): Step[] =>
  Array.from({ length: count }, (_, i) =>
    c("SYN", { clientPort: 50_000 + i, isn: 9000 + i * 77, ...fields }),
  );

// biome-ignore format: a row a line, to be read as a table
const ROWS: readonly (readonly [name: string, steps: readonly Step[], options?: Options])[] = [
  ["an ordinary connection", [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK", { bytes: 900 }), ...CLOSE]],
  ["with every ordinary option", [c("SYN", { windowScale: 7, sackPermitted: true }), s("SYN ACK", { windowScale: 9, sackPermitted: true }), c("ACK"), ...CLOSE], { timestamps: true }],
  ["a SYN alone", [c("SYN")]],
  ["SYNs alone, and a long silence", [...syns(5), c("SYN", { clientPort: 999, after: 5000 })]],
  ["a SYN with ECN", [c("SYN ECE CWR"), s("SYN ACK ECE"), c("ACK")]],
  ["a SYN with a Fast Open request", [c("SYN", { cookie: 0 }), s("SYN ACK", { cookie: 8 }), c("ACK")]],
  ["a SYN with data", [c("SYN", { cookie: 8, bytes: 20 }), s("SYN ACK"), c("ACK")]],
  ["a SYN with a user timeout", [c("SYN", { userTimeout: 60 }), s("SYN ACK"), c("ACK")]],
  ["SYNs repeated and never answered", [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 2000 })], { timestamps: true }],
  ["a SYN repeated and answered", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK"), ...CLOSE], { timestamps: true }],
  ["refused", [c("SYN"), s("RST ACK")]],
  ["refused, tried again", [c("SYN"), s("RST ACK"), c("SYN", { after: 500 }), s("RST ACK")]],
  ["reset by its opener", [c("SYN"), c("RST", { seq: 1 })]],
  ["answered by an ICMP error", [c("SYN"), s("ACK", { copyOf: 0, icmpCode: 1 })]],
  ["answered by an ICMP error, much later", [...syns(3), s("ACK", { copyOf: 1, icmpCode: 3, after: 4000 })]],
  ["both opened at once", [c("SYN"), s("SYN"), c("SYN ACK", { seq: 0 }), s("SYN ACK", { seq: 0 }), c("ACK"), s("ACK")]],
  ["the SYN's copy", [c("SYN"), c("SYN", { copyOf: 0, after: 0.01 }), s("SYN ACK"), c("ACK")]],
  ["the SYN's copy on another VLAN", [c("SYN", { vlan: 5 }), c("SYN", { copyOf: 0, vlan: 6, after: 20 }), s("SYN ACK", { vlan: 5 }), s("SYN ACK", { copyOf: 2, vlan: 6 }), c("ACK", { vlan: 5 })]],
  ["two capture points", [c("SYN", { file: 0 }), c("SYN", { copyOf: 0, file: 1, after: 3 }), s("SYN ACK", { file: 1 }), s("SYN ACK", { copyOf: 2, file: 0, after: 3 }), c("ACK", { file: 0 }), c("ACK", { copyOf: 4, file: 1, after: 3 })]],
  ["another ISN on the tuple of a SYN", [c("SYN"), c("SYN", { isn: 77_000, after: 3000 }), s("SYN ACK"), c("ACK")]],
  ["the tuple used again in TIME_WAIT", [...HANDSHAKE, ...CLOSE, c("SYN", { isn: 900_000, after: 500 }), s("SYN ACK", { isn: 7_000_000 }), c("ACK")], { timestamps: true }],
  ["the tuple used again after its record", [...HANDSHAKE, ...CLOSE, c("SYN", { clientPort: 7, after: 5000 }), c("SYN", { isn: 900_000, after: 500 }), s("SYN ACK", { isn: 7_000_000 }), c("ACK")]],
  ["an overlay network", [c("SYN", { vni: 3 }), s("SYN ACK", { vni: 3 }), c("ACK", { vni: 3 })]],
  ["the same tuple in an overlay network", [c("SYN"), c("SYN", { vni: 3 }), s("SYN ACK", { vni: 3 }), s("SYN ACK")]],
  ["connected to itself", [c("SYN", { clientPort: 80, serverPort: 80 })]],
  ["the answer comes alone", [s("SYN ACK", { ack: 1 }), c("SYN", { after: 1 }), c("ACK")]],
  ["one direction of the hosts is missing", [...syns(3), c("ACK", { seq: 1, ack: 1, after: 4000 }), c("ACK", { seq: 1, ack: 9000, bytes: 5, after: 2000 })]],
  ["another SYN shows that the other direction was captured", [c("SYN"), c("SYN", { after: 1000 }), c("ACK", { seq: 1, ack: 1, bytes: 5, clientPort: 40_005 }), c("ACK", { seq: 6, ack: 9000, clientPort: 40_005 }), s("SYN", { serverPort: 5555, clientPort: 6666, after: 5000 })]],
  ["copies that are many among few SYNs", [c("SYN"), c("", { copyOf: 0, after: 0.02 }), s("SYN ACK"), s("", { copyOf: 2, after: 0.02 }), c("ACK"), c("ACK", { bytes: 10 }), c("", { copyOf: 5, after: 0.02 }), ...syns(8)]],
  ["copies that are few among many SYNs", [c("SYN"), c("", { copyOf: 0, after: 0.02 }), s("SYN ACK"), s("", { copyOf: 2, after: 0.02 }), c("ACK"), c("ACK", { bytes: 10 }), c("", { copyOf: 5, after: 0.02 }), ...syns(20)]],
];

const cases = ROWS.flatMap(([name, steps, options = {}]) => [
  { name, steps, options },
  { name: `${name}, IPv6`, steps, options: { ...options, version: 6 as const } },
]);

describe("SYNs that are held", () => {
  it.each(cases)("$name", async ({ steps, options }) => {
    const plain = await told(steps, options, Number.POSITIVE_INFINITY);
    expect(await told(steps, options, 0)).toEqual(plain);
    expect(plain.segments.length).toBeGreaterThan(0);
  });

  it.each(samples)("leave %s as it is", async (name) => {
    const path = join(root, "captures", name);
    expect(await analyse(path, 0)).toEqual(await analyse(path, Number.POSITIVE_INFINITY));
  });

  it.each([0, 100])("leave a busy trace as it is, from %d open connections on", async (holdsSynsFrom) => {
    const folder = mkdtempSync(join(tmpdir(), "held-"));
    try {
      const generator = join(root, "bench/generate.mjs");
      execFileSync("node", [generator, "wide", "--scale", "0.002", "--out", folder], { stdio: "ignore" });
      const path = join(folder, "wide.pcap");
      const plain = await analyse(path, Number.POSITIVE_INFINITY);
      expect(plain.records.length).toBe(1000);
      expect(await analyse(path, holdsSynsFrom)).toEqual(plain);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
