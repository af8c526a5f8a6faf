/**
 * Link types that are decoded: number in libpcap's registry, name, and the function that reads the first header.
 *
 * A new link type is one line in this table. A number that is not in it is refused as `unknown-link-type`, never guessed.
 */
import { ethernet, llc, pppoe } from "./ethernet.js";
import { ip, ipv4, ipv6 } from "./ip.js";
import * as link from "./link-layers.js";
import { mpls } from "./mpls.js";
import type { Segment } from "./segment.js";
import { UNKNOWN_LINK_TYPE } from "./skip-reasons.js";
import type { Walk } from "./walk.js";
import { avs, ppi, prism, radiotap, wlan } from "./wireless.js";

type EntryLayer = (walk: Walk, segment: Segment) => number;

const LINK_TYPES: readonly (readonly [number, string, EntryLayer])[] = [
  [0, "BSD loopback", link.loopback],
  [1, "Ethernet", ethernet],
  [6, "Token Ring", link.tokenRing],
  [7, "ARCNET (BSD)", link.arcnet],
  [9, "PPP", link.ppp],
  [10, "FDDI", link.fddi],
  [12, "raw IP", ip],
  [14, "raw IP (OpenBSD)", ip],
  [50, "PPP or Cisco HDLC in HDLC framing", link.pppSerial],
  [51, "PPPoE", pppoe],
  [100, "LLC over ATM", llc],
  [101, "raw IP", ip],
  [104, "Cisco HDLC", link.ciscoHdlc],
  [105, "802.11", wlan],
  [107, "frame relay", link.frameRelay],
  [108, "OpenBSD loopback", link.loopback],
  [109, "OpenBSD enc", link.enc],
  [113, "Linux cooked", link.linuxCooked],
  [117, "OpenBSD pflog", link.pflog],
  [119, "802.11 with Prism header", prism],
  [122, "IP over Fibre Channel", link.fibreChannel],
  [123, "SunATM", link.sunAtm],
  [127, "802.11 with radiotap", radiotap],
  [129, "ARCNET (Linux)", link.arcnetLinux],
  [138, "IP over IEEE 1394", link.fireWire],
  [163, "802.11 with AVS header", avs],
  [166, "PPP with direction (Linux)", link.pppDirection],
  [192, "PPI", ppi],
  [204, "PPP with direction", link.directionPpp],
  [205, "Cisco HDLC with direction", link.directionHdlc],
  [206, "frame relay with direction", link.directionFrameRelay],
  [219, "MPLS", mpls],
  [228, "raw IPv4", ipv4],
  [229, "raw IPv6", ipv6],
  [239, "NFLOG", link.nflog],
  [240, "Ethernet with adapter header", link.netAnalyzer],
  [242, "IP over InfiniBand", link.infiniband],
  [276, "Linux cooked v2", link.linuxCooked2],
];

function unknown(): number {
  return ~UNKNOWN_LINK_TYPE;
}

const HIGHEST = 300;
const names: string[] = new Array(HIGHEST).fill("");
const entries: EntryLayer[] = new Array(HIGHEST).fill(unknown);
for (const [linkType, name, entry] of LINK_TYPES) {
  names[linkType] = name;
  entries[linkType] = entry;
}

/** Reads the first header of a packet of `walk.linkType`. */
export function enterLink(walk: Walk, segment: Segment): number {
  const { linkType } = walk;
  return linkType >= 0 && linkType < HIGHEST ? entries[linkType](walk, segment) : ~UNKNOWN_LINK_TYPE;
}

/** A link type's name for a person, or null where it is not decoded. Numbers are those of libpcap's registry. */
export function linkTypeName(linkType: number): string | null {
  return names[linkType] || null;
}

/** Numbers of every link type that is decoded, ascending. */
export const DECODED_LINK_TYPES: readonly number[] = LINK_TYPES.map(([linkType]) => linkType);
