/**
 * pcapng: sections, interfaces, clocks, packet blocks, and the blocks that tell about packets.
 */
import { describe, expect, it } from "vitest";
import { collectBytes } from "./collect.js";
import { PcapngWriter, padded } from "./pcapng-writer.js";

const SECOND = 1_700_000_000n;
const DATA = Uint8Array.from([1, 2, 3, 4, 5]);
const HEX = "0102030405";

function resolution(octet: number): { code: number; value: Uint8Array } {
  return { code: 9, value: Uint8Array.from([octet]) };
}

describe("pcapng", () => {
  it.each([false, true])("reads all three packet blocks (big-endian: %s)", async (isBigEndian) => {
    const bytes = new PcapngWriter()
      .section(isBigEndian, [{ code: 3, value: "some system" }])
      .interface(1, 4, [
        { code: 2, value: "eth0" },
        { code: 1, value: "comment" },
      ])
      .enhanced(0, SECOND * 1_000_000n + 5n, DATA, 99, [{ code: 1, value: "a comment" }])
      .block(0x0bad, new Uint8Array(20))
      .obsolete(0, 7, SECOND * 1_000_000n + 6n, DATA, 98)
      .block(0x7fff_1234, new Uint8Array(8))
      .simple(DATA, 97)
      .bytes();
    const { packets, problems, capture } = await collectBytes(bytes);
    expect(packets).toMatchObject([
      {
        number: 1,
        data: HEX,
        original: 99,
        epochNs: SECOND * 1_000_000_000n + 5_000n,
        linkType: 1,
        interfaceId: 0,
      },
      { number: 3, data: HEX, original: 98, timeNs: 1_000 },
      { number: 4, data: "01020304", original: 97, timeNs: 1_000 },
    ]);
    expect(problems).toMatchObject([
      { kind: "unknown-block", count: 1, isFatal: false, frame: 3 },
      { kind: "no-timestamp", count: 1, isFatal: false, frame: 4 },
    ]);
    expect(capture.interfaces).toEqual([
      { id: 0, file: 0, name: "eth0", linkType: 1, snapLength: 4, unitNs: 1000, droppedPackets: 7 },
    ]);
  });

  it.each([
    { name: "none given (microseconds)", octet: null, perSecond: 1_000_000n },
    { name: "seconds", octet: 0, perSecond: 1n },
    { name: "milliseconds", octet: 3, perSecond: 1_000n },
    { name: "10^-7", octet: 7, perSecond: 10_000_000n },
    { name: "nanoseconds", octet: 9, perSecond: 1_000_000_000n },
    { name: "10^-10", octet: 10, perSecond: 10_000_000_000n },
    { name: "2^-10", octet: 0x8a, perSecond: 1n << 10n },
    { name: "2^-20", octet: 0x94, perSecond: 1n << 20n },
    { name: "2^-32", octet: 0xa0, perSecond: 1n << 32n },
  ])("tells times in units of $name", async ({ octet, perSecond }) => {
    const options = octet === null ? [] : [resolution(octet)];
    const first = 1_600_000_000n * perSecond + perSecond / 3n;
    const steps = [0n, 1n, 2n, perSecond - 1n, perSecond, 86_400n * perSecond + 12_345n];
    const writer = new PcapngWriter().section().interface(1, 0, options);
    for (const step of steps) writer.enhanced(0, first + step, DATA);
    const { packets } = await collectBytes(writer.bytes());
    expect(packets.map((packet) => packet.epochNs)).toEqual(
      steps.map((step) => ((first + step) * 1_000_000_000n) / perSecond),
    );
  });

  it.each([0, 6, 9, 12, 19, 0x80, 0xa0, 0xbf, 0xff, 0x7f])(
    "does not stumble over any resolution octet (%i)",
    async (octet) => {
      const bytes = new PcapngWriter()
        .section()
        .interface(1, 0, [resolution(octet)])
        .enhanced(0, 5n, DATA)
        .enhanced(0, 900n, DATA)
        .bytes();
      const { packets } = await collectBytes(bytes);
      expect(packets).toHaveLength(2);
      expect(packets.every((packet) => Number.isFinite(packet.timeNs))).toBe(true);
    },
  );

  it("adds if_tsoffset, in seconds, to each interface's times", async () => {
    const writer = new PcapngWriter().section();
    const bytes = writer
      .interface(1, 0, [resolution(9), { code: 14, value: writer.word(SECOND) }])
      .interface(1, 0, [{ code: 14, value: writer.word(-100n) }])
      .enhanced(0, 5n, DATA)
      .enhanced(1, (SECOND + 101n) * 1_000_000n, DATA)
      .bytes();
    const { packets } = await collectBytes(bytes);
    expect(packets.map((packet) => packet.epochNs)).toEqual([
      SECOND * 1_000_000_000n + 5n,
      (SECOND + 1n) * 1_000_000_000n,
    ]);
  });

  it("gives interfaces of several sections their own numbers, link types and clocks", async () => {
    const bytes = new PcapngWriter()
      .section(false)
      .interface(1)
      .interface(113, 0, [resolution(9)])
      .enhanced(1, SECOND * 1_000_000_000n + 1n, DATA)
      .enhanced(0, SECOND * 1_000_000n + 1n, DATA)
      .statistics(1, [
        { code: 4, count: 50n },
        { code: 5, count: 2n },
        { code: 7, count: 3n },
      ])
      .statistics(0, [{ code: 5, count: -1n }])
      .section(true)
      .interface(101)
      .enhanced(0, SECOND * 1_000_000n + 2n, DATA)
      .enhanced(1, SECOND * 1_000_000n + 3n, DATA)
      .bytes();
    const { packets, problems, capture } = await collectBytes(bytes);
    expect(packets).toMatchObject([
      { interfaceId: 1, linkType: 113, timeNs: 0 },
      { interfaceId: 0, linkType: 1, timeNs: 999 },
      { interfaceId: 2, linkType: 101, timeNs: 1999 },
    ]);
    expect(capture.interfaces.map((entry) => entry.droppedPackets)).toEqual([null, 5, null]);
    expect(problems).toMatchObject([{ kind: "unknown-interface", frame: 4, isFatal: false }]);
  });

  it("keeps the names of name resolution blocks", async () => {
    const bytes = new PcapngWriter()
      .section(true)
      .names([
        { address: [192, 0, 2, 1], name: "web.example" },
        { address: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], name: "six.example" },
        { address: [192, 0, 2, 1], name: "second.example" },
      ])
      .bytes();
    const { capture } = await collectBytes(bytes);
    expect([...capture.names]).toEqual([
      ["192.0.2.1", "web.example"],
      ["2001:db8:0:0:0:0:0:1", "six.example"],
    ]);
  });

  it("keeps no more than 10,000 names", async () => {
    const records = Array.from({ length: 10_050 }, (_, index) => ({
      address: [10, 0, index >> 8, index & 255],
      name: "x",
    }));
    const { capture } = await collectBytes(new PcapngWriter().section().names(records).bytes());
    expect(capture.names.size).toBe(10_000);
  });

  it("takes a packet of unknown time as long as none is known, and the origin from the first time", async () => {
    const bytes = new PcapngWriter()
      .section()
      .interface(1)
      .simple(DATA)
      .enhanced(0, SECOND * 1_000_000n, DATA)
      .enhanced(0, SECOND * 1_000_000n + 1n, DATA)
      .bytes();
    const { packets, capture } = await collectBytes(bytes);
    expect(packets.map((packet) => packet.timeNs)).toEqual([0, 0, 1_000]);
    expect(capture.originNs).toBe(SECOND * 1_000_000_000n);
  });
});

describe("damaged pcapng", () => {
  const time = SECOND * 1_000_000n;

  it("takes the padded length of blocks that were counted without their padding", async () => {
    const writer = new PcapngWriter().section().interface(1).enhanced(0, time, DATA).enhanced(0, time, DATA);
    const bytes = writer.bytes();
    const view = new DataView(bytes.buffer);
    const [, first, second] = writer.ends() as [number, number, number];
    view.setUint32(first + 4, second - first - 3, true);
    view.setUint32(second - 4, second - first - 3, true);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets).toHaveLength(2);
    expect(problems).toMatchObject([{ kind: "block-length-unaligned", isFatal: false, offset: first }]);
  });

  it("goes on at the next block where only the closing length is wrong", async () => {
    const writer = new PcapngWriter()
      .section()
      .interface(1)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA);
    const bytes = writer.bytes();
    const ends = writer.ends();
    new DataView(bytes.buffer).setUint32(ends[2]! - 4, 4711, true);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets).toHaveLength(3);
    expect(problems).toMatchObject([{ kind: "block-length-mismatch", isFatal: false, offset: ends[1] }]);
  });

  it("says so where the last block's lengths differ", async () => {
    const writer = new PcapngWriter().section().interface(1).enhanced(0, time, DATA).enhanced(0, time, DATA);
    const bytes = writer.bytes();
    new DataView(bytes.buffer).setUint32(bytes.length - 4, 4711, true);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets).toHaveLength(1);
    expect(problems).toMatchObject([{ kind: "length-impossible", isFatal: true, offset: writer.ends()[2] }]);
  });

  it.each([4, 13, 0xfffffff0])("goes on at the next section after a length of %i", async (length) => {
    const writer = new PcapngWriter()
      .section()
      .interface(1)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA)
      .section(true)
      .interface(101)
      .enhanced(0, time + 9n, DATA);
    const bytes = writer.bytes();
    const ends = writer.ends();
    new DataView(bytes.buffer).setUint32(ends[2]! + 4, length, true);
    for (const chunkBytes of [1, 13, 65_536]) {
      const { packets, problems } = await collectBytes(bytes, { chunkBytes });
      expect(packets.map((packet) => packet.linkType)).toEqual([1, 101]);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ kind: "length-impossible", isFatal: false, offset: ends[2] });
      expect(problems[0]!.sentence).toContain(`next section at byte ${ends[4]}`);
    }
  });

  it("ends where no section follows", async () => {
    const writer = new PcapngWriter()
      .section()
      .interface(1)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA);
    const bytes = writer.bytes();
    new DataView(bytes.buffer).setUint32(writer.ends()[2]! + 4, 3, true);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets).toHaveLength(1);
    expect(problems).toMatchObject([
      { kind: "length-impossible", isFatal: true, offset: writer.ends()[2], frame: 2 },
    ]);
    expect(problems[0]!.sentence).toContain("the packet before it is reported");
  });

  it("leaves out a packet that claims more than its block holds, and only that one", async () => {
    const writer = new PcapngWriter()
      .section()
      .interface(1)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA)
      .enhanced(0, time, DATA);
    const bytes = writer.bytes();
    new DataView(bytes.buffer).setUint32(writer.ends()[2]! + 20, 9, true);
    const { packets, problems } = await collectBytes(bytes);
    expect(packets.map((packet) => packet.number)).toEqual([1, 3]);
    expect(problems).toMatchObject([{ kind: "length-impossible", isFatal: false, frame: 2 }]);
  });

  it("survives options that claim more than their block holds", async () => {
    const option = Uint8Array.from([2, 0, 0xff, 0xff, 65, 66, 67, 68]);
    const head = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0]);
    const bytes = new PcapngWriter().section().block(1, head, option).enhanced(0, time, DATA).bytes();
    const { packets, capture } = await collectBytes(bytes);
    expect(packets).toHaveLength(1);
    expect(capture.interfaces[0]!.name).toBeNull();
  });

  it("passes over blocks of unknown types and says so, and over private ones without a word", async () => {
    const writer = new PcapngWriter().section().interface(1).block(0x80000001, padded(DATA)).block(0x212);
    const privately = await collectBytes(writer.enhanced(0, time, DATA).bytes());
    expect([privately.packets.length, privately.problems]).toEqual([1, []]);
    const { packets, problems } = await collectBytes(
      writer.block(0x7777, padded(DATA)).block(0x7777).enhanced(0, time, DATA).bytes(),
    );
    expect(packets).toHaveLength(2);
    expect(problems).toMatchObject([{ kind: "unknown-block", count: 2, isFatal: false, frame: 1 }]);
    expect(problems[0]!.sentence).toMatch(/block at byte \d+ \(packet 1\) is of the unknown type 0x7777/);
  });

  it("leaves out blocks that are too short for what they say they are", async () => {
    const bytes = new PcapngWriter()
      .section()
      .interface(1)
      .block(6, padded(DATA))
      .block(1)
      .block(5)
      .block(3)
      .block(2)
      .enhanced(0, time, DATA)
      .bytes();
    const { packets, problems } = await collectBytes(bytes);
    expect(packets).toHaveLength(1);
    expect(problems).toMatchObject([{ kind: "block-too-short", count: 4 }]);
    expect(problems[0]!.sentence).toContain("(packet 1) ");
  });

  it("places what is wrong before the first packet before packet 1", async () => {
    const bytes = new PcapngWriter().section().block(1).interface(1).enhanced(0, time, DATA).bytes();
    const { packets, problems } = await collectBytes(bytes);
    expect(packets).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.sentence).toMatch(/ block at byte 28 \(before packet 1\) is too short /);
  });
});
