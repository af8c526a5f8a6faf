/**
 * Reads a capture to its end and copies what the cursor showed, for the tests.
 */
import { type OpenedCapture, type OpenOptions, openCapture } from "../../src/capture/open-capture.js";
import type { CaptureProblem } from "../../src/capture/packet.js";
import { MemorySource } from "../../src/source/memory-source.js";

export interface SeenPacket {
  readonly epochNs: bigint;
  readonly timeNs: number;
  readonly data: string;
  readonly original: number;
  readonly linkType: number;
  readonly file: number;
  readonly interfaceId: number;
  readonly number: number;
  readonly offset: number;
}

export interface Seen {
  readonly packets: SeenPacket[];
  readonly problems: readonly CaptureProblem[];
  readonly kinds: string[];
  readonly capture: OpenedCapture;
}

export async function collect(capture: OpenedCapture): Promise<Seen> {
  const packets: SeenPacket[] = [];
  do {
    while (capture.next()) {
      packets.push({
        epochNs: (capture.originNs ?? 0n) + BigInt(capture.timeNs),
        timeNs: capture.timeNs,
        data: hex(capture.bytes.subarray(capture.start, capture.end)),
        original: capture.originalLength,
        linkType: capture.linkType,
        file: capture.file,
        interfaceId: capture.interfaceId,
        number: capture.number,
        offset: capture.offset,
      });
    }
  } while (await capture.fill());
  const { problems } = capture;
  const seen = { packets, problems, kinds: problems.map((problem) => problem.kind), capture };
  await capture.close();
  return seen;
}

/** A source that hands out its bytes in pieces of the given sizes, over and over. */
export class PiecewiseSource extends MemorySource {
  private turn = 0;
  private readonly sizes: readonly number[];

  constructor(bytes: Uint8Array, sizes: readonly number[], name = "piecewise") {
    super(bytes, name);
    this.sizes = sizes;
  }

  override read(into: Uint8Array, offset: number, length: number): Promise<number> {
    const size = this.sizes[this.turn++ % this.sizes.length]!;
    return super.read(into, offset, Math.min(length, size));
  }
}

export async function collectBytes(
  bytes: Uint8Array,
  options: OpenOptions = {},
  name = "test.pcap",
): Promise<Seen> {
  return collect(await openCapture([new MemorySource(bytes, name)], options));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
