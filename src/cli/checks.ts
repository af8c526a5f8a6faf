/**
 * Conditions on the capture that set the exit status (`--check`): read from the command line, and told where they hold.
 */
import { type CaptureCheck, type CaptureSummary, compileCheck, printable } from "../index.js";
import { compiledOption } from "./filter-complaint.js";

/** The checks of the command line. Throws what `filterComplaint` can tell. */
export function checksOf(texts: readonly string[]): CaptureCheck[] {
  return texts.map((text) => compiledOption("--check", text, compileCheck));
}

/** A line on standard error for each that holds; whether any does. */
export function tellChecks(checks: readonly CaptureCheck[], summary: CaptureSummary): boolean {
  const holding = checks.filter((check) => check.holds(summary));
  for (const check of holding)
    process.stderr.write(`check holds: ${printable(check.text)} (${check.figures(summary)})\n`);
  return holding.length > 0;
}
