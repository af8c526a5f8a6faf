/**
 * The times of handshakes, retransmissions and resets over the time of the capture, each with its figures and its kinds.
 */
import { useContext } from "react";
import { formatCount, formatDuration, formatPercent, formatTimeOfDay } from "../../output/format.js";
import { type CaptureSummary, HANDSHAKE_TIMES } from "../../report/summary.js";
import { RESET_KINDS } from "../../report/verdicts.js";
import { columnChart, fitLargest, fitSeries } from "../scale.js";
import { joinFitting, type Span, span, spread, widthOf } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface TimelinePaneProps {
  readonly summary: CaptureSummary;
  /** Index into HANDSHAKE_TIMES. */
  readonly selected: number;
  readonly width: number;
  /**
   * Two headings, the time axis, and what is left in equal parts for the two charts; from seven lines on the times too.
   * Below five lines the axis goes first, then the charts.
   */
  readonly height: number;
}

/** From this height on the handshakes' times stand above the events. */
const TIMES_FROM = 7;
/** Below this height there is no room for both charts. */
const CHARTS_FROM = 4;

export function TimelinePane({ summary, selected, width, height }: TimelinePaneProps) {
  const { glyphs } = useContext(ThemeContext);
  const { timeline } = summary;
  const times = height >= TIMES_FROM ? timesOverTime(summary, selected, width, glyphs) : [];
  const chartHeight = Math.max(1, Math.floor((height - times.length - 3) / 2));
  const chart = (values: readonly number[]): readonly (readonly Span[])[] =>
    columnChart(fitSeries(values, width - 2), chartHeight, glyphs.isAscii).map((text) => [
      span(" "),
      span(text, "warning"),
    ]);
  const lines = [
    ...times,
    heading(
      "Retransmissions",
      retransmissionParts(summary),
      peak(timeline.retransmissions, timeline.stepMs),
      width,
      glyphs,
    ),
    ...(height > 2 ? chart(timeline.retransmissions) : []),
    heading("Resets", resetParts(summary), peak(timeline.resets, timeline.stepMs), width, glyphs),
    ...(height >= CHARTS_FROM ? [...chart(timeline.resets), timeAxis(summary, width, glyphs)] : []),
  ];
  return <Lines lines={lines} width={width} height={height} />;
}

/** The selected time of the handshakes that began in each step: its 99th percentile drawn, the span of medians said. */
function timesOverTime(
  { timeline }: CaptureSummary,
  selected: number,
  width: number,
  glyphs: Glyphs,
): readonly (readonly Span[])[] {
  const { name, sentence } = HANDSHAKE_TIMES[selected]!;
  const { p50Ms, p99Ms } = timeline.handshake[name];
  const medians = p50Ms.filter((ms) => ms !== null);
  const parts =
    medians.length === 0
      ? ["none"]
      : [
          `p50 ${formatDuration(Math.min(...medians))} to ${formatDuration(Math.max(...medians))}`,
          "p99 drawn",
        ];
  const worst = Math.max(0, ...p99Ms.map((ms) => ms ?? 0));
  const right = worst > 0 ? `p99 at most ${formatDuration(worst)}` : "";
  const drawn = fitLargest(
    p99Ms.map((ms) => ms ?? 0),
    width - 2,
  );
  const [chart = ""] = columnChart(drawn, 1, glyphs.isAscii);
  return [heading(`${sentence} over time`, parts, right, width, glyphs), [span(" "), span(chart, "accent")]];
}

function heading(
  title: string,
  parts: readonly string[],
  right: string,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const left = [span(` ${title} `, "strong")];
  const room = width - widthOf(left) - 1;
  const all = parts.join(glyphs.between);
  // The kinds say more than the peak does.
  const hasPeak = right !== "" && all.length + right.length + 2 < room;
  const text = span(hasPeak ? all : joinFitting(parts, glyphs.between, room));
  return spread([...left, text], hasPeak ? [span(` ${right} `, "quiet")] : [], width, glyphs.isAscii);
}

function retransmissionParts(summary: CaptureSummary): readonly string[] {
  const { payloadBytes, retransmittedBytes } = summary;
  const share = payloadBytes > 0 ? ` (${formatPercent(retransmittedBytes / payloadBytes)} of bytes)` : "";
  const kinds = [
    ["SYN", summary.synRetransmissions],
    ["SYN-ACK", summary.synAckRetransmissions],
    ["FIN", summary.finRetransmissions],
    ["fast", summary.fastRetransmissions],
    ["timeout", summary.timeouts + summary.timeoutRepeats],
    ["probe", summary.tailLossProbes],
    ["needless", summary.spuriousRetransmissions],
    ["reordered", summary.reordered],
  ] as const;
  const shown = kinds
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatCount(count)}`);
  return [`${formatCount(summary.retransmissions)}${share}`, ...shown];
}

function resetParts({ resetKinds }: CaptureSummary): readonly string[] {
  const seen = RESET_KINDS.map(({ name }) => ({ name, count: resetKinds[name] })).filter(
    ({ count }) => count > 0,
  );
  const total = seen.reduce((sum, { count }) => sum + count, 0);
  seen.sort((a, b) => b.count - a.count);
  return [formatCount(total), ...seen.map(({ name, count }) => `${name} ${formatCount(count)}`)];
}

function peak(values: readonly number[], stepMs: number): string {
  const largest = Math.max(0, ...values);
  return largest > 0 ? `at most ${formatCount(largest)} in ${formatDuration(stepMs)}` : "";
}

/** First and last time of day; with milliseconds where the capture is shorter than a minute. */
function timeAxis({ start, durationMs }: CaptureSummary, width: number, glyphs: Glyphs): readonly Span[] {
  if (start === null) return [];
  const end = new Date(Date.parse(start) + durationMs).toISOString();
  const length = durationMs < 60_000 ? 12 : 8;
  const show = (instant: string): string => formatTimeOfDay(instant).slice(0, length);
  return spread([span(` ${show(start)}`, "quiet")], [span(`${show(end)} `, "quiet")], width, glyphs.isAscii);
}
