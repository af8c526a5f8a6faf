/** The canvas of characters, and the graph of a connection on the screen. */
import { afterEach, describe, expect, it } from "vitest";
import { Canvas } from "../../src/ui/braille.js";
import { closeAll, expectScreen, openUi } from "./harness.js";

afterEach(closeAll);

const text = (canvas: Canvas): string[] =>
  canvas.lines().map((line) => line.map((piece) => piece.text).join(""));

describe("the canvas", () => {
  it("has two by four points a character, counted from below", () => {
    const canvas = new Canvas(2, 2, false);
    expect([canvas.width, canvas.height]).toEqual([4, 8]);
    canvas.point(0, 0, "plain");
    canvas.point(3, 7, "plain");
    canvas.stroke(1, 0, 3, "plain");
    expect(text(canvas)).toEqual([" ⠈", "⣸ "]);
  });

  it("has two halves a character in ASCII", () => {
    const canvas = new Canvas(3, 1, true);
    canvas.point(0, 1, "plain");
    canvas.point(1, 0, "plain");
    canvas.stroke(2, 0, 1, "plain");
    expect(text(canvas)).toEqual(["'.:"]);
  });

  it("draws nothing outside of itself, whatever the numbers", () => {
    const canvas = new Canvas(2, 1, false);
    for (const [x, y] of [
      [-1, 0],
      [4, 0],
      [0, 4],
      [Number.NaN, 0],
      [0, Number.POSITIVE_INFINITY],
    ] as const)
      canvas.point(x, y, "problem");
    canvas.letter(9, 9, "X", "problem");
    expect(text(canvas)).toEqual(["  "]);
  });

  it("keeps tones apart, and puts letters over points", () => {
    const canvas = new Canvas(3, 1, false);
    canvas.stroke(0, 0, 3, "plain");
    canvas.stroke(2, 0, 3, "accent");
    canvas.letter(4, 0, "T", "problem");
    expect(canvas.lines()[0]!.map(({ text: piece, tone }) => [piece, tone])).toEqual([
      ["⡇", "plain"],
      ["⡇", "accent"],
      ["T", "problem"],
    ]);
  });

  it("draws a value that holds until it changes as a step", () => {
    const canvas = new Canvas(2, 1, false);
    canvas.step([0, 0], [3, 3], "plain");
    expect(text(canvas)).toEqual(["⣀⣸"]);
  });
});

describe.each([
  [120, 40],
  [80, 24],
  [60, 20],
])("the graph at %d × %d", (columns, rows) => {
  it.each([
    ["graph", {}],
    ["graph-ascii", { LANG: "C" }],
  ] as const)("%s", async (name, environment) => {
    const ui = await openUi({ columns, rows, ...(name === "graph" ? {} : { environment }) });
    await ui.type("2", "jjj", "\r", "v");
    expectScreen(ui.text(), `${name}-${columns}x${rows}`);
    await ui.type("c");
    expect(ui.text()).toMatch(/client (→|->) server/);
    await ui.type("v");
    expect(ui.text()).toContain("SYN");
  });
});
