/** Rules of the house that a program can check: size, names, opening comments, left-overs, sequence comparisons. */
import { describe, expect, it } from "vitest";
import { lineOf, sourceFiles } from "./source-files.js";

const MOST_LINES = 400;
/** Files that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {
  "capture/pcapng-reader.ts": "one format with its five kinds of block, which share the reading position",
};

const FORBIDDEN_NAMES = ["utils", "util", "helpers", "helper", "common", "types", "misc"];

/** Left-overs and ways around the compiler. */
const FORBIDDEN_WORDS = /\b(TODO|FIXME|XXX|HACK)\b|\bconsole\.|\bas any\b|@ts-(ignore|nocheck|expect-error)/g;

/** Variables of RFC 9293 that hold sequence numbers, with the names that this code gives them. */
const SEQUENCE = String.raw`\b(?:sequence|acknowledgment|sndNxt|sndUna|ackSent|lastAck|isn|finSequence|sackRight|ackOfSynEnd|ackOfFinEnd|resetSequence)\b(?:\[[^\]]*\])?!?`;
const COMPARED = [
  new RegExp(String.raw`${SEQUENCE}\s*(?:[<>]=?)(?![<>=])\s*[\w(]`, "g"),
  new RegExp(String.raw`(?<![-=<>])(?:[<>]=?)\s+(?:\w+\.)*${SEQUENCE}`, "g"),
  new RegExp(String.raw`Math\.(?:max|min)\([^)]*${SEQUENCE}`, "g"),
];

/** Places in `text` that compare sequence numbers as if they were ordinary numbers. */
function comparisonsIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, " "));
  return COMPARED.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => `${lineOf(code, match.index)}: ${match[0]}`),
  );
}

const files = sourceFiles();

describe("every file of src", () => {
  it(`has at most ${MOST_LINES} lines, or a reason`, () => {
    const lines = (text: string) => text.trimEnd().split("\n").length;
    const long = files.filter(({ path, text }) => lines(text) > MOST_LINES && !(path in LONGER));
    expect(long.map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([]);
    // An exception that is no longer needed goes.
    const lengths = new Map(files.map(({ path, text }) => [path, lines(text)]));
    expect(Object.keys(LONGER).filter((path) => (lengths.get(path) ?? 0) <= MOST_LINES)).toEqual([]);
  });

  it("opens with a comment that says what it is", () => {
    const without = files.filter(({ text }) => {
      const opening = /^(?:#![^\n]*\n)?\/\*\*(.*?)\*\//s.exec(text)?.[1];
      return (
        opening === undefined ||
        opening
          .replace(/[\s*]+/g, " ")
          .trim()
          .split(" ").length < 5
      );
    });
    expect(without.map((file) => file.path)).toEqual([]);
  });

  it("has a name in kebab-case that says what is in it", () => {
    const parts = files.flatMap(({ path }) =>
      path.split("/").map((part) => part.replace(/(\.d)?\.tsx?$/, "")),
    );
    expect(parts.filter((part) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part))).toEqual([]);
    expect(parts.filter((part) => FORBIDDEN_NAMES.includes(part))).toEqual([]);
  });

  it("has no left-overs and no way around the compiler", () => {
    const found = files.flatMap(({ path, text }) =>
      [...text.matchAll(FORBIDDEN_WORDS)]
        // The name of a built-in at the end of a sentence ("… console.") is prose, not a call.
        .filter(
          (match) => !(match[0] === "console." && /\s/.test(text[match.index + match[0].length] ?? " ")),
        )
        .map((match) => `${path}:${lineOf(text, match.index)} ${match[0]}`),
    );
    expect(found).toEqual([]);
  });

  it("exports nothing as default", () => {
    expect(files.filter(({ text }) => /^export default\b/m.test(text)).map((file) => file.path)).toEqual([]);
  });
});

describe("sequence numbers", () => {
  it("are recognised where they are compared", () => {
    expect(comparisonsIn("if (segment.sequence < e.sndNxt[row]!) return;").length).toBeGreaterThan(0);
    expect(comparisonsIn("return end >= e.sndUna[row]!;").length).toBeGreaterThan(0);
    expect(comparisonsIn("const x = Math.max(a, segment.acknowledgment);").length).toBeGreaterThan(0);
    expect(comparisonsIn("// sequence < 5\nif (before(segment.sequence, e.sndNxt[row]!)) return;")).toEqual(
      [],
    );
    expect(comparisonsIn("const f = (sequence: number) => sequence | 0;")).toEqual([]);
  });

  it("are compared in tcp/sequence.ts and nowhere else", () => {
    const found = files
      .filter(({ path }) => path !== "tcp/sequence.ts" && !/^(ui|output|cli)\//.test(path))
      .flatMap(({ path, text }) => comparisonsIn(text).map((place) => `${path}:${place}`));
    expect(found).toEqual([]);
  });
});
