/**
 * Text for people, pure: the quantities of report/quantities.ts, columns, bars, lines of bounded width, and the one
 * way in which words from a capture or a file name may reach a terminal.
 *
 * No colour, no terminal and no node:* here. Widths count characters: everything that is laid out is either made of
 * single-width characters or has gone through `printable`.
 */
import { formatDuration, formatTimeOfDay } from "../report/quantities.js";
import type { ConnectionRecord } from "../report/record.js";
import type { CaptureSummary } from "../report/summary.js";

export {
  formatBytes,
  formatBytesShort,
  formatCount,
  formatDuration,
  formatEndpoint,
  formatNumberOf,
  formatPercent,
  formatRate,
  formatTimeOfDay,
  UNKNOWN,
} from "../report/quantities.js";

/** Controls, marks that reorder or hide text, line separators, halves of characters: nothing that a person can see. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Makes text from a capture, a file name or an error safe for a terminal: C0 and C1 controls, DEL, ESC, bidirectional
 * controls, zero-width characters, line separators and lone surrogates become visible escapes (`\x1b`, `\u202e`,
 * `\u{e0041}`). Everything else, a space and other scripts included, stays as it is.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0)!;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
    return `\\u{${code.toString(16)}}`;
  });
}

/** When a connection began: the time of day, UTC, or the time since the beginning of the capture. */
export function startText({ start, startMs }: ConnectionRecord, isRelative: boolean | undefined): string {
  return isRelative ? `+${formatDuration(startMs)}` : formatTimeOfDay(start);
}

export type Align = "left" | "right";

/** Fills `text` up to `width` characters; longer text stays whole. */
export function pad(text: string, width: number, align: Align = "left"): string {
  return align === "left" ? text.padEnd(width) : text.padStart(width);
}

/** Cuts `text` to `width` characters, the last of them `…` (or `~` in ASCII) where something is missing. */
export function clip(text: string, width: number, isAscii = false): string {
  if (text.length <= width) return text;
  if (width <= 0) return "";
  // Half of a surrogate pair would be no character at all.
  return `${text.slice(0, width - 1).replace(/[\ud800-\udbff]$/, "")}${isAscii ? "~" : "…"}`;
}

/** Blanks at which a line may break: not those between a number and its unit. */
const BREAKS = / (?!(?:ns|ms|s|min|h|B|kB|MB|GB|TB|PB|%)(?![\w]))/;

/**
 * Breaks a sentence into lines of at most `width` characters, between words; a longer word stays whole. The first line
 * begins with `first`, later ones with `indent`.
 */
export function wrap(text: string, width: number, indent = "", first = ""): string[] {
  const lines: string[] = [];
  let line = first;
  let isBare = true;
  for (const word of text.split(BREAKS)) {
    const candidate = isBare ? `${line}${word}` : `${line} ${word}`;
    if (isBare || candidate.length <= width) line = candidate;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
    isBare = false;
  }
  lines.push(line);
  return lines;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A horizontal bar for a share between 0 and 1, to an eighth of a character; never empty for a share above 0. */
export function bar(share: number, width: number, isAscii = false): string {
  if (!(share > 0)) return "";
  const bounded = Math.min(1, share);
  if (isAscii) return "#".repeat(Math.max(1, Math.round(bounded * width)));
  const eighths = Math.max(1, Math.round(bounded * width * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

const HEIGHTS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const ASCII_HEIGHTS = [".", ":", "-", "=", "+", "*", "%", "#"] as const;

/** One character a value, as high as its share of the largest; a blank for 0, at least the lowest mark above it. */
export function sparkline(values: readonly number[], isAscii = false): string {
  const largest = Math.max(0, ...values);
  const marks = isAscii ? ASCII_HEIGHTS : HEIGHTS;
  return values
    .map((value) => (value > 0 ? marks[Math.min(7, Math.floor((value / largest) * 7.999))]! : " "))
    .join("");
}

const TIME_UNITS: Readonly<Record<number, string>> = {
  1e9: "seconds",
  1e6: "milliseconds",
  1e3: "microseconds",
  1: "nanoseconds",
};

/** What a capture's timestamps count ("microseconds"), all of them where its interfaces differ: finer times than that are not known. */
export function timestampUnits(summary: CaptureSummary): string {
  const units = new Set(summary.interfaces.map(({ timestampUnitNs }) => timestampUnitNs));
  const names = [...units].sort((a, b) => b - a).map((ns) => TIME_UNITS[ns] ?? `units of ${formatUnit(ns)}`);
  return names.join(" and ");
}

function formatUnit(ns: number): string {
  return ns < 1 ? `${Number((ns * 1000).toPrecision(3))} ps` : `${Number(ns.toPrecision(3))} ns`;
}
