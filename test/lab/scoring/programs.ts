/**
 * What three programs say of a capture, in the words that are scored: this one, tshark and tcptrace.
 *
 * tshark has no word for a timeout, a tail-loss probe or a copy. tcptrace has none for single segments at all: it
 * counts, by connection and direction, and only its counts can be compared.
 */
import { execFile, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openAnalysis } from "../../../src/index.js";
import type { SegmentRow } from "../../../src/report/segment-row.js";
import { type MetricName, NOTHING_SAID, type Said } from "./label-score.js";

const run = promisify(execFile);
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

const CAUSES: Readonly<Record<string, Said["cause"]>> = {
  fast: "fast",
  rto: "rto",
  "rto-recovery": "rto",
  "tail-loss-probe": "tail-loss-probe",
};

function ownWords(row: SegmentRow): Said {
  const isRepeat = row.label === "retransmission";
  const what = isRepeat ? (row.repeats.startsWith("syn") ? row.repeats : row.cause) : row.label;
  return {
    word: (what || "none") + (row.spurious ? "+spurious" : ""),
    isRepeat,
    cause: CAUSES[row.cause] ?? "",
    isInferred: row.inferred,
    isSpurious: row.spurious,
    isReordered: row.label === "reordered",
    isCopy: row.label === "network-duplicate" || row.label === "capture-duplicate",
    isWindowProbe: row.label === "zero-window-probe",
    isKeepAlive: row.label === "keep-alive",
  };
}

/** Our words by frame number; a frame that is missing takes no sequence number. */
export async function ownLabels(path: string): Promise<Map<number, Said>> {
  const said = new Map<number, Said>();
  const analysis = await openAnalysis([path], {
    keep: "none",
    onSegment: (row) => {
      said.set(Number(row.frame), ownWords(row));
    },
  });
  await analysis.run();
  return said;
}

/** Whether a program can be run here. */
export function isInstalled(program: "tshark" | "tcptrace"): boolean {
  return spawnSync(program, [program === "tshark" ? "--version" : "-h"]).error === undefined;
}

const TSHARK_WORDS = [
  "fast_retransmission",
  "spurious_retransmission",
  "retransmission",
  "out_of_order",
  "zero_window_probe",
  "keep_alive",
];

/** What tshark has a word for. */
export const TSHARK_METRICS: ReadonlySet<MetricName> = new Set<MetricName>([
  "retransmission",
  "retransmission, visible",
  "fast",
  "spurious",
  "reordered",
  "zero-window-probe",
  "keep-alive",
]);

/** tshark's words by frame number; frames of which it says nothing are missing. */
export async function tsharkLabels(path: string): Promise<Map<number, Said>> {
  const fields = ["frame.number", ...TSHARK_WORDS.map((word) => `tcp.analysis.${word}`)];
  const { stdout } = await run(
    "tshark",
    ["-n", "-r", path, "-Y", "tcp.analysis.flags", "-T", "fields", ...fields.flatMap((name) => ["-e", name])],
    { maxBuffer: MOST_OUTPUT_BYTES },
  );
  const said = new Map<number, Said>();
  for (const line of stdout.split("\n")) {
    const [frame, ...flags] = line.split("\t");
    const words = TSHARK_WORDS.filter((_, index) => flags[index]);
    if (words.length === 0) continue;
    const isFast = words.includes("fast_retransmission");
    said.set(Number(frame), {
      ...NOTHING_SAID,
      word: words[0]!.replaceAll("_", "-"),
      isRepeat: words.some((word) => word.endsWith("retransmission")),
      cause: isFast ? "fast" : "",
      isSpurious: words.includes("spurious_retransmission"),
      isReordered: words.includes("out_of_order"),
      isWindowProbe: words.includes("zero_window_probe"),
      isKeepAlive: words.includes("keep_alive"),
    });
  }
  return said;
}

/** tcptrace's columns, and what they count. */
const TCPTRACE_COLUMNS: Readonly<Partial<Record<MetricName, string>>> = {
  retransmission: "rexmt_data_pkts",
  reordered: "outoforder_pkts",
  copies: "hardware_dups",
  "zero-window-probe": "zwnd_probe_pkts",
};

/** What tcptrace counts. */
export const TCPTRACE_METRICS = Object.keys(TCPTRACE_COLUMNS) as MetricName[];

/** Of each direction, named "ADDRESS:PORT ADDRESS:PORT" (sender first), what tcptrace counts; null: it cannot read the file. */
export async function tcptraceCounts(path: string): Promise<Map<string, Map<MetricName, number>> | null> {
  // It reads neither pcapng nor nanoseconds.
  const plain = join(tmpdir(), `tcptrace-${process.pid}.pcap`);
  try {
    await run("editcap", ["-F", "pcap", path, plain]);
    const { stdout } = await run("tcptrace", ["-n", "-l", "-r", "--csv", plain], {
      maxBuffer: MOST_OUTPUT_BYTES,
    });
    return readCounts(stdout);
  } catch {
    return null;
  } finally {
    rmSync(plain, { force: true });
  }
}

function readCounts(csv: string): Map<string, Map<MetricName, number>> | null {
  const lines = csv.split("\n").map((line) => line.split(",").map((word) => word.trim()));
  const names = lines.find(([first]) => first === "conn_#");
  if (!names) return null;
  const counts = new Map<string, Map<MetricName, number>>();
  for (const values of lines.filter(([first]) => /^\d+$/.test(first ?? ""))) {
    const value = (name: string) => values[names.indexOf(name)] ?? "";
    const end = (side: string) => endName(value(`host_${side}`), value(`port_${side}`));
    for (const [from, to] of ["ab", "ba"].map((pair) => pair.split("") as [string, string])) {
      const name = `${end(from)} ${end(to)}`;
      const direction = counts.get(name) ?? new Map<MetricName, number>();
      counts.set(name, direction);
      for (const [metric, column] of Object.entries(TCPTRACE_COLUMNS) as [MetricName, string][])
        direction.set(metric, (direction.get(metric) ?? 0) + Number(value(`${column}_${from}2${to}`)));
    }
  }
  return counts;
}

/** An end of a connection as conns.tsv writes it. */
function endName(address: string, port: string): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
