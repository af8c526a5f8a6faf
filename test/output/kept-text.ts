/**
 * Compares a report with the text that is kept beside the tests; UPDATE_REPORTS=1 writes it anew, to be read as a diff.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

const folder = new URL("expected/", import.meta.url);

/** Fails where `text` is not exactly what `expected/<name>` holds. */
export function expectKept(name: string, text: string): void {
  const url = new URL(name, folder);
  if (process.env.UPDATE_REPORTS === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(url, text);
  }
  expect(text).toBe(readFileSync(url, "utf8"));
}
