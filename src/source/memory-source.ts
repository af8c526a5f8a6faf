/**
 * A source over bytes that are in memory already. Needs nothing of Node and never copies more than it is asked for.
 */
import type { Source } from "./source.js";

export class MemorySource implements Source {
  readonly name: string;
  readonly compression = null;
  bytesRead = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = "memory") {
    this.bytes = bytes;
    this.name = name;
  }

  get bytesTotal(): number {
    return this.bytes.length;
  }

  read(into: Uint8Array, offset: number, length: number): Promise<number> {
    const count = Math.min(length, this.bytes.length - this.bytesRead);
    into.set(this.bytes.subarray(this.bytesRead, this.bytesRead + count), offset);
    this.bytesRead += count;
    return Promise.resolve(count);
  }

  close(): Promise<void> {
    this.bytesRead = this.bytes.length;
    return Promise.resolve();
  }
}
