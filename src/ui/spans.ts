/**
 * Lines as data: pieces of text with a tone, joined, measured, padded and cut without a terminal.
 *
 * Every screen lays itself out in these, to the exact width that it was given, so that nothing is wrapped or pushed
 * about by what a capture happens to contain. Widths count characters, as output/format.ts does.
 */
import { clip, printable } from "../output/format.js";
import type { Tone } from "./theme.js";

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** Text with a tone; plain unless told otherwise. */
export function span(text: string, tone: Tone = "plain"): Span {
  return { text, tone };
}

/** Characters that the pieces take together. */
export function widthOf(spans: readonly Span[]): number {
  return spans.reduce((width, piece) => width + piece.text.length, 0);
}

/** Cuts the line to `width` characters and fills it up to them. */
export function toWidth(spans: readonly Span[], width: number, isAscii: boolean): readonly Span[] {
  const fitted: Span[] = [];
  let left = width;
  for (const [index, piece] of spans.entries()) {
    const isCut =
      piece.text.length > left || (piece.text.length === left && widthOf(spans.slice(index + 1)) > 0);
    const text = isCut ? clip(`${piece.text} `.padEnd(left + 1), left, isAscii) : piece.text;
    if (text !== "") fitted.push({ text, tone: piece.tone });
    left -= text.length;
    if (isCut) break;
  }
  if (left > 0) fitted.push(span(" ".repeat(left)));
  return fitted;
}

/** Puts `right` at the right edge of a line of `width` characters; `left` is cut where both do not fit. */
export function spread(
  left: readonly Span[],
  right: readonly Span[],
  width: number,
  isAscii: boolean,
): readonly Span[] {
  const room = width - widthOf(right);
  return room < 8 ? toWidth(left, width, isAscii) : [...toWidth(left, room, isAscii), ...right];
}

/** Joins as many of the parts as fit, the first ones first: what matters least stands last. */
export function joinFitting(parts: readonly string[], between: string, width: number): string {
  let line = "";
  for (const part of parts) {
    const candidate = line === "" ? part : `${line}${between}${part}`;
    if (candidate.length > width && line !== "") break;
    line = candidate;
  }
  return line;
}

/** Cuts text at its left, where addresses and paths differ least, to `width` characters. */
export function clipLeft(text: string, width: number, more: string): string {
  if (text.length <= width) return text;
  return width <= 0 ? "" : `${more}${text.slice(text.length - width + 1)}`;
}

/** A file's name as it may be shown: escaped, and of a path the end where all of it does not fit. */
export function showName(name: string, width: number, more: string): string {
  return clipLeft(printable(name), width, more);
}
