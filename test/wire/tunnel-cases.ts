/** The same segment behind IP options, extension headers and tunnels. */
import { inner, type LayerCase, wlanData } from "./case-frames.js";
import {
  type Bytes,
  ethernet,
  hex,
  ipv4,
  ipv6,
  overUdp,
  TCP4,
  TCP6,
  tcp,
  u16,
  u32,
} from "./packet-builder.js";

const gre = (flags: string, type: string, rest: Bytes): Bytes =>
  ethernet(0x0800, ipv4(47, [...hex(flags), ...hex(type), ...rest]));
const over4 = (protocol: number, payload: Bytes): Bytes => ethernet(0x0800, ipv4(protocol, payload));
const over6 = (next: number, payload: Bytes): Bytes => ethernet(0x86dd, ipv6(next, payload));
const vxlanHeader = hex("08000000 00abcd00");
const capwapHeader = (first: string): Bytes => hex(`${first} 00000000`);

export const ipCases: LayerCase[] = [
  { name: "IPv4 options", linkType: 101, content: ipv4(6, tcp(), { options: hex("94040000 01010101") }) },
  {
    name: "IPv4 first fragment",
    linkType: 101,
    content: ipv4(6, tcp(), { fragment: 0x2000 }),
    isFragment: true,
  },
  {
    name: "IPv4 authentication header",
    linkType: 101,
    content: ipv4(51, [...hex("0604 0000 00000001 00000001 000000000000000000000000"), ...tcp()]),
  },
  { name: "hop-by-hop", linkType: 101, content: ipv6(0, [...hex("0600 050200000100"), ...tcp()]) },
  {
    name: "every extension header",
    linkType: 101,
    content: ipv6(0, [
      ...hex("3c00 0104 00000000"),
      ...hex("2b01 010c 000000000000000000000000"),
      ...hex("2c00 0000 00000000"),
      ...hex("3300 0000 00000007"),
      ...hex("8704 0000 00000001 00000001 000000000000000000000000"),
      ...hex("8b00 000000000000"),
      ...hex("8c00 000000000000"),
      ...hex("0600 000000000000"),
      ...tcp(),
    ]),
  },
  {
    name: "IPv6 first fragment",
    linkType: 101,
    content: ipv6(44, [...hex("0600 0001 00000007"), ...tcp()]),
    isFragment: true,
  },
  {
    name: "jumbogram option",
    linkType: 101,
    content: ipv6(0, [...hex("0600 c204"), ...u32(8 + 37), ...tcp()], 0),
  },
  { name: "IPIP", linkType: 1, content: over4(4, TCP4) },
  { name: "6in4", linkType: 1, content: over4(41, TCP6) },
  { name: "4in6", linkType: 1, content: over6(4, TCP4) },
  { name: "6in6", linkType: 1, content: over6(41, TCP6) },
  { name: "SRv6 Ethernet", linkType: 1, content: over6(143, inner) },
  { name: "MPLS in IP", linkType: 1, content: over4(137, [...hex("00020140"), ...TCP4]) },
  { name: "EtherIP", linkType: 1, content: over4(97, [...hex("3000"), ...inner]) },
];

export const tunnelCases: LayerCase[] = [
  { name: "GRE", linkType: 1, content: gre("0000", "0800", TCP4) },
  {
    name: "GRE with everything",
    linkType: 1,
    content: gre("b000", "86dd", [...hex("00000000 00000001 00000002"), ...TCP6]),
  },
  {
    name: "GRE with routing",
    linkType: 1,
    content: gre("4000", "0800", [...hex("00000000 0800 0004 0a000009 00000000"), ...TCP4]),
  },
  { name: "GRE Ethernet", linkType: 1, content: gre("2000", "6558", [...hex("00000001"), ...inner]) },
  { name: "GRE MPLS", linkType: 1, content: gre("0000", "8847", [...hex("00020140"), ...TCP4]) },
  { name: "GRE WCCP v1", linkType: 1, content: gre("0000", "883e", TCP4) },
  { name: "GRE WCCP v2", linkType: 1, content: gre("0000", "883e", [...hex("00000000"), ...TCP4]) },
  {
    name: "PPTP",
    linkType: 1,
    content: gre("3081", "880b", [
      ...u16(TCP4.length + 4),
      ...hex("0001 00000001 00000001 ff03 0021"),
      ...TCP4,
    ]),
  },
  { name: "ERSPAN I", linkType: 1, content: gre("0000", "88be", inner) },
  {
    name: "ERSPAN II",
    linkType: 1,
    content: gre("1000", "88be", [...hex("00000001 1001000100000000"), ...inner]),
  },
  {
    name: "ERSPAN III",
    linkType: 1,
    content: gre("1000", "22eb", [...hex("00000001 20010001 00000000 00000000"), ...inner]),
  },
  {
    name: "ERSPAN III with platform data",
    linkType: 1,
    content: gre("1000", "22eb", [...hex("00000001 20010001 00000000 00000001 0000000000000000"), ...inner]),
  },
  {
    name: "ERSPAN III, IP",
    linkType: 1,
    content: gre("1000", "22eb", [...hex("00000001 20010001 00000000 00000800"), ...TCP6]),
  },
  { name: "VXLAN", linkType: 1, content: overUdp(4789, [...vxlanHeader, ...inner]), overlayId: 0xabcd + 1 },
  {
    name: "VXLAN of Linux",
    linkType: 1,
    content: overUdp(8472, [...vxlanHeader, ...inner]),
    overlayId: 0xabcd + 1,
  },
  {
    name: "VXLAN group policy",
    linkType: 1,
    content: overUdp(4789, [...hex("88000007 ffffff00"), ...inner]),
    overlayId: 0x1000000,
  },
  {
    name: "VXLAN-GPE",
    linkType: 1,
    content: overUdp(4790, [...hex("0c000002 00000500"), ...TCP6]),
    overlayId: 6,
  },
  {
    name: "Geneve",
    linkType: 1,
    content: overUdp(6081, [...hex("0140 6558 00000700 01020304"), ...inner]),
    overlayId: 8,
  },
  {
    name: "Geneve, IP",
    linkType: 1,
    content: overUdp(6081, [...hex("0000 0800 00000000"), ...TCP4]),
    overlayId: 1,
  },
  {
    name: "GTP-U",
    linkType: 1,
    content: overUdp(2152, [...hex("30ff"), ...u16(TCP4.length), ...hex("00000001"), ...TCP4]),
  },
  {
    name: "GTP-U with an extension",
    linkType: 1,
    content: overUdp(2152, [
      ...hex("34ff"),
      ...u16(TCP6.length + 8),
      ...hex("00000001 000000 85 01000900"),
      ...TCP6,
    ]),
  },
  { name: "L2TP", linkType: 1, content: overUdp(1701, [...hex("0002 0001 0002 0021"), ...TCP4]) },
  {
    name: "L2TP with everything",
    linkType: 1,
    content: overUdp(1701, [
      ...hex("4a02"),
      ...u16(20 + TCP6.length),
      ...hex("0001 0002 0003 0004 0002 0000 ff03 0057"),
      ...TCP6,
    ]),
  },
  { name: "Teredo", linkType: 1, content: overUdp(3544, [...hex("0000 ffff ffffffff"), ...TCP6]) },
  {
    name: "Teredo with authentication",
    linkType: 1,
    content: overUdp(50000, [...hex("0001 0000 0000000000000000 00"), ...TCP6], 3544),
  },
  { name: "MPLS in UDP", linkType: 1, content: overUdp(6635, [...hex("00020140"), ...TCP4]) },
  { name: "GRE in UDP", linkType: 1, content: overUdp(4754, [...hex("0000 0800"), ...TCP4]) },
  { name: "CAPWAP 802.3", linkType: 1, content: overUdp(5247, [...capwapHeader("00100200"), ...inner]) },
  { name: "CAPWAP 802.11", linkType: 1, content: overUdp(5247, [...capwapHeader("00100300"), ...wlanData]) },
  {
    name: "CAPWAP 802.11, swapped",
    linkType: 1,
    content: overUdp(5247, [
      ...capwapHeader("00100300"),
      0x01,
      0x08,
      ...wlanData.slice(2, 22),
      0x76,
      0x30,
      ...wlanData.slice(24),
    ]),
  },
  {
    name: "ERSPAN, VXLAN",
    linkType: 1,
    content: gre("1000", "88be", [
      ...hex("00000001 1001000100000000"),
      ...overUdp(4789, [...vxlanHeader, ...inner]),
    ]),
    overlayId: 0xabcd + 1,
  },
];
