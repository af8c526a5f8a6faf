/**
 * Counts of a few named kinds as bars below a title: outcomes, closes, resets.
 */
import { useContext } from "react";
import { bar, formatCount, formatPercent, pad } from "../../output/format.js";
import { type Span, span } from "../spans.js";
import { type Glyphs, ThemeContext, type Tone } from "../theme.js";
import { Lines } from "./lines.js";

/** One kind with its count. */
export interface VerdictCount {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
}

export interface VerdictBarsProps {
  readonly title: string;
  /** All kinds; those that did not occur are left out. */
  readonly counts: readonly VerdictCount[];
  /** Characters for a name: the same for bars that stand below each other. */
  readonly nameWidth: number;
  readonly width: number;
  readonly height: number;
}

const PERCENT_WIDTH = 8;
const COUNT_WIDTH = 9;
/** From this width on there is room for the shares in figures. */
const WIDE = 44;

export function VerdictBars({ title, counts, nameWidth, width, height }: VerdictBarsProps) {
  const { glyphs } = useContext(ThemeContext);
  const seen = counts.filter(({ count }) => count > 0);
  const total = seen.reduce((sum, { count }) => sum + count, 0);
  const isAllShown = seen.length < height;
  const shown = isAllShown ? seen : [...seen].sort((a, b) => b.count - a.count).slice(0, height - 2);
  const lines = shown.map((verdict) => barLine(verdict, total, nameWidth, width, glyphs));
  if (seen.length === 0) lines.push([span(" none yet", "quiet")]);
  if (!isAllShown) lines.push([span(` ${seen.length - shown.length} more kinds`, "quiet")]);
  return <Lines lines={[[span(` ${title}`, "strong")], ...lines]} width={width} height={height} />;
}

function barLine(
  { name, count, tone }: VerdictCount,
  total: number,
  nameWidth: number,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const share = count / total;
  const percent = width >= WIDE ? pad(formatPercent(share), PERCENT_WIDTH, "right") : "";
  const room = width - nameWidth - COUNT_WIDTH - percent.length - 3;
  return [
    span(` ${pad(name, nameWidth)}`),
    span(`${pad(formatCount(count), COUNT_WIDTH, "right")}${percent} `),
    span(bar(share, room, glyphs.isAscii), tone),
  ];
}
