/**
 * LZ4 frames, any number in a row, skippable ones between them, and the older "legacy" frames of the Linux kernel
 * (LZ4 frame format 1.6.4). Blocks are decompressed one at a time by lz4js.
 *
 * Linked blocks find their history in the 64 KiB in front of the place they are written to. Header, block and content
 * checksums are checked where they are there. No more than one block is held.
 */
import type { BlockDecoder } from "./block-decoder.js";
import type { InputWindow } from "./input-window.js";
import { XxHash32 } from "./xx-hash.js";

const FORMAT = "lz4";
const MAGIC = 0x184d2204;
const MAGIC_LEGACY = 0x184c2102;
const SKIPPABLE_MAGIC = 0x184d2a50;
const HISTORY_BYTES = 64 * 1024;
const LEGACY_BLOCK_BYTES = 8 * 1024 * 1024;
/** The longest a compressed block of a legacy frame can be. */
const LEGACY_COMPRESSED_MAX = LEGACY_BLOCK_BYTES + Math.ceil(LEGACY_BLOCK_BYTES / 255) + 16;
const UNCOMPRESSED = 0x80000000;

const FLAG_DICTIONARY = 0x01;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_INDEPENDENT = 0x20;

type DecompressBlock = (
  source: Uint8Array,
  destination: Uint8Array,
  sourceIndex: number,
  sourceLength: number,
  destinationIndex: number,
) => number;

export class Lz4Decoder implements BlockDecoder {
  private readonly input: InputWindow;
  private decompress: DecompressBlock | null = null;
  private state: "between" | "frame" | "legacy" = "between";
  private output = new Uint8Array(0);
  private blockBytesMax = 0;
  /** Where the next block is written; everything in front of it in `output` is history. */
  private written = 0;
  private isLinked = false;
  private hasBlockChecksum = false;
  private contentHash: XxHash32 | null = null;

  constructor(input: InputWindow) {
    this.input = input;
  }

  async next(): Promise<Uint8Array | null> {
    this.decompress ??= (await import("lz4js")).default.decompressBlock;
    for (;;) {
      if (this.state === "between") {
        if (!(await this.beginFrame())) return null;
      } else {
        const block = this.state === "frame" ? await this.readBlock() : await this.readLegacyBlock();
        if (block !== null && block.length > 0) return block;
      }
    }
  }

  close(): Promise<void> {
    this.output = new Uint8Array(0);
    return Promise.resolve();
  }

  private async beginFrame(): Promise<boolean> {
    const { input } = this;
    if (!(await input.ensure(1))) return false;
    if (!(await input.ensure(4))) throw input.cut(FORMAT, "a frame's header");
    const magic = input.view.getUint32(input.position, true);
    input.position += 4;
    if (magic === MAGIC) {
      await this.readDescriptor();
    } else if (magic === MAGIC_LEGACY) {
      this.state = "legacy";
      this.prepare(LEGACY_BLOCK_BYTES, false);
    } else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) {
      await this.skipFrame();
    } else {
      throw input.corrupt(FORMAT, "what follows the last frame is no lz4");
    }
    return true;
  }

  private async readDescriptor(): Promise<void> {
    const { input } = this;
    if (!(await input.ensure(3))) throw input.cut(FORMAT, "a frame's header");
    const flags = input.bytes[input.position]!;
    const sizeCode = (input.bytes[input.position + 1]! >> 4) & 7;
    const length = 2 + (flags & FLAG_CONTENT_SIZE ? 8 : 0) + (flags & FLAG_DICTIONARY ? 4 : 0);
    if (!(await input.ensure(length + 1))) throw input.cut(FORMAT, "a frame's header");
    const descriptor = input.bytes.subarray(input.position, input.position + length);
    const checksum = (new XxHash32().update(descriptor).digest() >>> 8) & 0xff;
    if (flags >> 6 !== 1 || sizeCode < 4 || checksum !== input.bytes[input.position + length]) {
      throw input.corrupt(FORMAT, "a frame's header does not hold together");
    }
    if (flags & FLAG_DICTIONARY) {
      throw input.unsupported(FORMAT, "needs a dictionary", "decompress it first with: lz4 -d -D DICTIONARY");
    }
    input.position += length + 1;
    this.state = "frame";
    this.hasBlockChecksum = (flags & FLAG_BLOCK_CHECKSUM) !== 0;
    this.contentHash = flags & FLAG_CONTENT_CHECKSUM ? new XxHash32() : null;
    this.prepare(1 << (8 + 2 * sizeCode), (flags & FLAG_INDEPENDENT) === 0);
  }

  private prepare(blockBytesMax: number, isLinked: boolean): void {
    this.blockBytesMax = blockBytesMax;
    this.isLinked = isLinked;
    this.written = 0;
    if (this.output.length < blockBytesMax + HISTORY_BYTES)
      this.output = new Uint8Array(blockBytesMax + HISTORY_BYTES);
  }

  /** One block of a frame, or null at the end of the frame. */
  private async readBlock(): Promise<Uint8Array | null> {
    const { input } = this;
    if (!(await input.ensure(4))) throw input.cut(FORMAT, "a frame");
    const word = input.view.getUint32(input.position, true);
    if (word === 0) return this.endFrame();
    const size = word & ~UNCOMPRESSED;
    const isStored = word >= UNCOMPRESSED;
    if (size > this.blockBytesMax)
      throw input.corrupt(FORMAT, "a block that is longer than its frame allows");
    const checksumBytes = this.hasBlockChecksum ? 4 : 0;
    if (!(await input.ensure(4 + size + checksumBytes))) throw input.cut(FORMAT, "a block");
    const from = input.position + 4;
    if (checksumBytes > 0) {
      const hash = new XxHash32().update(input.bytes.subarray(from, from + size)).digest();
      if (hash !== input.view.getUint32(from + size, true)) throw input.corrupt(FORMAT, "a block's checksum");
    }
    const block = isStored ? this.copyBlock(from, size) : this.decompressBlock(from, size);
    input.position += 4 + size + checksumBytes;
    this.contentHash?.update(block);
    return block;
  }

  private async endFrame(): Promise<null> {
    const { input } = this;
    this.state = "between";
    input.position += 4;
    if (this.contentHash !== null) {
      if (!(await input.ensure(4))) throw input.cut(FORMAT, "a frame's checksum");
      if (input.view.getUint32(input.position, true) !== this.contentHash.digest()) {
        throw input.corrupt(FORMAT, "its checksum does not hold");
      }
      input.position += 4;
    }
    return null;
  }

  /** A legacy frame has no end mark: it ends with the file or where another frame's magic number stands. */
  private async readLegacyBlock(): Promise<Uint8Array | null> {
    const { input } = this;
    if (!(await input.ensure(1))) {
      this.state = "between";
      return null;
    }
    if (!(await input.ensure(4))) throw input.cut(FORMAT, "a block");
    const size = input.view.getUint32(input.position, true);
    if (size === MAGIC || size === MAGIC_LEGACY || (size & 0xfffffff0) === SKIPPABLE_MAGIC) {
      this.state = "between";
      return null;
    }
    if (size > LEGACY_COMPRESSED_MAX) throw input.corrupt(FORMAT, "a block that cannot be");
    if (!(await input.ensure(4 + size))) throw input.cut(FORMAT, "a block");
    const block = this.decompressBlock(input.position + 4, size);
    input.position += 4 + size;
    return block;
  }

  private copyBlock(from: number, size: number): Uint8Array {
    const start = this.placeBlock();
    this.output.set(this.input.bytes.subarray(from, from + size), start);
    this.written = start + size;
    return this.output.subarray(start, this.written);
  }

  private decompressBlock(from: number, size: number): Uint8Array {
    const start = this.placeBlock();
    const end = this.decompress!(this.input.bytes, this.output, from, size, start);
    if (!(end >= start && end <= start + this.blockBytesMax && end <= this.output.length)) {
      throw this.input.corrupt(FORMAT, "a block that expands beyond its bounds");
    }
    this.written = end;
    return this.output.subarray(start, end);
  }

  /** Where the next block goes: behind its history, which is moved to the front. */
  private placeBlock(): number {
    if (!this.isLinked) return 0;
    const history = Math.min(this.written, HISTORY_BYTES);
    this.output.copyWithin(0, this.written - history, this.written);
    return history;
  }

  private async skipFrame(): Promise<void> {
    const { input } = this;
    if (!(await input.ensure(4))) throw input.cut(FORMAT, "a skippable frame");
    let rest = input.view.getUint32(input.position, true);
    input.position += 4;
    while (rest > 0) {
      if (!(await input.ensure(1))) throw input.cut(FORMAT, "a skippable frame");
      const count = Math.min(rest, input.available);
      input.position += count;
      rest -= count;
    }
  }
}
