/**
 * Retransmissions and resets over the time of the capture, each with its figures and its kinds.
 */
import { useContext } from "react";
import { formatCount, formatDuration, formatPercent, formatTimeOfDay } from "../../output/format.js";
import type { CaptureSummary } from "../../report/summary.js";
import { RESET_KINDS } from "../../report/verdicts.js";
import { columnChart, fitSeries } from "../scale.js";
import { joinFitting, type Span, span, spread, widthOf } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface TimelinePaneProps {
  readonly summary: CaptureSummary;
  readonly width: number;
  /** Two headings, the time axis, and what is left in equal parts for the two charts. */
  readonly height: number;
}

export function TimelinePane({ summary, width, height }: TimelinePaneProps) {
  const { glyphs } = useContext(ThemeContext);
  const { timeline } = summary;
  const chartHeight = Math.max(1, Math.floor((height - 3) / 2));
  const chart = (values: readonly number[]): readonly (readonly Span[])[] =>
    columnChart(fitSeries(values, width - 2), chartHeight, glyphs.isAscii).map((text) => [
      span(" "),
      span(text, "warning"),
    ]);
  const lines = [
    heading(
      "Retransmissions",
      retransmissionParts(summary),
      peak(timeline.retransmissions, timeline.stepMs),
      width,
      glyphs,
    ),
    ...chart(timeline.retransmissions),
    heading("Resets", resetParts(summary), peak(timeline.resets, timeline.stepMs), width, glyphs),
    ...chart(timeline.resets),
    timeAxis(summary, width, glyphs),
  ];
  return <Lines lines={lines} width={width} height={height} />;
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
