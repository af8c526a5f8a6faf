/** The lab's recordings lead to the findings that their scenarios call for, at each capture point. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Finding } from "../../src/report/finding.js";
import { recordings } from "../lab/scoring/recordings.js";
import { CLEAN, EXPECTATIONS } from "./recorded-findings.js";
import { UNREADABLE } from "./told.js";

const kept = recordings(fileURLToPath(new URL("../lab/recorded/", import.meta.url)));
const found = new Map<string, readonly Finding[]>();
/** Handshakes of all recordings whose SYN-ACKs their timestamps judge, and those that they show to be SYN cookies. */
const answers = { judged: 0, cookies: 0 };

function matches(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(name));
}

beforeAll(async () => {
  for (const { path } of kept) {
    const analysis = await openAnalysis([path]);
    await analysis.run();
    const { findings, servers } = analysis.summary();
    found.set(path, findings);
    for (const { clockedHandshakes, synCookies } of servers) {
      answers.judged += clockedHandshakes;
      answers.cookies += synCookies;
    }
  }
}, 120_000);

describe("the findings of the lab's recordings", () => {
  it.each(kept)("$scenario at the $point", ({ scenario, point, path }) => {
    const findings = found.get(path)!;
    const ids = findings.map(({ id }) => id);
    const wrong: string[] = [];
    for (const { scenarios, points, must = [], mustNot = [] } of EXPECTATIONS) {
      if (!matches(scenarios, scenario) || (points && !points.includes(point))) continue;
      wrong.push(...must.filter((id) => !ids.includes(id)).map((id) => `lacks ${id}`));
      wrong.push(...mustNot.filter((id) => ids.includes(id)).map((id) => `has ${id}`));
    }
    if (matches(CLEAN, scenario))
      wrong.push(
        ...findings.filter(({ severity }) => severity !== "note").map(({ id }) => `${id}, though clean`),
      );
    expect(wrong).toEqual([]);
    for (const { sentence } of findings) expect(sentence).not.toMatch(UNREADABLE);
  });

  it("take no SYN-ACK for a SYN cookie, whatever the path does to it", () => {
    // Those of accept_overflow_cookies do not go on for long enough to be judged.
    expect(answers.judged).toBeGreaterThan(1000);
    expect(answers.cookies).toBe(0);
  });

  it("place losses with less confidence where the capture misses as much by itself", () => {
    const confidences = (name: string) =>
      kept
        .filter(({ scenario }) => scenario === name)
        .flatMap(({ path }) => found.get(path)!.filter(({ id }) => id.startsWith("loss-")))
        .map(({ confidence }) => confidence);
    expect(new Set(confidences("loss2_rtt1_short"))).toEqual(new Set(["likely"]));
    expect(new Set(confidences("cut_capdrop2_loss2_rtt1_short"))).toEqual(new Set(["possible"]));
  });

  it("are expected of scenarios that exist", () => {
    const globs = [...CLEAN, ...EXPECTATIONS.flatMap(({ scenarios }) => scenarios)];
    expect(globs.filter((glob) => !kept.some(({ scenario }) => matches([glob], scenario)))).toEqual([]);
  });
});
