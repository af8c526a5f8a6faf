/**
 * A connection's graphs: sequence numbers over time with what was acknowledged and allowed, bytes in flight, round trips. One
 * direction at a time; the three share their stretch of time.
 */
import type uPlot from "uplot";
import { formatBytesShort, formatDuration } from "../output/format.js";
import { type Plot, type PlottedSegment, type PlottedValue, plotOf } from "../report/plot.js";
import type { Side } from "../report/record.js";
import type { LadderRow } from "../report/view.js";
import { Chart, type Curve, type Tint, tintOf } from "./chart.js";
import { el, section, show } from "./dom.js";

/** What a segment is drawn as: a colour, and a letter where it was sent again. */
interface Mark {
  readonly tint: Tint;
  readonly letter: string;
  readonly meaning: string;
}

/** Of the height of the data, how far above it the window's edge is drawn. */
const ROOM_ABOVE = 0.15;

const NEW: Mark = { tint: "first", letter: "", meaning: "sent" };
const REPEATS: Readonly<Record<string, Mark>> = {
  fast: { tint: "warning", letter: "F", meaning: "fast retransmission" },
  rto: { tint: "problem", letter: "T", meaning: "timeout" },
  "rto-recovery": { tint: "problem", letter: "t", meaning: "after a timeout" },
  "tail-loss-probe": { tint: "third", letter: "P", meaning: "tail-loss probe" },
  "path-mtu": { tint: "warning", letter: "M", meaning: "path MTU" },
  "fast-open": { tint: "warning", letter: "O", meaning: "Fast Open" },
};
const OTHER_REPEAT: Mark = { tint: "warning", letter: "R", meaning: "sent again" };
const OVERTAKEN: Mark = { tint: "fourth", letter: "o", meaning: "overtaken" };
const PROBE: Mark = { tint: "third", letter: "Z", meaning: "window probe" };

export class Graphs {
  readonly element: HTMLElement;
  readonly #rows: readonly LadderRow[];
  readonly #place = el("div", {});
  readonly #other = el("button", { type: "button", click: () => this.#turn() });
  #side: Side;
  #charts: readonly Chart[] = [];

  constructor(rows: readonly LadderRow[], side: Side) {
    this.#rows = rows;
    this.#side = side;
    this.element = section("Course", el("p", {}, this.#other), this.#place);
  }

  draw(): void {
    this.remove();
    const plot = plotOf(this.#rows, this.#side);
    const other = this.#side === "client" ? "server" : "client";
    this.#other.textContent = `show what the ${other} sent`;
    this.#charts = plot.segments.length === 0 ? [] : chartsOf(plot, this.#rows);
    const none = el("p", { class: "quiet" }, `The ${this.#side} sent no data.`);
    show(
      this.#place,
      ...(this.#charts.length === 0
        ? [none]
        : [legendOf(plot), ...this.#charts.map(({ element }) => element)]),
    );
    for (const chart of this.#charts) chart.draw();
  }

  remove(): void {
    for (const chart of this.#charts) chart.remove();
    this.#charts = [];
  }

  #turn(): void {
    this.#side = this.#side === "client" ? "server" : "client";
    this.draw();
  }
}

/** What the marks mean, and which there are. */
function legendOf({ segments, side }: Plot): HTMLElement {
  const marks = new Set(segments.map(markOf));
  return el(
    "p",
    { class: "legend" },
    `Strokes are segments of the ${side}: `,
    [...marks].flatMap(({ tint, letter, meaning }, i) => [
      i > 0 ? ", " : null,
      el("span", { class: `tint-${tint}` }, letter === "" ? meaning : `${letter} ${meaning}`),
    ]),
    "; stepped lines are what was acknowledged and what the window allowed",
    el("span", { class: "tint-fifth" }, "; SACK blocks at the time of their ACK"),
    ". Draw over a part to enlarge it; a double click shows all.",
  );
}

function chartsOf(plot: Plot, rows: readonly LadderRow[]): Chart[] {
  const inFlight = withTimes(plot.inFlightBytes);
  const roundTrips = withTimes(plot.roundTripsMs);
  const common = { xTitle: "after", formatX: formatDuration, shared: "connection" };
  return [
    sequenceChart(plot, rows),
    new Chart([{ title: "bytes in flight", tint: "first", values: inFlight.values, isStepped: true }], {
      ...common,
      title: "Bytes in flight",
      x: inFlight.times,
      format: formatBytesShort,
      height: 140,
    }),
    ...(plot.roundTripsMs.length === 0
      ? []
      : [
          new Chart([{ title: "round trip", tint: "second", values: roundTrips.values }], {
            ...common,
            title: "Round trips, as the capture point sees them",
            x: roundTrips.times,
            format: formatDuration,
            height: 140,
          }),
        ]),
  ];
}

function withTimes(list: readonly PlottedValue[]) {
  return { times: list.map(({ atMs }) => atMs), values: list.map(({ value }) => value) };
}

function sequenceChart(plot: Plot, rows: readonly LadderRow[]): Chart {
  const { segments, acknowledged, allowed, side } = plot;
  const times = [...new Set([...segments, ...acknowledged, ...allowed].map(({ atMs }) => atMs))].sort(
    (a, b) => a - b,
  );
  const first = Math.min(...segments.map(({ from }) => from));
  const last = Math.max(...segments.map(({ to }) => to));
  // A window that is never near is no reason to squeeze the data: its edge lies above what is shown at first.
  const highest = last + (last - first) * ROOM_ABOVE;
  const curves: Curve[] = [
    { title: "acknowledged", tint: "second", values: atTimes(acknowledged, times), isStepped: true },
    {
      title: "window",
      tint: "quiet",
      values: atTimes(allowed, times),
      isStepped: true,
      isDashed: true,
    },
    { title: "sent up to", tint: "first", values: sentUpTo(segments, times), isStepped: true },
  ];
  return new Chart(curves, {
    title: `Sequence numbers of the ${side} over time${allowed.some(({ value }) => value > highest) ? "; where the window's edge is missing it lies above" : ""}`,
    x: times,
    xTitle: "after",
    formatX: formatDuration,
    format: formatBytesShort,
    height: 420,
    shared: "connection",
    isZoomedBothWays: true,
    mostAtFirst: highest,
    draw: (u) => {
      drawSegments(u, segments);
      drawSack(u, rows, side, first, last);
    },
  });
}

/** The newest value at each of the times; null before the first. */
function atTimes(values: readonly PlottedValue[], times: readonly number[]): (number | null)[] {
  let next = 0;
  let value: number | null = null;
  return times.map((time) => {
    while (next < values.length && values[next]!.atMs <= time) value = values[next++]!.value;
    return value;
  });
}

function sentUpTo(segments: readonly PlottedSegment[], times: readonly number[]): (number | null)[] {
  let highest = 0;
  return atTimes(
    segments.map(({ atMs, to }) => ({ atMs, value: (highest = Math.max(highest, to)) })),
    times,
  );
}

function markOf({ label, cause }: PlottedSegment): Mark {
  if (label === "retransmission") return REPEATS[cause] ?? OTHER_REPEAT;
  if (label === "zero-window-probe") return PROBE;
  return label === "reordered" ? OVERTAKEN : NEW;
}

function drawSegments(u: uPlot, segments: readonly PlottedSegment[]): void {
  const { ctx } = u;
  ctx.save();
  clipTo(u);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.font = `bold ${12 * devicePixelRatio}px sans-serif`;
  for (const segment of segments) {
    const { tint, letter } = markOf(segment);
    const x = u.valToPos(segment.atMs, "x", true);
    const [low, high] = [u.valToPos(segment.from, "y", true), u.valToPos(segment.to, "y", true)];
    ctx.strokeStyle = ctx.fillStyle = tintOf(tint);
    stroke(ctx, x, low, Math.min(high, low - devicePixelRatio));
    if (letter !== "") ctx.fillText(letter, x + 3 * devicePixelRatio, high);
  }
  ctx.restore();
}

/** What the receiver says that it has beyond a hole, at the time of each ACK that says so. */
function drawSack(u: uPlot, rows: readonly LadderRow[], side: Side, first: number, last: number): void {
  const { ctx } = u;
  ctx.save();
  clipTo(u);
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = tintOf("fifth");
  for (const { from, atMs, sack } of rows) {
    if (from === side) continue;
    for (const [left, right] of sack) {
      if (right < first || left > last) continue;
      stroke(ctx, u.valToPos(atMs, "x", true), u.valToPos(left, "y", true), u.valToPos(right, "y", true));
    }
  }
  ctx.restore();
}

function clipTo({ ctx, bbox }: uPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}

function stroke(ctx: CanvasRenderingContext2D, x: number, from: number, to: number): void {
  ctx.beginPath();
  ctx.moveTo(x, from);
  ctx.lineTo(x, to);
  ctx.stroke();
}
