/**
 * A stream of bytes from one thread to another, through a ring in memory that both share.
 *
 * The writer waits where the ring is full, so that no more than the ring's bytes pile up behind a slow reader; the reader
 * never blocks and asks to be woken instead. How the stream ended, and why, stands in the same memory, behind its bytes.
 */

import { SourceError, type SourceErrorKind } from "./source.js";

/** Bytes that may wait to be read, where nothing else is asked for; a power of two. */
export const RING_BYTES = 4 * 1024 * 1024;

// ---- words of the head
/** Bytes written, and read, since the beginning; they wrap, their difference does not. */
const WRITTEN = 0;
const READ = 1;
/** How many bytes the reader wants to be woken for; 0: it does not wait. */
const WANTED = 2;
/** 0 while more may come; then 1 + the bytes of the text that says why it ended. */
const ENDED = 3;
const HEAD_WORDS = 8;
/** Then a double: the writer's own position in its input. */
const POSITION_AT = HEAD_WORDS * 4;
const TEXT_AT = POSITION_AT + 8;
const TEXT_BYTES = 16 * 1024;
const RING_AT = TEXT_AT + TEXT_BYTES;

export class SharedBytes {
  readonly memory: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #position: Float64Array;
  readonly #text: Uint8Array;
  readonly #ring: Uint8Array;

  /** A new ring of so many bytes, a power of two, or one whose memory came from the other thread. */
  constructor(bytesOrMemory: number | SharedArrayBuffer = RING_BYTES) {
    const memory =
      typeof bytesOrMemory === "number" ? new SharedArrayBuffer(RING_AT + bytesOrMemory) : bytesOrMemory;
    this.memory = memory;
    this.#head = new Int32Array(memory, 0, HEAD_WORDS);
    this.#position = new Float64Array(memory, POSITION_AT, 1);
    this.#text = new Uint8Array(memory, TEXT_AT, TEXT_BYTES);
    this.#ring = new Uint8Array(memory, RING_AT);
  }

  /** How far the writer is in what it reads. */
  get position(): number {
    return this.#position[0]!;
  }

  set position(bytes: number) {
    this.#position[0] = bytes;
  }

  // ---- the writer's

  /** Writes all of it, waiting for room; `wake` is called where the reader waits for what is there now. */
  write(bytes: Uint8Array, wake: () => void): void {
    for (let from = 0; from < bytes.length; ) {
      const room = this.#waitForRoom();
      const written = Atomics.load(this.#head, WRITTEN);
      const at = written & (this.#ring.length - 1);
      const count = Math.min(room, this.#ring.length - at, bytes.length - from);
      this.#ring.set(bytes.subarray(from, from + count), at);
      Atomics.store(this.#head, WRITTEN, (written + count) | 0);
      from += count;
      this.#wakeReader(wake);
    }
  }

  /** Nothing more comes, for `failure` where that is not as it should be: for the reader, once it has read everything. */
  end(failure: SourceError | null, wake: () => void): void {
    const why =
      failure && JSON.stringify({ kind: failure.kind, path: failure.path, sentence: failure.sentence });
    const text = new TextEncoder().encode(why ?? "").subarray(0, TEXT_BYTES);
    this.#text.set(text);
    Atomics.store(this.#head, ENDED, 1 + text.length);
    this.#wakeReader(wake);
  }

  #waitForRoom(): number {
    for (;;) {
      const read = Atomics.load(this.#head, READ);
      const room = this.#ring.length - ((Atomics.load(this.#head, WRITTEN) - read) | 0);
      if (room > 0) return room;
      Atomics.wait(this.#head, READ, read);
    }
  }

  #wakeReader(wake: () => void): void {
    const wanted = Atomics.load(this.#head, WANTED);
    if (wanted > 0 && this.has(wanted) && Atomics.compareExchange(this.#head, WANTED, wanted, 0) === wanted)
      wake();
  }

  // ---- the reader's

  /** Whether so many bytes are there, or as many as will ever come. */
  has(wanted: number): boolean {
    return this.isEnded || this.#available() >= wanted;
  }

  /** Asks to be woken for so many bytes; where they came meanwhile it takes that back and says false. */
  ask(wanted: number): boolean {
    Atomics.store(this.#head, WANTED, wanted);
    if (!this.has(wanted)) return true;
    // Either the writer has taken the wish, and wakes for it, or it is taken back here.
    return Atomics.exchange(this.#head, WANTED, 0) === 0;
  }

  /** Reads at most `length` bytes of those that are there. */
  read(into: Uint8Array, offset: number, length: number): number {
    const read = Atomics.load(this.#head, READ);
    const count = Math.min(length, this.#available());
    const at = read & (this.#ring.length - 1);
    const first = Math.min(count, this.#ring.length - at);
    into.set(this.#ring.subarray(at, at + first), offset);
    into.set(this.#ring.subarray(0, count - first), offset + first);
    Atomics.store(this.#head, READ, (read + count) | 0);
    Atomics.notify(this.#head, READ);
    return count;
  }

  get isEnded(): boolean {
    return Atomics.load(this.#head, ENDED) > 0;
  }

  /** What the stream ended with, or null where nothing went wrong. */
  get failure(): SourceError | null {
    const bytes = Math.max(0, Atomics.load(this.#head, ENDED) - 1);
    if (bytes === 0) return null;
    const text = new TextDecoder().decode(this.#text.slice(0, bytes));
    const { kind, path, sentence } = JSON.parse(text) as {
      kind: SourceErrorKind;
      path: string;
      sentence: string;
    };
    return new SourceError(kind, path, sentence);
  }

  #available(): number {
    return (Atomics.load(this.#head, WRITTEN) - Atomics.load(this.#head, READ)) | 0;
  }
}
