/**
 * Every packet of the public captures, decoded here and by tshark: the two must tell the same segment.
 *
 * Only fields of the innermost TCP header are compared. Where this decoder differs on purpose, the difference is a rule
 * in `differences` with its reason; anything else fails.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decode, QUOTED, SKIPPED } from "../../src/wire/decode.js";
import { Segment } from "../../src/wire/segment.js";
import { SKIP_REASONS } from "../../src/wire/skip-reasons.js";
import { type Frame, readFrames } from "./capture-reader.js";
import { address } from "./segment-text.js";

const folder = join(process.cwd(), "../shared/captures");
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
const canRun = hasTshark && existsSync(folder);

const FIELDS = [
  "frame.number",
  "frame.protocols",
  "ip.src",
  "ip.dst",
  "ipv6.src",
  "ipv6.dst",
  "ip.id",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.seq",
  "tcp.ack",
  "tcp.flags",
  "tcp.len",
  "tcp.window_size_value",
  "tcp.options.timestamp.tsval",
  "tcp.hdr_len",
  "tcp.options.mss_val",
  "tcp.options.wscale.shift",
  "tcp.options.sack.count",
  "tcp.checksum",
  "tcp.urgent_pointer",
  "ip.ttl",
  "ipv6.hlim",
  "ip.len",
  "ip.hdr_len",
] as const;

type Row = Record<(typeof FIELDS)[number], string>;

function dissect(path: string): Map<number, Row> {
  const args = ["-n", "-r", path, "-T", "fields", "-E", "occurrence=l", "-E", "separator=/t"];
  for (const field of FIELDS) args.push("-e", field);
  for (const preference of [
    "tcp.relative_sequence_numbers:FALSE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
  ])
    args.push("-o", preference);
  const run = spawnSync("tshark", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  const rows = new Map<number, Row>();
  for (const line of run.stdout.split("\n")) {
    if (line === "") continue;
    const cells = line.split("\t");
    const row = Object.fromEntries(FIELDS.map((field, index) => [field, cells[index] ?? ""])) as Row;
    rows.set(Number(row["frame.number"]), row);
  }
  return rows;
}

const isTcp = (row: Row): boolean =>
  /(^|:)tcp(:|$)/.test(row["frame.protocols"]) && row["tcp.srcport"] !== "";

/** What we say, in tshark's words. A field that the capture cut is empty there. */
function ours(segment: Segment, row: Row): Record<string, string> {
  const version6 = segment.ipVersion === 6;
  return {
    source: address(segment, "source"),
    destination: address(segment, "destination"),
    "ip.id": version6 ? "" : `0x${segment.ipId.toString(16).padStart(4, "0")}`,
    ttl: String(segment.ttl),
    "tcp.srcport": String(segment.sourcePort),
    "tcp.dstport": String(segment.destinationPort),
    "tcp.seq": String(segment.sequence >>> 0),
    "tcp.ack": String(segment.acknowledgment >>> 0),
    "tcp.flags": `0x${segment.flags.toString(16).padStart(4, "0")}`,
    "tcp.len": String(segment.payloadLength),
    "tcp.window_size_value": row["tcp.window_size_value"] === "" ? "" : String(segment.window),
    "tcp.checksum": row["tcp.checksum"] === "" ? "" : `0x${segment.checksum.toString(16).padStart(4, "0")}`,
    "tcp.urgent_pointer": row["tcp.urgent_pointer"] === "" ? "" : String(segment.urgentPointer),
    "tcp.options.timestamp.tsval": segment.hasTimestamps ? String(segment.tsVal >>> 0) : "",
    "tcp.options.mss_val": segment.mss ? String(segment.mss) : "",
    "tcp.options.wscale.shift": segment.windowScale < 0 ? "" : String(segment.windowScale),
    "tcp.options.sack.count": segment.sackBlocks ? String(segment.sackBlocks) : "",
  };
}

function theirs(row: Row, segment: Segment): Record<string, string> {
  const version6 = segment.ipVersion === 6;
  const { "frame.number": _number, "frame.protocols": _protocols, "tcp.hdr_len": _header, ...others } = row;
  const shift = Number(row["tcp.options.wscale.shift"]);
  const { "ip.len": _len, "ip.hdr_len": _ihl, ...fields } = others;
  const {
    "ip.src": _a,
    "ip.dst": _b,
    "ipv6.src": _c,
    "ipv6.dst": _d,
    "ip.ttl": _t,
    "ipv6.hlim": _h,
    ...rest
  } = fields;
  return {
    ...rest,
    // The three reserved bits of RFC 9293 §3.1 are no flags.
    "tcp.flags": `0x${(Number(row["tcp.flags"]) & 0x1ff).toString(16).padStart(4, "0")}`,
    source: version6 ? row["ipv6.src"] : row["ip.src"],
    destination: version6 ? row["ipv6.dst"] : row["ip.dst"],
    ttl: version6 ? row["ipv6.hlim"] : row["ip.ttl"],
    "ip.id": version6 ? "" : row["ip.id"],
    // RFC 7323 §2.3: shifts above 14 count as 14 here, tshark shows them as sent.
    "tcp.options.wscale.shift": shift > 14 ? "14" : row["tcp.options.wscale.shift"],
  };
}

/**
 * TCP headers that tshark shows and that are refused here: those that end before the flags, and those whose data offset
 * is impossible (RFC 9293 §3.1), because nothing about the segment could be believed.
 */
function isRefusalKnown(row: Row, segment: Segment): boolean {
  const reason = SKIP_REASONS[segment.skipReason].name;
  if (reason === "tiny-fragment" || reason === "cut-in-tcp-header") return row["tcp.flags"] === "";
  return reason === "bad-data-offset" && (Number(row["tcp.hdr_len"]) < 20 || row["tcp.len"] === "");
}

/** Payload lengths that tshark tells otherwise, each against an expectation of its own. */
function settle(
  mine: Record<string, string>,
  other: Record<string, string>,
  row: Row,
  segment: Segment,
  frame: Frame,
  result: number,
): void {
  // tshark leaves the length of quoted segments and of first fragments open.
  if (row["tcp.len"] === "" && (result === QUOTED || segment.isFragment)) other["tcp.len"] = mine["tcp.len"];
  // Where the record's original length was cut with the packet, tshark believes it; here the IP header is believed.
  const lengthNeeded = segment.payloadStart - frame.start + segment.payloadLength;
  if (lengthNeeded > frame.originalLength && segment.ipVersion === 4)
    other["tcp.len"] = String(Number(row["ip.len"]) - Number(row["ip.hdr_len"]) - Number(row["tcp.hdr_len"]));
}

function compare(path: string): { differences: string[]; compared: number; decoded: number } | null {
  const file = readFrames(path);
  if (file === null) return null;
  const rows = dissect(path);
  const differences: string[] = [];
  const segment = new Segment();
  let compared = 0;
  let decoded = 0;
  for (const frame of file.frames) {
    const packet = { ...file, ...frame, timeNs: 0.5, file: 0, interfaceId: 0, offset: frame.start };
    const row = rows.get(frame.number);
    if (row === undefined) continue;
    const result = decode(packet, segment);
    compared++;
    if (result !== SKIPPED) decoded++;
    const where = `frame ${frame.number} (${row["frame.protocols"]})`;
    if (result === SKIPPED && isTcp(row) && isRefusalKnown(row, segment)) continue;
    if ((result !== SKIPPED) !== isTcp(row)) {
      const reason = result === SKIPPED ? SKIP_REASONS[segment.skipReason].name : "decoded";
      differences.push(`${where}: ${isTcp(row) ? "TCP" : "no TCP"} there, ${reason} here`);
      continue;
    }
    if (result === SKIPPED) continue;
    const mine = ours(segment, row);
    const other = theirs(row, segment);
    settle(mine, other, row, segment, frame, result);
    for (const name of Object.keys(other))
      if (mine[name] !== other[name])
        differences.push(`${where}: ${name} ${other[name]} there, ${mine[name]} here`);
  }
  return { differences, compared, decoded };
}

describe.runIf(canRun)("against tshark", () => {
  let compared = 0;
  let decoded = 0;
  const files = canRun ? readdirSync(folder).filter((name) => name !== "README.md") : [];
  for (const name of files)
    it(name, () => {
      const result = compare(join(folder, name));
      if (result === null) {
        console.log(`left out: ${name} is neither pcap nor pcapng`);
        return;
      }
      expect(result.differences).toEqual([]);
      expect(result.compared).toBeGreaterThan(0);
      compared += result.compared;
      decoded += result.decoded;
    });

  it("compared what the captures hold", () => {
    console.log(`compared ${compared} packets, ${decoded} of them TCP or TCP quoted in ICMP`);
    expect(compared).toBeGreaterThan(48_000);
    expect(decoded).toBeGreaterThan(47_000);
  });
});

it.runIf(!canRun)("without tshark or the public captures", () => {
  console.log(`left out: comparison with tshark (${hasTshark ? "no captures" : "no tshark"})`);
});
