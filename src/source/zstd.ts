/**
 * Zstandard frames, any number in a row, skippable ones between them (RFC 8878 §3.1).
 *
 * Frames are taken apart here down to their blocks (at most 128 KiB of output each) and the decompressor gets one block
 * at a time: that bounds memory whatever a block expands to, and shows where a cut stream was cut. The decompressor is
 * that of Node where it has one (from 22.15), which checks content checksums, else fzstd, which does not.
 */

import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { BlockDecoder } from "./block-decoder.js";
import type { InputWindow } from "./input-window.js";

const FORMAT = "zstd";
const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const BLOCK_HEADER_BYTES = 3;
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;
const BLOCK_BYTES_MAX = 128 * 1024;
const CHECKSUM_BYTES = 4;

/** Bytes of the dictionary identifier and the content size, by the flags that announce them. */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/** Decompresses the blocks of one frame. */
interface FrameDecoder {
  /** Takes header, block or checksum; `isLast` with the frame's last bytes. What comes out is put into `queue`. */
  push(bytes: Uint8Array, isLast: boolean): Promise<void>;
  close(): void;
}

export class ZstdDecoder implements BlockDecoder {
  private readonly input: InputWindow;
  private readonly queue: Uint8Array[] = [];
  private frame: FrameDecoder | null = null;
  private hasChecksum = false;
  private isLastBlock = false;

  constructor(input: InputWindow) {
    this.input = input;
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        if (chunk.length > 0) return chunk;
      } else if (this.frame === null) {
        if (!(await this.beginFrame())) return null;
      } else if (this.isLastBlock) {
        await this.endFrame(this.frame);
      } else {
        await this.passBlock(this.frame);
      }
    }
  }

  close(): Promise<void> {
    this.frame?.close();
    this.frame = null;
    this.queue.length = 0;
    return Promise.resolve();
  }

  /** Reads a frame's header (RFC 8878 §3.1.1.1), or steps over a skippable frame; false at the end of the file. */
  private async beginFrame(): Promise<boolean> {
    const { input } = this;
    if (!(await input.ensure(1))) return false;
    if (!(await input.ensure(5))) throw input.cut(FORMAT, "a frame's header");
    const magic = input.view.getUint32(input.position, true);
    if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) {
      await this.skipFrame();
      return true;
    }
    if (magic !== MAGIC) throw input.corrupt(FORMAT, "what follows the last frame is no zstd");
    const descriptor = input.bytes[input.position + 4]!;
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const dictionaryBytes = DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
    const sizeFlag = (descriptor >> 6) as 0 | 1 | 2 | 3;
    const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeFlag];
    const headerBytes = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
    if (!(await input.ensure(headerBytes))) throw input.cut(FORMAT, "a frame's header");
    const dictionaryAt = input.position + 5 + (isSingleSegment ? 0 : 1);
    for (let index = 0; index < dictionaryBytes; index++) {
      if (input.bytes[dictionaryAt + index] !== 0) {
        throw input.unsupported(
          FORMAT,
          "needs a dictionary",
          "decompress it first with: zstd -d -D DICTIONARY",
        );
      }
    }
    this.hasChecksum = (descriptor & 4) !== 0;
    this.isLastBlock = false;
    this.frame = await openFrame(this.queue);
    await this.pass(this.frame, headerBytes, false);
    return true;
  }

  private async skipFrame(): Promise<void> {
    const { input } = this;
    if (!(await input.ensure(8))) throw input.cut(FORMAT, "a skippable frame");
    let rest = input.view.getUint32(input.position + 4, true);
    input.position += 8;
    while (rest > 0) {
      if (!(await input.ensure(1))) throw input.cut(FORMAT, "a skippable frame");
      const count = Math.min(rest, input.available);
      input.position += count;
      rest -= count;
    }
  }

  private async passBlock(frame: FrameDecoder): Promise<void> {
    const { input } = this;
    if (!(await input.ensure(BLOCK_HEADER_BYTES))) throw input.cut(FORMAT, "a frame");
    const { bytes, position } = input;
    const header = bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === BLOCK_RESERVED || size > BLOCK_BYTES_MAX)
      throw input.corrupt(FORMAT, "a block that cannot be");
    const blockBytes = BLOCK_HEADER_BYTES + (type === BLOCK_RLE ? 1 : size);
    if (!(await input.ensure(blockBytes))) throw input.cut(FORMAT, "a block");
    this.isLastBlock = (header & 1) !== 0;
    await this.pass(frame, blockBytes, this.isLastBlock && !this.hasChecksum);
  }

  private async endFrame(frame: FrameDecoder): Promise<void> {
    const { input } = this;
    this.frame = null;
    if (this.hasChecksum) {
      if (!(await input.ensure(CHECKSUM_BYTES))) throw input.cut(FORMAT, "a frame's checksum");
      await this.pass(frame, CHECKSUM_BYTES, true);
    }
    frame.close();
  }

  private async pass(frame: FrameDecoder, count: number, isLast: boolean): Promise<void> {
    const { input } = this;
    // A copy: the decompressors keep what they get until they have enough, and the window moves on.
    const bytes = input.bytes.slice(input.position, input.position + count);
    try {
      await frame.push(bytes, isLast);
    } catch (error) {
      throw input.corrupt(FORMAT, error instanceof Error ? error.message : String(error), error);
    }
    input.position += count;
  }
}

async function openFrame(queue: Uint8Array[]): Promise<FrameDecoder> {
  const create: unknown = Reflect.get(zlib, "createZstdDecompress");
  if (typeof create === "function") return new NodeFrame(create() as Transform, queue);
  const { Decompress } = await import("fzstd");
  const decompress = new Decompress((chunk) => queue.push(chunk));
  return {
    push(bytes, isLast) {
      decompress.push(bytes, isLast);
      return Promise.resolve();
    },
    close() {},
  };
}

/** Node's own decompressor, driven so that each push has given all its output before the next one. */
class NodeFrame implements FrameDecoder {
  private readonly stream: Transform;
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(stream: Transform, queue: Uint8Array[]) {
    this.stream = stream;
    stream.on("data", (chunk: Uint8Array) => queue.push(chunk));
    stream.on("end", () => this.resume());
    stream.on("error", (error) => {
      this.failure = error;
      this.resume();
    });
  }

  async push(bytes: Uint8Array, isLast: boolean): Promise<void> {
    const used = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    if (isLast) this.stream.end(bytes);
    else this.stream.write(bytes, () => this.resume());
    await used;
    if (this.failure !== null) throw this.failure;
  }

  close(): void {
    this.stream.destroy();
    this.resume();
  }

  private resume(): void {
    const waiting = this.wake;
    this.wake = null;
    waiting?.();
  }
}
