/**
 * Curves over time and counts over classes, drawn by uPlot in the page's own colours. A stretch that is drawn over with the
 * mouse is shown larger; a double click shows all again.
 */
import uPlot from "uplot";
import { el } from "./dom.js";

/** Names of the colours that report.css defines, for light and dark. */
export type Tint = "first" | "second" | "third" | "fourth" | "fifth" | "quiet" | "problem" | "warning";

export function tintOf(tint: Tint | "text" | "grid"): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${tint}`).trim();
}

/** Whether the reader's system is dark, which may change while the page is open. */
const DARK = matchMedia("(prefers-color-scheme: dark)");
/** Steps that an axis of counts may have. */
const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();
/** Of the height of the highest count, the room above it. */
const ROOM_ABOVE = 0.05;

export interface Curve {
  readonly title: string;
  readonly tint: Tint;
  /** A value a step; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly isBars?: boolean;
  /** Stays until the next value, instead of a line to it. */
  readonly isStepped?: boolean;
  readonly isDashed?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  /** What the x values are, and how they and the values are written. */
  readonly x: readonly number[];
  readonly xTitle: string;
  readonly formatX: (x: number) => string;
  readonly format: (value: number) => string;
  readonly isLogarithmic?: boolean;
  /** The values are how many: their axis begins at 0 and has no fractions. */
  readonly isCount?: boolean;
  readonly height?: number;
  /** Charts with the same key share their cursor and the stretch that they show. */
  readonly shared?: string;
  /** Both directions can be drawn over. */
  readonly isZoomedBothWays?: boolean;
  /** Draws more once the curves are drawn. */
  readonly draw?: (plot: uPlot) => void;
  /** Where the y axis ends while all is shown; higher values come into sight where a stretch is enlarged. */
  readonly mostAtFirst?: number;
  /** Ends of what the x values stand for, where they are not the first and the last. */
  readonly rangeX?: readonly [number, number];
}

/** A chart that fits the width of its place: it draws itself when it comes into the page. */
export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #curves: readonly Curve[];
  readonly #place = el("div", { class: "plot" });
  #plot: uPlot | null = null;
  /** A canvas keeps the colours that it was drawn with. */
  readonly #redraw = () => this.draw();
  readonly #watch = new ResizeObserver(() => this.#fit());

  constructor(curves: readonly Curve[], options: ChartOptions) {
    this.#options = options;
    this.#curves = curves;
    this.element = el("figure", {}, el("figcaption", {}, options.title), this.#place);
    this.#place.setAttribute("role", "img");
    this.#place.setAttribute(
      "aria-label",
      `${options.title}: ${curves.map(({ title }) => title).join(", ")}`,
    );
  }

  draw(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot(
      this.#uplotOptions(),
      [this.#options.x as number[], ...this.#curves.map(({ values }) => values as (number | null)[])],
      this.#place,
    );
    this.#watch.observe(this.element);
    DARK.addEventListener("change", this.#redraw);
  }

  remove(): void {
    this.#watch.disconnect();
    DARK.removeEventListener("change", this.#redraw);
    this.#plot?.destroy();
    this.#plot = null;
  }

  #width(): number {
    return Math.max(200, this.element.clientWidth);
  }

  #fit(): void {
    const plot = this.#plot;
    if (plot && plot.width !== this.#width()) plot.setSize({ width: this.#width(), height: plot.height });
  }

  #cappedRange(min: number | null, max: number | null, most: number): [number | null, number | null] {
    if (min === null || max === null) return [min, max];
    const [low, high] = uPlot.rangeNum(min, max, 0.1, true) as [number, number];
    const isAll = this.#curves.every(({ values }) => values.every((one) => one === null || one <= max));
    return [low, isAll ? Math.min(high, most) : high];
  }

  #uplotOptions(): uPlot.Options {
    const { x, xTitle, formatX, format, isLogarithmic, isCount, height = 220, shared, draw } = this.#options;
    const { isZoomedBothWays = false, rangeX, mostAtFirst } = this.#options;
    const axis = {
      stroke: tintOf("text"),
      grid: { stroke: tintOf("grid"), width: 1 },
      ticks: { stroke: tintOf("grid") },
    };
    return {
      width: this.#width(),
      height,
      ...(shared
        ? { cursor: cursorOf(shared, isZoomedBothWays) }
        : { cursor: cursorOf(null, isZoomedBothWays) }),
      scales: {
        x: { time: false, ...(rangeX ? { range: (_, min, max) => whole(rangeX, x, min, max) } : {}) },
        y: isLogarithmic
          ? { distr: 3 }
          : isCount
            ? { range: (_, _min, max) => [0, Math.max(1, Math.ceil(max * (1 + ROOM_ABOVE)))] }
            : mostAtFirst !== undefined
              ? { range: (_, min, max) => this.#cappedRange(min, max, mostAtFirst) }
              : {},
      },
      axes: [
        { ...axis, values: (_, splits) => splits.map(formatX) },
        {
          ...axis,
          size: 72,
          ...(isCount ? { incrs: WHOLE_STEPS } : {}),
          values: (_, splits) => splits.map((one) => (one === null ? "" : format(one))),
        },
      ],
      series: [
        { label: xTitle, value: (_, x) => (x === null ? "–" : formatX(x)) },
        ...this.#curves.map((curve) => seriesOf(curve, format)),
      ],
      ...(draw ? { hooks: { draw: [draw] } } : {}),
    };
  }
}

/** What all of the values stand for where all are shown, and just the stretch where one was chosen. */
function whole(
  range: readonly [number, number],
  x: readonly number[],
  min: number,
  max: number,
): [number, number] {
  return min <= x[0]! && max >= x.at(-1)! ? [...range] : [min, max];
}

function cursorOf(shared: string | null, isZoomedBothWays: boolean): uPlot.Cursor {
  const drag = { x: true, y: isZoomedBothWays, uni: isZoomedBothWays ? 20 : null } as uPlot.Cursor.Drag;
  return shared === null ? { drag } : { drag, sync: { key: shared, setSeries: false } };
}

function seriesOf(
  { title, tint, isBars, isStepped, isDashed }: Curve,
  format: (value: number) => string,
): uPlot.Series {
  const color = tintOf(tint);
  const paths = isBars
    ? uPlot.paths.bars!({ size: [0.9, 40] })
    : isStepped
      ? uPlot.paths.stepped!({ align: 1 })
      : undefined;
  return {
    label: title,
    stroke: color,
    width: 1.5,
    ...(isBars ? { fill: color } : {}),
    ...(isDashed ? { dash: [6, 4] } : {}),
    ...(paths ? { paths } : {}),
    points: { show: !isBars && !isStepped, size: 4 },
    spanGaps: true,
    value: (_, value) => (value === null || value === undefined ? "–" : format(value)),
  };
}
