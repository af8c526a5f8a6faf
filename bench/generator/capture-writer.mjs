/**
 * Writes capture files: pcap with microseconds, and pcapng with nanoseconds and one interface for each direction,
 * as a tap with two ports records them (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
 * Packets are encoded straight into one buffer that goes to the file when full: memory does not grow with the trace.
 */
import { writeSync } from "node:fs";
import { encodeFrame } from "./frame.mjs";

const BUFFER_BYTES = 4 << 20;
const SNAP_LENGTH = 262_144;
const ETHERNET_LINK_TYPE = 1;

/** Capture time of the first microsecond of every trace: 2023-11-14 22:13:20 UTC. */
export const EPOCH_SECONDS = 1_700_000_000;

/** The buffer in front of a file descriptor. */
class BufferedFile {
  /** @param {number} descriptor an open file or pipe */
  constructor(descriptor) {
    this.descriptor = descriptor;
    this.bytes = Buffer.allocUnsafe(BUFFER_BYTES);
    this.used = 0;
    this.written = 0;
    this.nap = new Int32Array(new SharedArrayBuffer(4));
  }

  /** Makes room for `count` bytes and @returns {number} where they begin. */
  reserve(count) {
    if (this.used + count > BUFFER_BYTES) this.flush();
    const at = this.used;
    this.used += count;
    return at;
  }

  flush() {
    let done = 0;
    while (done < this.used) {
      try {
        done += writeSync(this.descriptor, this.bytes, done, this.used - done);
      } catch (error) {
        // A pipe whose reader is slower than we are.
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(this.nap, 0, 0, 1);
      }
    }
    this.written += this.used;
    this.used = 0;
  }
}

/** pcap, little-endian, microseconds, Ethernet. */
export class PcapWriter {
  /**
   * @param {number} descriptor an open file or pipe
   * @param {number} [snapBytes] how much of each packet is kept
   */
  constructor(descriptor, snapBytes = SNAP_LENGTH) {
    this.file = new BufferedFile(descriptor);
    this.snapBytes = snapBytes;
    const at = this.file.reserve(24);
    const { bytes } = this.file;
    bytes.writeUInt32LE(0xa1b2c3d4, at);
    bytes.writeUInt16LE(2, at + 4);
    bytes.writeUInt16LE(4, at + 6);
    bytes.fill(0, at + 8, at + 16);
    bytes.writeUInt32LE(snapBytes, at + 16);
    bytes.writeUInt32LE(ETHERNET_LINK_TYPE, at + 20);
  }

  /**
   * Appends a packet.
   * @param {number} timeUs microseconds since the trace's epoch, never smaller than the packet's before
   * @param {import("./frame.mjs").Frame} frame the packet
   */
  write(timeUs, frame) {
    const length = frame.length;
    const at = this.file.reserve(16 + length);
    const { bytes } = this.file;
    const seconds = Math.floor(timeUs / 1e6);
    put32le(bytes, at, EPOCH_SECONDS + seconds);
    put32le(bytes, at + 4, timeUs - seconds * 1e6);
    const kept = Math.min(length, this.snapBytes);
    put32le(bytes, at + 8, kept);
    put32le(bytes, at + 12, length);
    encodeFrame(frame, bytes, at + 16);
    this.file.used -= length - kept;
  }

  /** Writes what is left; @returns {number} the file's bytes */
  finish() {
    this.file.flush();
    return this.file.written;
  }
}

/** pcapng, little-endian, nanoseconds, two Ethernet interfaces: 0 sees what clients send, 1 what servers send. */
export class PcapngWriter {
  /** @param {number} descriptor an open file or pipe */
  constructor(descriptor) {
    this.file = new BufferedFile(descriptor);
    this.timeUs = -1;
    this.withinUs = 0;
    this.received = [0, 0];
    const section = Buffer.alloc(16);
    section.writeUInt32LE(0x1a2b3c4d, 0);
    section.writeUInt16LE(1, 4);
    section.fill(0xff, 8);
    this.#block(0x0a0d0d0a, section);
    for (const name of ["tap-clients", "tap-servers"]) this.#block(1, interfaceDescription(name));
  }

  #block(type, body) {
    const at = this.file.reserve(body.length + 12);
    const { bytes } = this.file;
    put32le(bytes, at, type);
    put32le(bytes, at + 4, body.length + 12);
    body.copy(bytes, at + 8);
    put32le(bytes, at + 8 + body.length, body.length + 12);
  }

  /** Nanoseconds that rise within a microsecond, so that times stay in order whatever the packet rate. */
  #nanoseconds(timeUs) {
    if (timeUs === this.timeUs) {
      if (this.withinUs < 999) this.withinUs++;
    } else {
      this.timeUs = timeUs;
      this.withinUs = Math.imul(timeUs, 0x9e3779b1) >>> 23;
    }
    return this.withinUs;
  }

  /**
   * Appends a packet.
   * @param {number} timeUs microseconds since the trace's epoch, never smaller than the packet's before
   * @param {import("./frame.mjs").Frame} frame the packet
   */
  write(timeUs, frame) {
    const length = frame.length;
    const padded = (length + 3) & ~3;
    const at = this.file.reserve(32 + padded);
    const { bytes } = this.file;
    // 64 bits in exact pieces: 1e9 * seconds passes 2^53.
    const seconds = Math.floor(timeUs / 1e6);
    const rest = (timeUs - seconds * 1e6) * 1000 + this.#nanoseconds(timeUs);
    const whole = EPOCH_SECONDS + seconds;
    const low = (whole % 65_536) * 1e9 + rest;
    const high = Math.floor(whole / 65_536) * 1e9;
    const sum = (high % 65_536) * 65_536 + low;
    put32le(bytes, at, 6);
    put32le(bytes, at + 4, 32 + padded);
    put32le(bytes, at + 8, frame.side);
    put32le(bytes, at + 12, Math.floor(high / 65_536) + Math.floor(sum / 4294967296));
    put32le(bytes, at + 16, sum % 4294967296);
    put32le(bytes, at + 20, length);
    put32le(bytes, at + 24, length);
    encodeFrame(frame, bytes, at + 28);
    for (let i = length; i < padded; i++) bytes[at + 28 + i] = 0;
    put32le(bytes, at + 28 + padded, 32 + padded);
    this.received[frame.side]++;
  }

  /** Writes both interfaces' statistics (nothing dropped) and what is left; @returns {number} the file's bytes */
  finish() {
    const timeNs = (BigInt(EPOCH_SECONDS) * 1_000_000n + BigInt(Math.max(0, this.timeUs))) * 1000n + 999n;
    for (let side = 0; side < 2; side++) {
      const body = Buffer.alloc(12 + 12 + 12 + 4);
      body.writeUInt32LE(side, 0);
      body.writeUInt32LE(Number(timeNs >> 32n), 4);
      body.writeUInt32LE(Number(timeNs & 0xffffffffn), 8);
      writeCounter(body, 12, 4, this.received[side]);
      writeCounter(body, 24, 5, 0);
      this.#block(5, body);
    }
    this.file.flush();
    return this.file.written;
  }
}

function put32le(bytes, at, value) {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function writeCounter(body, at, code, value) {
  body.writeUInt16LE(code, at);
  body.writeUInt16LE(8, at + 2);
  body.writeBigUInt64LE(BigInt(value), at + 4);
}

/** Link type, snap length, then if_name (2) and if_tsresol (9: 10^-9 s) and the end of options. */
function interfaceDescription(name) {
  const padded = (name.length + 3) & ~3;
  const body = Buffer.alloc(8 + 4 + padded + 8 + 4);
  body.writeUInt16LE(ETHERNET_LINK_TYPE, 0);
  body.writeUInt32LE(SNAP_LENGTH, 4);
  body.writeUInt16LE(2, 8);
  body.writeUInt16LE(name.length, 10);
  body.write(name, 12, "latin1");
  body.writeUInt16LE(9, 12 + padded);
  body.writeUInt16LE(1, 14 + padded);
  body[16 + padded] = 9;
  return body;
}
