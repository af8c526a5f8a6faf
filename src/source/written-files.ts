/**
 * The file that captured packets are written to, or a ring of them as `tcpdump -C -G -W` makes it: a new one after so many
 * bytes or seconds, and the oldest written over where there may be only so many.
 *
 * Knows no format: it is given blocks that stay whole, what a file begins and what it ends with.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { cannotWrite } from "./live-errors.js";
import type { WrittenOrder } from "./live-order.js";

/** Of packets, which tell what people do. */
const PRIVATE = 0o600;

/** What a format has to tell of its files. */
export interface WrittenFormat {
  /** How many of the blocks' first `bytes` bytes belong to whole ones. */
  wholeBytes(blocks: Uint8Array, bytes: number): number;
  /** The last blocks of a file. */
  foot(): Uint8Array;
}

export class WrittenFiles {
  readonly #order: WrittenOrder;
  readonly #format: WrittenFormat;
  #descriptor: number;
  #head = new Uint8Array(0) as Uint8Array;
  #bytes = 0;
  /** Files begun in all, and since the time in their name was taken. */
  #begun = 1;
  #sinceTime = 1;
  #timeMs: number;

  /** `order.descriptor` is the first of them, open already. */
  constructor(order: WrittenOrder, format: WrittenFormat) {
    this.#order = order;
    this.#format = format;
    this.#descriptor = order.descriptor;
    this.#timeMs = order.startMs;
  }

  /** Whether as many files are written as there may be, each for its time. */
  isFull(nowMs: number): boolean {
    const { seconds, bytes, files, startMs } = this.#order;
    return seconds !== null && files !== null && bytes === null && nowMs >= startMs + files * seconds * 1000;
  }

  /** Empties the first file; what is written next, until `isBegun`, every other one begins with too. */
  begin(): void {
    emptyFile(this.#descriptor, 0);
  }

  /** Writes what a file begins with. Throws `SourceError`. */
  writeHead(head: Uint8Array): void {
    this.#head = joinedBytes(this.#head, head);
    this.#save(head);
  }

  /** Writes whole blocks, into one file or several. Throws `SourceError`. */
  write(blocks: Uint8Array, nowMs: number): void {
    const { bytes, seconds } = this.#order;
    if (seconds !== null && nowMs >= this.#timeMs + seconds * 1000) this.#next(nowMs, true);
    for (let from = 0; from < blocks.length; ) {
      if (bytes !== null && this.#bytes > bytes) this.#next(nowMs, false);
      const rest = blocks.subarray(from);
      // The block with which a file grows beyond its size is its last.
      const room = bytes === null ? rest.length : bytes - this.#bytes + 1;
      let count = room >= rest.length ? rest.length : this.#format.wholeBytes(rest, room);
      if (count < rest.length && count < room) count += firstBlockBytes(rest.subarray(count));
      this.#save(rest.subarray(0, count));
      from += count;
    }
  }

  /** Ends the last file. Throws `SourceError`. */
  end(): void {
    this.#save(this.#format.foot());
  }

  #next(nowMs: number, isForTime: boolean): void {
    const { path, seconds, files } = this.#order;
    this.end();
    closeSync(this.#descriptor);
    if (isForTime) {
      // The time at which a file's turn began, however late its first packet came.
      this.#timeMs += Math.floor((nowMs - this.#timeMs) / (seconds! * 1000)) * seconds! * 1000;
      this.#sinceTime = 0;
    }
    const number = files !== null && seconds === null ? this.#begun % files : this.#sinceTime;
    const name = writtenName(this.#order, number, this.#timeMs);
    try {
      this.#descriptor = openSync(name, "w", PRIVATE);
    } catch (error) {
      throw cannotWrite(path, error);
    }
    this.#begun++;
    this.#sinceTime++;
    this.#bytes = 0;
    this.#save(this.#head);
  }

  /** Writes blocks; where there is no room for all of them, those stay that are whole. */
  #save(blocks: Uint8Array): void {
    let done = 0;
    try {
      while (done < blocks.length)
        done += writeSync(this.#descriptor, blocks, done, blocks.length - done, null);
      this.#bytes += blocks.length;
    } catch (error) {
      emptyFile(this.#descriptor, this.#bytes + this.#format.wholeBytes(blocks, done));
      throw cannotWrite(this.#order.interfaceName, error);
    }
  }
}

/** The name of a file of the ring, as tcpdump has it: the time put into it, and a number behind it where there are several. */
export function writtenName(
  { path, bytes, seconds, files }: Pick<WrittenOrder, "path" | "bytes" | "seconds" | "files">,
  number: number,
  timeMs: number,
): string {
  const name = seconds === null ? path : withTime(path, new Date(timeMs));
  if (bytes === null) return name;
  const digits = files === null || files === 1 ? 0 : String(files - 1).length;
  return number === 0 && digits === 0 ? name : `${name}${String(number).padStart(digits, "0")}`;
}

/** Puts the local time into a name, by the letters of strftime that name a moment; others stay as they are. */
function withTime(path: string, time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const [year, month, day] = date.split("-") as [string, string, string];
  const [hour, minute, second] = clock.split(":") as [string, string, string];
  const letters: Readonly<Record<string, string>> = {
    Y: year,
    y: year.slice(-2),
    m: month,
    d: day,
    H: hour,
    M: minute,
    S: second,
    F: date,
    T: clock,
    s: String(Math.floor(time.getTime() / 1000)),
    "%": "%",
  };
  return path.replace(/%(.)/g, (whole, letter: string) => letters[letter] ?? whole);
}

/** Throws away what stands in the file from there on. */
function emptyFile(descriptor: number, from: number): void {
  try {
    ftruncateSync(descriptor, from);
  } catch {
    // A pipe has no length.
  }
}

function firstBlockBytes(blocks: Uint8Array): number {
  return new DataView(blocks.buffer, blocks.byteOffset, blocks.length).getUint32(4, true);
}

function joinedBytes(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}
