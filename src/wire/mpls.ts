/**
 * MPLS label stacks (RFC 3032) and the service header of RFC 8300.
 *
 * A label stack does not say what it carries. Behind its bottom the first four bits decide between IPv4, IPv6 and a
 * pseudowire (RFC 4928); an Ethernet pseudowire is believed only where a known EtherType stands in its place.
 */
import { CUT_IN_TUNNEL_HEADER, GRE_OTHER, MPLS_OTHER } from "./skip-reasons.js";
import { ETHERNET, IPV4, IPV6, MPLS, type Walk } from "./walk.js";

const EXPLICIT_NULL_IPV4 = 0;
const EXPLICIT_NULL_IPV6 = 2;
const CONTROL_WORD_BYTES = 4;

/** Walks to the bottom of the label stack. */
export function mpls(walk: Walk): number {
  const { bytes, view } = walk;
  let at = walk.at;
  let entry: number;
  do {
    if (at + 4 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
    entry = view.getInt32(at);
    at += 4;
  } while ((entry & 0x100) === 0);
  walk.at = at;
  const label = entry >>> 12;
  if (at >= walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const nibble = bytes[at] >> 4;
  if (label === EXPLICIT_NULL_IPV4) return IPV4;
  if (label === EXPLICIT_NULL_IPV6) return IPV6;
  if (nibble === 4 && !isEthernetAt(walk, at)) return IPV4;
  if (nibble === 6 && !isEthernetAt(walk, at)) return IPV6;
  if (nibble === 0 && isEthernetAt(walk, at + CONTROL_WORD_BYTES)) {
    walk.at = at + CONTROL_WORD_BYTES;
    return ETHERNET;
  }
  return isEthernetAt(walk, at) ? ETHERNET : ~MPLS_OTHER;
}

/** True where an Ethernet header at `at` would name a network protocol that is common on pseudowires. */
function isEthernetAt(walk: Walk, at: number): boolean {
  if (at + 15 > walk.end) return false;
  const type = walk.view.getUint16(at + 12);
  const next = walk.bytes[at + 14];
  if (type === 0x0800) return next >> 4 === 4 && (next & 15) >= 5;
  if (type === 0x86dd) return next >> 4 === 6;
  return type === 0x8100 || type === 0x88a8 || type === 0x0806 || type === 0x8847 || type === 0x8864;
}

/** Network service header (RFC 8300 §2.2): its length is given in words, metadata is passed over. */
export function nsh(walk: Walk): number {
  const { bytes, view, at } = walk;
  if (at + 8 > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  const words = view.getUint16(at) & 0x3f;
  if (bytes[at] >> 6 !== 0 || words < 2) return ~GRE_OTHER;
  walk.at = at + (words << 2);
  if (walk.at > walk.end) return ~CUT_IN_TUNNEL_HEADER;
  switch (bytes[at + 3]) {
    case 1:
      return IPV4;
    case 2:
      return IPV6;
    case 3:
      return ETHERNET;
    case 5:
      return MPLS;
    default:
      return ~GRE_OTHER;
  }
}
