/**
 * The TCP header (RFC 9293 §3.1), whole, cut by the capture, or quoted in an ICMP error.
 *
 * Up to the flags (14 bytes) a header must have been captured to be used; in an ICMP error, ports and sequence number
 * (8 bytes, RFC 792) suffice. What is missing after that is marked by `isHeaderCut` and never guessed.
 */
import type { Segment } from "./segment.js";
import { FIN, SYN } from "./segment.js";
import {
  BAD_DATA_OFFSET,
  BAD_IP_HEADER,
  CUT_IN_TCP_HEADER,
  ICMP_QUOTE_SHORT,
  TINY_FRAGMENT,
} from "./skip-reasons.js";
import { clearOptions, readOptions } from "./tcp-options.js";
import { DONE, type Walk } from "./walk.js";

const HEADER_BYTES = 20;
/** Captured bytes that a header must have: up to and with the flags. */
const USABLE_BYTES = 14;
/** Quoted bytes that an ICMP error must have: ports and sequence number. */
const QUOTED_BYTES = 8;

/** Decodes the TCP header at the walk's position into `segment`; its length follows from the IP header's. */
export function tcp(walk: Walk, segment: Segment): number {
  const { bytes, view, at, end } = walk;
  const captured = end - at;
  const onWire = walk.wireEnd - at;
  clearOptions(segment);
  if (walk.isQuoted) {
    if (captured < QUOTED_BYTES) return ~ICMP_QUOTE_SHORT;
    if (captured < USABLE_BYTES) return quotedPart(walk, segment);
  } else {
    if (onWire < HEADER_BYTES && !segment.isFragment) return ~BAD_IP_HEADER;
    if (onWire < USABLE_BYTES) return ~TINY_FRAGMENT;
    if (captured < USABLE_BYTES) return ~CUT_IN_TCP_HEADER;
  }
  const word = view.getUint16(at + 12);
  const headerLength = (word >> 12) << 2;
  if (headerLength < HEADER_BYTES || (headerLength > onWire && !segment.isFragment)) return ~BAD_DATA_OFFSET;

  segment.sourcePort = view.getUint16(at);
  segment.destinationPort = view.getUint16(at + 2);
  segment.sequence = view.getInt32(at + 4);
  segment.acknowledgment = view.getInt32(at + 8);
  const flags = word & 0x1ff;
  segment.flags = flags;
  segment.window = captured >= 16 ? view.getUint16(at + 14) : 0;
  segment.checksum = captured >= 18 ? view.getUint16(at + 16) : 0;
  segment.urgentPointer = captured >= HEADER_BYTES ? view.getUint16(at + 18) : 0;

  const headerEnd = at + headerLength;
  const payload = onWire > headerLength ? onWire - headerLength : 0;
  segment.payloadLength = payload;
  segment.length = payload + (flags & FIN) + ((flags & SYN) >> 1);
  segment.isHeaderCut = captured < headerLength;
  segment.headerStart = at;
  segment.payloadStart = captured < headerLength ? end : headerEnd;
  segment.payloadCaptured = end - segment.payloadStart;
  if (headerLength > HEADER_BYTES && captured > HEADER_BYTES)
    readOptions(bytes, view, at + HEADER_BYTES, headerEnd, end, segment);
  return DONE;
}

/** What an ICMP error quotes of a TCP header when it ends before the flags. */
function quotedPart(walk: Walk, segment: Segment): number {
  const { view, at, end } = walk;
  segment.sourcePort = view.getUint16(at);
  segment.destinationPort = view.getUint16(at + 2);
  segment.sequence = view.getInt32(at + 4);
  segment.acknowledgment = end - at >= 12 ? view.getInt32(at + 8) : 0;
  segment.flags = 0;
  segment.window = 0;
  segment.checksum = 0;
  segment.urgentPointer = 0;
  segment.payloadLength = 0;
  segment.length = 0;
  segment.headerStart = at;
  segment.payloadStart = end;
  segment.payloadCaptured = 0;
  segment.isHeaderCut = true;
  return DONE;
}
