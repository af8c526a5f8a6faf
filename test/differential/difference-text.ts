/** Differences as text: a table of groups, then some of each group with what a reader needs to follow them. */
import { printable } from "../../src/output/format.js";
import type { SegmentRow } from "../../src/report/segment-row.js";
import { type Comparison, type Difference, grouped } from "./differences.js";
import { flagWords, ourWord, type TsharkWord } from "./words.js";

/** How often each group occurs, and in how many captures. */
export function groupTable(differences: readonly Difference[]): string {
  const lines = [...grouped(differences)].map(([name, group]) => {
    const files = new Set(group.map(({ file }) => file)).size;
    return `${String(group.length).padStart(7)}  ${String(files).padStart(5)}  ${name}`;
  });
  return ["  times  files  tshark -> tcpflow-analyze", ...lines].join("\n");
}

/** At most `most` differences of each group, each with `context` segments of its connection on either side. */
export function differenceList(
  comparisons: readonly Comparison[],
  { most, context }: { most: number; context: number },
): string {
  const byFile = new Map(comparisons.map((comparison) => [comparison.file, comparison]));
  const blocks = [...grouped(comparisons.flatMap(({ differences }) => differences))].map(([name, group]) => {
    const shown = group.slice(0, most);
    const left = group.length - shown.length;
    return [
      `${name}: ${group.length}`,
      ...shown.map((difference) => describe(difference, byFile.get(difference.file)!, context)),
      ...(left > 0 ? [`  and ${left} more (--most ${group.length})`] : []),
    ].join("\n");
  });
  return blocks.join("\n\n");
}

function describe({ file, row, words, ours }: Difference, comparison: Comparison, context: number): string {
  const evidence = row.evidence === "" ? "" : `: ${row.evidence}`;
  return [
    `  ${printable(file)} frame ${row.frame}, connection ${row.connection || "none"}: ${segmentWords(row)}`,
    `    tshark: ${words.join(", ").replaceAll("_", " ") || "nothing"}`,
    `    ours:   ${ours}${evidence}`,
    ...(context > 0 ? around(row, comparison, context) : []),
  ].join("\n");
}

function around(row: SegmentRow, { rows, words }: Comparison, context: number): string[] {
  const all = rows.filter(({ connection }) => connection === row.connection);
  const at = all.indexOf(row);
  return all.slice(Math.max(0, at - context), at + context + 1).map((other) => {
    const said: readonly TsharkWord[] = words.get(Number(other.frame)) ?? [];
    const theirs = said.join(", ").replaceAll("_", " ") || "-";
    const mark = other === row ? ">" : " ";
    return `    ${mark} ${other.frame.padStart(6)} ${segmentWords(other)} | ${theirs} | ${ourWord(other)}`;
  });
}

function segmentWords(row: SegmentRow): string {
  const seconds = (row.timeNs / 1e9).toFixed(6);
  const ack = row.acknowledgment === null ? "" : ` ack ${row.acknowledgment}`;
  const flags = flagWords(row.flags);
  return `${seconds} ${row.from} [${flags}] seq ${row.sequence} len ${row.payloadBytes}${ack} win ${row.window}`;
}
