/** What a finding means, for somebody who never met it: as docs/findings.md has it, without the network and without a file. */
import type { FindingEntry } from "../report/finding.js";
import { wrap } from "./format.js";

const INDENT = "  ";

/** In lines of at most `width` characters. */
export function explanation(entry: FindingEntry, width: number): string {
  const { id, title, severity, what, why, advice, mistakenFor } = entry;
  const parts: readonly (readonly [heading: string, text: string])[] = [
    ["What it is", what],
    ["Why it matters", why],
    ["What to do", `${advice}.`],
    ...(mistakenFor === null ? [] : [["What it is mistaken for", `${mistakenFor}.`] as const]),
  ];
  const blocks = parts.map(([heading, text]) => [heading, ...wrap(text, width, INDENT, INDENT)].join("\n"));
  return `${[`${id} (${severity}): ${title}`, ...blocks].join("\n\n")}\n`;
}

/** All of them, a line each. */
export function findingList(entries: readonly FindingEntry[]): string {
  const width = Math.max(...entries.map(({ id }) => id.length));
  return entries
    .map(({ id, severity, title }) => `${id.padEnd(width)}  ${severity.padEnd(7)}  ${title}\n`)
    .join("");
}
