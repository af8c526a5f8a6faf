/**
 * Writes one Ethernet frame with an IPv4 header (RFC 791 §3.1) and a TCP header (RFC 9293 §3.1) into a buffer, with
 * right lengths and checksums. A SYN carries MSS, SACK-permitted, timestamps and window scale (RFC 7323 §2, §3,
 * RFC 2018 §2); every other segment carries NOP, NOP, timestamps: 12 bytes, and NOP, NOP, SACK (RFC 2018 §3) where it has
 * blocks to tell.
 * No object is made for a frame, and no field is left for the network card to fill in.
 */
import { copyPayload, payloadSum } from "./payload.mjs";

/** TCP control bits as they stand in the header's 14th byte. */
export const FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 };

/** Bytes of the two headers. */
export const ETHERNET = 14;
export const IPV4 = 20;
const TCP = 6;
const TCP_OF_SYN = 40;
const TCP_LATER = 32;

/** Full-size segment payload with the timestamps option on an Ethernet path: 1500 - 20 - 32. */
export const FULL_SEGMENT_BYTES = 1448;

/** What one frame says. One object is reused for all frames of a trace. */
export class Frame {
  constructor() {
    /** 0: the client sends, 1: the server sends. Chooses the pair of Ethernet addresses. */
    this.side = 0;
    this.sourceAddress = 0;
    this.destinationAddress = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.timeToLive = 64;
    this.identification = 0;
    this.flags = 0;
    this.sequence = 0;
    this.acknowledgment = 0;
    /** As it stands in the header, not scaled. */
    this.window = 0;
    this.timestampValue = 0;
    this.timestampEcho = 0;
    /** Position of the payload in its sender's stream. */
    this.stream = 0;
    this.payloadBytes = 0;
    /** SACK blocks, at most three, and their edges, left and right by turns. */
    this.sackBlocks = 0;
    this.sackEdges = new Int32Array(6);
    /** What carries the segment instead of plain Ethernet and IPv4 (wraps.mjs): @type {import("./wraps.mjs").Wrap | null} */
    this.wrap = null;
  }

  /** @returns {number} bytes of the TCP header */
  get headerBytes() {
    if (this.flags & FLAGS.SYN) return TCP_OF_SYN;
    return TCP_LATER + (this.sackBlocks > 0 ? 4 + 8 * this.sackBlocks : 0);
  }

  /** @returns {number} bytes of the whole frame */
  get length() {
    return this.frontBytes + this.headerBytes + this.payloadBytes;
  }

  /** @returns {number} bytes in front of the TCP header */
  get frontBytes() {
    return this.wrap === null ? ETHERNET + IPV4 : this.wrap.bytes;
  }
}

function fold(sum) {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 65_536) + (folded & 0xffff);
  return ~folded & 0xffff;
}

/** Writes a number, the highest byte first. */
export function put16(bytes, at, value) {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** The same with 32 bits. */
export function put32(bytes, at, value) {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** @param {number} value 32 bits; @returns {number} the sum of its two halves */
function halves(value) {
  return (value >>> 16) + (value & 0xffff);
}

/** Two routers face each other at the capture point; locally administered addresses, 02:00:00:00:00:0a and :0b. */
export function writeEthernet(bytes, at, side, type) {
  for (let i = 0; i < 12; i++) bytes[at + i] = 0;
  bytes[at] = 2;
  bytes[at + 6] = 2;
  bytes[at + 5] = side === 0 ? 0x0b : 0x0a;
  bytes[at + 11] = side === 0 ? 0x0a : 0x0b;
  put16(bytes, at + 12, type);
}

/** An IPv4 header between two addresses; what else it says is the frame's. */
export function writeIpv4(bytes, at, frame, source, destination, protocol, payloadBytes) {
  const total = IPV4 + payloadBytes;
  const dontFragment = 0x4000;
  const lifeAndProtocol = frame.timeToLive * 256 + protocol;
  const sum =
    0x4500 +
    total +
    frame.identification +
    dontFragment +
    lifeAndProtocol +
    halves(source) +
    halves(destination);
  put16(bytes, at, 0x4500);
  put16(bytes, at + 2, total);
  put16(bytes, at + 4, frame.identification);
  put16(bytes, at + 6, dontFragment);
  put16(bytes, at + 8, lifeAndProtocol);
  put16(bytes, at + 10, fold(sum));
  put32(bytes, at + 12, source);
  put32(bytes, at + 16, destination);
}

/** Writes the options, in the order in which Linux sends them; @returns {number} the sum of their words */
function writeOptions(bytes, at, frame) {
  const value = frame.timestampValue;
  const echo = frame.timestampEcho;
  if ((frame.flags & FLAGS.SYN) === 0) {
    put32(bytes, at, 0x0101080a);
    put32(bytes, at + 4, value);
    put32(bytes, at + 8, echo);
    return 0x0101 + 0x080a + halves(value) + halves(echo) + writeBlocks(bytes, at + 12, frame);
  }
  put32(bytes, at, 0x020405b4); // MSS 1460
  put32(bytes, at + 4, 0x0402080a); // SACK permitted, then timestamps
  put32(bytes, at + 8, value);
  put32(bytes, at + 12, echo);
  put32(bytes, at + 16, 0x01030307); // NOP, window scale 7
  return 0x0204 + 0x05b4 + 0x0402 + 0x080a + halves(value) + halves(echo) + 0x0103 + 0x0307;
}

/** Writes the SACK option where there are blocks; @returns {number} the sum of its words */
function writeBlocks(bytes, at, { sackBlocks, sackEdges }) {
  if (sackBlocks === 0) return 0;
  const kindAndLength = 0x0500 + 2 + 8 * sackBlocks;
  put16(bytes, at, 0x0101);
  put16(bytes, at + 2, kindAndLength);
  let sum = 0x0101 + kindAndLength;
  for (let i = 0; i < 2 * sackBlocks; i++) {
    put32(bytes, at + 4 + 4 * i, sackEdges[i]);
    sum += halves(sackEdges[i]);
  }
  return sum;
}

/**
 * Writes the frame.
 * @param {Frame} frame what it says
 * @param {Buffer} bytes where to; `frame.length` bytes must be free
 * @param {number} at first byte
 */
export function encodeFrame(frame, bytes, at) {
  const { headerBytes, wrap, sourceAddress, destinationAddress } = frame;
  const tcpBytes = headerBytes + frame.payloadBytes;
  const tcp = at + frame.frontBytes;
  if (wrap === null) {
    writeEthernet(bytes, at, frame.side, 0x0800);
    writeIpv4(bytes, at + ETHERNET, frame, sourceAddress, destinationAddress, TCP, tcpBytes);
  } else wrap.write(bytes, at, frame, tcpBytes);
  const offsetAndFlags = (headerBytes / 4) * 4096 + frame.flags;
  put16(bytes, tcp, frame.sourcePort);
  put16(bytes, tcp + 2, frame.destinationPort);
  put32(bytes, tcp + 4, frame.sequence);
  put32(bytes, tcp + 8, frame.acknowledgment);
  put16(bytes, tcp + 12, offsetAndFlags);
  put16(bytes, tcp + 14, frame.window);
  put16(bytes, tcp + 18, 0);
  const sum =
    writeOptions(bytes, tcp + 20, frame) +
    halves(sourceAddress) +
    halves(destinationAddress) +
    (wrap === null ? 0 : wrap.addressSum) +
    TCP +
    tcpBytes +
    frame.sourcePort +
    frame.destinationPort +
    halves(frame.sequence) +
    halves(frame.acknowledgment) +
    offsetAndFlags +
    frame.window +
    payloadSum(frame.stream, frame.payloadBytes);
  put16(bytes, tcp + 16, fold(sum));
  copyPayload(bytes, tcp + headerBytes, frame.stream, frame.payloadBytes);
}
