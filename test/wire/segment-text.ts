/** Addresses of a Segment in the words that people (and tshark) write: dotted IPv4, RFC 5952 IPv6. */
import ipaddr from "ipaddr.js";
import type { Segment } from "../../src/wire/segment.js";

export function address(segment: Segment, end: "source" | "destination" | "icmpSource"): string {
  const words = [segment[`${end}0`], segment[`${end}1`], segment[`${end}2`], segment[`${end}3`]];
  const octets: number[] = [];
  for (const word of words) octets.push(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  return ipaddr.fromByteArray(segment.ipVersion === 4 ? octets.slice(0, 4) : octets).toString();
}
