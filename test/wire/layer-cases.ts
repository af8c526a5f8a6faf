/** One packet for every way in which a TCP header can be reached: each carries the same segment. */
import { inner, type LayerCase, SNAP, wlanAddresses, wlanData } from "./case-frames.js";
import { type Bytes, ethernet, hex, le16, le32, TCP4, TCP6, u16, u32 } from "./packet-builder.js";
import { ipCases, tunnelCases } from "./tunnel-cases.js";

const wlanQos = [...hex("8802 0000"), ...wlanAddresses, ...hex("0000"), ...SNAP, ...hex("86dd"), ...TCP6];
const pppoeOf = (payload: Bytes): Bytes => [...hex("11 00 0007"), ...u16(payload.length), ...payload];
const ethernetCases: LayerCase[] = [
  { name: "IPv4", linkType: 1, content: inner },
  { name: "IPv6", linkType: 1, content: ethernet(0x86dd, TCP6) },
  { name: "802.1Q", linkType: 1, content: ethernet(0x8100, [...hex("e07b 0800"), ...TCP4]), vlan: 123 << 12 },
  {
    name: "QinQ",
    linkType: 1,
    content: ethernet(0x88a8, [...hex("0064 8100 00c8 86dd"), ...TCP6]),
    vlan: (100 << 12) | 200,
  },
  {
    name: "three tags",
    linkType: 1,
    content: ethernet(0x9100, [...hex("0001 9200 0002 8100 0003 0800"), ...TCP4]),
    vlan: (1 << 12) | 2,
  },
  { name: "802.1BR", linkType: 1, content: ethernet(0x893f, [...hex("000000010000 0800"), ...TCP4]) },
  { name: "VN-Tag", linkType: 1, content: ethernet(0x8926, [...hex("00000001 0800"), ...TCP4]) },
  { name: "802.1CB", linkType: 1, content: ethernet(0xf1c1, [...hex("00000001 0800"), ...TCP4]) },
  {
    name: "802.1ah",
    linkType: 1,
    content: ethernet(0x88a8, [
      ...hex("0005 88e7 00000123"),
      ...ethernet(0x8100, [...hex("0006 0800"), ...TCP4]),
    ]),
    vlan: (5 << 12) | 6,
  },
  { name: "TRILL", linkType: 1, content: ethernet(0x22f3, [...hex("0040 0001 0002 00000000"), ...inner]) },
  { name: "MPLS", linkType: 1, content: ethernet(0x8847, [...hex("00010040 00020140"), ...TCP4]) },
  { name: "MPLS, IPv6", linkType: 1, content: ethernet(0x8848, [...hex("00020140"), ...TCP6]) },
  { name: "MPLS explicit null", linkType: 1, content: ethernet(0x8847, [...hex("00000140"), ...TCP4]) },
  { name: "pseudowire", linkType: 1, content: ethernet(0x8847, [...hex("00020140 00000000"), ...inner]) },
  {
    name: "pseudowire, no control word",
    linkType: 1,
    content: ethernet(0x8847, [...hex("00020140"), ...inner]),
  },
  { name: "PPPoE", linkType: 1, content: ethernet(0x8864, pppoeOf([...hex("0021"), ...TCP4])) },
  { name: "PPPoE, IPv6", linkType: 1, content: ethernet(0x8864, pppoeOf([...hex("0057"), ...TCP6])) },
  {
    name: "802.3 SNAP",
    linkType: 1,
    content: ethernet(SNAP.length + 2 + TCP4.length, [...SNAP, ...hex("0800"), ...TCP4]),
  },
  { name: "802.2 IP", linkType: 1, content: ethernet(3 + TCP4.length, [...hex("060603"), ...TCP4]) },
  { name: "NSH", linkType: 1, content: ethernet(0x894f, [...hex("0fc2 01 01 00000100"), ...TCP4]) },
];

const linkCases: LayerCase[] = [
  { name: "loopback, little-endian", linkType: 0, content: [...hex("02000000"), ...TCP4] },
  { name: "loopback, big-endian", linkType: 0, content: [...hex("00000002"), ...TCP4] },
  ...[10, 23, 24, 28, 30].map((family) => ({
    name: `loopback family ${family}`,
    linkType: 0,
    content: [...le32(family), ...TCP6],
  })),
  { name: "OpenBSD loopback", linkType: 108, content: [...hex("00000018"), ...TCP6] },
  { name: "OpenBSD enc", linkType: 109, content: [...hex("02000000 00000000 00000000"), ...TCP4] },
  { name: "pflog", linkType: 117, content: [61, 2, ...new Array<number>(62).fill(0), ...TCP4] },
  ...[12, 14, 101].flatMap((linkType) => [
    { name: `raw ${linkType}, IPv4`, linkType, content: TCP4 },
    { name: `raw ${linkType}, IPv6`, linkType, content: TCP6 },
  ]),
  { name: "raw IPv4", linkType: 228, content: TCP4 },
  { name: "raw IPv6", linkType: 229, content: TCP6 },
  { name: "cooked", linkType: 113, content: [...hex("0000 0001 0006 0200000000000000 0800"), ...TCP4] },
  {
    name: "cooked with a tag",
    linkType: 113,
    content: [...hex("0000 0001 0006 0200000000000000 8100 0009 86dd"), ...TCP6],
    vlan: 9 << 12,
  },
  {
    name: "cooked GRE device",
    linkType: 113,
    content: [...hex("0000 030a 0004 0a00000100000000 0800"), ...TCP4],
  },
  { name: "cooked tun", linkType: 113, content: [...hex("0004 fffe 0000 0000000000000000 0000"), ...TCP6] },
  {
    name: "cooked 802.2",
    linkType: 113,
    content: [...hex("0000 0001 0006 0200000000000000 0004"), ...SNAP, ...hex("0800"), ...TCP4],
  },
  {
    name: "cooked v2",
    linkType: 276,
    content: [...hex("86dd 0000 00000003 0001 00 06 0200000000000000"), ...TCP6],
  },
  { name: "PPP", linkType: 9, content: [...hex("ff03 0021"), ...TCP4] },
  { name: "PPP, no address", linkType: 9, content: [...hex("0057"), ...TCP6] },
  { name: "PPP, short protocol", linkType: 9, content: [...hex("21"), ...TCP4] },
  { name: "PPP MPLS", linkType: 9, content: [...hex("ff03 0281 00020140"), ...TCP4] },
  { name: "PPP bridging", linkType: 9, content: [...hex("ff03 0031 0001"), ...inner] },
  { name: "PPP serial", linkType: 50, content: [...hex("ff03 0021"), ...TCP4] },
  { name: "Cisco serial", linkType: 50, content: [...hex("0f00 0800"), ...TCP4] },
  { name: "PPPoE link type", linkType: 51, content: pppoeOf([...hex("0021"), ...TCP4]) },
  { name: "Cisco HDLC", linkType: 104, content: [...hex("8f00 86dd"), ...TCP6] },
  { name: "PPP with direction (Linux)", linkType: 166, content: [...hex("0103 0021"), ...TCP4] },
  { name: "PPP with direction", linkType: 204, content: [...hex("01 ff03 0021"), ...TCP4] },
  { name: "HDLC with direction", linkType: 205, content: [...hex("00 0f00 0800"), ...TCP4] },
  { name: "frame relay with direction", linkType: 206, content: [...hex("00 1841 03cc"), ...TCP4] },
  { name: "frame relay", linkType: 107, content: [...hex("1841 03cc"), ...TCP4] },
  { name: "frame relay, IPv6", linkType: 107, content: [...hex("1841 038e"), ...TCP6] },
  {
    name: "frame relay SNAP",
    linkType: 107,
    content: [...hex("18400001 0300 80 000000 0800"), ...TCP4],
  },
  { name: "frame relay, bridged", linkType: 107, content: [...hex("1841 0300 80 0080c2 0007"), ...inner] },
  { name: "frame relay, Cisco", linkType: 107, content: [...hex("1841 0800"), ...TCP4] },
  {
    name: "FDDI",
    linkType: 10,
    content: [...hex("50 020000000001 020000000002"), ...SNAP, ...hex("0800"), ...TCP4],
  },
  {
    name: "Token Ring",
    linkType: 6,
    content: [...hex("1040 020000000001 020000000002"), ...SNAP, ...hex("0800"), ...TCP4],
  },
  {
    name: "Token Ring with route",
    linkType: 6,
    content: [...hex("1040 020000000001 820000000002 0630 0011 0020"), ...SNAP, ...hex("0800"), ...TCP4],
  },
  { name: "ARCNET", linkType: 7, content: [...hex("0102 d4 00 0001"), ...TCP4] },
  { name: "ARCNET exception", linkType: 7, content: [...hex("0102 d4 ff ffff d4 00 0001"), ...TCP4] },
  { name: "ARCNET, RFC 1051", linkType: 7, content: [...hex("0102 f0"), ...TCP4] },
  { name: "ARCNET of Linux", linkType: 129, content: [...hex("0102 0000 d4 00 0001"), ...TCP4] },
  { name: "LLC over ATM", linkType: 100, content: [...SNAP, ...hex("0800"), ...TCP4] },
  { name: "SunATM", linkType: 123, content: [...hex("02 00 0001"), ...SNAP, ...hex("0800"), ...TCP4] },
  {
    name: "Fibre Channel",
    linkType: 122,
    content: [...hex("1000020000000001 1000020000000002"), ...SNAP, ...hex("0800"), ...TCP4],
  },
  { name: "IEEE 1394", linkType: 138, content: [...hex("0000000000000001 0000000000000002 0800"), ...TCP4] },
  { name: "MPLS link type", linkType: 219, content: [...hex("00020140"), ...TCP4] },
  { name: "adapter header", linkType: 240, content: [...hex("00000000"), ...inner] },
  {
    name: "InfiniBand",
    linkType: 242,
    content: [...new Array<number>(40).fill(0), ...hex("0800 0000"), ...TCP4],
  },
  {
    name: "NFLOG, little-endian",
    linkType: 239,
    content: [...hex("02 00 0000 0500 0a00 00 000000"), ...le16(4 + TCP4.length), ...le16(9), ...TCP4],
  },
  {
    name: "NFLOG, big-endian",
    linkType: 239,
    content: [...hex("0a 00 0000 0006 000a 4100 0000"), ...u16(4 + TCP6.length), ...u16(9), ...TCP6],
  },
];

const wirelessCases: LayerCase[] = [
  { name: "802.11", linkType: 105, content: wlanData },
  { name: "802.11 QoS", linkType: 105, content: wlanQos },
  {
    name: "802.11, four addresses",
    linkType: 105,
    content: [
      ...hex("0803 0000"),
      ...wlanAddresses,
      ...hex("020000000004"),
      ...SNAP,
      ...hex("0800"),
      ...TCP4,
    ],
  },
  {
    name: "802.11 QoS with HT control",
    linkType: 105,
    content: [
      ...hex("8882 0000"),
      ...wlanAddresses,
      ...hex("0000 00000000"),
      ...SNAP,
      ...hex("0800"),
      ...TCP4,
    ],
  },
  {
    name: "802.11 first fragment",
    linkType: 105,
    content: [...hex("0805 0000"), ...wlanAddresses, ...SNAP, ...hex("0800"), ...TCP4],
    isFragment: true,
  },
  { name: "radiotap", linkType: 127, content: [...hex("0000 0800 00000000"), ...wlanData] },
  {
    name: "radiotap, padded header",
    linkType: 127,
    content: [
      ...hex("0000 1900 03000080 00000000 00000000 0011223344556677 20"),
      ...wlanQos.slice(0, 26),
      ...hex("0000"),
      ...wlanQos.slice(26),
    ],
  },
  { name: "PPI", linkType: 192, content: [...hex("0000 0800"), ...le32(105), ...wlanData] },
  { name: "PPI with Ethernet", linkType: 192, content: [...hex("0000 0800"), ...le32(1), ...inner] },
  {
    name: "Prism",
    linkType: 119,
    content: [...le32(0x44), ...le32(144), ...new Array<number>(136).fill(0), ...wlanData],
  },
  {
    name: "AVS as Prism",
    linkType: 119,
    content: [...u32(0x80211001), ...u32(64), ...new Array<number>(56).fill(0), ...wlanData],
  },
  {
    name: "AVS",
    linkType: 163,
    content: [...u32(0x80211001), ...u32(64), ...new Array<number>(56).fill(0), ...wlanData],
  },
];

export const layerCases: readonly LayerCase[] = [
  ...ethernetCases,
  ...linkCases,
  ...wirelessCases,
  ...ipCases,
  ...tunnelCases,
];
