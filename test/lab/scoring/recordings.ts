/**
 * The lab's recordings as they lie in a folder: each scenario's captures with the recorder's list of their frames, and
 * the table of connections. A folder of test/lab/run.py and the compressed one in test/lab/recorded are read alike.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export const POINTS = ["client", "mid", "server"] as const;
export type Point = (typeof POINTS)[number];

/** A captured frame as the recorder knows it (truth.py writes `POINT.frames.tsv`). */
export interface TrueFrame {
  /** Its number within the capture, from 1. */
  readonly frame: number;
  /** The host that sent it, and its connection in conns.tsv (0: forged, or not to be told). */
  readonly sender: "c" | "s";
  readonly connection: number;
  readonly payloadBytes: number;
  readonly flags: number;
  /** The kernel's word for what sent it (see REPEATS), `orig`, `netdup` or `unknown` among others. */
  readonly kind: string;
  /** Captured after a segment that was sent later. */
  readonly isLate: boolean;
  /** A repeat of bytes that had all reached the other kernel. */
  readonly isNeedless: boolean;
  /** Whether the capture held its bytes before, or it fills a hole below the highest byte: a repeat is visible by that. */
  readonly isSeen: boolean;
  readonly fillsGap: boolean;
  /** Whether the capture holds packets of the other side of its connection, too. */
  readonly isAnswered: boolean;
}

/** A line of conns.tsv, by the names of its columns. */
export type TrueConnection = Readonly<Record<string, string>>;

/** Copies with frames cut out of them (derive.py) are damaged, those whose identifications were rewritten altered. */
export const KINDS = ["recorded", "damaged", "altered"] as const;
export type Kind = (typeof KINDS)[number];

export interface Recording {
  readonly scenario: string;
  readonly point: Point;
  readonly path: string;
  readonly kind: Kind;
}

/** The kernel's words for a frame that is sent again. */
export const REPEATS: ReadonlySet<string> = new Set([
  "syn",
  "synack",
  "rto",
  "loss",
  "fast",
  "tlp",
  "pmtu",
  "other",
]);

function matcher(globs: readonly string[]): (name: string) => boolean {
  const pattern = (glob: string) =>
    new RegExp(`^${glob.replace(/[.+?^$()[\]{}|\\]/g, "\\$&").replaceAll("*", ".*")}$`);
  const included = globs.filter((glob) => !glob.startsWith("!")).map(pattern);
  const excluded = globs.filter((glob) => glob.startsWith("!")).map((glob) => pattern(glob.slice(1)));
  return (name) =>
    (included.length === 0 || included.some((one) => one.test(name))) &&
    !excluded.some((one) => one.test(name));
}

/** The captures below `folder` whose scenario one of the globs names (`!glob` excludes), in the order of names. */
export function recordings(folder: string, globs: readonly string[] = []): Recording[] {
  const isWanted = matcher(globs);
  return readdirSync(folder)
    .filter((scenario) => isWanted(scenario) && findTable(folder, scenario, "conns.tsv") !== null)
    .sort()
    .flatMap((scenario) => {
      const files = readdirSync(join(folder, scenario));
      return POINTS.flatMap((point) => {
        const file = files.find((name) => name.startsWith(`${point}.pcap`));
        if (!file || !findTable(folder, scenario, `${point}.frames.tsv`)) return [];
        return [{ scenario, point, path: join(folder, scenario, file), kind: kindOf(scenario) }];
      });
    });
}

function kindOf(scenario: string): Kind {
  return scenario.startsWith("cut_") ? "damaged" : scenario.startsWith("id_") ? "altered" : "recorded";
}

function findTable(folder: string, scenario: string, name: string): string | null {
  const path = join(folder, scenario, name);
  return [path, `${path}.gz`].find((candidate) => existsSync(candidate)) ?? null;
}

/** A table of the recorder, plain or compressed, as objects by the names in its first line; none where it is missing. */
function readTable(folder: string, scenario: string, name: string): Record<string, string>[] {
  const path = findTable(folder, scenario, name);
  if (path === null) return [];
  const bytes = readFileSync(path);
  const [head, ...lines] = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes)
    .toString("utf8")
    .trimEnd()
    .split("\n");
  const names = head!.replace(/^#/, "").split("\t");
  return lines.map((line) => {
    const values = line.split("\t");
    return Object.fromEntries(names.map((column, index) => [column, values[index] ?? ""]));
  });
}

export function trueConnections(folder: string, scenario: string): TrueConnection[] {
  return readTable(folder, scenario, "conns.tsv");
}

/** The frames of a capture that the recorder could tell. */
export function trueFrames(folder: string, scenario: string, point: Point): TrueFrame[] {
  const rows = readTable(folder, scenario, `${point}.frames.tsv`);
  const heard = new Set(rows.map(({ sender, conn }) => `${sender}${conn}`));
  return rows.map((row) => ({
    frame: Number(row.frame),
    sender: row.sender === "c" ? "c" : "s",
    connection: Number(row.conn),
    payloadBytes: Number(row.len),
    flags: Number(row.flags),
    kind: row.kind!,
    isLate: row.late === "1",
    isNeedless: row.spurious === "1",
    isSeen: row.seen_before === "1",
    fillsGap: row.gap === "1",
    isAnswered: heard.has(`${row.sender === "c" ? "s" : "c"}${row.conn}`),
  }));
}
