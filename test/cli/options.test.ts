/** The command line, without a process. */
import { describe, expect, it } from "vitest";
import type { CaptureLine } from "../../src/cli/capture-options.js";
import { type CommandLine, parseCommandLine } from "../../src/cli/options.js";
import { progressText } from "../../src/cli/progress-line.js";

const defaults: CommandLine = {
  files: ["a.pcap"],
  capture: null,
  format: null,
  output: null,
  connections: null,
  connection: null,
  where: null,
  extract: null,
  htmlDetailBytes: 20e6,
  follow: false,
  segments: false,
  checks: [],
  from: null,
  to: null,
  relative: false,
  keep: 2_000_000,
  maxConnections: 500_000,
  idleSeconds: 300,
  mslSeconds: 30,
  threads: null,
  checksums: false,
  color: "auto",
};

const capture: CaptureLine = {
  interfaceNames: ["eth0"],
  backend: null,
  snapLength: 2048,
  bufferBytes: 32 * 1024 * 1024,
  isPromiscuous: true,
  filter: null,
  hasTunnels: false,
  durationSeconds: null,
  packets: null,
  write: null,
  fileBytes: null,
  fileSeconds: null,
  fileCount: null,
  metrics: null,
};

describe("what is captured", () => {
  it.each<[string[], Partial<CaptureLine>]>([
    [["-i", "eth0"], {}],
    [["-i", "eth0", "--", "port", "443"], { filter: "port 443" }],
    [["-i", "eth0", "--bpf", "port 443", "--tunnels"], { filter: "port 443", hasTunnels: true }],
    [["-i", "eth0", "-w", "x.pcapng", "-s", "96"], { write: "x.pcapng", snapLength: 96 }],
    [["-i", "eth0", "--buffer", "4", "--no-promiscuous"], { bufferBytes: 4 << 20, isPromiscuous: false }],
    [["-i", "eth0", "--duration", "1.5", "--packets", "10"], { durationSeconds: 1.5, packets: 10 }],
    [["--backend", "tcpdump", "-i", "eth0"], { backend: "tcpdump" }],
    [["-i", "eth0", "--metrics", "9100"], { metrics: { address: "127.0.0.1", port: 9100 } }],
    [["-i", "eth0", "--metrics", "[::]:9100"], { metrics: { address: "::", port: 9100 } }],
    [["-i", "eth0", "-i", "lo"], { interfaceNames: ["eth0", "lo"] }],
    [
      ["-i", "any", "-w", "x", "-C", "5", "-G", "60", "-W", "3"],
      { interfaceNames: ["any"], write: "x", fileBytes: 5_000_000, fileSeconds: 60, fileCount: 3 },
    ],
  ])("%j", (args, differences) => {
    const line = { ...defaults, files: [], keep: 100_000, capture: { ...capture, ...differences } };
    expect(parseCommandLine(args, "1.2.3")).toEqual({ kind: "run", line });
  });

  it.each<[string[], RegExp]>([
    [["-i", "eth0", "a.pcap"], /-i captures, and reads no file; a filter stands behind --/],
    [["-i", "eth0", "a.pcap", "--", "tcp"], /-i captures, and reads no file/],
    [["-i", "eth0", "--bpf", "udp", "--", "tcp"], /either in --bpf or behind --/],
    [["-i", "../eth0"], /-i needs the name of an interface/],
    [["-i", ""], /-i needs the name of an interface/],
    [["-i", "lo", "-i", "lo"], /captured from once; -i names one twice/],
    [["-i", "lo", "-i", "any"], /-i any captures from all interfaces already/],
    [["-i", "lo", "-C", "5"], /-C, -G and -W say how -w goes on/],
    [["-i", "lo", "-w", "x", "-W", "5"], /-W says how many files -C or -G write/],
    [["-i", "lo", "--metrics", "eth0:70000"], /A port, or an address and a port, is expected/],
    [["--metrics", "9100", "a.pcap"], /--metrics is for capturing/],
    [["-C", "5", "a.pcap"], /--file-size is for capturing/],
    [["-w", "x.pcapng", "a.pcap"], /--write is for capturing, and needs an interface: -i NAME/],
    [["--no-promiscuous", "a.pcap"], /--no-promiscuous is for capturing/],
    [["-i", "eth0", "-s", "10"], /whole number from 64 to 262144/],
    [["-i", "eth0", "--packets", "0"], /whole number from 1 to/],
    [["-i", "eth0", "--backend", "cap"], /'cap' is invalid/],
    [["-i", "eth0", "--connection", "1"], /--connection needs a file/],
    [["-i", "eth0", "--extract", "rtt > 1s", "-o", "x.pcap"], /--extract needs a file/],
  ])("%j is refused", (args, sentence) => {
    const parsed = parseCommandLine(args, "1.2.3");
    expect(parsed).toMatchObject({ kind: "end", status: 2 });
    expect(parsed.kind === "end" && parsed.error).toMatch(sentence);
  });
});

describe("parseCommandLine", () => {
  it.each<[string[], Partial<CommandLine>]>([
    [["a.pcap"], {}],
    [["a.pcap", "b.pcap"], { files: ["a.pcap", "b.pcap"] }],
    [["-"], { files: ["-"] }],
    [["-f", "a.pcap"], { follow: true }],
    [["--extract", "packets > 3", "-o", "b.pcap", "a.pcap"], { extract: "packets > 3", output: "b.pcap" }],
    [["--where", "rtt > 1s", "a.pcap"], { where: "rtt > 1s" }],
    [["--", "-dash.pcap"], { files: ["-dash.pcap"] }],
    [["--text", "a.pcap"], { format: "text" }],
    [["--json", "a.pcap"], { format: "json" }],
    [["a.pcap", "--ndjson"], { format: "ndjson" }],
    [["--format", "ui", "a.pcap"], { format: "ui" }],
    [["--format=json", "--json", "a.pcap"], { format: "json" }],
    [["-o", "x", "a.pcap"], { output: "x" }],
    [["-o", "-", "a.pcap"], { output: null }],
    [["--connections", "all", "a.pcap"], { connections: "all" }],
    [["--connections", "0", "a.pcap"], { connections: 0 }],
    [["--connection", "ring.pcap:12", "a.pcap"], { connection: "ring.pcap:12" }],
    [["--keep", "0", "a.pcap"], { keep: 0 }],
    [["--max-connections", "100000", "a.pcap"], { maxConnections: 100_000 }],
    [["--max-connections", "0", "a.pcap"], { maxConnections: 0 }],
    [["--idle", "1.5", "--msl", "60", "a.pcap"], { idleSeconds: 1.5, mslSeconds: 60 }],
    [["--checksums", "a.pcap"], { checksums: true }],
    [["--color", "never", "a.pcap"], { color: "never" }],
    [["--check", "a > 1", "--check", "b > 2", "a.pcap"], { checks: ["a > 1", "b > 2"] }],
    [["--csv", "a.pcap"], { format: "csv" }],
    [
      ["--from", "+1.5s", "--to", "12:00", "--relative", "a.pcap"],
      {
        from: { since: "first-packet", ns: 1_500_000_000n },
        to: { since: "midnight", ns: 43_200_000_000_000n },
        relative: true,
      },
    ],
    [["--markdown", "--connections", "5", "a.pcap"], { format: "markdown", connections: 5 }],
    [["--format", "parquet", "-o", "x.parquet", "a.pcap"], { format: "parquet", output: "x.parquet" }],
  ])("%j", (args, differences) => {
    expect(parseCommandLine(args, "1.2.3")).toEqual({ kind: "run", line: { ...defaults, ...differences } });
  });

  it.each<[string[], RegExp]>([
    [[], /no capture file is named\nUsage: /],
    [["--bogus", "a.pcap"], /unknown option '--bogus'/],
    [["--format", "xml", "a.pcap"], /'xml' is invalid.*ui, text, json, ndjson/],
    [["--json", "--text", "a.pcap"], /only one format/],
    [["--format", "csv", "--parquet", "a.pcap"], /only one format/],
    [["--csv", "--connections", "5", "a.pcap"], /csv holds all connections/],
    [["--markdown", "--connection", "5", "a.pcap"], /--connection is reported as/],
    [["--csv", "--segments", "a.pcap"], /--segments is written as/],
    [["--format", "ui", "--check", "connections > 1", "a.pcap"], /--check needs a report/],
    [
      ["--extract", "packets > 3", "--check", "connections > 1", "-o", "b.pcap", "a.pcap"],
      /--extract writes packets/,
    ],
    [["-", "-"], /standard input \(-\) can be read only once/],
    [[""], /a file name is empty/],
    [["--connections", "many", "a.pcap"], /whole number or the word all/],
    [["--connections", "-1", "a.pcap"], /whole number or the word all/],
    [["--ndjson", "--connections", "5", "a.pcap"], /ndjson holds all connections/],
    [["--connection", "1", "--connections", "5", "a.pcap"], /--connection reports one/],
    [["--segments", "--json", "a.pcap"], /--segments is written as --text or --ndjson/],
    [["--segments", "--connection", "1", "a.pcap"], /--segments lists the segments of all connections/],
    [["--from", "yesterday", "a.pcap"], /A time is expected/],
    [["--utc", "--relative", "a.pcap"], /either by --utc or by --relative/],
    [["--relative", "--json", "a.pcap"], /--relative is for --text and --markdown/],
    [["-f", "a.pcap", "b.pcap"], /--follow reads one file/],
    [["-f", "-"], /standard input is read as it arrives/],
    [["--extract", "packets > 3", "-o", "b.pcap", "-"], /standard input cannot be/],
    [
      ["--extract", "packets > 3", "--json", "-o", "b.pcap", "a.pcap"],
      /--extract writes packets, and no report/,
    ],
    [["--where", "rtt > 1s", "--segments", "a.pcap"], /--where selects connections/],
    [["--where", "rtt > 1s", "--connection", "1", "a.pcap"], /--where selects connections/],
    [["--ndjson", "--connection", "1", "a.pcap"], /--connection is reported as/],
    [["--format", "ui", "-o", "x", "a.pcap"], /-o needs a report/],
    [["--keep", "all", "a.pcap"], /A whole number is expected/],
    [["--idle", "0", "a.pcap"], /seconds above 0/],
    [["--max-connections", "many", "a.pcap"], /whole number/],
    [["--msl", "1e3", "a.pcap"], /seconds above 0/],
    [["-o"], /argument missing/],
  ])("%j is wrong usage", (args, sentence) => {
    const parsed = parseCommandLine(args, "1.2.3");
    expect(parsed).toMatchObject({ kind: "end", status: 2, out: "" });
    expect(parsed.kind === "end" && parsed.error).toMatch(sentence);
    expect(parsed.kind === "end" && parsed.error).toMatch(/^tcpflow-analyze: .*\n/);
  });

  it("prints its version, and help that fits 80 columns", () => {
    expect(parseCommandLine(["--version"], "1.2.3")).toEqual({
      kind: "end",
      status: 0,
      out: "1.2.3\n",
      error: "",
    });
    const help = parseCommandLine(["--help"], "1.2.3");
    expect(help).toMatchObject({ kind: "end", status: 0, error: "" });
    const text = help.kind === "end" ? help.out : "";
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const option of [
      "--format",
      "--ndjson",
      "-o,",
      "--connections",
      "--connection ",
      "--max-connections",
      "--idle",
      "--msl",
    ]) {
      expect(text).toContain(option);
    }
  });
});

describe("progressText", () => {
  const progress = {
    bytesRead: 46_000_000,
    bytesTotal: 184_000_000,
    packets: 300_000,
    packetsPerSecond: 6_800_000,
    connections: 12,
    isDone: false,
    problem: null,
    capturing: null,
  };

  it("says how much is read, how fast, and how long it takes", () => {
    expect(progressText(progress, 4000)).toBe(
      "reading  25 %  46.0 MB of 184 MB  6,800,000 packets/s  12.0 s left",
    );
  });

  it("promises no end of a pipe", () => {
    expect(progressText({ ...progress, bytesTotal: null }, 4000)).toBe(
      "reading  46.0 MB  300,000 packets  6,800,000 packets/s",
    );
  });
});
