/**
 * How one time of the handshakes is spread: bars over a logarithmic scale, and below them, where there is room, the
 * other times on the same scale. A few handshakes are listed as they are.
 */
import { useContext } from "react";
import { formatDuration, pad, sparkline, wrap } from "../../output/format.js";
import { HANDSHAKE_TIMES, type HandshakeHistograms, type Histogram } from "../../report/summary.js";
import { joinClasses, regroup } from "../histogram-classes.js";
import {
  axisLine,
  type BarLayout,
  classPosition,
  columnChart,
  layOutBars,
  roundTimes,
  spreadBars,
} from "../scale.js";
import { type Span, span } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface HandshakeHistogramProps {
  readonly histograms: HandshakeHistograms;
  /** Index into HANDSHAKE_TIMES of the time whose bars are drawn. */
  readonly selected: number;
  readonly width: number;
  /** Heading, bars and scale; from ten lines on the other times too. */
  readonly height: number;
}

const LABEL = 12;
const OTHERS_FROM = 10;
const WIDEST_BAR = 5;

export function HandshakeHistogram({ histograms, selected, width, height }: HandshakeHistogramProps) {
  const { glyphs } = useContext(ThemeContext);
  const { histogram, sentence } = HANDSHAKE_TIMES[selected]!;
  const shown = histograms[histogram];
  const heading = (unit: string): readonly Span[] => [span(` ${sentence}`, "strong"), span(unit, "quiet")];
  if (shown.counts.length === 0) {
    const none = [span(" no handshake has it yet", "quiet")];
    return <Lines lines={[heading(""), none]} width={width} height={height} />;
  }
  if (shown.timesMs !== undefined) {
    const texts = wrap(shown.timesMs.map(formatDuration).join(glyphs.between), width - 4);
    const lines = texts.map((text) => [span(`   ${text}`, "accent")]);
    return <Lines lines={[heading("  each handshake"), ...lines]} width={width} height={height} />;
  }
  const others = HANDSHAKE_TIMES.filter(
    (time, index) => index !== selected && histograms[time.histogram].counts.length > 0,
  );
  // Retries take thousands of times as long as legs do: one scale for all would press everything together.
  const beside = height >= OTHERS_FROM ? others.filter(({ name }) => name !== "retryWait") : [];
  const edges = joinClasses([shown, ...beside.map((time) => histograms[time.histogram])]);
  const margin = beside.length > 0 ? LABEL : 1;
  const layout = layOutBars(edges.length - 1, width - margin - 2, WIDEST_BAR);
  const columns = (times: Histogram): readonly number[] => spreadBars(regroup(times, edges), layout);
  const barLines = columnChart(columns(shown), height - beside.length - 2, glyphs.isAscii);
  const lines: (readonly Span[])[] = barLines.map((text) => [span(" ".repeat(margin)), span(text, "accent")]);
  for (const time of beside) {
    const marks = sparkline(columns(histograms[time.histogram]), glyphs.isAscii);
    lines.push([span(pad(` ${time.title}`, margin)), span(marks)]);
  }
  lines.push([span(" ".repeat(margin)), span(scale(edges, layout, width - margin), "quiet")]);
  return <Lines lines={[heading("  handshakes by milliseconds"), ...lines]} width={width} height={height} />;
}

function scale(edges: readonly number[], { perBar, barWidth }: BarLayout, width: number): string {
  // A scale that begins at 0 has no round times near it.
  const times = roundTimes(edges[0]! || edges[1]!, edges[edges.length - 1]!);
  const marks = times.map(({ ms, text }) => ({
    column: Math.round((classPosition(edges, ms) / perBar) * barWidth),
    text,
  }));
  return axisLine(marks, width);
}
