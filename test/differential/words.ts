/**
 * Two vocabularies side by side: what tshark's sequence analysis calls a segment, and what this program does.
 *
 * tshark has no word for a copy, a timeout, a tail-loss probe or an inferred repeat, so a copy is always a difference and
 * a cause is one only where tshark claims to know it (`fast_retransmission`). `duplicate_ack`, `window_update` and
 * `window_full` have no counterpart among labels: they are shown and not compared.
 */
import type { SegmentRow } from "../../src/report/segment-row.js";
import { ACK, FIN, RST, SYN } from "../../src/wire/segment.js";

/** tshark's words that a label of ours answers to, in the order in which they are shown. */
export const COMPARED = [
  "fast_retransmission",
  "spurious_retransmission",
  "retransmission",
  "out_of_order",
  "lost_segment",
  "keep_alive",
  "keep_alive_ack",
  "zero_window_probe",
  "zero_window_probe_ack",
] as const;

/** Words that are told of a whole connection by our records: compared once for each side of each connection. */
export const OF_CONNECTIONS = ["ack_lost_segment", "zero_window", "reused_ports"] as const;

/** Shown beside the others, never compared. */
export const SHOWN = ["duplicate_ack", "window_full", "window_update"] as const;

export type TsharkWord = (typeof COMPARED)[number] | (typeof OF_CONNECTIONS)[number] | (typeof SHOWN)[number];

export const TSHARK_WORDS: readonly TsharkWord[] = [...COMPARED, ...OF_CONNECTIONS, ...SHOWN];

/** Where nothing is said of a segment. */
export const NOTHING = "nothing";

/** What tshark says of a segment in the words that are compared; `retransmission` beside a stricter word is left out. */
export function theirWord(words: readonly TsharkWord[]): string {
  const isStrict = words.includes("fast_retransmission") || words.includes("spurious_retransmission");
  const said = COMPARED.filter((word) => words.includes(word) && !(isStrict && word === "retransmission"));
  return said.join(" + ") || NOTHING;
}

/** What this program says of it: label, cause or what it repeats, and its marks; of a segment without label what it is. */
export function ourWord(row: SegmentRow): string {
  if (row.label === "")
    return row.flags & RST ? "reset" : row.flags & SYN ? "SYN without a connection" : "pure ACK";
  if (row.label !== "retransmission") return row.label;
  const what = row.cause || row.repeats;
  const marks = [what, ...(row.inferred ? ["inferred"] : []), ...(row.spurious ? ["spurious"] : [])];
  return `retransmission (${marks.join(", ")})`;
}

const SAME: Readonly<Partial<Record<SegmentRow["label"], readonly string[]>>> = {
  "": [NOTHING],
  new: [NOTHING],
  "after-gap": ["lost_segment"],
  reordered: ["out_of_order"],
  "keep-alive": ["keep_alive"],
  "keep-alive-ack": ["keep_alive_ack"],
  "zero-window-probe": ["zero_window_probe"],
  "zero-window-probe-ack": ["zero_window_probe_ack"],
};

/** Whether both say the same of a segment, as far as tshark's words reach. */
export function isAgreed(theirs: string, row: SegmentRow): boolean {
  if (row.label !== "retransmission") return SAME[row.label]?.includes(theirs) ?? false;
  const isFast = row.cause === "fast";
  if (theirs === "fast_retransmission") return isFast;
  if (theirs === "spurious_retransmission") return row.spurious;
  if (theirs === "fast_retransmission + spurious_retransmission") return isFast && row.spurious;
  return theirs === "retransmission" && !isFast && !row.spurious;
}

/** The flags of a segment, as tcpdump writes them. */
export function flagWords(flags: number): string {
  const letters = [
    [SYN, "S"],
    [FIN, "F"],
    [RST, "R"],
    [ACK, "."],
  ] as const;
  return letters.flatMap(([flag, letter]) => (flags & flag ? [letter] : [])).join("") || "none";
}
