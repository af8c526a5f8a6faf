/**
 * What was captured, and what is wrong with the capture itself, worst first.
 */
import { useContext } from "react";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  printable,
  timestampUnits,
} from "../../output/format.js";
import { whereSeen } from "../../report/capture-point-words.js";
import type { CaptureSummary } from "../../report/summary.js";
import { joinFitting, type Span, span, spread } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface CaptureLinesProps {
  readonly summary: CaptureSummary;
  readonly width: number;
  /** One line for the capture, the others for troubles. */
  readonly height: number;
}

export function CaptureLines({ summary, width, height }: CaptureLinesProps) {
  const { glyphs } = useContext(ThemeContext);
  const capture = [span(` ${joinFitting(captureParts(summary), glyphs.between, width - 2)}`)];
  return (
    <Lines
      lines={[capture, ...troubleLines(summary, height - 1, width, glyphs)]}
      width={width}
      height={height}
    />
  );
}

function captureParts(summary: CaptureSummary): readonly string[] {
  const day = summary.start === null ? "" : `${summary.start.slice(0, 10)} ${summary.start.slice(11, 19)}`;
  return [
    formatNumberOf(summary.connections, "connection"),
    formatNumberOf(summary.packets, "packet"),
    formatBytes(summary.wireBytes),
    formatDuration(summary.durationMs),
    summary.handshake.connectTime.count > 0 ? whereSeen(summary.capturePoint) : "",
    day === "" ? "" : `${day} UTC`,
    [summary.format, timestampUnits(summary)].filter((part) => part !== "").join(" in "),
    ipVersions(summary),
  ].filter((part) => part !== "");
}

/** Said where it is not IPv4 alone: of a server's name IPv6 has brackets. */
function ipVersions({ servers }: CaptureSummary): string {
  const six = servers.filter(({ name }) => name.startsWith("[")).length;
  if (six === 0) return "";
  return six === servers.length ? "IPv6" : "IPv4 and IPv6";
}

type Trouble = readonly [kind: "problem" | "warning" | "note", sentence: string];

/** What a reader of the figures below has to know about the capture, worst first. */
export function troublesOf(summary: CaptureSummary): readonly Trouble[] {
  const fatal = summary.problems.filter((problem) => problem.isFatal);
  const mild = summary.problems.filter((problem) => !problem.isFatal);
  const dropped = summary.interfaces.reduce((sum, each) => sum + (each.droppedPackets ?? 0), 0);
  const troubles: Trouble[] = fatal.map((problem) => ["problem", problem.sentence]);
  if (dropped > 0) troubles.push(["warning", `the capture dropped ${formatNumberOf(dropped, "packet")}`]);
  if (summary.missingBytes > 0) {
    troubles.push([
      "warning",
      `${formatBytes(summary.missingBytes)} were acknowledged and never captured: loss in the capture`,
    ]);
  }
  for (const { sentence, count } of mild) {
    troubles.push(["warning", count > 1 ? `${sentence} (${formatCount(count)} times)` : sentence]);
  }
  for (const skipped of summary.skipped) {
    if (skipped.isDefect)
      troubles.push(["warning", `${formatNumberOf(skipped.packets, "packet")}: ${skipped.title}`]);
  }
  for (const note of summary.notes) troubles.push(["note", note]);
  return troubles;
}

function troubleLines(
  summary: CaptureSummary,
  count: number,
  width: number,
  glyphs: Glyphs,
): readonly (readonly Span[])[] {
  const troubles = troublesOf(summary);
  if (troubles.length === 0) {
    return summary.isComplete && summary.packets > 0
      ? [[span(" the capture is whole: nothing dropped, cut or unreadable", "quiet")]]
      : [];
  }
  return troubles.slice(0, count).map(([kind, sentence], index) => {
    const hidden = index === count - 1 ? troubles.length - count : 0;
    const mark = kind === "note" ? span(` ${glyphs.dot} `) : span(` ${glyphs[kind]} `, kind);
    const right = hidden > 0 ? [span(` ${formatCount(hidden)} more `, "quiet")] : [];
    return spread([mark, span(printable(sentence))], right, width, glyphs.isAscii);
  });
}
