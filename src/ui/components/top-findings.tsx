/**
 * The worst findings, and how many more there are.
 */
import { useContext } from "react";
import type { Finding } from "../../report/finding.js";
import { ThemeContext } from "../theme.js";
import { topFindingLines } from "../top-finding-lines.js";
import { Lines } from "./lines.js";

export interface TopFindingsProps {
  /** All of them, the worst first. */
  readonly findings: readonly Finding[];
  readonly width: number;
  readonly height: number;
}

export function TopFindings({ findings, width, height }: TopFindingsProps) {
  const { glyphs } = useContext(ThemeContext);
  return <Lines lines={topFindingLines(findings, width, height, glyphs)} width={width} height={height} />;
}
