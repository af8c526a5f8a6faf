/**
 * Where a report goes: standard output or a file, as fast as that takes it.
 *
 * A reader that closes the pipe early (`| head`) has what it wanted: the process ends quietly with status 0. A file
 * that is also an input is never overwritten.
 */
import { once } from "node:events";
import { createWriteStream, fstatSync, ftruncateSync, openSync, statSync } from "node:fs";
import type { Writable } from "node:stream";

/** Text gathered before it is handed on; small writes are what is slow. */
const BATCH_CHARACTERS = 64 * 1024;

/** And how long less than that is gathered, in ms. */
const LONGEST_WAIT_MS = 100;

/** The report could not be written; `message` is one plain sentence without the file's name. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

export class ReportStream {
  readonly #stream: Writable;
  readonly #isFile: boolean;
  #batch = "";
  #failure: Error | null = null;
  #draining: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  /**
   * Opens `path`, or standard output for null; with `descriptor` it is open already, and is emptied. Throws `ReportError`
   * where it cannot be written.
   */
  constructor(path: string | null, inputs: readonly string[], descriptor: number | null = null) {
    this.#isFile = path !== null;
    this.#stream =
      path === null
        ? process.stdout
        : createWriteStream(path, {
            fd: descriptor === null ? openForReport(path, inputs) : emptied(descriptor),
          });
    this.#stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      this.#failure = error;
    });
  }

  /** Takes text; a promise where the reader is slower than the writer and should be waited for. */
  write(text: string): void | Promise<void> {
    this.#batch += text;
    if (this.#batch.length >= BATCH_CHARACTERS) return this.#flush();
    // What comes slowly, from a pipe or a file that is followed, is not kept back.
    this.#timer ??= setTimeout(() => {
      // A failure is told to whoever writes or ends.
      if (this.#failure === null) void this.#flush();
    }, LONGEST_WAIT_MS);
  }

  /** Takes bytes behind what was written before; they may change when this has returned. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    if (!this.#stream.write(bytes.slice())) await (this.#draining ??= this.#drained());
  }

  /** Writes what is left and waits until it is on its way. Throws `ReportError` where it is not. */
  async end(): Promise<void> {
    await this.#flush();
    if (this.#isFile) {
      this.#stream.end();
      // An error rejects the waiting; it is kept above and told below.
      if (!this.#stream.closed) await once(this.#stream, "close").catch(() => undefined);
    } else await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
    this.#throwFailure();
  }

  #flush(): void | Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#throwFailure();
    const batch = this.#batch;
    this.#batch = "";
    if (batch === "" || this.#stream.write(batch)) return;
    // All who write while the reader is behind wait for the same moment.
    this.#draining ??= this.#drained();
    return this.#draining;
  }

  async #drained(): Promise<void> {
    const waiting = new AbortController();
    const { signal } = waiting;
    // An error ends the waiting too; the next write reports it.
    await Promise.race([
      once(this.#stream, "drain", { signal }),
      once(this.#stream, "close", { signal }),
    ]).catch(() => undefined);
    waiting.abort();
    this.#draining = null;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw new ReportError(sentenceOfSystem(this.#failure));
  }
}

function emptied(descriptor: number): number {
  // A pipe has no length.
  if (fstatSync(descriptor).isFile()) ftruncateSync(descriptor, 0);
  return descriptor;
}

/** Opens a file that is to be written anew. Throws `ReportError` where that cannot be, or it is an input. */
export function openForReport(path: string, inputs: readonly string[]): number {
  if (inputs.some((input) => isSameFile(input, path))) {
    throw new ReportError("is also an input; name another file for the report");
  }
  try {
    const descriptor = openSync(path, "w");
    if (fstatSync(descriptor).isDirectory()) throw new ReportError("is a directory; name a file in it");
    return descriptor;
  } catch (error) {
    if (error instanceof ReportError) throw error;
    throw new ReportError(sentenceOfSystem(error));
  }
}

function isSameFile(one: string, other: string): boolean {
  if (one === "-") return false;
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.isFile() && a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: "its directory does not exist; create it first",
  EISDIR: "is a directory; name a file in it",
  EACCES: "may not be written by this user; check its permissions",
  EPERM: "may not be written by this user; check its permissions",
  EROFS: "is on a file system that cannot be written",
  ENOSPC: "there is no space left for the report",
};

/** What keeps a file from being written, and what to do about it. */
export function sentenceOfSystem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  return SENTENCES[code] ?? `could not be written (${text})`;
}
