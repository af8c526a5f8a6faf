/**
 * The record layer of one direction of a TLS connection (RFC 8446 §5.1), from TCP segments that may split it anywhere,
 * come out of order, come again, or be cut by the capture.
 *
 * Only headers are needed to go from record to record: content is passed over, captured or not, but for the message or
 * alert that is waited for. What comes early waits in a block of 4 kB; what is missing for good ends the walk.
 */
import {
  ALERT,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  HEARTBEAT,
  MESSAGE_HEADER,
  MOST_RECORD_BYTES,
  RECORD_HEADER,
} from "../wire/tls.js";

/** Bytes of a message that are kept, and of what comes early. */
export const BLOCK_BYTES = 4096;
/** A message that claims to be longer is none. */
const MOST_MESSAGE_BYTES = 2 ** 16;
/** Segments that wait for one before them. */
const MOST_PIECES = 16;
/** So far into a direction, and beyond what is known of it, the walk goes; then it is given up. */
export const MOST_AHEAD = 2 ** 16;
const ALERT_BYTES = 2;

/** Who is told of what the records are. */
export interface RecordSink {
  /** A record begins: its header was read. `length`: bytes behind it. `name` is the packet's (packet-names.ts). */
  record(side: number, type: number, length: number, timeNs: number, name: number): void;
  /** An alert in the clear; -1 for what was not captured. */
  alert(side: number, level: number, description: number, timeNs: number, name: number): void;
  /**
   * The message that was waited for, as far as it was captured, in the first bytes of `block`; `beganAt` is the time
   * of its record's first byte, `endedAt` of its last. Returns whether another one is waited for.
   */
  message(
    side: number,
    block: Uint8Array,
    end: number,
    beganAt: number,
    endedAt: number,
    name: number,
  ): boolean;
}

/** Where blocks come from. */
export interface Blocks {
  take(): Uint8Array;
  give(block: Uint8Array): void;
}

/** A segment that came before one below it: its bytes stand in the block. */
interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly at: number;
  readonly captured: number;
  readonly timeNs: number;
  readonly name: number;
}

export class TlsStream {
  /** Sequence number of the direction's first byte. */
  readonly base: number;
  /** Bytes that were walked over. */
  next = 0;
  /** The walk is over: the next header is unknown, or there are no records here. */
  isOver = false;

  readonly #side: number;
  readonly #messageType: number;
  readonly #blocks: Blocks;
  readonly #header = [0, 0, 0, 0, 0];
  #headerBytes = 0;
  /** Bytes of the record that are still to come. */
  #left = 0;
  #recordAt = 0;
  #recordName = 0;
  #isAlertAwaited = false;
  readonly #alert = [-1, -1];
  #alertBytes = 0;
  #isMessageAwaited = true;
  #message: Uint8Array | null = null;
  /** Bytes of it that were captured without a gap from its beginning, and that went by. */
  #kept = 0;
  #gone = 0;
  #messageBeganAt = 0;
  #messageEndedAt = 0;
  #messageName = 0;
  #pieces: Piece[] = [];
  #early: Uint8Array | null = null;
  #earlyBytes = 0;

  constructor(side: number, base: number, messageType: number, blocks: Blocks) {
    this.#side = side;
    this.base = base;
    this.#messageType = messageType;
    this.#blocks = blocks;
  }

  /** A segment with payload `offset` bytes into the direction: `captured` of its `length` bytes stand from `start` on. */
  segment(
    sink: RecordSink,
    offset: number,
    bytes: Uint8Array,
    start: number,
    captured: number,
    length: number,
    timeNs: number,
    name: number,
  ): void {
    if (this.isOver || offset + length <= this.next) return;
    if (offset > this.next + MOST_AHEAD || this.next > MOST_AHEAD) {
      this.#giveUp();
      return;
    }
    this.#passOver(offset);
    if (offset > this.next) {
      this.#keepPiece(offset, bytes, start, captured, length, timeNs, name);
      return;
    }
    this.#walk(sink, offset, bytes, start, captured, length, timeNs, name);
    while (this.#pieces.length > 0 && !this.isOver) {
      const at = this.#pieces.findIndex((piece) => piece.offset <= this.next);
      if (at < 0) break;
      const [piece] = this.#pieces.splice(at, 1) as [Piece];
      if (piece.offset + piece.length > this.next)
        this.#walk(
          sink,
          piece.offset,
          this.#early!,
          piece.at,
          piece.captured,
          piece.length,
          piece.timeNs,
          piece.name,
        );
    }
    if (this.#pieces.length === 0) this.#giveEarly();
  }

  /** Nothing more will come: a message that is not whole is told as far as it goes. Blocks go back. */
  end(sink: RecordSink): void {
    if (this.#message !== null && this.#kept > 0) this.#tellMessage(sink);
    this.#giveUp();
  }

  #giveUp(): void {
    this.isOver = true;
    this.#pieces = [];
    this.#giveEarly();
    if (this.#message !== null) this.#blocks.give(this.#message);
    this.#message = null;
  }

  /** Missing bytes are of no interest where they lie inside of a record that is passed over. */
  #passOver(offset: number): void {
    const gap = offset - this.next;
    const isPassing = this.#headerBytes === RECORD_HEADER && !this.#isCollecting();
    if (gap > 0 && isPassing && gap <= this.#left) this.#pass(gap);
  }

  #isCollecting(): boolean {
    return this.#isAlertAwaited || (this.#isMessageAwaited && this.#header[0] === HANDSHAKE);
  }

  #keepPiece(
    offset: number,
    bytes: Uint8Array,
    start: number,
    captured: number,
    length: number,
    timeNs: number,
    name: number,
  ): void {
    if (this.#pieces.length === MOST_PIECES || this.#earlyBytes + captured > BLOCK_BYTES) return;
    this.#early ??= this.#blocks.take();
    const at = this.#earlyBytes;
    this.#early.set(bytes.subarray(start, start + captured), at);
    this.#earlyBytes += captured;
    this.#pieces.push({ offset, length, at, captured, timeNs, name });
  }

  #giveEarly(): void {
    if (this.#early !== null) this.#blocks.give(this.#early);
    this.#early = null;
    this.#earlyBytes = 0;
  }

  #walk(
    sink: RecordSink,
    offset: number,
    bytes: Uint8Array,
    start: number,
    captured: number,
    length: number,
    timeNs: number,
    name: number,
  ): void {
    let at = this.next - offset;
    while (at < length && !this.isOver) {
      if (this.#headerBytes < RECORD_HEADER) {
        if (at >= captured) this.end(sink);
        else this.#takeHeader(sink, bytes[start + at]!, timeNs, name);
        at++;
        continue;
      }
      const taken = Math.min(this.#left, length - at);
      const here = Math.max(0, Math.min(taken, captured - at));
      if (this.#isAlertAwaited) this.#takeAlert(sink, bytes, start + at, here, taken);
      else if (this.#isCollecting()) this.#takeMessage(sink, bytes, start + at, here, taken, timeNs, name);
      this.#pass(taken);
      at += taken;
    }
  }

  #pass(bytes: number): void {
    this.next += bytes;
    this.#left -= bytes;
    if (this.#left === 0) this.#headerBytes = 0;
  }

  #takeHeader(sink: RecordSink, byte: number, timeNs: number, name: number): void {
    const header = this.#header;
    if (this.#headerBytes === 0) {
      this.#recordAt = timeNs;
      this.#recordName = name;
    }
    header[this.#headerBytes++] = byte;
    this.next++;
    if (this.#headerBytes < RECORD_HEADER) return;
    const [type, major, , high, low] = header as [number, number, number, number, number];
    this.#left = (high << 8) | low;
    if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT || major !== 3 || this.#left > MOST_RECORD_BYTES) {
      this.end(sink);
      return;
    }
    this.#isAlertAwaited = type === ALERT && this.#left === ALERT_BYTES;
    this.#alertBytes = 0;
    if (this.#left === 0) this.#headerBytes = 0;
    sink.record(this.#side, type, this.#left, this.#recordAt, this.#recordName);
  }

  #takeAlert(sink: RecordSink, bytes: Uint8Array, from: number, here: number, taken: number): void {
    for (let i = 0; i < taken; i++) this.#alert[this.#alertBytes++] = i < here ? bytes[from + i]! : -1;
    if (this.#alertBytes < ALERT_BYTES) return;
    this.#isAlertAwaited = false;
    sink.alert(this.#side, this.#alert[0]!, this.#alert[1]!, this.#recordAt, this.#recordName);
  }

  #takeMessage(
    sink: RecordSink,
    bytes: Uint8Array,
    from: number,
    here: number,
    taken: number,
    timeNs: number,
    name: number,
  ): void {
    if (this.#message === null) {
      this.#message = this.#blocks.take();
      this.#kept = 0;
      this.#gone = 0;
      this.#messageBeganAt = this.#recordAt;
      this.#messageEndedAt = timeNs;
    }
    const message = this.#message;
    const isWhole = this.#kept === this.#gone;
    const stated = this.#stated();
    // The length is not known before its header is there: byte by byte until then.
    const room = stated < 0 ? MESSAGE_HEADER - this.#gone : stated - this.#gone;
    const now = Math.min(taken, room);
    const kept = isWhole ? Math.min(now, here, BLOCK_BYTES - this.#kept) : 0;
    message.set(bytes.subarray(from, from + kept), this.#kept);
    this.#kept += kept;
    this.#gone += now;
    this.#messageEndedAt = Math.max(this.#messageEndedAt, timeNs);
    this.#messageName = name;
    if (this.#kept > 0 && message[0] !== this.#messageType) {
      this.#giveUp();
      return;
    }
    const length = this.#stated();
    const isHeaderCut = this.#gone >= MESSAGE_HEADER && length < 0;
    if (length > MOST_MESSAGE_BYTES) this.#giveUp();
    else if (isHeaderCut || (length >= 0 && this.#gone >= length)) this.#tellMessage(sink);
    else if (now < taken)
      this.#takeMessage(sink, bytes, from + now, Math.max(0, here - now), taken - now, timeNs, name);
  }

  /** Bytes of the message, its header included, as it says; -1 before that is known. */
  #stated(): number {
    const message = this.#message!;
    if (this.#kept < MESSAGE_HEADER) return -1;
    return MESSAGE_HEADER + ((message[1]! << 16) | (message[2]! << 8) | message[3]!);
  }

  #tellMessage(sink: RecordSink): void {
    const block = this.#message!;
    this.#message = null;
    this.#isMessageAwaited = sink.message(
      this.#side,
      block,
      this.#kept,
      this.#messageBeganAt,
      this.#messageEndedAt,
      this.#messageName,
    );
    this.#blocks.give(block);
  }
}
