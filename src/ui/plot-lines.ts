/**
 * The curves of a connection as lines of text: sequence numbers over time, bytes in flight, round trips.
 *
 * A vertical stroke is a segment; the line below the strokes is what was acknowledged, the one above what the window
 * allowed. A letter stands on what was sent again: by its cause, so that no colour is needed to tell them apart.
 */
import { formatBytesShort, formatDuration } from "../output/format.js";
import type { Plot, PlottedSegment, PlottedValue } from "../report/plot.js";
import { Canvas } from "./braille.js";
import { type Span, span, spread, toWidth } from "./spans.js";
import type { Glyphs, Tone } from "./theme.js";

/** Characters of the numbers beside a plot. */
const AXIS = 8;
/** Lines of each of the lower plots, heading included; with less room there are none. */
const LOWER = 6;
const LEAST_UPPER = 8;

type Row = readonly Span[];

/** Lines for a pane of that size. */
export function plotLines(plot: Plot, width: number, height: number, glyphs: Glyphs): readonly Row[] {
  if (plot.segments.length === 0)
    return [[span(`  the ${plot.side} sent no data; c shows the other direction`, "quiet")]];
  const hasLower = height >= LEAST_UPPER + LOWER + 1;
  const upperHeight = (hasLower ? height - LOWER : height) - 2;
  const lines: Row[] = [legend(plot, width, glyphs), ...sequencePlot(plot, width, upperHeight, glyphs)];
  if (hasLower) lines.push(...lowerPlots(plot, width, LOWER - 1, glyphs));
  lines.push(timeAxis(plot.untilMs, width, hasLower));
  return lines;
}

/** What the marks mean, and which of them there are. */
function legend({ side, segments }: Plot, width: number, glyphs: Glyphs): Row {
  const other = side === "client" ? "server" : "client";
  const letters = new Map<string, string>();
  for (const segment of segments) {
    const [letter, meaning] = letterOf(segment) ?? [];
    if (letter !== undefined) letters.set(letter, meaning!);
  }
  const marks = [...letters].flatMap(([letter, meaning]) => [
    span(` ${letter}`, "problem"),
    span(` ${meaning} `),
  ]);
  return spread(
    [
      span(` ${side} ${glyphs.to} ${other} `, "strong"),
      span(" segments "),
      span(" acknowledged ", "accent"),
      span(" window ", "quiet"),
      ...marks,
    ],
    [span(" c ", "key"), span("other way ", "quiet")],
    width,
    glyphs.isAscii,
  );
}

const LETTERS: Readonly<Record<string, readonly [letter: string, meaning: string]>> = {
  fast: ["F", "fast"],
  rto: ["T", "timeout"],
  "rto-recovery": ["t", "after timeout"],
  "tail-loss-probe": ["P", "tail-loss probe"],
  "path-mtu": ["M", "path MTU"],
  "fast-open": ["O", "fast open"],
};

function letterOf({ label, cause }: PlottedSegment): readonly [letter: string, meaning: string] | null {
  if (label === "retransmission") return LETTERS[cause] ?? ["R", "sent again"];
  if (label === "zero-window-probe") return ["Z", "window probe"];
  return label === "reordered" ? ["o", "overtaken"] : null;
}

function sequencePlot(plot: Plot, width: number, height: number, glyphs: Glyphs): Row[] {
  const { segments, acknowledged, allowed, untilMs } = plot;
  const canvas = new Canvas(Math.max(1, width - AXIS), Math.max(1, height), glyphs.isAscii);
  const most = Math.max(...segments.map(({ to }) => to));
  const least = Math.min(...segments.map(({ from }) => from));
  // A window that is never near is no reason to squeeze the data: its edge leaves the plot.
  const [x, y] = [scale(0, untilMs, canvas.width), scale(least, most, canvas.height)];
  curve(canvas, allowed, untilMs, x, y, "quiet");
  curve(canvas, acknowledged, untilMs, x, y, "accent");
  for (const { atMs, from, to } of segments) canvas.stroke(x(atMs), y(from), y(to), "plain");
  for (const segment of segments) {
    const letter = letterOf(segment)?.[0];
    if (letter !== undefined)
      canvas.letter(x(segment.atMs), y((segment.from + segment.to) / 2), letter, "problem");
  }
  return withAxis(canvas.lines(), [formatBytesShort(most), formatBytesShort(least)]);
}

/** Bytes in flight on the left, round trips on the right. */
function lowerPlots(plot: Plot, width: number, height: number, glyphs: Glyphs): Row[] {
  const left = Math.floor(width / 2);
  const right = width - left;
  const flight = smallPlot(plot.inFlightBytes, plot.untilMs, left, height, glyphs, true, (value) =>
    formatBytesShort(value),
  );
  const trips = smallPlot(plot.roundTripsMs, plot.untilMs, right, height, glyphs, false, (value) =>
    formatDuration(value),
  );
  const headings = [
    ...toWidth([span(" in flight", "strong"), span(" bytes", "quiet")], left, glyphs.isAscii),
    ...toWidth(
      [span(" round trip", "strong"), span(" at the capture point", "quiet")],
      right,
      glyphs.isAscii,
    ),
  ];
  return [headings, ...flight.map((line, i) => [...line, ...trips[i]!])];
}

function smallPlot(
  values: readonly PlottedValue[],
  untilMs: number,
  width: number,
  height: number,
  { isAscii }: Glyphs,
  isStepped: boolean,
  write: (value: number) => string,
): Row[] {
  const canvas = new Canvas(Math.max(1, width - AXIS), height, isAscii);
  const most = values.reduce((max, { value }) => Math.max(max, value), 0);
  const [x, y] = [scale(0, untilMs, canvas.width), scale(0, most, canvas.height)];
  if (isStepped) curve(canvas, values, untilMs, x, y, "plain");
  else for (const { atMs, value } of values) canvas.point(x(atMs), y(value), "plain");
  return withAxis(canvas.lines(), values.length === 0 ? ["-", ""] : [write(most), "0"]);
}

function curve(
  canvas: Canvas,
  values: readonly PlottedValue[],
  untilMs: number,
  x: (ms: number) => number,
  y: (value: number) => number,
  tone: Tone,
): void {
  let last: readonly [number, number] | null = null;
  for (const { atMs, value } of values) {
    const next: readonly [number, number] = [x(atMs), y(value)];
    if (last === null) canvas.point(next[0], next[1], tone);
    else canvas.step(last, next, tone);
    last = next;
  }
  if (last !== null) canvas.step(last, [x(untilMs), last[1]], tone);
}

/** From a value to the point that stands for it; one above all is outside. */
function scale(least: number, most: number, points: number): (value: number) => number {
  const span = most > least ? most - least : 1;
  return (value) => Math.round(((value - least) / span) * (points - 1));
}

/** Puts the largest number at the left of the first line, and the smallest at that of the last. */
function withAxis(lines: readonly Row[], [most, least]: readonly [most: string, least: string]): Row[] {
  return lines.map((line, i) => {
    const number = i === 0 ? most : i === lines.length - 1 ? least : "";
    return [span(`${number.padStart(AXIS - 1)} `, "quiet"), ...line];
  });
}

function timeAxis(untilMs: number, width: number, isTwice: boolean): Row {
  const end = formatDuration(untilMs);
  const axis = (columns: number): string =>
    `${" ".repeat(AXIS)}0${end.padStart(Math.max(0, columns - AXIS - 1))}`;
  const left = Math.floor(width / 2);
  return [span(isTwice ? axis(left) + axis(width - left) : axis(width), "quiet")];
}
