/** What an interface gave, written as pcapng: the same packets and times, however the stream was cut. */
import { describe, expect, it } from "vitest";
import { CapturedFile } from "../../src/capture/captured-file.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { MemorySource } from "../../src/source/memory-source.js";

const COUNTS = { received: 9, droppedByKernel: 3, droppedByInterface: 2 };

/** A pcap stream of `packets`, each [seconds, fraction, captured bytes, length on the wire]. */
function pcapOf(packets: readonly (readonly number[])[], isMicroseconds = false): Uint8Array {
  const bytes = new Uint8Array(24 + packets.reduce((sum, [, , captured]) => sum + 16 + captured!, 0));
  const view = new DataView(bytes.buffer);
  [isMicroseconds ? 0xa1b2c3d4 : 0xa1b23c4d, 0x0004_0002, 0, 0, 2048, 1].forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  let at = 24;
  for (const [seconds, fraction, captured, length] of packets) {
    [seconds, fraction, captured, length].forEach((word, i) => {
      view.setUint32(at + 4 * i, word!, true);
    });
    bytes.fill(captured! & 0xff, at + 16, at + 16 + captured!);
    at += 16 + captured!;
  }
  return bytes;
}

/** Feeds the stream in pieces of so many bytes; the whole file. */
function fileOf(stream: Uint8Array, piece: number): Uint8Array {
  const file = new CapturedFile("eth7", "tcp port 80");
  const parts: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += piece)
    parts.push(file.take(stream.subarray(at, at + piece)).slice());
  parts.push(file.end(COUNTS, 1_700_000_000_000, 1_700_000_060_000));
  return Buffer.concat(parts);
}

async function packetsIn(bytes: Uint8Array) {
  const capture = await openCapture([new MemorySource(bytes)]);
  const found: unknown[] = [];
  while (await capture.fill())
    while (capture.next()) {
      const { originNs, timeNs, start, end, originalLength } = capture;
      const body = Buffer.from(capture.bytes.subarray(start, end)).toString("hex");
      found.push([originNs! + BigInt(timeNs), originalLength, body]);
    }
  return { found, interfaces: capture.interfaces, problems: capture.problems };
}

const PACKETS = [
  [1_700_000_000, 999_999_999, 61, 1500],
  [1_700_000_001, 0, 0, 64],
  [1_700_000_001, 1, 2048, 9000],
  [4_294_967_295, 999_999_999, 64, 64],
] as const;

describe("a file of what an interface gave", () => {
  it.each([1, 7, 16, 100, 1_000_000])(
    "holds every packet to the nanosecond, in pieces of %i",
    async (piece) => {
      const stream = pcapOf(PACKETS);
      const [written, given] = [await packetsIn(fileOf(stream, piece)), await packetsIn(stream)];
      expect(written.found).toEqual(given.found);
      expect(written.found).toHaveLength(4);
      expect(written.problems).toEqual(given.problems);
      expect(written.interfaces).toMatchObject([
        { name: "eth7", unitNs: 1, snapLength: 2048, droppedPackets: 5 },
      ]);
    },
  );

  it("takes microseconds as what they are", async () => {
    const stream = pcapOf([[1_700_000_000, 999_999, 60, 60]], true);
    expect((await packetsIn(fileOf(stream, 50))).found).toEqual((await packetsIn(stream)).found);
  });

  it("is empty where nothing came, not even a header", () => {
    expect(fileOf(new Uint8Array(0), 1)).toHaveLength(0);
  });
});
