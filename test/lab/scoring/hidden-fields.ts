/**
 * Copies a capture with header fields hidden, as other stacks, middleboxes and options leave them out: IP
 * identification, TCP timestamps (RFC 7323 §3) or SACK (RFC 2018 §2, §3). Frame numbers and times stay.
 *
 * What is hidden reads as absent: the identification is 0, an option becomes no-operations (RFC 9293 §3.2). Checksums
 * follow (RFC 1624 §3), so that they tell nothing of what was there.
 */
import { writeFileSync } from "node:fs";
import { openCaptures } from "../../../src/index.js";

export const HIDEABLE = ["id", "timestamps", "sack"] as const;
export type Hideable = (typeof HIDEABLE)[number];

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const SNAP_LENGTH = 262_144;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const PROTOCOL_TCP = 6;
const IPV6_HEADER_BYTES = 40;
const OPTION_END = 0;
const OPTION_NOP = 1;
/** Kinds of TCP options. */
const HIDDEN_OPTIONS: Readonly<Record<Hideable, readonly number[]>> = {
  id: [],
  timestamps: [8],
  sack: [4, 5],
};

/** Writes `from` as a pcap of nanoseconds without the given fields. Ethernet, IPv4 and IPv6 without extension headers. */
export async function hideFields(from: string, to: string, hidden: ReadonlySet<Hideable>): Promise<void> {
  const capture = await openCaptures([from]);
  const parts: Uint8Array[] = [];
  let linkType = 1;
  while (await capture.fill()) {
    while (capture.next()) {
      const bytes = capture.bytes.slice(capture.start, capture.end);
      hideIn(bytes, hidden);
      linkType = capture.linkType;
      const timeNs = (capture.originNs ?? 0n) + BigInt(capture.timeNs);
      const record = new DataView(new ArrayBuffer(RECORD_HEADER_BYTES));
      record.setUint32(0, Number(timeNs / 1_000_000_000n), true);
      record.setUint32(4, Number(timeNs % 1_000_000_000n), true);
      record.setUint32(8, bytes.length, true);
      record.setUint32(12, capture.originalLength, true);
      parts.push(new Uint8Array(record.buffer), bytes);
    }
  }
  await capture.close();
  const head = new DataView(new ArrayBuffer(24));
  head.setUint32(0, MAGIC_NANOSECONDS, true);
  head.setUint16(4, 2, true);
  head.setUint16(6, 4, true);
  head.setUint32(16, SNAP_LENGTH, true);
  head.setUint32(20, linkType, true);
  writeFileSync(to, Buffer.concat([new Uint8Array(head.buffer), ...parts]));
}

/** Hides the fields in the bytes of one Ethernet frame. */
export function hideIn(bytes: Uint8Array, hidden: ReadonlySet<Hideable>): void {
  const kinds = [...hidden].flatMap((name) => HIDDEN_OPTIONS[name]);
  let at = ETHERNET_BYTES;
  while (bytes[at - 2] === 0x81 && bytes[at - 1] === 0) at += VLAN_BYTES;
  if (bytes[at - 2] === 0x08 && bytes[at - 1] === 0) {
    if (hidden.has("id")) for (const byte of [at + 4, at + 5]) replace(bytes, byte, 0, at, at + 10);
    if (bytes[at + 9] === PROTOCOL_TCP) hideOptions(bytes, at + 4 * (bytes[at]! & 15), kinds);
  } else if (bytes[at - 2] === 0x86 && bytes[at - 1] === 0xdd && bytes[at + 6] === PROTOCOL_TCP) {
    hideOptions(bytes, at + IPV6_HEADER_BYTES, kinds);
  }
}

function hideOptions(bytes: Uint8Array, header: number, kinds: readonly number[]): void {
  const end = Math.min(header + 4 * (bytes[header + 12]! >> 4), bytes.length);
  for (let at = header + 20; at + 1 < end && bytes[at] !== OPTION_END; ) {
    if (bytes[at] === OPTION_NOP) {
      at++;
      continue;
    }
    const length = bytes[at + 1]!;
    if (length < 2) return;
    if (kinds.includes(bytes[at]!)) {
      for (let byte = at; byte < Math.min(at + length, end); byte++)
        replace(bytes, byte, OPTION_NOP, header, header + 16);
    }
    at += length;
  }
}

/** Replaces a byte of what begins at `from`, and takes the change into its checksum (RFC 1624 §3, equation 3). */
function replace(bytes: Uint8Array, at: number, value: number, from: number, checksum: number): void {
  const shift = (at - from) % 2 === 0 ? 8 : 0;
  const old = (bytes[checksum]! << 8) | bytes[checksum + 1]!;
  let sum = (~old & 0xffff) + (~(bytes[at]! << shift) & 0xffff) + (value << shift);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  bytes[checksum] = (~sum >>> 8) & 0xff;
  bytes[checksum + 1] = ~sum & 0xff;
  bytes[at] = value;
}
