/**
 * Finished connections that somebody may still ask for, packed (packed-connection.ts) into blocks of 64 KiB: so many of
 * them in memory, those after them in a file, which is opened when the first block is full.
 *
 * One is unpacked into a scratch place and described from there. A file that cannot be opened or written costs nothing
 * that is held already: from then on connections are not kept, and counted.
 */
import { Segment } from "../wire/segment.js";
import { ByteCursor } from "./byte-cursor.js";
import { Connections } from "./connections.js";
import { MOST_PACKED_BYTES, pack, unpack } from "./packed-connection.js";
import type { Unreachable } from "./unreachable.js";

/** Where blocks go that memory has no room for. Each throws an `Error` whose message is a clause that says why. */
export interface SpillFile {
  write(bytes: Uint8Array, position: number): void;
  /** Fills `into` with what was written at `position`. */
  read(into: Uint8Array, position: number): void;
  /** Gives the file back; nothing is read any more. */
  close(): void;
}

export interface StoreLimits {
  /** Records kept in memory. */
  readonly inMemory: number;
  /** Opens the file for those beyond; without it all stay in memory. */
  readonly openSpill?: (() => SpillFile) | undefined;
  /** Beyond so many the oldest are forgotten: then there is no file. */
  readonly latest?: number | undefined;
}

/** Records of one store, wherever they stand. What sorts them stays in memory: about 1.3 GB at that number. */
export const MOST_RECORDS = 2 ** 24;

/** Bytes of a block: records from its beginning, the offset of each, two bytes, from its end. */
const BLOCK = 2 ** 16;
const OFFSET = 2;
/** Blocks of the file that are held in memory once they were read. */
const MOST_CACHED = 64;

export class RecordStore {
  /** The scratch place: exactly one connection, number 0. */
  readonly scratch = scratchConnections();
  /** Number of the oldest record that is held: those in front of it were forgotten. */
  first = 0;
  /** The number behind the last record; of the records, how many are in the file. */
  count = 0;
  spilled = 0;
  /** Bytes of all of them, their offsets included. */
  bytes = 0;
  /** Connections that could not be kept, and why. */
  unkept = 0;
  unkeptBecause: string | null = null;
  /** The ICMP error that answered the connection loaded last. */
  unreachable: Unreachable | undefined;

  readonly #limits: StoreLimits;
  readonly #packed = new ByteCursor(new Uint8Array(MOST_PACKED_BYTES));
  /** Blocks in memory; those of the file come behind them, the one that is being filled last. */
  readonly #inMemory: Uint8Array[] = [];
  #filling = new Uint8Array(0);
  #used = BLOCK;
  /** Number of the first record of each block. */
  readonly #firsts: number[] = [];
  #forgottenBytes = 0;
  /** Bytes of all records in front of each block, forgotten ones included. */
  readonly #startBytes: number[] = [];
  #spill: SpillFile | null = null;
  /** Blocks of the file by number, the one read last at the end. */
  readonly #cached = new Map<number, Uint8Array>();

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  /** Packs a connection; returns its number in the store, or -1 where it could not be kept. */
  add(connections: Connections, connection: number, unreachable: Unreachable | undefined): number {
    if (this.count - this.first === MOST_RECORDS)
      this.unkeptBecause ??= `${MOST_RECORDS} are the most that can be listed`;
    if (this.unkeptBecause !== null) {
      this.unkept++;
      return -1;
    }
    const packed = this.#packed;
    packed.at = 0;
    pack(connections, connection, unreachable, packed);
    if (!this.#makeRoom(packed.at)) {
      this.unkept++;
      return -1;
    }
    const number = this.count++;
    const block = this.#filling;
    const entry = BLOCK - (number - this.#firsts.at(-1)! + 1) * OFFSET;
    block[entry] = this.#used;
    block[entry + 1] = this.#used >> 8;
    for (let i = 0; i < packed.at; i++) block[this.#used + i] = packed.bytes[i]!;
    this.#used += packed.at;
    this.bytes += packed.at + OFFSET;
    return number;
  }

  /** Unpacks connection `number` into the scratch place. Throws where the file cannot be read. */
  load(number: number): void {
    const block = this.#blockOf(number);
    const bytes = this.#bytesOf(block);
    const entry = BLOCK - (number - this.#firsts[block]! + 1) * OFFSET;
    const cursor = new ByteCursor(bytes);
    cursor.at = bytes[entry]! | (bytes[entry + 1]! << 8);
    this.unreachable = loadScratch(this.scratch, cursor);
  }

  /** Forgets the oldest whole blocks, as long as `most` records stay; the others keep their numbers. In memory alone. */
  forget(most: number): void {
    const firsts = this.#firsts;
    let blocks = 0;
    while (blocks < this.#inMemory.length && this.count - firsts[blocks + 1]! >= most) blocks++;
    if (blocks === 0) return;
    const bytes = this.#startBytes[blocks]! - this.#startBytes[0]!;
    this.bytes -= bytes;
    this.#forgottenBytes += bytes;
    for (const list of [this.#inMemory, firsts, this.#startBytes]) list.splice(0, blocks);
    this.unkept += firsts[0]! - this.first;
    this.first = firsts[0]!;
  }

  /** Gives the file back. */
  close(): void {
    this.#spill?.close();
    this.#spill = null;
  }

  /** Whether so many bytes more, and their offset, fit the block that is being filled: perhaps a new one. */
  #makeRoom(bytes: number): boolean {
    const records = this.count - (this.#firsts.at(-1) ?? 0);
    const isInMemoryEnough = this.#limits.openSpill !== undefined && this.count === this.#limits.inMemory;
    if (this.#used + bytes + (records + 1) * OFFSET <= BLOCK && !isInMemoryEnough) return true;
    if (this.#isFillingForFile()) {
      if (!this.#writeBlock()) return false;
    } else {
      // The first block is no block yet.
      if (this.#firsts.length > 0) this.#inMemory.push(this.#filling);
      this.#filling = new Uint8Array(BLOCK);
    }
    this.#firsts.push(this.count);
    this.#startBytes.push(this.#forgottenBytes + this.bytes);
    this.#used = 0;
    return true;
  }

  /** Whether the block that is being filled is one of the file's. */
  #isFillingForFile(): boolean {
    return this.#limits.openSpill !== undefined && this.#firsts.at(-1)! >= this.#limits.inMemory;
  }

  /** Writes the full block to the file. One that cannot be written stays in memory. */
  #writeBlock(): boolean {
    try {
      this.#spill ??= this.#limits.openSpill!();
      this.#spill.write(this.#filling, (this.#firsts.length - 1 - this.#inMemory.length) * BLOCK);
    } catch (error) {
      this.unkeptBecause = error instanceof Error ? error.message : String(error);
      return false;
    }
    this.spilled = this.count - this.#limits.inMemory;
    return true;
  }

  #blockOf(number: number): number {
    const firsts = this.#firsts;
    let [low, high] = [0, firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firsts[middle]! <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #bytesOf(block: number): Uint8Array {
    if (block < this.#inMemory.length) return this.#inMemory[block]!;
    if (block === this.#firsts.length - 1) return this.#filling;
    const cached = this.#cached;
    let bytes = cached.get(block);
    if (bytes) cached.delete(block);
    else {
      bytes = this.#oldestCached() ?? new Uint8Array(BLOCK);
      this.#spill!.read(bytes, (block - this.#inMemory.length) * BLOCK);
    }
    cached.set(block, bytes);
    return bytes;
  }

  /** A block to be used again, once there are enough. */
  #oldestCached(): Uint8Array | undefined {
    if (this.#cached.size < MOST_CACHED) return undefined;
    const [number, bytes] = this.#cached.entries().next().value!;
    this.#cached.delete(number);
    return bytes;
  }
}

/** A place for one connection, number 0, to describe packed ones from. */
export function scratchConnections(): Connections {
  const scratch = new Connections(1);
  scratch.create(new Segment(), 0, false);
  return scratch;
}

/** Unpacks a connection into a scratch place; returns the ICMP error that answered it. */
export function loadScratch(scratch: Connections, from: ByteCursor): Unreachable | undefined {
  scratch.log.release(scratch.columns.firstTransition[0]!, scratch.columns.lastTransition[0]!);
  return unpack(scratch, 0, from);
}
