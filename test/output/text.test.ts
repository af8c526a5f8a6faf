/** Text reports as a whole, against the kept ones; what they say of a clean, an empty and a hostile capture. */
import { describe, expect, it } from "vitest";
import { connectionReport } from "../../src/output/connection-text.js";
import { ladderLines } from "../../src/output/ladder.js";
import { textReport } from "../../src/output/text.js";
import { isClean } from "../../src/report/clean.js";
import {
  makeCleanSummary,
  makeHost,
  makeLadder,
  makeRecord,
  makeStanding,
  makeSummary,
} from "../report/record-fixture.js";
import { expectKept } from "./kept-text.js";
import { worstConnections } from "./report-cases.js";

const plain = { width: 80, hasColor: false, isAscii: false };

const damaged = makeSummary({
  problems: [
    {
      kind: "cut",
      sentence: "checkout-slow.pcap: cut off in packet 1,204,119 at byte 183,999,000",
      count: 1,
      isFatal: true,
      offset: null,
      firstId: null,
    },
  ],
  notes: ["Of 12 connections only one direction was captured."],
  missingBytes: 12_345,
});

const inUnits = (...unitsNs: number[]) =>
  makeSummary({
    format: "pcapng",
    interfaces: unitsNs.map((timestampUnitNs, i) => ({
      name: `eth${i}`,
      linkType: 1,
      snapLength: 0,
      timestampUnitNs,
      capturePoint: "unknown",
      droppedPackets: null,
    })),
  });

describe("the text report", () => {
  it.each([
    [[1000], "pcapng in microseconds, from"],
    [[1, 1], "pcapng in nanoseconds, from"],
    [[1, 1000], "pcapng in microseconds and nanoseconds, from"],
    [[1e9 / 1024], "pcapng in units of 977000 ns, from"],
    [[0.001], "pcapng in units of 1 ps, from"],
    [[], "pcapng, from"],
  ] as const)("says what timestamps count: %j", (units, line) => {
    expect(textReport(inUnits(...units), [], plain).split("\n")[2]).toContain(line);
  });

  it("fits 80 columns where it is piped", () => {
    const text = textReport(damaged, worstConnections, plain);
    expectKept("troubled-80.txt", text);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("uses the room of a wide terminal", () => {
    const text = textReport(damaged, worstConnections, { ...plain, width: 120 });
    expectKept("troubled-120.txt", text);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(120);
  });

  it("says of a clean capture that it is clean, in ASCII where the locale has no more", () => {
    const text = textReport(makeCleanSummary(), [makeRecord()], { ...plain, isAscii: true });
    expectKept("clean-ascii.txt", text);
    expect(text).toMatch(/^[\n -~]*$/);
  });

  it("tells of hosts how many sockets stood in one state, where they are many", () => {
    const servers = [
      makeHost({
        name: "10.0.0.2:80",
        connections: 1500,
        closedFirst: 1300,
        statesMissing: 7,
        states: {
          CLOSE_WAIT: makeStanding([3, 40, 38]),
          FIN_WAIT_2: makeStanding([9]),
          ESTABLISHED: makeStanding([500]),
          TIME_WAIT: makeStanding([900, 1200, 1200]),
        },
      }),
      makeHost({
        name: "10.0.0.3:80",
        states: { CLOSE_WAIT: makeStanding([50]), TIME_WAIT: makeStanding([99]) },
      }),
    ];
    const ports = { server: "10.0.0.2:80", inUse: makeStanding([100, 250]), timeWait: null, missing: 0 };
    const clients = [makeHost({ name: "10.0.0.1", states: null, ports }), makeHost({ name: "10.0.0.4" })];
    const text = textReport(makeSummary({ servers, clients }), [], plain);
    const [, block] = /\nSockets in one state, by host\n(.*?)\n\n/s.exec(`${text}\n`) ?? [];
    expect(block).toBe(
      [
        "CLOSE_WAIT    10.0.0.3:80: 50 at once at 14:02:01 and at the end",
        "CLOSE_WAIT    10.0.0.2:80: at least 40 at once at 14:02:02, 38 at the end",
        "TIME_WAIT     10.0.0.2:80: at least 1,200 at once at 14:02:02 and at the end; it",
        "              closed first 1,300 of its 1,500 connections",
        "ports         10.0.0.1 to 10.0.0.2:80: 250 at once at 14:02:02 and at the end,",
        "              with those in TIME_WAIT",
      ].join("\n"),
    );
    expect(textReport(makeSummary(), [], plain)).not.toContain("Sockets in one state");
  });

  it("never calls a capture clean that holds one failure of any kind", () => {
    const clean = makeCleanSummary();
    expect(isClean(clean)).toBe(true);
    for (const troubled of [
      { retransmissions: 1 },
      { missingBytes: 1 },
      { isComplete: false },
      { outcomesUnknown: 1 },
      { outcomes: { refused: 1 } },
      { outcomes: { unanswered: 1 } },
      { closes: { "half-closed": 1 } },
      { closes: { "timed-out": 1 } },
      { resetKinds: { abort: 1 } },
      { resetKinds: { "instead-of-time-wait": 1 } },
      { resetsNotTaken: 1 },
      { silentPeers: 1 },
      { handshake: { handshakeAckLost: 1 } },
      { skipped: [{ reason: "x", title: "cut", packets: 1, isDefect: true, firstId: null }] },
    ]) {
      expect(isClean({ ...clean, ...makeSummaryPart(clean, troubled) }), JSON.stringify(troubled)).toBe(
        false,
      );
    }
  });

  it("tells of resets without effect and of silent peers where there is nothing else to tell", () => {
    const clean = makeCleanSummary();
    const said = textReport({ ...clean, resetsNotTaken: 2, silentPeers: 1 }, [], plain);
    expect(said).toContain(
      "Resets by kind\nnot taken  2  ignored or challenged by their receivers, or taken back\n",
    );
    expect(said).toContain(
      "silent peers          1 open connection whose last repeats or probes were never\n",
    );
    expect(said).not.toContain("No problems found");
    expect(textReport(clean, [], plain)).not.toMatch(/not taken|silent peers/);
    const kinds = { ...clean.resetKinds, abort: 1200, refused: 3 };
    const lines = textReport({ ...clean, resetKinds: kinds, resetsNotTaken: 40 }, [], plain).split("\n");
    const at = lines.indexOf("Resets by kind");
    expect(lines.slice(at + 1, at + 5).map((line) => line.slice(0, 16).trim())).toEqual([
      "abort      1,200",
      "",
      "refused        3",
      "not taken     40",
    ]);
  });

  it("says that there is no TCP", () => {
    const text = textReport(makeSummary({ connections: 0, skipped: [], packets: 3 }), [], plain);
    expect(text).toContain("No TCP connections in this capture.\n");
    expect(text).not.toContain("Handshake");
  });

  it("says that it is partial", () => {
    expect(textReport(makeSummary({ isComplete: false }), [], plain)).toContain(
      "reading was stopped before the end",
    );
  });

  it("lets nothing from a file or its name act on the terminal", () => {
    const evil = "\x1b]0;owned\x07\u202e\r\n";
    const summary = makeSummary({
      files: [`${evil}.pcap`],
      problems: [
        { kind: "cut", sentence: `${evil}: ends`, count: 1, isFatal: true, offset: null, firstId: null },
      ],
      notes: [evil],
      skipped: [{ reason: "x", title: evil, packets: 1, isDefect: true, firstId: null }],
      servers: [],
    });
    const record = makeRecord({
      id: `${evil}:1`,
      outcome: "unreachable",
      unreachable: { reason: evil, sender: evil, frame: 1, atMs: 1 },
    });
    const text = textReport(summary, [record], plain) + connectionReport(makeLadder({ record }), plain);
    expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text).toContain("\\x1b]0;owned\\x07\\u202e");
  });

  it("colors only where it is told to, and then changes nothing but colors", () => {
    const bare = textReport(damaged, worstConnections, plain);
    const colored = textReport(damaged, worstConnections, { ...plain, hasColor: true });
    expect(bare).not.toContain("\x1b");
    expect(colored).toContain("\x1b[31m");
    expect(colored.replace(/\x1b\[\d*m/g, "")).toBe(bare);
  });
});

/** A summary's parts with the given counts changed. */
function makeSummaryPart(clean: object, changes: object): object {
  return Object.fromEntries(
    Object.entries(changes).map(([key, value]) => {
      const before = (clean as Record<string, unknown>)[key];
      const isPart = typeof value === "object" && value !== null && !Array.isArray(value);
      return [key, isPart ? { ...(before as object), ...value } : value];
    }),
  );
}

describe("the ladder", () => {
  it("is followed by the frames of a lost handshake packet, where one was lost", () => {
    const record = makeRecord({
      losses: ["handshake-ack-lost"],
      lossEvidence: [
        {
          loss: "handshake-ack-lost",
          where: "after-capture",
          frames: [3],
          repeatFrames: [4],
          answerFrame: "b.pcap\x1b[31m:5",
        },
      ],
    });
    const text = connectionReport(makeLadder({ record }), plain);
    expect(text).toContain(
      "Lost in the handshake\nACK lost after the capture point: frame 3, shown by frame 4",
    );
    expect(text).not.toContain("\x1b");
    expect(connectionReport(makeLadder(), plain)).not.toContain("Lost in the handshake");
  });

  it("stands in 80 columns, with all numbers of the connection below", () => {
    const text = connectionReport(makeLadder(), plain);
    expectKept("connection-80.txt", text);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each([80, 100, 120, 160, 200])("fits %s columns and loses nothing", (width) => {
    for (const isAscii of [false, true]) {
      const lines = ladderLines(makeLadder(), { width, hasColor: false, isAscii });
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
      const text = lines.join("\n");
      for (const part of [
        "SYN ACK seq 0 ack 1",
        "1449:2897 (1,448)",
        "SACK 1449:2897",
        "FIN_WAIT_2",
        "CLOSE_WAIT",
      ]) {
        expect(text).toContain(part);
      }
    }
  });

  it("draws with ASCII characters where the locale has no more", () => {
    const text = ladderLines(makeLadder(), { width: 120, hasColor: false, isAscii: true }).join("\n");
    expectKept("ladder-120-ascii.txt", `${text}\n`);
    expect(text).toMatch(/^[\n -~]*$/);
  });

  it("puts below the arrow what has no room on it", () => {
    const big = 4_000_000_000;
    const ladder = makeLadder({
      rows: [
        {
          from: "server",
          flags: "PSH ACK",
          sequence: big,
          payloadBytes: 65_160,
          acknowledgment: big,
          sack: [
            [big + 1448, big + 2896],
            [big + 4344, big + 5792],
          ],
        },
      ],
    });
    const lines = ladderLines(ladder, plain);
    const text = lines.join(" ").replace(/[│\s]+/g, " ");
    expect(text).toContain("4000000000:4000065160 (65,160)");
    expect(text).toContain("ack 4000000000, SACK 4000001448:4000002896, SACK 4000004344:4000005792");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("claims no negative span where the clock went back, and keeps its columns for long ones", () => {
    const rows = [
      { from: "client", flags: "SYN", deltaMs: 0 },
      { from: "server", flags: "SYN ACK", deltaMs: -5000 },
      { from: "client", flags: "ACK", deltaMs: 4e10 },
    ] as const;
    const lines = ladderLines(makeLadder({ rows }), plain).slice(-3);
    expect(lines.map((line) => line.slice(6, 18).trim())).toEqual(["0", "earlier", "462 d 23 h"]);
    expect(new Set(lines.map((line) => line.search(/[├│]/))).size).toBe(1);
  });

  it("says why there is none, and how many segments are missing", () => {
    const absent = ladderLines(makeLadder({ rows: [], absent: "the input was a pipe" }), plain).join("\n");
    expect(absent).toContain("No diagram: the input was a pipe.");
    expect(ladderLines(makeLadder({ omitted: 12_345 }), plain).join("\n")).toContain("12,345 more segments");
  });
});
