/**
 * A capture that hands on another one's packets: those it lets pass, as they are or changed. Base of what stands between a
 * file and its analysis where the command line asks for it.
 */
import { CopiedPacket } from "./copied-packet.js";
import type { Capture, CaptureInterface, CaptureProblem } from "./packet.js";

export abstract class PassedCapture extends CopiedPacket implements Capture {
  protected readonly inner: Capture;

  constructor(inner: Capture) {
    super();
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
      this.show(this.inner);
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
}
