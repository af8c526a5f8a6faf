/** Every rule is expected of a recording of real traffic, which may also be found wanting: none rests on made-up packets alone. */
import { describe, expect, it } from "vitest";
import { CAPTURE_RULES, HOST_RULES, RULES } from "../../src/diagnosis/catalogue.js";
import { CASE_FINDINGS } from "./case-findings.js";
import { EXPECTED, EXPECTED_NOTES, NOTED_SAMPLES } from "./expected-findings.js";
import { EXPECTATIONS } from "./recorded-findings.js";
import { OFFLOADED, WORK_FINDINGS } from "./work-findings.js";

/** Rules that the manifests leave out, and where they are tried, or why on made-up packets only. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "bad-checksum": "asked for by --checksums: test/samples/checksums.test.ts, on samples",
};

const expected = new Set([
  ...[EXPECTED, NOTED_SAMPLES].flatMap((manifest) =>
    Object.values(manifest)
      .flat()
      .map(([id]) => id),
  ),
  ...Object.keys(EXPECTED_NOTES),
  ...EXPECTATIONS.flatMap(({ must = [] }) => must),
  ...Object.values(WORK_FINDINGS).flatMap(({ warnings = [], notes = [] }) => [...warnings, ...notes]),
  ...(OFFLOADED.length > 0 ? ["offloaded-capture"] : []),
  ...Object.values(CASE_FINDINGS).flatMap(({ findings = [], notes = [] }) =>
    [...findings, ...notes].map(([id]) => id),
  ),
]);

describe("every rule", () => {
  const ids = [...RULES, ...HOST_RULES, ...CAPTURE_RULES].map(({ id }) => id);

  it("is expected of a recording", () => {
    expect(ids.filter((id) => !expected.has(id) && !(id in ELSEWHERE))).toEqual([]);
  });

  it("that is tried elsewhere exists, and is expected of none", () => {
    expect(Object.keys(ELSEWHERE).filter((id) => !ids.includes(id) || expected.has(id))).toEqual([]);
  });
});
