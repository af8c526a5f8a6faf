/** The search line: words or a filter, and how its last word is completed. */
import { describe, expect, it } from "vitest";
import { completed, completionOf } from "../../src/query/completion.js";
import { compileSearch, isFilter, searchProblem } from "../../src/query/search.js";
import { makeRecord } from "../report/record-fixture.js";

describe("a search line", () => {
  it.each<[line: string, isOne: boolean]>([
    ["10.20.0.31", false],
    ["close_wait 443", false],
    ["10.20.0.8:8080 reset", false],
    ["notes and-so-on", false],
    ["state = CLOSE_WAIT", true],
    ["rtt>3", true],
    ["host in 10.0.0.0/8", true],
    ['"10.20.0.8"', true],
    ["not tls.sni", true],
  ])("%s: a filter %s", (line, isOne) => expect(isFilter(line)).toBe(isOne));

  it("finds words anywhere, all of them", () => {
    const record = makeRecord({ close: "half-closed", server: { state: "CLOSE_WAIT" } });
    expect(compileSearch("close_wait half")!(record)).toBe(true);
    expect(compileSearch("close_wait graceful")!(record)).toBe(false);
    expect(compileSearch("server.state = CLOSE_WAIT")!(record)).toBe(true);
    expect(compileSearch("   ")).toBeNull();
  });

  it("says what is wrong with a filter that is not finished, and nothing of words", () => {
    expect(searchProblem("rtt >")).toMatch(/the filter ends here/);
    expect(searchProblem("rtt > 3")).toBeNull();
    expect(searchProblem("nonsense")).toBeNull();
  });
});

describe("completion", () => {
  it.each<[line: string, expected: string]>([
    ["connectT", "connectTime"],
    ["port = 443 and connectT", "port = 443 and connectTime"],
    ["(initialR", "(initialRtt"],
    // As far as all agree, then the first of them.
    ["reset.k", "reset.kind"],
    ["state = CLOSE_", "state = CLOSE_WAIT"],
    ["state = FIN_", "state = FIN_WAIT_"],
    ["outcome in refused, unrea", "outcome in refused, unreachable"],
    ["rtt > 3", "rtt > 3"],
    ["and", "and"],
    ["", ""],
  ])("%s → %s", (line, expected) => {
    expect(completed(line)).toBe(expected);
  });

  it("offers the words that a field can be", () => {
    expect(completionOf("close = ").words).toContain("half-closed");
    expect(completionOf("server.state != TIME").words).toEqual(["TIME_WAIT"]);
    expect(completionOf("bytes > 3").words).toEqual([]);
  });
});
