/** Builds packets byte by byte for the tests: every header from its fields, every length and nothing else computed. */
import type { PacketBytes } from "../../src/wire/packet-bytes.js";

export type Bytes = readonly number[];

/** Bytes from hexadecimal digits; blanks are for the reader. */
export function hex(digits: string): Bytes {
  return (digits.replaceAll(/\s/g, "").match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

export const u16 = (value: number): Bytes => [(value >> 8) & 255, value & 255];
export const le16 = (value: number): Bytes => [value & 255, (value >> 8) & 255];
export const u32 = (value: number): Bytes => [...u16(value >>> 16), ...u16(value & 0xffff)];
export const le32 = (value: number): Bytes => [...le16(value & 0xffff), ...le16(value >>> 16)];

/** NOP, NOP, timestamps 0x11223344 and 0x55667788. */
export const TIMESTAMPS = hex("0101 080a 11223344 55667788");
export const HELLO = hex("68656c6c6f");

export interface TcpFields {
  flags?: number;
  options?: Bytes;
  payload?: Bytes;
  /** Data offset in words where it shall not follow from the options. */
  dataOffset?: number;
}

/** Port 1000 to 80, sequence 0x81020304, acknowledgment 0x0a0b0c0d, window 0x1234, checksum 0xbeef, urgent 7. */
export function tcp({
  flags = 0x18,
  options = TIMESTAMPS,
  payload = HELLO,
  dataOffset,
}: TcpFields = {}): Bytes {
  const words = dataOffset ?? 5 + options.length / 4;
  return [
    ...hex("03e8 0050 81020304 0a0b0c0d"),
    ...u16((words << 12) | flags),
    ...hex("1234 beef 0007"),
    ...options,
    ...payload,
  ];
}

export interface Ipv4Fields {
  totalLength?: number;
  fragment?: number;
  options?: Bytes;
}

/** 10.0.0.1 to 10.0.0.2, identification 0x4242, TTL 61, ECN 1. */
export function ipv4(
  protocol: number,
  payload: Bytes,
  { totalLength, fragment = 0x4000, options = [] }: Ipv4Fields = {},
): Bytes {
  const headerLength = 20 + options.length;
  return [
    0x40 | (headerLength / 4),
    0x01,
    ...u16(totalLength ?? headerLength + payload.length),
    ...hex("4242"),
    ...u16(fragment),
    61,
    protocol,
    ...hex("0000 0a000001 0a000002"),
    ...options,
    ...payload,
  ];
}

/** 2001:db8::1 to 2001:db8::2, hop limit 62, ECN 2. */
export function ipv6(next: number, payload: Bytes, payloadLength = payload.length): Bytes {
  return [
    ...hex("60 20 0000"),
    ...u16(payloadLength),
    next,
    62,
    ...hex("20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002"),
    ...payload,
  ];
}

export const TCP4 = ipv4(6, tcp());
export const TCP6 = ipv6(6, tcp());

export function ethernet(type: number, payload: Bytes): Bytes {
  return [...hex("02000000000a 02000000000b"), ...u16(type), ...payload];
}

export function udp(source: number, destination: number, payload: Bytes): Bytes {
  return [...u16(source), ...u16(destination), ...u16(8 + payload.length), ...hex("0000"), ...payload];
}

/** The given bytes over UDP over IPv4 over Ethernet. */
export function overUdp(port: number, payload: Bytes, source = 40000): Bytes {
  return ethernet(0x0800, ipv4(17, udp(source, port, payload)));
}

/** Where a built packet begins in its buffer; `fill` stands before and behind it. */
const MARGIN = 16;

/** A packet of which the first `captured` bytes were captured, in a buffer whose other bytes are all `fill`. */
export function packetOf(
  linkType: number,
  content: Bytes,
  captured = content.length,
  fill = 0xff,
): PacketBytes {
  const bytes = new Uint8Array(content.length + 4 * MARGIN).fill(fill);
  bytes.set(content.slice(0, captured), MARGIN);
  return {
    bytes,
    view: new DataView(bytes.buffer),
    start: MARGIN,
    end: MARGIN + captured,
    originalLength: content.length,
    linkType,
    timeNs: 1.5,
    number: 3,
    file: 1,
    interfaceId: 2,
    offset: 99,
  };
}
