/**
 * Reads pcapng: sections of either byte order, several interfaces each with its own clock, enhanced, simple and obsolete
 * packet blocks (draft-ietf-opsawg-pcapng). Blocks that say nothing about packets are stepped over.
 *
 * Every block carries its length at both ends, and a section begins with an unmistakable mark: after a damaged block
 * reading goes on where the next block is certain, else at the next section, else it ends and says so. Nothing is
 * allocated for a packet.
 */
import { CaptureError, formatCount } from "./capture-error.js";
import type { CaptureInterface, CaptureProblem } from "./packet.js";
import { DEFAULT_RESOLUTION, InterfaceClock } from "./pcapng-clock.js";
import { readDroppedPackets, readInterfaceOptions, readNames } from "./pcapng-options.js";
import { type ReaderInput, RecordReader } from "./record-reader.js";

const BLOCK_SECTION = 0x0a0d0d0a;
const BLOCK_INTERFACE = 1;
const BLOCK_PACKET = 2;
const BLOCK_SIMPLE = 3;
const BLOCK_NAMES = 4;
const BLOCK_STATISTICS = 5;
const BLOCK_ENHANCED = 6;
/** Blocks that are no packets but have a number in Wireshark's count: custom blocks, journal entries, sysdig events. */
const NUMBERED_BLOCKS: readonly number[] = [0xbad, 0x40000bad, 9, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222];
/** Block types that a damaged file may be taken up again at, besides a section. */
const KNOWN_BLOCKS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xbad, 0x40000bad];

/** Whether readers are told to pass over such a block: a registered kind without packets, or one for private use. */
function isRegistered(type: number): boolean {
  const isOfSystems = (type >= 0x101 && type <= 0x104) || (type >= 0x200 && type <= 0x2ff);
  return KNOWN_BLOCKS.includes(type) || isOfSystems || type >= 0x80000000;
}

const BYTE_ORDER_MARK = 0x1a2b3c4d;
/** Type, length, and the length again. */
const BLOCK_BYTES_MIN = 12;
/** A section header up to its options, without the closing length. */
const SECTION_BYTES = 28;
/** The largest block that is believed: the largest record of any link type (128 MiB) and its options. */
const BLOCK_BYTES_MAX = 128 * 1024 * 1024 + 64 * 1024;
const DROPS_UNKNOWN = 0xffff;

/** True where a file begins with a section header block. */
export function isPcapngMagic(magicBigEndian: number): boolean {
  return magicBigEndian === BLOCK_SECTION;
}

export class PcapngReader extends RecordReader {
  readonly format = "pcapng";
  private isLittleEndian = true;
  /** The interfaces and clocks of the section being read, by the number that its blocks use. */
  private sectionInterfaces: CaptureInterface[] = [];
  private sectionClocks: InterfaceClock[] = [];
  private readonly problemsByKind = new Map<string, CaptureProblem>();
  /** The offset of the block that could not be read, while the next section is searched; else -1. */
  private damagedAt = -1;
  private damage = "";
  private damageKind = "";
  /** True while bytes are wanted only to judge a block whose two lengths differ. */
  private isDoubtful = false;

  /** Needs 12 bytes in the chunk; throws `CaptureError` where the first section header is no such thing. */
  constructor(input: ReaderInput) {
    super(input);
    if (input.filled < BLOCK_BYTES_MIN) {
      throw new CaptureError(
        "cut-in-file-header",
        input.source.name,
        `ends inside the pcapng section header (${SECTION_BYTES} bytes wanted, ${input.filled} there): no packet was written`,
      );
    }
    if (!this.hasByteOrderMark(8)) {
      throw new CaptureError(
        "not-a-capture",
        input.source.name,
        "begins like pcapng but lacks the byte-order mark of a section header; it is damaged or something else",
      );
    }
  }

  next(): boolean {
    for (;;) {
      if (this.damagedAt >= 0 && !this.findSection()) return false;
      const at = this.position;
      if (at + BLOCK_BYTES_MIN > this.limit) {
        this.wanted = BLOCK_BYTES_MIN;
        return false;
      }
      const view = this.view;
      // The section header's type reads the same in both byte orders, on purpose.
      const type = view.getUint32(at, this.isLittleEndian);
      if (type === BLOCK_SECTION && !this.takeByteOrder(at)) continue;
      const length = view.getUint32(at + 4, this.isLittleEndian);
      const stored = (length + 3) & ~3;
      if (length < BLOCK_BYTES_MIN || length > BLOCK_BYTES_MAX) {
        this.beginSearch("length-impossible", `${formatCount(length)} bytes are no possible length`);
        continue;
      }
      if (at + stored > this.limit) {
        this.wanted = stored;
        return false;
      }
      this.offset = this.base + at;
      // A length that is no multiple of 4 comes from writers that counted without the padding they wrote.
      if (view.getUint32(at + stored - 4, this.isLittleEndian) !== length) {
        if (!this.mayStepOver(at, length)) {
          if (this.damagedAt < 0) return false;
          continue;
        }
      } else if (stored !== length) {
        this.count(
          "block-length-unaligned",
          `has a length of ${formatCount(length)} bytes, not a multiple of 4; the padded length is taken`,
        );
      }
      this.position = at + stored;
      if (type === BLOCK_ENHANCED) {
        if (this.takeEnhanced(at, stored)) return true;
      } else if (type === BLOCK_SIMPLE) {
        if (this.takeSimple(at, stored)) return true;
      } else if (type === BLOCK_PACKET) {
        if (this.takeObsolete(at, stored)) return true;
      } else this.takeOther(type, at, stored);
    }
  }

  protected override isSearching(): boolean {
    return this.damagedAt >= 0;
  }

  protected reportCut(available: number): void {
    if (this.damagedAt >= 0) {
      this.reportDamage(true, `the file is damaged from there on; ${this.deliveredText()}`);
      return;
    }
    const at = this.base + this.position;
    if (this.isDoubtful) {
      this.damagedAt = at;
      this.damageKind = "length-impossible";
      this.damage = "the lengths at both ends of the last block differ";
      this.reportDamage(true, this.deliveredText());
      return;
    }
    const isInHeader = available < BLOCK_BYTES_MIN;
    this.report(
      "cut-in-block",
      `cut off in the block at byte ${formatCount(at)}, after packet ${formatCount(this.number)}: ${formatCount(this.wanted)} bytes wanted${isInHeader ? " at least" : ""}, ${formatCount(available)} there; ${this.deliveredText()}`,
      true,
      at,
      this.number + 1,
    );
  }

  private takeEnhanced(at: number, length: number): boolean {
    const view = this.view;
    const isLittleEndian = this.isLittleEndian;
    if (length < 32) return this.skipPacket("block-too-short", "is too short for a packet");
    const index = view.getUint32(at + 8, isLittleEndian);
    const captured = view.getUint32(at + 20, isLittleEndian);
    if (captured > length - 32)
      return this.skipPacket(
        "length-impossible",
        `claims ${formatCount(captured)} captured bytes where ${formatCount(length - 32)} have room`,
      );
    return this.deliver(
      index,
      view.getUint32(at + 12, isLittleEndian),
      view.getUint32(at + 16, isLittleEndian),
      at + 28,
      captured,
      view.getUint32(at + 24, isLittleEndian),
    );
  }

  private takeObsolete(at: number, length: number): boolean {
    const view = this.view;
    const isLittleEndian = this.isLittleEndian;
    if (length < 32) return this.skipPacket("block-too-short", "is too short for a packet");
    const index = view.getUint16(at + 8, isLittleEndian);
    const drops = view.getUint16(at + 10, isLittleEndian);
    const captured = view.getUint32(at + 20, isLittleEndian);
    if (captured > length - 32)
      return this.skipPacket(
        "length-impossible",
        `claims ${formatCount(captured)} captured bytes where ${formatCount(length - 32)} have room`,
      );
    if (drops !== 0 && drops !== DROPS_UNKNOWN && index < this.sectionInterfaces.length) {
      const entry = this.sectionInterfaces[index]!;
      entry.droppedPackets = (entry.droppedPackets ?? 0) + drops;
    }
    return this.deliver(
      index,
      view.getUint32(at + 12, isLittleEndian),
      view.getUint32(at + 16, isLittleEndian),
      at + 28,
      captured,
      view.getUint32(at + 24, isLittleEndian),
    );
  }

  /** A simple packet block has no time and no interface: the previous packet's time and the section's first interface. */
  private takeSimple(at: number, length: number): boolean {
    if (length < 16) return this.skipPacket("block-too-short", "is too short for a packet");
    const entry = this.sectionInterfaces[0];
    if (entry === undefined)
      return this.skipPacket("unknown-interface", "belongs to an interface that is not described");
    const original = this.view.getUint32(at + 8, this.isLittleEndian);
    let captured = Math.min(original, length - 16);
    if (entry.snapLength !== 0 && captured > entry.snapLength) captured = entry.snapLength;
    this.number++;
    this.count(
      "no-timestamp",
      "carries no time (simple packet block); the time of the packet before it is taken",
    );
    this.place(entry, at + 12, captured, original);
    return true;
  }

  private deliver(
    index: number,
    high: number,
    low: number,
    start: number,
    captured: number,
    original: number,
  ): boolean {
    if (index >= this.sectionInterfaces.length) {
      return this.skipPacket("unknown-interface", "belongs to an interface that is not described");
    }
    const clock = this.sectionClocks[index]!;
    if (!clock.hasOrigin) {
      if (this.originNs === null) this.originNs = clock.epochNs(high, low);
      clock.setOrigin(high, low, this.originNs);
    }
    this.number++;
    this.timeNs = clock.timeNs(high, low);
    this.place(this.sectionInterfaces[index]!, start, captured, original);
    if (this.timeNs < this.previousNs) this.countBackwards();
    this.previousNs = this.timeNs;
    return true;
  }

  private place(entry: CaptureInterface, start: number, captured: number, original: number): void {
    this.start = start;
    this.end = start + captured;
    this.originalLength = original;
    this.linkType = entry.linkType;
    this.interfaceId = entry.id;
    if (captured > original) {
      this.countExceeding(captured, original);
      this.originalLength = captured;
    }
  }

  /** Steps over a packet that cannot be used; it keeps its number. */
  private skipPacket(kind: string, text: string): boolean {
    this.number++;
    this.withoutPacket++;
    this.count(kind, `${text}; it is left out`);
    return false;
  }

  private takeOther(type: number, at: number, length: number): void {
    const view = this.view;
    const end = at + length - 4;
    if (type === BLOCK_SECTION) {
      this.sectionInterfaces = [];
      this.sectionClocks = [];
    } else if (type === BLOCK_INTERFACE) {
      this.takeInterface(at, end);
    } else if (type === BLOCK_STATISTICS && length >= 24) {
      const entry = this.sectionInterfaces[view.getUint32(at + 8, this.isLittleEndian)];
      if (entry === undefined) return;
      const dropped = readDroppedPackets(view, at + 20, end, this.isLittleEndian);
      if (dropped !== null) entry.droppedPackets = dropped;
    } else if (type === BLOCK_NAMES) {
      readNames(view, at + 8, end, this.isLittleEndian, this.interfaceTable);
    } else if (NUMBERED_BLOCKS.includes(type)) {
      this.number++;
      this.withoutPacket++;
    } else if (!isRegistered(type)) {
      this.count("unknown-block", `is of the unknown type 0x${type.toString(16)}; it is left out`);
    }
  }

  private takeInterface(at: number, end: number): void {
    if (end < at + 16) {
      this.count("block-too-short", "is too short for an interface description");
      return;
    }
    const view = this.view;
    const options = readInterfaceOptions(view, at + 16, end, this.isLittleEndian);
    const linkType = view.getUint16(at + 8, this.isLittleEndian);
    const snapLength = view.getUint32(at + 12, this.isLittleEndian);
    const clock = new InterfaceClock(options.resolution ?? DEFAULT_RESOLUTION, options.offsetSeconds);
    this.sectionInterfaces.push(
      this.interfaceTable.add(this.file, options.name, linkType, snapLength, clock.resolutionNs),
    );
    this.sectionClocks.push(clock);
  }

  private hasByteOrderMark(offset: number): boolean {
    return (
      this.view.getUint32(offset, true) === BYTE_ORDER_MARK ||
      this.view.getUint32(offset, false) === BYTE_ORDER_MARK
    );
  }

  /** Takes the byte order of the section that begins at `at`; false where it has none and the search began. */
  private takeByteOrder(at: number): boolean {
    if (!this.hasByteOrderMark(at + 8)) {
      this.beginSearch("section-damaged", "a section header without its byte-order mark");
      return false;
    }
    this.isLittleEndian = this.view.getUint32(at + 8, true) === BYTE_ORDER_MARK;
    return true;
  }

  /**
   * Decides about a block whose two lengths differ: true where its first length leads to a certain block. Otherwise
   * either the search for a section has begun (`damagedAt`), or more bytes are wanted to decide it.
   */
  private mayStepOver(at: number, length: number): boolean {
    this.isDoubtful = false;
    const following = at + length;
    const view = this.view;
    if (length % 4 === 0) {
      if (following + BLOCK_BYTES_MIN > this.limit) {
        this.wanted = length + BLOCK_BYTES_MIN;
        this.isDoubtful = true;
        return false;
      }
      const type = view.getUint32(following, this.isLittleEndian);
      const size = view.getUint32(following + 4, this.isLittleEndian);
      const isPossible =
        KNOWN_BLOCKS.includes(type) && size % 4 === 0 && size >= BLOCK_BYTES_MIN && size <= BLOCK_BYTES_MAX;
      if (isPossible && following + size > this.limit) {
        this.wanted = length + size;
        this.isDoubtful = true;
        return false;
      }
      if (isPossible && view.getUint32(following + size - 4, this.isLittleEndian) === size) {
        this.count(
          "block-length-mismatch",
          "gives two different lengths; the first one leads to the next block",
        );
        return true;
      }
      if (type === BLOCK_SECTION && this.hasByteOrderMark(following + 8)) {
        this.count(
          "block-length-mismatch",
          "gives two different lengths; the first one leads to the next section",
        );
        return true;
      }
    }
    this.beginSearch(
      "length-impossible",
      `the lengths at both ends of the block of ${formatCount(length)} bytes differ`,
    );
    return false;
  }

  private beginSearch(kind: string, text: string): void {
    this.damagedAt = this.base + this.position;
    this.damageKind = kind;
    this.damage = text;
    // The search must not find the block that it starts from.
    this.position += 4;
  }

  /** Moves to the next section header behind the damage; false where more bytes are wanted. */
  private findSection(): boolean {
    const bytes = this.bytes;
    const last = this.limit - BLOCK_BYTES_MIN;
    let position = this.position;
    for (; position <= last; position++) {
      if (
        bytes[position] === 0x0a &&
        bytes[position + 1] === 0x0d &&
        bytes[position + 2] === 0x0d &&
        bytes[position + 3] === 0x0a &&
        this.hasByteOrderMark(position + 8)
      ) {
        this.position = position;
        const found = this.base + position;
        const text = `the ${formatCount(found - this.damagedAt)} bytes up to the next section at byte ${formatCount(found)} are left out`;
        this.reportDamage(false, text);
        this.damagedAt = -1;
        return true;
      }
    }
    this.position = Math.max(position, this.position);
    this.wanted = BLOCK_BYTES_MIN;
    return false;
  }

  private reportDamage(isFatal: boolean, consequence: string): void {
    const at = formatCount(this.damagedAt);
    const text = `damaged in the block at byte ${at}, after packet ${formatCount(this.number)}: ${this.damage}; ${consequence}`;
    this.report(this.damageKind, text, isFatal, this.damagedAt, this.number + 1);
  }

  /** Counts a problem of the packet or block under the cursor; the first of its kind gives the sentence. */
  private count(kind: string, text: string): void {
    const known = this.problemsByKind.get(kind);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const place = this.number === 0 ? "before packet 1" : `packet ${formatCount(this.number)}`;
    const what = `the block at byte ${formatCount(this.offset)} (${place})`;
    this.problemsByKind.set(kind, this.report(kind, `${what} ${text}`, false, this.offset, this.number));
  }
}
