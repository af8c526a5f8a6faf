/**
 * The TCP checksum (RFC 9293 §3.1): over the segment and a pseudo-header of addresses, protocol and length (RFC 8200 §8.1).
 *
 * Read only where somebody asks for it: it takes every byte of the payload. Nothing is mended, and what the capture does not
 * hold whole is not judged.
 */
import type { Segment } from "./segment.js";

/** It cannot be told: a fragment, or cut by the capture. */
export const UNVERIFIED = 0;
export const RIGHT = 1;
/** The sum of the pseudo-header alone, or nothing: it was left to the network card, after the capture. */
export const UNCOMPUTED = 2;
export const WRONG = 3;

const TCP_PROTOCOL = 6;
/** Sums of 16-bit words are equal where they are so modulo this (RFC 1071 §1). */
const ONES = 0xffff;

/** What the checksum of the segment says, whose packet still stands in its buffer: one of the four above. */
export function verifyChecksum(segment: Segment): number {
  const { headerStart: from, payloadStart, payloadLength, payloadCaptured } = segment;
  if (segment.isFragment || segment.isHeaderCut || payloadCaptured < payloadLength) return UNVERIFIED;
  const end = payloadStart + payloadLength;
  const addresses = addressSum(segment) + TCP_PROTOCOL;
  const pseudo = addresses + (end - from);
  if ((pseudo + wordSum(segment.bytes, from, end)) % ONES === 0) return RIGHT;
  const field = segment.checksum;
  // Some cards add the length by themselves.
  if (field === 0 || field % ONES === pseudo % ONES || field % ONES === addresses % ONES) return UNCOMPUTED;
  return WRONG;
}

/** 65,536 is 1 modulo 65,535: words of 32 bits add up to the same as those of 16. */
function addressSum(segment: Segment): number {
  return (
    (segment.source0 >>> 0) +
    (segment.source1 >>> 0) +
    (segment.source2 >>> 0) +
    (segment.source3 >>> 0) +
    (segment.destination0 >>> 0) +
    (segment.destination1 >>> 0) +
    (segment.destination2 >>> 0) +
    (segment.destination3 >>> 0)
  );
}

/** 16 bits by 16 bits; an odd last byte is the higher one of its word. A double holds the sum of millions of them. */
function wordSum(bytes: Uint8Array, from: number, end: number): number {
  let sum = 0;
  let at = from;
  for (; at + 2 <= end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  return at < end ? sum + (bytes[at]! << 8) : sum;
}
