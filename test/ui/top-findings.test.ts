/** The worst findings on the overview: whole where there is room, and never without their figures. */
import { expect, it } from "vitest";
import type { Finding } from "../../src/report/finding.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { topFindingLines, topFindingsLength } from "../../src/ui/top-finding-lines.js";

const { glyphs } = chooseTheme({ LANG: "C.UTF-8" }, "linux");

function finding(sentence: string, connections = 10, lostMs: number | null = 1500): Finding {
  return {
    ...{ id: "loss-burst", title: "Losses at one moment", severity: "warning", actor: "network" },
    ...{ confidence: "likely", where: null, advice: "", mistakenFor: null, examples: [] },
    ...{ sentence, connections, lostMs },
  };
}

const LONG = `all that was lost of 10 connections with 10.77.0.2:8000, 15 segments, was sent ${"within the same ".repeat(4)}150 ms`;
const SHORT = "10.77.0.2:9 refused 1 connection";

function drawn(findings: readonly Finding[], width: number, height: number): string[] {
  return topFindingLines(findings, width, height, glyphs).map((line) =>
    line.map(({ text }) => text).join(""),
  );
}

it("are told whole where their lines suffice", () => {
  const lines = drawn([finding(LONG), finding(SHORT)], 80, 4);
  expect(lines).toHaveLength(4);
  expect(
    lines
      .slice(0, 3)
      .map((line) => line.slice(3, 69).trim())
      .join(" "),
  ).toBe(LONG);
  expect(lines[3]).toContain(SHORT);
  // Who has to act stands there once for each.
  expect(lines.filter((line) => line.includes("network"))).toHaveLength(2);
  expect(topFindingsLength([finding(LONG), finding(SHORT)], 80, glyphs)).toBe(4);
});

it("leave the spare lines to the worst, and give the others a line each", () => {
  const lines = drawn([finding(LONG), finding(LONG), finding(SHORT)], 80, 4);
  expect(lines.map((line) => line.startsWith(" ▲"))).toEqual([true, false, true, true]);
});

it.each([60, 80, 120])("keep their figures where they are cut, in %i columns", (width) => {
  const [line] = drawn([finding(LONG)], width, 1);
  expect(line).toHaveLength(width);
  expect(line).toMatch(/… 10 conns, 1\.500 s lost/);
  expect(drawn([finding(LONG, 1, null)], width, 1)[0]).toMatch(/… 1 conn( |$)/);
  expect(drawn([finding(SHORT)], width, 1)[0]).not.toMatch(/conns/);
});

it("say how many are hidden, even where nothing else finds room", () => {
  const many = [finding(LONG), finding(LONG), finding(LONG)];
  expect(drawn(many, 40, 2).at(-1)).toMatch(/… 1 more: 4 $/);
  expect(drawn(many, 80, 2).at(-1)).toMatch(/ 10 conns, 1\.500 s lost 1 more: 4 shows all $/);
});
