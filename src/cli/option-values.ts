/** Values of options: numbers as they are written on a command line. */
import { InvalidArgumentError } from "commander";

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
