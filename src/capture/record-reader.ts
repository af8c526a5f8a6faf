/**
 * The part of a capture reader that knows nothing about its format: one chunk of the file in memory and a cursor in it.
 *
 * While `next()` moves through a chunk, the following one is already being read into a second buffer. `fill()` waits for
 * it, and is the only place that waits; then it joins what is unread to what came, copying the shorter of the two. The
 * two buffers keep their size, and nothing is allocated, save for a record that is larger: then room is doubled while
 * bytes really arrive, so that a false length cannot claim memory. Nothing here looks into a packet.
 */
import { displayName, formatCount } from "./capture-error.js";
import type { CaptureSource } from "./capture-source.js";
import type { InterfaceTable } from "./interface-table.js";
import type { Capture, CaptureInterface, CaptureProblem } from "./packet.js";
import { ReadAhead, viewOf } from "./read-ahead.js";

/** What `openCapture` hands to a reader: the source, what was already read of it to tell the format, and its place. */
export interface ReaderInput {
  readonly source: CaptureSource;
  readonly bytes: Uint8Array;
  /** The size that the reader's chunk keeps to, save for larger records; in bytes. */
  readonly chunkBytes: number;
  /** How many bytes of the chunk are filled. */
  readonly filled: number;
  /** Index of this file among all inputs, from 0. */
  readonly file: number;
  readonly interfaces: InterfaceTable;
}

/** Packets of several queues or interfaces come a little out of order; nobody's clock runs back so far by itself. */
const STEP_NS = 1e9;

export abstract class RecordReader implements Capture {
  bytes: Uint8Array;
  view: DataView;
  start = 0;
  end = 0;
  originalLength = 0;
  // Fields that hold fractions or exceed 31 bits begin with a fraction, so that the engine never changes their kind.
  timeNs = 0.5;
  linkType = 0;
  readonly file: number;
  interfaceId = 0;
  number = 0;
  offset = 0.5;

  abstract readonly format: string;
  originNs: bigint | null = null;
  readonly problems: CaptureProblem[] = [];
  backwardSteps = 0;

  /** Where the next record begins, and where the filled part ends, in `bytes`. */
  protected position = 0;
  protected limit: number;
  /** File offset of `bytes[0]`; below 0 where headroom stands in front of the file's beginning. */
  protected base = 0.5;
  /** Bytes from `position` on that `next()` needs before it can go on. */
  protected wanted = 0;
  /** Set once no further packet can come; `next()` then finds an empty chunk. */
  protected isFinished = false;
  /** Numbers given to records that no packet was delivered for. */
  protected withoutPacket = 0;
  /** Time of the previous packet, to notice a clock that runs backwards. */
  protected previousNs = Number.NEGATIVE_INFINITY;
  protected readonly interfaceTable: InterfaceTable;

  private readonly source: CaptureSource;
  private readonly chunkBytes: number;
  private readonly name: string;
  private readonly ahead: ReadAhead;
  /** What was read to tell the format has not been offered to `next()` yet. */
  private isFresh = true;
  private backwards: CaptureProblem | null = null;
  private exceeding: CaptureProblem | null = null;

  constructor(input: ReaderInput) {
    this.source = input.source;
    this.name = displayName(input.source.name);
    this.bytes = input.bytes;
    this.chunkBytes = input.chunkBytes;
    this.view = viewOf(input.bytes);
    this.limit = input.filled;
    this.file = input.file;
    this.interfaceTable = input.interfaces;
    this.ahead = new ReadAhead(input.source, input.chunkBytes);
    this.timeNs = 0;
    this.offset = 0;
    this.base = 0;
  }

  abstract next(): boolean;

  /** Says in `problems` what was left over when the input ended inside a record; called once, with a tail present. */
  protected abstract reportCut(available: number): void;

  get interfaces(): readonly CaptureInterface[] {
    return this.interfaceTable.list;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  get bytesTotal(): number | null {
    return this.source.bytesTotal;
  }

  async fill(): Promise<boolean> {
    if (this.isFinished) return false;
    if (this.isFresh) {
      this.isFresh = false;
      this.ahead.begin();
      if (this.position < this.limit) return true;
    }
    // Whoever asks for more without having looked at what is there gets no more of it.
    if (this.limit - this.position >= Math.max(this.wanted, this.chunkBytes)) return true;
    let count: number;
    try {
      count = await this.ahead.arrived();
    } catch (error) {
      if (this.source.droppedPackets !== undefined) this.noteDropped(this.source.droppedPackets);
      if (this.isFinished) return false;
      this.finish();
      this.reportReadError(error);
      return false;
    }
    if (this.source.droppedPackets !== undefined) this.noteDropped(this.source.droppedPackets);
    // Closed while it waited.
    if (this.isFinished) return false;
    if (count > 0) {
      this.join(count);
      this.ahead.begin();
      return true;
    }
    // A reader that scans for the next section may still have to look at its tail, and says so by consuming it.
    const available = this.limit - this.position;
    const isCut = available > 0 && this.source.isStopped !== true;
    if (isCut || this.isSearching()) this.reportCut(available);
    this.finish();
    return false;
  }

  close(): Promise<void> {
    this.finish();
    return this.source.close();
  }

  /** Takes what the source says that its system dropped, where the format has no place for it. */
  protected noteDropped(_packets: number): void {}

  /** True while the reader is between records of a damaged file, looking for a place to go on. */
  protected isSearching(): boolean {
    return false;
  }

  /** Ends reading: nothing that follows in the file is delivered. */
  protected finish(): void {
    this.isFinished = true;
    this.position = this.limit;
  }

  /** Adds a problem; `text` continues the sentence that begins with the file's name. */
  protected report(
    kind: string,
    text: string,
    isFatal: boolean,
    offset: number | null,
    frame: number | null,
  ): CaptureProblem {
    const problem: CaptureProblem = {
      kind,
      sentence: `${this.name}: ${text}`,
      isFatal,
      file: this.file,
      offset,
      frame,
      count: 1,
    };
    this.problems.push(problem);
    return problem;
  }

  /** "the 14 packets before it are reported", for any number of packets delivered so far. */
  protected deliveredText(): string {
    const delivered = this.number - this.withoutPacket;
    if (delivered === 0) return "no packet stands before it";
    if (delivered === 1) return "the packet before it is reported";
    return `the ${formatCount(delivered)} packets before it are reported`;
  }

  /** Counts a packet whose time lies before its predecessor's; the first one gives the sentence. */
  protected countBackwards(): void {
    if (this.previousNs - this.timeNs > STEP_NS) this.backwardSteps++;
    if (this.backwards !== null) {
      this.backwards.count++;
      return;
    }
    this.backwards = this.report(
      "time-backwards",
      `the time of packet ${formatCount(this.number)} lies ${formatCount(Math.round((this.previousNs - this.timeNs) / 1000))} µs before that of the packet in front of it`,
      false,
      this.offset,
      this.number,
    );
  }

  /** Counts a packet that claims more captured bytes than it had on the wire; the captured count is believed. */
  protected countExceeding(captured: number, original: number): void {
    if (this.exceeding !== null) {
      this.exceeding.count++;
      return;
    }
    this.exceeding = this.report(
      "captured-exceeds-original",
      `packet ${formatCount(this.number)} says that ${formatCount(captured)} bytes were captured of ${formatCount(original)}; ${formatCount(captured)} is taken for both`,
      false,
      this.offset,
      this.number,
    );
  }

  private reportReadError(error: unknown): void {
    const kind = error instanceof Error && "kind" in error ? String(error.kind) : "read-failed";
    const text = displayName(error instanceof Error ? error.message : String(error));
    const sentence = text.startsWith(`${this.name}: `) ? text.slice(this.name.length + 2) : text;
    this.report(kind, `${sentence}; ${this.deliveredText()}`, true, this.base + this.limit, null);
  }

  /** Makes one piece of the unread tail and the `count` bytes that came. */
  private join(count: number): void {
    const { ahead } = this;
    const tail = this.limit - this.position;
    const hasRoomBehind = this.limit + count <= this.bytes.length;
    if (tail <= ahead.headroom && (tail <= count || !hasRoomBehind)) {
      this.joinAhead(tail, count);
      return;
    }
    if (!hasRoomBehind) this.makeRoom(tail, count);
    this.bytes.set(ahead.bytes.subarray(ahead.headroom, ahead.headroom + count), this.limit);
    this.limit += count;
    if (tail > ahead.headroom) ahead.widen(tail * 2);
  }

  /** Goes on in the other buffer, with the tail copied in front of what came into it. */
  private joinAhead(tail: number, count: number): void {
    const { ahead, bytes, view } = this;
    const position = ahead.headroom - tail;
    if (tail > 0) ahead.bytes.set(bytes.subarray(this.position, this.limit), position);
    this.bytes = ahead.bytes;
    this.view = ahead.view;
    ahead.exchange(bytes, view);
    this.base += this.position - position;
    this.position = position;
    this.limit = ahead.headroom + count;
  }

  /** Moves the tail to the front of the chunk, or of a larger one, so that `count` bytes have room behind it. */
  private makeRoom(tail: number, count: number): void {
    const needed = tail + count;
    if (needed <= this.bytes.length) {
      this.bytes.copyWithin(0, this.position, this.limit);
    } else {
      // Doubling with the bytes that came, not with the length that a header claims.
      const larger = new Uint8Array(Math.max(needed, Math.min(this.wanted, needed * 2)));
      larger.set(this.bytes.subarray(this.position, this.limit));
      this.bytes = larger;
      this.view = viewOf(larger);
    }
    this.base += this.position;
    this.position = 0;
    this.limit = tail;
  }
}
