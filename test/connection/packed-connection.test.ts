/**
 * A packed connection gives the record that it had in memory, whole: for every sample, a busy trace, and conversations
 * that fast-check makes up.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import type { Capture } from "../../src/capture/packet.js";
import { ByteCursor } from "../../src/connection/byte-cursor.js";
import { type DescribeContext, describeConnection, type Scene } from "../../src/connection/describe.js";
import { MOST_PACKED_BYTES, pack } from "../../src/connection/packed-connection.js";
import { RecordStore } from "../../src/connection/record-store.js";
import { SortColumns } from "../../src/connection/sort-columns.js";
import { Tally } from "../../src/connection/tally.js";
import { Tracker } from "../../src/connection/tracker.js";
import { openCaptures } from "../../src/index.js";
import { SORT_KEYS } from "../../src/report/view.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { decode, QUOTED, SEGMENT } from "../../src/wire/decode.js";
import { Segment } from "../../src/wire/segment.js";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import { SAMPLES } from "../samples/samples.js";
import { c, HANDSHAKE, type Options, packetsOf, type Step, s, withTimestamps } from "./conversation.js";
import { conversation, isn } from "./random-conversation.js";

/** What a connection has in numbers by which it is sorted. */
function sortNumbers(context: DescribeContext, connection: number): number[] {
  const columns = new SortColumns();
  columns.add(context, connection);
  return SORT_KEYS.map((key) => columns.value(0, key));
}

/**
 * Follows the capture; packs each connection as it becomes final, unpacks it, packs that again. Returns how many there
 * were and the bytes of each.
 */
async function packAll(capture: Capture, fileNames: readonly string[] = ["one"]): Promise<number[]> {
  const sizes: number[] = [];
  const store = new RecordStore({ inMemory: Number.POSITIVE_INFINITY });
  const tally = new Tally();
  const tracker: Tracker = new Tracker({
    count: (connection, weight) => tally.add(live, connection, weight),
    repeat: () => {},
    handshake: () => {},
    wants: () => true,
    finish: (connection) => {
      scene.nowNs = tracker.latestNs;
      const number = store.add(live.connections, connection, live.unreachable(connection));
      expect(number).toBe(sizes.length);
      store.load(number);
      const packed = { scene, connections: store.scratch, unreachable: () => store.unreachable };
      expect(describeConnection(packed, 0)).toEqual(describeConnection(live, connection));
      expect(sortNumbers(packed, 0)).toEqual(sortNumbers(live, connection));
      const [once, again] = [bytesOf(live, connection), bytesOf(packed, 0)];
      expect(again).toEqual(once);
      expect(once.length).toBeLessThanOrEqual(MOST_PACKED_BYTES);
      sizes.push(once.length);
    },
  });
  const scene: Scene = {
    pairs: tracker.pairs,
    copies: tracker.connections.copies,
    nowNs: 0,
    originNs: 0n,
    idleNs: 300e9,
    timeWaitNs: 60e9,
    fileNames,
    capturePoint: (interfaceId) => tally.capturePoints.of(interfaceId),
    usualLegNs: (connections, connection) => tally.usualLegNs(connections, connection),
  };
  const live: DescribeContext = {
    scene,
    connections: tracker.connections,
    unreachable: (connection) => tracker.unreachable.get(connection),
  };
  const segment = new Segment();
  while (await capture.fill()) {
    while (capture.next()) {
      const kind = decode(capture, segment);
      if (kind === SEGMENT) tracker.observe(segment);
      else if (kind === QUOTED) tracker.observeError(segment);
    }
  }
  await capture.close();
  tracker.end();
  // Every one again, once all are packed.
  for (let number = 0; number < store.count; number++) store.load(number);
  return sizes;
}

function bytesOf(context: DescribeContext, connection: number): number[] {
  const cursor = new ByteCursor(new Uint8Array(MOST_PACKED_BYTES).fill(255));
  pack(context.connections, connection, context.unreachable(connection), cursor);
  return [...cursor.bytes.subarray(0, cursor.at)];
}

async function packConversation(steps: readonly Step[], options: Options = {}): Promise<number[]> {
  const given = options.timestamps ? withTimestamps(steps) : steps;
  const sources = packetsOf(given, options).map(
    (packets, i) => new MemorySource(writePcap(packets, { magic: NANOSECONDS }), `file${i}`),
  );
  return packAll(
    await openCapture(sources),
    sources.map(({ name }) => name),
  );
}

describe("numbers in a cursor", () => {
  const cursor = new ByteCursor(new Uint8Array(32));

  it("come back whole, doubles of every kind included", () => {
    fc.assert(
      fc.property(fc.double(), fc.oneof(fc.double(), fc.constant(Number.NaN)), (value, reference) => {
        cursor.at = 0;
        cursor.putNumber(value, reference);
        const { at } = cursor;
        cursor.at = 0;
        expect(cursor.takeNumber(reference)).toBe(value);
        expect(cursor.at).toBe(at);
        expect(at).toBeLessThanOrEqual(9);
      }),
      { numRuns: 2000 },
    );
  });

  it("take few bytes where they differ little", () => {
    const cases: [value: number, reference: number, bytes: number][] = [
      [Number.NaN, 5, 1],
      [7e15 + 3, 7e15, 1],
      [7e15 - 60, 7e15, 1],
      [1e6, 0, 3],
      [-0, 0, 9],
      [0.5, 0, 9],
      [2 ** 53, 2 ** 53 - 1, 1],
      [2 ** 60, Number.NaN, 9],
      [4e9, Number.NaN, 5],
    ];
    for (const [value, reference, bytes] of cases) {
      cursor.at = 0;
      cursor.putNumber(value, reference);
      expect(cursor.at, `${value} from ${reference}`).toBe(bytes);
      cursor.at = 0;
      expect(Object.is(cursor.takeNumber(reference), value)).toBe(true);
    }
  });

  it("come back where integers wrap", () => {
    fc.assert(
      fc.property(isn, isn, (value, reference) => {
        cursor.at = 0;
        cursor.putInteger(value, reference);
        cursor.putWord(value);
        const { at } = cursor;
        cursor.at = 0;
        expect([cursor.takeInteger(reference), cursor.takeWord()]).toEqual([value, value]);
        expect(cursor.at).toBe(at);
        expect(at).toBeLessThanOrEqual(9);
      }),
    );
  });
});

describe("a packed connection", () => {
  it.each(SAMPLES)("of $name has the record that it had in memory", async ({ file }) => {
    expect((await packAll(await openCaptures([file]))).length).toBeGreaterThan(0);
  });

  it("has it whatever happened, over IPv4 and IPv6", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        isn,
        isn,
        fc.boolean(),
        fc.boolean(),
        async (steps, clientIsn, serverIsn, isIpv6, timestamps) => {
          await packConversation(steps, { clientIsn, serverIsn, version: isIpv6 ? 6 : 4, timestamps });
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each<[string, readonly Step[]]>([
    ["an ICMP error", [c("SYN"), s("", { copyOf: 0, icmpCode: 1 })]],
    ["an ICMP error in another file", [c("SYN"), s("", { copyOf: 0, icmpCode: 1, file: 1 })]],
    [
      "its packets in several files",
      [
        ...[c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK"), c("SYN", { after: 2000 }), s("SYN ACK")],
        ...[c("ACK"), c("ACK", { bytes: 5 }), s("ACK"), s("RST ACK")],
      ].map((step, i) => ({ ...step, file: i % 3 })),
    ],
    [
      "one direction that tells of gaps in the other",
      [
        ...[c("SYN"), c("ACK", { ack: 1 }), c("ACK", { ack: 1, sack: [[500, 900]] })],
        ...[c("ACK", { ack: 900 }), c("ACK", { ack: 900 }), c("ACK", { ack: 900 }), c("ACK", { ack: 900 })],
      ],
    ],
    ["an overlay network", HANDSHAKE.map((step) => ({ ...step, vni: 77 }))],
    ["VLAN tags", HANDSHAKE.map((step) => ({ ...step, vlan: 12 }))],
    ["a reset", [...HANDSHAKE, c("ACK", { bytes: 5 }), s("RST")]],
    ["a clock that runs backwards", [...HANDSHAKE, c("ACK", { bytes: 5, after: -500 }), s("FIN ACK")]],
    ["years between packets", [...HANDSHAKE, c("ACK", { bytes: 5, after: 2e12 }), s("ACK")]],
    [
      "many transitions",
      [
        ...HANDSHAKE,
        ...Array.from({ length: 60 }, () => [c("FIN ACK", { seq: 1 }), s("ACK"), c("ACK")]).flat(),
      ],
    ],
  ])("has it with %s", async (_, steps) => {
    expect((await packConversation(steps)).length).toBeGreaterThan(0);
  });
});

describe("a busy trace", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "packed-"));
    const generator = new URL("../../bench/generate.mjs", import.meta.url).pathname;
    execFileSync("node", [generator, "narrow", "--scale", "0.01", "--out", folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("takes at most 256 bytes a connection on average", async () => {
    const sizes = await packAll(await openCaptures([join(folder, "narrow.pcap")]));
    const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    process.stdout.write(`packed: ${average.toFixed(1)} bytes on average, at most ${Math.max(...sizes)}\n`);
    expect(sizes.length).toBeGreaterThan(2000);
    expect(average).toBeLessThan(256);
  });
});
