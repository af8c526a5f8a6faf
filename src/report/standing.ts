/**
 * How many stood in a state at once, in words: "40 at once at 12:03:10, 38 at the end".
 */
import { formatCount, formatDuration, formatTimeOfDay } from "./quantities.js";
import type { CaptureSummary, Standing } from "./summary.js";

/** "40 at once at 12:03:10, 38 at the end"; `isWhole`: none are missing in it. */
export function standingText(
  { peak, peakAtMs, atEnd }: Standing,
  summary: Pick<CaptureSummary, "start">,
  isWhole = true,
): string {
  const most = `${isWhole ? "" : "at least "}${formatCount(peak)} at once ${momentText(summary, peakAtMs)}`;
  if (atEnd === peak) return `${most} and at the end`;
  return `${most}, ${atEnd === 0 ? "none" : formatCount(atEnd)} at the end`;
}

/** "at 12:03:10" (UTC, as everywhere), or "12.0 s after the capture began" where its time of day is not known. */
export function momentText({ start }: Pick<CaptureSummary, "start">, ms: number): string {
  const startMs = start === null ? Number.NaN : Date.parse(start);
  if (Number.isNaN(startMs)) return `${formatDuration(ms)} after the capture began`;
  return `at ${formatTimeOfDay(new Date(startMs + ms).toISOString()).slice(0, 8)}`;
}

/**
 * How many of a server's connections were open when some of them, `ended`, ended within [fromMs, toMs]: those before it,
 * or those left after it and the ones that ended; `stepMs` as the counts have it.
 */
export function openAround(
  { counts }: Standing,
  stepMs: number,
  fromMs: number,
  toMs: number,
  ended: number,
): number {
  const before = counts[Math.floor(fromMs / stepMs) - 1] ?? 0;
  const after = counts[Math.min(counts.length - 1, Math.floor(toMs / stepMs))] ?? 0;
  return Math.max(before, after + ended);
}
