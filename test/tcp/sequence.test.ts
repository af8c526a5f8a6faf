/** Sequence arithmetic modulo 2^32 (RFC 9293 §3.4), on random numbers and at the wrap. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advance,
  distance,
  after as isAfter,
  before as isBefore,
  isWithin,
  later,
  shown,
} from "../../src/tcp/sequence.js";

const anywhere = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const step = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("sequence numbers", () => {
  it("knows the later of two less than half a circle apart, wherever they lie", () => {
    fc.assert(
      fc.property(anywhere, step, (a, n) => {
        const b = advance(a, n);
        expect(distance(b, a)).toBe(n);
        expect(distance(a, b)).toBe(-n);
        expect([isBefore(a, b), isAfter(b, a), isBefore(b, a), isAfter(a, b)]).toEqual([
          true,
          true,
          false,
          false,
        ]);
        expect(later(a, b)).toBe(b);
        expect(later(b, a)).toBe(b);
      }),
    );
  });

  it("neither precedes nor follows itself", () => {
    fc.assert(
      fc.property(anywhere, (a) => {
        expect([isBefore(a, a), isAfter(a, a), distance(a, a), later(a, a)]).toEqual([false, false, 0, a]);
      }),
    );
  });

  it("does not change when everything is shifted", () => {
    fc.assert(
      fc.property(anywhere, anywhere, anywhere, (a, b, shift) => {
        expect(distance(advance(a, shift), advance(b, shift))).toBe(distance(a, b));
        expect(isBefore(advance(a, shift), advance(b, shift))).toBe(isBefore(a, b));
      }),
    );
  });

  it("tells what lies within a range, ends included, across the wrap", () => {
    const size = fc.integer({ min: 0, max: 2 ** 30 });
    fc.assert(
      fc.property(anywhere, size, size, (low, length, offset) => {
        expect(isWithin(advance(low, offset), low, advance(low, length))).toBe(offset <= length);
        expect(isWithin(advance(low, -1 - offset), low, advance(low, length))).toBe(false);
      }),
    );
  });

  it("stays a signed 32-bit integer, and is shown unsigned", () => {
    fc.assert(
      fc.property(anywhere, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (a, n) => {
        const sum = advance(a, n);
        expect(sum | 0).toBe(sum);
        expect(shown(sum)).toBe((shown(a) + n) % 2 ** 32);
      }),
    );
  });

  it.each([
    [0xffff_ffff, 0, true],
    [0xffff_fff0, 15, true],
    [0, 0xffff_ffff, false],
    [0x7fff_ffff, 0x8000_0000, true],
    [0x8000_0000, 0x7fff_ffff, false],
  ])("%i before %i: %s", (a, b, expected) => {
    expect(isBefore(a | 0, b | 0)).toBe(expected);
  });
});
