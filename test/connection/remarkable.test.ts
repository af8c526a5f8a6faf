/** Which connections the rules of diagnosis look at one by one. */
import { expect, it } from "vitest";
import { SmallTroubles } from "../../src/connection/remarkable.js";
import { CLOSE, c, observe, type Step, s } from "./conversation.js";

it("small troubles are looked at up to a bound, what is beyond is counted, and taken back as it came", () => {
  const troubles = new SmallTroubles();
  for (let name = 1; name <= 2000; name++) expect(troubles.admit(name, 1)).toBe(true);
  expect([troubles.admit(2001, 1), troubles.admit(2002, 1), troubles.omitted]).toEqual([false, false, 2]);
  // A straggler came for the second of those, and for one that was looked at: its place is free.
  expect([troubles.admit(2002, -1), troubles.omitted]).toEqual([false, 1]);
  expect([troubles.admit(7, -1), troubles.admit(2003, 1), troubles.omitted]).toEqual([true, true, 1]);
});

it("what was not looked at is said", async () => {
  /** The same losses on another client port each time, repaired by one repeat after a timeout, three times over. */
  const one = (port: number): Step[] =>
    [
      c("SYN", { isn: 1000, window: 50_000 }),
      s("SYN ACK", { isn: 2000, window: 50_000 }),
      c("ACK", { window: 50_000 }),
      ...[1, 101, 201].flatMap((seq) => [
        c("ACK", { seq, bytes: 100, window: 50_000 }),
        c("ACK", { seq, bytes: 100, after: 220, window: 50_000 }),
        s("ACK", { bytes: 50, window: 50_000 }),
      ]),
      ...CLOSE,
    ].map((step) => ({ ...step, clientPort: port }));
  const steps = Array.from({ length: 2003 }, (_, i) => one(10_000 + i)).flat();
  const { notes } = (await observe(steps)).summary();
  expect(notes.join("\n")).toMatch(/^3 connections that repaired a loss/m);
});
