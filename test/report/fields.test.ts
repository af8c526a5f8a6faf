/** The field table covers the record, and nothing else. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import { FIELDS } from "../../src/report/fields.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { STATE_NAMES } from "../../src/tcp/states.js";
import { leavesOf, valueAt } from "./leaves.js";
import { makeGaveUp, makeRecord, makeReset, makeTls } from "./record-fixture.js";

const everyState = Object.fromEntries(
  STATE_NAMES.filter((name) => name !== "CLOSED").map((name, i) => [name, i + 1]),
);

const times = { count: 3, minMs: 1, meanMs: 2, p50Ms: 2, p95Ms: 3, maxMs: 3 };
const roundTrip = { ...times, smoothedMs: 2, variationMs: 1 };
/** What a side has only where it sent something again, or for long enough. */
const parts = {
  roundTrip,
  repeatedBytes: {
    fastBytes: 1,
    timeoutBytes: 2,
    timeoutRepeatBytes: 3,
    tailLossProbeBytes: 4,
    pathMtuBytes: 5,
    fastOpenBytes: 6,
    unexplainedBytes: 7,
  },
  lost: { beforeCapture: 1, beforeCaptureBytes: 2, afterCapture: 3, afterCaptureBytes: 4 },
  recovery: {
    episodes: 2,
    totalMs: 3,
    longestMs: 2,
    fromFrame: 4,
    toFrame: 5,
    flightRatio: 0.7,
    flightsMeasured: 1,
  },
  stall: { count: 2, totalMs: 3, longestMs: 2, fromFrame: 4, toFrame: 5 },
  blackHole: { tooBigBytes: 1448, fittingBytes: 1024 },
  limitedBy: { application: 0.1, receiveWindow: 0.2, network: 0.3, congestionWindow: 0.4 },
  socket: {
    state: "CLOSE_WAIT",
    process: "java",
    pid: 4312,
    receiveQueueBytes: 1,
    sendQueueBytes: 2,
    roundTripMs: 3,
    congestionWindow: 10,
    unacknowledged: 4,
    retransmitsInFlight: 5,
    retransmits: 6,
    backoffs: 7,
    wireState: "ESTABLISHED",
  } as const,
};

/** A record in which nothing is null that can be filled. */
const full = makeRecord({
  client: { stateTimesMs: everyState, ...parts },
  server: { stateTimesMs: everyState, ...parts },
  thinkTime: times,
  unreachable: { reason: "host unreachable", sender: "10.0.0.1", frame: 2, atMs: 3 },
  reset: makeReset({ signs: ["its TTL differs from that side's other packets"] }),
  gaveUp: makeGaveUp({}),
  heartbeat: { by: "server", count: 5, intervalMs: 30_000, missed: 1 },
  tls: makeTls({ alpn: "h2" }),
  transitions: [{ atMs: 0, frame: 1, side: "client", event: "sentSyn", from: "CLOSED", to: "SYN_SENT" }],
});

const byName = new Map(FIELDS.map((field) => [field.name, field]));

/** Parts that are null as a whole: their fields then read null. */
const PARTS = ["unreachable", "reset", "gaveUp", "heartbeat", "tls", "responseTime", "thinkTime"].concat(
  ["client", "server"].flatMap((side) => ["offered", ...Object.keys(parts)].map((part) => `${side}.${part}`)),
);

function checkAgainst(record: ConnectionRecord): void {
  for (const leaf of leavesOf(record)) {
    if (PARTS.includes(leaf)) continue;
    const field = byName.get(leaf);
    expect(field, `${leaf} is not in the field table`).toBeDefined();
    expect(field!.read(record)).toStrictEqual(valueAt(record, leaf));
  }
  for (const field of FIELDS) {
    expect(field.read(record), field.name).not.toBeUndefined();
    expect(field.read(record), field.name).toStrictEqual(valueAt(record, field.name) ?? null);
  }
}

const captures = new URL("../../../shared/captures/", import.meta.url);
const files = [
  "tcp-dsack-lossy.pcap.gz",
  "tcp-fin-retransmission-rst.pcap",
  "mix-http-61-streams-be.pcap.gz",
];
const hasCaptures = files.every((file) => existsSync(new URL(file, captures)));
if (!hasCaptures)
  console.log("left out: the field table against records of the public captures, which are not here");

describe("the field table", () => {
  it("has every leaf of a full record once, and no other", () => {
    const names = FIELDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(leavesOf(full).sort());
  });

  it("reads each leaf as it stands, in a full record and in one with as little as possible", () => {
    checkAgainst(full);
    checkAgainst(makeRecord({ client: { offered: null, isn: null, ttl: null, stateTimesMs: {} } }));
  });

  it.runIf(hasCaptures)("agrees with the records of real captures", async () => {
    for (const file of files) {
      const analysis = await openAnalysis([new URL(file, captures).pathname]);
      await analysis.run();
      const records = analysis.worst("all");
      expect(records.length).toBeGreaterThan(0);
      for (const record of records) checkAgainst(record);
    }
  });

  it("describes every field with a sentence, a heading that fits, and a name that ends in its unit", () => {
    for (const { name, title, unit, description, width } of FIELDS) {
      expect(description, name).toMatch(/^[A-Z].*\.$/);
      expect(title, name).not.toBe("");
      expect(width, name).toBeGreaterThan(0);
      if (unit === "ms") expect(name).toMatch(/Ms$|\.stateTimesMs\./);
      if (/Bytes$/.test(name)) expect(unit, name).toBe("bytes");
      for (const reference of description.match(/RFC \d+[^,;.)]*/g) ?? []) {
        expect(reference, name).toMatch(/^RFC \d+( §\d+)?$|^RFC (792)$/);
      }
    }
  });
});
