/**
 * Values over an axis, drawn in characters: block bars of several lines, the scale under them, and series fitted to a
 * width. Pure arithmetic on numbers and text; every bar is linear in its count.
 */
const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** Two steps a line are what ASCII can tell apart. */
const ASCII_STEPS = [" ", ".", "#"] as const;

/** Columns as `height` lines from the top down; what is above 0 is always seen. */
export function columnChart(values: readonly number[], height: number, isAscii: boolean): readonly string[] {
  const steps: readonly string[] = isAscii ? ASCII_STEPS : EIGHTHS;
  const perLine = steps.length - 1;
  const largest = Math.max(0, ...values);
  const heights = values.map((value) =>
    value > 0 ? Math.max(1, Math.round((value / largest) * height * perLine)) : 0,
  );
  return Array.from({ length: height }, (_, line) => {
    const below = (height - 1 - line) * perLine;
    return heights.map((level) => steps[Math.max(0, Math.min(perLine, level - below))]!).join("");
  });
}

/** How `count` classes stand in `width` columns: `perBar` classes are added up to one bar of `barWidth` columns. */
export interface BarLayout {
  readonly perBar: number;
  readonly barWidth: number;
  readonly bars: number;
}

/** Bars as wide as they can be, up to `most` columns each. */
export function layOutBars(count: number, width: number, most: number): BarLayout {
  const perBar = Math.max(1, Math.ceil(count / Math.max(1, width)));
  const bars = Math.ceil(count / perBar);
  return { perBar, barWidth: bars === 0 ? 1 : Math.max(1, Math.min(most, Math.floor(width / bars))), bars };
}

/** The values of the bars, each repeated for the columns that it takes. */
export function spreadBars(
  values: readonly number[],
  { perBar, barWidth, bars }: BarLayout,
): readonly number[] {
  const columns: number[] = [];
  for (let bar = 0; bar < bars; bar++) {
    let sum = 0;
    for (let i = bar * perBar; i < Math.min(values.length, (bar + 1) * perBar); i++) sum += values[i]!;
    for (let column = 0; column < barWidth; column++) columns.push(sum);
  }
  return columns;
}

/** A series in exactly `width` columns: neighbours are added up, or each step is drawn as wide as it lasts. */
export function fitSeries(values: readonly number[], width: number): readonly number[] {
  if (values.length === 0 || width <= 0) return [];
  if (values.length <= width) {
    return Array.from(
      { length: width },
      (_, column) => values[Math.floor((column * values.length) / width)]!,
    );
  }
  const fitted = new Array<number>(width).fill(0);
  values.forEach((value, index) => {
    fitted[Math.floor((index * width) / values.length)]! += value;
  });
  return fitted;
}

/** The same for values that cannot be added up: of neighbours the largest is drawn. */
export function fitLargest(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return fitSeries(values, width);
  const fitted = new Array<number>(Math.max(0, width)).fill(0);
  values.forEach((value, index) => {
    const column = Math.floor((index * width) / values.length);
    fitted[column] = Math.max(fitted[column]!, value);
  });
  return fitted;
}

/** A place on the axis with what is written there. */
export interface AxisMark {
  readonly column: number;
  readonly text: string;
}

/** Writes the marks on one line, each beginning at its column; a mark that would touch the one before is left out. */
export function axisLine(marks: readonly AxisMark[], width: number): string {
  let line = "";
  for (const { column, text } of marks) {
    if (column < 0 || column + text.length > width) continue;
    if (line !== "" && column <= line.length) continue;
    line = line.padEnd(column) + text;
  }
  return line;
}

/** Where a time stands among logarithmic classes, in classes from the first edge; clamped to the ends. */
export function classPosition(edgesMs: readonly number[], ms: number): number {
  const last = edgesMs.length - 1;
  if (last < 1 || ms <= edgesMs[0]!) return 0;
  if (ms >= edgesMs[last]!) return last;
  const index = edgesMs.findLastIndex((edge) => edge <= ms);
  const from = edgesMs[index]!;
  const to = edgesMs[index + 1]!;
  // The first class may begin at 0, where there is no logarithm.
  return index + (from > 0 ? Math.log(ms / from) / Math.log(to / from) : ms / to);
}

/** Round times (1, 2 and 5 to each factor of ten) within the edges, with their text: `200us`, `50`, `2s`. */
export function roundTimes(
  fromMs: number,
  toMs: number,
): readonly { readonly ms: number; readonly text: string }[] {
  const times: { ms: number; text: string }[] = [];
  for (let exponent = -4; exponent <= 6; exponent++) {
    for (const factor of [1, 2, 5]) {
      const ms = Number(`${factor}e${exponent}`);
      if (ms >= fromMs && ms <= toMs) times.push({ ms, text: timeText(ms) });
    }
  }
  return times;
}

function timeText(ms: number): string {
  if (ms >= 1000) return `${ms / 1000}s`;
  return ms < 0.1 ? `${Math.round(ms * 1e6) / 1000}us` : String(ms);
}
