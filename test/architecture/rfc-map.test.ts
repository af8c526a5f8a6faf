/** Every reference to an RFC has one shape, names a document and section that exist, and stands in docs/rfc-map.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { misshapenIn, referencesIn, rfcMapPage, SECTIONS_OF_9293, TITLES } from "./rfc-map.js";
import { ROOT, sourceFiles } from "./source-files.js";

const files = sourceFiles();
const references = files.flatMap(({ path, text }) => referencesIn(path, text));

describe("references to RFCs", () => {
  it("are found over the end of a line, with and without a section", () => {
    const text = " * see RFC 9293\n * §3.1, RFC 768 and (RFC\n * 5961 §3, §4.2) in\n";
    expect(referencesIn("a.ts", text).map(({ rfc, section }) => `${rfc} ${section}`.trim())).toEqual([
      "9293 3.1",
      "768",
      "5961 3",
      "5961 4.2",
    ]);
    expect(misshapenIn(text)).toEqual([]);
  });

  it.each(["RFC9293 §3.1", "rfc 793", "RFC 9293 section 3.1", "§3.1 of RFC 9293", "as §3.1 says"])(
    "are not taken in another shape: %s",
    (text) => expect(misshapenIn(text)).not.toEqual([]),
  );

  it("all have the one shape", () => {
    expect(files.flatMap(({ path, text }) => misshapenIn(text).map((place) => `${path}: ${place}`))).toEqual(
      [],
    );
  });

  it("all name an RFC whose title is known, and sections of RFC 9293 that exist", () => {
    expect(references.length).toBeGreaterThan(150);
    expect(references.filter(({ rfc }) => !(rfc in TITLES))).toEqual([]);
    const unknown = references.filter(
      ({ rfc, section }) => rfc === "9293" && section !== "" && !(section in SECTIONS_OF_9293),
    );
    expect(unknown).toEqual([]);
  });
});

it("docs/rfc-map.md is up to date", () => {
  const path = `${ROOT}docs/rfc-map.md`;
  const page = rfcMapPage(files);
  if (process.env.UPDATE_DOCS === "1") writeFileSync(path, page);
  expect(
    readFileSync(path, "utf8"),
    "write it anew with: UPDATE_DOCS=1 npx vitest run test/architecture/rfc-map.test.ts",
  ).toBe(page);
});
