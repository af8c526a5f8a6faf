/** Every example of docs/filters.md is a filter. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compileFilter } from "../../src/query/filter.js";

const page = readFileSync(new URL("../../docs/filters.md", import.meta.url), "utf8");
const examples = [
  ...[...page.matchAll(/^\|.*\| `([^|`]*(?:\\\|[^|`]*)*)` \|$/gm)].map(([, example = ""]) =>
    example.replaceAll("\\|", "|"),
  ),
  ...[...page.matchAll(/--where '([^']+)'/g)].map(([, example = ""]) => example),
];

it("has examples", () => expect(examples.length).toBeGreaterThan(15));

it.each(examples)("%s", (example) => {
  expect(() => compileFilter(example)).not.toThrow();
});
