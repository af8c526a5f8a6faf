/**
 * Every public capture, whole: it ends in a report or in one sentence, soon; and the packets and connections that it
 * counts are tshark's, or the difference stands in the table below with its frames and its reason.
 *
 * Public captures and tshark are not part of the project: what is not there is named and left out.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { CaptureError, openAnalysis, SourceError } from "../../src/index.js";

const CAPTURES = resolve(import.meta.dirname, "../../../shared/captures");
const files = existsSync(CAPTURES)
  ? readdirSync(CAPTURES)
      .filter((name) => !name.endsWith(".md"))
      .sort()
  : [];
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (files.length === 0) console.log("left out: the public captures are not there");
if (!hasTshark) console.log("left out: tshark is not installed");

const MOST_MS = 10_000;
/** Formats that the program names and does not read. */
const OTHER_FORMATS = /ERF|Network Monitor|NetXRay|snoop/;
/** Further files that may be refused as damaged beyond use. */
const MOST_REFUSED = 5;

/** Where our counts are not tshark's. */
const DIFFERENCES: readonly {
  file: string;
  segments: readonly [ours: number, tshark: number];
  connections: readonly [ours: number, tshark: number];
  frames: string;
  why: string;
}[] = [
  {
    file: "bad-be-caplen.pcap",
    segments: [0, 1],
    connections: [0, 1],
    frames: "1",
    why: "its TCP header claims a length of 0 words: counted as an impossible header, not as a segment (RFC 9293 §3.1)",
  },
  {
    file: "enc-6in4.pcap",
    segments: [75, 77],
    connections: [5, 6],
    frames: "both ICMPv6 errors",
    why: "tshark counts the segments quoted inside ICMPv6 errors as if they had been sent",
  },
  {
    file: "enc-geneve.pcap",
    segments: [33, 33],
    connections: [2, 1],
    frames: "3 and 4",
    why: "two virtual networks (10 and 11) carry the same four-tuple: the identifier is part of a connection's identity",
  },
  {
    file: "enc-vlan-collisions-same-tuple.pcap",
    segments: [42, 42],
    connections: [3, 1],
    frames: "1, 2 and 6",
    why: "one four-tuple lives on three VLANs at once, with sequence spaces that interleave",
  },
  {
    file: "lt228-ipv4-frag-syn.pcap",
    segments: [0, 1],
    connections: [0, 1],
    frames: "1 to 3",
    why: "the TCP header is spread over fragments of eight bytes; only first fragments are read, and this one holds no whole header",
  },
  {
    file: "tcp-handshake-variants-synthetic.pcap",
    segments: [50, 50],
    connections: [15, 16],
    frames: "9 to 13",
    why: "the SYN with a new ISN in 11 is answered by a challenge ACK and a SYN-ACK of the old attempt: no second life began",
  },
  {
    file: "tcp-split-handshake-5way.pcap",
    segments: [8, 8],
    connections: [1, 2],
    frames: "1 to 3",
    why: "the server acknowledges the SYN and then sends a SYN of its own: one connection, opened from both sides (RFC 9293 §3.5)",
  },
];

interface Outcome {
  readonly segments: number;
  readonly connections: number;
  readonly refusal: string | null;
  readonly ms: number;
}

async function read(file: string): Promise<Outcome> {
  const began = performance.now();
  try {
    const analysis = await openAnalysis([resolve(CAPTURES, file)]);
    await analysis.run();
    const summary = analysis.summary();
    const records = analysis.worst("all");
    for (const record of records.slice(0, 100)) {
      // Time may go backwards, below the first packet's; beyond what a calendar holds it stands in seconds.
      for (const ms of [record.startMs, record.durationMs]) expect(Number.isFinite(ms)).toBe(true);
      expect(record.start).toMatch(/^(\d{4}-\d\d-\d\dT[\d:.]+Z|\d+\.\d{9})$/);
      const ladder = await analysis.ladder(record.id);
      expect(ladder.rows.length + ladder.omitted).toBeGreaterThan(0);
    }
    // A connection that was seen under two tuples counts once and is listed twice.
    expect(summary.connections + summary.seenTwice).toBe(records.length);
    return {
      segments: summary.segments,
      connections: records.length,
      refusal: null,
      ms: performance.now() - began,
    };
  } catch (error) {
    if (!(error instanceof CaptureError || error instanceof SourceError)) throw error;
    return { segments: 0, connections: 0, refusal: error.message, ms: performance.now() - began };
  }
}

/** TCP packets and streams by tshark with its defaults. */
function tshark(file: string): { segments: number; connections: number } {
  const path = resolve(CAPTURES, file);
  const { stdout } = spawnSync("tshark", ["-r", path, "-Y", "tcp", "-T", "fields", "-e", "tcp.stream"], {
    encoding: "utf8",
  });
  const streams = stdout.split("\n").filter(Boolean);
  return { segments: streams.length, connections: new Set(streams.flatMap((line) => line.split(","))).size };
}

describe.runIf(files.length > 0)("public captures", () => {
  it.each(files)("%s", async (file) => {
    const ours = await read(file);
    expect(ours.ms).toBeLessThan(MOST_MS);
    if (ours.refusal !== null) {
      expect(ours.refusal).not.toContain("\n");
      expect(ours.refusal.length).toBeGreaterThan(20);
      return;
    }
    if (!hasTshark) return;
    const theirs = tshark(file);
    const difference = DIFFERENCES.find((entry) => entry.file === file);
    const wanted = difference ?? {
      segments: [theirs.segments, theirs.segments],
      connections: [theirs.connections, theirs.connections],
    };
    expect([ours.segments, ours.connections]).toEqual([wanted.segments[0], wanted.connections[0]]);
    expect([theirs.segments, theirs.connections]).toEqual([wanted.segments[1], wanted.connections[1]]);
  });

  it("refuses other formats by name and next to nothing else", async () => {
    const refused = (await Promise.all(files.map(read))).flatMap(({ refusal }) =>
      refusal === null ? [] : [refusal],
    );
    expect(refused.filter((sentence) => !OTHER_FORMATS.test(sentence)).length).toBeLessThanOrEqual(
      MOST_REFUSED,
    );
    expect(refused.length).toBeGreaterThan(0);
  });

  it("lists no difference that is none", () => {
    for (const { file, segments, connections } of DIFFERENCES) {
      expect(files).toContain(file);
      expect([...segments, ...connections], file).not.toEqual([
        segments[1],
        segments[1],
        connections[1],
        connections[1],
      ]);
    }
  });
});
