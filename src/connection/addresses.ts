/**
 * Addresses as text: dotted for IPv4, RFC 5952 for IPv6. Strings are made once for each address and kept, bounded.
 */
import ipaddr from "ipaddr.js";

const MOST_KEPT = 100_000;
const kept = new Map<string, string>();

/** Text of the address in four 32-bit words (an IPv4 address stands in the first). */
export function addressText(ipVersion: number, w0: number, w1: number, w2: number, w3: number): string {
  if (ipVersion === 4) return `${w0 >>> 24}.${(w0 >>> 16) & 255}.${(w0 >>> 8) & 255}.${w0 & 255}`;
  const key = `${w0},${w1},${w2},${w3}`;
  let text = kept.get(key);
  if (text === undefined) {
    const parts = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]);
    text = new ipaddr.IPv6(parts).toRFC5952String();
    if (kept.size < MOST_KEPT) kept.set(key, text);
  }
  return text;
}

/** The same of a list of words, as many as there are. */
export function wordsText(ipVersion: number, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): string {
  return addressText(ipVersion, a, b, c, d);
}
