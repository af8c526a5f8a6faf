/** The screens over records that stand in a file: the same table, in any order, and the same connection with its ladder. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { type Analysis, openAnalysis } from "../../src/index.js";
import type { CaptureSummary } from "../../src/report/summary.js";
import type { Ladder, Page, PageQuery, Progress } from "../../src/report/view.js";
import { handshakeCapture } from "../cli/handshake-capture.js";
import { FixtureView } from "./fixture-view.js";
import { closeAll, openUi } from "./harness.js";

const folder = mkdtempSync(join(tmpdir(), "spilled-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(closeAll);

/** A real analysis in the fixture's place. */
class RealView extends FixtureView {
  readonly #analysis: Analysis;

  constructor(analysis: Analysis) {
    super();
    this.#analysis = analysis;
  }

  override run(signal?: AbortSignal): Promise<void> {
    return this.#analysis.run(signal);
  }

  override progress(): Progress {
    return { ...this.#analysis.progress(), packetsPerSecond: 0 };
  }

  override summary(): CaptureSummary {
    return this.#analysis.summary();
  }

  override page(query: PageQuery): Promise<Page> {
    return this.#analysis.page(query);
  }

  override ladder(id: string): Promise<Ladder> {
    return this.#analysis.ladder(id);
  }
}

/** What a person sees on the way through the table to a connection. */
async function screensOf(
  path: string,
  keptInMemory: number,
): Promise<{ screens: string[]; spilled: number }> {
  const analysis = await openAnalysis([path], { keptInMemory });
  const ui = await openUi({ view: new RealView(analysis), columns: 120, rows: 40 });
  await vi.waitUntil(() => !ui.live.state().isReading, 10_000);
  await ui.settle();
  const screens: string[] = [];
  for (const keys of ["2", "G", "s", "s", "gjj", "\r", "j"]) {
    await ui.type(keys);
    // Pages and ladders come from disk.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await ui.settle();
    screens.push(ui.text());
  }
  const { spilled } = analysis.kept;
  analysis.close();
  return { screens, spilled };
}

it("are those over records in memory", async () => {
  const path = join(folder, "many.pcap");
  writeFileSync(path, handshakeCapture(3000));
  const plain = await screensOf(path, 2_000_000);
  const spilled = await screensOf(path, 10);
  expect(plain.spilled).toBe(0);
  expect(spilled.spilled).toBeGreaterThan(1000);
  expect(spilled.screens).toEqual(plain.screens);
  expect(new Set(plain.screens).size).toBeGreaterThan(4);
  expect(plain.screens[0]).toContain("10.0.1.0:20000");
  expect(plain.screens.at(-1)).toContain("SYN ACK");
});
