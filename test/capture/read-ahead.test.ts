/**
 * Reading ahead: the next chunk is under way while the packets of this one are looked at, and nothing else changes.
 *
 * The source here is held by hand: a read is answered when the test says so, with bytes, the end or an error.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CaptureSource } from "../../src/capture/capture-source.js";
import { type OpenedCapture, openCapture } from "../../src/capture/open-capture.js";
import { collect, collectBytes, PiecewiseSource } from "./collect.js";
import { somePackets, writePcap } from "./pcap-writer.js";
import { PcapngWriter } from "./pcapng-writer.js";

/** Holds every read until `answer`, `end` or `fail`; knows how many were begun. */
class HeldSource implements CaptureSource {
  readonly name = "held.pcap";
  readonly bytesTotal = null;
  bytesRead = 0;
  begun = 0;
  isClosed = false;
  private held: {
    into: Uint8Array;
    offset: number;
    length: number;
    resolve: (count: number) => void;
    reject: (error: Error) => void;
  } | null = null;

  read(into: Uint8Array, offset: number, length: number): Promise<number> {
    expect(this.held).toBeNull();
    this.begun++;
    return new Promise((resolve, reject) => {
      this.held = { into, offset, length, resolve, reject };
    });
  }

  /** Answers the read under way with as much of `bytes` as it asked for and gives back the rest. */
  answer(bytes: Uint8Array): Uint8Array {
    const { into, offset, length, resolve } = this.take();
    const count = Math.min(length, bytes.length);
    into.set(bytes.subarray(0, count), offset);
    this.bytesRead += count;
    resolve(count);
    return bytes.subarray(count);
  }

  end(): void {
    this.take().resolve(0);
  }

  fail(error: Error): void {
    this.take().reject(error);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  private take() {
    const { held } = this;
    if (held === null) throw new Error("no read is under way");
    this.held = null;
    return held;
  }
}

const PACKETS = somePackets(200);
const FILE = writePcap(PACKETS);

/** Opens a capture whose first chunk (of `chunkBytes`) has come; `rest` is what the source still has. */
async function openHeld(chunkBytes: number) {
  const source = new HeldSource();
  const opening = openCapture([source], { chunkBytes });
  const rest = source.answer(FILE);
  return { source, rest, capture: await opening };
}

function countPackets(capture: OpenedCapture): number {
  let count = 0;
  while (capture.next()) count++;
  return count;
}

describe("reading ahead", () => {
  it("begins the next read before the packets of a chunk are looked at", async () => {
    const { source, capture, ...held } = await openHeld(1024);
    let { rest } = held;
    let count = 0;
    let chunks = 1;
    expect(source.begun).toBe(1);
    expect(await capture.fill()).toBe(true);
    while (rest.length > 0) {
      // The read of chunk n+1 is under way, and no packet of chunk n has been taken yet.
      expect(source.begun).toBe(chunks + 1);
      // It may even arrive: the packets of this chunk stand where they stood.
      rest = source.answer(rest);
      chunks++;
      await Promise.resolve();
      expect(source.begun).toBe(chunks);
      while (capture.next()) {
        const { data } = PACKETS[count++]!;
        expect(capture.bytes.subarray(capture.start, capture.end)).toEqual(data);
      }
      expect(await capture.fill()).toBe(true);
    }
    source.end();
    count += countPackets(capture);
    expect(await capture.fill()).toBe(false);
    expect(count).toBe(PACKETS.length);
    expect(chunks).toBe(Math.ceil(FILE.length / 1024));
    expect(capture.problems).toEqual([]);
  });

  it("delivers the packets that are there while the next read stays unanswered", async () => {
    const { source, rest, capture } = await openHeld(1024);
    expect(await capture.fill()).toBe(true);
    const first = countPackets(capture);
    expect(first).toBeGreaterThan(10);
    // One packet's bytes arrive, as from a pipe, and after them nothing.
    const size = 16 + PACKETS[first]!.data.length;
    const partBytes = 1024 - capture.offset - 16 - PACKETS[first - 1]!.data.length;
    source.answer(rest.subarray(0, size - partBytes));
    expect(await capture.fill()).toBe(true);
    expect(countPackets(capture)).toBe(1);
    expect(capture.bytes.subarray(capture.start, capture.end)).toEqual(PACKETS[first]!.data);
    source.end();
    expect(await capture.fill()).toBe(false);
    expect(capture.problems).toEqual([]);
  });

  it("says that a read failed only after all packets in front of it", async () => {
    const { source, capture, rest } = await openHeld(1024);
    expect(await capture.fill()).toBe(true);
    source.answer(rest.subarray(0, 700));
    const first = countPackets(capture);
    expect(await capture.fill()).toBe(true);
    // The failure is there before the packets of the second chunk are looked at, and nobody listens for it yet.
    source.fail(new Error("held.pcap: the disk is gone"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(capture.problems).toEqual([]);
    const count = first + countPackets(capture);
    expect(await capture.fill()).toBe(false);
    const whole = await collectBytes(FILE.subarray(0, 1024 + 700));
    expect(count).toBe(whole.packets.length);
    expect(capture.problems).toMatchObject([{ kind: "read-failed", isFatal: true, offset: 1024 + 700 }]);
    expect(capture.problems[0]!.sentence).toBe(
      `held.pcap: the disk is gone; the ${count} packets before it are reported`,
    );
    expect(await capture.fill()).toBe(false);
    expect(capture.problems).toHaveLength(1);
  });

  it.each([
    { how: "bytes", settle: (source: HeldSource, rest: Uint8Array) => source.answer(rest) },
    { how: "the end", settle: (source: HeldSource) => source.end() },
    { how: "an error", settle: (source: HeldSource) => source.fail(new Error("too late")) },
  ])("may be closed during a read that then gives $how", async ({ settle }) => {
    for (const isWaiting of [false, true]) {
      const { source, capture, rest } = await openHeld(1024);
      expect(await capture.fill()).toBe(true);
      let filling = Promise.resolve(false);
      if (isWaiting) {
        countPackets(capture);
        filling = capture.fill();
      }
      await capture.close();
      expect(source.isClosed).toBe(true);
      settle(source, rest);
      // An error that nobody caught would end the test run here.
      await new Promise((resolve) => setImmediate(resolve));
      expect(await filling).toBe(false);
      expect(capture.next()).toBe(false);
      expect(await capture.fill()).toBe(false);
      expect(capture.problems).toEqual([]);
      expect(source.begun).toBe(2);
    }
  });

  it("gives the same packets, from chunks of one byte to records far larger than chunk and headroom", async () => {
    const sizes = [3, 5_000, 40, 0, 700, 30_000, 1, 260, 9_000, 9_001, 2];
    const packets = sizes.map((size, index) => ({
      seconds: 1_700_000_000 + index,
      fraction: index,
      data: Uint8Array.from({ length: size }, (_, byte) => (byte * 7 + index) & 0xff),
    }));
    const pcapng = new PcapngWriter().section().interface(1);
    for (const { seconds, data } of packets) pcapng.enhanced(0, BigInt(seconds) * 1_000_000n, data);
    for (const bytes of [writePcap(packets), pcapng.bytes()]) {
      const whole = await collectBytes(bytes);
      expect(whole.packets.map(({ data }) => data.length / 2)).toEqual(sizes);
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 12_000 })),
          fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 4 }),
          async (chunkBytes, pieces) => {
            const source = new PiecewiseSource(bytes, pieces, "test.pcap");
            const seen = await collect(await openCapture([source], { chunkBytes }));
            expect(seen.packets).toEqual(whole.packets);
            expect(seen.problems).toEqual([]);
          },
        ),
        { numRuns: 60, examples: [[1, [1]]] },
      );
    }
  });

  it("keeps its two buffers, and lets go of the larger one that a large record needed", async () => {
    const chunkBytes = 4096;
    const small = somePackets(4_000);
    const large = { seconds: 1_800_000_000, fraction: 0, data: new Uint8Array(500_000), original: 500_000 };
    const bytes = writePcap([...small, large, ...small]);
    const capture = await openCapture([new PiecewiseSource(bytes, [4096])], { chunkBytes });
    const buffers = new Set<Uint8Array>();
    let count = 0;
    let largest = 0;
    do {
      while (capture.next()) {
        count++;
        if (count <= small.length) buffers.add(capture.bytes);
        largest = Math.max(largest, capture.bytes.length);
      }
    } while (await capture.fill());
    expect(count).toBe(2 * small.length + 1);
    expect(buffers.size).toBe(2);
    expect(largest).toBeGreaterThan(500_000);
    expect(largest).toBeLessThan(1_100_000);
    expect(capture.bytes.length).toBeLessThanOrEqual(2 * chunkBytes);
  });
});
