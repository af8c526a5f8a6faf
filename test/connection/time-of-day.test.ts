/** Times as text are the same however far they are from the origin. */
import fc from "fast-check";
import "../property-seed.js";
import { expect, it } from "vitest";
import { timeOfDay } from "../../src/connection/time-of-day.js";

it.each([
  [0n, 0, "1970-01-01T00:00:00.000000000Z"],
  [1_700_000_000_123_456_789n, 0, "2023-11-14T22:13:20.123456789Z"],
  [1_700_000_000_999_999_999n, 1, "2023-11-14T22:13:21.000000000Z"],
  [1_700_000_000_000_000_000n, -1, "2023-11-14T22:13:19.999999999Z"],
  [1_700_000_000_123_456_789n, 0.4, "2023-11-14T22:13:20.123456789Z"],
  [0n, 2 ** 53, "1970-04-15T05:59:59.254740992Z"],
] as const)("%s ns and %s are %s", (origin, since, text) => {
  expect(timeOfDay(origin, since)).toBe(text);
});

it("is the date's own text with nine digits", () => {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
  fc.assert(
    fc.property(
      seconds,
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.integer({ min: 0, max: 2 ** 50 }),
      (s, ns, since) => {
        const origin = BigInt(s) * 1_000_000_000n + BigInt(ns);
        const at = origin + BigInt(since);
        const date = new Date(Number(at / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
        expect(timeOfDay(origin, since)).toBe(`${date}.${String(at % 1_000_000_000n).padStart(9, "0")}Z`);
      },
    ),
  );
});
