/** The reference pages in docs/ say what the code's tables say; UPDATE_DOCS=1 writes them anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fieldsPage, stateMachinePage } from "./reference-pages.js";

it.each([
  ["fields.md", fieldsPage],
  ["state-machine.md", stateMachinePage],
])("docs/%s is up to date", (name, page) => {
  const url = new URL(`../../docs/${name}`, import.meta.url);
  if (process.env.UPDATE_DOCS === "1") writeFileSync(url, page());
  expect(
    readFileSync(url, "utf8"),
    `write it anew with: UPDATE_DOCS=1 npx vitest run test/report/docs.test.ts`,
  ).toBe(page());
});
