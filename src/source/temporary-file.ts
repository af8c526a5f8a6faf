/**
 * A temporary file for what memory has no room for. It has no name once it is open, where the system allows that, so
 * that nothing is left behind however the program ends; elsewhere it is removed when it is closed or the program ends.
 *
 * Written and read in place, at once: blocks are small, and nobody else touches the file.
 */
import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SourceError } from "./source.js";

export class TemporaryFile {
  readonly #directory: string;
  readonly #descriptor: number;
  /** Name to be removed at the end; null where it is gone already. */
  #path: string | null;
  readonly #remove = (): void => this.#unlink();

  /** Opens a new file in `directory`. Throws an `Error` whose message says in a clause why that cannot be. */
  constructor(directory = tmpdir()) {
    this.#directory = directory;
    this.#path = join(directory, `tcpflow-analyze-${randomUUID()}.tmp`);
    try {
      // Nobody else may read it: it holds addresses. One that exists already is nobody's that we know.
      this.#descriptor = openSync(this.#path, "wx+", 0o600);
    } catch (error) {
      throw new Error(clauseOf(error, directory), { cause: error });
    }
    this.#unlink();
    if (this.#path !== null) process.once("exit", this.#remove);
  }

  /** Writes all bytes. Throws like the constructor. */
  write(bytes: Uint8Array, position: number): void {
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
    } catch (error) {
      throw new Error(clauseOf(error, this.#directory), { cause: error });
    }
  }

  /** Fills `into`. Throws `SourceError` where that cannot be. */
  read(into: Uint8Array, position: number): void {
    for (let done = 0; done < into.length; ) {
      const count = this.#readSome(into, done, position + done);
      if (count === 0) throw unreadable("it is shorter than what was written to it");
      done += count;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#unlink();
    process.off("exit", this.#remove);
  }

  #readSome(into: Uint8Array, offset: number, position: number): number {
    try {
      return readSync(this.#descriptor, into, offset, into.length - offset, position);
    } catch (error) {
      throw unreadable(error instanceof Error ? error.message : String(error));
    }
  }

  #unlink(): void {
    if (this.#path === null) return;
    try {
      unlinkSync(this.#path);
      this.#path = null;
    } catch {
      // A system that keeps the name of an open file: tried again at the end.
    }
  }
}

function unreadable(why: string): SourceError {
  return new SourceError("unreadable", "the temporary file", `could not be read (${why})`);
}

const CLAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "has no space left",
  EDQUOT: "has no space left for this user",
  EFBIG: "allows no larger file",
  ENOENT: "does not exist",
  ENOTDIR: "is not a directory",
  EACCES: "may not be written by this user",
  EPERM: "may not be written by this user",
  EROFS: "is on a file system that cannot be written",
};

/** Why the directory for temporary files does not take what it is given. */
function clauseOf(error: unknown, directory: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  return `${directory}, the directory for temporary files, ${CLAUSES[code] ?? `cannot be used (${text})`}`;
}
