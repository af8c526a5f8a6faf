/**
 * Whatever the pieces in which bytes arrive and wherever a file is cut, the whole packets before the cut come out, the
 * same ones, and one problem says where.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CaptureError } from "../../src/capture/capture-error.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { collect, collectBytes, PiecewiseSource } from "./collect.js";
import { MODIFIED, NANOSECONDS, somePackets, writePcap } from "./pcap-writer.js";
import { PcapngWriter } from "./pcapng-writer.js";

function somePcapng(isBigEndian: boolean): Uint8Array {
  const writer = new PcapngWriter().section(isBigEndian).interface(1, 0, [{ code: 2, value: "eth0" }]);
  for (const packet of somePackets(6)) {
    writer.enhanced(
      0,
      BigInt(packet.seconds) * 1_000_000n + BigInt(packet.fraction),
      packet.data,
      packet.original,
    );
    writer.block(0x7777, new Uint8Array(12));
  }
  writer
    .section(!isBigEndian)
    .interface(101)
    .simple(Uint8Array.from([1, 2, 3]))
    .obsolete(0, 0, 1_700_000_001_500_000n, Uint8Array.from([9]));
  return writer.bytes();
}

const FILES: { name: string; bytes: Uint8Array; headerBytes: number }[] = [
  { name: "pcap, microseconds", bytes: writePcap(somePackets(8)), headerBytes: 24 },
  {
    name: "pcap, nanoseconds, big-endian",
    bytes: writePcap(somePackets(8, 1e9), { magic: NANOSECONDS, isBigEndian: true }),
    headerBytes: 24,
  },
  {
    name: "pcap, modified",
    bytes: writePcap(somePackets(8), { magic: MODIFIED, recordHeaderBytes: 24 }),
    headerBytes: 24,
  },
  { name: "pcapng, little-endian first", bytes: somePcapng(false), headerBytes: 12 },
  { name: "pcapng, big-endian first", bytes: somePcapng(true), headerBytes: 12 },
];

describe.each(FILES)("$name", ({ bytes, headerBytes }) => {
  it("gives the same packets in chunks and pieces of any size", async () => {
    const whole = await collectBytes(bytes);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 6 }),
        async (chunkBytes, sizes) => {
          const seen = await collect(
            await openCapture([new PiecewiseSource(bytes, sizes, "test.pcap")], { chunkBytes }),
          );
          expect(seen.packets).toEqual(whole.packets);
          expect(seen.problems).toEqual(whole.problems);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("gives all whole packets and one problem, cut at any byte", async () => {
    const whole = await collectBytes(bytes);
    const ends = recordEnds(bytes);
    for (let length = headerBytes; length < bytes.length; length++) {
      const { packets, problems } = await collectBytes(bytes.slice(0, length));
      expect(packets).toEqual(whole.packets.filter((packet) => ends.get(packet.offset)! <= length));
      const cuts = problems.filter((problem) => problem.isFatal);
      // A cut between two records cannot be told from the end of a shorter file.
      const isBetweenRecords = (headerBytes === 24 && length === 24) || [...ends.values()].includes(length);
      expect(cuts).toHaveLength(isBetweenRecords ? 0 : 1);
      if (isBetweenRecords) continue;
      expect(cuts[0]!.kind).toMatch(/^cut-in-(header|record|block)$/);
      expect(cuts[0]!.offset).toBeLessThan(length);
      expect(cuts[0]!.sentence).toMatch(
        /cut off in .* at byte [\d,]+.*: [\d,]+ bytes .*wanted.*, [\d,]+ there; /,
      );
    }
  });

  it("is refused where not even the file header is whole", async () => {
    for (let length = 4; length < headerBytes; length++) {
      await expect(collectBytes(bytes.slice(0, length))).rejects.toMatchObject({
        kind: "cut-in-file-header",
      });
    }
    for (let length = 1; length < 4; length++) {
      await expect(collectBytes(bytes.slice(0, length))).rejects.toMatchObject({ kind: "not-a-capture" });
    }
    await expect(collectBytes(new Uint8Array(0))).rejects.toBeInstanceOf(CaptureError);
  });

  it("never throws, hangs or loses its place on damaged bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.integer({ min: 24, max: bytes.length - 1 }),
            value: fc.integer({ min: 0, max: 255 }),
          }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        fc.integer({ min: 1, max: 100 }),
        async (changes, chunkBytes) => {
          const damaged = bytes.slice();
          for (const { at, value } of changes) damaged[at] = value;
          const capture = await openCapture([new PiecewiseSource(damaged, [7], "test.pcap")], { chunkBytes });
          let steps = 0;
          do {
            while (capture.next()) {
              expect(capture.start).toBeLessThanOrEqual(capture.end);
              expect(capture.end).toBeLessThanOrEqual(capture.bytes.length);
              expect(capture.end - capture.start).toBeLessThanOrEqual(capture.originalLength);
              expect(++steps).toBeLessThan(bytes.length);
            }
          } while (await capture.fill());
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Walks the records of an undamaged file: offset of each to the offset behind it. */
function recordEnds(bytes: Uint8Array): Map<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPcapng = view.getUint32(0) === 0x0a0d0d0a;
  const ends = new Map<number, number>();
  let isLittle = view.getUint8(0) !== 0xa1;
  const header = view.getUint32(0, isLittle) === MODIFIED ? 24 : 16;
  for (let at = isPcapng ? 0 : 24; at < bytes.length; at = ends.get(at)!) {
    if (isPcapng && view.getUint32(at) === 0x0a0d0d0a) isLittle = view.getUint8(at + 8) === 0x4d;
    ends.set(
      at,
      at + (isPcapng ? view.getUint32(at + 4, isLittle) : header + view.getUint32(at + 8, isLittle)),
    );
  }
  return ends;
}
