/** The segments of a capture of which tshark and this program do not say the same. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openAnalysis } from "../../src/index.js";
import type { ConnectionRecord, EndpointRecord } from "../../src/report/record.js";
import type { SegmentRow } from "../../src/report/segment-row.js";
import { isAgreed, NOTHING, ourWord, TSHARK_WORDS, type TsharkWord, theirWord } from "./words.js";

const run = promisify(execFile);
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

export interface Difference {
  readonly file: string;
  readonly row: SegmentRow;
  /** What the two say in the words that are compared. */
  readonly theirs: string;
  readonly ours: string;
  /** Every word that tshark has for the frame. */
  readonly words: readonly TsharkWord[];
}

/** A capture as both see it: all its segments in order, tshark's words by frame, and where they differ. */
export interface Comparison {
  readonly file: string;
  readonly rows: readonly SegmentRow[];
  readonly words: ReadonlyMap<number, readonly TsharkWord[]>;
  readonly differences: readonly Difference[];
}

/** tshark's words by frame number; frames of which it has none are missing. */
async function tsharkWords(path: string): Promise<Map<number, TsharkWord[]>> {
  const fields = ["frame.number", ...TSHARK_WORDS.map((word) => `tcp.analysis.${word}`)];
  const { stdout } = await run(
    "tshark",
    ["-n", "-r", path, "-Y", "tcp.analysis.flags", "-T", "fields", ...fields.flatMap((name) => ["-e", name])],
    { maxBuffer: MOST_OUTPUT_BYTES },
  );
  const said = new Map<number, TsharkWord[]>();
  for (const line of stdout.split("\n").filter(Boolean)) {
    const [frame, ...flags] = line.split("\t");
    said.set(
      Number(frame),
      TSHARK_WORDS.filter((_, index) => flags[index]),
    );
  }
  return said;
}

/** Compares what both say of the capture at `path`, which the differences call `file`; throws where one cannot read it. */
export async function compare(path: string, file: string): Promise<Comparison> {
  const rows: SegmentRow[] = [];
  const records: ConnectionRecord[] = [];
  const analysis = await openAnalysis([path], {
    keep: "none",
    onSegment: (row) => {
      rows.push(row);
    },
    onFinished: (record) => {
      records.push(record);
    },
  });
  await analysis.run();
  const words = await tsharkWords(path);
  const differences = rows.flatMap((row): Difference[] => {
    const said = words.get(Number(row.frame)) ?? [];
    const theirs = theirWord(said);
    return isAgreed(theirs, row) ? [] : [{ file, row, theirs, ours: ourWord(row), words: said }];
  });
  return {
    file,
    rows,
    words,
    differences: [...differences, ...ofConnections(file, rows, records, words)],
  };
}

/** What tshark marks on single segments and our records tell of a side of a connection: one difference for each side. */
function ofConnections(
  file: string,
  rows: readonly SegmentRow[],
  records: readonly ConnectionRecord[],
  words: ReadonlyMap<number, readonly TsharkWord[]>,
): Difference[] {
  const found: Difference[] = [];
  const byId = new Map(records.map((record) => [record.id, record]));
  const questions: readonly [TsharkWord, string, (end: EndpointRecord, peer: EndpointRecord) => number][] = [
    ["ack_lost_segment", "missing bytes", (_, peer) => peer.missingBytes],
    ["zero_window", "closed windows", (end) => end.zeroWindows],
  ];
  for (const [word, title, countOf] of questions) {
    const first = new Map<string, SegmentRow>();
    const marked = new Map<string, SegmentRow>();
    for (const row of rows) {
      const side = `${row.connection} ${row.from}`;
      if (!first.has(side)) first.set(side, row);
      if (words.get(Number(row.frame))?.includes(word) && !marked.has(side)) marked.set(side, row);
    }
    for (const [side, start] of first) {
      const record = byId.get(start.connection);
      if (!record) continue;
      const [end, peer] =
        start.from === "client" ? [record.client, record.server] : [record.server, record.client];
      const row = marked.get(side);
      const value = countOf(end, peer);
      if ((row !== undefined) === value > 0) continue;
      found.push({
        file,
        row: row ?? start,
        theirs: row ? word : NOTHING,
        ours: value > 0 ? title : `no ${title}`,
        words: words.get(Number((row ?? start).frame)) ?? [],
      });
    }
  }
  return [...found, ...reused(file, rows, byId, words)];
}

function reused(
  file: string,
  rows: readonly SegmentRow[],
  byId: ReadonlyMap<string, ConnectionRecord>,
  words: ReadonlyMap<number, readonly TsharkWord[]>,
): Difference[] {
  return rows.flatMap((row): Difference[] => {
    const said = words.get(Number(row.frame)) ?? [];
    const isTheirs = said.includes("reused_ports");
    const record = row.connection === row.frame ? byId.get(row.connection) : undefined;
    const isOurs = record !== undefined && record.previousId !== null;
    if (isTheirs === isOurs) return [];
    const ours = isOurs ? "a further life of its ports" : "no further life of its ports";
    return [{ file, row, theirs: isTheirs ? "reused_ports" : NOTHING, ours, words: said }];
  });
}

/** Differences by what is said on both sides, the most frequent first. */
export function grouped(differences: readonly Difference[]): Map<string, Difference[]> {
  const groups = new Map<string, Difference[]>();
  for (const difference of differences) {
    const name = `${difference.theirs} -> ${difference.ours}`;
    const group = groups.get(name);
    if (group) group.push(difference);
    else groups.set(name, [difference]);
  }
  return new Map([...groups].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1)));
}
