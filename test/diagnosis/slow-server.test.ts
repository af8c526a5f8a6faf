/** Slow answers: of a server that works, of one that waits by a clock, and of one that speaks by itself. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { findingIn } from "./told.js";

/** Questions of one connection, each answered after so many milliseconds. */
const asked = (...waits: number[]): Step[] => [
  ...HANDSHAKE,
  ...waits.flatMap((after) => [c("PSH ACK", { bytes: 80 }), s("PSH ACK", { bytes: 300, after })]),
  c("FIN ACK"),
  s("FIN ACK"),
  c("ACK"),
];
const onPorts = (connections: readonly Step[][]): Step[] =>
  connections.flatMap((steps, i) => steps.map((step) => ({ ...step, clientPort: 40_000 + i })));

describe("answers that take long", () => {
  it.each<[string, Step[], string | undefined, RegExp]>([
    ["one", asked(1500), "warning", /took up to 1\.5\d* s to answer on 1 connection, over/],
    ["several, of different length", asked(1500, 2100, 3900, 2600), "warning", /took up to 3\.9\d* s/],
    ["several, among fast ones", asked(20, 1500, 20, 2100, 20, 20, 20, 20), "warning", /took up to/],
    ["as long each time", asked(4000, 4003, 4001, 3999), "note", /about the same 4\.0\d* s each time/],
    [
      "as long each time, over a connection each",
      onPorts([asked(12_000), asked(12_010), asked(12_003)]),
      "note",
      /about the same 12\.0 s each time on 3 connections/,
    ],
    [
      "of different length, over a connection each",
      onPorts([asked(12_000), asked(3000), asked(7000)]),
      "warning",
      /took up to 12\.0 s to answer on 3 connections/,
    ],
    ["one among many fast ones", asked(20, 21, 22, 20, 4000, 21), "note", /once among faster answers/],
    ["none", asked(20, 400, 20), undefined, /^$/],
  ])("%s", async (_, steps, severity, sentence) => {
    const told = await findingIn("slow-server", steps);
    expect(told?.severity).toBe(severity);
    expect(told?.sentence ?? "").toMatch(sentence);
  });

  it.each([
    ["the only one", asked(1500), 5],
    ["the slowest", asked(1500, 20, 3900, 2600), 9],
  ])("are shown by the packet in which %s begins", async (_, steps, frame) => {
    expect((await findingIn("slow-server", steps))?.examples).toMatchObject([{ frames: [frame] }]);
  });
});
