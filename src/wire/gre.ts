/**
 * GRE (RFC 2784, RFC 2890), the routing fields of RFC 1701 §2, its PPTP form (RFC 2637 §4.1), ERSPAN types I to III
 * (draft-foschiano-erspan), WCCP redirection, and EtherIP (RFC 3378).
 *
 * Keys, sequence numbers and session identifiers are passed over: they differ by direction and name no connection.
 */
import { carriedType } from "./ethernet.js";
import { CUT_IN_TUNNEL_HEADER, GRE_OTHER } from "./skip-reasons.js";
import { ETHERNET, IP, IPV4, PPP, type Walk } from "./walk.js";

const HAS_CHECKSUM = 0x8000;
const HAS_ROUTING = 0x4000;
const HAS_KEY = 0x2000;
const HAS_SEQUENCE = 0x1000;
const HAS_ACKNOWLEDGMENT = 0x0080;

const TYPE_PPP = 0x880b;
const TYPE_WCCP = 0x883e;
const TYPE_ERSPAN_1_2 = 0x88be;
const TYPE_ERSPAN_3 = 0x22eb;

/** Decodes a GRE header of version 0 or 1. */
export function gre(walk: Walk): number {
  const { view, at } = walk;
  if (at + 4 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const flags = view.getUint16(at);
  const type = view.getUint16(at + 2);
  const version = flags & 7;
  if (version === 1) return pptp(walk, flags, type);
  if (version !== 0) return ~GRE_OTHER;
  let next = at + 4;
  if ((flags & (HAS_CHECKSUM | HAS_ROUTING)) !== 0) next += 4;
  if ((flags & HAS_KEY) !== 0) next += 4;
  if ((flags & HAS_SEQUENCE) !== 0) next += 4;
  if ((flags & HAS_ROUTING) !== 0) next = behindRouting(walk, next);
  if (next > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  walk.at = next;
  switch (type) {
    case TYPE_ERSPAN_1_2:
      return (flags & HAS_SEQUENCE) === 0 ? ETHERNET : erspan(walk);
    case TYPE_ERSPAN_3:
      return erspan(walk);
    case TYPE_WCCP:
      return wccp(walk);
    default:
      return carriedType(walk, type);
  }
}

/** Walks the source route entries: family (2), offset (1), length (1), until one is all zero. */
function behindRouting(walk: Walk, at: number): number {
  for (;;) {
    if (at + 4 > walk.end) return walk.end + 1;
    const entry = walk.view.getInt32(at);
    at += 4;
    if (entry === 0) return at;
    at += entry & 0xff;
  }
}

/** The enhanced header of PPTP: without a sequence number it only acknowledges. */
function pptp(walk: Walk, flags: number, type: number): number {
  if (type !== TYPE_PPP || (flags & HAS_SEQUENCE) === 0) return ~GRE_OTHER;
  walk.at += 12 + ((flags & HAS_ACKNOWLEDGMENT) !== 0 ? 4 : 0);
  return walk.at > walk.end ? ~CUT_IN_TUNNEL_HEADER : PPP;
}

/** ERSPAN header of type II (version 1, 8 bytes) or III (version 2, 12 bytes and perhaps 8 of platform data). */
function erspan(walk: Walk): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const version = bytes[at] >> 4;
  if (version === 1) {
    walk.at = at + 8;
    return ETHERNET;
  }
  if (version !== 2) return ~GRE_OTHER;
  if (at + 12 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const last = view.getUint16(at + 10);
  walk.at = at + 12 + ((last & 1) !== 0 ? 8 : 0);
  const frameType = (last >> 10) & 31;
  return frameType === 0 ? ETHERNET : frameType === 2 ? IP : ~GRE_OTHER;
}

/** WCCP puts four bytes of its own before the packet in its second version, none in its first. */
function wccp(walk: Walk): number {
  if (walk.at >= walk.end) return ~CUT_IN_TUNNEL_HEADER;
  if (walk.bytes[walk.at] >> 4 !== 4) walk.at += 4;
  return IPV4;
}

/** EtherIP: version 3 and twelve zero bits, then an Ethernet frame. */
export function etherIp(walk: Walk): number {
  const { view, at } = walk;
  if (at + 2 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  if (view.getUint16(at) !== 0x3000) return ~GRE_OTHER;
  walk.at = at + 2;
  return ETHERNET;
}
