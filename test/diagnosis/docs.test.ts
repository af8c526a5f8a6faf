/** docs/findings.md is made from the catalogue, and each rule explains itself. UPDATE_DOCS=1 writes it anew. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CAPTURE_RULES, HOST_RULES, RULES } from "../../src/diagnosis/catalogue.js";
import { findingsDocument } from "./findings-document.js";

const PATH = new URL("../../docs/findings.md", import.meta.url).pathname;
const FOLDER = new URL("../../src/diagnosis/rules", import.meta.url).pathname;
const all = [...RULES, ...HOST_RULES, ...CAPTURE_RULES];

it("docs/findings.md is what the catalogue says", () => {
  if (process.env.UPDATE_DOCS) writeFileSync(PATH, findingsDocument());
  expect(readFileSync(PATH, "utf8")).toBe(findingsDocument());
});

it("every rule is a file of its name, and in the catalogue once", () => {
  const ids = all.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const files = readdirSync(FOLDER).map((name) => name.replace(/\.ts$/, ""));
  expect(ids.filter((id) => !files.includes(id))).toEqual([]);
});

it.each(all.map((rule) => [rule.id, rule] as const))("%s explains itself", (_, rule) => {
  expect(rule.title.length).toBeGreaterThan(5);
  for (const text of [rule.what, rule.why, rule.advice]) expect(text.length).toBeGreaterThan(30);
  // Clauses of a longer sentence, or sentences of their own.
  expect(rule.advice).not.toMatch(/\.$/);
  expect(rule.mistakenFor ?? "").not.toMatch(/\.$/);
  expect(rule.what).toMatch(/\.$/);
});
