/**
 * Bytes → a capture of TCP: each few bytes are a segment of one of four tuples, whose numbers lie at, near or far from where
 * its connection is. Reaches what random changes of a file never would: states, holes, SACK blocks, timers.
 */
import { ACK, FIN, PSH, RST, SYN } from "../../src/wire/segment.js";

const OP_BYTES = 8;
const FLAGS = [
  SYN,
  SYN | ACK,
  ACK,
  PSH | ACK,
  FIN | ACK,
  RST,
  RST | ACK,
  FIN,
  0,
  SYN | FIN,
  ACK,
  PSH | ACK,
  ACK,
  ACK,
  ACK,
  0xff,
];
const LENGTHS = [0, 0, 1, 100, 536, 1448, 1448, 9000];
/** How far from the next number in order. */
const OFFSETS = [
  0, 0, 0, 0, 0, 1448, -1448, -1, 1, 2896, -2896, 10_000, 0x7fffffff, -0x80000000, 65_535, -100_000,
];
/** Microseconds since the segment before. */
const PAUSES = [
  0, 10, 1000, 20_000, 40_000, 200_000, 210_000, 1_000_000, 3_000_000, 64_000_000, -1000, -2_000_000, 100,
  500, 7, 5000,
];

interface End {
  next: number;
  tsVal: number;
  ipId: number;
}

/** A microsecond pcap over Ethernet; the first byte chooses how IP numbers packets and which options there are. */
export function captureOf(choices: Uint8Array): Uint8Array {
  const ends = Array.from(
    { length: 8 },
    (_, i): End => ({ next: (i * 0x3fffff00) | 0, tsVal: i * 1000, ipId: i * 5000 }),
  );
  const parts: Uint8Array[] = [fileHeader()];
  const style = choices[0] ?? 0;
  let timeUs = 1_700_000_000_000_000;
  for (let at = 1; at + OP_BYTES <= choices.length && parts.length < 2000; at += OP_BYTES) {
    const [who, kind, size, seqBy, ackBy, pause, window, extra] = choices.subarray(
      at,
      at + OP_BYTES,
    ) as unknown as number[];
    const tuple = (who! >> 1) & 3;
    const [from, to] = [ends[tuple * 2 + (who! & 1)]!, ends[tuple * 2 + (1 - (who! & 1))]!];
    const flags = FLAGS[kind! & 15]!;
    const length = LENGTHS[size! & 7]!;
    const sequence = (from.next + OFFSETS[seqBy! & 15]!) | 0;
    const acknowledgment = (to.next + OFFSETS[ackBy! & 15]!) | 0;
    timeUs += PAUSES[pause! & 15]!;
    from.tsVal += Math.max(0, Math.round(PAUSES[pause! & 15]! / 1000));
    from.ipId = style & 1 ? from.ipId + 1 + (extra! & 64 ? 1 : 0) : style & 2 ? 0 : (extra! * 257) & 0xffff;
    if ((seqBy! & 15) < 5)
      from.next = (sequence + length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) | 0;
    const sack =
      extra! & 3 && !(flags & SYN)
        ? [[to.next + 1448 * (extra! & 3), to.next + 1448 * ((extra! & 3) + 1)]]
        : [];
    const options = optionsOf(style, flags, from.tsVal, extra! & 32 ? to.tsVal - 50 : to.tsVal, sack);
    const port = 40_000 + tuple;
    const isClient = (who! & 1) === 0;
    const tcp = tcpOf(
      isClient ? port : 443,
      isClient ? 443 : port,
      sequence,
      acknowledgment,
      flags,
      window! * (window! & 128 ? 256 : 1),
      options,
    );
    parts.push(recordOf(timeUs, from.ipId & 0xffff, isClient, tcp, length));
  }
  return Buffer.concat(parts);
}

function fileHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b2c3d4);
  header.setUint16(4, 2);
  header.setUint16(6, 4);
  header.setUint32(16, 65_535);
  header.setUint32(20, 1);
  return new Uint8Array(header.buffer);
}

function optionsOf(
  style: number,
  flags: number,
  tsVal: number,
  tsEcr: number,
  sack: readonly (readonly number[])[],
): number[] {
  const word = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  const options: number[] = [];
  if (flags & SYN) options.push(2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 1, 1);
  if (style & 4) options.push(1, 1, 8, 10, ...word(tsVal | 0), ...word(tsEcr | 0));
  if (sack.length > 0)
    options.push(
      1,
      1,
      5,
      2 + 8 * sack.length,
      ...sack.flatMap(([left, right]) => [...word(left! | 0), ...word(right! | 0)]),
    );
  return options;
}

function tcpOf(
  source: number,
  destination: number,
  sequence: number,
  acknowledgment: number,
  flags: number,
  window: number,
  options: readonly number[],
): Uint8Array {
  const header = new DataView(new ArrayBuffer(20 + options.length));
  header.setUint16(0, source);
  header.setUint16(2, destination);
  header.setInt32(4, sequence);
  header.setInt32(8, acknowledgment);
  header.setUint8(12, ((20 + options.length) / 4) << 4);
  header.setUint8(13, flags);
  header.setUint16(14, window);
  new Uint8Array(header.buffer).set(options, 20);
  return new Uint8Array(header.buffer);
}

/** Of payload nothing is captured. */
function recordOf(
  timeUs: number,
  ipId: number,
  isFromClient: boolean,
  tcp: Uint8Array,
  payload: number,
): Uint8Array {
  const record = new DataView(new ArrayBuffer(16 + 34 + tcp.length));
  record.setUint32(0, Math.floor(timeUs / 1e6));
  record.setUint32(4, timeUs % 1e6);
  record.setUint32(8, 34 + tcp.length);
  record.setUint32(12, 34 + tcp.length + payload);
  record.setUint16(28, 0x0800);
  record.setUint8(30, 0x45);
  record.setUint16(32, 20 + tcp.length + payload);
  record.setUint16(34, ipId);
  record.setUint8(38, 64);
  record.setUint8(39, 6);
  record.setUint32(42, isFromClient ? 0x0a000001 : 0x0a000002);
  record.setUint32(46, isFromClient ? 0x0a000002 : 0x0a000001);
  new Uint8Array(record.buffer).set(tcp, 50);
  return new Uint8Array(record.buffer);
}
