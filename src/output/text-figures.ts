/**
 * The figures of the text report: handshake times with their histogram, outcomes and closes as bars, resets by kind,
 * and what had to be sent again.
 *
 * Lays out what the summary says; a kind that did not occur is not listed.
 */
import { whereTimed } from "../report/capture-point-words.js";
import {
  type CaptureSummary,
  type Distribution,
  HANDSHAKE_TIMES,
  type Histogram,
} from "../report/summary.js";
import { RESET_KINDS } from "../report/verdicts.js";
import {
  bar,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatPercent,
  pad,
  sparkline,
  wrap,
} from "./format.js";
import { emphasize, type Medium } from "./style.js";
import { beside, type TableColumn, table } from "./table.js";

/** From this width on, outcomes and closes stand beside each other. */
const SIDE_BY_SIDE = 100;
const BAR_WIDTH = 24;

/** Resets that ended nothing (RFC 5961 §3) have no kind. */
const NOT_TAKEN = {
  name: "not taken",
  meaning: "ignored or challenged by their receivers, or taken back",
} as const;

/** Percentiles of the handshake's parts, and how the connect times are spread. */
export function handshakeLines(summary: CaptureSummary, medium: Medium): string[] {
  const { handshake } = summary;
  if (handshake.connectTime.count === 0) return [];
  const columns: TableColumn[] = [
    { title: "Handshake", align: "left" },
    ...PERCENTILES.map((title): TableColumn => ({ title, align: "right" })),
  ];
  const rows = percentileRows(handshake);
  const listed = table(columns, rows, medium.width);
  const lines = [emphasize(medium, "heading", listed.heading), ...listed.rows.flat()];
  for (const sentence of timingNotes(summary)) lines.push(...wrap(sentence, medium.width));
  return [...lines, ...spreadLines(summary, medium)];
}

/** Headings of the percentiles of a time. */
export const PERCENTILES: readonly string[] = ["min", "p50", "p90", "p95", "p99", "max", "count"];

/** A row for each time of which there is any. */
export function percentileRows(handshake: CaptureSummary["handshake"]): string[][] {
  return HANDSHAKE_TIMES.map(({ name, title }) => percentileCells(title, handshake[name])).filter(
    (cells) => cells.at(-1) !== "0",
  );
}

/** How the times are to be read. */
export function timingNotes({ capturePoint, handshake }: CaptureSummary): string[] {
  const ambiguous = `${formatCount(handshake.ambiguous)} left out of the legs: which SYN was answered cannot be told`;
  return [whereTimed(capturePoint), ...(handshake.ambiguous > 0 ? [ambiguous] : [])];
}

function percentileCells(name: string, times: Distribution): string[] {
  const { minMs, p50Ms, p90Ms, p95Ms, p99Ms, maxMs, count } = times;
  return [name, ...[minMs, p50Ms, p90Ms, p95Ms, p99Ms, maxMs].map(formatDuration), formatCount(count)];
}

/** How each time is spread, where more than one value makes that a question; few are listed as they are. */
function spreadLines(summary: CaptureSummary, medium: Medium): string[] {
  return HANDSHAKE_TIMES.flatMap(({ histogram, sentence }) => {
    const { timesMs } = summary[histogram];
    if (timesMs?.length === 1) return [];
    const lines = timesMs
      ? wrap(timesMs.map(formatDuration).join(", "), medium.width, "  ", "  ")
      : histogramLines(summary[histogram], medium);
    const unit = timesMs ? "" : ", in milliseconds";
    return lines.length === 0 ? [] : [emphasize(medium, "faint", `${sentence}${unit}`), ...lines];
  });
}

/** Times by class, each as high as its share of the largest, with their edges underneath. */
function histogramLines(histogram: Histogram, medium: Medium): string[] {
  const first = histogram.counts.findIndex((count) => count > 0);
  if (first < 0) return [];
  const last = histogram.counts.findLastIndex((count) => count > 0);
  const classes = last + 1 - first;
  // One class says nothing that the percentiles do not say.
  if (classes < 2) return [];
  const upper = edgeLabel(histogram.edgesMs[last + 1]!);
  const room = medium.width - 2 - upper.length;
  const size = Math.ceil(classes / room);
  const counts = mergeNeighbours(histogram.counts.slice(first, last + 1), size);
  const cell = Math.max(1, Math.min(6, Math.floor(room / counts.length)));
  const marks = [...sparkline(counts, medium.isAscii)].map((mark) => mark.repeat(cell)).join("");
  let scale = "";
  counts.forEach((_, index) => {
    const label = edgeLabel(histogram.edgesMs[first + index * size]!);
    const at = index * cell;
    // The lowest edge always stands there, others where they touch neither their neighbour nor the highest.
    const isRoom = at > scale.length && at + label.length < marks.length;
    if (at === 0 || isRoom) scale = pad(scale, at) + label;
  });
  if (scale.length < marks.length) scale = pad(scale, marks.length) + upper;
  return [`  ${marks}`.trimEnd(), `  ${scale}`];
}

/** The counts of each `size` neighbours together; the last sum may be of fewer. */
function mergeNeighbours(counts: readonly number[], size: number): number[] {
  const sums = new Array<number>(Math.ceil(counts.length / size)).fill(0);
  counts.forEach((count, index) => {
    sums[Math.floor(index / size)]! += count;
  });
  return sums;
}

/** The edge of a class as briefly as it can be said: `0.5`, `20`, `500` milliseconds, `1s`, `2.5s`. */
function edgeLabel(ms: number): string {
  if (ms === 0) return "0";
  return ms >= 1000 ? `${round2(ms / 1000)}s` : `${round2(ms)}`;
}

function round2(value: number): number {
  return Number(value.toPrecision(2));
}

/** How many attempts to connect went how. */
export function outcomeCounts(summary: CaptureSummary): [string, number][] {
  return [...Object.entries(summary.outcomes), ["not told", summary.outcomesUnknown]];
}

/** How the attempts to connect went and how connections stood at their end. */
export function outcomeLines(summary: CaptureSummary, medium: Medium): string[] {
  const left = barLines("Outcome", outcomeCounts(summary), summary.connections, medium);
  const right = barLines("Close", Object.entries(summary.closes), summary.connections, medium);
  // Laid out first: sequences that color would count as width.
  if (medium.width >= SIDE_BY_SIDE)
    return withHeading(beside(left, right, Math.floor(medium.width / 2)), medium);
  return [...withHeading(left, medium), "", ...withHeading(right, medium)];
}

function withHeading([heading = "", ...lines]: readonly string[], medium: Medium): string[] {
  return [emphasize(medium, "heading", heading), ...lines];
}

function barLines(
  title: string,
  counts: readonly (readonly [name: string, count: number])[],
  total: number,
  medium: Medium,
): string[] {
  const present = counts.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  const names = present.map(([name]) => name);
  const nameWidth = Math.max(title.length, 19, ...names.map((name) => name.length));
  const figures = present.map(([, count]) => formatCount(count));
  const figureWidth = Math.max(...figures.map((figure) => figure.length), 5);
  const lines = present.map(([, count], index) => {
    const share = count / total;
    const bars = bar(share, medium.width >= SIDE_BY_SIDE ? BAR_WIDTH / 2 : BAR_WIDTH, medium.isAscii);
    const percent = formatPercent(share).padStart(8);
    return `${pad(names[index]!, nameWidth)}  ${figures[index]!.padStart(figureWidth)} ${percent}  ${bars}`.trimEnd();
  });
  return [title, ...lines];
}

/** Resets by what they say of their senders, the most frequent first, each with its meaning; then those without effect. */
export function resetCounts(
  summary: CaptureSummary,
): { readonly name: string; readonly meaning: string; readonly count: number }[] {
  const kinds = RESET_KINDS.map(({ name, meaning }) => ({
    name: name as string,
    meaning: meaning as string,
    count: summary.resetKinds[name],
  })).sort((a, b) => b.count - a.count);
  return [...kinds, { ...NOT_TAKEN, count: summary.resetsNotTaken }].filter(({ count }) => count > 0);
}

/** The same as lines. */
export function resetLines(summary: CaptureSummary, medium: Medium): string[] {
  const rows = resetCounts(summary);
  if (rows.length === 0) return [];
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const figureWidth = Math.max(...rows.map(({ count }) => formatCount(count).length));
  const indent = " ".repeat(nameWidth + figureWidth + 4);
  const lines = rows.flatMap(({ name, meaning, count }) => {
    const figure = formatCount(count).padStart(figureWidth);
    return wrap(meaning, medium.width, indent, `${pad(name, nameWidth)}  ${figure}  `);
  });
  return [emphasize(medium, "heading", "Resets by kind"), ...lines];
}

/** What was sent again, which packets of handshakes were lost, who fell silent, and what came out of order or more than once. */
export function repeatFacts(summary: CaptureSummary): [name: string, text: string][] {
  const { handshake } = summary;
  const facts: [name: string, text: string][] = [];
  const add = (name: string, text: string): void => void facts.push([name, text]);
  const share = summary.payloadBytes > 0 ? summary.retransmittedBytes / summary.payloadBytes : 0;
  if (summary.retransmissions > 0) {
    // Repeats of SYN and FIN alone carry no payload.
    const bytes =
      share > 0
        ? `, ${formatBytes(summary.retransmittedBytes)} (${formatPercent(share)} of the payload)`
        : "";
    add("segments", `${formatCount(summary.retransmissions)}${bytes}`);
  }
  const repeated = listed([
    ["SYN", summary.synRetransmissions],
    ["SYN-ACK", summary.synAckRetransmissions],
    ["FIN", summary.finRetransmissions],
  ]);
  const causes = listed([
    ["fast", summary.fastRetransmissions],
    ["timeouts", summary.timeouts],
    ["after a timeout", summary.timeoutRepeats],
    ["tail-loss probes", summary.tailLossProbes],
  ]);
  if (causes !== "") add("causes", causes);
  if (summary.spuriousRetransmissions > 0)
    add(
      "needless",
      `${formatCount(summary.spuriousRetransmissions)}: their bytes had arrived, or were about to`,
    );
  if (repeated !== "") add("among them", repeated);
  const segmentsLost = listed([
    ["before the capture point", summary.lostBeforeCapture],
    ["after it", summary.lostAfterCapture],
    ["acknowledgments after it", summary.lostAcks],
  ]);
  if (segmentsLost !== "") add("segments lost", segmentsLost);
  if (summary.stalls > 0)
    add(
      "stalls",
      `${formatCount(summary.stalls)}, ${formatDuration(summary.stallMs)} in all, until a timer ran out`,
    );
  const lost = listed([
    ["SYN", handshake.synLost],
    ["SYN-ACK", handshake.synAckLost],
    ["last ACK", handshake.handshakeAckLost],
  ]);
  if (lost !== "") add("handshakes that lost", lost);
  if (summary.silentPeers > 0) {
    const connections = formatNumberOf(summary.silentPeers, "open connection");
    add("silent peers", `${connections} whose last repeats or probes were never answered`);
  }
  const disordered = listed([
    ["reordered", summary.reordered],
    ["copies made by the network", summary.networkDuplicates],
    ["copies made by the capture", summary.captureDuplicates],
    ["segments after the end of their connection", summary.lateSegments],
  ]);
  if (disordered !== "") add("also seen", disordered);
  return facts;
}

/** The same as lines. */
export function repeatLines(summary: CaptureSummary, medium: Medium): string[] {
  const indent = " ".repeat(22);
  const lines = repeatFacts(summary).flatMap(([name, text]) =>
    wrap(text, medium.width, indent, pad(name, indent.length)),
  );
  return lines.length === 0 ? [] : [emphasize(medium, "heading", "Retransmissions"), ...lines];
}

function listed(counts: readonly (readonly [name: string, count: number])[]): string {
  return counts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(", ");
}
