/**
 * Where decoding stands in a packet: the one reused object that the layers hand on to each other.
 *
 * A layer function reads its own header at `at`, moves `at` behind it, narrows `end` and `wireEnd` where its header
 * states a length, and returns the code of the layer that follows, or `~reason` (negative) to refuse the packet.
 * Layers therefore never call across families: the loop in decode.ts does, and nothing here ever grows `end`.
 */

const noBytes = new Uint8Array(0);

export class Walk {
  bytes: Uint8Array = noBytes;
  view: DataView = new DataView(noBytes.buffer);
  /** Next byte to read. */
  at = 0;
  /** End of what was captured, or of what an enclosing header says belongs to the packet: never read at or beyond. */
  end = 0;
  /** Where the present layer's contents end on the wire, in the same positions; beyond `end` where the capture cut. */
  wireEnd = 0;
  /** The least end that an enclosing header has stated; the record's own length states nothing. */
  statedEnd = 0;
  /** Link type to enter next, for LINK. */
  linkType = 0;
  /** EtherType that precedes `at`, for ETHER_TYPE. */
  etherType = 0;
  /** VLAN tags and IP headers met. */
  tags = 0;
  ipHeaders = 0;
  /** Inside the packet that an ICMP error quotes. */
  isQuoted = false;
}

/** The TCP header was decoded. */
export const DONE = 0;
export const LINK = 1;
export const ETHERNET = 2;
export const ETHER_TYPE = 3;
export const LLC_FRAME = 4;
export const PPP = 5;
export const MPLS = 6;
export const IP = 7;
export const IPV4 = 8;
export const IPV6 = 9;
export const TCP = 10;
export const UDP_DATAGRAM = 11;
export const ICMP_MESSAGE = 12;
export const ICMPV6_MESSAGE = 13;
export const GRE = 14;
export const ETHER_IP = 15;
export const WLAN = 16;
export const RADIOTAP = 17;
export const FRAME_RELAY = 18;
export const PPPOE = 19;
export const NSH = 20;

/** Enough for any packet, and still a small integer: no header has stated an end yet. */
export const NOTHING_STATED = 0x3fffffff;

/** A header states that its contents end `length` bytes after `from`: trailing padding is left out. */
export function narrow(walk: Walk, from: number, length: number): void {
  const wireEnd = from + length;
  if (wireEnd < walk.statedEnd) walk.statedEnd = wireEnd;
  if (wireEnd < walk.wireEnd) walk.wireEnd = wireEnd;
  if (wireEnd < walk.end) walk.end = wireEnd;
}

/**
 * An IP header states its packet's length. It is believed against the record's original length, which capturing tools
 * often cut, but not against an enclosing header, whose receiver would hand on no more. Quotations and first fragments
 * are parts of a packet, so there the enclosing length says nothing.
 */
export function setPacketLength(walk: Walk, from: number, length: number, isPart: boolean): void {
  const wireEnd = from + length;
  walk.wireEnd = wireEnd > walk.statedEnd && !isPart ? walk.statedEnd : wireEnd;
  if (wireEnd < walk.statedEnd) walk.statedEnd = wireEnd;
  if (walk.wireEnd < walk.end) walk.end = walk.wireEnd;
}
