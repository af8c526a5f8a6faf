/** Lengths, options and ICMP quotations: what a decoded segment says beyond its ports and numbers. */
import { describe, expect, it } from "vitest";
import { decode, QUOTED, SEGMENT, SKIPPED } from "../../src/wire/decode.js";
import { ACK, AE, CWR, ECE, FIN, Segment, SYN } from "../../src/wire/segment.js";
import { SKIP_REASONS } from "../../src/wire/skip-reasons.js";
import { type Bytes, ethernet, HELLO, hex, ipv4, ipv6, packetOf, TCP4, tcp, u16 } from "./packet-builder.js";
import { address } from "./segment-text.js";

const segment = new Segment();

function decoded(linkType: number, content: Bytes, captured = content.length): Segment {
  const result = decode(packetOf(linkType, content, captured), segment);
  expect(result === SKIPPED ? SKIP_REASONS[segment.skipReason].name : "segment").toBe("segment");
  return segment;
}

const withOptions = (options: string, flags = SYN): Segment =>
  decoded(101, ipv4(6, tcp({ flags, options: hex(options), payload: [] })));

describe("lengths", () => {
  it("counts SYN and FIN", () => {
    expect(decoded(101, ipv4(6, tcp({ flags: SYN | FIN })))).toMatchObject({ payloadLength: 5, length: 7 });
    expect(decoded(1, ethernet(0x0800, ipv4(6, tcp({ flags: FIN | ACK, options: [] }))))).toMatchObject({
      length: 6,
    });
  });
  it("takes the record's length where the IPv4 total length is 0", () => {
    expect(decoded(1, ethernet(0x0800, ipv4(6, tcp(), { totalLength: 0 })))).toMatchObject({
      payloadLength: 5,
    });
  });
  it("takes the record's length where the IPv6 payload length is 0", () => {
    const content = ethernet(0x86dd, ipv6(6, tcp(), 0));
    expect(decoded(1, content)).toMatchObject({ payloadLength: 5 });
    const packet = { ...packetOf(1, content), originalLength: content.length + 100_000 };
    expect(decode(packet, segment)).toBe(SEGMENT);
    expect(segment).toMatchObject({ payloadLength: 100_005, payloadCaptured: 5 });
  });
  it("believes the IP header against a record whose original length was cut with it", () => {
    const content = ethernet(0x0800, ipv4(6, tcp(), { totalLength: 1500 }));
    expect(decoded(1, content)).toMatchObject({ payloadLength: 1448, length: 1448, payloadCaptured: 5 });
  });
  it("believes an enclosing header's shorter length against the IP header", () => {
    const packet = ipv4(6, tcp(), { totalLength: TCP4.length + 6 });
    const content = ethernet(0x8864, [
      ...hex("1100 0001"),
      ...u16(TCP4.length + 2),
      ...hex("0021"),
      ...packet,
      0,
      0,
      0,
      0,
    ]);
    expect(decoded(1, content)).toMatchObject({ payloadLength: 5, payloadCaptured: 5 });
  });
  it("lets an inner packet reach beyond an outer first fragment", () => {
    const inner = ipv4(6, tcp(), { totalLength: 1400 });
    expect(decoded(101, ipv4(4, inner, { fragment: 0x2000 }))).toMatchObject({
      payloadLength: 1348,
      isFragment: true,
    });
  });
  it("reads a first fragment that ends within the options", () => {
    const content = ipv4(6, tcp({ flags: SYN, options: hex("02040218 01010101") }).slice(0, 24), {
      fragment: 0x2000,
    });
    expect(decoded(101, content)).toMatchObject({
      mss: 0x218,
      isHeaderCut: true,
      payloadLength: 0,
      length: 1,
    });
  });
});

describe("addresses behind IPv6 headers that replace them", () => {
  const last = "20010db8 00000000 00000000 00000099";
  const between = "20010db8 00000000 00000000 00000055";
  it("takes the final destination from a routing header with segments left", () => {
    for (const header of [
      `0604 0002 00000000 ${between} ${last}`,
      `0602 0201 00000000 ${last}`,
      `0604 0401 01000000 ${last} ${between}`,
    ]) {
      decoded(101, ipv6(43, [...hex(header), ...tcp()]));
      expect(address(segment, "destination")).toBe("2001:db8::99");
    }
    decoded(101, ipv6(43, [...hex(`0604 0000 00000000 ${between} ${last}`), ...tcp()]));
    expect(address(segment, "destination")).toBe("2001:db8::2");
  });
  it("takes a mobile node's home address", () => {
    decoded(101, ipv6(60, [...hex(`0602 0102 0000 c910 ${last}`), ...tcp()]));
    expect(address(segment, "source")).toBe("2001:db8::99");
  });
});

describe("options", () => {
  it("reads those of a SYN", () => {
    expect(withOptions("020405b4 0402 080a 00000001 00000000 01 030307")).toMatchObject({
      mss: 1460,
      isSackPermitted: true,
      hasTimestamps: true,
      tsVal: 1,
      tsEcr: 0,
      windowScale: 7,
      hasBadOptions: false,
    });
  });
  it("forgets them with the next segment", () => {
    withOptions("020405b4 0402 080a 00000001 00000000 01 030307");
    const nothing = { mss: 0, isSackPermitted: false, hasTimestamps: false, windowScale: -1, tsVal: 0 };
    expect(withOptions("")).toMatchObject(nothing);
    withOptions("020405b4 0402 080a 00000001 00000000 01 030307");
    expect(decoded(1, ethernet(0x0800, ipv4(6, tcp({ options: [] }))))).toMatchObject(nothing);
  });
  it("counts a shift above 14 as 14", () => expect(withOptions("0303ff00").windowScale).toBe(14));
  it("reads up to four SACK blocks", () => {
    withOptions("0101 0512 00000001 00000002 fffffff0 00000010", ACK);
    expect(segment.sackBlocks).toBe(2);
    expect([...segment.sackEdges.slice(0, 4)]).toEqual([1, 2, -16, 16]);
    expect(withOptions(`0101 0522 ${"00000001 00000002".repeat(4)}`, ACK).sackBlocks).toBe(4);
  });
  it.each<[string, string, Partial<Segment>]>([
    ["Fast Open request", "2202 0000", { fastOpenCookieLength: 0 }],
    ["Fast Open cookie", "220a 0011223344556677 0000", { fastOpenCookieLength: 8 }],
    ["experimental Fast Open", "fe0c f989 0011223344556677", { fastOpenCookieLength: 8 }],
    ["experimental Fast Open request", "fe04 f989", { fastOpenCookieLength: 0 }],
    [
      "another experiment",
      "fd04 1234",
      { fastOpenCookieLength: -1, hasAccEcnOption: false, hasBadOptions: false },
    ],
    ["AccECN", "ac05 000001 000000", { hasAccEcnOption: true }],
    ["AccECN, second order", "ae02 0000", { hasAccEcnOption: true }],
    ["experimental AccECN", "fe04 acce", { hasAccEcnOption: true }],
    ["MPTCP capable", "1e0c 0081 0011223344556677", { mptcpSubtype: 0 }],
    ["MPTCP fast close", "1e0c 7000 0011223344556677", { mptcpSubtype: 7 }],
    ["MD5", `1312 ${"00".repeat(16)} 0000`, { hasMd5: true }],
    ["authentication", `1d10 0102 ${"00".repeat(12)}`, { hasAuthentication: true }],
    ["user timeout", "1c04 803c", { userTimeout: 0x803c }],
    ["length 0", "fa00 020405b4 0000", { hasBadOptions: true, mss: 0 }],
    ["length beyond the header", "0a08 0000", { hasBadOptions: true }],
    ["a kind that ends the header", "0101 0102", { hasBadOptions: true }],
    ["an impossible length of a known kind", "0203 00 01 020405b4", { hasBadOptions: true, mss: 1460 }],
    ["an impossible SACK length", "0506 00000000 0000", { hasBadOptions: true, sackBlocks: 0 }],
    ["the end of the list", "00 020405 b4000000", { mss: 0, hasBadOptions: false }],
  ])("reads %s", (_name, options, expected) => expect(withOptions(options)).toMatchObject(expected));
  it("keeps what was read of options that the capture cut", () => {
    const content = ipv4(
      6,
      tcp({ flags: SYN, options: hex("020405b4 080a 00000001 00000000 0000"), payload: [] }),
    );
    expect(decoded(101, content, 20 + 20 + 6)).toMatchObject({
      mss: 1460,
      hasTimestamps: false,
      isHeaderCut: true,
      hasBadOptions: false,
    });
  });
  it("has nine flags and no reserved ones", () => {
    expect(decoded(101, ipv4(6, tcp({ flags: 0xe00 | AE | CWR | ECE | SYN }))).flags).toBe(
      AE | CWR | ECE | SYN,
    );
  });
});

describe("ICMP errors", () => {
  const swapped = (packet: Bytes): Bytes => [
    ...packet.slice(0, 12),
    ...hex("0a000001 0a000002"),
    ...packet.slice(20),
  ];
  const error = (header: string, quoted: Bytes): Bytes => {
    const packet = [...ipv4(1, [...hex(header), ...quoted])];
    packet.splice(12, 4, ...hex("0a0000fe"));
    return packet;
  };
  const quoted = (linkType: number, content: Bytes, captured?: number): Segment => {
    expect(decode(packetOf(linkType, content, captured), segment)).toBe(QUOTED);
    return segment;
  };

  it("quotes a whole header", () => {
    const full = ipv4(6, tcp(), { totalLength: 1500 });
    expect(quoted(101, error("0304 0000 00000500", swapped(full)))).toMatchObject({
      icmpType: 3,
      icmpCode: 4,
      sourcePort: 1000,
      destinationPort: 80,
      sequence: 0x81020304 | 0,
      flags: 0x18,
      payloadLength: 1448,
      payloadCaptured: 5,
      isHeaderCut: false,
      ttl: 61,
    });
    expect(address(segment, "source")).toBe("10.0.0.1");
    expect(address(segment, "icmpSource")).toBe("10.0.0.254");
  });
  it("quotes eight bytes", () => {
    for (const type of ["03", "04", "05", "0b", "0c"])
      expect(quoted(101, error(`${type}00 0000 00000000`, TCP4.slice(0, 28)))).toMatchObject({
        sourcePort: 1000,
        sequence: 0x81020304 | 0,
        flags: 0,
        length: 0,
        isHeaderCut: true,
      });
  });
  it("refuses a shorter one by name", () => {
    expect(decode(packetOf(101, error("0300 0000 00000000", TCP4.slice(0, 27))), segment)).toBe(SKIPPED);
    expect(SKIP_REASONS[segment.skipReason].name).toBe("icmp-quote-short");
  });
  it("keeps extensions out of the quotation", () => {
    const extended = [
      ...TCP4.slice(0, 20),
      ...tcp({ payload: [] }).slice(0, 20),
      ...hex("2000ffff 00080101 00000000 00000000"),
    ];
    expect(quoted(101, error("0b00 0000 000a0000", extended))).toMatchObject({
      isHeaderCut: true,
      hasTimestamps: false,
    });
  });
  it("is no TCP where UDP or another error is quoted", () => {
    for (const packet of [ipv4(17, hex("0035 0035 0008 0000")), error("0300 0000 00000000", TCP4)]) {
      expect(decode(packetOf(101, error("0300 0000 00000000", packet)), segment)).toBe(SKIPPED);
      expect(SKIP_REASONS[segment.skipReason].name).toBe("icmp");
    }
  });
  it("speaks IPv6 as well", () => {
    for (const type of ["01", "02", "03", "04"])
      expect(
        quoted(101, ipv6(58, [...hex(`${type}00 0000 00000000`), ...ipv6(6, tcp(), 1400)])),
      ).toMatchObject({
        icmpType: Number(type),
        ipVersion: 6,
        payloadLength: 1400 - 32,
        tsVal: 0x11223344,
      });
    expect(address(segment, "icmpSource")).toBe("2001:db8::1");
  });
  it("is cut like any other packet", () => {
    const content = ethernet(0x0800, error("0301 0000 00000000", TCP4));
    const headerAt = content.length - HELLO.length - 32;
    for (let captured = 0; captured < content.length; captured++)
      expect(decode(packetOf(1, content, captured), segment)).toBe(
        captured < headerAt + 8 ? SKIPPED : QUOTED,
      );
  });
});
