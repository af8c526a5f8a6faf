/** The samples that were captured whole, with their checksums verified. */
import { describe, expect, it } from "vitest";
import { openAnalysis, openAnalysisInParts } from "../../src/index.js";
import { SAMPLES, truthOf } from "./samples.js";

const ID = "bad-checksum";
const sampleOf = (name: string) => SAMPLES.find((sample) => sample.name === name)!;

async function verified(name: string) {
  const analysis = await openAnalysis([sampleOf(name).file], { checksums: true });
  await analysis.run();
  const { checksums, findings } = analysis.summary();
  const records = analysis.worst("all");
  return { checksums: checksums!, findings: findings.filter(({ id }) => id === ID), records };
}

describe("checksums of samples", () => {
  it("tell the segments that the path damaged, and that their receivers dropped", async () => {
    const truth = truthOf(sampleOf("damaged-segments")) as unknown as {
      network: readonly { verdict: string; frame: number }[];
    };
    const damaged = truth.network.filter(({ verdict }) => verdict === "corrupt").map(({ frame }) => frame);
    const { checksums, findings, records } = await verified("damaged-segments");
    expect(checksums).toMatchObject({ uncomputed: 0, wrong: 2, leftOut: 2 });
    expect(records.map(({ server }) => server.badChecksumFrame)).toEqual(damaged);
    // The kernel sent each of them once more, for it had not arrived.
    for (const { server } of records)
      expect(server).toMatchObject({
        badChecksums: 1,
        spuriousRetransmissions: 0,
        lost: { beforeCapture: 1, afterCapture: 0 },
      });
    expect(findings).toMatchObject(
      damaged.map((frame) => ({
        severity: "warning",
        actor: "network",
        connections: 1,
        examples: [{ frames: [frame] }],
      })),
    );
  });

  it("tell those that a host left to its network card", async () => {
    const { checksums, findings } = await verified("checksum-offload");
    expect(checksums).toMatchObject({ right: 0, wrong: 0 });
    expect(checksums.uncomputed).toBeGreaterThan(8);
    expect(findings).toMatchObject([{ severity: "note", actor: "capture", confidence: "certain" }]);
  });

  it.each(["tls", "tls-up-app-down"])("tell nothing where all is well (%s)", async (name) => {
    const { checksums, findings } = await verified(name);
    expect(checksums.right).toBeGreaterThan(20);
    expect(checksums).toMatchObject({ uncomputed: 0, wrong: 0, leftOut: 0 });
    expect(findings).toEqual([]);
  });

  it("are verified by one thread, however many are asked for", async () => {
    const start = () => expect.fail("another thread began");
    const { file } = sampleOf("damaged-segments");
    const analysis = await openAnalysisInParts([file], { checksums: true }, 3, start);
    await analysis.run();
    expect(analysis.summary().checksums).toEqual((await verified("damaged-segments")).checksums);
  });
});
