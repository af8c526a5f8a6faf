/**
 * How handshake times are spread: bars over a logarithmic scale, and below them, where there is room, both legs on the
 * same scale.
 */
import { useContext } from "react";
import { pad, sparkline } from "../../output/format.js";
import type { Histogram } from "../../report/summary.js";
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
  readonly connectTimes: Histogram;
  readonly serverLegs: Histogram;
  readonly clientLegs: Histogram;
  readonly width: number;
  /** Heading, bars and scale; from ten lines on the legs too. */
  readonly height: number;
}

const LEG_LABEL = 12;
const LEGS_FROM = 10;
const WIDEST_BAR = 5;

export function HandshakeHistogram(props: HandshakeHistogramProps) {
  const { connectTimes, serverLegs, clientLegs, width, height } = props;
  const { glyphs } = useContext(ThemeContext);
  const heading = [span(" Time to connect", "strong"), span("  handshakes by milliseconds", "quiet")];
  if (connectTimes.counts.length === 0) {
    const none = [span(" no completed handshake yet", "quiet")];
    return <Lines lines={[heading, none]} width={width} height={height} />;
  }
  const hasLegs = height >= LEGS_FROM;
  const edges = hasLegs ? joinClasses([connectTimes, serverLegs, clientLegs]) : connectTimes.edgesMs;
  const margin = hasLegs ? LEG_LABEL : 1;
  const layout = layOutBars(edges.length - 1, width - margin - 2, WIDEST_BAR);
  const columns = (histogram: Histogram): readonly number[] => spreadBars(regroup(histogram, edges), layout);
  const barLines = columnChart(columns(connectTimes), height - (hasLegs ? 4 : 2), glyphs.isAscii);
  const legLine = (title: string, legs: Histogram): readonly Span[] => [
    span(pad(` ${title}`, margin)),
    span(sparkline(columns(legs), glyphs.isAscii)),
  ];
  const lines: (readonly Span[])[] = barLines.map((text) => [span(" ".repeat(margin)), span(text, "accent")]);
  if (hasLegs) lines.push(legLine("server leg", serverLegs), legLine("client leg", clientLegs));
  lines.push([span(" ".repeat(margin)), span(scale(edges, layout, width - margin), "quiet")]);
  return <Lines lines={[heading, ...lines]} width={width} height={height} />;
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
