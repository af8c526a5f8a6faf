/**
 * gzip, any number of members in a row (RFC 1952), over zlib's raw inflate.
 *
 * Members are framed here and not by zlib, so that a stream that is cut still gives all its bytes, and a checksum that
 * does not hold is said after the bytes and not instead of them. Bytes after the last member that begin no further one
 * are ignored where they are zeros (tape padding) and an error otherwise.
 */
import { constants, crc32, createInflateRaw, type InflateRaw } from "node:zlib";
import type { BlockDecoder } from "./block-decoder.js";
import type { InputWindow } from "./input-window.js";

const FORMAT = "gzip";
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const FLAG_HEADER_CRC = 0x02;
const FLAG_EXTRA = 0x04;
const FLAG_NAME = 0x08;
const FLAG_COMMENT = 0x10;
const FLAGS_RESERVED = 0xe0;

/**
 * Compressed bytes given to zlib at once. Deflate expands at most 1,032 times, so 8 KiB bound what one step can bring
 * to 8 MiB. A member begins with small pieces, because zlib keeps the output of the very piece that it rejects.
 */
const PIECE_BYTES = 8 * 1024;
const FIRST_PIECE_BYTES = 256;
const FIRST_PIECES_UNTIL = 16 * 1024;
const OUTPUT_BYTES = 64 * 1024;

export class GzipDecoder implements BlockDecoder {
  private readonly input: InputWindow;
  private inflate: InflateRaw | null = null;
  /** What zlib made of the piece it was given last. */
  private readonly queue: Uint8Array[] = [];
  /** Thrown once the queue is empty. */
  private failure: Error | null = null;
  private wake: (() => void) | null = null;
  /** Compressed bytes of the member that were given to zlib. */
  private given = 0;
  private members = 0;
  private checksum = 0;
  private length = 0;

  constructor(input: InputWindow) {
    this.input = input;
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        this.checksum = crc32(chunk, this.checksum);
        this.length = (this.length + chunk.length) >>> 0;
        return chunk;
      }
      if (this.failure !== null) throw this.failure;
      const { inflate } = this;
      if (inflate === null) {
        if (!(await this.beginMember())) return null;
      } else if (inflate.bytesWritten < this.given) {
        // zlib leaves bytes alone only when the deflate stream has ended in front of them.
        await this.endMember(inflate);
      } else {
        await this.step(inflate);
      }
    }
  }

  close(): Promise<void> {
    this.inflate?.close();
    this.inflate = null;
    this.queue.length = 0;
    this.failure ??= this.input.cut(FORMAT, "compressed data");
    this.resume();
    return Promise.resolve();
  }

  /** Reads a member's header; false at the orderly end of the file. */
  private async beginMember(): Promise<boolean> {
    const { input } = this;
    if (!(await input.ensure(1))) return false;
    if (this.members > 0 && input.bytes[input.position] === 0) return this.skipPadding();
    if (!(await input.ensure(HEADER_BYTES))) throw input.cut(FORMAT, "a member's header");
    const { bytes, position } = input;
    if (bytes[position] !== 0x1f || bytes[position + 1] !== 0x8b) {
      throw input.corrupt(FORMAT, "what follows the last member is no gzip");
    }
    const flags = bytes[position + 3]!;
    if (bytes[position + 2] !== 8 || (flags & FLAGS_RESERVED) !== 0) {
      throw input.unsupported(
        FORMAT,
        "uses a method that gzip never defined",
        "the file is probably damaged",
      );
    }
    input.position += HEADER_BYTES;
    if (flags & FLAG_EXTRA) {
      if (!(await input.ensure(2))) throw input.cut(FORMAT, "a member's header");
      const length = input.view.getUint16(input.position, true);
      if (!(await input.ensure(2 + length))) throw input.cut(FORMAT, "a member's header");
      input.position += 2 + length;
    }
    if (flags & FLAG_NAME) await this.skipText();
    if (flags & FLAG_COMMENT) await this.skipText();
    if (flags & FLAG_HEADER_CRC) {
      if (!(await input.ensure(2))) throw input.cut(FORMAT, "a member's header");
      input.position += 2;
    }
    this.beginInflate();
    return true;
  }

  private beginInflate(): void {
    const inflate = createInflateRaw({ chunkSize: OUTPUT_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
    this.inflate = inflate;
    this.members++;
    this.given = 0;
    this.checksum = 0;
    this.length = 0;
    inflate.on("data", (chunk: Uint8Array) => this.queue.push(chunk));
    inflate.on("end", () => this.resume());
    inflate.on("error", (error) => {
      this.failure = this.input.corrupt(FORMAT, error.message, error);
      this.resume();
    });
  }

  /** Gives zlib one piece and waits until it is used up; at the end of the input, asks for what zlib still holds. */
  private async step(inflate: InflateRaw): Promise<void> {
    const { input } = this;
    if (!(await input.ensure(1))) {
      const drained = this.paused();
      inflate.end();
      await drained;
      this.failure ??= input.cut(FORMAT, "compressed data");
      return;
    }
    const most = this.given < FIRST_PIECES_UNTIL ? FIRST_PIECE_BYTES : PIECE_BYTES;
    const count = Math.min(most, input.available);
    const piece = input.bytes.subarray(input.position, input.position + count);
    input.position += count;
    this.given += count;
    const used = this.paused();
    // At the end of the deflate stream `end` comes in place of the callback, or after it; the first one resumes.
    inflate.write(piece, () => this.resume());
    await used;
  }

  /** Checks the trailer of a member whose deflate stream has ended, and takes back what zlib did not use. */
  private async endMember(inflate: InflateRaw): Promise<void> {
    const { input } = this;
    input.position -= this.given - inflate.bytesWritten;
    this.inflate = null;
    inflate.close();
    if (!(await input.ensure(TRAILER_BYTES))) throw input.cut(FORMAT, "a member's checksum");
    const checksum = input.view.getUint32(input.position, true);
    const length = input.view.getUint32(input.position + 4, true);
    if (checksum !== this.checksum || length !== this.length) {
      throw input.corrupt(FORMAT, "its checksum does not hold");
    }
    input.position += TRAILER_BYTES;
  }

  private async skipText(): Promise<void> {
    const { input } = this;
    do {
      if (!(await input.ensure(1))) throw input.cut(FORMAT, "a member's header");
    } while (input.bytes[input.position++] !== 0);
  }

  private async skipPadding(): Promise<boolean> {
    const { input } = this;
    while (await input.ensure(1)) {
      if (input.bytes[input.position++] !== 0) {
        throw input.corrupt(FORMAT, "what follows the last member is no gzip");
      }
    }
    return false;
  }

  private paused(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private resume(): void {
    const waiting = this.wake;
    this.wake = null;
    waiting?.();
  }
}
