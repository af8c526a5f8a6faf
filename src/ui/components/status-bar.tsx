/**
 * The last line: how far the reading is, or that it is done, or what went wrong; and the keys that matter here.
 */
import { useContext } from "react";
import {
  bar,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  printable,
} from "../../output/format.js";
import type { Progress } from "../../report/view.js";
import { hintsFor, type ScreenName } from "../keys.js";
import { type Span, span, spread, widthOf } from "../spans.js";
import { type Glyphs, ThemeContext } from "../theme.js";
import { Lines } from "./lines.js";

export interface StatusBarProps {
  readonly progress: Progress;
  /** False as soon as the reading has ended, however it ended. */
  readonly isReading: boolean;
  /** Whether what is shown stands still meanwhile. */
  readonly isPaused: boolean;
  /** What the reading failed with, or null. */
  readonly failure: string | null;
  /** What a command had to say: it stands in front of everything else. */
  readonly notice: string | null;
  readonly screen: ScreenName;
  readonly width: number;
}

export function StatusBar({ progress, isReading, isPaused, failure, notice, screen, width }: StatusBarProps) {
  const { glyphs } = useContext(ThemeContext);
  if (notice !== null) {
    const said = [span(` ${printable(notice)}`, "strong")];
    return <Lines lines={[spread(said, shortHints(), width, glyphs.isAscii)]} width={width} height={1} />;
  }
  const trouble = failure ?? progress.problem;
  const left = isReading
    ? isPaused
      ? paused(progress)
      : reading(progress, width, glyphs)
    : trouble === null
      ? done(progress, width)
      : failed(trouble, glyphs);
  const line = spread(
    left,
    isReading ? shortHints() : hints(screen, width - widthOf(left) - 2),
    width,
    glyphs.isAscii,
  );
  return <Lines lines={[line]} width={width} height={1} />;
}

function reading(progress: Progress, width: number, glyphs: Glyphs): readonly Span[] {
  const rate = `${formatRate(progress.packetsPerSecond)} packets/s`;
  const { bytesTotal, capturing } = progress;
  if (capturing !== null) {
    const { name, droppedPackets } = capturing;
    const dropped = `  ${formatCount(droppedPackets)} dropped`;
    return [
      span(" capturing ", "strong"),
      span(`${name}  ${rate}`),
      span(dropped, droppedPackets > 0 ? "problem" : "quiet"),
    ];
  }
  if (bytesTotal === null || bytesTotal <= 0) {
    const packets = `${formatCount(progress.packets)} packets`;
    return [span(" reading ", "strong"), span(`${formatBytes(progress.bytesRead)}, ${packets}, ${rate}`)];
  }
  const share = Math.min(1, progress.bytesRead / bytesTotal);
  const room = Math.max(4, Math.min(60, width - 70));
  const filled = bar(share, room, glyphs.isAscii);
  // Widths stay the same while numbers grow, so that the line does not tremble.
  const figures = `${formatPercent(share).padStart(7)}  ${formatBytes(bytesTotal)}  ${rate.padStart(16)}  ${timeLeft(progress)}`;
  return [
    span(" reading ", "strong"),
    span(filled, "accent"),
    span(glyphs.empty.repeat(Math.max(0, room - filled.length)), "quiet"),
    span(figures),
  ];
}

function paused({ capturing }: Progress): readonly Span[] {
  const goesOn = capturing === null ? "the reading goes on" : "the capture goes on";
  return [
    span(" paused ", "warning"),
    span(`as it was; ${goesOn}; `, "quiet"),
    span("p", "key"),
    span(" shows it"),
  ];
}

function timeLeft(progress: Progress): string {
  const { bytesRead, bytesTotal, packets, packetsPerSecond } = progress;
  if (bytesTotal === null || bytesRead <= 0 || packets <= 0 || packetsPerSecond <= 0) return "";
  const elapsedMs = (packets / packetsPerSecond) * 1000;
  const leftMs = Math.max(0, (elapsedMs * (bytesTotal - bytesRead)) / bytesRead);
  return leftMs < 1000
    ? "<1 s left"
    : `${formatDuration(Math.round(leftMs / 1000) * 1000)
        .replace(".0 ", " ")
        .replace(".000 ", " ")} left`;
}

function formatRate(perSecond: number): string {
  if (perSecond >= 999_500) return `${(perSecond / 1e6).toFixed(1)} M`;
  return perSecond >= 10_000 ? `${Math.round(perSecond / 1000)} k` : formatCount(perSecond);
}

function done(progress: Progress, width: number): readonly Span[] {
  const rate =
    progress.packets > 0 && width >= 100 ? `, ${formatRate(progress.packetsPerSecond)} packets/s` : "";
  return [span(" done", "good"), span(`  ${formatCount(progress.packets)} packets${rate}`, "quiet")];
}

function failed(trouble: string, glyphs: Glyphs): readonly Span[] {
  return [span(` ${glyphs.problem} `, "problem"), span(printable(trouble), "problem")];
}

function shortHints(): readonly Span[] {
  return [span("?", "key"), span(" help "), span("q", "key"), span(" quit ")];
}

/** As many hints as fit, the ones that lead out (help, quit) always. */
function hints(screen: ScreenName, room: number): readonly Span[] {
  const pieces: Span[] = [];
  let left = room - widthOf(shortHints());
  for (const binding of hintsFor(screen)) {
    const key = binding.shown.split(" ")[0]!;
    const width = key.length + binding.hint.length + 2;
    if (width > left) break;
    left -= width;
    pieces.push(span(key, "key"), span(` ${binding.hint} `));
  }
  return [...pieces, ...shortHints()];
}
