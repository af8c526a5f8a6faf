/**
 * Counts of a few named kinds on one line, most first, for terminals without room for bars.
 */
import { useContext } from "react";
import { formatCount, pad } from "../../output/format.js";
import { joinFitting, span } from "../spans.js";
import { ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";
import type { VerdictCount } from "./verdict-bars.js";

export interface VerdictLineProps {
  readonly title: string;
  readonly counts: readonly VerdictCount[];
  readonly width: number;
}

const TITLE_WIDTH = 10;

export function VerdictLine({ title, counts, width }: VerdictLineProps) {
  const { glyphs } = useContext(ThemeContext);
  const seen = counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  const parts = seen.map(({ name, count }) => `${name} ${formatCount(count)}`);
  const text = parts.length === 0 ? "none yet" : joinFitting(parts, glyphs.between, width - TITLE_WIDTH - 1);
  return (
    <Lines lines={[[span(pad(` ${title}`, TITLE_WIDTH), "strong"), span(text)]]} width={width} height={1} />
  );
}
