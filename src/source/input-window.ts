/**
 * The compressed bytes in front of a decoder: a window that can be made to hold the next n bytes in one piece.
 */
import { type Source, SourceError } from "./source.js";

/** Bytes read at once. */
const WINDOW_BYTES = 64 * 1024;

export class InputWindow {
  bytes: Uint8Array = new Uint8Array(0);
  view = new DataView(new ArrayBuffer(0));
  /** Where the unread bytes begin and end in `bytes`. */
  position = 0;
  limit = 0;
  readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  get available(): number {
    return this.limit - this.position;
  }

  /** Offset in the compressed file of the byte at `position`. */
  get offset(): number {
    return this.source.bytesRead - this.available;
  }

  /** Reads until `wanted` bytes are there; false where the source ends before. */
  async ensure(wanted: number): Promise<boolean> {
    while (this.available < wanted) {
      this.makeRoom(wanted);
      const count = await this.source.read(this.bytes, this.limit, this.bytes.length - this.limit);
      if (count === 0) return false;
      this.limit += count;
    }
    return true;
  }

  /** Takes up to `length` held bytes without reading. */
  take(into: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.available);
    into.set(this.bytes.subarray(this.position, this.position + count), offset);
    this.position += count;
    return count;
  }

  /** The error for a stream that ends inside `what`. */
  cut(format: string, what: string): SourceError {
    return new SourceError(
      "compressed-cut",
      this.source.name,
      `the ${format} stream ends early, inside ${what} (after ${commas(this.source.bytesRead)} compressed bytes)`,
    );
  }

  /** The error for bytes that break the rules of the format. */
  corrupt(format: string, what: string, cause?: unknown): SourceError {
    return new SourceError(
      "compressed-corrupt",
      this.source.name,
      `the ${format} stream is damaged near compressed byte ${commas(this.offset)}: ${what}`,
      { cause },
    );
  }

  /** The error for a part of the format that is not supported. */
  unsupported(format: string, what: string, advice: string): SourceError {
    return new SourceError(
      "compressed-unsupported",
      this.source.name,
      `the ${format} stream ${what}; ${advice}`,
    );
  }

  private makeRoom(wanted: number): void {
    const held = this.available;
    const capacity = Math.max(WINDOW_BYTES, wanted);
    if (this.bytes.length < wanted || this.bytes.length === 0) {
      const larger = new Uint8Array(capacity);
      larger.set(this.bytes.subarray(this.position, this.limit));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    } else if (this.position > 0) {
      this.bytes.copyWithin(0, this.position, this.limit);
    }
    this.position = 0;
    this.limit = held;
  }
}

function commas(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
