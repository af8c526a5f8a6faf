/**
 * What may stand in front of a segment beside plain Ethernet and IPv4: IPv6, VLAN tags, PPPoE, two tunnels. Each writes all
 * headers up to TCP's and says how long they are. Addresses of IPv6 hosts end in the bytes of their IPv4 ones.
 */
import { ETHERNET, IPV4, put16, put32, writeEthernet, writeIpv4 } from "./frame.mjs";

const IPV6 = 40;
const TCP = 6;
const UDP = 17;
const GRE = 47;
const VXLAN_PORT = 4789;
const VXLAN_NETWORK = 77;
/** The ends of both tunnels, for each direction: 198.19.255.1 and .2. */
const TUNNEL_ENDS = [(198 << 24) | (19 << 16) | 0xff01, (198 << 24) | (19 << 16) | 0xff02];

/** Writes an Ethernet header for that type; @returns {number} where it ends */
function ethernet(bytes, at, frame, type) {
  writeEthernet(bytes, at, frame.side, type);
  return at + ETHERNET;
}

/** Writes a 16-bit word each; @returns {number} where they end */
function words(bytes, at, ...values) {
  values.forEach((value, i) => {
    put16(bytes, at + 2 * i, value);
  });
  return at + 2 * values.length;
}

function ipv4(bytes, at, frame, tcpBytes) {
  const { sourceAddress, destinationAddress } = frame;
  writeIpv4(bytes, at, frame, sourceAddress, destinationAddress, TCP, tcpBytes);
}

/** The outer header of a tunnel. */
function outer(bytes, at, frame, protocol, payloadBytes) {
  const { side } = frame;
  writeIpv4(bytes, at, frame, TUNNEL_ENDS[side], TUNNEL_ENDS[1 - side], protocol, payloadBytes);
}

/** RFC 8200 §3. */
function ipv6(bytes, at, frame, tcpBytes) {
  put32(bytes, at, 0x60000000);
  put16(bytes, at + 4, tcpBytes);
  bytes[at + 6] = TCP;
  bytes[at + 7] = frame.timeToLive;
  for (const [from, address] of [
    [at + 8, frame.sourceAddress],
    [at + 24, frame.destinationAddress],
  ]) {
    put32(bytes, from, 0x20010db8);
    put32(bytes, from + 4, 0);
    put32(bytes, from + 8, 0);
    put32(bytes, from + 12, address);
  }
}

/**
 * A way of carrying TCP.
 * @typedef {object} Wrap
 * @property {string} name
 * @property {number} bytes in front of the TCP header
 * @property {number} addressSum what its addresses add to the checksum beside their last 32 bits (RFC 8200 §8.1)
 * @property {(bytes: Buffer, at: number, frame: import("./frame.mjs").Frame, tcpBytes: number) => void} write
 */

/** @type {readonly Wrap[]} */
export const WRAPS = [
  {
    name: "IPv6",
    bytes: ETHERNET + IPV6,
    addressSum: 2 * (0x2001 + 0x0db8),
    write(bytes, at, frame, tcpBytes) {
      ipv6(bytes, ethernet(bytes, at, frame, 0x86dd), frame, tcpBytes);
    },
  },
  {
    name: "VLAN",
    bytes: ETHERNET + 4 + IPV4,
    addressSum: 0,
    write(bytes, at, frame, tcpBytes) {
      const tag = ethernet(bytes, at, frame, 0x8100);
      ipv4(bytes, words(bytes, tag, 100, 0x0800), frame, tcpBytes);
    },
  },
  {
    name: "QinQ",
    bytes: ETHERNET + 8 + IPV4,
    addressSum: 0,
    write(bytes, at, frame, tcpBytes) {
      const tags = ethernet(bytes, at, frame, 0x88a8);
      ipv4(bytes, words(bytes, tags, 10, 0x8100, 200, 0x0800), frame, tcpBytes);
    },
  },
  {
    name: "PPPoE",
    bytes: ETHERNET + 8 + IPV4,
    addressSum: 0,
    write(bytes, at, frame, tcpBytes) {
      const session = ethernet(bytes, at, frame, 0x8864);
      // RFC 2516 §4: version and type, session, length with the PPP protocol's two bytes.
      ipv4(bytes, words(bytes, session, 0x1100, 1, 2 + IPV4 + tcpBytes, 0x0021), frame, tcpBytes);
    },
  },
  {
    name: "VXLAN",
    bytes: ETHERNET + IPV4 + 8 + 8 + ETHERNET + IPV4,
    addressSum: 0,
    write(bytes, at, frame, tcpBytes) {
      const innerBytes = ETHERNET + IPV4 + tcpBytes;
      const ip = ethernet(bytes, at, frame, 0x0800);
      outer(bytes, ip, frame, UDP, 16 + innerBytes);
      // RFC 7348 §5: a source port by the flow, no UDP checksum, the flag of a valid network.
      const port = 49_152 + ((frame.sourcePort ^ frame.destinationPort) & 0x3fff);
      const vxlan = words(bytes, ip + IPV4, port, VXLAN_PORT, 16 + innerBytes, 0);
      const inner = words(bytes, vxlan, 0x0800, 0, VXLAN_NETWORK >> 8, (VXLAN_NETWORK & 0xff) << 8);
      ipv4(bytes, ethernet(bytes, inner, frame, 0x0800), frame, tcpBytes);
    },
  },
  {
    name: "GRE",
    bytes: ETHERNET + IPV4 + 4 + IPV4,
    addressSum: 0,
    write(bytes, at, frame, tcpBytes) {
      const ip = ethernet(bytes, at, frame, 0x0800);
      outer(bytes, ip, frame, GRE, 4 + IPV4 + tcpBytes);
      ipv4(bytes, words(bytes, ip + IPV4, 0, 0x0800), frame, tcpBytes);
    },
  },
];
