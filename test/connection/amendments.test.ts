/** What is said of a connection after its record was handed on: once, bounded, and nothing where nothing changed. */
import { describe, expect, it } from "vitest";
import { Amendments, MOST_LATE } from "../../src/connection/amendments.js";
import { packetName } from "../../src/connection/packet-names.js";
import { openAnalysis } from "../../src/index.js";
import { ndjsonAmendment } from "../../src/output/ndjson.js";
import { type Amendment, PROVISIONAL_FIELDS } from "../../src/report/amendment.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { Segment } from "../../src/wire/segment.js";
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
    expect(amendments).toEqual([{ amends: "1", captured: "client-only", outcome: null, close: "open" }]);
    expect(atEnd[0]).toMatchObject({ captured: "client-only", outcome: null });
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
        serverLegMs: 1500,
        initialRttMs: 1510,
        retryWaitMs: 0,
        legsAmbiguous: false,
      },
    ]);
  });

  it("makes the streamed records those at the end, in every sample", async () => {
    for (const { file } of SAMPLES) {
      const records = new Map<string, ConnectionRecord>();
      const analysis = await openAnalysis([file], {
        onFinished: (record) => void records.set(record.id, record),
        onAmended: (one) => void records.set(one.amends, { ...records.get(one.amends)!, ...one }),
      });
      await analysis.run();
      for (const record of analysis.worst("all")) {
        const streamedOne = records.get(record.id)!;
        for (const name of PROVISIONAL_FIELDS) expect(streamedOne[name], name).toEqual(record[name]);
      }
    }
  });
});

it("is one line in NDJSON, told from connections by its first name", () => {
  const line = ndjsonAmendment({ amends: "a\x1b.pcap:3", outcome: null });
  expect(line).toBe('{"amends":"a\\u001b.pcap:3","outcome":null}\n');
});
