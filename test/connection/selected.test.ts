/** Connections asked for by a filter: all figures are of those, and of no others. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Analysis, type CaptureSummary, compileFilter, openAnalysis } from "../../src/index.js";

const root = new URL("../../captures/", import.meta.url).pathname;
const samples = readdirSync(root).filter((name) => /\.pcap(ng)?$/.test(name));

async function analyzed(names: readonly string[], where?: string): Promise<Analysis> {
  const analysis = await openAnalysis(
    names.map((name) => join(root, name)),
    where === undefined ? {} : { where: compileFilter(where) },
  );
  await analysis.run();
  return analysis;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

/** Figures that add up where connections are divided in two. */
function additive(summary: CaptureSummary): Record<string, number> {
  const { timeline, outcomes, closes, resetKinds } = summary;
  return {
    ...outcomes,
    ...closes,
    ...resetKinds,
    connections: summary.connections,
    payloadBytes: summary.payloadBytes,
    retransmissions: summary.retransmissions,
    timeouts: summary.timeouts,
    handshakes: summary.handshake.connectTime.count,
    connectionsOverTime: sum(timeline.connections),
    repeatsOverTime: sum(timeline.retransmissions),
    resetsOverTime: sum(timeline.resets),
  };
}

const FILTERS = [
  "outcome = completed",
  "retransmissions > 0",
  "port < 40000 or reset.kind",
  "bytes > 3kB",
  "findings",
];

describe("a filter", () => {
  it.each(FILTERS)("%s and its opposite have all figures between them", async (where) => {
    const whole = await analyzed(samples);
    const chosen = await analyzed(samples, where);
    const others = await analyzed(samples, `not (${where})`);
    const [all, some, rest] = [whole, chosen, others].map((one) => additive(one.summary()));
    for (const [name, figure] of Object.entries(all!))
      expect([name, some![name]! + rest![name]!]).toEqual([name, figure]);
    // Neither of the two is nothing.
    expect(some!.connections).toBeGreaterThan(0);
    expect(rest!.connections).toBeGreaterThan(0);
    expect(chosen.summary().filter).toEqual({ where, connections: whole.summary().connections });
    const ids = (analysis: Analysis) => analysis.worst("all").map(({ id }) => id);
    expect([...ids(chosen), ...ids(others)].sort()).toEqual(ids(whole).sort());
    const { matches } = compileFilter(where);
    expect(
      whole
        .worst("all")
        .filter(matches)
        .map(({ id }) => id),
    ).toEqual(ids(chosen));
  });

  it("that all connections pass changes nothing but what is said of it", async () => {
    for (const name of samples) {
      const [plain, all] = await Promise.all([analyzed([name]), analyzed([name], "packets > 0")]);
      const { notes, filter, lossBursts, ...figures } = all.summary();
      const { notes: plainNotes, filter: none, lossBursts: _, findings, ...expected } = plain.summary();
      // A moment of the whole capture, which its lost segments make, is told where all connections are.
      const others = findings.filter(({ id }) => id !== "retransmission-burst");
      expect(figures).toEqual({ ...expected, findings: others });
      expect([none, lossBursts]).toEqual([null, []]);
      expect(notes.slice(1)).toEqual(plainNotes);
      expect(filter).toEqual({ where: "packets > 0", connections: expected.connections });
      expect(all.worst("all")).toEqual(plain.worst("all"));
    }
  });

  it("looks at the open connections of a page too", async () => {
    const analysis = await analyzed(samples, "server.state = ESTABLISHED");
    const query = { sort: "start", isDescending: false, offset: 0, limit: 500 } as const;
    const page = await analysis.page({ ...query, search: "" });
    expect(page.rows.length).toBeGreaterThan(0);
    expect(page.total).toBe(page.matching);
    for (const { server } of page.rows) expect(server.state).toBe("ESTABLISHED");
    const some = await analysis.page({ ...query, search: "client.state = ESTABLISHED" });
    expect(some.total).toBe(page.total);
    expect(some.rows.map(({ id }) => id)).toEqual(
      page.rows.filter(({ client }) => client.state === "ESTABLISHED").map(({ id }) => id),
    );
  });
});
