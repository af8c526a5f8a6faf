/**
 * What this process stands in front of: terminals or pipes, how wide, with colours and block characters or without.
 *
 * Only asks; nothing is switched here.
 */
import { closeSync, openSync } from "node:fs";
import type { CommandLine } from "./options.js";
import type { Format } from "./report-options.js";

/** Width of a report that is not read on a terminal. */
const PIPE_WIDTH = 80;
const WIDTH_MAX = 160;

/** The format to write: as asked for, else the UI where somebody can look at it and press keys. */
export function chooseFormat(line: CommandLine): Format {
  if (line.format !== null) return line.format;
  const { connection, connections, output, checks, relative } = line;
  const isReport = connection !== null || connections !== null || output !== null;
  if (isReport || checks.length > 0 || relative) return "text";
  return canShowUi(line) ? "ui" : "text";
}

/** Whether the terminal UI can be shown: a screen to draw on, and keys that are not the capture. */
export function canShowUi(line: CommandLine): boolean {
  if (process.stdout.isTTY !== true || process.env.TERM === "dumb") return false;
  if (process.stdin.isTTY === true && !line.files.includes("-")) return true;
  return hasControllingTerminal();
}

function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** How a text report is laid out: by the terminal that it goes to, or for a pipe or file. */
export function textMedium(line: CommandLine) {
  const isTerminal = line.output === null && process.stdout.isTTY === true;
  const width = isTerminal ? Math.min(WIDTH_MAX, process.stdout.columns || PIPE_WIDTH) : PIPE_WIDTH;
  return {
    width,
    hasColor: hasColor(line, isTerminal),
    isAscii: isAsciiLocale(),
    isRelative: line.relative,
  };
}

function hasColor(line: CommandLine, isTerminal: boolean): boolean {
  if (line.color !== "auto") return line.color === "always";
  // no-color.org: present and not empty, whatever its value.
  if (process.env.NO_COLOR) return false;
  return isTerminal && process.env.TERM !== "dumb";
}

/** Whether the locale says that there is no UTF-8; where nothing is said, there is. */
function isAsciiLocale(): boolean {
  const locale = process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || "";
  return locale !== "" && !/utf-?8/i.test(locale);
}
