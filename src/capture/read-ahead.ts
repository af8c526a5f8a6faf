/**
 * The buffer that is filled while the reader works through the other one, and the read that fills it.
 *
 * A read puts its bytes behind some headroom, so that the few bytes which the reader has left over can be copied in front
 * of them and both stand in one piece. One read is under way at a time; what goes wrong in it is kept until somebody asks
 * for its bytes. Nothing here waits by itself, and nothing is allocated save where a buffer has the wrong size.
 */
import type { CaptureSource } from "./capture-source.js";

/** Of a chunk's size, the part that is kept free in front of it: 128 KiB of 1 MiB, two of the largest IP packets. */
const HEADROOM_SHIFT = 3;

/** Bytes of a buffer that takes a chunk and the usual headroom in front of it. */
export function bufferBytes(chunkBytes: number): number {
  return chunkBytes + (chunkBytes >> HEADROOM_SHIFT);
}

export class ReadAhead {
  /** The spare buffer; what is read stands in it from `headroom` on. Its content is settled once `arrived()` is. */
  bytes: Uint8Array;
  view: DataView;
  /** Bytes that are free in front of what is read. */
  headroom: number;
  private readonly source: CaptureSource;
  private readonly chunkBytes: number;
  private underWay: Promise<number> = Promise.resolve(0);

  /** `chunkBytes` is the most that one read brings. */
  constructor(source: CaptureSource, chunkBytes: number) {
    this.source = source;
    this.chunkBytes = chunkBytes;
    this.headroom = chunkBytes >> HEADROOM_SHIFT;
    this.bytes = new Uint8Array(0);
    this.view = viewOf(this.bytes);
  }

  /** Begins the next read. The one before it must have arrived and its bytes must have been taken. */
  begin(): void {
    const capacity = this.headroom + this.chunkBytes;
    if (this.bytes.length !== capacity) {
      this.bytes = new Uint8Array(capacity);
      this.view = viewOf(this.bytes);
    }
    this.underWay = this.read();
    // A failure belongs to whoever asks for the bytes; until then nobody listens, and after a close nobody ever will.
    this.underWay.catch(() => undefined);
  }

  /** How many bytes the read under way brought, 0 at the end; throws what the source threw. */
  arrived(): Promise<number> {
    return this.underWay;
  }

  /** Takes a buffer that has been worked through as the spare one. */
  exchange(bytes: Uint8Array, view: DataView): void {
    this.bytes = bytes;
    this.view = view;
  }

  /** Keeps more room free in front of the reads to come, for inputs with large records; never more than a chunk. */
  widen(bytes: number): void {
    this.headroom = Math.max(this.headroom, Math.min(bytes, this.chunkBytes));
  }

  private async read(): Promise<number> {
    return this.source.read(this.bytes, this.headroom, this.chunkBytes);
  }
}

/** A view of the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
