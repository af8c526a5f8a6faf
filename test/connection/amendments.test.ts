/** What is said of a connection after its record was handed on: once, bounded, and nothing where nothing changed. */
import { describe, expect, it } from "vitest";
import { Amendments, MOST_LATE, MOST_PROVISIONAL } from "../../src/connection/amendments.js";
import { Connections } from "../../src/connection/connections.js";
import { packetName } from "../../src/connection/packet-names.js";
import { openAnalysis } from "../../src/index.js";
import { ndjsonAmendment } from "../../src/output/ndjson.js";
import { type Amendment, PROVISIONAL_COUNTS, PROVISIONAL_FIELDS } from "../../src/report/amendment.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { Segment } from "../../src/wire/segment.js";
import { makeRecord } from "../report/record-fixture.js";
import { SAMPLES } from "../samples/samples.js";
import { CLOSE, c, HANDSHAKE, observe, type Step, s } from "./conversation.js";

const CLOSED = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK"), ...CLOSE];

async function streamed(steps: readonly Step[]) {
  const records: ConnectionRecord[] = [];
  const amendments: Amendment[] = [];
  const onFinished = (record: ConnectionRecord) => void records.push(record);
  const onAmended = (amendment: Amendment) => void amendments.push(amendment);
  const analysis = await observe(steps, { onFinished, onAmended });
  return { records, amendments, atEnd: analysis.worst("all") };
}

/** The record with what an amendment says in its place. */
function amended(record: ConnectionRecord, amendment: Amendment): ConnectionRecord {
  const { client, server, ...fields } = { client: {}, server: {}, ...amendment };
  return {
    ...record,
    ...fields,
    client: { ...record.client, ...client },
    server: { ...record.server, ...server },
  };
}

describe("late segments", () => {
  it("are told once for their connection", async () => {
    const late = [s("ACK", { seq: 2, after: 5000 }), c("ACK", { seq: 1, bytes: 10 }), c("RST", { seq: 12 })];
    const { records, amendments } = await streamed([...CLOSED, ...late]);
    expect(records).toHaveLength(1);
    expect(records[0]!.packets).toBe(8);
    expect(amendments).toEqual([
      { amends: "1", lateSegments: 3, lateBytes: 10, lateResets: 1, lastLateMs: 5090, lastLateId: "11" },
    ]);
  });

  it("name the file where several are read", async () => {
    const other = c("SYN", { clientPort: 50_000 });
    const late = s("ACK", { seq: 2, after: 5000 });
    const steps = [other, ...[...CLOSED, late].map((step) => ({ ...step, file: 1 }))];
    const { amendments } = await streamed(steps);
    expect(amendments).toMatchObject([{ amends: "file1.pcap:1", lastLateId: "file1.pcap:9" }]);
  });

  it("are not made up", async () => {
    expect((await streamed(CLOSED)).amendments).toEqual([]);
    // Within the two seconds they stand in the record itself.
    expect((await streamed([...CLOSED, s("ACK", { seq: 2, after: 300 })])).amendments).toEqual([]);
  });

  const scene = { timeWaitNs: 60e9, fileNames: ["a.pcap"] } as never;
  const collect = (): [Amendments, Amendment[]] => {
    const told: Amendment[] = [];
    return [new Amendments(scene, (amendment) => told.push(amendment)), told];
  };

  it("are told when nothing more can be recognised, while the capture goes on", () => {
    const [amendments, told] = collect();
    amendments.sweep(0);
    amendments.noteLate(packetName(0, 7), 1e9, new Segment());
    amendments.sweep(60e9);
    expect(told).toEqual([]);
    amendments.sweep(121e9);
    expect(told).toMatchObject([{ amends: "7", lateSegments: 1 }]);
    amendments.end();
    expect(told).toHaveLength(1);
  });

  it("of too many connections are told early, and add up", () => {
    const [amendments, told] = collect();
    const segment = new Segment();
    for (let frame = 1; frame <= MOST_LATE + 1; frame++) amendments.noteLate(frame, 0, segment);
    expect(told).toHaveLength(MOST_LATE);
    amendments.noteLate(1, 0, segment);
    amendments.end();
    const ofFirst = told.filter(({ amends }) => amends === "1");
    expect(ofFirst).toMatchObject([{ lateSegments: 1 }, { lateSegments: 1 }]);
  });
});

describe("what other connections show later", () => {
  it("takes an unanswered attempt back where that direction is never captured", async () => {
    const { records, amendments, atEnd } = await streamed([
      c("SYN", { clientPort: 40_001 }),
      c("SYN", { clientPort: 40_001, isn: 5, after: 3000 }),
      c("SYN", { isn: 1000 }),
      c("ACK", { seq: 1, ack: 1 }),
      c("ACK", { ack: 900 }),
    ]);
    expect(records[0]).toMatchObject({ id: "1", outcome: "unanswered", captured: "both" });
    expect(amendments).toEqual([
      { amends: "1", captured: "client-only", outcome: null, close: "open", findings: [] },
    ]);
    expect(atEnd[0]).toMatchObject({ captured: "client-only", outcome: null });
  });

  it("takes back that its client gave up, too", async () => {
    const { records, amendments, atEnd } = await streamed([
      ...[c("SYN", { clientPort: 40_001 }), c("SYN", { clientPort: 40_001, after: 1000 })],
      c("SYN", { clientPort: 40_001, isn: 5, after: 20_000 }),
      ...[c("SYN", { isn: 1000 }), c("ACK", { seq: 1, ack: 1 }), c("ACK", { ack: 900 })],
    ]);
    expect(records[0]!.gaveUp).toMatchObject({ what: "SYN", repeats: 1 });
    expect(amendments).toMatchObject([{ amends: "1", outcome: null, gaveUp: null }]);
    expect(atEnd[0]!.gaveUp).toBeNull();
  });

  it("decides which SYN was answered by the leg that the server usually takes", async () => {
    const { records, amendments } = await streamed([
      c("SYN", { ts: [1000, 0] }),
      c("SYN", { ts: [2000, 0], after: 1000 }),
      s("SYN ACK", { ts: [9000, 1000], after: 500 }),
      c("ACK", { ts: [2510, 9000] }),
      c("FIN ACK", { ts: [2520, 9000] }),
      s("FIN ACK", { ts: [9020, 2520] }),
      c("ACK", { ts: [2540, 9020] }),
      c("SYN", { clientPort: 40_001, isn: 5, after: 5000 }),
      s("SYN ACK", { clientPort: 40_001, isn: 6 }),
      c("ACK", { clientPort: 40_001 }),
    ]);
    expect(records[0]).toMatchObject({ legsAmbiguous: true, serverLegMs: 500, losses: ["syn-ack-lost"] });
    expect(amendments).toEqual([
      {
        amends: "1",
        losses: [],
        lossEvidence: [],
        serverLegMs: 1500,
        initialRttMs: 1510,
        retryWaitMs: 0,
        legsAmbiguous: false,
        // By the second handshake.
        capturePoint: "middle",
        findings: [],
      },
    ]);
  });

  it("moves such an attempt in the summary too: outcome, close, and its hosts' lines", async () => {
    const attempts = [
      c("SYN", { clientPort: 40_001 }),
      c("SYN", { clientPort: 40_001, isn: 5, after: 3000 }),
      c("SYN", { clientPort: 40_002, isn: 6, after: 3000 }),
    ];
    const shown = [c("SYN", { isn: 1000 }), c("ACK", { seq: 1, ack: 1 }), c("ACK", { ack: 900 })];
    const proved = await observe([...attempts, ...shown, c("SYN", { clientPort: 5, after: 5000 })]);
    const summary = proved.summary();
    expect(summary.outcomes.unanswered).toBe(0);
    expect(summary).toMatchObject({ outcomesUnknown: 4, closes: { "never-established": 0 } });
    expect([...summary.servers, ...summary.clients].map(({ unanswered }) => unanswered)).toEqual([0, 0]);
    // The same of its records.
    const records = proved.worst("all");
    expect(records.filter(({ outcome }) => outcome === null)).toHaveLength(4);
    for (const close of ["open", "idle", "never-established"] as const)
      expect(summary.closes[close]).toBe(records.filter((record) => record.close === close).length);
    // Without the proof they were never answered.
    const alone = (await observe([...attempts, c("SYN", { clientPort: 5, after: 5000 })])).summary();
    expect(alone).toMatchObject({ outcomes: { unanswered: 3 }, closes: { "never-established": 3 } });
    expect(alone.servers[0]!.unanswered).toBe(3);
  });

  it("takes back that a client never acknowledged, where the clients' direction is never captured", async () => {
    const synAck = s("SYN ACK", { ack: 1, clientPort: 40_001 });
    const proof = [s("SYN ACK", { ack: 1 }), s("ACK", { bytes: 10, ack: 1 }), s("ACK", { ack: 900 })];
    const proved = await observe([synAck, ...proof]);
    expect(proved.worst("all")[0]).toMatchObject({ outcome: null, captured: "server-only" });
    expect(proved.summary()).toMatchObject({ outcomes: { embryonic: 0 }, outcomesUnknown: 1 });
    // It was sent again: no acknowledgment came, whatever was captured.
    const again = await observe([synAck, { ...synAck, after: 1000 }, ...proof]);
    expect(again.worst("all")[0]!.outcome).toBe("embryonic");
    // Something of the clients' direction was captured: so would the acknowledgment have been.
    const seen = await observe([synAck, ...HANDSHAKE.map((step) => ({ ...step, clientPort: 9 }))]);
    expect(seen.worst("all")[0]!.outcome).toBe("embryonic");
  });

  it("says where the interface listens once its handshakes show it", async () => {
    const unclear = [
      c("SYN"),
      s("SYN ACK", { after: 0.05 }),
      c("ACK", { after: 0.05 }),
      ...CLOSE.map((step) => ({ ...step, after: 0.05 })),
    ];
    const clear = [
      c("SYN", { clientPort: 40_001, isn: 5, after: 5000 }),
      s("SYN ACK", { clientPort: 40_001, isn: 6, after: 20 }),
      c("ACK", { clientPort: 40_001, after: 0.1 }),
    ];
    const { records, amendments, atEnd } = await streamed([...unclear, ...clear]);
    expect(records.map(({ capturePoint }) => capturePoint)).toEqual(["unknown", "near-client"]);
    expect(amendments).toEqual([{ amends: "1", capturePoint: "near-client" }]);
    expect(atEnd[0]!.capturePoint).toBe("near-client");
    expect((await streamed(clear)).amendments).toEqual([]);
  });

  it("decides who made the copies of a connection that was told", async () => {
    const copies = (port: number, all: boolean, isn: number): Step[] => {
      const steps: Step[] = [];
      const add = (step: Step, isCopied: boolean) => {
        steps.push({ ...step, clientPort: port, id: 0 });
        if (isCopied) steps.push({ ...step, clientPort: port, id: 0, copyOf: -1, after: 0.02 });
      };
      add(c("SYN", { isn, after: 5000 }), true);
      add(s("SYN ACK", { isn: isn + 1 }), true);
      add(c("ACK"), false);
      for (const step of CLOSE) add(step, all && step.flags !== 16);
      return steps;
    };
    const list = [...copies(40_000, false, 10), ...copies(40_001, true, 20)];
    const steps = list.map((step, i) => (step.copyOf === undefined ? step : { ...step, copyOf: i - 1 }));
    const { records, amendments, atEnd } = await streamed(steps);
    expect(records[0]!.client).toMatchObject({ networkDuplicates: 1, captureDuplicates: 0 });
    const capture = { networkDuplicates: 0, captureDuplicates: 1 };
    expect(amendments).toEqual([{ amends: "1", client: capture, server: capture }]);
    expect(atEnd[0]!.client).toMatchObject(capture);
  });

  it("is told of so many, and the others are counted", () => {
    const connections = new Connections(4);
    const row = connections.create(new Segment(), 0, false);
    const amendments = new Amendments({ fileNames: [], capturePoint: () => "middle" } as never, () => {});
    const context = { connections, unreachable: () => undefined } as never;
    const record = makeRecord({ capturePoint: null });
    for (let i = 0; i < MOST_PROVISIONAL + 7; i++) amendments.noteHandedOn(context, row, record);
    expect(amendments.unfollowed).toBe(7);
  });

  it("makes the streamed records those at the end, in every sample", async () => {
    for (const { file } of SAMPLES) {
      const records = new Map<string, ConnectionRecord>();
      const analysis = await openAnalysis([file], {
        onFinished: (record) => void records.set(record.id, record),
        onAmended: (one) => void records.set(one.amends, amended(records.get(one.amends)!, one)),
      });
      await analysis.run();
      for (const record of analysis.worst("all")) {
        const streamedOne = records.get(record.id)!;
        for (const name of PROVISIONAL_FIELDS) expect(streamedOne[name], name).toEqual(record[name]);
        for (const name of PROVISIONAL_COUNTS) {
          expect(streamedOne.client[name], name).toBe(record.client[name]);
          expect(streamedOne.server[name], name).toBe(record.server[name]);
        }
      }
    }
  });
});

it("is one line in NDJSON, told from connections by its first name", () => {
  const line = ndjsonAmendment({ amends: "a\x1b.pcap:3", outcome: null });
  expect(line).toBe('{"amends":"a\\u001b.pcap:3","outcome":null}\n');
});
