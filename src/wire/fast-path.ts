/**
 * The packet that nearly every packet is: Ethernet without tags, IPv4 without options or fragments, TCP with no options
 * or with the timestamps option alone (RFC 7323 §3), padded as RFC 7323 appendix A shows.
 *
 * A shortcut, never another opinion: what it accepts, it decodes to the very fields that the general path gives (a test
 * decodes every packet both ways), and what it does not accept it leaves to that path, untouched.
 */
import type { PacketBytes } from "./packet-bytes.js";
import { FIN, type Segment, SYN } from "./segment.js";

/** NOP, NOP, kind 8, length 10. */
const TIMESTAMPS_ALONE = 0x0101080a;
const ETHERNET = 14;
/** Ethernet, IPv4 and TCP headers without options. */
const HEADERS = 54;

/** Decodes the packet and returns true, or returns false and has written nothing. */
export function decodeFast(packet: PacketBytes, segment: Segment): boolean {
  const { view, start, end } = packet;
  if (end - start < HEADERS) return false;
  // EtherType, version and header length in one comparison; the byte after them is the traffic class.
  const typeAndVersion = view.getInt32(start + 12);
  if (typeAndVersion >> 8 !== 0x080045) return false;
  const ipId = view.getInt32(start + 18);
  const ttlAndProtocol = view.getUint16(start + 22);
  if ((ipId & 0x3fff) !== 0 || (ttlAndProtocol & 0xff) !== 6) return false;
  const totalLength = view.getUint16(start + 16);
  const offsetAndFlags = view.getUint16(start + 46);
  let payloadStart = start + HEADERS;
  let payload = totalLength - 40;
  if (offsetAndFlags >> 12 === 8) {
    payloadStart += 12;
    payload -= 12;
    if (payload < 0 || payloadStart > end || view.getInt32(start + HEADERS) !== TIMESTAMPS_ALONE)
      return false;
    segment.hasTimestamps = true;
    segment.tsVal = view.getInt32(start + 58);
    segment.tsEcr = view.getInt32(start + 62);
  } else if (offsetAndFlags >> 12 === 5 && payload >= 0) {
    segment.hasTimestamps = false;
    segment.tsVal = 0;
    segment.tsEcr = 0;
  } else return false;

  segment.ipVersion = 4;
  segment.ecn = typeAndVersion & 3;
  segment.ipId = ipId >>> 16;
  segment.ttl = ttlAndProtocol >> 8;
  segment.source0 = view.getInt32(start + 26);
  segment.destination0 = view.getInt32(start + 30);
  clearRest(segment);

  const flags = offsetAndFlags & 0x1ff;
  segment.sourcePort = view.getUint16(start + 34);
  segment.destinationPort = view.getUint16(start + 36);
  segment.sequence = view.getInt32(start + 38);
  segment.acknowledgment = view.getInt32(start + 42);
  segment.flags = flags;
  segment.window = view.getUint16(start + 48);
  segment.checksum = view.getUint16(start + 50);
  segment.urgentPointer = view.getUint16(start + 52);
  segment.payloadLength = payload;
  segment.length = payload + (flags & FIN) + ((flags & SYN) >> 1);
  segment.headerStart = start + ETHERNET + 20;
  segment.payloadStart = payloadStart;
  const ipEnd = start + ETHERNET + totalLength;
  segment.payloadCaptured = Math.min(ipEnd, end) - payloadStart;
  return true;
}

/**
 * `hashOfEnds` of the segment that `decodeFast` would decode, or -1 where it would not: a fifth of the work, for who follows
 * other connections.
 */
export function hashOfPlain({ view, start, end }: PacketBytes): number {
  if (end - start < HEADERS || view.getInt32(start + 12) >> 8 !== 0x080045) return -1;
  if ((view.getInt32(start + 18) & 0x3fff) !== 0 || view.getUint8(start + 23) !== 6) return -1;
  const headerWords = view.getUint8(start + 46) >> 4;
  const payload = view.getUint16(start + 16) - 20 - headerWords * 4;
  if (payload < 0) return -1;
  if (headerWords === 8) {
    if (end - start < HEADERS + 12 || view.getInt32(start + HEADERS) !== TIMESTAMPS_ALONE) return -1;
  } else if (headerWords !== 5) return -1;
  const addresses = view.getInt32(start + 26) ^ view.getInt32(start + 30);
  return mixed(addresses, view.getUint16(start + 34) ^ view.getUint16(start + 36));
}

/** A hash of the segment's addresses and ports, at least 0: the same for both directions. */
export function hashOfEnds(segment: Segment): number {
  const { source0, source1, source2, source3, destination0, destination1, destination2, destination3 } =
    segment;
  const addresses =
    source0 ^ destination0 ^ source1 ^ destination1 ^ source2 ^ destination2 ^ source3 ^ destination3;
  return mixed(addresses, segment.sourcePort ^ segment.destinationPort);
}

function mixed(addresses: number, ports: number): number {
  const mix = Math.imul(addresses ^ Math.imul(ports, 0x9e3779b1), 0x85ebca6b);
  return (mix ^ (mix >>> 15)) & 0x7fffffff;
}

/** Everything that such a packet cannot have. */
function clearRest(segment: Segment): void {
  segment.source1 = 0;
  segment.source2 = 0;
  segment.source3 = 0;
  segment.destination1 = 0;
  segment.destination2 = 0;
  segment.destination3 = 0;
  segment.isFragment = false;
  segment.overlayId = 0;
  segment.vlan = 0;
  segment.mss = 0;
  segment.windowScale = -1;
  segment.isSackPermitted = false;
  segment.sackBlocks = 0;
  segment.fastOpenCookieLength = -1;
  segment.mptcpSubtype = -1;
  segment.hasMd5 = false;
  segment.hasAuthentication = false;
  segment.hasAccEcnOption = false;
  segment.userTimeout = -1;
  segment.hasBadOptions = false;
  segment.isHeaderCut = false;
}
