/**
 * How a text report looks on its medium: width, colours or none, block characters or plain ASCII.
 *
 * Only the sixteen colours that every terminal theme defines, and never as the only sign: a word stands beside each.
 */

/** Escape sequences that reports use, by what they are for. */
const SEQUENCES = { heading: "1", faint: "2", problem: "31", good: "32", caution: "33" } as const;

export type Emphasis = keyof typeof SEQUENCES;

/** What a text report must know of the place where it is read. */
export interface Medium {
  /** Characters in a line; at least 60 are used. */
  readonly width: number;
  readonly hasColor: boolean;
  /** Where the reader's locale has no Unicode: bars and arrows are drawn with ASCII characters. */
  readonly isAscii: boolean;
  /** Times since the beginning of the capture stand in the place of times of day. */
  readonly isRelative?: boolean;
}

/** Marks text that has been laid out already: the sequences count as no width. */
export function emphasize(medium: Medium, emphasis: Emphasis, text: string): string {
  return medium.hasColor && text !== "" ? `\x1b[${SEQUENCES[emphasis]}m${text}\x1b[0m` : text;
}

/** The characters that reports draw with. */
export function glyphs(medium: Medium): { readonly dot: string; readonly arrow: string } {
  return medium.isAscii ? { dot: "-", arrow: "->" } : { dot: "·", arrow: "→" };
}
