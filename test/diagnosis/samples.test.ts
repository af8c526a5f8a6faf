/** Every sample capture leads to the findings that its making calls for, and to no other problem or warning. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Finding } from "../../src/report/finding.js";
import { EXPECTED, type Expected } from "./expected-findings.js";
import { UNREADABLE } from "./told.js";

const FOLDER = new URL("../../captures", import.meta.url).pathname;
const samples = readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name));

async function findingsIn(path: string): Promise<readonly Finding[]> {
  const analysis = await openAnalysis([path]);
  await analysis.run();
  return analysis.summary().findings;
}

describe("the findings of each sample", () => {
  it("belong to samples that exist", () => {
    const names = samples.map((name) => name.replace(/\.pcap(ng)?$/, ""));
    expect(Object.keys(EXPECTED).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(samples)("%s", async (name) => {
    const findings = await findingsIn(`${FOLDER}/${name}`);
    const told = findings
      .filter(({ severity }) => severity !== "note")
      .map(({ id, actor, connections }): Expected => [id, actor, connections]);
    const expected = EXPECTED[name.replace(/\.pcap(ng)?$/, "")] ?? [];
    expect([...told].sort()).toEqual([...expected].sort());
    for (const { examples, sentence } of findings) {
      expect(sentence).not.toMatch(UNREADABLE);
      for (const { frames } of examples) expect(frames.length).toBeGreaterThan(0);
    }
  });
});
