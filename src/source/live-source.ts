/**
 * Interfaces as a source of bytes that another thread captures, behind a bounded ring: an endless pcap stream of one,
 * a pcapng stream of several.
 *
 * However long a screen takes to draw, packets are taken from the kernel meanwhile; a reader that stays behind for longer
 * than the ring has room lets the kernel's own buffer fill, and what it drops is counted.
 */
import { Worker } from "node:worker_threads";
import { CaptureControl, type CaptureCounts, type CaptureOrder, captureName } from "./live-order.js";
import { SharedBytes } from "./shared-bytes.js";
import type { Source } from "./source.js";

/** Bytes that may wait for the analysis: half a second of 500,000 small packets a second. */
const RING_BYTES = 32 * 1024 * 1024;
const ENTRY = new URL("./capturing.js", import.meta.url);

export class LiveSource implements Source {
  readonly name: string;
  /** Of a single interface; several say in the stream who they are. */
  readonly interfaceName?: string;
  readonly bytesTotal = null;
  readonly compression = null;
  bytesRead = 0;
  readonly #ring = new SharedBytes(RING_BYTES);
  readonly #control = new CaptureControl();
  readonly #exited: Promise<void>;
  #failure: Error | null = null;
  #resume: (() => void) | null = null;

  /** Begins to capture; what keeps it from that is thrown by the first `read`. */
  constructor(order: CaptureOrder) {
    this.name = captureName(order);
    if (order.interfaceNames.length === 1) this.interfaceName = this.name;
    const workerData = { ...order, ring: this.#ring.memory, control: this.#control.memory };
    // It closes a descriptor that was opened elsewhere, where a ring of files is written.
    const worker = new Worker(ENTRY, { workerData, trackUnmanagedFds: false });
    worker.on("message", () => this.#wake());
    worker.on("error", (error) => {
      this.#failure = error;
      this.#wake();
    });
    this.#exited = new Promise((resolve) => {
      worker.on("exit", () => {
        if (!this.#ring.isEnded)
          this.#failure ??= new Error(`the thread that captures from ${this.name} is gone`);
        this.#wake();
        resolve();
      });
    });
  }

  /** Packets that the kernel or the interface had no room for, so far. */
  get droppedPackets(): number {
    const { droppedByKernel, droppedByInterface } = this.counts;
    return droppedByKernel + droppedByInterface;
  }

  get counts(): CaptureCounts {
    return this.#control.counts;
  }

  /** Ends the capture in good order: what came until now can still be read, and then the end. */
  stop(): void {
    this.#control.stop();
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    while (!this.#ring.has(1)) {
      if (this.#failure !== null) throw this.#failure;
      await this.#woken();
    }
    const count = this.#ring.read(into, offset, length);
    this.bytesRead += count;
    return count > 0 ? count : this.#end();
  }

  /** Stops it, throws away what nobody read, and waits until the thread is gone. */
  async close(): Promise<void> {
    this.stop();
    const nothing = new Uint8Array(256 * 1024);
    // Its last packets may wait for room.
    const timer = setInterval(() => {
      while (this.#ring.read(nothing, 0, nothing.length) > 0);
    }, 5);
    await this.#exited;
    clearInterval(timer);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      if (!this.#ring.ask(1)) this.#wake();
    });
  }

  #wake(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  #end(): number {
    const failure = this.#ring.failure;
    if (failure !== null) throw failure;
    return 0;
  }
}
