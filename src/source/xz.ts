/**
 * xz streams, any number in a row with padding between them (xz file format 1.1.0), decompressed by xz-decompress.
 *
 * That package knows one stream only, holds a lock while it reads it, and does not say where it ended. So each input
 * gets an instance of the module of its own (two files can be merged), and the end is found by the stream footer: 12
 * bytes with a checksum and a mark, on a multiple of four bytes.
 */
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import type { BlockDecoder } from "./block-decoder.js";
import type { InputWindow } from "./input-window.js";

const FORMAT = "xz";
const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] as const;
const MAGIC_WORD = 0xfd377a58;
const HEADER_BYTES = 12;
/** None, CRC32 and CRC64: what the package can check. */
const CHECKS: readonly number[] = [0, 1, 4];
const FOOTER_BYTES = 12;
const PACKAGE = "xz-decompress";

type XzModule = { XzReadableStream: new (stream: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array> };

export class XzDecoder implements BlockDecoder {
  private readonly input: InputWindow;
  private reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  private footer = new FooterSearch(0);
  private module: XzModule | null = null;
  private hasInputEnded = false;
  private streams = 0;

  constructor(input: InputWindow) {
    this.input = input;
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.reader === null && !(await this.beginStream())) return null;
      const chunk = await this.readChunk(this.reader!);
      if (chunk !== null && chunk.length > 0) return chunk;
    }
  }

  async close(): Promise<void> {
    const { reader } = this;
    this.reader = null;
    await reader?.cancel().catch(() => undefined);
  }

  private async beginStream(): Promise<boolean> {
    const { input } = this;
    if (this.streams > 0) await this.skipPadding();
    if (!(await input.ensure(1))) return false;
    if (!(await input.ensure(HEADER_BYTES))) throw input.cut(FORMAT, "a stream's header");
    for (let index = 0; index < MAGIC.length; index++) {
      if (input.bytes[input.position + index] !== MAGIC[index]) {
        throw input.corrupt(FORMAT, "what follows the last stream is no xz");
      }
    }
    const check = input.bytes[input.position + 7]! & 0x0f;
    if (!CHECKS.includes(check)) {
      throw input.unsupported(
        FORMAT,
        "carries checksums that are not supported (SHA-256)",
        "decompress it first with: xz -d",
      );
    }
    this.streams++;
    this.footer = new FooterSearch(input.view.getUint16(input.position + 6));
    this.module ??= freshModule();
    this.reader = new this.module.XzReadableStream(this.compressed()).getReader();
    return true;
  }

  /** Hands the window's bytes to the package when it asks for them, and not before. */
  private compressed(): ReadableStream<Uint8Array> {
    const { input } = this;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (!(await input.ensure(1))) {
            this.hasInputEnded = true;
            controller.close();
            return;
          }
          const piece = input.bytes.slice(input.position, input.limit);
          input.position = input.limit;
          this.footer.take(piece);
          controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The next bytes of the stream, or null where it ended and the window stands behind it. */
  private async readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | null> {
    const { input } = this;
    let result: Awaited<ReturnType<typeof reader.read>>;
    try {
      result = await reader.read();
    } catch (error) {
      this.reader = null;
      if (this.hasInputEnded) throw input.cut(FORMAT, "a stream");
      throw input.corrupt(FORMAT, "a block that does not decompress", error);
    }
    if (!result.done) return result.value;
    this.reader = null;
    const excess = this.footer.bytesBehind();
    if (excess === null) throw input.corrupt(FORMAT, "a stream without its footer");
    // The last piece is still in the window: nothing was read after it.
    input.position -= excess;
    return null;
  }

  private async skipPadding(): Promise<void> {
    const { input } = this;
    let count = 0;
    while ((await input.ensure(1)) && input.bytes[input.position] === 0) {
      input.position++;
      count++;
    }
    if (count % 4 !== 0) throw input.corrupt(FORMAT, "padding that is no multiple of four bytes");
  }
}

/** Finds the footer of a stream in the piece in which the stream ended. */
class FooterSearch {
  /** The last piece, with up to 15 bytes of the one before it in front. */
  private piece: Uint8Array = new Uint8Array(0);
  private carried = 0;
  /** Bytes of the stream in front of `piece`. */
  private before = 0;
  /** The stream's flags, which its footer repeats. */
  private readonly flags: number;

  constructor(flags: number) {
    this.flags = flags;
  }

  take(next: Uint8Array): void {
    const joined = new Uint8Array(Math.min(this.piece.length, FOOTER_BYTES + 3) + next.length);
    this.carried = joined.length - next.length;
    joined.set(this.piece.subarray(this.piece.length - this.carried));
    joined.set(next, this.carried);
    this.before += this.piece.length - this.carried;
    this.piece = joined;
  }

  /** How many bytes of the last piece stand behind the footer, or null where there is none. */
  bytesBehind(): number | null {
    const { piece } = this;
    const view = new DataView(piece.buffer);
    const first = Math.max((4 - (this.before % 4)) % 4, HEADER_BYTES - this.before);
    for (let at = first; at + FOOTER_BYTES <= piece.length; at += 4) {
      if (at + FOOTER_BYTES < this.carried || piece[at + 10] !== 0x59 || piece[at + 11] !== 0x5a) continue;
      if (view.getUint16(at + 8) !== this.flags || !this.mayFollow(view, at + FOOTER_BYTES)) continue;
      if (view.getUint32(at, true) === crc32(piece.subarray(at + 4, at + 10)))
        return piece.length - at - FOOTER_BYTES;
    }
    return null;
  }

  /** Behind a stream stand the end, padding or another stream; behind the footer of an xz file inside it, its data. */
  private mayFollow(view: DataView, at: number): boolean {
    if (at + 4 > view.byteLength) return true;
    const word = view.getUint32(at);
    return word === 0 || word === MAGIC_WORD;
  }
}

const require = createRequire(import.meta.url);

/** Loads the package anew: an instance of its own for every input, since one instance reads one stream at a time. */
function freshModule(): XzModule {
  const path = require.resolve(PACKAGE);
  delete require.cache[path];
  return require(path) as XzModule;
}
