/**
 * Classic pcap in all its variants, each written by the tests' own writer.
 */
import { describe, expect, it } from "vitest";
import { collectBytes, hex } from "./collect.js";
import {
  MICROSECONDS,
  MODIFIED,
  NANOSECONDS,
  type PcapVariant,
  somePackets,
  writePcap,
} from "./pcap-writer.js";

interface Case extends PcapVariant {
  readonly name: string;
}

const VARIANTS: Case[] = [false, true].flatMap((isBigEndian) => {
  const order = isBigEndian ? "big-endian" : "little-endian";
  return [
    { name: `microseconds, ${order}`, isBigEndian },
    { name: `nanoseconds, ${order}`, isBigEndian, magic: NANOSECONDS },
    {
      name: `version 2.2 with exchanged lengths, ${order}`,
      isBigEndian,
      minor: 2,
      hasExchangedLengths: true,
    },
    {
      name: `version 2.3 with exchanged lengths, ${order}`,
      isBigEndian,
      minor: 3,
      hasExchangedLengths: true,
    },
    { name: `version 2.3 as documented, ${order}`, isBigEndian, minor: 3 },
    {
      name: `version 543.0 with exchanged lengths, ${order}`,
      isBigEndian,
      major: 543,
      minor: 0,
      hasExchangedLengths: true,
    },
    { name: `modified, 24-byte headers, ${order}`, isBigEndian, magic: MODIFIED, recordHeaderBytes: 24 },
    { name: `modified, 28-byte headers, ${order}`, isBigEndian, magic: MODIFIED, recordHeaderBytes: 28 },
    { name: `modified, 16-byte headers, ${order}`, isBigEndian, magic: MODIFIED, recordHeaderBytes: 16 },
    { name: `FCS length and reserved bits in the link type, ${order}`, isBigEndian, linkType: 0x24000001 },
    { name: `snapshot length 0, ${order}`, isBigEndian, snapLength: 0 },
  ];
});

describe("classic pcap", () => {
  it.each(VARIANTS)("reads $name", async (variant) => {
    const unit = variant.magic === NANOSECONDS ? 1n : 1000n;
    const written = somePackets(50, unit === 1n ? 1e9 : 1e6);
    const { packets, problems, capture } = await collectBytes(writePcap(written, variant));
    expect(problems).toEqual([]);
    expect(capture.format).toBe("pcap");
    expect(
      packets.map(({ epochNs, data, original, linkType, number }) => ({
        epochNs,
        data,
        original,
        linkType,
        number,
      })),
    ).toEqual(
      written.map((packet, index) => ({
        epochNs: BigInt(packet.seconds) * 1_000_000_000n + BigInt(packet.fraction) * unit,
        data: hex(packet.data),
        original: packet.original,
        linkType: 1,
        number: index + 1,
      })),
    );
    expect(packets[0]!.timeNs).toBe(0);
    expect(packets[0]!.offset).toBe(24);
    expect(packets[1]!.offset).toBe(24 + (variant.recordHeaderBytes ?? 16) + written[0]!.data.length);
  });

  it("keeps every nanosecond over 100 days", async () => {
    const data = new Uint8Array(4);
    const seconds = 1_700_000_000;
    const bytes = writePcap(
      [
        { seconds, fraction: 123_456_789, data },
        { seconds: seconds + 100 * 86_400, fraction: 987_654_321, data },
      ],
      { magic: NANOSECONDS },
    );
    const { packets } = await collectBytes(bytes);
    expect(packets[1]!.epochNs).toBe(1_708_640_000_987_654_321n);
  });

  it("carries a fraction above its unit into the seconds and counts it", async () => {
    const data = new Uint8Array(4);
    const seconds = 1_700_000_000;
    const bytes = writePcap([
      { seconds, fraction: 999_999, data },
      { seconds, fraction: 1_000_001, data },
      { seconds, fraction: 2_500_000, data },
    ]);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets.map((packet) => packet.timeNs)).toEqual([0, 2_000, 1_500_001_000]);
    expect(problems).toMatchObject([{ kind: "fraction-above-unit", count: 2, frame: 2, isFatal: false }]);
  });

  it("counts backward steps of the clock and keeps the order of the file", async () => {
    const data = new Uint8Array(4);
    const bytes = writePcap([5, 3, 4, 2].map((seconds) => ({ seconds, fraction: 0, data })));
    const { packets, problems } = await collectBytes(bytes);
    expect(packets.map((packet) => packet.timeNs)).toEqual([0, -2e9, -1e9, -3e9]);
    expect(problems).toMatchObject([{ kind: "time-backwards", count: 2, frame: 2, isFatal: false }]);
  });

  it("takes the captured length where it exceeds the original one", async () => {
    const bytes = writePcap([{ seconds: 1, fraction: 0, data: new Uint8Array(60), original: 59 }]);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets[0]!.original).toBe(60);
    expect(problems).toMatchObject([{ kind: "captured-exceeds-original", count: 1, frame: 1, offset: 24 }]);
  });

  it("ends at an impossible length, says where, and reports what stands before it", async () => {
    const bytes = writePcap(somePackets(5));
    const whole = await collectBytes(bytes);
    const { offset } = whole.packets[3]!;
    new DataView(bytes.buffer).setUint32(offset + 8, 3_925_868_813, true);
    const { packets, problems } = await collectBytes(bytes, {}, "ring\u001b[31m.pcap");
    expect(packets).toEqual(whole.packets.slice(0, 3));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ kind: "length-impossible", isFatal: true, offset, frame: 4 });
    expect(problems[0]!.sentence).toMatch(
      /^ring\?\[31m\.pcap: packet 4 at byte \d+ claims 3,925,868,813 captured bytes/,
    );
    expect(problems[0]!.sentence).toContain("the 3 packets before it are reported");
  });

  it.each([
    { size: 524_280, linkType: 1, snapLength: 65_535, isRead: true },
    { size: 1_048_577, linkType: 1, snapLength: 262_144, isRead: false },
    { size: 1_048_577, linkType: 1, snapLength: 2_000_000, isRead: true },
    { size: 3_000_000, linkType: 220, snapLength: 65_535, isRead: true },
  ])(
    "believes $size captured bytes of link type $linkType with snaplen $snapLength: $isRead",
    async (test) => {
      const data = new Uint8Array(test.size).fill(7);
      const bytes = writePcap(
        [...somePackets(1), { seconds: 1_800_000_000, fraction: 0, data }, ...somePackets(1)],
        test,
      );
      const { packets, kinds } = await collectBytes(bytes, { chunkBytes: 65_536 });
      expect(packets.length).toBe(test.isRead ? 3 : 1);
      expect(kinds).toEqual(test.isRead ? ["time-backwards"] : ["length-impossible"]);
    },
  );

  it("holds no more than a false length brings along", async () => {
    const bytes = writePcap([{ seconds: 1, fraction: 0, data: new Uint8Array(200) }], {
      linkType: 220,
      magic: MICROSECONDS,
    });
    new DataView(bytes.buffer).setUint32(24 + 8, 100_000_000, true);
    const { capture, kinds } = await collectBytes(bytes, { chunkBytes: 256 });
    expect(kinds).toEqual(["cut-in-record"]);
    expect(capture.bytes.length).toBeLessThan(2048);
  });

  it("reads a file without a packet as an empty capture", async () => {
    const { packets, problems, capture } = await collectBytes(writePcap([]));
    expect(packets).toEqual([]);
    expect(problems).toEqual([]);
    expect(capture.originNs).toBeNull();
    expect(capture.interfaces).toMatchObject([{ id: 0, linkType: 1, droppedPackets: null }]);
  });

  it("moves over a million packets without allocating for them", async () => {
    const packet = { seconds: 1_700_000_000, fraction: 5, data: new Uint8Array(60) };
    const bytes = writePcap(new Array(500_000).fill(packet));
    const { openCapture } = await import("../../src/capture/open-capture.js");
    const { MemorySource } = await import("../../src/source/memory-source.js");
    const pass = async (): Promise<number> => {
      const capture = await openCapture([new MemorySource(bytes)]);
      const before = process.memoryUsage().heapUsed;
      let count = 0;
      do {
        while (capture.next()) count++;
      } while (await capture.fill());
      expect(count).toBe(500_000);
      return process.memoryUsage().heapUsed - before;
    };
    await pass();
    await pass();
    const grown = await pass();
    // One object a packet would be 16 MB and more; a collection in between makes the figure negative.
    expect(grown).toBeLessThan(2_000_000);
  });
});
