/**
 * Ethernet and what an EtherType leads to: VLAN tags in any stack (802.1Q, 802.1ad), provider backbone bridging
 * (802.1ah), other tags that only stand in the way, PPPoE (RFC 2516), and 802.2 LLC with SNAP (RFC 1042).
 *
 * Tags are remembered (the outer two identifiers) and never make two packets different. Lengths of 802.3 and PPPoE
 * only ever narrow what belongs to the packet.
 */
import type { Segment } from "./segment.js";
import {
  ARP,
  BAD_LINK_HEADER,
  CUT_IN_LINK_HEADER,
  EAPOL,
  GRE_OTHER,
  IPX,
  LLC,
  LLDP,
  MACSEC,
  OTHER_ETHERTYPE,
  PPP_CONTROL,
  PPPOE_DISCOVERY,
} from "./skip-reasons.js";
import {
  ETHER_TYPE,
  ETHERNET,
  IPV4,
  IPV6,
  LLC_FRAME,
  MPLS,
  NSH,
  narrow,
  PPP,
  PPPOE,
  type Walk,
} from "./walk.js";

const HEADER_BYTES = 14;
/** Up to this value the field is an 802.3 length; from 1536 on an EtherType (IEEE 802.3 §3.2.6). */
const LENGTH_MAX = 1500;
const ETHER_TYPE_MIN = 1536;
const OUI_BRIDGED = 0x0080c2;

/** Decodes an Ethernet header, without preamble. */
export function ethernet(walk: Walk, segment: Segment): number {
  const { at } = walk;
  if (at + HEADER_BYTES > walk.end) return ~CUT_IN_LINK_HEADER;
  walk.etherType = walk.view.getUint16(at + 12);
  walk.at = at + HEADER_BYTES;
  return etherType(walk, segment);
}

/** Follows `walk.etherType`, through every tag, to the layer it names. */
export function etherType(walk: Walk, segment: Segment): number {
  for (;;) {
    const type = walk.etherType;
    switch (type) {
      case 0x0800:
        return IPV4;
      case 0x86dd:
        return IPV6;
      case 0x8100: // 802.1Q
      case 0x88a8: // 802.1ad
      case 0x9100: // before 802.1ad was written
      case 0x9200:
      case 0x9300:
        if (walk.at + 4 > walk.end) return ~CUT_IN_LINK_HEADER;
        rememberTag(walk, segment);
        skipTag(walk, 4);
        break;
      case 0x8926: // VN-Tag
        if (walk.at + 6 > walk.end) return ~CUT_IN_LINK_HEADER;
        skipTag(walk, 6);
        break;
      case 0x893f: // 802.1BR
        if (walk.at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
        skipTag(walk, 8);
        break;
      case 0xf1c1: // 802.1CB
        if (walk.at + 6 > walk.end) return ~CUT_IN_LINK_HEADER;
        skipTag(walk, 6);
        break;
      default:
        return type < ETHER_TYPE_MIN ? lengthField(walk, type) : otherType(walk, type);
    }
  }
}

function rememberTag(walk: Walk, segment: Segment): void {
  const identifier = walk.view.getUint16(walk.at) & 0xfff;
  if (walk.tags === 0) segment.vlan = identifier << 12;
  else if (walk.tags === 1) segment.vlan |= identifier;
  walk.tags++;
}

/** Moves behind a tag of `length` bytes whose last two are the next EtherType. */
function skipTag(walk: Walk, length: number): void {
  walk.at += length;
  walk.etherType = walk.view.getUint16(walk.at - 2);
}

function lengthField(walk: Walk, length: number): number {
  if (length > LENGTH_MAX) return ~OTHER_ETHERTYPE;
  // A length too short for LLC is no length: some senders of large frames write 0.
  if (length >= 3) narrow(walk, walk.at, length);
  return LLC_FRAME;
}

/** EtherTypes that are rare, or refused by name. */
function otherType(walk: Walk, type: number): number {
  switch (type) {
    case 0x8847:
    case 0x8848:
      return MPLS;
    case 0x8864:
      return PPPOE;
    case 0x880b:
      return PPP;
    case 0x88e7: // 802.1ah I-TAG: four bytes, then the customer's whole frame
      walk.at += 4;
      return ETHERNET;
    case 0x6558: // transparent Ethernet bridging
      return ETHERNET;
    case 0x894f:
      return NSH;
    case 0x22f3:
      return trill(walk);
    case 0x8863:
      return ~PPPOE_DISCOVERY;
    case 0x0806:
    case 0x8035:
      return ~ARP;
    case 0x8137:
    case 0x8138:
      return ~IPX;
    case 0x888e:
      return ~EAPOL;
    case 0x88cc:
      return ~LLDP;
    case 0x88e5:
      return ~MACSEC;
    default:
      return ~OTHER_ETHERTYPE;
  }
}

/** TRILL (RFC 6325 §3): six bytes and options, then the carried Ethernet frame. */
function trill(walk: Walk): number {
  if (walk.at + 6 > walk.end) return ~CUT_IN_LINK_HEADER;
  const optionWords = (walk.view.getUint16(walk.at) >> 6) & 31;
  walk.at += 6 + (optionWords << 2);
  return ETHERNET;
}

/** PPPoE session header (RFC 2516 §4), up to the PPP protocol field. */
export function pppoe(walk: Walk): number {
  const { view, at } = walk;
  if (at + 6 > walk.end) return ~CUT_IN_LINK_HEADER;
  const versionTypeCode = view.getUint16(at);
  if (versionTypeCode >> 8 !== 0x11) return ~BAD_LINK_HEADER;
  if ((versionTypeCode & 0xff) !== 0) return ~PPP_CONTROL;
  walk.at = at + 6;
  const length = view.getUint16(at + 4);
  if (length >= 2) narrow(walk, walk.at, length);
  return PPP;
}

/** 802.2 LLC, with SNAP where both service access points say so. */
export function llc(walk: Walk): number {
  const { bytes, view, at } = walk;
  if (at + 3 > walk.end) return ~CUT_IN_LINK_HEADER;
  const accessPoints = view.getUint16(at);
  const control = bytes[at + 2];
  if (accessPoints === 0xaaaa && control === 3) {
    if (at + 8 > walk.end) return ~CUT_IN_LINK_HEADER;
    walk.at = at + 3;
    return snap(walk);
  }
  if (accessPoints === 0x0606 && control === 3) {
    walk.at = at + 3;
    return IPV4;
  }
  return accessPoints === 0xffff || accessPoints === 0xe0e0 ? ~IPX : ~LLC;
}

/** SNAP: an organisation (24 bits) and its protocol number (16 bits), both already known to be captured. */
export function snap(walk: Walk): number {
  const { view, at } = walk;
  const organisation = view.getUint32(at) >>> 8;
  const protocol = view.getUint16(at + 3);
  walk.at = at + 5;
  if (organisation === OUI_BRIDGED) return protocol === 1 || protocol === 7 ? ETHERNET : ~LLC;
  // 0 is the encapsulation of RFC 1042, 0x0000f8 the bridge-tunnel one of 802.1H.
  if (organisation !== 0 && organisation !== 0x0000f8) return ~LLC;
  if (protocol < ETHER_TYPE_MIN) return ~LLC;
  walk.etherType = protocol;
  return ETHER_TYPE;
}

/** A GRE or Geneve payload type that is an EtherType; `~GRE_OTHER` where it is none that carries IP. */
export function carriedType(walk: Walk, type: number): number {
  switch (type) {
    case 0x0800:
      return IPV4;
    case 0x86dd:
      return IPV6;
    case 0x6558:
      return ETHERNET;
    case 0x8847:
    case 0x8848:
      return MPLS;
    case 0x880b:
      return PPP;
    case 0x894f:
      return NSH;
    case 0x8100:
    case 0x88a8:
      walk.etherType = type;
      return ETHER_TYPE;
    default:
      return ~GRE_OTHER;
  }
}
