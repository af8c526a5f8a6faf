/**
 * The fourth screen: what the rules conclude, worst first, the selected finding unfolded.
 */
import { Box } from "ink";
import { useContext } from "react";
import { isClean } from "../../report/clean.js";
import type { CaptureSummary } from "../../report/summary.js";
import { Lines } from "../components/lines.js";
import { findingsHeading, findingsLines } from "../finding-lines.js";
import type { FindingsList } from "../hooks/use-findings.js";
import { span } from "../spans.js";
import { ThemeContext } from "../theme.js";

export interface FindingsProps {
  readonly findings: FindingsList;
  readonly summary: CaptureSummary;
  readonly isReading: boolean;
  readonly width: number;
  readonly height: number;
}

/** Lines of this screen that are no findings: the headings. */
export const FINDINGS_MARGIN = 1;

export function Findings({ findings, summary, isReading, width, height }: FindingsProps) {
  const { glyphs } = useContext(ThemeContext);
  const { all, place } = findings;
  if (all.length === 0) {
    const line = [span(`  ${emptiness(summary, isReading)}`, "quiet")];
    return <Lines lines={[[], line]} width={width} height={height} />;
  }
  const room = { width, height: height - FINDINGS_MARGIN, glyphs };
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines lines={[findingsHeading(width)]} width={width} height={FINDINGS_MARGIN} />
      <Lines lines={findingsLines(all, place, room)} width={width} height={room.height} />
    </Box>
  );
}

function emptiness(summary: CaptureSummary, isReading: boolean): string {
  if (isReading) return "no findings so far";
  if (summary.connections === 0) return "no findings: no TCP connection in this capture";
  if (isClean(summary)) return "nothing to complain of";
  return "no findings; what else is odd stands on the overview (1)";
}
