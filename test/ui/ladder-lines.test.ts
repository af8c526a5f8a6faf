/** Labels and remarks beside a ladder's arrows: in further lines where they are wide, and whole. */
import { expect, it } from "vitest";
import type { LabelName } from "../../src/report/labels.js";
import type { Ladder, LadderRow } from "../../src/report/view.js";
import { ladderLines } from "../../src/ui/ladder-lines.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { makeRecord } from "../report/record-fixture.js";

const { glyphs } = chooseTheme({}, "linux");

/** What stands right of the arrow, line by line, of a ladder of one row that is 80 characters wide. */
function notesOf(label: LabelName | "", remarks: readonly string[] = []): string[] {
  const row: LadderRow = {
    ...{ frame: 1, atMs: 0, deltaMs: 0, from: "client", flags: "ACK", label, remarks },
    ...{ cause: "", isSpurious: false, isInferred: false, checksum: "right" },
    ...{ sequence: 1, end: 1, payloadBytes: 0, acknowledgment: 1, sack: [], window: 100 },
    ...{ clientState: null, serverState: null },
  };
  const ladder: Ladder = { record: makeRecord({}), findings: [], rows: [row], omitted: 0, absent: null };
  const lines = ladderLines(ladder, 0, 20, 80, glyphs);
  return lines.map((line) => [...line.map(({ text }) => text).join("")].slice(65).join("").trim());
}

it("a label that is too wide goes on behind the last hyphen that fits", () => {
  expect(notesOf("zero-window-probe-ack")).toEqual(["zero-window-", "probe-ack"]);
  expect(notesOf("capture-duplicate")).toEqual(["capture-", "duplicate"]);
});

it("one that fits stays as it is", () => {
  expect(notesOf("after-gap")).toEqual(["after-gap"]);
});

it("what a repeat repeats, and what had been acknowledged, is said to the end", () => {
  const remarks = ["repeat of frame 1 after 1.018 s", "already acknowledged in frame 2"];
  const notes = notesOf("retransmission", remarks).join(" ");
  expect(notes).toBe("retransmission repeat of frame 1 after 1.018 s, already acknowledged in frame 2");
});
