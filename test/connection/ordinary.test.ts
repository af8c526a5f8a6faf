/**
 * Header prediction changes nothing: every capture gives the same records and the same summary with and without it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { CLOSE, c, HANDSHAKE, observe, s } from "./conversation.js";

const root = new URL("../../", import.meta.url).pathname;
const samples = readdirSync(join(root, "captures")).filter((name) => /\.pcap(ng)?$/.test(name));

async function analyse(path: string, predictsHeaders: boolean) {
  const analysis = await openAnalysis([path], { predictsHeaders });
  await analysis.run();
  return { records: analysis.worst("all"), summary: analysis.summary() };
}

describe("header prediction", () => {
  it.each(samples)("leaves %s as it is", async (name) => {
    const path = join(root, "captures", name);
    expect(await analyse(path, true)).toEqual(await analyse(path, false));
  });

  it("leaves a busy trace with repeats and resets as it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ordinary-"));
    try {
      execFileSync("node", [join(root, "bench/generate.mjs"), "narrow", "--scale", "0.003", "--out", folder]);
      const path = join(folder, "narrow.pcap");
      const predicted = await analyse(path, true);
      expect(predicted.records.length).toBeGreaterThan(500);
      expect(predicted).toEqual(await analyse(path, false));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("leaves packets of several segments as they are", async () => {
    const steps = [
      ...HANDSHAKE,
      c("ACK", { bytes: 100 }),
      s("ACK"),
      ...[4000, 1460, 1461, 8000].flatMap((bytes) => [s("ACK", { bytes }), c("ACK")]),
      ...CLOSE,
    ];
    const predicted = await observe(steps);
    expect(predicted.worst("all")[0]!.server.segments).toBe(8 + 3 + 1 + 2 + 6 - 4 - 1);
    const general = await observe(steps, { predictsHeaders: false });
    expect(predicted.worst("all")).toEqual(general.worst("all"));
  });
});
