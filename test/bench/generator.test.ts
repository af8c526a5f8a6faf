/**
 * The bench's generator makes real TCP: read by an independent program, small traces show no malformed packet, no
 * wrong checksum and nothing lost, and their counts are those of the truth file. Segments are as RFC 9293 §3.1 has
 * them. The generator is run as its users run it, as a program of its own.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectionRecord, openAnalysis } from "../../src/index.js";

const GENERATOR = new URL("../../bench/generate.mjs", import.meta.url).pathname;
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (!hasTshark) console.log("left out: reading the generated traces with tshark, which is not installed");

interface Truth {
  readonly packets: number;
  readonly frameBytes: number;
  readonly fileBytes: number;
  readonly firstPacketUs: number;
  readonly lastPacketUs: number;
  readonly connections: number;
  readonly loneSyns: number;
  readonly peakOpenConnections: number;
  readonly completedHandshakes: number;
  readonly dataSegments: number;
  readonly payloadBytes: number;
  readonly retransmissions: {
    readonly segments: number;
    readonly bytes: number;
    readonly connections: number;
  };
  readonly resets: { readonly connections: number };
  readonly gracefulCloses: { readonly connections: number; readonly closedFirstByClient: number };
  readonly finSegments: number;
}

/** Every kind with a scale that gives a few hundred connections, and how many that are. */
const KINDS = [
  {
    kind: "narrow",
    format: "pcap",
    scale: 0.002,
    connections: 600,
    concurrent: 8,
    packetsPerConnection: 23.3,
  },
  { kind: "wide", format: "pcap", scale: 0.001, connections: 500, concurrent: 300, packetsPerConnection: 22 },
  { kind: "full", format: "pcap", scale: 0.004, connections: 400, concurrent: 8, packetsPerConnection: 22.8 },
  {
    kind: "pcapng",
    format: "pcapng",
    scale: 0.002,
    connections: 600,
    concurrent: 8,
    packetsPerConnection: 23.3,
  },
] as const;

let folder = "";

function generate(kind: string, scale: number, seed: number, out: string): void {
  execFileSync(
    process.execPath,
    [GENERATOR, kind, "--scale", String(scale), "--seed", String(seed), "--out", out],
    { stdio: "pipe" },
  );
}

function truthOf(kind: string): Truth {
  return JSON.parse(readFileSync(join(folder, `${kind}.truth.json`), "utf8")) as Truth;
}

function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** One packet as it stands in a pcap file: its time and the fields that the checks below need. */
interface ReadPacket {
  readonly timeUs: number;
  readonly key: string;
  readonly flags: number;
  readonly identification: number;
  readonly sequence: number;
  readonly timestampValue: number;
  readonly timestampEcho: number;
  readonly payload: string;
  readonly isChecksumRight: boolean;
}

/** Adds the big-endian words of a range, as RFC 9293 §3.1 sums them for the checksum. */
function wordSum(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (i - from) % 2 === 0 ? bytes[i]! * 256 : bytes[i]!;
  return sum;
}

function isAllOnes(sum: number): boolean {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 65_536) + (folded % 65_536);
  return folded === 0xffff;
}

/** Reads a little-endian microsecond pcap file of Ethernet, IPv4 and TCP. */
function readPcap(path: string): ReadPacket[] {
  const bytes = readFileSync(path);
  expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
  const packets: ReadPacket[] = [];
  let at = 24;
  while (at < bytes.length) {
    const length = bytes.readUInt32LE(at + 8);
    expect(bytes.readUInt32LE(at + 12)).toBe(length);
    const ip = at + 16 + 14;
    const tcp = ip + 20;
    const end = at + 16 + length;
    expect(bytes.readUInt16BE(ip + 2)).toBe(end - ip);
    const headerEnd = tcp + (bytes[tcp + 12]! >> 4) * 4;
    const flags = bytes[tcp + 13]!;
    const isSyn = (flags & 2) !== 0;
    const timestamps = isSyn ? tcp + 26 : tcp + 22;
    expect(bytes.readUInt16BE(timestamps)).toBe(0x080a);
    const pseudoHeader = wordSum(bytes, ip + 12, ip + 20) + 6 + (end - tcp);
    packets.push({
      timeUs: bytes.readUInt32LE(at) * 1e6 + bytes.readUInt32LE(at + 4),
      key: bytes.toString("hex", ip + 12, tcp + 4),
      flags,
      identification: bytes.readUInt16BE(ip + 4),
      sequence: bytes.readUInt32BE(tcp + 4),
      timestampValue: bytes.readUInt32BE(timestamps + 2),
      timestampEcho: bytes.readUInt32BE(timestamps + 6),
      payload: bytes.toString("latin1", headerEnd, end),
      isChecksumRight:
        isAllOnes(wordSum(bytes, ip, tcp)) && isAllOnes(pseudoHeader + wordSum(bytes, tcp, end)),
    });
    at = end;
  }
  return packets;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-generator-"));
  for (const { kind, scale } of KINDS) generate(kind, scale, 1, folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(KINDS)(
  "the trace $kind",
  ({ kind, format, scale, connections, concurrent, packetsPerConnection }) => {
    it("holds what its description says", () => {
      const truth = truthOf(kind);
      expect(truth.connections).toBe(connections);
      expect(truth.completedHandshakes).toBe(connections);
      expect(truth.resets.connections + truth.gracefulCloses.connections).toBe(connections);
      expect(truth.finSegments).toBe(2 * truth.gracefulCloses.connections);
      expect(truth.peakOpenConnections).toBeLessThanOrEqual(concurrent);
      expect(truth.peakOpenConnections).toBeGreaterThanOrEqual(0.9 * concurrent);
      expect(truth.packets / connections).toBeGreaterThan(0.95 * packetsPerConnection);
      expect(truth.packets / connections).toBeLessThan(1.05 * packetsPerConnection);
      expect(truth.fileBytes).toBe(readFileSync(join(folder, `${kind}.${format}`)).length);
    });

    it("has the same bytes for the same seed and others for another", () => {
      const again = join(folder, "again");
      const other = join(folder, "other");
      generate(kind, scale, 1, again);
      generate(kind, scale, 2, other);
      const name = `${kind}.${format}`;
      expect(hashOf(join(again, name))).toBe(hashOf(join(folder, name)));
      expect(hashOf(join(other, name))).not.toBe(hashOf(join(folder, name)));
    });

    it.runIf(hasTshark)("is read by tshark without a complaint and with the same counts", () => {
      const rows = tsharkRows(join(folder, `${kind}.${format}`));
      const truth = truthOf(kind);
      expect(rows.length).toBe(truth.packets);
      const count = (test: (row: string[]) => boolean): number => rows.filter(test).length;
      expect(new Set(rows.map((row) => row[0])).size).toBe(truth.connections);
      expect(count((row) => row[1] !== "1" || row[2] !== "1")).toBe(0);
      expect(count((row) => row[3] !== "" || row[4] !== "" || row[5] !== "" || row[6] !== "")).toBe(0);
      expect(count((row) => row[7] !== "")).toBe(truth.retransmissions.segments);
      expect(count((row) => row[8] === "1")).toBe(truth.resets.connections);
      expect(count((row) => row[9] === "1")).toBe(truth.finSegments);
      expect(count((row) => row[10] !== "0")).toBe(truth.dataSegments);
      expect(rows.reduce((sum, row) => sum + Number(row[10]), 0)).toBe(truth.payloadBytes);
      const times = rows.map((row) => Number(row[11]));
      expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true);
      const interfaces = new Set(rows.map((row) => row[12]));
      expect(interfaces.size).toBe(format === "pcapng" ? 2 : 1);
    });
  },
);

describe("the trace lossy", () => {
  const path = () => join(folder, "lossy.pcap");
  beforeAll(() => generate("lossy", 0.01, 1, folder));

  it("holds bulk transfers, lost and overtaken segments, and the beginnings of packets", () => {
    const truth = truthOf("lossy");
    expect(truth.connections).toBe(65);
    expect(truth.completedHandshakes).toBe(65);
    expect(truth.gracefulCloses.connections).toBe(65);
    expect(truth.retransmissions.segments / truth.dataSegments).toBeGreaterThan(0.007);
    expect(truth.retransmissions.segments / truth.dataSegments).toBeLessThan(0.013);
    expect(truth.fileBytes).toBeLessThan(24 + 144 * truth.packets);
    expect(truth.fileBytes).toBe(readFileSync(path()).length);
  });

  it("has the same bytes for the same seed", () => {
    const again = join(folder, "lossy-again");
    generate("lossy", 0.01, 1, again);
    expect(hashOf(join(again, "lossy.pcap"))).toBe(hashOf(path()));
  });

  it("is told as it was made", async () => {
    const analysis = await openAnalysis([path()]);
    await analysis.run();
    const truth = truthOf("lossy");
    const { missingBytes, retransmissions, reordered, connections } = analysis.summary();
    expect({ missingBytes, connections }).toEqual({ missingBytes: 0, connections: truth.connections });
    expect(reordered / truth.dataSegments).toBeGreaterThan(0.003);
    // One that was lost before the capture point with all above it cannot be told from new bytes.
    expect(retransmissions).toBeLessThanOrEqual(truth.retransmissions.segments);
    expect(retransmissions).toBeGreaterThanOrEqual(0.98 * truth.retransmissions.segments);
  });

  it.runIf(hasTshark)("is read by tshark without a complaint", () => {
    const rows = tsharkRows(path());
    expect(rows.length).toBe(truthOf("lossy").packets);
    expect(new Set(rows.map((row) => row[0])).size).toBe(65);
    expect(rows.filter((row) => row[1] !== "1" || row[3] !== "").length).toBe(0);
  });
});

describe("the trace mixed", () => {
  const path = () => join(folder, "mixed.pcap");
  beforeAll(() => generate("mixed", 0.002, 1, folder));

  it("holds the conversations of narrow, packet for packet", () => {
    const [mixed, narrow] = [truthOf("mixed"), truthOf("narrow")];
    const { packets, connections, payloadBytes, retransmissions, resets } = narrow;
    expect(mixed).toMatchObject({ packets, connections, payloadBytes, retransmissions, resets });
    expect(mixed.frameBytes).toBeGreaterThan(narrow.frameBytes + 10 * packets);
  });

  it("is told like narrow, a sixth of it in each form", async () => {
    const summaries = [];
    const records: ConnectionRecord[] = [];
    for (const kind of ["narrow", "mixed"]) {
      const analysis = await openAnalysis([join(folder, `${kind}.pcap`)]);
      await analysis.run();
      const { connections, outcomes, closes, payloadBytes, retransmissions, skipped } = analysis.summary();
      summaries.push({ connections, outcomes, closes, payloadBytes, retransmissions, skipped });
      records.push(...analysis.worst("all"));
    }
    expect(summaries[1]).toEqual(summaries[0]);
    const share = (test: (record: ConnectionRecord) => boolean) => records.filter(test).length;
    expect(share(({ client }) => client.address.includes(":"))).toBe(100);
    expect(share(({ vlans }) => vlans.join() === "100")).toBe(100);
    expect(share(({ vlans }) => vlans.join() === "10,200")).toBe(100);
    expect(share(({ overlay }) => overlay === 77)).toBe(100);
  });

  it.runIf(hasTshark)("is read by tshark without a complaint", () => {
    const rows = tsharkRows(path());
    expect(rows.length).toBe(truthOf("mixed").packets);
    expect(new Set(rows.map((row) => row[0])).size).toBe(600);
    // IPv6 has no checksum of its own; a tunnel has two headers.
    expect(rows.filter((row) => !["", "1", "1,1"].includes(row[1]!) || row[2] !== "1").length).toBe(0);
    expect(rows.filter((row) => row[3] !== "").length).toBe(0);
    expect(rows.filter((row) => row[1] === "").length).toBeGreaterThan(0);
    expect(rows.filter((row) => row[1] === "1,1").length).toBeGreaterThan(0);
  });
});

describe("the trace flood", () => {
  beforeAll(() => generate("flood", 0.002, 1, folder));

  it("holds SYNs of as many addresses between ordinary connections", () => {
    const truth = truthOf("flood");
    expect(truth.loneSyns).toBe(20_000);
    expect(truth).toMatchObject({ connections: 2, completedHandshakes: 2, peakOpenConnections: 2 });
    const packets = readPcap(join(folder, "flood.pcap"));
    expect(packets.length).toBe(truth.packets);
    expect(packets.filter(({ isChecksumRight }) => !isChecksumRight).length).toBe(0);
    const syns = packets.filter(({ flags }) => flags === 2);
    // An address is the first half of the key's addresses.
    expect(new Set(syns.map(({ key }) => key.slice(0, 8))).size).toBe(20_002);
    expect(packets.every(({ timeUs }, i) => i === 0 || timeUs >= packets[i - 1]!.timeUs)).toBe(true);
    expect(truth.lastPacketUs - truth.firstPacketUs).toBeGreaterThan(45e6);
  });

  it("is told as it was made, within any bound", async () => {
    for (const mostConnections of [100, 2_000_000]) {
      const analysis = await openAnalysis([join(folder, "flood.pcap")], { keep: "none", mostConnections });
      await analysis.run();
      const { connections, outcomes, evictedConnections, evictedUnanswered } = analysis.summary();
      expect(connections).toBe(20_002);
      expect(outcomes).toMatchObject({ completed: 2, unanswered: 20_000 });
      expect(evictedUnanswered).toBe(evictedConnections);
      // All but what may stay open, the two ordinary ones or one of them among it.
      if (mostConnections > 100) expect(evictedConnections).toBe(0);
      else expect([19_900, 19_901, 19_902]).toContain(evictedConnections);
    }
  });
});

describe("the trace long", () => {
  it("holds short connections, and tells of them where it is told to", async () => {
    const truthFile = join(folder, "long.truth.json");
    const piped = execFileSync(
      process.execPath,
      [GENERATOR, "long", "--scale", "0.0001", "--out", "-", "--truth", truthFile],
      { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] },
    );
    writeFileSync(join(folder, "long.pcap"), piped);
    const truth = truthOf("long");
    expect(truth).toMatchObject({ connections: 1000, completedHandshakes: 1000 });
    expect(truth.packets / truth.connections).toBeGreaterThan(10);
    expect(truth.packets / truth.connections).toBeLessThan(14);
    const analysis = await openAnalysis([join(folder, "long.pcap")]);
    await analysis.run();
    expect(analysis.summary()).toMatchObject({ connections: 1000, packets: truth.packets });
  });
});

/** Asks tshark for one row a packet, checksums tested. */
function tsharkRows(path: string): string[][] {
  const fields = [
    "tcp.stream",
    "ip.checksum.status",
    "tcp.checksum.status",
    "_ws.malformed",
    "tcp.analysis.ack_lost_segment",
    "tcp.analysis.lost_segment",
    "tcp.analysis.out_of_order",
    "tcp.analysis.retransmission",
    "tcp.flags.reset",
    "tcp.flags.fin",
    "tcp.len",
    "frame.time_relative",
    "frame.interface_id",
  ];
  const preferences = ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"];
  const columns = fields.flatMap((field) => ["-e", field]);
  const text = execFileSync("tshark", ["-n", "-r", path, ...preferences, "-T", "fields", ...columns], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}

describe("the packets of narrow", () => {
  it("are in order, with right checksums, and each repeat has the bytes of its original, a newer TSval and another ID", () => {
    const packets = readPcap(join(folder, "narrow.pcap"));
    const truth = truthOf("narrow");
    expect(packets.length).toBe(truth.packets);
    expect(packets.filter((packet) => !packet.isChecksumRight).length).toBe(0);
    expect(packets[0]!.timeUs).toBe(truth.firstPacketUs);
    expect(packets.at(-1)!.timeUs).toBe(truth.lastPacketUs);
    const originals = new Map<string, ReadPacket>();
    let repeats = 0;
    let lastUs = 0;
    for (const packet of packets) {
      expect(packet.timeUs).toBeGreaterThanOrEqual(lastUs);
      lastUs = packet.timeUs;
      if (packet.payload === "") continue;
      const key = `${packet.key} ${packet.sequence}`;
      const original = originals.get(key);
      if (original === undefined) {
        originals.set(key, packet);
        continue;
      }
      repeats++;
      expect(packet.payload).toBe(original.payload);
      expect(packet.identification).not.toBe(original.identification);
      expect((packet.timestampValue - original.timestampValue) | 0).toBeGreaterThanOrEqual(200);
      expect(packet.timeUs - original.timeUs).toBeGreaterThan(200_000);
    }
    expect(repeats).toBe(truth.retransmissions.segments);
    expect(repeats / truth.packets).toBeGreaterThan(0.007);
    expect(repeats / truth.packets).toBeLessThan(0.013);
    expect(truth.resets.connections / truth.connections).toBeGreaterThan(0.03);
    expect(truth.resets.connections / truth.connections).toBeLessThan(0.07);
  });

  it("use each four-tuple once and echo the timestamp that came last from the other side", () => {
    const lastValue = new Map<string, number>();
    let opened = 0;
    for (const packet of readPcap(join(folder, "narrow.pcap"))) {
      const { key } = packet;
      const peer = key.slice(8, 16) + key.slice(0, 8) + key.slice(20, 24) + key.slice(16, 20);
      if (packet.flags === 2) {
        opened++;
        expect(lastValue.has(key)).toBe(false);
        expect(packet.timestampEcho).toBe(0);
      } else {
        expect(packet.timestampEcho).toBe(lastValue.get(peer));
      }
      lastValue.set(key, packet.timestampValue);
    }
    expect(opened).toBe(truthOf("narrow").connections);
  });
});

describe("the generator's command line", () => {
  it("writes the same bytes to a pipe as to a file", () => {
    const piped = execFileSync(process.execPath, [GENERATOR, "narrow", "--scale", "0.002", "--out", "-"], {
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(piped.equals(readFileSync(join(folder, "narrow.pcap")))).toBe(true);
  });

  it.each([
    [["nonsense"]],
    [["narrow", "--scale", "0"]],
    [["narrow", "--seed", "x"]],
    [["narrow", "--wrong"]],
  ])("answers %j with its usage and status 2", (args) => {
    const answer = spawnSync(process.execPath, [GENERATOR, ...args], { encoding: "utf8" });
    expect(answer.status).toBe(2);
    expect(answer.stderr).toContain(
      "usage: node bench/generate.mjs narrow|wide|full|lossy|pcapng|mixed|flood|long",
    );
  });
});
