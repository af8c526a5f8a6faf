/**
 * The accuracy gate: labels, causes and connections of the recordings in test/lab/recorded, against what the kernels
 * said while they were made. No figure may fall below its floor in floors.json.
 *
 * UPDATE_FLOORS=1 writes the floors anew, each a little below what is reached now: two tenths of a point, or one frame.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { ConnectionScore, scoreConnections } from "./scoring/connection-accuracy.js";
import { groupsOf, scoreLabels } from "./scoring/label-accuracy.js";
import { type Counts, f1, LabelScore } from "./scoring/label-score.js";
import { ownLabels } from "./scoring/programs.js";
import { KINDS, POINTS, recordings, trueFrames } from "./scoring/recordings.js";

const FOLDER = fileURLToPath(new URL("./recorded/", import.meta.url));
const FLOORS = fileURLToPath(new URL("./floors.json", import.meta.url));
/** What the gate may take. */
const BUDGET_MS = 60_000;
const MARGIN = 0.2;
const ENOUGH = 10;

/** Percent, by name of what is measured. */
type Figures = Record<string, number>;
interface Floors {
  /** F1 of each label and cause, by group: kind of recording, kind and capture point, scenario. */
  readonly labels: Record<string, Figures>;
  /** Most originals in order that may be called something else, by group. */
  readonly falseAlarms: Record<string, number>;
  /** Connections that agree with the kernels, by field and capture point. */
  readonly connections: Figures;
}

const floors: Floors = JSON.parse(readFileSync(FLOORS, "utf8"));
const isUpdating = process.env.UPDATE_FLOORS === "1";
const kept = recordings(FOLDER);
const labels = new LabelScore();
const connections = new ConnectionScore();

function percent(share: number): number {
  return Math.round(10_000 * share) / 100;
}

/** A little below `share`; `worse`: what one more wrong frame or connection would make of it. */
function floorOf(share: number, worse: number): number {
  return Math.max(0, Math.floor(10 * Math.min(100 * share - MARGIN, 100 * worse)) / 10);
}

function floorOfCounts({ hit, wrong, missed }: Counts): number {
  const worse = hit === 0 ? 0 : f1({ hit: hit - 1, wrong, missed: missed + 1 });
  return floorOf(f1({ hit, wrong, missed }), worse);
}

/** The labels and causes of which a group's recordings hold enough to speak of a share. */
function present(group: string): [name: string, counts: Counts][] {
  return [...(labels.groups.get(group) ?? [])].filter(([, { hit, missed }]) => hit + missed >= ENOUGH);
}

/** JSON with a line for each group. */
function lines(written: Floors): string {
  const parts = Object.entries(written).map(([part, groups]) => {
    const rows = Object.entries(groups).map(
      ([group, figures]) => `    ${JSON.stringify(group)}: ${JSON.stringify(figures)}`,
    );
    return `  ${JSON.stringify(part)}: {\n${rows.join(",\n")}\n  }`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}

/** Figures below their floors, in words. Every figure has a floor, and every floor a figure. */
function shortfalls(figures: Figures, least: Figures): string[] {
  const names = new Set([...Object.keys(figures), ...Object.keys(least)]);
  return [...names].flatMap((name) => {
    const [reached, floor] = [figures[name], least[name]];
    if (reached === undefined) return [`${name}: nothing to measure`];
    if (floor === undefined) return [`${name}: ${reached} %, without a floor`];
    return reached < floor ? [`${name}: ${reached} %, floor ${floor} %`] : [];
  });
}

beforeAll(async () => {
  for (const recording of kept) {
    const frames = trueFrames(FOLDER, recording.scenario, recording.point);
    scoreLabels(
      labels,
      [...groupsOf(recording, "point"), recording.scenario],
      frames,
      await ownLabels(recording.path),
    );
    await scoreConnections(connections, FOLDER, recording);
  }
}, BUDGET_MS);

it.runIf(isUpdating)("writes the floors", () => {
  const written: Floors = {
    labels: Object.fromEntries(
      [...labels.groups.keys()]
        .sort()
        .filter((group) => present(group).length > 0)
        .map((group) => [
          group,
          Object.fromEntries(present(group).map(([name, counts]) => [name, floorOfCounts(counts)])),
        ]),
    ),
    falseAlarms: Object.fromEntries(
      [...labels.originals].map(([group, { alarms }]) => [group, alarms] as const).sort(),
    ),
    connections: Object.fromEntries(
      [...connections.agreements].map(([name, { agree, all }]) => [
        name,
        floorOf(agree / all, (agree - 1) / all),
      ]),
    ),
  };
  writeFileSync(FLOORS, lines(written));
});

describe.skipIf(isUpdating)("the recordings", () => {
  it("are of all capture points, whole and damaged", () => {
    expect(new Set(kept.map(({ point }) => point))).toEqual(new Set(POINTS));
    expect(new Set(kept.map(({ kind }) => kind))).toEqual(new Set(KINDS));
  });

  it("have floors wherever there is enough to measure", () => {
    const measured = [...labels.groups.keys()].filter((group) => present(group).length > 0);
    expect(Object.keys(floors.labels).sort()).toEqual(measured.sort());
  });

  it.each(Object.keys(floors.labels))("labels and causes, %s", (group) => {
    const figures = present(group).map(([name, counts]) => [name, percent(f1(counts))]);
    expect(shortfalls(Object.fromEntries(figures), floors.labels[group]!)).toEqual([]);
  });

  it("calls no more originals in order something else", () => {
    const alarms = [...labels.originals].map(([group, { alarms }]) => [group, alarms]);
    expect(Object.keys(floors.falseAlarms).sort()).toEqual(alarms.map(([group]) => group).sort());
    expect(alarms.filter(([group, count]) => Number(count) > floors.falseAlarms[group!]!)).toEqual([]);
  });

  it("each connection has a record", () => {
    expect(connections.disagreements.filter(({ field }) => field === "connection")).toEqual([]);
  });

  it("connections agree with the kernels", () => {
    const figures = [...connections.agreements].map(([name, { agree, all }]) => [name, percent(agree / all)]);
    expect(shortfalls(Object.fromEntries(figures), floors.connections)).toEqual([]);
  });
});
