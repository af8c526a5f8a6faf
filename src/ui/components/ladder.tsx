/**
 * The ladder of one connection: the lines that fit, from the line that it was scrolled to.
 */
import { Box } from "ink";
import { useContext } from "react";
import { formatCount, printable } from "../../output/format.js";
import type { Frame } from "../../report/frame.js";
import type { Ladder } from "../../report/view.js";
import type { LadderState } from "../hooks/use-ladder.js";
import { ladderHeading, ladderLength, ladderLines } from "../ladder-lines.js";
import { type Span, span, spread } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface LadderPaneProps {
  readonly state: LadderState;
  /** First line shown. */
  readonly scroll: number;
  /** Packets to point at. */
  readonly marked: readonly Frame[];
  readonly width: number;
  /** Lines, that of the heading included. */
  readonly height: number;
}

export function LadderPane({ state, scroll, marked, width, height }: LadderPaneProps) {
  const { glyphs } = useContext(ThemeContext);
  const { ladder, failure } = state;
  if (ladder === null || ladder.absent !== null) {
    const [text, tone] = reason(state);
    const line = [span(`  ${printable(text)}`, tone)];
    return <Lines lines={[[], line]} width={width} height={height} />;
  }
  const lines = failure === null ? ladderLines(ladder, scroll, height - 1, width, glyphs, marked) : [];
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      <Lines lines={[heading(ladder, scroll, height - 1, width, glyphs)]} width={width} height={1} />
      <Lines lines={lines} width={width} height={height - 1} />
    </Box>
  );
}

function reason({ ladder, failure }: LadderState): readonly [string, "problem" | "quiet"] {
  if (failure !== null) return [`the segments could not be read again: ${failure}`, "problem"];
  return [ladder?.absent ?? "reading the segments again", "quiet"];
}

/** The heading, with the place in the ladder where it is longer than its pane. */
function heading(
  ladder: Ladder,
  scroll: number,
  count: number,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const length = ladderLength(ladder, width, glyphs);
  if (length <= count) return ladderHeading(ladder, width);
  const place = `${formatCount(scroll + 1)}-${formatCount(Math.min(length, scroll + count))} of ${formatCount(length)}`;
  return spread(ladderHeading(ladder, width), [span(` ${place} `, "quiet")], width, glyphs.isAscii);
}
