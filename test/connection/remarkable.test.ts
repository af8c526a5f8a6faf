/** Which connections the rules of diagnosis look at one by one. */
import { expect, it } from "vitest";
import { SmallTroubles } from "../../src/connection/remarkable.js";

it("small troubles are looked at up to a bound, what is beyond is counted, and taken back as it came", () => {
  const troubles = new SmallTroubles();
  for (let name = 1; name <= 2000; name++) expect(troubles.admit(name, 1)).toBe(true);
  expect([troubles.admit(2001, 1), troubles.admit(2002, 1), troubles.omitted]).toEqual([false, false, 2]);
  // A straggler came for the second of those, and for one that was looked at: its place is free.
  expect([troubles.admit(2002, -1), troubles.omitted]).toEqual([false, 1]);
  expect([troubles.admit(7, -1), troubles.admit(2003, 1), troubles.omitted]).toEqual([true, true, 1]);
});
