/** Every sample capture leads to the findings that its making calls for, and to no other problem or warning. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Finding } from "../../src/report/finding.js";
import { EXPECTED, EXPECTED_NOTES, type Expected, NOTED_SAMPLES } from "./expected-findings.js";
import { UNREADABLE } from "./told.js";

const FOLDER = new URL("../../captures", import.meta.url).pathname;
/** Rules whose notes are looked for in every sample. */
const NOTES = Object.keys(EXPECTED_NOTES);
const samples = readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name));

const NOTED = new Set(
  Object.values(NOTED_SAMPLES)
    .flat()
    .map(([id]) => id),
);

async function findingsIn(path: string): Promise<readonly Finding[]> {
  const analysis = await openAnalysis([path]);
  await analysis.run();
  return analysis.summary().findings;
}

describe("the findings of each sample", () => {
  it("belong to samples that exist", () => {
    const names = samples.map((name) => name.replace(/\.pcap(ng)?$/, ""));
    const listed = [
      ...Object.keys(EXPECTED),
      ...Object.keys(NOTED_SAMPLES),
      ...Object.values(EXPECTED_NOTES).flatMap(Object.keys),
    ];
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(samples)("%s", async (name) => {
    const stem = name.replace(/\.pcap(ng)?$/, "");
    const findings = await findingsIn(`${FOLDER}/${name}`);
    const told = findings
      .filter(({ id, severity }) => severity !== "note" || NOTED.has(id))
      .map(({ id, actor, connections }): Expected => [id, actor, connections]);
    const expected = [...(EXPECTED[stem] ?? []), ...(NOTED_SAMPLES[stem] ?? [])];
    expect([...told].sort()).toEqual(expected.sort());
    const notes = findings.filter(({ id }) => NOTES.includes(id)).map(({ id, where }) => [id, where]);
    const noted = NOTES.filter((id) => stem in EXPECTED_NOTES[id]!);
    expect(notes).toEqual(noted.map((id) => [id, EXPECTED_NOTES[id]![stem]]));
    for (const { examples, sentence } of findings) {
      expect(sentence).not.toMatch(UNREADABLE);
      for (const { frames } of examples) expect(frames.length).toBeGreaterThan(0);
    }
  });
});
