/** Packets that give no segment, each with the reason that is counted for it. */
import { expect, it } from "vitest";
import { decode, SKIPPED } from "../../src/wire/decode.js";
import { linkTypeName } from "../../src/wire/link-types.js";
import { Segment } from "../../src/wire/segment.js";
import { SKIP_REASONS } from "../../src/wire/skip-reasons.js";
import {
  type Bytes,
  ethernet,
  hex,
  ipv4,
  ipv6,
  overUdp,
  packetOf,
  TCP4,
  tcp,
  u16,
  udp,
} from "./packet-builder.js";

const SNAP = hex("aaaa03 000000");
const wlan = (control: string, rest: Bytes = []): Bytes => [
  ...hex(control),
  ...hex("0000 020000000001 020000000002 020000000003 3000"),
  ...rest,
];
const over4 = (protocol: number, payload: Bytes = hex("00000000 00000000")): Bytes =>
  ethernet(0x0800, ipv4(protocol, payload));
const nested = (depth: number): Bytes => (depth === 1 ? TCP4 : ipv4(4, nested(depth - 1)));
const capwap = (header: string, rest: Bytes = TCP4): Bytes => overUdp(5247, [...hex(header), ...rest]);

const refusals: [string, number, Bytes][] = [
  ["arp", 1, ethernet(0x0806, hex("0001"))],
  ["arp", 129, hex("0102 0000 d5 00 0001 0007")],
  ["lldp", 1, ethernet(0x88cc, hex("0001"))],
  ["eapol", 1, ethernet(0x888e, hex("0001"))],
  ["macsec", 1, ethernet(0x88e5, hex("0001"))],
  ["ipx", 1, ethernet(0x8137, hex("0001"))],
  ["ipx", 1, ethernet(30, [...hex("ffff 001e"), ...new Array<number>(26).fill(0)])],
  ["llc", 1, ethernet(38, [...hex("424203"), ...new Array<number>(35).fill(0)])],
  ["pppoe-discovery", 1, ethernet(0x8863, hex("1109 0000 0000"))],
  ["other-ethertype", 1, ethernet(0x9000, hex("0001"))],
  ["other-ethertype", 1, ethernet(1520, hex("0001"))],
  ["bad-link-header", 1, ethernet(0x8864, hex("2100 0001 0002 0021"))],
  ["ppp-control", 1, ethernet(0x8864, hex("1100 0001 0002 c021"))],
  ["mpls-other", 1, ethernet(0x8847, hex("00020140 10000000 00000000"))],
  ["other-family", 0, hex("00000007 00000000")],
  ["netlink", 113, hex("0004 0338 0000 0000000000000000 0000 00000000")],
  ["other-frame", 113, hex("0000 0118 0000 0000000000000000 000c 00000000")],
  ["slarp", 104, hex("8f00 8035 00000002")],
  ["vj-compressed", 9, hex("ff03 002d 00")],
  ["ppp-multilink", 9, hex("ff03 003d 00")],
  ["other-frame", 10, [...hex("41 020000000001 020000000002"), ...SNAP]],
  ["wlan-management", 105, wlan("8000")],
  ["wlan-no-data", 105, wlan("4801")],
  ["encrypted-802.11", 105, wlan("0841", TCP4)],
  ["wlan-fragment", 105, [...wlan("0801").slice(0, 22), 0x31, 0x00, ...SNAP, ...hex("0800"), ...TCP4]],
  ["a-msdu", 105, wlan("8801", [...hex("8000"), ...TCP4])],
  ["bad-link-header", 105, wlan("0b00", TCP4)],
  ["bad-link-header", 127, hex("0100 0800 00000000")],
  ["unknown-link-type", 147, TCP4],
  ["unknown-link-type", 220, TCP4],
  ["unknown-link-type", 65535, TCP4],
  ["igmp", 1, over4(2)],
  ["sctp", 1, over4(132)],
  ["esp", 1, over4(50)],
  ["l2tpv3", 1, over4(115)],
  ["other-ip-protocol", 1, over4(89)],
  ["no-next-header", 101, ipv6(59, [])],
  ["icmp", 1, over4(1, hex("0800 0000 00010001"))],
  ["icmp", 101, ipv6(58, hex("8700 0000 00000000"))],
  ["udp", 1, overUdp(53, hex("00000000"))],
  ["ip-fragment", 101, ipv4(6, tcp(), { fragment: 5 })],
  ["ip-fragment", 101, ipv6(44, [...hex("0600 0009 00000001"), ...tcp()])],
  ["tiny-fragment", 101, ipv4(6, tcp().slice(0, 8), { fragment: 0x2000 })],
  ["bad-ip-header", 101, hex("50000000")],
  ["bad-ip-header", 228, ipv6(6, tcp())],
  ["bad-ip-header", 101, [0x44, ...TCP4.slice(1)]],
  ["bad-ip-header", 101, ipv4(6, tcp(), { totalLength: 19 })],
  ["bad-ip-header", 101, ipv4(6, tcp(), { totalLength: 39 })],
  ["bad-ip-header", 101, ipv6(60, hex("06ff 00000000 0000"))],
  ["bad-data-offset", 101, ipv4(6, tcp({ dataOffset: 4 }))],
  ["bad-data-offset", 101, ipv4(6, tcp({ dataOffset: 15 }))],
  ["tunnel-too-deep", 101, nested(9)],
  ["gre-other", 1, over4(47, hex("0000 2001 00000000"))],
  ["gre-other", 1, over4(47, hex("2081 880b 00000001 00000001"))],
  ["gtp-control", 1, overUdp(2152, hex("3201 0004 00000000 00000000"))],
  ["gtp-other", 1, overUdp(2152, hex("30ff 0004 00000001 00000000"))],
  ["udp", 1, overUdp(2152, hex("30ff 0400 00000001 00000000"))],
  ["udp", 1, overUdp(4789, [...hex("00000000 00000100"), ...TCP4])],
  ["udp", 1, overUdp(4789, [...hex("08000000 00000101"), ...TCP4])],
  ["udp", 1, overUdp(6081, [...hex("4000 6558 00000100"), ...TCP4])],
  ["udp", 1, overUdp(6081, [...hex("0000 1234 00000100"), ...TCP4])],
  ["udp", 1, overUdp(3544, [...hex("60000000 ffff 0640"), ...new Array<number>(40).fill(0)])],
  ["l2tp-control", 1, overUdp(1701, hex("c802 000c 0001 0000 0000 0000"))],
  ["l2tpv3", 1, overUdp(1701, hex("0003 0000 00000001"))],
  ["udp", 1, overUdp(1701, hex("0001 0000 00000001"))],
  ["capwap-control", 1, overUdp(5246, hex("00100000 00000000"))],
  ["capwap-control", 1, capwap("00100208 00000000")],
  ["capwap", 1, capwap("01000000 16feff00")],
  ["capwap", 1, capwap("00100700 00000000")],
  ["wlan-fragment", 1, capwap("00100380 00010008")],
];

it.each(refusals)("%s (link type %i, case %#)", (name, linkType, content) => {
  const segment = new Segment();
  expect(decode(packetOf(linkType, content), segment)).toBe(SKIPPED);
  expect(SKIP_REASONS[segment.skipReason].name).toBe(name);
});

it("names every reason once, in words and in kebab-case, and shows a case for each", () => {
  const names = SKIP_REASONS.map((reason) => reason.name);
  expect(new Set(names).size).toBe(names.length);
  for (const reason of SKIP_REASONS) {
    expect(reason.name).toMatch(/^[a-z0-9]+([-.][a-z0-9]+)*$/);
    expect(reason.title.length).toBeGreaterThan(2);
  }
  // Every cut of every layer, and quotations, have tests of their own; checksums are no matter of decoding.
  const elsewhere = /^cut-in-|^icmp-quote-short$|^bad-checksum$/;
  expect(
    names.filter((name) => !elsewhere.test(name) && !refusals.some(([shown]) => shown === name)),
  ).toEqual([]);
});

it("follows as many IP headers as it says, and no more", () => {
  const segment = new Segment();
  expect(decode(packetOf(101, nested(8)), segment)).not.toBe(SKIPPED);
  expect(udp(1, 2, u16(3))).toHaveLength(10);
});

it("knows the names of the link types it decodes, and no others", () => {
  expect(linkTypeName(1)).toBe("Ethernet");
  expect(linkTypeName(147)).toBeNull();
  expect(linkTypeName(100_000)).toBeNull();
});
