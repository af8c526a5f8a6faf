/** The capture point is said wherever a leg is shown; beside the server the time to connect is a lower bound. */
import { describe, expect, it } from "vitest";
import { textReport } from "../../src/output/text.js";
import { severalPoints } from "../../src/report/capture-point-words.js";
import { sentenceFor } from "../../src/report/sentence.js";
import type { CapturePoint } from "../../src/report/summary.js";
import { flatNumbers } from "../../src/ui/number-lines.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { makeRecord, makeSummary } from "./record-fixture.js";

const MEDIUM = { width: 100, hasColor: false, isAscii: true };
const { glyphs } = chooseTheme({}, "linux");

describe("the capture point", () => {
  it.each<[CapturePoint, string]>([
    ["near-client", "seen near the client"],
    ["near-server", "seen near the server: connect is a lower bound"],
    ["middle", "seen in the middle of the path"],
    ["unknown", "capture point unknown"],
  ])("%s stands below the legs of the text report", (capturePoint, words) => {
    expect(textReport(makeSummary({ capturePoint }), [], MEDIUM).split("\n")).toContain(words);
  });

  it("stands beside a connection's legs on screen", () => {
    const text = (capturePoint: CapturePoint | null) =>
      flatNumbers(makeRecord({ capturePoint }), 120, 8, glyphs)[0]!
        .map((part) => part.text)
        .join("");
    expect(text("near-client")).toContain(" 1.40 ms = server leg 1.31 ms + client leg 0.09 ms - near client");
    expect(text("near-server")).toMatch(/>= 1\.40 ms = .* near server/);
    expect(text(null)).not.toMatch(/near|>=/);
  });

  it("stands in the sentence that tells legs, and makes a time to connect the least that passed", () => {
    const slow = { connectTimeMs: 250, serverLegMs: 249, clientLegMs: 1, initialRttMs: 250 } as const;
    expect(sentenceFor(makeRecord({ ...slow, capturePoint: "near-client" }))).toContain(
      "and back, seen near the client",
    );
    const lost = {
      ...slow,
      connectTimeMs: 1250,
      losses: ["syn-lost"],
      synCount: 2,
      retryWaitMs: 1000,
    } as const;
    expect(sentenceFor(makeRecord({ ...lost, capturePoint: "near-server" }))).toContain(
      "connect took at least 1.250 s",
    );
    expect(sentenceFor(makeRecord({ ...lost, capturePoint: "near-client" }))).toContain(
      "connect took 1.250 s",
    );
  });

  it("of several interfaces is told of each, where they differ", () => {
    const [eth0] = makeSummary().interfaces;
    const at = (name: string, capturePoint: CapturePoint) => ({ ...eth0!, name, capturePoint });
    expect(
      severalPoints({ interfaces: [at("a", "near-client"), at("b", "near-server"), at("c", "unknown")] }),
    ).toBe(
      "Seen from several places: a near the client, b near the server. The legs of all handshakes together mix them.",
    );
    expect(
      severalPoints({ interfaces: [at("a", "near-client"), at("b", "near-client"), at("c", "unknown")] }),
    ).toBeNull();
  });
});
