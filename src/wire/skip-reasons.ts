/**
 * Why a packet gave no TCP segment: every reason by name, once.
 *
 * A new reason is one line here; its number is its place in `SKIP_REASONS` and holds for one version of the program
 * only, so nothing stores the number: names go into reports. Nothing here is computed for a packet.
 */

/** One reason for which `decode()` refuses a packet. */
export interface SkipReason {
  /** Stable kebab-case name, used in reports. */
  readonly name: string;
  /** A few words for a person. */
  readonly title: string;
  /** True where the packet is simply not TCP; false where TCP may have been missed: damaged, cut, encrypted, unknown. */
  readonly isOrdinary: boolean;
}

const table: SkipReason[] = [];

function ordinary(name: string, title: string): number {
  return table.push({ name, title, isOrdinary: true }) - 1;
}

function notable(name: string, title: string): number {
  return table.push({ name, title, isOrdinary: false }) - 1;
}

// ---- not TCP
export const ARP = ordinary("arp", "ARP or RARP");
export const UDP = ordinary("udp", "UDP");
export const ICMP = ordinary("icmp", "ICMP or ICMPv6 that quotes no TCP");
export const IGMP = ordinary("igmp", "IGMP");
export const SCTP = ordinary("sctp", "SCTP");
export const OTHER_IP_PROTOCOL = ordinary("other-ip-protocol", "another protocol over IP");
export const NO_NEXT_HEADER = ordinary("no-next-header", "IPv6 without a next header");
export const OTHER_ETHERTYPE = ordinary("other-ethertype", "another EtherType than IP");
export const LLC = ordinary("llc", "802.2 LLC that carries no IP (spanning tree, OSI, NetBIOS, …)");
export const IPX = ordinary("ipx", "IPX");
export const LLDP = ordinary("lldp", "LLDP");
export const EAPOL = ordinary("eapol", "802.1X authentication");
export const PPP_CONTROL = ordinary("ppp-control", "PPP control or another PPP protocol than IP");
export const PPPOE_DISCOVERY = ordinary("pppoe-discovery", "PPPoE discovery");
export const SLARP = ordinary("slarp", "Cisco HDLC keep-alive");
export const NETLINK = ordinary("netlink", "Linux netlink");
export const WLAN_MANAGEMENT = ordinary("wlan-management", "802.11 management or control frame");
export const WLAN_NO_DATA = ordinary("wlan-no-data", "802.11 data frame without data");
export const OTHER_FRAME = ordinary("other-frame", "link-layer frame that carries no network packet");
export const OTHER_FAMILY = ordinary("other-family", "another address family than IP");
export const GRE_OTHER = ordinary("gre-other", "GRE with another payload, or none");
export const GTP_CONTROL = ordinary("gtp-control", "GTP message without user data");
export const L2TP_CONTROL = ordinary("l2tp-control", "L2TP control message");
export const CAPWAP_CONTROL = ordinary("capwap-control", "CAPWAP control or keep-alive");

// ---- TCP that may have been missed, or something damaged
export const IP_FRAGMENT = notable("ip-fragment", "later fragment of an IP packet");
export const TINY_FRAGMENT = notable("tiny-fragment", "first fragment too short for the TCP header");
export const WLAN_FRAGMENT = notable("wlan-fragment", "later fragment of an 802.11, ARCNET or CAPWAP frame");
export const CUT_IN_LINK_HEADER = notable("cut-in-link-header", "ends within the link-layer header");
export const CUT_IN_IP_HEADER = notable("cut-in-ip-header", "ends within the IP header");
export const CUT_IN_TUNNEL_HEADER = notable("cut-in-tunnel-header", "ends within a tunnel's header");
export const CUT_IN_TCP_HEADER = notable("cut-in-tcp-header", "ends within the TCP header, before the flags");
export const BAD_LINK_HEADER = notable("bad-link-header", "link-layer header that contradicts itself");
export const BAD_IP_HEADER = notable("bad-ip-header", "IP header that contradicts itself");
export const BAD_DATA_OFFSET = notable("bad-data-offset", "TCP data offset outside of the segment");
export const ICMP_QUOTE_SHORT = notable(
  "icmp-quote-short",
  "ICMP error that quotes too little of a TCP header",
);
export const UNKNOWN_LINK_TYPE = notable("unknown-link-type", "link type that is not decoded");
export const ENCRYPTED_WLAN = notable("encrypted-802.11", "encrypted 802.11 data");
export const A_MSDU = notable("a-msdu", "802.11 aggregate of several packets");
export const MACSEC = notable("macsec", "MACsec (802.1AE)");
export const ESP = notable("esp", "IPsec ESP");
export const VJ_COMPRESSED = notable("vj-compressed", "TCP with Van Jacobson's header compression");
export const PPP_MULTILINK = notable("ppp-multilink", "PPP multilink fragment");
export const MPLS_OTHER = notable("mpls-other", "MPLS with a payload that is not recognised");
export const CAPWAP = notable("capwap", "CAPWAP data that is encrypted or not 802.11 or 802.3");
export const GTP_OTHER = notable("gtp-other", "GTP user data that is not IP");
export const L2TPV3 = notable("l2tpv3", "L2TPv3 (cookie length unknown)");
export const BAD_CHECKSUM = notable("bad-checksum", "TCP segment with a wrong checksum (--checksums)");
export const TUNNEL_TOO_DEEP = notable("tunnel-too-deep", "more nested IP headers than are followed");

/** Every reason; `segment.skipReason` is an index into it. */
export const SKIP_REASONS: readonly SkipReason[] = table;
