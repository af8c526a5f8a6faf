/** What is told on standard error: one plain sentence, safe to print. */
import { CaptureError, printable, SourceError } from "../index.js";
import { CannotServe } from "../metrics/cannot-serve.js";

/** The sentence of an error that a user can do something about, or null for a defect of the program. */
export function sentenceOf(error: unknown): string | null {
  const isKnown =
    error instanceof CaptureError || error instanceof SourceError || error instanceof CannotServe;
  return isKnown ? error.message : null;
}

/** One line on standard error. */
export function complain(sentence: string): void {
  process.stderr.write(`${printable(sentence)}\n`);
}
