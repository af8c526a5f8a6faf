/** What an HTML report holds, and what it leaves out. */
import { describe, expect, it } from "vitest";
import { connectionsInDetail, htmlDocument, MOST_DETAILED } from "../../src/output/html/document.js";
import {
  cellsOf,
  detailOf,
  ladderOf,
  MOST_SEGMENTS,
  type PageData,
  ROW_COLUMNS,
} from "../../src/output/html/page-data.js";
import { makeLadder, makeRecord, makeSummary } from "../report/record-fixture.js";

const generator = { name: "tcpflow-analyze", version: "1.2.3" };

function written(...records: ReturnType<typeof makeRecord>[]): string {
  const ladders = records.map((record) => makeLadder({ record }));
  return [...htmlDocument(makeSummary(), records, ladders, generator)].join("");
}

function dataOf(page: string): PageData {
  return JSON.parse(/<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)![1]!);
}

describe("the HTML report", () => {
  it("is one file: nothing in it is loaded from elsewhere", () => {
    const page = written(makeRecord());
    const [policy] = /default-src[^"]*/.exec(page)!;
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/,
    );
    expect(page.replace(/<script>[\s\S]*<\/script>/, "")).not.toMatch(/(src|href)=|url\(|@import/);
  });

  it("holds the summary, a row for each connection, and ladders as they were", () => {
    const records = [makeRecord({ id: "7" }), makeRecord({ id: "8" })];
    const data = dataOf(written(...records));
    expect(data.generator).toEqual(generator);
    expect(data.summary).toEqual(JSON.parse(JSON.stringify(makeSummary())));
    expect(data.count).toBe(2);
    const columns = data.columns.map(cellsOf);
    records.forEach((record, row) => {
      expect(columns.map((cells) => cells[row])).toEqual(ROW_COLUMNS.map(({ read }) => read(record)));
    });
    expect(ladderOf(data.details["8"]!)).toEqual(
      JSON.parse(JSON.stringify(makeLadder({ record: records[1]! }))),
    );
  });

  it("says how many segments of a long connection it leaves out", () => {
    const [row] = makeLadder().rows;
    const ladder = makeLadder({ rows: new Array(MOST_SEGMENTS + 3).fill(row), omitted: 4 });
    expect(detailOf(ladder)).toMatchObject({ omitted: 7 });
    expect(detailOf(ladder).rows).toHaveLength(MOST_SEGMENTS);
  });

  it("shows everything of no more than memory can read again", () => {
    const worst = Array.from({ length: 1000 }, (_, i) => makeRecord({ id: `${i}`, packets: 3 }));
    expect(connectionsInDetail(worst, 1e9)).toHaveLength(MOST_DETAILED);
  });

  it.each([
    [0, 0],
    [11e3, 1],
    [100e3, 9],
    [20e6, 10],
  ])("shows everything of the worst in %d bytes: %d", (bytes, count) => {
    const worst = Array.from({ length: 10 }, (_, i) => makeRecord({ id: `${i}`, packets: 10 }));
    expect(connectionsInDetail(worst, bytes).map(({ id }) => id)).toEqual(
      worst.slice(0, count).map(({ id }) => id),
    );
  });
});
