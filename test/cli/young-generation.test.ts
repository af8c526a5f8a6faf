/** Memory for new objects, in a process of its own: how far it grows is the engine's state, not a test's. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "tsup";
import { afterAll, beforeAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "young-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Makes 200,000 records, of which 2,000 are kept at a time, and prints the megabytes of the engine's new space. */
const MAKING = `
  import { getHeapSpaceStatistics } from "node:v8";
  import { keepYoungGenerationSmall } from "./young-generation.js";
  if (process.argv[2] === "small") keepYoungGenerationSmall();
  const kept = [];
  for (let i = 0; i < 200_000; i++) kept[i % 2000] = { i, list: [i, i + 1], text: "text " + i, inner: { i } };
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size / 2 ** 20);
`;

beforeAll(async () => {
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "making.js"), MAKING);
  await build({
    entry: [join(import.meta.dirname, "../../src/cli/young-generation.ts")],
    outDir: folder,
    format: "esm",
    target: "node20",
    config: false,
    silent: true,
  });
});

const megabytes = (how: string): number =>
  Number(execFileSync(process.execPath, [join(folder, "making.js"), how], { encoding: "utf8" }));

it("is 8 MB where a report is written as the capture is read, and else what the engine takes", () => {
  expect(megabytes("small")).toBe(8);
  expect(megabytes("any")).toBeGreaterThan(8);
});
