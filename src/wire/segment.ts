/**
 * The one Segment that decoding fills again and again: a TCP segment as it stood in a packet (RFC 9293 §3.1).
 *
 * Every 32-bit quantity (sequence numbers, timestamps, address words) is kept as a signed 32-bit integer, which the
 * engine stores without allocating; `>>> 0` turns it into what a person reads. Lengths come from the IP header, so a
 * snaplen or Ethernet padding changes none of them. Nothing here remembers another packet.
 */

/** TCP flag bits as they stand in the header (RFC 9293 §3.1, RFC 3168, RFC 9768 for AE). */
export const FIN = 0x001;
export const SYN = 0x002;
export const RST = 0x004;
export const PSH = 0x008;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;
export const AE = 0x100;

/** Whether the segment is a SYN that opens: without ACK, and without RST, which no opener sends. */
export function isOpeningSyn(segment: Segment): boolean {
  return (segment.flags & (SYN | ACK | RST)) === SYN;
}

/** Of a segment that came in no packet. */
export const NO_BYTES = new Uint8Array(0);

export class Segment {
  // ---- the packet it came in (copied from the cursor); halves, because the engine chooses doubles by the first value
  timeNs = 0.5;
  /** Number of the packet within its file, from 1. */
  number = 0.5;
  file = 0;
  interfaceId = 0;
  /** Offset of the packet's record in its file, after decompression. */
  offset = 0.5;

  /** The buffer that holds the packet, until its reader is filled again. */
  bytes: Uint8Array = NO_BYTES;

  // ---- network layer (the innermost IP header, the one that carries TCP)
  /** 4 or 6. */
  ipVersion = 4;
  /** Addresses as four big-endian 32-bit words; an IPv4 address stands in word 0, the others are 0. */
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  /** IPv4 identification; 0 for IPv6, where there is none. */
  ipId = 0;
  /** Time to live or hop limit. */
  ttl = 0;
  /** The two ECN bits of the traffic class (RFC 3168 §5): 3 = congestion experienced. */
  ecn = 0;
  /** First fragment of several: the payload goes on in packets that are only counted. */
  isFragment = false;
  /** VXLAN or Geneve network identifier + 1; 0 outside of such a tunnel. Part of a connection's identity. */
  overlayId = 0;
  /** Outermost VLAN identifier << 12 | the second one; 0 untagged. Not part of a connection's identity. */
  vlan = 0;

  // ---- TCP header
  sourcePort = 0;
  destinationPort = 0;
  /** SEG.SEQ and SEG.ACK. */
  sequence = 0;
  acknowledgment = 0;
  /** FIN | SYN | RST | … as above. */
  flags = 0;
  /** SEG.WND as sent: unscaled. */
  window = 0;
  checksum = 0;
  urgentPointer = 0;
  /** Payload bytes on the wire (IP length minus headers). */
  payloadLength = 0;
  /** SEG.LEN: payload plus one each for SYN and FIN. */
  length = 0;
  /** Where the TCP header begins in the packet's buffer. */
  headerStart = 0;
  /** Where the payload begins in the packet's buffer, and how many of its bytes were captured. */
  payloadStart = 0;
  payloadCaptured = 0;

  // ---- TCP options
  /** RFC 7323 timestamps. */
  hasTimestamps = false;
  tsVal = 0;
  tsEcr = 0;
  /** Maximum segment size, or 0 where not offered. */
  mss = 0;
  /** Window scale shift as sent (values above 14 count as 14, RFC 7323 §2.3), or -1. */
  windowScale = -1;
  isSackPermitted = false;
  /** SACK blocks (RFC 2018): left and right edges by turns; `sackBlocks` of them, at most 4. */
  sackBlocks = 0;
  readonly sackEdges = new Int32Array(8);
  /** TCP Fast Open (RFC 7413; also the experimental option 254 with 0xF989): cookie bytes; 0 a request; -1 none. */
  fastOpenCookieLength = -1;
  /** MPTCP (RFC 8684) subtype, the first where there are several, or -1. */
  mptcpSubtype = -1;
  hasMd5 = false;
  hasAuthentication = false;
  /** AccECN option (RFC 9768, kinds 172 and 174). */
  hasAccEcnOption = false;
  /** User timeout option (RFC 5482) as sent, or -1. */
  userTimeout = -1;
  /**
   * An option's length is wrong (RFC 9293 §3.2): one that its kind cannot have was passed over, and where it does not
   * fit into the header what follows was not read.
   */
  hasBadOptions = false;
  /** The capture cut the header: options (and perhaps window and checksum) are missing, not absent. */
  isHeaderCut = false;

  /** An ICMP error quotes it: it was sent some time before, and is told by what follows. */
  isQuoted = false;

  // ---- only after decode() returned QUOTED: the ICMP message that quotes this segment (RFC 792, RFC 4443)
  icmpType = 0;
  icmpCode = 0;
  /** Sender of the ICMP message, in words like the addresses above. */
  icmpSource0 = 0;
  icmpSource1 = 0;
  icmpSource2 = 0;
  icmpSource3 = 0;

  /** After decode() returned SKIPPED: why, an index into `SKIP_REASONS`. */
  skipReason = 0;
}
