/** Numbers, layout and escaping, by tables of cases. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bar,
  clip,
  formatBytes,
  formatBytesShort,
  formatCount,
  formatDuration,
  formatEndpoint,
  formatNumberOf,
  formatPercent,
  formatTimeOfDay,
  printable,
  sparkline,
  wrap,
} from "../../src/output/format.js";

describe("formatDuration", () => {
  it.each([
    [null, "-"],
    [Number.NaN, "-"],
    [0, "0"],
    [0.00025, "250 ns"],
    [0.001, "0.001 ms"],
    [0.0099, "0.010 ms"],
    [0.09, "0.09 ms"],
    [1.4, "1.40 ms"],
    [9.994, "9.99 ms"],
    [9.996, "10.0 ms"],
    [48.2, "48.2 ms"],
    [99.96, "100 ms"],
    [312.4, "312 ms"],
    [999.6, "1.000 s"],
    [1052, "1.052 s"],
    [9999.6, "10.0 s"],
    [12_500, "12.5 s"],
    [59_960, "60 s"],
    [98_000, "98 s"],
    [119_600, "2 min 00 s"],
    [134_000, "2 min 14 s"],
    [3_599_600, "1 h 00 min"],
    [3_720_000, "1 h 02 min"],
    [273_600_000, "3 d 4 h"],
    [-5, "-5.00 ms"],
  ])("%s ms reads %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  it("never shows a number that rounds into the next unit", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), (ms) => {
        const text = formatDuration(ms);
        expect(text).not.toMatch(/^1000(\.0*)? ms|\b60 s$(?<!^60 s)|\b60 min/);
      }),
    );
  });
});

describe("formatBytes", () => {
  it.each([
    [null, "-", "-"],
    [0, "0 B", "0"],
    [416, "416 B", "416"],
    [999, "999 B", "999"],
    [1000, "1.0 kB", "1.0 k"],
    [18_000, "18.0 kB", "18.0 k"],
    [99_960, "100 kB", "100 k"],
    [999_600, "1.0 MB", "1.0 M"],
    [184_000_000, "184 MB", "184 M"],
    [2.5e18, "2500 PB", "2500 P"],
  ])("%s bytes read %s, %s in a column", (bytes, long, short) => {
    expect(formatBytes(bytes)).toBe(long);
    expect(formatBytesShort(bytes)).toBe(short);
  });
});

describe("counts, shares and names", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1_204_118, "1,204,118"],
    [null, "-"],
  ])("the count %s reads %s", (count, text) => expect(formatCount(count)).toBe(text));

  it.each([
    [0, "0 %"],
    [1, "100 %"],
    [0.0001, "<0.1 %"],
    [0.9999, ">99.9 %"],
    [0.9707, "97.1 %"],
    [null, "-"],
  ])("the share %s reads %s", (share, text) => expect(formatPercent(share)).toBe(text));

  it.each([
    [1, "1 SYN"],
    [2, "2 SYNs"],
    [1500, "1,500 SYNs"],
  ])("%s with its noun reads %s", (count, text) => expect(formatNumberOf(count, "SYN")).toBe(text));

  it("puts IPv6 addresses in brackets", () => {
    expect(formatEndpoint("10.0.0.8", 443)).toBe("10.0.0.8:443");
    expect(formatEndpoint("2001:db8::1", 443)).toBe("[2001:db8::1]:443");
  });

  it("takes the time of day to the millisecond, and leaves alone what is none", () => {
    expect(formatTimeOfDay("2026-03-14T14:02:11.031999999Z")).toBe("14:02:11.031");
    expect(formatTimeOfDay("99999999999.000000001")).toBe("99999999999.000000001");
  });
});

describe("printable", () => {
  it.each([
    ["plain text, größer, 東京", "plain text, größer, 東京"],
    ["\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"],
    ["a\r\nb\tc\0", "a\\x0d\\x0ab\\x09c\\x00"],
    ["\x7f\x9b31m", "\\x7f\\x9b31m"],
    ["invoice\u202efdp.exe", "invoice\\u202efdp.exe"],
    ["\u2066a\u2069\u061c", "\\u2066a\\u2069\\u061c"],
    ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
    ["line\u2028and\u2029paragraph", "line\\u2028and\\u2029paragraph"],
    ["tag\u{e0041}", "tag\\u{e0041}"],
    ["filler\u3164", "filler\\u3164"],
    ["half \ud800 alone", "half \\ud800 alone"],
    ["whole 😀", "whole 😀"],
  ])("%j reads %j", (text, shown) => expect(printable(text)).toBe(shown));

  it("leaves nothing in any text that a terminal would act on", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u,
        );
      }),
    );
  });
});

describe("layout", () => {
  it("cuts with a mark, and never half a character", () => {
    expect(clip("abcdef", 6)).toBe("abcdef");
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("abcdef", 4, true)).toBe("abc~");
    expect(clip("ab😀cd", 4)).toBe("ab…");
  });

  it("breaks between words, not between a number and its unit", () => {
    expect(wrap("it took 12.5 ms in all", 12)).toEqual(["it took", "12.5 ms in", "all"]);
    expect(wrap("one two three", 8, "  ", "- ")).toEqual(["- one", "  two", "  three"]);
    expect(wrap("unbreakablyLongWord here", 8)).toEqual(["unbreakablyLongWord", "here"]);
  });

  it("draws bars that are never empty for a share above 0", () => {
    expect(bar(0, 10)).toBe("");
    expect(bar(0.0001, 10)).toBe("▏");
    expect(bar(0.5, 10)).toBe("█████");
    expect(bar(1, 3, true)).toBe("###");
    expect(bar(0.0001, 10, true)).toBe("#");
  });

  it("draws series as high as their share of the largest", () => {
    expect(sparkline([0, 1, 50, 100])).toBe(" ▁▄█");
    expect(sparkline([0, 1, 50, 100], true)).toBe(" .=#");
    expect(sparkline([])).toBe("");
    expect(sparkline([0, 0])).toBe("  ");
  });
});
