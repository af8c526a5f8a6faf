/**
 * A file that somebody still writes, read as it grows: at its end more is waited for, until following is stopped.
 *
 * A file that is cut, removed or replaced (as rings of capture files are) ends there: what comes under its name then has a
 * header of its own. Growth is looked for, not listened for: that works on every file system.
 */
import { fstatSync, statSync } from "node:fs";
import { FileSource } from "./file-source.js";
import type { Source } from "./source.js";

/** Between two looks at whether there is more, in ms. */
const LOOK_EVERY_MS = 100;

export class FollowedFile implements Source {
  readonly name: string;
  readonly compression = null;
  /** Nobody knows. */
  readonly bytesTotal = null;
  readonly #file: FileSource;
  readonly #descriptor: number;
  readonly #stop: AbortSignal;
  #isClosed = false;

  /** Owns the descriptor; `stop` makes the end that is reached the end of the file. */
  constructor(descriptor: number, name: string, stop: AbortSignal) {
    this.name = name;
    this.#file = new FileSource(descriptor, name, 0);
    this.#descriptor = descriptor;
    this.#stop = stop;
  }

  get bytesRead(): number {
    return this.#file.bytesRead;
  }

  get isStopped(): boolean {
    return this.#stop.aborted;
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    for (;;) {
      // Asked first: what was written before the stop is still read.
      const isLast = this.#isClosed || this.#stop.aborted || this.#isReplaced();
      const count = await this.#file.read(into, offset, length);
      if (count > 0 || isLast) return count;
      await this.#pause();
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#file.close();
  }

  /** Whether the name stands for another file by now, or for none, or the file was cut. */
  #isReplaced(): boolean {
    try {
      const [here, there] = [fstatSync(this.#descriptor), statSync(this.name)];
      return here.ino !== there.ino || here.dev !== there.dev || here.size < this.#file.bytesRead;
    } catch {
      return true;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#stop.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, LOOK_EVERY_MS);
      this.#stop.addEventListener("abort", done, { once: true });
    });
  }
}
