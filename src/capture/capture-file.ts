/**
 * Packets written as a capture file: pcap where one interface is enough for them, pcapng where it is not
 * (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), little-endian.
 *
 * Bytes, lengths and times are those of the packets that came in; interfaces keep their link type, snapshot length, unit
 * of time and name. What else a pcapng file said (comments, options, statistics) is not carried over.
 */

/** The packet that is written, where it stands. */
export interface WrittenPacket {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly originalLength: number;
  /** Since `originNs`. */
  readonly timeNs: number;
  readonly interfaceId: number;
}

export interface WrittenInterface {
  readonly id: number;
  readonly name: string | null;
  readonly linkType: number;
  readonly snapLength: number;
  /** 1000 for microseconds, 1 for nanoseconds. */
  readonly unitNs: number;
  /** What was captured by, in libpcap's language; absent where that is not known. */
  readonly filter?: string;
}

export type CaptureFileFormat = "pcap" | "pcapng";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** What a reader is told where an interface has no limit, or none was given. */
const LARGEST_SNAP_LENGTH = 262_144;

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_FILTER = 11;

/** The packet does not fit the file: another link type than the first one's, in a format that has one. */
export class OtherLinkType extends Error {
  override readonly name = "OtherLinkType";
}

export class CaptureFile {
  readonly #format: CaptureFileFormat;
  readonly #originNs: bigint;
  /** Interfaces by their number in the capture, with that in this file. */
  readonly #written = new Map<number, number>();
  #first: WrittenInterface | null = null;

  /** `originNs`: time of the epoch from which packets' times count. */
  constructor(format: CaptureFileFormat, originNs: bigint) {
    this.#format = format;
    this.#originNs = originNs;
  }

  /** The bytes that go in front of everything, even where no packet follows. */
  header(first: WrittenInterface | undefined): Uint8Array {
    if (this.#format === "pcapng") return sectionHeader();
    this.#first = first ?? null;
    return fileHeader(first);
  }

  /** The bytes of the packet's record, with what has to stand in front of it. Throws `OtherLinkType`. */
  packet(packet: WrittenPacket, from: WrittenInterface): Uint8Array {
    const { bytes, start, end, originalLength } = packet;
    // Over months a time is as exact as its unit, but not to the nanosecond: the nearest unit is what was written.
    const unitNs = BigInt(from.unitNs >= 1000 ? 1000 : 1);
    const units = (this.#originNs + BigInt(Math.round(packet.timeNs)) + unitNs / 2n) / unitNs;
    const body = bytes.subarray(start, end);
    if (this.#format === "pcap") {
      if (from.linkType !== this.#first?.linkType) throw new OtherLinkType();
      return recordOf(body, originalLength, units, 1_000_000_000n / unitNs);
    }
    const known = this.#written.get(from.id);
    if (known !== undefined) return packetBlock(body, originalLength, units, known);
    const number = this.#written.size;
    this.#written.set(from.id, number);
    return joined([interfaceBlock(from), packetBlock(body, originalLength, units, number)]);
  }
}

function fileHeader(one: WrittenInterface | undefined): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, one && one.unitNs >= 1000 ? MAGIC_MICROSECONDS : MAGIC_NANOSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, one?.snapLength || LARGEST_SNAP_LENGTH, true);
  view.setUint32(20, one?.linkType ?? 1, true);
  return new Uint8Array(view.buffer);
}

function recordOf(body: Uint8Array, originalLength: number, units: bigint, perSecond: bigint): Uint8Array {
  const record = new Uint8Array(16 + body.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, Number(units / perSecond), true);
  view.setUint32(4, Number(units % perSecond), true);
  view.setUint32(8, body.length, true);
  view.setUint32(12, originalLength, true);
  record.set(body, 16);
  return record;
}

export function sectionHeader(): Uint8Array {
  const content = new DataView(new ArrayBuffer(16));
  content.setUint32(0, BYTE_ORDER_MAGIC, true);
  content.setUint16(4, 1, true);
  // The section's length is not known beforehand.
  content.setBigInt64(8, -1n, true);
  return block(SECTION_HEADER, new Uint8Array(content.buffer));
}

export function interfaceBlock({
  linkType,
  snapLength,
  unitNs,
  name,
  filter,
}: Omit<WrittenInterface, "id">): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(8));
  fixed.setUint16(0, linkType, true);
  fixed.setUint32(4, snapLength, true);
  const options = [option(IF_TSRESOL, Uint8Array.of(unitNs >= 1000 ? 6 : 9))];
  if (name !== null) options.unshift(option(IF_NAME, new TextEncoder().encode(name)));
  // A zero in front says that the filter is text (draft-ietf-opsawg-pcapng §4.2).
  if (filter !== undefined) options.push(option(IF_FILTER, new TextEncoder().encode(`\0${filter}`)));
  return block(INTERFACE_DESCRIPTION, joined([new Uint8Array(fixed.buffer), ...options, new Uint8Array(4)]));
}

function packetBlock(body: Uint8Array, originalLength: number, units: bigint, number: number): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(20));
  fixed.setUint32(0, number, true);
  fixed.setUint32(4, Number(units >> 32n), true);
  fixed.setUint32(8, Number(units & 0xffff_ffffn), true);
  fixed.setUint32(12, body.length, true);
  fixed.setUint32(16, originalLength, true);
  return block(ENHANCED_PACKET, joined([new Uint8Array(fixed.buffer), padded(body)]));
}

export function option(code: number, value: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4));
  head.setUint16(0, code, true);
  head.setUint16(2, value.length, true);
  return joined([new Uint8Array(head.buffer), padded(value)]);
}

export function block(type: number, content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12 + content.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, whole.length, true);
  whole.set(content, 8);
  view.setUint32(8 + content.length, whole.length, true);
  return whole;
}

/** Filled up to a multiple of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
