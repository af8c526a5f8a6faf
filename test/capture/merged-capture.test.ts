/**
 * Several files as one, in the order of their times.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { collect, PiecewiseSource } from "./collect.js";
import { NANOSECONDS, writePcap } from "./pcap-writer.js";
import { PcapngWriter } from "./pcapng-writer.js";

const SECOND = 1_700_000_000;
const SECOND_NS = BigInt(SECOND) * 1_000_000_000n;

/** A nanosecond pcap with one packet at each of the times, in nanoseconds after SECOND. */
function pcapAt(times: readonly number[], mark: number): Uint8Array {
  const packets = times.map((time, index) => ({
    seconds: SECOND + Math.floor(time / 1e9),
    fraction: time % 1e9,
    data: Uint8Array.from([mark, index]),
  }));
  return writePcap(packets, { magic: NANOSECONDS });
}

describe("merged captures", () => {
  it("orders three files of two formats by time, then by file", async () => {
    const third = new PcapngWriter()
      .section(true)
      .interface(113, 0, [{ code: 9, value: Uint8Array.from([9]) }])
      .enhanced(0, SECOND_NS + 3n, Uint8Array.from([3, 0]))
      .enhanced(0, SECOND_NS + 2_000_000_001n, Uint8Array.from([3, 1]))
      .bytes();
    const sources = [
      new MemorySource(pcapAt([3, 7, 2_000_000_001], 1), "a"),
      new MemorySource(pcapAt([5, 8, 2_000_000_000], 2), "b"),
      new MemorySource(third, "c"),
    ];
    const { packets, capture, problems } = await collect(await openCapture(sources));
    expect(packets.map((packet) => packet.data)).toEqual([
      "0100",
      "0300",
      "0200",
      "0101",
      "0201",
      "0202",
      "0102",
      "0301",
    ]);
    expect(packets.map((packet) => packet.file)).toEqual([0, 2, 1, 0, 1, 1, 0, 2]);
    expect(packets.map((packet) => packet.timeNs)).toEqual([
      0, 0, 2, 4, 5, 1_999_999_997, 1_999_999_998, 1_999_999_998,
    ]);
    expect(packets.map((packet) => packet.number)).toEqual([1, 1, 1, 2, 2, 3, 3, 2]);
    expect(packets.map((packet) => packet.linkType)).toEqual([1, 113, 1, 1, 1, 1, 1, 113]);
    expect(packets.map((packet) => packet.interfaceId)).toEqual([0, 2, 1, 0, 1, 1, 0, 2]);
    expect(capture.originNs).toBe(SECOND_NS + 3n);
    expect(capture.format).toBe("merged");
    expect(capture.interfaces.map((entry) => entry.file)).toEqual([0, 1, 2]);
    expect(problems).toEqual([]);
  });

  it("counts times from the earliest first packet, whichever file it is in", async () => {
    const sources = [
      new MemorySource(pcapAt([5_000, 9_000], 1)),
      new MemorySource(pcapAt([1_000, 8_000], 2)),
    ];
    const { packets, capture } = await collect(await openCapture(sources));
    expect(packets.map((packet) => packet.timeNs)).toEqual([0, 4_000, 7_000, 8_000]);
    expect(capture.originNs).toBe(SECOND_NS + 1_000n);
  });

  it("equals sorting, for any files and any chunks", async () => {
    const times = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(times, { minLength: 2, maxLength: 9 }),
        fc.integer({ min: 1, max: 90 }),
        async (files, chunkBytes) => {
          const sorted = files.map((file) => file.toSorted((a, b) => a - b));
          const sources = sorted.map(
            (file, index) => new PiecewiseSource(pcapAt(file, index), [chunkBytes, 3]),
          );
          const { packets } = await collect(await openCapture(sources, { chunkBytes }));
          const expected = sorted
            .flatMap((file, index) => file.map((time, number) => ({ time, file: index, number: number + 1 })))
            .toSorted((a, b) => a.time - b.time || a.file - b.file || a.number - b.number);
          expect(
            packets.map((packet) => ({
              time: Number(packet.epochNs - SECOND_NS),
              file: packet.file,
              number: packet.number,
            })),
          ).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("keeps the packets of a file in their own order where its times run backwards", async () => {
    const sources = [new MemorySource(pcapAt([5, 1, 9], 1), "a"), new MemorySource(pcapAt([2, 6], 2), "b")];
    const { packets, problems } = await collect(await openCapture(sources));
    expect(packets.map((packet) => packet.data)).toEqual(["0200", "0100", "0101", "0201", "0102"]);
    expect(problems).toMatchObject([{ kind: "time-backwards", file: 0, count: 1 }]);
  });

  it("goes on with the others where one file is damaged", async () => {
    const cut = pcapAt([1, 2, 3], 1).slice(0, -1);
    const sources = [new MemorySource(cut, "cut"), new MemorySource(pcapAt([2, 9], 2), "whole")];
    const { packets, problems } = await collect(await openCapture(sources));
    expect(packets.map((packet) => packet.data)).toEqual(["0100", "0101", "0200", "0201"]);
    expect(problems).toMatchObject([{ kind: "cut-in-record", file: 0, isFatal: true }]);
  });

  it("joins a ring of 200 files without a mebibyte for each", async () => {
    const sources = Array.from(
      { length: 200 },
      (_, index) => new MemorySource(pcapAt([index * 10, index * 10 + 5], index)),
    );
    const capture = await openCapture(sources);
    const { packets } = await collect(capture);
    expect(packets).toHaveLength(400);
    expect(packets.every((packet, index) => packet.timeNs === index * 5)).toBe(true);
    expect(capture.bytes.length).toBeLessThan(512 * 1024);
  });

  it("names the file that is no capture, and closes the others", async () => {
    const good = new MemorySource(pcapAt([1], 1), "good.pcap");
    const bad = new MemorySource(new Uint8Array(40), "bad.pcap");
    await expect(openCapture([good, bad])).rejects.toThrow("bad.pcap: is no packet capture");
    expect(await good.read(new Uint8Array(1), 0, 1)).toBe(0);
  });
});
