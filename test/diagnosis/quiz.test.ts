/** The quiz about findings (test/quiz/findings.json) asks of captures that are there, and whose findings say what is wrong. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";

const ROOT = new URL("../../", import.meta.url).pathname;
const questions: readonly { name: string; file: string; mustMention: readonly string[] }[] = JSON.parse(
  readFileSync(`${ROOT}test/quiz/findings.json`, "utf8"),
);

describe("the quiz about findings", () => {
  it("asks ten questions of ten captures", () => {
    expect(questions.length).toBe(10);
    expect(new Set(questions.map(({ name }) => name)).size).toBe(10);
    expect(new Set(questions.map(({ file }) => file)).size).toBe(10);
  });

  it.each(questions)("$name: $file", async ({ file, mustMention }) => {
    expect(mustMention.length).toBeGreaterThanOrEqual(3);
    const analysis = await openAnalysis([ROOT + file]);
    await analysis.run();
    expect(analysis.summary().findings.some(({ severity }) => severity !== "note")).toBe(true);
  });
});
