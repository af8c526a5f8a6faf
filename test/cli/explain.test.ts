/** `--explain`: every finding in words, without a file. */
import { beforeAll, describe, expect, it } from "vitest";
import { FINDING_ENTRIES } from "../../src/diagnosis/catalogue.js";
import { explanation, findingList } from "../../src/output/explanation.js";
import { buildProgram, runProgram } from "./built-program.js";

describe("an explanation", () => {
  it.each(FINDING_ENTRIES.map((entry) => [entry.id, entry] as const))(
    "of %s has all that its rule says",
    (_, entry) => {
      const text = explanation(entry, 80);
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
      const words = text.replace(/\s+/g, " ");
      for (const part of [entry.title, entry.what, entry.why, entry.advice, entry.mistakenFor ?? ""])
        expect(words).toContain(part.replace(/\s+/g, " "));
    },
  );

  it("stands in a list under its name", () => {
    expect(findingList(FINDING_ENTRIES).trimEnd().split("\n")).toHaveLength(FINDING_ENTRIES.length);
  });
});

describe("the command", () => {
  beforeAll(() => buildProgram(), 180_000);

  it("tells it and ends with 0", async () => {
    const { status, out } = await runProgram({ args: ["--explain", "close-wait-leak"] });
    expect(status).toBe(0);
    expect(out).toMatch(/^close-wait-leak \(\w+\): .*\n\nWhat it is\n {2}/);
  });

  it("knows the nearest name, and ends with 2", async () => {
    const { status, error } = await runProgram({ args: ["--explain", "close-wait-laek"] });
    expect([status, error]).toEqual([
      2,
      "tcpflow-analyze: --explain: no finding has the name close-wait-laek; did you mean close-wait-leak?\n",
    ]);
  });
});
