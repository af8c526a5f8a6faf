/**
 * In however many parts a capture's connections are followed: the same report, byte for byte.
 *
 * The parts run in this process here, each to its end, in turns or one after the other; test/cli/threads.test.ts runs
 * the program with threads.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PartMessage, StartPart } from "../../src/analysis-in-parts.js";
import { AnalysisPart, NeedsOneThread } from "../../src/analysis-part.js";
import {
  type AnalysisOptions,
  compileFilter,
  jsonDocument,
  openAnalysis,
  openAnalysisInParts,
  openCaptures,
  type ReportedAnalysis,
} from "../../src/index.js";

const root = new URL("../../", import.meta.url).pathname;
const samples = readdirSync(join(root, "captures")).filter((name) => /\.pcap(ng)?$/.test(name));
const GENERATOR = { name: "test", version: "0" };

/** Parts that run here. They may wait for this thread, which waits for them: only captures of few batches. */
function here(files: readonly string[], began: number[] = []): StartPart {
  return (order, hear) => {
    let isEnded = false;
    const say = (message: PartMessage) => {
      // As a thread's messages: later, and in order.
      setImmediate(() => {
        if (!isEnded) hear(message);
      });
    };
    began.push(order.part);
    void openCaptures(files)
      .then((capture) =>
        new AnalysisPart(capture, order, (bytes, used, packet) => say({ bytes, used, packet })).run(),
      )
      .then(
        (facts) => say({ facts }),
        (error: Error) => say({ failure: error, needsOneThread: error instanceof NeedsOneThread }),
      );
    return () => {
      isEnded = true;
    };
  };
}

function reportOf(analysis: ReportedAnalysis, listed: number | "all"): string {
  return [...jsonDocument(analysis.summary(), analysis.eachWorst(listed), GENERATOR)].join("");
}

async function alone(files: readonly string[], options: Partial<AnalysisOptions>): Promise<string> {
  const analysis = await openAnalysis(files, options);
  await analysis.run();
  return reportOf(analysis, options.keep as number | "all");
}

async function inParts(
  files: readonly string[],
  options: Partial<AnalysisOptions>,
  parts: number,
): Promise<string> {
  const analysis = await openAnalysisInParts(files, options, parts, here(files));
  await analysis.run();
  return reportOf(analysis, options.keep as number | "all");
}

describe.each(samples)("%s", (name) => {
  const files = [join(root, "captures", name)];

  it.each([1, 2, 3])("in %d parts", async (parts) => {
    expect(await inParts(files, { keep: "all" }, parts)).toBe(await alone(files, { keep: "all" }));
  });
});

const elsewhere = join(root, "../shared/captures");

it.runIf(existsSync(elsewhere))("captures from elsewhere, in 3 parts", { timeout: 120_000 }, async () => {
  let read = 0;
  for (const name of readdirSync(elsewhere)) {
    const files = [join(elsewhere, name)];
    const whole = await alone(files, { keep: "all" }).catch(() => null);
    if (whole === null) continue;
    read++;
    expect(await inParts(files, { keep: "all" }, 3), name).toBe(whole);
  }
  expect(read).toBeGreaterThan(70);
});

it.runIf(!existsSync(elsewhere))("without the captures from elsewhere", () => {
  console.log("left out: parts on the public captures (not there)");
});

describe("a busy trace with repeats and resets", () => {
  const folder = mkdtempSync(join(tmpdir(), "in-parts-"));
  const files = [join(folder, "narrow.pcap")];

  beforeAll(() => {
    execFileSync("node", [join(root, "bench/generate.mjs"), "narrow", "--scale", "0.003", "--out", folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ["all listed", { keep: "all" }],
    ["the 7 worst listed", { keep: 7 }],
    ["none listed", { keep: 0 }],
    ["those that a filter finds", { keep: 50, where: compileFilter("reset.kind or retransmissions > 0") }],
    ["SYNs held", { keep: 100, holdsSynsFrom: 1 }],
    ["as many open as there may be", { keep: 100, mostConnections: 100 }],
    ["fewer open than there are parts", { keep: 100, mostConnections: 1 }],
  ] as const)("%s", async (_, options) => {
    const whole = await alone(files, options);
    for (const parts of [2, 5]) expect(await inParts(files, options, parts)).toBe(whole);
  });

  it("two files of it, as one", async () => {
    const both = [...files, join(root, "captures/loss.pcap")];
    expect(await inParts(both, { keep: "all" }, 2)).toBe(await alone(both, { keep: "all" }));
  });
});

describe("a part that fails", () => {
  const files = [join(root, "captures/loss.pcap")];

  it("fails the whole with its own words", async () => {
    const start: StartPart = (order, hear) => {
      if (order.part === 0) return here(files)(order, hear);
      setImmediate(() => hear({ failure: new Error("memory is full"), needsOneThread: false }));
      return () => {};
    };
    const analysis = await openAnalysisInParts(files, { keep: 0 }, 2, start);
    await expect(analysis.run()).rejects.toThrow("memory is full");
  });

  it("ends the others", async () => {
    const ended: number[] = [];
    const start: StartPart = (order, hear) => {
      if (order.part === 1) setImmediate(() => hear({ failure: new Error("gone"), needsOneThread: false }));
      return () => void ended.push(order.part);
    };
    const analysis = await openAnalysisInParts(files, { keep: 0 }, 3, start);
    await expect(analysis.run()).rejects.toThrow("gone");
    expect(ended).toEqual([0, 1, 2]);
  });
});
