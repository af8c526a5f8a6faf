/** The numbers of a connection as lines: what is rare stands there where it is the news. */
import { describe, expect, it } from "vitest";
import { flatNumbers, tallNumbers } from "../../src/ui/number-lines.js";
import { chooseTheme } from "../../src/ui/theme.js";
import { makeRecord, makeTls } from "../report/record-fixture.js";

const { glyphs } = chooseTheme({}, "linux");

const loss = {
  loss: "syn-ack-lost",
  where: "after-capture",
  frames: [2, 3],
  repeatFrames: [4],
  answerFrame: 5,
} as const;

const text = (lines: ReturnType<typeof tallNumbers>) =>
  lines.map((line) => line.map((span) => span.text).join("")).join("\n");

describe("numbers", () => {
  it("tell the frames of a lost handshake packet", () => {
    const record = makeRecord({ losses: ["syn-ack-lost"], lossEvidence: [loss] });
    const said = "SYN-ACK lost after the capture point: frames 2, 3, shown by frame 4, went on with frame 5";
    expect(text(flatNumbers(record, 120, 8, glyphs))).toContain(said);
    expect(text(tallNumbers(record, 120, glyphs))).toContain(said);
  });

  it("tell what became of early data", () => {
    const record = makeRecord({ fastOpenData: "not-accepted" });
    expect(text(flatNumbers(record, 120, 8, glyphs))).toContain("early data not-accepted");
  });

  it("tell a TLS handshake, and who broke it off", () => {
    const whole = makeRecord({ tls: makeTls({}) });
    const said = "www.example.org - handshake 42.0 ms - ServerHello 22.1 ms - TLS 1.3 - offers h2 http/1.1";
    expect(text(flatNumbers(whole, 120, 8, glyphs))).toContain(said);
    expect(text(tallNumbers(whole, 120, glyphs))).toContain(said);
    const alert = {
      by: "server",
      kind: "clear",
      level: "fatal",
      description: "unknown_ca",
      atMs: 5,
      frame: 6,
    } as const;
    const failed = makeRecord({
      tls: makeTls({ sni: null, isTruncated: true, handshakeMs: null, alerts: [alert] }),
    });
    expect(text(tallNumbers(failed, 120, glyphs))).toMatch(
      /tls\s+truncated - .*server: alert unknown_ca \(fatal\)/,
    );
  });

  it("say nothing of either where there was none", () => {
    expect(text(tallNumbers(makeRecord(), 120, glyphs))).not.toMatch(/lost|early|tls/);
  });
});
