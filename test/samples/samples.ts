/**
 * The sample captures beside their truth: what the program makes of a file, and what the two kernels say of it.
 *
 * Every capture of `captures/` is analysed as a whole; its `NAME.truth.json` was written by test/lab from the kernels'
 * own events. Nothing is written here, and no capture is left out.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Analysis, type ConnectionRecord, openAnalysis } from "../../src/index.js";
import type { Ladder } from "../../src/report/view.js";

export const CAPTURES = fileURLToPath(new URL("../../captures/", import.meta.url));

export type Host = "client" | "server";

/** One connection as the kernels and the applications lived it; times in nanoseconds since the first packet. */
export interface TrueConnection {
  readonly id: number;
  readonly client: string;
  readonly server: string;
  readonly outcome: string;
  readonly connectNs: number | null;
  readonly finalStates: Readonly<Record<Host, string>>;
  readonly statePaths: Readonly<Record<Host, readonly string[]>>;
  readonly firstFin: Host | null;
  readonly resets: readonly { readonly by: Host; readonly class: string; readonly answers?: string }[];
  readonly resetReceivedBy: readonly Host[];
  /** `frame` is null where the repeat never passed the capture point. */
  readonly retransmissions: readonly {
    readonly side: Host;
    readonly kind: string;
    readonly frame: number | null;
  }[];
  readonly probes: readonly { readonly side: Host; readonly kind: string; readonly frame: number | null }[];
}

export interface Truth {
  readonly recorded: { readonly point: "client" | "server" | "mid" };
  readonly packets: number;
  readonly connections: readonly TrueConnection[];
}

export interface Sample {
  readonly name: string;
  readonly file: string;
  readonly expectedFile: string;
}

/** Every capture file of the folder, by name. */
export const SAMPLES: readonly Sample[] = readdirSync(CAPTURES)
  .filter((file) => /\.pcap(ng)?$/.test(file))
  .sort()
  .map((file) => {
    const name = file.replace(/\.pcap(ng)?$/, "");
    return { name, file: `${CAPTURES}${file}`, expectedFile: `${CAPTURES}${name}.expected.json` };
  });

export function truthOf(sample: Sample): Truth {
  return JSON.parse(readFileSync(`${CAPTURES}${sample.name}.truth.json`, "utf8")) as Truth;
}

export function hasTruth(sample: Sample): boolean {
  return existsSync(`${CAPTURES}${sample.name}.truth.json`);
}

/** Reads the whole file. */
export async function analyse(...files: string[]): Promise<Analysis> {
  const analysis = await openAnalysis(files);
  await analysis.run();
  return analysis;
}

/** Every connection of the file, in the order of their beginning. */
export async function recordsOf(...files: string[]): Promise<ConnectionRecord[]> {
  return (await analyse(...files)).worst("all");
}

/** A row of a ladder on one line: what a person reads, without the absolute times. */
export function ladderLines(ladder: Ladder): string[] {
  return ladder.rows.map((row) => {
    const ack = row.acknowledgment === null ? "" : ` ack ${row.acknowledgment}`;
    const sack = row.sack.map(([left, right]) => ` sack ${left}:${right}`).join("");
    const kinds = [row.label, row.cause, row.isInferred ? "inferred" : "", row.isSpurious ? "spurious" : ""];
    const label = row.label === "" ? "" : ` [${kinds.filter((kind) => kind !== "").join(" ")}]`;
    const remarks = row.remarks.length > 0 ? ` (${row.remarks.join("; ")})` : "";
    const states = `${row.clientState ?? "."}/${row.serverState ?? "."}`;
    const what = `${row.flags} ${row.sequence}:${row.end}${ack} win ${row.window}${sack}`;
    return `${row.frame} ${row.from === "client" ? "→" : "←"} ${what}${label}${remarks} ${states}`;
  });
}
