/**
 * Plain bytes of a regular file, read straight into the caller's buffer.
 *
 * The position is kept here and not in the descriptor, so that a file can be read from any offset at any time. The
 * descriptor is never closed under a read: its number could by then belong to another file.
 */
import { close, read } from "node:fs";
import type { Source } from "./source.js";
import { sourceErrorOf } from "./system-error.js";

export class FileSource implements Source {
  readonly name: string;
  readonly compression = null;
  readonly bytesTotal: number;
  bytesRead = 0;
  readonly descriptor: number;
  private position: number;
  private isReading = false;
  private isClosed = false;
  /** Closes the descriptor, where `close()` found a read under way. */
  private closeLater: (() => void) | null = null;

  /** `position` is where reading begins, in bytes; `size` the file's size. The source owns the descriptor. */
  constructor(descriptor: number, name: string, size: number, position = 0) {
    this.descriptor = descriptor;
    this.name = name;
    this.bytesTotal = size;
    this.position = position;
  }

  /** Reads where the last read ended; one read at a time. After `close()` there is nothing more. */
  read(into: Uint8Array, offset: number, length: number): Promise<number> {
    if (this.isClosed) return Promise.resolve(0);
    this.isReading = true;
    return new Promise((resolve, reject) => {
      read(this.descriptor, into, offset, length, this.position, (error, count) => {
        this.isReading = false;
        this.closeLater?.();
        if (error !== null) {
          reject(sourceErrorOf(error, this.name));
          return;
        }
        this.position += count;
        this.bytesRead += count;
        resolve(count);
      });
    });
  }

  close(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    this.isClosed = true;
    return new Promise((resolve, reject) => {
      const closeNow = (): void => {
        close(this.descriptor, (error) => (error ? reject(sourceErrorOf(error, this.name)) : resolve()));
      };
      if (this.isReading) this.closeLater = closeNow;
      else closeNow();
    });
  }
}
