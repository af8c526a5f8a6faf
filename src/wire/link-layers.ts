/**
 * Link layers other than Ethernet and 802.11: loopback, Linux cooked, PPP (RFC 1661, RFC 1662), Cisco HDLC, frame relay
 * (RFC 2427), FDDI (RFC 1390), Token Ring, ARCNET (RFC 1201, RFC 1051), InfiniBand (RFC 4391), NFLOG and a few more.
 *
 * Each function reads one header as tcpdump.org's list of link types describes it and names the layer behind it.
 * Where hosts write their own byte order, both orders are told apart by the values that make sense.
 */

import { snap } from "./ethernet.js";
import type { Segment } from "./segment.js";
import {
  ARP,
  BAD_LINK_HEADER,
  CUT_IN_LINK_HEADER,
  LLC,
  NETLINK,
  OTHER_ETHERTYPE,
  OTHER_FAMILY,
  OTHER_FRAME,
  PPP_CONTROL,
  PPP_MULTILINK,
  SLARP,
  VJ_COMPRESSED,
} from "./skip-reasons.js";
import {
  ETHER_TYPE,
  ETHERNET,
  FRAME_RELAY,
  IP,
  IPV4,
  IPV6,
  LLC_FRAME,
  MPLS,
  PPP,
  RADIOTAP,
  type Walk,
  WLAN,
} from "./walk.js";

/** Passes over `length` bytes of a header of which nothing else is needed. */
function pass(walk: Walk, length: number, layer: number): number {
  walk.at += length;
  return walk.at > walk.end ? ~CUT_IN_LINK_HEADER : layer;
}

/** An address family number as the BSDs, Linux, macOS and Windows assign them. */
function family(value: number): number {
  switch (value) {
    case 2:
      return IPV4;
    case 10: // Linux
    case 23: // Windows
    case 24: // NetBSD, OpenBSD
    case 28: // FreeBSD
    case 30: // macOS
      return IPV6;
    default:
      return ~OTHER_FAMILY;
  }
}

/** BSD loopback (types 0 and 108): a 32-bit family in either byte order. */
export function loopback(walk: Walk): number {
  const { view, at } = walk;
  if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
  const value = view.getUint32(at);
  walk.at = at + 4;
  return family(value > 0xffff ? view.getUint32(at, true) : value);
}

/** OpenBSD enc: family, SPI and flags, four bytes each. */
export function enc(walk: Walk): number {
  const layer = loopback(walk);
  return layer > 0 ? pass(walk, 8, layer) : layer;
}

/** OpenBSD pflog: its length, an action and the family open it; padded to four bytes. */
export function pflog(walk: Walk): number {
  const { bytes, at } = walk;
  if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
  const length = bytes[at];
  if (length < 4) return ~BAD_LINK_HEADER;
  return pass(walk, (length + 3) & ~3, family(bytes[at + 1]));
}

/** Linux cooked v1: 16 bytes. */
export function linuxCooked(walk: Walk): number {
  const { view, at } = walk;
  if (at + 16 > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.at = at + 16;
  return cookedProtocol(walk, view.getUint16(at + 2), view.getUint16(at + 14));
}

/** Linux cooked v2: 20 bytes, the protocol first. */
export function linuxCooked2(walk: Walk): number {
  const { view, at } = walk;
  if (at + 20 > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.at = at + 20;
  return cookedProtocol(walk, view.getUint16(at + 8), view.getUint16(at));
}

/** The kernel's device type (ARPHRD_…) decides whether the protocol is an EtherType at all. */
function cookedProtocol(walk: Walk, device: number, protocol: number): number {
  switch (device) {
    case 824:
      return ~NETLINK;
    case 770:
      return FRAME_RELAY;
    case 801:
      return WLAN;
    case 803:
      return RADIOTAP;
    default:
  }
  if (protocol === 4) return LLC_FRAME;
  // Tunnel devices of some kernels name no protocol; what they carry is IP.
  if (protocol === 0 && device >= 65534) return IP;
  if (protocol < 1536) return ~OTHER_FRAME;
  walk.etherType = protocol;
  return ETHER_TYPE;
}

/** PPP, with or without its HDLC address and control bytes and with or without a compressed protocol field. */
export function ppp(walk: Walk): number {
  const { bytes, view } = walk;
  let at = walk.at;
  // 0xff is no protocol, so it can only be the address byte.
  if (at < walk.end && bytes[at] === 0xff) {
    if (at + 2 > walk.end) return ~CUT_IN_LINK_HEADER;
    if (view.getUint16(at) === 0xff03) at += 2;
  }
  if (at >= walk.end) return ~CUT_IN_LINK_HEADER;
  let protocol = bytes[at++];
  if ((protocol & 1) === 0) {
    if (at >= walk.end) return ~CUT_IN_LINK_HEADER;
    protocol = (protocol << 8) | bytes[at++];
  }
  walk.at = at;
  switch (protocol) {
    case 0x21:
      return IPV4;
    case 0x57:
      return IPV6;
    case 0x281:
    case 0x283:
      return MPLS;
    case 0x31:
      return bridged(walk);
    case 0x2d:
    case 0x2f:
      return ~VJ_COMPRESSED;
    case 0x3d:
      return ~PPP_MULTILINK;
    default:
      return ~PPP_CONTROL;
  }
}

/** PPP bridging (RFC 3518): flags, the MAC type, then an Ethernet frame for type 1; padding is not used by it. */
function bridged(walk: Walk): number {
  const { bytes, at } = walk;
  if (at + 2 > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.at = at + 2;
  return bytes[at + 1] === 1 ? ETHERNET : ~PPP_CONTROL;
}

/** PPP in HDLC framing, or Cisco's HDLC, which share a link type (50). */
export function pppSerial(walk: Walk): number {
  const { bytes, at } = walk;
  if (at >= walk.end) return ~CUT_IN_LINK_HEADER;
  return bytes[at] === 0x0f || bytes[at] === 0x8f ? ciscoHdlc(walk) : PPP;
}

/** Linux PPP with a direction byte in place of the address byte (type 166). */
export function pppDirection(walk: Walk): number {
  const { bytes, at } = walk;
  if (at + 2 > walk.end) return ~CUT_IN_LINK_HEADER;
  return pass(walk, bytes[at + 1] === 3 ? 2 : 1, PPP);
}

/** Cisco HDLC: address, control, EtherType. */
export function ciscoHdlc(walk: Walk): number {
  const { view, at } = walk;
  if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
  if (view.getUint16(at) === 0xff03) return PPP;
  const protocol = view.getUint16(at + 2);
  walk.at = at + 4;
  if (protocol === 0x8035) return ~SLARP;
  if (protocol < 1536) return ~OTHER_ETHERTYPE;
  walk.etherType = protocol;
  return ETHER_TYPE;
}

/** Frame relay with an address of two to four bytes; RFC 2427 or Cisco encapsulation behind it. */
export function frameRelay(walk: Walk): number {
  const { bytes, view } = walk;
  let at = walk.at;
  do {
    if (at >= walk.end) return ~CUT_IN_LINK_HEADER;
    if (at - walk.at === 4) return ~BAD_LINK_HEADER;
  } while ((bytes[at++] & 1) === 0);
  if (at + 2 > walk.end) return ~CUT_IN_LINK_HEADER;
  if (bytes[at] !== 3) {
    walk.etherType = view.getUint16(at);
    walk.at = at + 2;
    return walk.etherType < 1536 ? ~OTHER_FRAME : ETHER_TYPE;
  }
  at++;
  if (bytes[at] === 0) at++; // padding to an even length
  if (at >= walk.end) return ~CUT_IN_LINK_HEADER;
  const identifier = bytes[at++];
  walk.at = at;
  switch (identifier) {
    case 0xcc:
      return IPV4;
    case 0x8e:
      return IPV6;
    case 0xcf:
      return PPP;
    case 0x80:
      return at + 5 > walk.end ? ~CUT_IN_LINK_HEADER : snap(walk);
    default:
      return ~OTHER_FRAME;
  }
}

/** FDDI: frame control, two addresses; only LLC frames carry packets. */
export function fddi(walk: Walk): number {
  const { bytes, at } = walk;
  if (at + 13 > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.at = at + 13;
  return (bytes[at] & 0xf0) === 0x50 ? LLC_FRAME : ~OTHER_FRAME;
}

/** Token Ring: access and frame control, two addresses, and routing information where the source says so. */
export function tokenRing(walk: Walk): number {
  const { bytes, at } = walk;
  if (at + 14 > walk.end) return ~CUT_IN_LINK_HEADER;
  if ((bytes[at + 1] & 0xc0) !== 0x40) return ~OTHER_FRAME;
  if ((bytes[at + 8] & 0x80) === 0) return pass(walk, 14, LLC_FRAME);
  if (at + 16 > walk.end) return ~CUT_IN_LINK_HEADER;
  const routing = bytes[at + 14] & 0x1f;
  return routing < 2 ? ~BAD_LINK_HEADER : pass(walk, 14 + routing, LLC_FRAME);
}

/** ARCNET as the BSDs write it: two addresses, then the protocol. */
export function arcnet(walk: Walk, segment: Segment): number {
  return arcnetProtocol(walk, segment, walk.at + 2, true);
}

/** ARCNET as Linux writes it: two bytes of offset stand between the addresses and the protocol. */
export function arcnetLinux(walk: Walk, segment: Segment): number {
  return arcnetProtocol(walk, segment, walk.at + 4, false);
}

function arcnetProtocol(walk: Walk, segment: Segment, at: number, hasExceptions: boolean): number {
  const { bytes } = walk;
  if (at + 1 > walk.end) return ~CUT_IN_LINK_HEADER;
  const protocol = bytes[at];
  if (protocol === 240) {
    walk.at = at + 1;
    return IPV4;
  }
  if (protocol === 213 || protocol === 214 || protocol === 241) return ~ARP;
  if (protocol !== 212 && protocol !== 196) return ~OTHER_FRAME;
  if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
  let split = bytes[at + 1];
  let next = at + 4;
  // An exception frame (RFC 1201) repeats protocol, split flag and sequence number behind four bytes.
  if (hasExceptions && split === 0xff) {
    if (at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
    split = bytes[at + 5];
    next = at + 8;
  }
  walk.at = next;
  if (split !== 0) {
    if ((split & 1) === 0) return ~OTHER_FRAME;
    segment.isFragment = true;
  }
  return protocol === 212 ? IPV4 : IPV6;
}

/** IP over InfiniBand: 40 bytes of routing header, EtherType, two reserved bytes. */
export function infiniband(walk: Walk): number {
  const { view, at } = walk;
  if (at + 44 > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.etherType = view.getUint16(at + 40);
  walk.at = at + 44;
  return ETHER_TYPE;
}

/** IP over IEEE 1394 as Apple writes it: two 8-byte addresses, EtherType. */
export function fireWire(walk: Walk): number {
  const { view, at } = walk;
  if (at + 18 > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.etherType = view.getUint16(at + 16);
  walk.at = at + 18;
  return ETHER_TYPE;
}

/** NFLOG: family, then records of length and kind in the host's byte order, of which one (9) is the packet. */
export function nflog(walk: Walk): number {
  const { bytes, view } = walk;
  let at = walk.at;
  if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
  if (bytes[at + 1] !== 0) return ~BAD_LINK_HEADER;
  const packetFamily = bytes[at];
  at += 4;
  for (;;) {
    if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
    // Kinds are small numbers, so the order in which the kind is small is the host's.
    const isLittle = view.getUint16(at + 2, true) <= 0xff;
    const length = view.getUint16(at, isLittle);
    const kind = view.getUint16(at + 2, isLittle);
    if (length < 4) return ~BAD_LINK_HEADER;
    if (kind === 9) {
      walk.at = at + 4;
      // No stated length: NFLOG may hand over less of a packet than there was.
      walk.end = Math.min(walk.end, walk.at + length - 4);
      return packetFamily === 7 || packetFamily === 0 ? IP : family(packetFamily);
    }
    at += (length + 3) & ~3;
  }
}

/** One direction byte before PPP, Cisco HDLC or frame relay (types 204 to 206). */
export function directionPpp(walk: Walk): number {
  return pass(walk, 1, PPP);
}

export function directionHdlc(walk: Walk): number {
  walk.at += 1;
  return ciscoHdlc(walk);
}

export function directionFrameRelay(walk: Walk): number {
  return pass(walk, 1, FRAME_RELAY);
}

/** SunATM: direction and kind, VPI, VCI; the kinds with LLC are decoded. */
export function sunAtm(walk: Walk): number {
  const { bytes, at } = walk;
  if (at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
  return (bytes[at] & 0x0f) === 2 ? pass(walk, 4, LLC_FRAME) : ~LLC;
}

/** IP over Fibre Channel (RFC 2625 §3): a network header of two 8-byte addresses, then LLC. */
export function fibreChannel(walk: Walk): number {
  return pass(walk, 16, LLC_FRAME);
}

/** Ethernet behind four bytes of a capturing adapter (type 240). */
export function netAnalyzer(walk: Walk): number {
  return pass(walk, 4, ETHERNET);
}
