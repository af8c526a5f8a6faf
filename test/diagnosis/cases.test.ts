/** Cases recorded by the lab (test/lab/cases) lead to the findings that their making calls for, and to no others. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { CASE_FINDINGS } from "./case-findings.js";
import type { Expected } from "./expected-findings.js";
import { UNREADABLE } from "./told.js";

const FOLDER = new URL("../lab/cases/recorded", import.meta.url).pathname;
const ENDING = ".pcap.zst";
const cases = readdirSync(FOLDER).map((name) => name.replace(ENDING, ""));

describe("the findings of each case", () => {
  it("are written down for those that were recorded", () => {
    expect(Object.keys(CASE_FINDINGS).sort()).toEqual(cases.sort());
  });

  it.each(cases)(
    "%s",
    async (name) => {
      const analysis = await openAnalysis([`${FOLDER}/${name}${ENDING}`]);
      await analysis.run();
      const { findings: found } = analysis.summary();
      const { findings = [], notes = [], may = [] } = CASE_FINDINGS[name] ?? {};
      const told = (isNote: boolean) =>
        found
          .filter(({ id, severity }) => (severity === "note") === isNote && !may.includes(id))
          .map(({ id, actor, connections }): Expected => [id, actor, connections])
          .sort();
      expect(told(false)).toEqual([...findings].sort());
      expect(told(true)).toEqual([...notes].sort());
      for (const { sentence } of found) expect(sentence).not.toMatch(UNREADABLE);
    },
    30_000,
  );
});
