/**
 * The worst findings as a few lines: each sentence whole where there is room for it, else cut, with the figures of what was
 * cut behind it. Pure: findings and a size in, lines out.
 */
import { formatCount, formatDuration, formatNumberOf, pad, printable, wrap } from "../output/format.js";
import type { Finding } from "../report/finding.js";
import { actorWord, severityWord } from "./finding-lines.js";
import { markSpan } from "./marks.js";
import { type Span, span, spread, widthOf } from "./spans.js";
import type { Glyphs } from "./theme.js";

type Line = readonly Span[];

/** From these widths on the severity stands there as a word too, and who has to act. */
const WITH_WORD = 100;
const WITH_ACTOR = 70;

/** Figures stand behind a sentence that is cut where they leave it so much. */
const LEAST_SAID = 24;

/** A finding with what stands before and behind its sentence. */
interface Framed {
  readonly finding: Finding;
  readonly before: Line;
  /** Behind its first line. */
  readonly who: Line;
  /** Behind its last line, in the place of anything else: how many are hidden; empty where none are. */
  readonly more: Line;
  readonly lines: readonly string[];
}

function frame(finding: Finding, hidden: number, width: number, glyphs: Glyphs): Framed {
  const { severity, actor } = finding;
  const word = width >= WITH_WORD ? `${pad(severityWord(severity), 8)} ` : "";
  const tone = severity === "note" ? "plain" : severity;
  const before = [span(" "), markSpan(severity, glyphs), span(` ${word}`, tone)];
  const who = width >= WITH_ACTOR ? [span(` ${pad(actorWord(actor), 9)} `, "quiet")] : [];
  const more = hidden > 0 ? moreOf(hidden, width) : [];
  const room = width - widthOf(before) - Math.max(widthOf(who), widthOf(more));
  return { finding, before, who, more, lines: wrap(printable(finding.sentence), Math.max(1, room)) };
}

function moreOf(hidden: number, width: number): Line {
  const shows = width >= WITH_ACTOR ? " shows all " : " ";
  return [span(` ${formatCount(hidden)} more: `, "quiet"), span("4", "key"), span(shows, "quiet")];
}

/** The lines that the findings take where each is told whole. */
export function topFindingsLength(findings: readonly Finding[], width: number, glyphs: Glyphs): number {
  return findings.reduce((sum, finding) => sum + frame(finding, 0, width, glyphs).lines.length, 0);
}

/** A line for each as long as there are some, the worst first, and what is left to the worst whose sentences are longer. */
export function topFindingLines(
  findings: readonly Finding[],
  width: number,
  height: number,
  glyphs: Glyphs,
): readonly Line[] {
  const shown = findings.slice(0, Math.max(0, height));
  const hidden = findings.length - shown.length;
  let spare = height - shown.length;
  return shown.flatMap((finding, index) => {
    const framed = frame(finding, index === shown.length - 1 ? hidden : 0, width, glyphs);
    const longer = Math.min(spare, framed.lines.length - 1);
    spare -= longer;
    return linesOf(framed, longer + 1, width, glyphs);
  });
}

function linesOf(
  { finding, before, who, more, lines }: Framed,
  count: number,
  width: number,
  glyphs: Glyphs,
) {
  const indent = span(" ".repeat(widthOf(before)));
  return lines.slice(0, count).map((text, line): Line => {
    const isLast = line === count - 1;
    const isCut = isLast && lines.length > count;
    const said = span(isCut ? lines.slice(line).join(" ") : text);
    const behind = isLast && more.length > 0 ? more : line === 0 ? who : [];
    const figures = isCut ? figuresOf(finding) : [];
    const hasFigures = width - widthOf(figures) - widthOf(behind) >= LEAST_SAID;
    const end = hasFigures ? [...figures, ...behind] : behind;
    return spread(line === 0 ? [...before, said] : [indent, said], end, width, glyphs.isAscii);
  });
}

/** Connections, and the time that they lost. */
function figuresOf({ connections, lostMs }: Finding): Line {
  const lost = lostMs !== null && lostMs > 0 ? `, ${formatDuration(lostMs)} lost` : "";
  const text = connections > 0 ? ` ${formatNumberOf(connections, "conn")}${lost}` : lost.slice(1);
  return text === "" ? [] : [span(text)];
}
