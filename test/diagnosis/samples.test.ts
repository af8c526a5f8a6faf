/** Every sample capture leads to the findings that its making calls for, and to no other problem or warning. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Finding } from "../../src/report/finding.js";
import { EXPECTED, EXPECTED_NOTES, type Expected } from "./expected-findings.js";

const FOLDER = new URL("../../captures", import.meta.url).pathname;
const samples = readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name));

const NOTED = new Set(
  Object.values(EXPECTED_NOTES)
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
    const listed = [...Object.keys(EXPECTED), ...Object.keys(EXPECTED_NOTES)];
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(samples)("%s", async (name) => {
    const findings = await findingsIn(`${FOLDER}/${name}`);
    const told = findings
      .filter(({ id, severity }) => severity !== "note" || NOTED.has(id))
      .map(({ id, actor, connections }): Expected => [id, actor, connections]);
    const sample = name.replace(/\.pcap(ng)?$/, "");
    const expected = [...(EXPECTED[sample] ?? []), ...(EXPECTED_NOTES[sample] ?? [])];
    expect([...told].sort()).toEqual(expected.sort());
    for (const { examples, sentence } of findings) {
      expect(sentence).not.toMatch(/NaN|undefined|\.$/);
      for (const { frames } of examples) expect(frames.length).toBeGreaterThan(0);
    }
  });
});
