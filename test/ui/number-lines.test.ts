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

  it("tell what limited each side most, and how long it stalled and repaired losses", () => {
    const limits = { application: 0.1, receiveWindow: 0.714, network: 0.186, congestionWindow: 0 };
    const stall = { count: 2, totalMs: 3200, longestMs: 2100, fromFrame: 8, toFrame: 9 };
    const recovery = { episodes: 3, totalMs: 4000, longestMs: 2200, fromFrame: 8, toFrame: 9 };
    const record = makeRecord({
      client: { limitedBy: limits, windowFulls: 12 },
      server: { stall, recovery: { ...recovery, flightRatio: null, flightsMeasured: 0 } },
    });
    const told = text(tallNumbers(record, 80, glyphs));
    expect(told).toMatch(/stalled +- +3\.200 s/);
    expect(told).toMatch(/recovering +- +4\.000 s/);
    expect(told).toMatch(/limited by +window 71 % +-/);
    expect(told).toMatch(/window full +12 +0/);
    expect(text(tallNumbers(makeRecord(), 80, glyphs))).not.toMatch(
      /stalled|recovering|limited by|window full/,
    );
  });

  it("say nothing of either where there was none", () => {
    expect(text(tallNumbers(makeRecord(), 120, glyphs))).not.toMatch(/lost|early|tls/);
  });
});
