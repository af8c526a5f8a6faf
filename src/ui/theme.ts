/**
 * What things look like: tones instead of colours, and the glyphs of a terminal that shows Unicode or only ASCII.
 *
 * Only the sixteen colours that every terminal lets its owner choose, so that light and dark backgrounds both work;
 * none with NO_COLOR. No meaning is ever in a tone alone: a word or a symbol stands beside it.
 */
import { createContext } from "react";

/** Why a piece of text stands out; the theme decides how. */
export type Tone =
  | "plain"
  | "strong"
  | "quiet"
  | "good"
  | "warning"
  | "problem"
  | "accent"
  | "key"
  | "selected";

/** The part of Ink's text properties that a tone may set. */
export interface Look {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
}

/** Marks that have a form in ASCII. */
export interface Glyphs {
  readonly isAscii: boolean;
  readonly cursor: string;
  readonly problem: string;
  readonly warning: string;
  readonly dot: string;
  readonly between: string;
  readonly rule: string;
  readonly lifeline: string;
  readonly line: string;
  readonly dashed: string;
  readonly fromLeft: string;
  readonly fromRight: string;
  readonly headRight: string;
  readonly headLeft: string;
  readonly to: string;
  readonly ascending: string;
  readonly descending: string;
  readonly full: string;
  readonly empty: string;
  readonly more: string;
  readonly caret: string;
  readonly arrows: string;
}

const UNICODE: Glyphs = {
  isAscii: false,
  cursor: "▸",
  problem: "✗",
  warning: "▲",
  dot: "·",
  between: " · ",
  rule: "─",
  lifeline: "│",
  line: "─",
  dashed: "╌",
  fromLeft: "├",
  fromRight: "┤",
  headRight: "▶",
  headLeft: "◀",
  to: "→",
  ascending: "▲",
  descending: "▼",
  full: "█",
  empty: "░",
  more: "…",
  caret: "▏",
  arrows: "↑↓",
};

const ASCII: Glyphs = {
  isAscii: true,
  cursor: ">",
  problem: "x",
  warning: "!",
  dot: "-",
  between: " - ",
  rule: "-",
  lifeline: "|",
  line: "-",
  dashed: "=",
  fromLeft: "|",
  fromRight: "|",
  headRight: ">",
  headLeft: "<",
  to: "->",
  ascending: "^",
  descending: "v",
  full: "#",
  empty: ".",
  more: "~",
  caret: "_",
  arrows: "up/down",
};

const COLOURED: Readonly<Record<Tone, Look>> = {
  plain: {},
  strong: { bold: true },
  quiet: { dimColor: true },
  good: { color: "green" },
  warning: { color: "magenta" },
  problem: { color: "red", bold: true },
  accent: { color: "cyan" },
  key: { color: "cyan", bold: true },
  selected: { inverse: true },
};

const UNCOLOURED: Readonly<Record<Tone, Look>> = {
  ...COLOURED,
  good: {},
  warning: { bold: true },
  problem: { bold: true },
  accent: {},
  key: { bold: true },
};

export interface Theme {
  readonly glyphs: Glyphs;
  readonly looks: Readonly<Record<Tone, Look>>;
}

/** The part of the environment that decides about the theme. */
export type ThemeEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Chooses the theme: ASCII where the locale (POSIX order: LC_ALL, LC_CTYPE, LANG) names no UTF-8, no colour where
 * NO_COLOR is set to anything. Windows and macOS have no locale in the environment of every terminal and draw Unicode.
 */
export function chooseTheme(environment: ThemeEnvironment, platform: string): Theme {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  const isUnicode =
    /utf-?8/i.test(locale) || (locale === "" && (platform === "win32" || platform === "darwin"));
  return {
    glyphs: isUnicode ? UNICODE : ASCII,
    looks: environment.NO_COLOR ? UNCOLOURED : COLOURED,
  };
}

/** The theme of the whole screen, set once at its root. */
export const ThemeContext = createContext<Theme>({ glyphs: UNICODE, looks: COLOURED });
