/**
 * What an interface gives, written as it comes: pieces of a pcap stream in, blocks of a pcapng file out, with the
 * interface's name, its filter and, at the end, the counts of the capturing system (draft-ietf-opsawg-pcapng §4).
 *
 * Nothing is made for a packet: blocks are put together in one buffer that grows to the largest piece.
 */
import { block, interfaceBlock, joined, option, sectionHeader } from "./capture-file.js";

const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Of an enhanced packet block: what stands in front of the packet's bytes, and its length again behind them. */
const BLOCK_HEAD_BYTES = 28;
const BLOCK_BYTES = BLOCK_HEAD_BYTES + 4;
const ENHANCED_PACKET = 6;
const INTERFACE_STATISTICS = 5;
const ISB_STARTTIME = 2;
const ISB_ENDTIME = 3;
const ISB_IFRECV = 4;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;
const WORD = 0x1_0000_0000;

/** What the capturing system counted: packets that passed the filter, and those it had no room for. */
export interface CapturedCounts {
  readonly received: number;
  readonly droppedByKernel: number;
  readonly droppedByInterface: number;
}

export class CapturedFile {
  readonly #name: string;
  readonly #filter: string;
  readonly #number: number;
  /** What came of a header or record that is not whole yet. */
  #rest = new Uint8Array(0);
  #isBegun = false;
  #head: Uint8Array = new Uint8Array(0);
  #isLittleEndian = true;
  #unitNs = 1;
  #out = new Uint8Array(0);
  #view = new DataView(this.#out.buffer);
  /** The second whose time stands ready, in nanoseconds: the upper word and the lower. */
  #second = -1;
  #secondHigh = 0;
  #secondLow = 0;

  /** `number`: of the interface among those of the file; the first one begins the file. */
  constructor(name: string, filter: string, number = 0) {
    this.#name = name;
    this.#filter = filter;
    this.#number = number;
  }

  /** Whether the header of the pcap stream was taken. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** The blocks that a further file of the same capture begins with. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** The blocks for the next piece of the pcap stream, valid until the next call; may be empty. */
  take(piece: Uint8Array): Uint8Array {
    const bytes = this.#rest.length === 0 ? piece : joined([this.#rest, piece]);
    if (this.#isBegun) return this.#blocks(bytes, 0);
    if (bytes.length < PCAP_HEADER_BYTES) {
      this.#rest = bytes.slice();
      return new Uint8Array(0);
    }
    const head = this.#begin(bytes);
    return joined([head, this.#blocks(bytes, PCAP_HEADER_BYTES)]);
  }

  /** The last block: what was counted between two times of the epoch in milliseconds. */
  end(counts: CapturedCounts, startMs: number, endMs: number): Uint8Array {
    if (!this.#isBegun) return new Uint8Array(0);
    const fixed = new Uint8Array(12);
    new DataView(fixed.buffer).setUint32(0, this.#number, true);
    fixed.set(timeOf(endMs), 4);
    const options = [
      option(ISB_STARTTIME, timeOf(startMs)),
      option(ISB_ENDTIME, timeOf(endMs)),
      option(ISB_IFRECV, countOf(counts.received)),
      option(ISB_IFDROP, countOf(counts.droppedByInterface)),
      option(ISB_OSDROP, countOf(counts.droppedByKernel)),
    ];
    return block(INTERFACE_STATISTICS, joined([fixed, ...options, new Uint8Array(4)]));
  }

  #begin(bytes: Uint8Array): Uint8Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // The order of the machine that captures; both magic numbers begin with the same byte.
    this.#isLittleEndian = view.getUint8(0) !== 0xa1;
    this.#unitNs = view.getUint32(0, this.#isLittleEndian) === MAGIC_NANOSECONDS ? 1 : 1000;
    this.#isBegun = true;
    const one = {
      name: this.#name,
      linkType: view.getUint32(20, this.#isLittleEndian) & 0xffff,
      snapLength: view.getUint32(16, this.#isLittleEndian),
      unitNs: 1,
      ...(this.#filter === "" ? {} : { filter: this.#filter }),
    };
    this.#head = joined([...(this.#number === 0 ? [sectionHeader()] : []), interfaceBlock(one)]);
    return this.#head;
  }

  #blocks(bytes: Uint8Array, from: number): Uint8Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Every record grows by the difference of the heads, and is filled up to four bytes.
    this.#makeRoom(bytes.length, view, from);
    let at = from;
    let written = 0;
    while (at + RECORD_HEADER_BYTES <= bytes.length) {
      const captured = view.getUint32(at + 8, this.#isLittleEndian);
      if (at + RECORD_HEADER_BYTES + captured > bytes.length) break;
      written = this.#block(bytes, view, at, captured, written);
      at += RECORD_HEADER_BYTES + captured;
    }
    this.#rest = at < bytes.length ? bytes.slice(at) : new Uint8Array(0);
    return this.#out.subarray(0, written);
  }

  #makeRoom(length: number, view: DataView, from: number): void {
    let records = 0;
    for (let at = from; at + RECORD_HEADER_BYTES <= length; records++)
      at += RECORD_HEADER_BYTES + view.getUint32(at + 8, this.#isLittleEndian);
    const wanted = length + records * (BLOCK_BYTES - RECORD_HEADER_BYTES + 3);
    if (wanted <= this.#out.length) return;
    this.#out = new Uint8Array(wanted * 2);
    this.#view = new DataView(this.#out.buffer);
  }

  #block(bytes: Uint8Array, view: DataView, at: number, captured: number, to: number): number {
    const padded = (captured + 3) & ~3;
    const length = BLOCK_BYTES + padded;
    const out = this.#view;
    const isLittleEndian = this.#isLittleEndian;
    this.#setSecond(view.getUint32(at, isLittleEndian));
    const low = this.#secondLow + view.getUint32(at + 4, isLittleEndian) * this.#unitNs;
    out.setUint32(to, ENHANCED_PACKET, true);
    out.setUint32(to + 4, length, true);
    out.setUint32(to + 8, this.#number, true);
    out.setUint32(to + 12, this.#secondHigh + (low >= WORD ? 1 : 0), true);
    out.setUint32(to + 16, low >= WORD ? low - WORD : low, true);
    out.setUint32(to + 20, captured, true);
    out.setUint32(to + 24, view.getUint32(at + 12, isLittleEndian), true);
    const body = to + BLOCK_HEAD_BYTES;
    const from = at + RECORD_HEADER_BYTES;
    for (let i = 0; i < captured; i++) this.#out[body + i] = bytes[from + i]!;
    for (let i = captured; i < padded; i++) this.#out[body + i] = 0;
    out.setUint32(body + padded, length, true);
    return to + length;
  }

  /** The time of a whole second does not fit a double exactly: taken apart once a second. */
  #setSecond(second: number): void {
    if (second === this.#second) return;
    const ns = BigInt(second) * 1_000_000_000n;
    this.#second = second;
    this.#secondHigh = Number(ns >> 32n);
    this.#secondLow = Number(ns & 0xffff_ffffn);
  }
}

/** Of blocks that were written up to byte `end`, how many bytes belong to those that are whole. */
export function wholeBlockBytes(blocks: Uint8Array, end: number): number {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
  let at = 0;
  while (at + 12 <= end && at + view.getUint32(at + 4, true) <= end) at += view.getUint32(at + 4, true);
  return at;
}

/** A time of the epoch as pcapng has it: the upper word in front, each little-endian. */
function timeOf(ms: number): Uint8Array {
  const ns = BigInt(Math.round(ms)) * 1_000_000n;
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, Number(ns >> 32n), true);
  view.setUint32(4, Number(ns & 0xffff_ffffn), true);
  return new Uint8Array(view.buffer);
}

function countOf(count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(count), true);
  return new Uint8Array(view.buffer);
}
