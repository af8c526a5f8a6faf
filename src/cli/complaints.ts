/** What is told on standard error: one plain sentence, safe to print. */
import { CaptureError, printable, QueryError, SourceError } from "../index.js";
import { PROGRAM } from "./version.js";

/** The sentence of an error that a user can do something about, or null for a defect of the program. */
export function sentenceOf(error: unknown): string | null {
  return error instanceof CaptureError || error instanceof SourceError ? error.message : null;
}

/** What is wrong with a filter, with a mark below the place; null for other errors. */
export function filterComplaint(
  error: unknown,
  where: string | null,
  option: "--where" | "--extract" = "--where",
): string | null {
  if (!(error instanceof QueryError) || where === null) return null;
  return `${PROGRAM}: ${option}, ${error.message}\n  ${printable(where)}\n  ${" ".repeat(printable(where.slice(0, error.at)).length)}^\n`;
}

/** One line on standard error. */
export function complain(sentence: string): void {
  process.stderr.write(`${printable(sentence)}\n`);
}
