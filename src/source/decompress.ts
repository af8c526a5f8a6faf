/**
 * Puts the right decompressor in front of a source, told by the first bytes and never by the name.
 *
 * At most one chunk of decompressed bytes is held. What was decompressed before a damaged place is delivered first, the
 * error after it.
 */
import type { BlockDecoder } from "./block-decoder.js";
import { GzipDecoder } from "./gzip.js";
import { InputWindow } from "./input-window.js";
import { Lz4Decoder } from "./lz4.js";
import type { Compression, Source } from "./source.js";
import { XzDecoder } from "./xz.js";
import { ZstdDecoder } from "./zstd.js";

/** The longest of the magic numbers, in bytes. */
const MAGIC_BYTES = 6;
/** Skippable frames, which zstd and lz4 share, are told by what follows them; files that begin so are zstd's (pzstd). */
const SKIPPABLE_MAGIC = 0x184d2a50;

/** Returns a source of plain bytes: the same bytes where they are not compressed. */
export async function decompressing(source: Source): Promise<Source> {
  const input = new InputWindow(source);
  let compression: Compression | null;
  try {
    // As few bytes as can tell it: a pipe that has brought four bytes of a plain capture is not kept waiting.
    await input.ensure(2);
    if (couldBeCompressed(input)) await input.ensure(MAGIC_BYTES);
    compression = compressionOf(input);
  } catch (error) {
    await source.close();
    throw error;
  }
  if (compression === null) return new PlainSource(source, input);
  return new DecompressedSource(source, compression, decoderOf(compression, input));
}

function couldBeCompressed(input: InputWindow): boolean {
  const first = input.available > 0 ? input.bytes[input.position]! : -1;
  return (
    first === 0x1f ||
    first === 0x28 ||
    first === 0x04 ||
    first === 0x02 ||
    first === 0xfd ||
    (first & 0xf0) === 0x50
  );
}

function compressionOf(input: InputWindow): Compression | null {
  const { available } = input;
  if (available < 2) return null;
  const { bytes, position } = input;
  if (bytes[position] === 0x1f && bytes[position + 1] === 0x8b) return "gzip";
  if (available < 4) return null;
  const magic = input.view.getUint32(position, true);
  if (magic === 0xfd2fb528 || (magic & 0xfffffff0) === SKIPPABLE_MAGIC) return "zstd";
  if (magic === 0x184d2204 || magic === 0x184c2102) return "lz4";
  const isXz =
    magic === 0x587a37fd && available >= MAGIC_BYTES && input.view.getUint16(position + 4, true) === 0x005a;
  return isXz ? "xz" : null;
}

function decoderOf(compression: Compression, input: InputWindow): BlockDecoder {
  switch (compression) {
    case "gzip":
      return new GzipDecoder(input);
    case "zstd":
      return new ZstdDecoder(input);
    case "lz4":
      return new Lz4Decoder(input);
    case "xz":
      return new XzDecoder(input);
  }
}

/** The source itself, after the few bytes that were looked at. */
class PlainSource implements Source {
  readonly name: string;
  readonly compression = null;
  private readonly source: Source;
  private readonly head: InputWindow;

  constructor(source: Source, head: InputWindow) {
    this.name = source.name;
    this.source = source;
    this.head = head;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  get bytesTotal(): number | null {
    return this.source.bytesTotal;
  }

  get isStopped(): boolean {
    return this.source.isStopped === true;
  }

  read(into: Uint8Array, offset: number, length: number): Promise<number> {
    const held = this.head.available;
    if (held === 0) return this.source.read(into, offset, length);
    return Promise.resolve(this.head.take(into, offset, Math.min(length, held)));
  }

  close(): Promise<void> {
    return this.source.close();
  }
}

class DecompressedSource implements Source {
  readonly name: string;
  readonly compression: Compression;
  private readonly source: Source;
  private readonly decoder: BlockDecoder;
  private chunk: Uint8Array = new Uint8Array(0);
  private position = 0;
  private hasEnded = false;

  constructor(source: Source, compression: Compression, decoder: BlockDecoder) {
    this.name = source.name;
    this.source = source;
    this.compression = compression;
    this.decoder = decoder;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  get bytesTotal(): number | null {
    return this.source.bytesTotal;
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.position === this.chunk.length) {
      if (this.hasEnded) return 0;
      const chunk = await this.decoder.next();
      this.hasEnded = chunk === null;
      if (chunk !== null) {
        this.chunk = chunk;
        this.position = 0;
      }
    }
    const count = Math.min(length, this.chunk.length - this.position);
    into.set(this.chunk.subarray(this.position, this.position + count), offset);
    this.position += count;
    return count;
  }

  async close(): Promise<void> {
    this.hasEnded = true;
    this.chunk = new Uint8Array(0);
    this.position = 0;
    await this.decoder.close();
    await this.source.close();
  }
}
