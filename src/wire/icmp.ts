/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443) errors that quote the packet they answer.
 *
 * Only the message's type, code and sender and the quoted headers are read; extensions behind the quotation (RFC 4884)
 * are kept out of it. Other messages, and errors about other packets than TCP, are refused as ICMP.
 */
import type { Segment } from "./segment.js";
import { CUT_IN_IP_HEADER, ICMP } from "./skip-reasons.js";
import { IPV4, IPV6, narrow, type Walk } from "./walk.js";

const HEADER_BYTES = 8;

/** Enters the quotation of an ICMP error: types 3, 4, 5, 11 and 12. */
export function icmp(walk: Walk, segment: Segment): number {
  const { bytes, at } = walk;
  if (at + 1 > walk.end) return ~CUT_IN_IP_HEADER;
  const type = bytes[at];
  if (type !== 3 && type !== 4 && type !== 5 && type !== 11 && type !== 12) return ~ICMP;
  return quotation(walk, segment, type === 3 || type === 11 || type === 12 ? 5 : 0, 2, IPV4);
}

/** Enters the quotation of an ICMPv6 error: types 1 to 4. */
export function icmpV6(walk: Walk, segment: Segment): number {
  const { bytes, at } = walk;
  if (at + 1 > walk.end) return ~CUT_IN_IP_HEADER;
  const type = bytes[at];
  if (type < 1 || type > 4) return ~ICMP;
  return quotation(walk, segment, type === 1 || type === 3 ? 4 : 0, 3, IPV6);
}

/** `lengthAt`: where RFC 4884 §4 puts the quotation's length (0: nowhere), in units of `1 << lengthShift` bytes. */
function quotation(
  walk: Walk,
  segment: Segment,
  lengthAt: number,
  lengthShift: number,
  layer: number,
): number {
  const { bytes, at } = walk;
  // A quotation within a quotation is not followed: errors about errors are not sent (RFC 1122 §3.2.2).
  if (walk.isQuoted || at + HEADER_BYTES >= walk.end) return ~ICMP;
  walk.isQuoted = true;
  segment.icmpType = bytes[at];
  segment.icmpCode = bytes[at + 1];
  segment.icmpSource0 = segment.source0;
  segment.icmpSource1 = segment.source1;
  segment.icmpSource2 = segment.source2;
  segment.icmpSource3 = segment.source3;
  const length = lengthAt === 0 ? 0 : bytes[at + lengthAt] << lengthShift;
  walk.at = at + HEADER_BYTES;
  if (length >= 20) narrow(walk, walk.at, length);
  return layer;
}
