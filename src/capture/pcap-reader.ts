/**
 * Reads classic pcap: microseconds or nanoseconds, either byte order, versions before 2.4, and the format of the
 * modified libpcap of the late nineties (draft-ietf-opsawg-pcap; libpcap's documented behaviour for old versions).
 *
 * A classic file has no marks between records, so nothing is searched for after an impossible length: reading ends
 * there and says so. Nothing is allocated for a packet.
 */
import { CaptureError, formatCount } from "./capture-error.js";
import type { CaptureInterface, CaptureProblem } from "./packet.js";
import { type ReaderInput, RecordReader } from "./record-reader.js";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_MODIFIED = 0xa1b2cd34;

/** Bytes of the file header that the first packet record follows. */
export const PCAP_HEADER_BYTES = 24;

/** libpcap's largest snapshot length is 262,144; packets merged by offloading (BIG TCP) reach twice that. */
const CAPTURED_BYTES_MAX = 1024 * 1024;
/** The bound where the file's own snapshot length or its link type asks for more (libpcap's for USB and D-Bus). */
const CAPTURED_BYTES_LARGEST = 128 * 1024 * 1024;
/** LINKTYPE numbers of USB (three forms), D-Bus and EBHSCR, whose records are not frames of a network. */
const LARGE_RECORD_LINK_TYPES = [186, 189, 220, 231, 249, 266, 279];

/** How the two length fields of a record stand: as documented, always exchanged, or exchanged where that helps. */
const LENGTHS_AS_DOCUMENTED = 0;
const LENGTHS_EXCHANGED = 1;
const LENGTHS_MAYBE_EXCHANGED = 2;

/** True where the first four bytes (read as little-endian) are one of the pcap magic numbers in either byte order. */
export function isPcapMagic(magicLittleEndian: number, magicBigEndian: number): boolean {
  return isMagic(magicLittleEndian) || isMagic(magicBigEndian);
}

function isMagic(magic: number): boolean {
  return magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS || magic === MAGIC_MODIFIED;
}

export class PcapReader extends RecordReader {
  readonly format = "pcap";
  private readonly isLittleEndian: boolean;
  private readonly recordHeaderBytes: number;
  private readonly lengthOrder: number;
  private readonly capturedMax: number;
  private readonly unitNs: number;
  private readonly unitsPerSecond: number;
  private readonly added: CaptureInterface;
  private originSeconds = 0.5;
  private originFraction = 0.5;
  private fractions: CaptureProblem | null = null;

  /** Needs the whole file header in the chunk; throws `CaptureError` where it is cut. */
  constructor(input: ReaderInput, recordHeaderBytes: number) {
    super(input);
    if (input.filled < PCAP_HEADER_BYTES) {
      throw new CaptureError(
        "cut-in-file-header",
        input.source.name,
        `ends inside the pcap file header (${PCAP_HEADER_BYTES} bytes wanted, ${input.filled} there): no packet was written`,
      );
    }
    const view = this.view;
    this.isLittleEndian = isMagic(view.getUint32(0, true));
    const isLittleEndian = this.isLittleEndian;
    const isNanoseconds = view.getUint32(0, isLittleEndian) === MAGIC_NANOSECONDS;
    this.unitNs = isNanoseconds ? 1 : 1000;
    this.unitsPerSecond = isNanoseconds ? 1e9 : 1e6;
    this.recordHeaderBytes = recordHeaderBytes;
    this.lengthOrder = lengthOrder(view.getUint16(4, isLittleEndian), view.getUint16(6, isLittleEndian));
    const snapLength = view.getUint32(16, isLittleEndian);
    // The upper half holds the length of a frame check sequence and reserved bits; lengths come from IP here.
    const linkType = view.getUint16(isLittleEndian ? 20 : 22, isLittleEndian);
    this.capturedMax = largestCapture(linkType, snapLength);
    this.linkType = linkType;
    const name = input.source.interfaceName ?? null;
    this.added = input.interfaces.add(input.file, name, linkType, snapLength, this.unitNs);
    this.interfaceId = this.added.id;
    this.position = PCAP_HEADER_BYTES;
    this.originSeconds = 0;
    this.originFraction = 0;
  }

  next(): boolean {
    const header = this.position;
    const body = header + this.recordHeaderBytes;
    if (body > this.limit) {
      this.wanted = this.recordHeaderBytes;
      return false;
    }
    const view = this.view;
    const isLittleEndian = this.isLittleEndian;
    let captured = view.getUint32(header + 8, isLittleEndian);
    let original = view.getUint32(header + 12, isLittleEndian);
    if (
      this.lengthOrder !== LENGTHS_AS_DOCUMENTED &&
      (this.lengthOrder === LENGTHS_EXCHANGED || captured > original)
    ) {
      const exchanged = captured;
      captured = original;
      original = exchanged;
    }
    if (captured > this.capturedMax) return this.refuseLength(captured);
    const end = body + captured;
    if (end > this.limit) {
      this.wanted = this.recordHeaderBytes + captured;
      return false;
    }

    const seconds = view.getUint32(header, isLittleEndian);
    const fraction = view.getUint32(header + 4, isLittleEndian);
    if (this.number === 0) this.setOrigin(seconds, fraction);
    // The origin's fraction is subtracted before scaling: every term is a whole number far below 2^53.
    const timeNs = (seconds - this.originSeconds) * 1e9 + (fraction - this.originFraction) * this.unitNs;
    this.position = end;
    this.number++;
    this.start = body;
    this.end = end;
    this.offset = this.base + header;
    this.originalLength = original;
    this.timeNs = timeNs;
    if (captured > original) {
      this.countExceeding(captured, original);
      this.originalLength = captured;
    }
    if (fraction >= this.unitsPerSecond) this.countFraction(fraction);
    if (timeNs < this.previousNs) this.countBackwards();
    this.previousNs = timeNs;
    return true;
  }

  protected override noteDropped(packets: number): void {
    this.added.droppedPackets = packets;
  }

  protected reportCut(available: number): void {
    const at = this.base + this.position;
    const isInHeader = available < this.recordHeaderBytes;
    const needed = isInHeader ? this.recordHeaderBytes : this.wanted - this.recordHeaderBytes;
    const there = isInHeader ? available : available - this.recordHeaderBytes;
    this.report(
      isInHeader ? "cut-in-header" : "cut-in-record",
      `cut off in packet ${formatCount(this.number + 1)} at byte ${formatCount(at)}: ${formatCount(needed)} bytes of ${isInHeader ? "header" : "data"} wanted, ${formatCount(there)} there; ${this.deliveredText()}`,
      true,
      at,
      this.number + 1,
    );
  }

  private setOrigin(seconds: number, fraction: number): void {
    this.originSeconds = seconds;
    this.originFraction = fraction;
    this.originNs = BigInt(seconds) * 1_000_000_000n + BigInt(fraction * this.unitNs);
  }

  private refuseLength(captured: number): boolean {
    const at = this.base + this.position;
    const available = this.limit - this.position - this.recordHeaderBytes;
    const text =
      `packet ${formatCount(this.number + 1)} at byte ${formatCount(at)} claims ${formatCount(captured)} captured bytes ` +
      `where ${formatCount(this.capturedMax)} are possible (${formatCount(available)} of them read so far): the file is damaged ` +
      `from there on; ${this.deliveredText()}`;
    this.report("length-impossible", text, true, at, this.number + 1);
    this.finish();
    return false;
  }

  private countFraction(fraction: number): void {
    if (this.fractions !== null) {
      this.fractions.count++;
      return;
    }
    const unit = this.unitNs === 1 ? "nanoseconds" : "microseconds";
    this.fractions = this.report(
      "fraction-above-unit",
      `packet ${formatCount(this.number)} carries ${formatCount(fraction)} ${unit}, more than a second has; the surplus is added to its seconds`,
      false,
      this.offset,
      this.number,
    );
  }
}

/** libpcap exchanged the two lengths before version 2.3 and, by its own account, sometimes in 2.3 and in 543.0. */
function lengthOrder(major: number, minor: number): number {
  if (major === 543 || (major === 2 && minor === 3)) return LENGTHS_MAYBE_EXCHANGED;
  return major < 2 || (major === 2 && minor < 3) ? LENGTHS_EXCHANGED : LENGTHS_AS_DOCUMENTED;
}

/** The largest captured length that is believed, in bytes, from the link type and the file's own snapshot length. */
function largestCapture(linkType: number, snapLength: number): number {
  if (LARGE_RECORD_LINK_TYPES.includes(linkType)) return CAPTURED_BYTES_LARGEST;
  return snapLength > CAPTURED_BYTES_MAX && snapLength <= CAPTURED_BYTES_LARGEST
    ? snapLength
    : CAPTURED_BYTES_MAX;
}

/** Record header sizes of the modified libpcap, the common one first: patches of 1999 differ by four bytes. */
const MODIFIED_RECORD_HEADERS = [24, 28, 16] as const;
const STANDARD_RECORD_HEADER = 16;

/**
 * Says how long the record headers are (24, 28 or 16 bytes), or null while the filled part cannot decide it.
 * The modified magic number was used by more than one patch, so the layout is told by which reading of the first
 * records holds together.
 */
export function recordHeaderSize(bytes: Uint8Array, filled: number, isWhole: boolean): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, filled);
  const isLittleEndian = view.getUint32(0, true) === MAGIC_MODIFIED;
  if (!isLittleEndian && view.getUint32(0, false) !== MAGIC_MODIFIED) return STANDARD_RECORD_HEADER;
  for (const size of MODIFIED_RECORD_HEADERS) {
    const verdict = walksAs(view, size, isLittleEndian, isWhole);
    if (verdict === true) return size;
    if (verdict === null) return isWhole ? size : null;
  }
  return MODIFIED_RECORD_HEADERS[0];
}

/** Whether the first records hold together with this header size; null where too few of them are there. */
function walksAs(view: DataView, size: number, isLittleEndian: boolean, isWhole: boolean): boolean | null {
  let position = PCAP_HEADER_BYTES;
  for (let record = 0; record < 3; record++) {
    if (position === view.byteLength && isWhole && record > 0) return true;
    if (position + 16 > view.byteLength) return isWhole && record > 1 ? true : null;
    const captured = view.getUint32(position + 8, isLittleEndian);
    const original = view.getUint32(position + 12, isLittleEndian);
    const fraction = view.getUint32(position + 4, isLittleEndian);
    if (captured > original || captured === 0 || original > CAPTURED_BYTES_MAX || fraction >= 1e6)
      return false;
    position += size + captured;
  }
  return true;
}
