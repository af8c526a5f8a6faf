/**
 * Senders whose timer waits 20 ms instead of 200, recorded from real kernels (`rto_min` of a route; scenarios
 * `rto_min_20ms*`, seed 4242): how many of their visible timeouts are told as such, at the floors below.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { scoreLabels } from "./scoring/label-accuracy.js";
import { LabelScore, precision, recall } from "./scoring/label-score.js";
import { ownLabels } from "./scoring/programs.js";
import { recordings, trueFrames } from "./scoring/recordings.js";

const FOLDER = join(import.meta.dirname, "soon-timers");
const FLOORS = { precision: 0.95, recall: 0.8 };

describe("timeouts of senders with a short timer", async () => {
  const all = recordings(FOLDER);

  it("are told as timeouts", async () => {
    const score = new LabelScore();
    for (const { scenario, point, path } of all)
      scoreLabels(score, ["all"], trueFrames(FOLDER, scenario, point), await ownLabels(path));
    const rto = score.groups.get("all")!.get("rto")!;
    expect(rto.hit + rto.missed).toBeGreaterThan(70);
    expect(precision(rto)).toBeGreaterThanOrEqual(FLOORS.precision);
    expect(recall(rto)).toBeGreaterThanOrEqual(FLOORS.recall);
    expect(score.originals.get("all")?.alarms).toBe(0);
  });

  it("stand in the record with the time after which they came", async () => {
    const { path } = all.find(({ scenario, point }) => scenario.endsWith("no_probes") && point === "server")!;
    const records: ConnectionRecord[] = [];
    const analysis = await openAnalysis([path], {
      keep: "none",
      onFinished: (record) => {
        records.push(record);
      },
    });
    await analysis.run();
    const shortest = records.flatMap(({ server }) => server.timeoutMinMs ?? []);
    expect(shortest.length).toBeGreaterThan(4);
    for (const ms of shortest) expect(ms).toBeLessThan(150);
    expect(records.flatMap(({ client }) => client.timeoutMinMs ?? [])).toEqual([]);
  });
});
