/**
 * Writes classic pcap files for the tests, in every variant that the reader has to know, byte by byte from the format's
 * description. It shares no code with the reader.
 */

export interface WrittenPacket {
  readonly seconds: number;
  /** Microseconds or nanoseconds, as the file's magic number says. */
  readonly fraction: number;
  readonly data: Uint8Array;
  /** Length on the wire; the data's length where left out. */
  readonly original?: number;
}

export interface PcapVariant {
  readonly isBigEndian?: boolean;
  readonly magic?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly snapLength?: number;
  readonly linkType?: number;
  /** Writes the two lengths of every record in exchanged places. */
  readonly hasExchangedLengths?: boolean;
  /** Bytes of a record's header: 16, or 24 and 28 in the modified formats. */
  readonly recordHeaderBytes?: number;
}

export const MICROSECONDS = 0xa1b2c3d4;
export const NANOSECONDS = 0xa1b23c4d;
export const MODIFIED = 0xa1b2cd34;

export function writePcap(packets: readonly WrittenPacket[], variant: PcapVariant = {}): Uint8Array {
  const headerBytes = variant.recordHeaderBytes ?? 16;
  const size = packets.reduce((sum, packet) => sum + headerBytes + packet.data.length, 24);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const isLittle = !variant.isBigEndian;
  view.setUint32(0, variant.magic ?? MICROSECONDS, isLittle);
  view.setUint16(4, variant.major ?? 2, isLittle);
  view.setUint16(6, variant.minor ?? 4, isLittle);
  view.setUint32(16, variant.snapLength ?? 262_144, isLittle);
  view.setUint32(20, variant.linkType ?? 1, isLittle);
  let at = 24;
  for (const packet of packets) {
    const original = packet.original ?? packet.data.length;
    const lengths = [packet.data.length, original];
    if (variant.hasExchangedLengths) lengths.reverse();
    view.setUint32(at, packet.seconds, isLittle);
    view.setUint32(at + 4, packet.fraction, isLittle);
    view.setUint32(at + 8, lengths[0]!, isLittle);
    view.setUint32(at + 12, lengths[1]!, isLittle);
    // What follows in the modified formats is an interface index, a protocol and a packet type.
    for (let extra = at + 16; extra < at + headerBytes; extra++) bytes[extra] = extra & 3;
    bytes.set(packet.data, at + headerBytes);
    at += headerBytes + packet.data.length;
  }
  return bytes;
}

/** `count` packets of 1 to 40 bytes whose content tells which packet they are, 1.5 ms apart, some cut by a snaplen. */
export function somePackets(count: number, unitsPerSecond = 1e6): WrittenPacket[] {
  return Array.from({ length: count }, (_, index) => {
    const units = index * 0.0015 * unitsPerSecond + unitsPerSecond - 3;
    return {
      seconds: 1_700_000_000 + Math.floor(units / unitsPerSecond),
      fraction: Math.round(units % unitsPerSecond),
      data: Uint8Array.from({ length: 1 + ((index * 7) % 40) }, (_, byte) => (index * 31 + byte) & 0xff),
      original: 1 + ((index * 7) % 40) + (index % 3 === 0 ? 1000 : 0),
    };
  });
}
