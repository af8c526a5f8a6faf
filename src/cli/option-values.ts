/** Values of options: numbers as they are written on a command line. */
import { InvalidArgumentError } from "commander";
import { type Moment, momentOf } from "../index.js";

export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is expected.");
  return Number(text);
}

export function threadCount(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError("A whole number from 1 to 99 is expected.");
  return Number(text);
}

export function countOrAll(text: string): number | "all" {
  if (text === "all") return "all";
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number or the word all is expected.");
  return Number(text);
}

/** Of an option that may stand there several times. */
export function oneMore(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

/** A time of a capture. */
export function moment(text: string): Moment {
  const found = momentOf(text);
  if (found === null)
    throw new InvalidArgumentError(
      "A time is expected: 2026-11-21T07:53:41Z, 07:53:41 (UTC), seconds since 1970, or +30s behind the first packet.",
    );
  return found;
}
