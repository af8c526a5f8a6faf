/**
 * The end of the reading: whatever the last looks were answered with, what stands in the end is what was read.
 */
import { afterEach, expect, it } from "vitest";
import type { CaptureSummary } from "../../src/report/summary.js";
import type { Page, PageQuery, Progress } from "../../src/report/view.js";
import { makeSummary } from "../report/record-fixture.js";
import { FixtureView } from "./fixture-view.js";
import { closeAll, openUi } from "./harness.js";

afterEach(closeAll);

const NOTHING = makeSummary({ connections: 0, packets: 0, isComplete: false });
const ALL = makeSummary({ connections: 2, packets: 23 });

/** Answers as before the first packet until `isKnown`, which is set when `run` resolves or just after it. */
class LateView extends FixtureView {
  isKnown = false;
  isDoneEarly = false;
  readonly turns: number;

  constructor(turns: number) {
    super({ connections: 2 });
    this.turns = turns;
  }

  override async run(signal?: AbortSignal): Promise<void> {
    await super.run(signal);
    if (this.turns === 0) this.isKnown = true;
    else {
      queueMicrotask(() =>
        process.nextTick(() => {
          this.isKnown = true;
        }),
      );
    }
  }

  override progress(): Progress {
    return { ...super.progress(), packets: 23, isDone: this.isDoneEarly || this.isDone };
  }

  override summary(): CaptureSummary {
    return this.isKnown ? ALL : NOTHING;
  }

  override async page(query: PageQuery): Promise<Page> {
    const page = await super.page(query);
    return this.isKnown ? page : { matching: 0, total: 0, rows: [] };
  }
}

const TURNS = [
  ["exactly when run resolves", 0],
  ["just after run has resolved", 1],
] as const;

it.each(TURNS)("shows the overview of a summary that is whole %s", async (_, turns) => {
  const view = new LateView(turns);
  const ui = await openUi({ view, share: 0.5 });
  expect(ui.text()).toContain("0 connections");
  view.finish();
  await ui.settle();
  expect(ui.text()).toContain(" done ");
  expect(ui.text()).toContain("2 connections · 23 packets");
  expect(ui.text()).not.toContain("0 connections");
});

it.each(TURNS)("shows the table of connections that are known %s", async (_, turns) => {
  const view = new LateView(turns);
  const ui = await openUi({ view, share: 0.5 });
  await ui.type("2");
  expect(ui.text()).toContain("no connection yet");
  view.finish();
  await ui.settle();
  expect(ui.text()).toContain(".20.0.31:51000 10.20.0.8:8080");
  expect(ui.text()).toMatch(/ 1\/2 /);
});

it("is not done before run has resolved, though the progress says so between two looks", async () => {
  const view = new LateView(0);
  const ui = await openUi({ view, share: 0.5 });
  view.isDoneEarly = true;
  await ui.nextLook();
  expect(ui.text()).toContain("0 connections");
  expect(ui.text()).toContain(" reading ");
  view.finish();
  await ui.settle();
  expect(ui.text()).toContain(" done ");
  expect(ui.text()).toContain("2 connections · 23 packets");
});

it("tells each of few connections in a sentence on the overview, and none of many", async () => {
  const ui = await openUi({ view: new LateView(0) });
  expect(ui.text()).toContain("10.20.0.31:51000  opened in 1.40 ms");
  expect(ui.text()).toContain("10.20.0.31:51001  ");
  expect(ui.lines().length - 1).toBeLessThanOrEqual(23);
  const many = await openUi();
  expect(many.text()).not.toContain("opened in");
});
