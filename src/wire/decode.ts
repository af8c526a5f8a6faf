/**
 * From a captured packet to the one reused Segment: the door of this folder.
 *
 * The common packet takes the fast path; every other one is walked layer by layer, each layer naming the next, until a
 * TCP header is decoded or a layer refuses the packet by name. No packet throws, none allocates, and no byte outside of
 * what was captured is read.
 */
import { ethernet, etherType, llc, pppoe } from "./ethernet.js";
import { decodeFast } from "./fast-path.js";
import { etherIp, gre } from "./gre.js";
import { icmp, icmpV6 } from "./icmp.js";
import { ip, ipv4, ipv6 } from "./ip.js";
import { frameRelay, ppp } from "./link-layers.js";
import { enterLink } from "./link-types.js";
import { mpls, nsh } from "./mpls.js";
import type { PacketBytes } from "./packet-bytes.js";
import type { Segment } from "./segment.js";
import { ICMP, ICMP_QUOTE_SHORT, OTHER_FRAME } from "./skip-reasons.js";
import { tcp } from "./tcp-header.js";
import { udp } from "./udp-tunnels.js";
import {
  DONE,
  ETHER_IP,
  ETHER_TYPE,
  ETHERNET,
  FRAME_RELAY,
  GRE,
  ICMP_MESSAGE,
  ICMPV6_MESSAGE,
  IP,
  IPV4,
  IPV6,
  LINK,
  LLC_FRAME,
  MPLS,
  NOTHING_STATED,
  NSH,
  PPP,
  PPPOE,
  RADIOTAP,
  TCP,
  UDP_DATAGRAM,
  Walk,
  WLAN,
} from "./walk.js";
import { radiotap, wlan } from "./wireless.js";

/** `decode()` refused the packet: `segment.skipReason` says why. */
export const SKIPPED = 0;
/** `decode()` found a TCP segment. */
export const SEGMENT = 1;
/** `decode()` found an ICMP error that quotes a TCP header: the segment is the quoted one, `icmp…` tell of the error. */
export const QUOTED = 2;

export const ETHERNET_LINK = 1;

const walk = new Walk();

/** Decodes `packet` into `segment`; returns SEGMENT, QUOTED or SKIPPED. */
export function decode(packet: PacketBytes, segment: Segment): number {
  segment.timeNs = packet.timeNs;
  segment.number = packet.number;
  segment.file = packet.file;
  segment.interfaceId = packet.interfaceId;
  segment.offset = packet.offset;
  if (segment.bytes !== packet.bytes) segment.bytes = packet.bytes;
  segment.isQuoted = false;
  if (packet.linkType === ETHERNET_LINK && decodeFast(packet, segment)) return SEGMENT;
  return decodeLayers(packet, segment);
}

/** Decodes layer by layer what the fast path left, or, in tests, any packet; the packet's own fields are not copied. */
export function decodeLayers(packet: PacketBytes, segment: Segment): number {
  walk.bytes = packet.bytes;
  walk.view = packet.view;
  walk.at = packet.start;
  walk.end = packet.end;
  walk.wireEnd = packet.start + packet.originalLength;
  if (walk.wireEnd < walk.end) walk.wireEnd = walk.end;
  walk.statedEnd = NOTHING_STATED;
  walk.linkType = packet.linkType;
  walk.tags = 0;
  walk.ipHeaders = 0;
  walk.isQuoted = false;
  segment.vlan = 0;
  segment.overlayId = 0;
  segment.isFragment = false;
  let layer = LINK;
  while (layer > DONE) layer = enter(layer, segment);
  segment.isQuoted = walk.isQuoted;
  if (layer === DONE) return walk.isQuoted ? QUOTED : SEGMENT;
  const reason = ~layer;
  segment.skipReason = walk.isQuoted && reason !== ICMP_QUOTE_SHORT ? ICMP : reason;
  return SKIPPED;
}

/** Runs one layer; every layer that returns another has moved on in the packet, so the chain ends. */
function enter(layer: number, segment: Segment): number {
  switch (layer) {
    case IPV4:
      return ipv4(walk, segment);
    case TCP:
      return tcp(walk, segment);
    case IPV6:
      return ipv6(walk, segment);
    case LINK:
      return walk.linkType === ETHERNET_LINK ? ethernet(walk, segment) : enterLink(walk, segment);
    case ETHERNET:
      return ethernet(walk, segment);
    case ETHER_TYPE:
      return etherType(walk, segment);
    case LLC_FRAME:
      return llc(walk);
    case PPP:
      return ppp(walk);
    case PPPOE:
      return pppoe(walk);
    case MPLS:
      return mpls(walk);
    case NSH:
      return nsh(walk);
    case IP:
      return ip(walk);
    case UDP_DATAGRAM:
      return udp(walk, segment);
    case GRE:
      return gre(walk);
    case ETHER_IP:
      return etherIp(walk);
    case ICMP_MESSAGE:
      return icmp(walk, segment);
    case ICMPV6_MESSAGE:
      return icmpV6(walk, segment);
    case WLAN:
      return wlan(walk, segment);
    case RADIOTAP:
      return radiotap(walk, segment);
    case FRAME_RELAY:
      return frameRelay(walk);
    default:
      return ~OTHER_FRAME;
  }
}
