/**
 * The fourth screen: what the rules conclude, worst first, the selected finding unfolded.
 */
import { Box } from "ink";
import { useContext } from "react";
import { formatNumberOf } from "../../output/format.js";
import { isClean } from "../../report/clean.js";
import { omittedText } from "../../report/finding-words.js";
import type { CaptureSummary } from "../../report/summary.js";
import { Lines } from "../components/lines.js";
import { findingsHeading, findingsLines } from "../finding-lines.js";
import type { FindingsList } from "../hooks/use-findings.js";
import { type Span, span } from "../spans.js";
import { ThemeContext } from "../theme.js";

export interface FindingsProps {
  readonly findings: FindingsList;
  readonly summary: CaptureSummary;
  readonly isReading: boolean;
  readonly width: number;
  readonly height: number;
}

const HEADINGS = 1;

/** Lines of this screen that are no findings: the headings, and below the list what is in none. */
export function findingsMargin({ findingsOmitted }: CaptureSummary): number {
  return HEADINGS + (findingsOmitted.length > 0 ? 1 : 0);
}

export function Findings({ findings, summary, isReading, width, height }: FindingsProps) {
  const { glyphs } = useContext(ThemeContext);
  const { all, place } = findings;
  if (all.length === 0) {
    const line = [span(`  ${emptiness(summary, isReading)}`, "quiet")];
    return <Lines lines={[[], line, omittedLine(summary)]} width={width} height={height} />;
  }
  const room = { width, height: height - findingsMargin(summary), glyphs };
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines lines={[findingsHeading(width)]} width={width} height={HEADINGS} />
      <Lines lines={findingsLines(all, place, room)} width={width} height={room.height} />
      <Lines lines={[omittedLine(summary)]} width={width} height={findingsMargin(summary) - HEADINGS} />
    </Box>
  );
}

/** Of the rule with most connections that stand in no finding, and how many more rules have such. */
function omittedLine({ findingsOmitted }: CaptureSummary): readonly Span[] {
  const [most, ...others] = findingsOmitted;
  if (!most) return [];
  const more = others.length > 0 ? `; ${formatNumberOf(others.length, "more rule")} likewise` : "";
  return [span(` ${omittedText(most)}${more}`, "quiet")];
}

function emptiness(summary: CaptureSummary, isReading: boolean): string {
  if (isReading) return "no findings so far";
  if (summary.connections === 0) return "no findings: no TCP connection in this capture";
  if (isClean(summary)) return "nothing to complain of";
  return "no findings; what else is odd stands on the overview (1)";
}
