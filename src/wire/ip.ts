/**
 * IPv4 (RFC 791) and IPv6 (RFC 8200) with its extension headers, jumbograms (RFC 2675) and atomic fragments (RFC 6946).
 *
 * The innermost header wins: each one met overwrites the segment's network fields. A first fragment is used, later ones
 * are refused by name; nothing is reassembled. Lengths are what the header says, whatever the frame holds.
 */
import type { Segment } from "./segment.js";
import {
  BAD_IP_HEADER,
  CUT_IN_IP_HEADER,
  ESP,
  IGMP,
  IP_FRAGMENT,
  L2TPV3,
  NO_NEXT_HEADER,
  OTHER_IP_PROTOCOL,
  SCTP,
  TUNNEL_TOO_DEEP,
} from "./skip-reasons.js";
import {
  ETHER_IP,
  ETHERNET,
  GRE,
  ICMP_MESSAGE,
  ICMPV6_MESSAGE,
  IPV4,
  IPV6,
  MPLS,
  NSH,
  setPacketLength,
  TCP,
  UDP_DATAGRAM,
  type Walk,
} from "./walk.js";

/** IP headers that are followed into each other before a packet is refused. */
export const IP_HEADERS_MAX = 8;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION_HEADER = 51;
const NO_NEXT = 59;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const HOST_IDENTITY = 139;
const SHIM6 = 140;

const OPTION_JUMBO = 0xc2;
/** Longest jumbogram believed, in bytes: no host makes longer ones, and a damaged length must stay a small integer. */
const JUMBO_MAX = 0x0fffffff;
const OPTION_HOME_ADDRESS = 0xc9;
const ROUTING_SOURCE = 0;
const ROUTING_MOBILE = 2;
const ROUTING_SEGMENTS = 4;

/** A layer where only the version nibble tells which IP follows. */
export function ip(walk: Walk): number {
  if (walk.at >= walk.end) return ~CUT_IN_IP_HEADER;
  const version = walk.bytes[walk.at] >> 4;
  return version === 4 ? IPV4 : version === 6 ? IPV6 : ~BAD_IP_HEADER;
}

/** What the protocol number of an IPv4 or IPv6 header leads to. */
function upperLayer(protocol: number): number {
  switch (protocol) {
    case 6:
      return TCP;
    case 17:
    case 136: // UDP-Lite (RFC 3828): same ports in the same places
      return UDP_DATAGRAM;
    case 1:
      return ICMP_MESSAGE;
    case 58:
      return ICMPV6_MESSAGE;
    case 4:
    case 94:
      return IPV4;
    case 41:
      return IPV6;
    case 47:
      return GRE;
    case 97:
      return ETHER_IP;
    case 137:
      return MPLS;
    case 143:
      return ETHERNET;
    case 145:
      return NSH;
    case 2:
      return ~IGMP;
    case 50:
      return ~ESP;
    case 115:
      return ~L2TPV3;
    case 132:
      return ~SCTP;
    case NO_NEXT:
      return ~NO_NEXT_HEADER;
    default:
      return ~OTHER_IP_PROTOCOL;
  }
}

/** Decodes an IPv4 header with its options. */
export function ipv4(walk: Walk, segment: Segment): number {
  const { bytes, view, at } = walk;
  if (walk.end - at < 20) return ~CUT_IN_IP_HEADER;
  const versionAndLength = bytes[at];
  const headerLength = (versionAndLength & 15) << 2;
  if (versionAndLength >> 4 !== 4 || headerLength < 20) return ~BAD_IP_HEADER;
  if (++walk.ipHeaders > IP_HEADERS_MAX) return ~TUNNEL_TOO_DEEP;
  const totalLength = view.getUint16(at + 2);
  // 0 where the sending host captured before segmentation offload: the frame's own length counts then.
  if (totalLength !== 0) {
    if (totalLength < headerLength) return ~BAD_IP_HEADER;
    setPacketLength(walk, at, totalLength, walk.isQuoted || segment.isFragment);
  }
  segment.ipVersion = 4;
  segment.ecn = bytes[at + 1] & 3;
  segment.ipId = view.getUint16(at + 4);
  segment.ttl = bytes[at + 8];
  segment.source0 = view.getInt32(at + 12);
  segment.source1 = 0;
  segment.source2 = 0;
  segment.source3 = 0;
  segment.destination0 = view.getInt32(at + 16);
  segment.destination1 = 0;
  segment.destination2 = 0;
  segment.destination3 = 0;
  const fragment = view.getUint16(at + 6);
  if ((fragment & 0x1fff) !== 0) return ~IP_FRAGMENT;
  if ((fragment & 0x2000) !== 0) segment.isFragment = true;
  if (at + headerLength > walk.end) return ~CUT_IN_IP_HEADER;
  walk.at = at + headerLength;
  const protocol = bytes[at + 9];
  return protocol === AUTHENTICATION_HEADER
    ? extensionHeaders(walk, segment, protocol, at)
    : upperLayer(protocol);
}

/** Decodes an IPv6 header and every extension header behind it. */
export function ipv6(walk: Walk, segment: Segment): number {
  const { bytes, view, at } = walk;
  if (walk.end - at < 40) return ~CUT_IN_IP_HEADER;
  if (bytes[at] >> 4 !== 6) return ~BAD_IP_HEADER;
  if (++walk.ipHeaders > IP_HEADERS_MAX) return ~TUNNEL_TOO_DEEP;
  const payloadLength = view.getUint16(at + 4);
  const next = bytes[at + 6];
  // 0 means a jumbogram, whose option tells, or a sender's own capture without one: the frame's length counts then.
  if (payloadLength !== 0 || next === NO_NEXT) {
    setPacketLength(walk, at, 40 + payloadLength, walk.isQuoted || segment.isFragment);
  }
  segment.ipVersion = 6;
  segment.ecn = (bytes[at + 1] >> 4) & 3;
  segment.ipId = 0;
  segment.ttl = bytes[at + 7];
  segment.source0 = view.getInt32(at + 8);
  segment.source1 = view.getInt32(at + 12);
  segment.source2 = view.getInt32(at + 16);
  segment.source3 = view.getInt32(at + 20);
  setDestination(view, at + 24, segment);
  walk.at = at + 40;
  return next === 6 ? TCP : extensionHeaders(walk, segment, next, at);
}

/** Walks the chain of extension headers (RFC 8200 §4) that begins with kind `next`; `ipAt` is where the IP header is. */
function extensionHeaders(walk: Walk, segment: Segment, next: number, ipAt: number): number {
  const { bytes, view } = walk;
  for (;;) {
    const at = walk.at;
    let length = 8;
    switch (next) {
      case HOP_BY_HOP:
      case ROUTING:
      case DESTINATION_OPTIONS:
      case MOBILITY:
      case HOST_IDENTITY:
      case SHIM6:
        if (at + 2 > walk.end) return ~CUT_IN_IP_HEADER;
        length = (bytes[at + 1] + 1) << 3;
        break;
      case AUTHENTICATION_HEADER: // counts in units of 4 bytes (RFC 4302 §2.2)
        if (at + 2 > walk.end) return ~CUT_IN_IP_HEADER;
        length = (bytes[at + 1] + 2) << 2;
        break;
      case FRAGMENT:
        break;
      default:
        return upperLayer(next);
    }
    if (at + length > walk.wireEnd) return ~BAD_IP_HEADER;
    if (at + length > walk.end) return ~CUT_IN_IP_HEADER;
    if (next === FRAGMENT) {
      const fragment = view.getUint16(at + 2);
      if ((fragment & 0xfff8) !== 0) return ~IP_FRAGMENT;
      if ((fragment & 1) !== 0) segment.isFragment = true;
    } else if (next === ROUTING) {
      finalDestination(walk, segment, at, length);
    } else if (next === HOP_BY_HOP || next === DESTINATION_OPTIONS) {
      headerOptions(walk, segment, at, length, ipAt);
    }
    next = bytes[at];
    walk.at = at + length;
  }
}

/** Reads the two options that matter: the jumbo payload length and a mobile node's home address (RFC 6275 §6.3). */
function headerOptions(walk: Walk, segment: Segment, from: number, length: number, ipAt: number): void {
  const { bytes, view } = walk;
  const end = from + length;
  let at = from + 2;
  while (at + 1 < end) {
    const kind = bytes[at];
    if (kind === 0) {
      at++;
      continue;
    }
    const size = bytes[at + 1];
    if (at + 2 + size > end) return;
    if (kind === OPTION_JUMBO && size === 4 && view.getUint16(ipAt + 4) === 0) {
      const packetLength = 40 + view.getUint32(at + 2);
      if (packetLength <= JUMBO_MAX && ipAt + packetLength >= end)
        setPacketLength(walk, ipAt, packetLength, walk.isQuoted || segment.isFragment);
    } else if (kind === OPTION_HOME_ADDRESS && size === 16) {
      segment.source0 = view.getInt32(at + 2);
      segment.source1 = view.getInt32(at + 6);
      segment.source2 = view.getInt32(at + 10);
      segment.source3 = view.getInt32(at + 14);
    }
    at += 2 + size;
  }
}

/**
 * With segments left, the header's destination is only the next stop: the address that TCP talks to stands in the
 * routing header (last in RFC 2460 §4.4 and RFC 6275 §6.4, first in RFC 8754 §2).
 */
function finalDestination(walk: Walk, segment: Segment, at: number, length: number): void {
  const { bytes, view } = walk;
  const kind = bytes[at + 2];
  if (bytes[at + 3] === 0 || length < 24) return;
  if (kind === ROUTING_SOURCE || kind === ROUTING_MOBILE)
    setDestination(view, at + 8 + (((length - 8) >> 4) - 1) * 16, segment);
  else if (kind === ROUTING_SEGMENTS) setDestination(view, at + 8, segment);
}

function setDestination(view: DataView, at: number, segment: Segment): void {
  segment.destination0 = view.getInt32(at);
  segment.destination1 = view.getInt32(at + 4);
  segment.destination2 = view.getInt32(at + 8);
  segment.destination3 = view.getInt32(at + 12);
}
