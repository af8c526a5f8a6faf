/**
 * Several interfaces captured at once, as one pcapng stream in the order of time: pieces of a pcap stream of each in,
 * blocks out.
 *
 * The kernel hands packets over a while after they came, of each interface by itself: what came last is held back until
 * nothing older can come. Nothing is made for a packet.
 */
import { type CapturedCounts, CapturedFile } from "./captured-file.js";

/** What waits longer than this, as where the clock was set, goes on as it stands. */
const LONGEST_WAIT_MS = 1000;
const MOST_WAITING_BYTES = 32 * 1024 * 1024;
/** No number of packets: the first one is told. */
const NOTHING_TOLD = -1;
const WORD = 0x1_0000_0000;
/** Where an enhanced packet block has its time: the upper word, and the lower behind it. */
const TIME_AT = 12;

/** Blocks of one interface that wait, in pieces as they came. */
interface Queue {
  readonly file: CapturedFile;
  readonly pieces: { readonly bytes: Uint8Array; readonly view: DataView; readonly cameMs: number }[];
  /** Where the next block begins in the first piece. */
  at: number;
  /** Packets that its system dropped, as was told last. */
  dropped: number;
}

export class CapturedMerge {
  readonly #queues: Queue[];
  readonly #emit: (blocks: Uint8Array) => void;
  #out = new Uint8Array(64 * 1024);
  #filled = 0;
  #waiting = 0;

  /** `filters`: what the kernel filters, by interface. `emit` is given whole blocks, valid until it returns. */
  constructor(names: readonly string[], filters: readonly string[], emit: (blocks: Uint8Array) => void) {
    this.#emit = emit;
    this.#queues = names.map((name, number) => ({
      file: new CapturedFile(name, filters[number]!, number),
      pieces: [],
      at: 0,
      dropped: NOTHING_TOLD,
    }));
  }

  /** Takes the next piece of the pcap stream of an interface; its header is the first. */
  take(number: number, piece: Uint8Array, nowMs: number): void {
    const queue = this.#queues[number]!;
    const isHeader = !queue.file.isBegun;
    const blocks = queue.file.take(piece);
    if (blocks.length === 0) return;
    if (isHeader) {
      this.#emit(blocks);
      return;
    }
    const bytes = blocks.slice();
    queue.pieces.push({ bytes, view: new DataView(bytes.buffer), cameMs: nowMs });
    this.#waiting += bytes.length;
  }

  /** Hands on what came before a time of the epoch in milliseconds; nothing older comes any more. */
  advance(untilMs: number, nowMs: number): void {
    const oldest = Math.min(...this.#queues.map(({ pieces }) => pieces[0]?.cameMs ?? nowMs));
    const isOverdue = nowMs - oldest > LONGEST_WAIT_MS || this.#waiting > MOST_WAITING_BYTES;
    this.#flush(isOverdue ? Number.POSITIVE_INFINITY : untilMs);
  }

  /** Hands on all that waits. */
  end(): void {
    this.#flush(Number.POSITIVE_INFINITY);
  }

  /** The block that tells what was counted of an interface; null where nothing was dropped since it was told last. */
  statistics(
    number: number,
    counts: CapturedCounts,
    startMs: number,
    nowMs: number,
    isLast = false,
  ): Uint8Array | null {
    const queue = this.#queues[number]!;
    const dropped = counts.droppedByKernel + counts.droppedByInterface;
    if (dropped === queue.dropped && !isLast) return null;
    queue.dropped = dropped;
    return queue.file.end(counts, startMs, nowMs);
  }

  #flush(untilMs: number): void {
    // Exact to 256 ns, which is all that a bound needs.
    const high = untilMs === Number.POSITIVE_INFINITY ? untilMs : Math.floor((untilMs * 1e6) / WORD);
    for (let next = this.#earliest(); next !== null; next = this.#earliest()) {
      const { bytes, view } = next.pieces[0]!;
      if (view.getUint32(next.at + TIME_AT, true) >= high) break;
      const length = view.getUint32(next.at + 4, true);
      this.#put(bytes, next.at, length);
      next.at += length;
      this.#waiting -= length;
      if (next.at < bytes.length) continue;
      next.pieces.shift();
      next.at = 0;
    }
    if (this.#filled > 0) this.#emit(this.#out.subarray(0, this.#filled));
    this.#filled = 0;
  }

  /** The queue whose next packet is the oldest of all; of the same time the first interface's. */
  #earliest(): Queue | null {
    let first: Queue | null = null;
    let [firstHigh, firstLow] = [0, 0];
    for (const queue of this.#queues) {
      const piece = queue.pieces[0];
      if (piece === undefined) continue;
      const high = piece.view.getUint32(queue.at + TIME_AT, true);
      const low = piece.view.getUint32(queue.at + TIME_AT + 4, true);
      if (first !== null && (high > firstHigh || (high === firstHigh && low >= firstLow))) continue;
      first = queue;
      firstHigh = high;
      firstLow = low;
    }
    return first;
  }

  #put(bytes: Uint8Array, at: number, length: number): void {
    if (this.#filled + length > this.#out.length) {
      if (this.#filled > 0) this.#emit(this.#out.subarray(0, this.#filled));
      this.#filled = 0;
      if (length > this.#out.length) this.#out = new Uint8Array(length * 2);
    }
    this.#out.set(bytes.subarray(at, at + length), this.#filled);
    this.#filled += length;
  }
}
