/**
 * Memory of connections that are followed as senders: whatever becomes of a connection, all that it took from pools is
 * given back once, so that pools do not grow with the number of connections.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import type { Connections } from "../../src/connection/connections.js";
import type { EntryPool } from "../../src/connection/entry-pool.js";
import { SENDER_STRIDE } from "../../src/connection/senders.js";
import { DEFAULT_MSL_NS } from "../../src/connection/sink.js";
import { Tracker } from "../../src/connection/tracker.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { decode, QUOTED, SEGMENT } from "../../src/wire/decode.js";
import { Segment } from "../../src/wire/segment.js";
import { NANOSECONDS, type WrittenPacket, writePcap } from "../capture/pcap-writer.js";
import { c, packetsOf, type Step, s } from "./conversation.js";
import { tangled } from "./random-conversation.js";

const CONNECTIONS = 3000;
/** So few ports that tuples are used again, some of them while the connection before waits or is open. */
const PORTS = 700;
const BETWEEN_MS = 20;

const timeOf = ({ seconds, fraction }: WrittenPacket): number => seconds * 1e9 + fraction;

/** What some connections have besides: errors about their packets, a straggler after their end, one socket at both ends. */
function variant(steps: readonly Step[], nth: number): readonly Step[] {
  const straggler = { ...c("FIN ACK", { seq: 1, ack: 1 }), after: 700 };
  if (nth % 5 === 1) return [...steps, straggler];
  if (nth % 5 === 2) return [...steps, s("", { copyOf: steps.length - 1, icmpCode: 4 }), straggler];
  if (nth % 5 === 3) return [...steps, s("", { copyOf: 0, icmpCode: 1 })];
  return steps;
}

function packetsOfAll(): WrittenPacket[] {
  const made = fc.sample(tangled, { numRuns: 200, seed: 4711 });
  const packets: WrittenPacket[] = [];
  for (let nth = 0; nth < CONNECTIONS; nth++) {
    const isSelf = nth % 5 === 4;
    const clientPort = 20_000 + (nth % PORTS);
    const steps = variant(made[nth % made.length]!, nth).map((step) => ({
      ...step,
      clientPort,
      ...(isSelf && { serverPort: clientPort }),
    }));
    const [own] = packetsOf(steps, {
      clientIsn: nth * 1_000_003,
      serverIsn: isSelf ? nth * 1_000_003 : nth * 7_000_003,
      startMs: 1_700_000_000_000 + nth * BETWEEN_MS,
    });
    if (isSelf) for (const { data } of own!) data.copyWithin(30, 26, 30);
    for (const packet of own!) packets.push(packet);
  }
  packets.sort((a, b) => timeOf(a) - timeOf(b));
  // Long after, when all that ended is final.
  const [last] = packetsOf([c("SYN")], { startMs: packets.at(-1)!.seconds * 1000 + 60_000 });
  return [...packets, ...last!];
}

const poolsOf = ({ senders }: Connections): EntryPool[] => [
  senders.segments,
  senders.acks,
  senders.echoes,
  senders.repeats,
  senders.prints,
  senders.sacks,
];

const sizesOf = (connections: Connections): number[] => [
  connections.senders.columns.marks.length,
  ...poolsOf(connections).map((pool) => pool.ints.length),
];

describe.each([true, false])("many disturbed connections, their records wanted: %s", (isWanted) => {
  let tracker: Tracker;
  let followed = 0;
  const sizes: number[][] = [];

  beforeAll(async () => {
    tracker = new Tracker(
      { count: () => {}, repeat: () => {}, handshake: () => {}, wants: () => isWanted, finish: () => {} },
      { mslNs: DEFAULT_MSL_NS },
    );
    const { senders } = tracker.connections;
    const take = senders.take.bind(senders);
    senders.take = () => {
      followed++;
      return take();
    };
    const packets = packetsOfAll();
    const capture = await openCapture([new MemorySource(writePcap(packets, { magic: NANOSECONDS }), "file")]);
    const segment = new Segment();
    for (let nth = 0; await capture.fill(); ) {
      while (capture.next()) {
        const kind = decode(capture, segment);
        if (kind === SEGMENT) tracker.observe(segment);
        else if (kind === QUOTED) tracker.observeError(segment);
        if (++nth % Math.ceil(packets.length / 4) === 0) sizes.push(sizesOf(tracker.connections));
      }
    }
    await capture.close();
    tracker.end();
    sizes.push(sizesOf(tracker.connections));
    senders.take = take;
  });

  it("are followed, most of them", () => {
    expect(followed).toBeGreaterThan(CONNECTIONS / 2);
    expect(tracker.connections.alive).toBe(0);
  });

  it("leave pools no larger than a quarter of them made them", () => {
    for (const size of sizes) expect(size).toEqual(sizes[0]);
  });

  it("give back each row once, empty", () => {
    const { senders } = tracker.connections;
    const { columns } = senders;
    const rows: number[] = [];
    while (true) {
      const row = senders.take();
      if (senders.columns !== columns) break;
      rows.push(row);
    }
    expect(new Set(rows).size).toBe(rows.length);
    // All but the first row, which is nobody's, two by two.
    expect(rows.length).toBe(Math.floor((columns.marks.length / SENDER_STRIDE - 1) / 2));
    const { marks, segmentsAt, acksAt, printsCount } = columns;
    const isUsed = (row: number) => marks[row]! + segmentsAt[row]! + acksAt[row]! + printsCount[row]! > 0;
    expect(rows.filter((row) => isUsed(row) || isUsed(row + SENDER_STRIDE))).toEqual([]);
  });

  it("give back each run of entries once", () => {
    for (const pool of poolsOf(tracker.connections)) {
      // No run of one was ever given back: this is the first entry that nobody had.
      const unused = pool.take(1);
      const entries = new Set<number>();
      let taken = 0;
      for (let size = 4; size <= 512; size *= 2) {
        for (let first = pool.take(size); first < unused; first = pool.take(size)) {
          taken += size;
          for (let entry = first; entry < first + size; entry++) entries.add(entry);
        }
      }
      expect([entries.size, taken]).toEqual([unused - 1, unused - 1]);
    }
  });
});

describe("one connection made to be followed at any cost", () => {
  const ROUNDS = 4000;

  it("is remembered no further than the bounds", async () => {
    const steps: Step[] = [
      c("SYN", { sackPermitted: true }),
      s("SYN ACK", { sackPermitted: true }),
      c("ACK"),
    ];
    for (let nth = 0; nth < ROUNDS; nth++) {
      // Nothing is ever acknowledged; every other byte is missing; reported blocks never meet.
      const at = 1 + nth * 20;
      steps.push({ ...c("ACK", { seq: at, bytes: 10, after: 0.01 }), ts: [1000 + nth, 1] });
      const sack = [0, 1, 2, 3]
        .map((i) => [at - i * 400, at - i * 400 + 5] as const)
        .filter(([left]) => left > 0);
      steps.push({ ...s("ACK", { ack: 1, after: 0.01, sack: sack.slice(0, 3) }), ts: [9_000_000 + nth, 1] });
      if (nth % 3 === 0)
        steps.push(c("ACK", { seq: 1 + (nth % 97) * 20, bytes: 15, after: 0.01, ts: [1000 + nth, 1] }));
    }
    const tracker = new Tracker({
      count: () => {},
      repeat: () => {},
      handshake: () => {},
      wants: () => true,
      finish: () => {},
    });
    const capture = await openCapture([
      new MemorySource(writePcap(packetsOf(steps)[0]!, { magic: NANOSECONDS }), "file"),
    ]);
    const segment = new Segment();
    const most = { segments: 0, acks: 0, sacks: 0, holes: 0 };
    while (await capture.fill()) {
      while (capture.next()) {
        if (decode(capture, segment) === SEGMENT) tracker.observe(segment);
        const { endpoints: e, senders, rare } = tracker.connections;
        const sender = e.sender[0]!;
        most.segments = Math.max(most.segments, senders.columns.segmentsCount[sender]!);
        most.acks = Math.max(most.acks, senders.columns.acksCount[sender]!);
        most.sacks = Math.max(most.sacks, senders.columns.sacksCount[sender]!);
        most.holes = Math.max(most.holes, rare.holeCount[e.rareRow[0]!]!);
      }
    }
    await capture.close();
    expect(most).toEqual({ segments: 256, acks: 128, sacks: 16, holes: 64 });
    const { segments, acks } = tracker.connections.senders;
    expect(segments.ints.length / segments.intWords).toBeLessThanOrEqual(2048);
    expect(acks.ints.length / acks.intWords).toBeLessThanOrEqual(1024);
  });
});
