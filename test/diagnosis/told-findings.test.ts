/** Connections name the findings that are told, and no others: of the whole capture, as soon as they can be. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Amendments, MOST_CONCLUDED } from "../../src/connection/amendments.js";
import { MARK_SEEN, STRIDE } from "../../src/connection/columns.js";
import { CAPTURE_RULES, HOST_RULES } from "../../src/diagnosis/catalogue.js";
import {
  type Amendment,
  type Analysis,
  type ConnectionRecord,
  compileFilter,
  connectionReport,
  type OpenOptions,
  openAnalysis,
} from "../../src/index.js";

import { makeRecord } from "../report/record-fixture.js";

const FOLDER = new URL("../../captures/", import.meta.url).pathname;
const samples = readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name));
const path = (name: string) => join(FOLDER, name.includes(".pcap") ? name : `${name}.pcap`);
/** Rules that are told of hosts or of the capture, and know connections by example only. */
const OF_NONE = new Set([...HOST_RULES, ...CAPTURE_RULES].map(({ id }) => id));

async function analyzed(names: readonly string[], options: OpenOptions = {}): Promise<Analysis> {
  const analysis = await openAnalysis(names.map(path), options);
  await analysis.run();
  return analysis;
}

const named = (records: readonly ConnectionRecord[]) => new Set(records.flatMap(({ findings }) => findings));
const chosenBy = async (names: readonly string[], where: string) =>
  (await analyzed(names, { where: compileFilter(where) })).worst("all").map(({ id }) => id);

describe("the findings of a record", () => {
  it.each(samples)(
    "%s: are findings of the capture, and those have their examples among them",
    async (name) => {
      const analysis = await analyzed([name]);
      const { findings } = analysis.summary();
      const records = analysis.worst("all");
      const told = findings.map(({ id }) => id);
      for (const id of named(records)) expect(told).toContain(id);
      for (const { id, examples } of findings) {
        if (OF_NONE.has(id)) continue;
        for (const { connection } of examples)
          expect(records.find((record) => record.id === connection)!.findings, id).toContain(id);
      }
    },
  );

  it("are not what a rule sees in it and tells nothing of", async () => {
    // Slow beside others, refused without a scan, given up without others that were answered: by themselves nothing.
    const [scan] = (await analyzed(["port-scan"])).worst(1);
    expect(scan!.findings).toEqual(["port-scan"]);
    const [waited] = (await analyzed(["zero-window"])).worst(1);
    expect(waited!.findings).toEqual(["zero-window"]);
  });
});

describe("a filter by findings", () => {
  it.each([
    ["handshake-slow", ["handshake-slow.pcap"]],
    ...["client-gave-up", "reconnect-storm", "port-scan", "connection-refused"].map(
      (id) => [id, samples] as const,
    ),
  ] as const)(
    "finding = %s chooses the connections behind it, in one sample or all together",
    async (id, names) => {
      const expected = (await analyzed(names))
        .worst("all")
        .filter(({ findings }) => findings.includes(id))
        .map((record) => record.id);
      expect(await chosenBy(names, `finding = ${id}`)).toEqual(expected);
    },
  );

  it("tells what it chose by, as of the whole capture", async () => {
    const whole = await analyzed(["port-scan"]);
    const chosen = await analyzed(["port-scan"], {
      where: compileFilter("finding = port-scan and frame < 30"),
    });
    const scan = (analysis: Analysis) => analysis.summary().findings.find(({ id }) => id === "port-scan");
    expect(chosen.summary().connections).toBeLessThan(whole.summary().connections);
    expect(chosen.summary().connections).toBeGreaterThan(0);
    expect(scan(chosen)).toEqual(scan(whole));
    expect(chosen.summary().notes[0]).toMatch(/findings are told as of the whole capture/);
    for (const { findings } of chosen.worst("all")) expect(findings).toEqual(["port-scan"]);
    expect(chosen.progress()).toMatchObject({ bytesRead: whole.progress().bytesRead, isDone: true });
  });

  it("by words looks through them too, and not where the words are none of a finding", async () => {
    expect(await chosenBy(["port-scan"], '"client-gave-up"')).toEqual([]);
    expect((await chosenBy(["port-scan"], '"port-scan"')).length).toBeGreaterThan(20);
    expect(compileFilter('"10.77.0.1"').readsFindings).toBe(false);
    expect(compileFilter("not (port = 80 or findings)").readsFindings).toBe(true);
  });

  it("of what can be read once goes by what a connection shows by itself, and says so", async () => {
    const analysis = await analyzed(["zero-window"], {
      where: compileFilter("finding = client-gave-up"),
      isLive: true,
    });
    const [record] = analysis.worst("all");
    expect(record!.findings).toEqual(["zero-window"]);
    expect(analysis.summary().notes[0]).toMatch(/comes in once/);
  });
});

describe("streamed records", () => {
  /** What is known of each connection's findings once its line and what amends it were read. */
  async function streamed(names: readonly string[]): Promise<[Map<string, readonly string[]>, Analysis]> {
    const known = new Map<string, readonly string[]>();
    const analysis = await analyzed(names, {
      onFinished: (record: ConnectionRecord) => void known.set(record.id, record.findings),
      onAmended: (amendment: Amendment) => {
        if ("findings" in amendment) known.set(amendment.amends, amendment.findings!);
      },
    });
    return [known, analysis];
  }

  it.each([...samples.map((name) => [name]), samples])(
    "%s: name in the end, with what amends them, what the records of the whole do",
    async (...names) => {
      const [known, analysis] = await streamed(names);
      for (const { id, findings } of analysis.worst("all"))
        expect([id, known.get(id)]).toEqual([id, findings]);
    },
  );

  it("name at once what one connection alone tells", async () => {
    const records: ConnectionRecord[] = [];
    await analyzed(["refused"], { onFinished: (record) => void records.push(record) });
    expect(records.map(({ findings }) => findings)).toEqual([["connection-refused"], ["connection-refused"]]);
  });

  it("that may change and are too many to remember are counted", () => {
    const more = 5;
    const told: Amendment[] = [];
    const scene = { fileNames: ["a.pcap"], conclusions: { follow: () => () => ["port-scan"] } } as never;
    const amendments = new Amendments(scene, (amendment) => told.push(amendment));
    // A connection of which both sides were seen: nothing else of it hangs on others.
    const marks = { 0: MARK_SEEN, [STRIDE]: MARK_SEEN };
    const endpoints = { marks, rareRow: { 0: 0, [STRIDE]: 0 } };
    const columns = { file: [0], frame: [7], interfaceId: [0] };
    const context = { connections: { columns, endpoints, rare: { copyCandidates: [0] } } } as never;
    const record = makeRecord({ capturePoint: null });
    for (let n = 0; n < MOST_CONCLUDED + more; n++) amendments.noteHandedOn(context, 0, record);
    expect(amendments.unfollowed).toBe(more);
    amendments.end();
    expect(told).toEqual([{ amends: "7", findings: ["port-scan"] }]);
  });
});

describe("the report of one connection", () => {
  it("tells the findings behind which it stands, with its own packets", async () => {
    const analysis = await analyzed(["port-scan"]);
    const id = analysis.summary().findings[0]!.examples[3]!.connection;
    const ladder = await analysis.ladder(id);
    expect(ladder.findings).toMatchObject([{ finding: { id: "port-scan" }, frames: [Number(id)] }]);
    const shown = ladder.rows.filter(({ remarks }) => remarks.includes("shows port-scan"));
    expect(shown.map(({ frame }) => frame)).toEqual([Number(id)]);
    const text = connectionReport(ladder, { width: 100, hasColor: false, isAscii: false });
    expect(text).toMatch(/\nFindings\nwarning {2}10\.77\.0\.1 tried \d+ ports/);
    expect(text).toMatch(/\n {4}who {3}client \(likely.*\n/);
    expect(text).toMatch(new RegExp(`\\n {4}see {3}packet ${id}; 2\\d other connections behind it\\n`));
  });

  it("has none where nothing is told", async () => {
    const ladder = await (await analyzed(["normal"])).ladder("1");
    expect(ladder.findings).toEqual([]);
    expect(connectionReport(ladder, { width: 80, hasColor: false, isAscii: false })).not.toContain(
      "Findings",
    );
  });
});
