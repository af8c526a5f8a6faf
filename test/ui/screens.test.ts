/**
 * The screens as text, whole: at the sizes that people have, in every state that a capture can be in.
 */
import { afterEach, describe, expect, it } from "vitest";
import { makeLadder, makeSummary } from "../report/record-fixture.js";
import { closeAll, expectScreen, type OpenOptions, openUi } from "./harness.js";

afterEach(closeAll);

const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
] as const;

describe.each(SIZES)("at %i columns and %i rows", (columns, rows) => {
  const size = { columns, rows };
  const shots: readonly (readonly [name: string, options: OpenOptions, keys: readonly string[]])[] = [
    ["overview", {}, []],
    ["overview-reading", { share: 0.37, summary: makeSummary({ isComplete: false }) }, []],
    ["connections", {}, ["2"]],
    ["connection", {}, ["2", "jjj", "\r"]],
    ["connection-zoomed", {}, ["2", "\r", "z"]],
    ["help", {}, ["?"]],
    ["ascii", { environment: { LANG: "C" } }, []],
    ["connection-ascii", { environment: { LANG: "C" } }, ["3"]],
  ];
  it.each(shots)("%s", async (name, options, keys) => {
    const ui = await openUi({ ...options, ...size });
    await ui.type(...keys);
    expectScreen(ui.text(), `${name}-${columns}x${rows}`);
    expect(ui.lines().length - 1).toBeLessThanOrEqual(rows - 1);
  });
});

it("ladder longer than its pane", async () => {
  const row = { from: "client", flags: "PSH ACK", payloadBytes: 100 } as const;
  const rows = [
    ...makeLadder().rows,
    ...Array.from({ length: 30 }, (_, i) => ({ ...row, sequence: 500 + i * 100 })),
  ];
  const ui = await openUi({ ladder: makeLadder({ rows, omitted: 1_234 }) });
  await ui.type("2", "\r", "G");
  expectScreen(ui.text(), "ladder-end-80x24");
});
