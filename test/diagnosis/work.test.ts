/** Ordinary work of real programs (test/lab/work) leads to no problem, and to no warning that is not true. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { OFFLOADED, WORK_FINDINGS } from "./work-findings.js";

const FOLDER = new URL("../lab/work/recorded", import.meta.url).pathname;
const recordings = readdirSync(FOLDER).filter((name) => name.endsWith(".pcap.zst"));
const workOf = (name: string) => name.replace(/-\d+-(client|server)\.pcap\.zst$/, "");

describe("the findings of ordinary work", () => {
  it("are written down for works that were recorded", () => {
    const works = new Set(recordings.map(workOf));
    expect(works.size).toBeGreaterThanOrEqual(25);
    expect([...Object.keys(WORK_FINDINGS), ...OFFLOADED].filter((name) => !works.has(name))).toEqual([]);
  });

  it.each(recordings)("%s", async (name) => {
    const analysis = await openAnalysis([`${FOLDER}/${name}`]);
    await analysis.run();
    const { findings, connections } = analysis.summary();
    expect(connections).toBeGreaterThan(0);
    const told = (severity: string) =>
      findings.filter((finding) => finding.severity === severity).map(({ id }) => id);
    const { warnings = [], mayWarn = [], notes = [], mayNote = [] } = WORK_FINDINGS[workOf(name)] ?? {};
    const mustNote = OFFLOADED.includes(workOf(name)) ? [...notes, "offloaded-capture"] : notes;
    expect(told("problem")).toEqual([]);
    expect(told("warning")).toEqual(expect.arrayContaining([...warnings]));
    expect(told("warning").filter((id) => !warnings.includes(id) && !mayWarn.includes(id))).toEqual([]);
    expect(told("note")).toEqual(expect.arrayContaining([...mustNote]));
    expect(told("note").filter((id) => !mustNote.includes(id) && !mayNote.includes(id))).toEqual([]);
  });
});
