/**
 * A compressed file whose bytes another thread decompresses, ahead of whoever reads them here.
 *
 * The first bytes, which tell what the file holds, come from this thread; the other one begins with the second read, and
 * leaves out what was delivered. So a file of which only the beginning is looked at costs no thread. Bytes, order and
 * errors are those of decompressing here.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { FileSource } from "./file-source.js";
import { SharedBytes } from "./shared-bytes.js";
import type { Compression, Source } from "./source.js";

/** What the other thread is told. */
export interface Order {
  readonly memory: SharedArrayBuffer;
  readonly descriptor: number;
  readonly name: string;
  readonly size: number;
  /** Decompressed bytes at the beginning that are known here. */
  readonly skip: number;
}

/** A file of fewer compressed bytes is decompressed before another thread has begun. */
const WORTH_BYTES = 1_000_000;
/** Bytes that a read waits for: pieces are the same however fast the other thread is. */
const PIECE_BYTES = 1024 * 1024;

const ENTRY = new URL("./unpacking.js", import.meta.url);
/** Not where the sources run as they are, or in a bundle of others, which lacks the file. */
let isBuilt: boolean | null = null;
/** Threads that decompress now, of those that have a processor beside the one that reads. */
let running = 0;

function mayStart(): boolean {
  isBuilt ??= ENTRY.protocol === "file:" && existsSync(fileURLToPath(ENTRY));
  return isBuilt && running < availableParallelism() - 1;
}

export class UnpackedSource implements Source {
  readonly name: string;
  readonly bytesTotal: number;
  readonly compression: Compression | null;
  readonly #file: FileSource;
  /** Decompresses here: the beginning, and all of it where there is no other thread. */
  readonly #here: Source;
  #delivered = 0;
  #shared: SharedBytes | null = null;
  #worker: Worker | null = null;
  #failure: Error | null = null;
  #isClosed = false;
  #resume: (() => void) | null = null;

  /** `here` decompresses what `file` holds. */
  constructor(file: FileSource, here: Source) {
    this.name = file.name;
    this.bytesTotal = file.bytesTotal;
    this.compression = here.compression;
    this.#file = file;
    this.#here = here;
  }

  /** Whether decompressing the file is worth a thread. */
  static isWorth(file: FileSource): boolean {
    return file.bytesTotal >= WORTH_BYTES;
  }

  get bytesRead(): number {
    return Math.max(this.#here.bytesRead, this.#shared?.position ?? 0);
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    if (this.#isClosed) return 0;
    if (this.#shared === null) {
      if (this.#delivered === 0 || !mayStart()) return this.#readHere(into, offset, length);
      this.#shared = this.#start();
    }
    const shared = this.#shared;
    const wanted = Math.min(length, PIECE_BYTES);
    while (!shared.has(wanted)) {
      if (this.#failure !== null) throw this.#failure;
      await this.#woken(shared, wanted);
      if (this.#isClosed) return 0;
    }
    const count = shared.read(into, offset, wanted);
    return count > 0 ? count : this.#end(shared);
  }

  async #readHere(into: Uint8Array, offset: number, length: number): Promise<number> {
    const count = await this.#here.read(into, offset, length);
    this.#delivered += count;
    return count;
  }

  #start(): SharedBytes {
    const shared = new SharedBytes();
    const { descriptor, name, bytesTotal: size } = this.#file;
    const order: Order = { memory: shared.memory, descriptor, name, size, skip: this.#delivered };
    const worker = new Worker(ENTRY, { workerData: order });
    this.#worker = worker;
    running++;
    worker.on("message", () => this.#wake());
    worker.on("error", (error) => {
      this.#failure = error;
      this.#wake();
    });
    worker.on("exit", () => {
      running--;
      if (!shared.isEnded) this.#failure ??= new Error(`the thread that reads ${name} is gone`);
      this.#wake();
    });
    // While nobody waits for its bytes it keeps no process from ending.
    worker.unref();
    return shared;
  }

  #woken(shared: SharedBytes, wanted: number): Promise<void> {
    return new Promise((resolve) => {
      if (!shared.ask(wanted)) {
        resolve();
        return;
      }
      this.#worker!.ref();
      this.#resume = resolve;
    });
  }

  #wake(): void {
    const resume = this.#resume;
    this.#resume = null;
    if (resume === null) return;
    this.#worker!.unref();
    resume();
  }

  #end(shared: SharedBytes): number {
    const failure = shared.failure;
    if (failure !== null) throw failure;
    return 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    // Before the descriptor, which it reads from.
    await this.#worker?.terminate();
    await this.#here.close();
  }
}
