/**
 * Several captures read as one, in the order of their times, then in that of their names, whichever way they were given.
 *
 * Each file keeps one cursor; a binary heap of file numbers, ordered by the time under each cursor, says which is next.
 * A file whose own times run backwards is not sorted: its packets come in its own order. Times count from the earliest
 * first packet of all files. Nothing is allocated for a packet.
 */
import { CopiedPacket } from "./copied-packet.js";
import type { Capture, CaptureInterface, CaptureProblem } from "./packet.js";

export class MergedCapture extends CopiedPacket implements Capture {
  readonly format = "merged";
  originNs: bigint | null = null;

  private readonly inputs: readonly Capture[];
  /** What is added to a file's own times so that they count from the common origin; NaN until it is known. */
  private readonly shiftNs: Float64Array;
  /** The time under each file's cursor. */
  private readonly keyNs: Float64Array;
  private readonly ranks: Int32Array;
  private readonly heap: Int32Array;
  private heapSize = 0;
  /** The file whose packet was delivered last and whose cursor has to move before the next choice; else -1. */
  private current = -1;
  private hasStarted = false;

  /** `ranks`: which input comes first among packets of the same time. */
  constructor(inputs: readonly Capture[], ranks: readonly number[]) {
    super();
    this.inputs = inputs;
    this.ranks = Int32Array.from(ranks);
    this.shiftNs = new Float64Array(inputs.length).fill(Number.NaN);
    this.keyNs = new Float64Array(inputs.length);
    this.heap = new Int32Array(inputs.length);
    this.timeNs = 0;
    this.offset = 0;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.inputs[0]?.interfaces ?? [];
  }

  get backwardSteps(): number {
    return this.inputs.reduce((sum, input) => sum + input.backwardSteps, 0);
  }

  get problems(): readonly CaptureProblem[] {
    return this.inputs.flatMap((input) => input.problems);
  }

  get bytesRead(): number {
    return this.inputs.reduce((sum, input) => sum + input.bytesRead, 0);
  }

  get bytesTotal(): number | null {
    let sum = 0;
    for (const input of this.inputs) {
      if (input.bytesTotal === null) return null;
      sum += input.bytesTotal;
    }
    return sum;
  }

  async fill(): Promise<boolean> {
    if (!this.hasStarted) return this.begin();
    if (this.current < 0) return this.heapSize > 0;
    if (!(await advance(this.inputs[this.current]!))) {
      this.removeTop();
    } else {
      this.rekeyTop();
    }
    this.current = -1;
    return this.heapSize > 0;
  }

  next(): boolean {
    if (this.current >= 0) {
      if (!this.inputs[this.current]!.next()) return false;
      this.rekeyTop();
      this.current = -1;
    }
    if (this.heapSize === 0) return false;
    const file = this.heap[0]!;
    const input = this.inputs[file]!;
    this.current = file;
    this.show(input);
    this.timeNs = this.keyNs[file]!;
    return true;
  }

  async close(): Promise<void> {
    this.heapSize = 0;
    this.current = -1;
    this.hasStarted = true;
    await Promise.all(this.inputs.map((input) => input.close()));
  }

  /** Moves every cursor to its first packet, together: one slow pipe does not keep the files from being opened. */
  private async begin(): Promise<boolean> {
    this.hasStarted = true;
    const hasPacket = await Promise.all(this.inputs.map(advance));
    for (const input of this.inputs) {
      const origin = input.originNs;
      if (origin !== null && (this.originNs === null || origin < this.originNs)) this.originNs = origin;
    }
    for (let file = 0; file < this.inputs.length; file++) {
      if (!hasPacket[file]) continue;
      this.keyNs[file] = this.timeOf(file);
      this.siftUp(file);
    }
    return this.heapSize > 0;
  }

  private timeOf(file: number): number {
    const shift = this.shiftNs[file]!;
    const input = this.inputs[file]!;
    if (!Number.isNaN(shift)) return input.timeNs + shift;
    // A file may begin with packets that carry no time: they take the common origin until one does.
    if (input.originNs === null) return 0;
    if (this.originNs === null) this.originNs = input.originNs;
    this.shiftNs[file] = Number(input.originNs - this.originNs);
    return input.timeNs + this.shiftNs[file]!;
  }

  /** Puts the top of the heap in its place again after its cursor moved. */
  private rekeyTop(): void {
    const file = this.heap[0]!;
    this.keyNs[file] = this.timeOf(file);
    this.siftDown(file);
  }

  private removeTop(): void {
    this.heapSize--;
    if (this.heapSize > 0) this.siftDown(this.heap[this.heapSize]!);
  }

  private isBefore(a: number, b: number): boolean {
    const timeA = this.keyNs[a]!;
    const timeB = this.keyNs[b]!;
    return timeA < timeB || (timeA === timeB && this.ranks[a]! < this.ranks[b]!);
  }

  private siftDown(file: number): void {
    const heap = this.heap;
    const size = this.heapSize;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && this.isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.isBefore(heap[child]!, file)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = file;
  }

  private siftUp(file: number): void {
    const heap = this.heap;
    let hole = this.heapSize++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.isBefore(file, heap[parent]!)) break;
      heap[hole] = heap[parent]!;
      hole = parent;
    }
    heap[hole] = file;
  }
}

/** Moves a cursor to its next packet, reading as often as that takes; false at the end of the file. */
async function advance(input: Capture): Promise<boolean> {
  while (!input.next()) {
    if (!(await input.fill())) return input.next();
  }
  return true;
}
