/**
 * Tunnels over UDP (RFC 768): VXLAN (RFC 7348) and VXLAN-GPE, Geneve (RFC 8926), GTP-U (3GPP TS 29.281), L2TP (RFC 2661),
 * Teredo (RFC 4380), MPLS (RFC 7510) and GRE (RFC 8086) in UDP, CAPWAP (RFC 5415).
 *
 * A port only suggests a tunnel; the tunnel's own header must hold up before anything behind it is believed, otherwise
 * the packet counts as UDP. Only the VXLAN and Geneve network identifier becomes part of the segment.
 */
import { carriedType } from "./ethernet.js";
import type { Segment } from "./segment.js";
import {
  CAPWAP,
  CAPWAP_CONTROL,
  CUT_IN_IP_HEADER,
  CUT_IN_TUNNEL_HEADER,
  GTP_CONTROL,
  GTP_OTHER,
  L2TP_CONTROL,
  L2TPV3,
  UDP,
  WLAN_FRAGMENT,
} from "./skip-reasons.js";
import { ETHERNET, GRE, IPV4, IPV6, MPLS, NSH, narrow, PPP, type Walk, WLAN } from "./walk.js";

const HEADER_BYTES = 8;

/** Decodes a UDP header and enters the tunnel that its ports suggest. */
export function udp(walk: Walk, segment: Segment): number {
  const { view, at } = walk;
  // Without ports there is nothing to tell, and UDP itself is no loss.
  if (at + HEADER_BYTES > walk.end) return walk.wireEnd > walk.end ? ~UDP : ~CUT_IN_IP_HEADER;
  const source = view.getUint16(at);
  const destination = view.getUint16(at + 2);
  const length = view.getUint16(at + 4);
  if (length > HEADER_BYTES) narrow(walk, at, length);
  walk.at = at + HEADER_BYTES;
  const layer = byPort(walk, segment, destination);
  // Replies of some tunnels come from the known port; VXLAN's and Geneve's source ports are only entropy.
  return layer === ~UDP && isTwoWay(source) ? byPort(walk, segment, source) : layer;
}

function isTwoWay(port: number): boolean {
  return port === 2152 || port === 1701 || port === 3544 || port === 5246 || port === 5247;
}

function byPort(walk: Walk, segment: Segment, port: number): number {
  switch (port) {
    case 4789:
    case 8472:
      return vxlan(walk, segment);
    case 4790:
      return vxlanGpe(walk, segment);
    case 6081:
      return geneve(walk, segment);
    case 2152:
      return gtpU(walk);
    case 1701:
      return l2tp(walk);
    case 3544:
      return teredo(walk);
    case 6635:
      return MPLS;
    case 4754:
      return GRE;
    case 5246:
      return ~CAPWAP_CONTROL;
    case 5247:
      return capwap(walk, segment);
    default:
      return ~UDP;
  }
}

/** VXLAN: the I flag set, the reserved last byte zero; the group policy extension may set the G flag. */
function vxlan(walk: Walk, segment: Segment): number {
  const { view, at } = walk;
  if (at + 8 > walk.end) return cutOrUdp(walk, 8);
  const flags = view.getUint16(at);
  if ((flags & 0x7f00) !== 0x0800) return ~UDP;
  const identifier = view.getInt32(at + 4);
  if ((identifier & 0xff) !== 0) return ~UDP;
  segment.overlayId = (identifier >>> 8) + 1;
  walk.at = at + 8;
  return ETHERNET;
}

/** VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe): I and P flags set, the fourth byte names the payload. */
function vxlanGpe(walk: Walk, segment: Segment): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return cutOrUdp(walk, 8);
  if ((bytes[at] & 0x0c) !== 0x0c || bytes[at] >> 4 !== 0) return ~UDP;
  segment.overlayId = (view.getInt32(at + 4) >>> 8) + 1;
  walk.at = at + 8;
  switch (bytes[at + 3]) {
    case 1:
      return IPV4;
    case 2:
      return IPV6;
    case 3:
      return ETHERNET;
    case 4:
      return NSH;
    default:
      return ~UDP;
  }
}

/** Geneve: version 0, reserved bits zero, a payload type that can carry IP. */
function geneve(walk: Walk, segment: Segment): number {
  const { view, at } = walk;
  if (at + 8 > walk.end) return cutOrUdp(walk, 8);
  const start = view.getUint16(at);
  const identifier = view.getInt32(at + 4);
  if (start >> 14 !== 0 || (start & 0x3f) !== 0 || (identifier & 0xff) !== 0) return ~UDP;
  const next = at + 8 + (((start >> 8) & 0x3f) << 2);
  if (next > walk.wireEnd) return ~UDP;
  if (next > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const layer = carriedType(walk, view.getUint16(at + 2));
  if (layer < 0) return ~UDP;
  segment.overlayId = (identifier >>> 8) + 1;
  walk.at = next;
  return layer;
}

/** GTP-U: version 1, protocol type GTP, message 255 carries a user's packet (3GPP TS 29.281 §5.1). */
function gtpU(walk: Walk): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return cutOrUdp(walk, 8);
  const flags = bytes[at];
  if ((flags & 0xf0) !== 0x30 || at + 8 + view.getUint16(at + 2) > walk.wireEnd) return ~UDP;
  if (bytes[at + 1] !== 255) return ~GTP_CONTROL;
  narrow(walk, at + 8, view.getUint16(at + 2));
  let next = at + 8;
  if ((flags & 7) !== 0) {
    next += 4;
    if (next > walk.end) return ~CUT_IN_TUNNEL_HEADER;
    let kind = (flags & 4) !== 0 ? bytes[next - 1] : 0;
    while (kind !== 0) {
      if (next >= walk.end) return ~CUT_IN_TUNNEL_HEADER;
      const length = bytes[next] << 2;
      if (length === 0) return ~UDP;
      next += length;
      if (next > walk.end) return ~CUT_IN_TUNNEL_HEADER;
      kind = bytes[next - 1];
    }
  }
  if (next >= walk.end) return ~CUT_IN_TUNNEL_HEADER;
  walk.at = next;
  const version = bytes[next] >> 4;
  return version === 4 ? IPV4 : version === 6 ? IPV6 : ~GTP_OTHER;
}

/** L2TP version 2 data message (RFC 2661 §3.1), with its optional fields. */
function l2tp(walk: Walk): number {
  const { view, at } = walk;
  if (at + 6 > walk.end) return cutOrUdp(walk, 6);
  const flags = view.getUint16(at);
  if ((flags & 0x0f) === 3) return ~L2TPV3;
  if ((flags & 0x0f) !== 2 || (flags & 0x34f0) !== 0) return ~UDP;
  if ((flags & 0x8000) !== 0) return ~L2TP_CONTROL;
  let next = at + 6;
  if ((flags & 0x4000) !== 0) {
    const length = view.getUint16(at + 2);
    if (length < 8 || at + length > walk.wireEnd) return ~UDP;
    narrow(walk, at, length);
    next += 2;
  }
  if ((flags & 0x0800) !== 0) next += 4;
  if ((flags & 0x0200) !== 0) {
    if (next + 2 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
    next += 2 + view.getUint16(next);
  }
  if (next > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  walk.at = next;
  return PPP;
}

/** Teredo: an authentication and an origin indication may precede an IPv6 packet that fills the datagram. */
function teredo(walk: Walk): number {
  const { bytes, view } = walk;
  let at = walk.at;
  if (at + 4 <= walk.end && view.getUint16(at) === 1) at += 13 + bytes[at + 2] + bytes[at + 3];
  if (at + 8 <= walk.end && view.getUint16(at) === 0) at += 8;
  if (at + 6 > walk.end) return ~UDP;
  if (bytes[at] >> 4 !== 6 || at + 40 + view.getUint16(at + 4) > walk.wireEnd) return ~UDP;
  walk.at = at;
  return IPV6;
}

/**
 * CAPWAP data (RFC 5415 §4.3): an 802.3 frame, or an 802.11 one where the T flag is set. Many controllers send the
 * frame control field with its bytes swapped; that is undone by the reader of 802.11.
 */
function capwap(walk: Walk, segment: Segment): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return cutOrUdp(walk, 8);
  if (bytes[at] >> 4 !== 0) return ~UDP;
  if ((bytes[at] & 0x0f) !== 0) return ~CAPWAP;
  const word = view.getUint32(at);
  const headerLength = ((word >>> 19) & 31) << 2;
  if (headerLength < 8) return ~UDP;
  if (at + headerLength > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const isNative = (word & 0x100) !== 0;
  const isFragment = (word & 0x80) !== 0;
  if ((word & 0x08) !== 0) return ~CAPWAP_CONTROL;
  if (isFragment && view.getUint16(at + 6) >> 3 !== 0) return ~WLAN_FRAGMENT;
  if (isFragment) segment.isFragment = true;
  walk.at = at + headerLength;
  if (!isNative) return ETHERNET;
  return ((word >>> 9) & 31) === 1 ? WLAN : ~CAPWAP;
}

/** A header that does not fit: cut by the capture, or the datagram is too short to be this tunnel at all. */
function cutOrUdp(walk: Walk, length: number): number {
  return walk.at + length > walk.wireEnd ? ~UDP : ~CUT_IN_TUNNEL_HEADER;
}
