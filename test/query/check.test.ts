/** Checks: which figures of a capture hold which conditions, and what is said of a condition that is none. */
import { describe, expect, it } from "vitest";
import { compileCheck } from "../../src/index.js";
import { AGGREGATES } from "../../src/query/aggregates.js";
import { QueryError } from "../../src/query/query-error.js";
import type { CaptureSummary } from "../../src/report/summary.js";
import { makeCleanSummary, makeSummary } from "../report/record-fixture.js";

const summary = makeSummary({
  connections: 200,
  outcomes: { completed: 180, refused: 15, unanswered: 5, embryonic: 0, aborted: 0, unreachable: 0 },
  payloadBytes: 1_000_000,
  retransmittedBytes: 20_000,
  retransmissions: 14,
  handshake: {
    connectTime: { count: 180, minMs: 1, p50Ms: 20, p90Ms: 90, p95Ms: 120, p99Ms: 312, maxMs: 3100 },
  },
  resetKinds: { refused: 15, abort: 2 },
});
const nothing = makeSummary({
  connections: 0,
  payloadBytes: 0,
  handshake: {
    connectTime: { count: 0, minMs: null, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null },
  },
});

describe("a check", () => {
  it.each<[text: string, holds: boolean]>([
    ["connectTime.p99 > 200ms", true],
    ["connectTime.p99 > 0.312s", false],
    ["connecttime.P99 >= 312", true],
    ["handshake.max > 3s", true],
    ["connectTime.count = 180", true],
    ["retransmissions.rate > 1%", true],
    ["retransmissions.rate > 0.02", false],
    ["retransmissions > 10 and connections < 100", false],
    ["retransmissions > 10 or connections < 100", true],
    ["not (connections < 100)", true],
    ["connections in 100..300, 500", true],
    ["connections not in 100..300", false],
    ["outcomes.refused", true],
    ["outcome.refused != 15", false],
    ["outcomes.embryonic", false],
    ["resets.abort >= 2", true],
    ["connections.failed = 20", true],
    ["connections.failureRate = 10%", true],
    ["retransmissions.bytes > bytes", false],
    ["connectTime.p99 > connectTime.p50", true],
  ])("%s", (text, holds) => {
    expect(compileCheck(text).holds(summary)).toBe(holds);
  });

  it.each([
    "connectTime.p99 > 1ms",
    "connectTime.p99 < 1ms",
    "connectTime.p99 != 1ms",
    "retransmissions.rate >= 0",
  ])("%s does not hold where nothing was measured", (text) =>
    expect(compileCheck(text).holds(nothing)).toBe(false),
  );

  it("counts findings by severity and by rule", () => {
    const [first] = makeSummary().findings;
    expect(first).toBeDefined();
    const finding = { ...first!, id: "close-wait-leak", severity: "problem" as const };
    const found = makeSummary({ findings: [finding] });
    for (const text of [
      "findings.problem",
      "findings = 1",
      "findings.closeWaitLeak >= 1",
      "not findings.warning",
    ]) {
      expect(compileCheck(text).holds(found), text).toBe(true);
      expect(compileCheck("findings").holds(makeCleanSummary())).toBe(false);
    }
  });

  it("tells the figures that it asked for", () => {
    const check = compileCheck("connectTime.p99 > 200ms and (retransmissions.rate > 1% or connections > 5)");
    expect(check.figures(summary)).toBe(
      "connectTime.p99 = 312 ms, retransmissions.rate = 2.0 %, connections = 200",
    );
    expect(compileCheck("rtt.p50 < 1").figures(nothing)).toMatch(/^initialRtt\.p50 = /);
  });

  it.each<[text: string, at: number, message: RegExp]>([
    [
      "conectTime.p99 > 200ms",
      0,
      /column 1: no figure of a capture is named "conectTime\.p99"; the nearest name is connectTime\.p99/,
    ],
    ["connections > 1 and findings.closeWaitLeek", 20, /nearest name is findings\.closeWaitLeak/],
    ["connectTime.p99 > 200kB", 18, /"200kB" is not a time/],
    ["connectTime.p99 > connections", 18, /connections is in count, not in ms/],
    ["connectTime.p99 ~ abc", 18, /~ looks for text/],
    ['"10.0.0.1"', 0, /text is none/],
    ["connectTime.p99 >", 17, /the filter ends here/],
  ])("%s", (text, at, message) => {
    try {
      compileCheck(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError);
      expect((error as QueryError).message).toMatch(message);
      expect((error as QueryError).at).toBe(at);
    }
  });

  it("can ask for each figure by its own name, and each is a number or unknown", () => {
    expect(AGGREGATES.length).toBeGreaterThan(80);
    expect(new Set(AGGREGATES.map(({ name }) => name.toLowerCase())).size).toBe(AGGREGATES.length);
    const read = (of: CaptureSummary) => AGGREGATES.map((each) => each.read(of));
    for (const value of read(summary)) expect(value === null || Number.isFinite(value)).toBe(true);
    for (const { name } of AGGREGATES) expect(() => compileCheck(`${name} >= 0`), name).not.toThrow();
  });
});
