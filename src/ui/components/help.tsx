/**
 * The help: the key table, and what the marks mean.
 */
import { useContext } from "react";
import { BINDINGS } from "../keys.js";
import { type Span, span } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface HelpProps {
  /** Whether something is captured or followed. */
  readonly isLive: boolean;
  readonly width: number;
  readonly height: number;
}

const KEY_WIDTH = 18;

export function Help({ isLive, width, height }: HelpProps) {
  const { glyphs } = useContext(ThemeContext);
  const lines = BINDINGS.filter(({ isForLive }) => isLive || !isForLive).map(
    ({ shown, help }): readonly Span[] => [span(` ${shown.padEnd(KEY_WIDTH)}`, "key"), span(help)],
  );
  return (
    <Lines
      lines={[...lines, ...(lines.length + 2 < height ? [[]] : []), ...marks(glyphs)]}
      width={width}
      height={height}
    />
  );
}

function marks(glyphs: Glyphs): readonly (readonly Span[])[] {
  return [
    [
      span(` ${glyphs.problem}`, "problem"),
      span(" failed or given up   "),
      span(glyphs.warning, "warning"),
      span(" lost something or never closed   "),
      span(glyphs.dot, "strong"),
      span(" has a finding"),
    ],
  ];
}
