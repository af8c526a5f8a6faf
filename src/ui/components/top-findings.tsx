/**
 * The worst findings, a line each, and how many more there are.
 */
import { useContext } from "react";
import { formatCount, pad, printable } from "../../output/format.js";
import type { Finding } from "../../report/finding.js";
import { actorWord, severityWord } from "../finding-lines.js";
import { markSpan } from "../marks.js";
import { type Span, span, spread } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface TopFindingsProps {
  /** All of them, the worst first. */
  readonly findings: readonly Finding[];
  readonly width: number;
  readonly height: number;
}

/** From these widths on the severity stands there as a word too, and who has to act. */
const WITH_WORD = 100;
const WITH_ACTOR = 70;

export function TopFindings({ findings, width, height }: TopFindingsProps) {
  const { glyphs } = useContext(ThemeContext);
  const shown = findings.slice(0, Math.max(0, height));
  const hidden = findings.length - shown.length;
  const lines = shown.map((finding, index) => {
    const isLast = index === shown.length - 1;
    return findingLine(finding, isLast ? hidden : 0, width, glyphs);
  });
  return <Lines lines={lines} width={width} height={height} />;
}

function findingLine(finding: Finding, hidden: number, width: number, glyphs: Glyphs): readonly Span[] {
  const { severity, sentence, actor } = finding;
  const word = width >= WITH_WORD ? `${pad(severityWord(severity), 8)} ` : "";
  const tone = severity === "note" ? "plain" : severity;
  const left = [span(" "), markSpan(severity, glyphs), span(` ${word}`, tone), span(printable(sentence))];
  const who = width >= WITH_ACTOR ? [span(` ${pad(actorWord(actor), 9)} `, "quiet")] : [];
  return spread(left, hidden > 0 ? moreOf(hidden, width) : who, width, glyphs.isAscii);
}

function moreOf(hidden: number, width: number): readonly Span[] {
  const shows = width >= WITH_ACTOR ? " shows all " : " ";
  return [span(` ${formatCount(hidden)} more: `, "quiet"), span("4", "key"), span(shows, "quiet")];
}
