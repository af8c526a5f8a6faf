/**
 * A capture that hands on another one's packets: those it lets pass, as they are or changed. Base of what stands between a
 * file and its analysis where the command line asks for it.
 */
import type { Capture, CaptureInterface, CaptureProblem } from "./packet.js";

export abstract class PassedCapture implements Capture {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  start = 0;
  end = 0;
  originalLength = 0;
  timeNs = 0.5;
  linkType = 0;
  file = 0;
  interfaceId = 0;
  number = 0;
  offset = 0.5;
  protected readonly inner: Capture;

  constructor(inner: Capture) {
    this.inner = inner;
  }

  get format(): string {
    return this.inner.format;
  }

  get originNs(): bigint | null {
    return this.inner.originNs;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.inner.interfaces;
  }

  get problems(): readonly CaptureProblem[] {
    return this.inner.problems;
  }

  get backwardSteps(): number {
    return this.inner.backwardSteps;
  }

  get bytesRead(): number {
    return this.inner.bytesRead;
  }

  get bytesTotal(): number | null {
    return this.inner.bytesTotal;
  }

  fill(): Promise<boolean> {
    return this.inner.fill();
  }

  next(): boolean {
    while (this.inner.next()) {
      if (!this.passes()) continue;
      this.#copy();
      this.change();
      return true;
    }
    return false;
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  /** Whether the packet under the inner cursor is handed on. */
  protected abstract passes(): boolean;

  /** Changes the packet that is about to be handed on. */
  protected change(): void {}

  #copy(): void {
    const { inner } = this;
    if (this.bytes !== inner.bytes) this.bytes = inner.bytes as Uint8Array<ArrayBuffer>;
    if (this.view !== inner.view) this.view = inner.view as DataView<ArrayBuffer>;
    this.start = inner.start;
    this.end = inner.end;
    this.originalLength = inner.originalLength;
    this.timeNs = inner.timeNs;
    this.linkType = inner.linkType;
    this.file = inner.file;
    this.interfaceId = inner.interfaceId;
    this.number = inner.number;
    this.offset = inner.offset;
  }
}
