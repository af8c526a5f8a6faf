/** Every example of docs/filters.md is a filter or a check, and the figures of checks stand there as the code has them. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compileCheck } from "../../src/index.js";
import { AGGREGATES } from "../../src/query/aggregates.js";
import { compileFilter } from "../../src/query/filter.js";

const path = new URL("../../docs/filters.md", import.meta.url);
const page = readFileSync(path, "utf8");
const [filters = "", checks = ""] = page.split("## Checks of a whole capture");
const examples = [
  ...[...filters.matchAll(/^\|.*\| `([^|`]*(?:\\\|[^|`]*)*)` \|$/gm)].map(([, example = ""]) =>
    example.replaceAll("\\|", "|"),
  ),
  ...[...filters.matchAll(/--where '([^']+)'/g)].map(([, example = ""]) => example),
];

it("has examples", () => expect(examples.length).toBeGreaterThan(15));

it.each(examples)("%s", (example) => {
  expect(() => compileFilter(example)).not.toThrow();
});

it.each([...checks.matchAll(/--check '([^']+)'/g)].map(([, check]) => check!))("%s", (check) => {
  expect(() => compileCheck(check)).not.toThrow();
});

/** Figures by the first part of their names, a line each: those of all times of handshakes together. */
function figuresTable(): string {
  const rows = AGGREGATES.filter(
    ({ name }) => !/^(serverLeg|clientLeg|initialRtt|retryWait)\./.test(name),
  ).map(
    ({ name, unit, description }) =>
      `| \`${name}\` | ${unit} | ${description.replace("Time to connect: ", "time to connect: ")} |`,
  );
  return [
    "| figure | unit | what |",
    "| --- | --- | --- |",
    ...rows,
    "| `serverLeg.`… `clientLeg.`… `initialRtt.`… `retryWait.`… | | the same of the other times of a handshake |",
  ].join("\n");
}

it("lists the figures of checks", () => {
  const real = page.replace(
    /<!-- figures -->[\s\S]*<!-- \/figures -->/,
    () => `<!-- figures -->\n${figuresTable()}\n<!-- /figures -->`,
  );
  if (process.env.UPDATE_DOCS === "1") writeFileSync(path, real);
  expect(
    readFileSync(path, "utf8"),
    "write it anew: UPDATE_DOCS=1 npx vitest run test/query/docs.test.ts",
  ).toBe(real);
});
