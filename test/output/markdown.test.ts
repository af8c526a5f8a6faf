/** Markdown: the text report's content, and nothing of a capture that means something in Markdown. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { markdownReport } from "../../src/output/markdown.js";
import { textReport } from "../../src/output/text.js";
import { makeCleanSummary, makeRecord, makeSummary } from "../report/record-fixture.js";
import { analyse, CAPTURES } from "../samples/samples.js";

const medium = { width: 80, hasColor: false, isAscii: false };

describe("the report in Markdown", () => {
  it("shows one capture whole", async () => {
    const analysis = await analyse(`${CAPTURES}syn-lost.pcap`);
    const report = markdownReport(analysis.summary(), analysis.worst("all"));
    await expect(report).toMatchFileSnapshot("expected/syn-lost.markdown.txt");
  });

  it.each(readdirSync(CAPTURES).filter((name) => /^(close|reset|loss|tls|syn)[^.]*\.pcap$/.test(name)))(
    "says every word of the text report: %s",
    async (name) => {
      const analysis = await analyse(`${CAPTURES}${name}`);
      const [summary, worst] = [analysis.summary(), analysis.worst(20)];
      const said = words(markdownReport(summary, worst).replace(/\\|\*\*/g, ""));
      // Drawings apart, and words that tables have as headings.
      const text = words(
        textReport(
          {
            ...summary,
            connectTimes: none,
            serverLegs: none,
            clientLegs: none,
            initialRtts: none,
            retryWaits: none,
          },
          worst,
          medium,
        ),
      );
      const missing = [...text].filter((word) => !said.has(word) && !LAYOUT.has(word));
      expect(missing).toEqual([]);
    },
  );

  it("has tables whose rows are as wide as their headings", async () => {
    const analysis = await analyse(`${CAPTURES}close-wait-leak.pcap`);
    const lines = markdownReport(analysis.summary(), analysis.worst("all")).split("\n");
    let width = 0;
    for (const line of lines) {
      const cells = line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0;
      if (width > 0 && cells > 0) expect(cells, line).toBe(width);
      width = cells;
    }
  });

  it("lets nothing of a capture become markup", () => {
    const bad =
      "a|b`c` <img src=x> [l](http://e.vil) ![i](x) *b* _i_ ~~s~~ # www.e.vil @someone $x$ &lt; \x1b[2J\n\n# h";
    const report = markdownReport(makeSummary({ files: [bad], notes: [bad] }), [makeRecord({ id: bad })]);
    expect(report).not.toContain("\x1b");
    expect(report).not.toMatch(/^# h/m);
    const hostile = report.split("\n").filter((line) => line.includes("e.vil") || line.includes("e\\.vil"));
    expect(hostile.length).toBeGreaterThan(1);
    for (const line of hostile) {
      expect(line).not.toMatch(/(?<!\\)[<`[\]!~]/);
      expect(line).not.toMatch(/http:\/\/|www\.|@/);
    }
  });

  it("says so where nothing is wrong, and where there is nothing", () => {
    expect(markdownReport(makeCleanSummary(), [])).toContain("No problems found");
    expect(markdownReport(makeSummary({ connections: 0, findings: [] }), [])).toContain("No TCP connections");
  });
});

const none = { edgesMs: [], counts: [] };
const LAYOUT = new Set([
  "who",
  "do",
  "see",
  "Handshake",
  "Outcome",
  "Close",
  "client",
  "server",
  "conns",
  "segments",
]);

function words(text: string): Set<string> {
  return new Set(text.match(/[A-Za-z0-9_.:-]{3,}/g)?.map((word) => word.replace(/[.:,]+$/, "")) ?? []);
}
