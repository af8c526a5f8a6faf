/**
 * Bytes of a pipe, FIFO, device or standard input, handed on as they arrive.
 *
 * At most the stream's own high-water mark (64 KiB) is held; a slow reader slows the writer down.
 */
import type { Readable } from "node:stream";
import type { Source } from "./source.js";
import { sourceErrorOf } from "./system-error.js";

export class StreamSource implements Source {
  readonly name: string;
  readonly compression = null;
  readonly bytesTotal = null;
  bytesRead = 0;
  private readonly stream: Readable;
  private rest: Uint8Array = new Uint8Array(0);
  private failure: unknown = null;
  private hasEnded = false;
  private wake: (() => void) | null = null;

  constructor(stream: Readable, name: string) {
    this.stream = stream;
    this.name = name;
    const wake = (): void => {
      const waiting = this.wake;
      this.wake = null;
      waiting?.();
    };
    stream.on("readable", wake);
    stream.on("end", () => {
      this.hasEnded = true;
      wake();
    });
    stream.on("close", () => {
      this.hasEnded = true;
      wake();
    });
    stream.on("error", (error) => {
      this.failure = error;
      wake();
    });
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.rest.length === 0) {
      const chunk: unknown = this.stream.read();
      if (chunk instanceof Uint8Array) {
        this.rest = chunk;
      } else if (this.failure !== null) {
        throw sourceErrorOf(this.failure, this.name);
      } else if (this.hasEnded || this.stream.readableEnded) {
        return 0;
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
    const count = Math.min(length, this.rest.length);
    into.set(this.rest.subarray(0, count), offset);
    this.rest = this.rest.subarray(count);
    this.bytesRead += count;
    return count;
  }

  close(): Promise<void> {
    this.rest = new Uint8Array(0);
    this.stream.destroy();
    return Promise.resolve();
  }
}
