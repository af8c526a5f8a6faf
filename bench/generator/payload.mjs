/**
 * The application bytes that the generated segments carry: one pool of printable text, read at the position that
 * the sequence number gives, so that a segment sent again carries the same bytes. Sums for the checksum of
 * RFC 9293 §3.1 are kept for every prefix, so a payload of any length costs one subtraction.
 */
import { Random } from "./random.mjs";

/** Bytes after which the text repeats. */
const PERIOD = 65_536;
/** Most payload bytes of one segment. */
const LONGEST = 65_536;

const pool = Buffer.alloc(PERIOD + LONGEST);
/** prefix[i] = prefix[i - 2] + the big-endian word that ends before i: right for even and for odd beginnings. */
const prefix = new Float64Array(PERIOD + LONGEST + 1);

const letters = new Random(0x7e47);
for (let i = 0; i < PERIOD; i++) pool[i] = i % 72 === 71 ? 10 : 97 + letters.below(26);
pool.copy(pool, PERIOD, 0, LONGEST);
for (let i = 2; i < prefix.length; i++) prefix[i] = prefix[i - 2] + pool[i - 2] * 256 + pool[i - 1];

/**
 * Copies the payload that begins at a stream position.
 * @param {Buffer} bytes where to
 * @param {number} position first byte in `bytes`
 * @param {number} stream position in the sender's stream, any 32-bit integer
 * @param {number} length bytes, at most 65,536
 */
export function copyPayload(bytes, position, stream, length) {
  const from = stream & (PERIOD - 1);
  if (length > 48) {
    pool.copy(bytes, position, from, from + length);
    return;
  }
  // A native call costs more than a few stores.
  for (let i = 0; i < length; i++) bytes[position + i] = pool[from + i];
}

/**
 * Sums the big-endian 16-bit words of a payload, an odd last byte padded with zero.
 * @param {number} stream position in the sender's stream
 * @param {number} length bytes
 * @returns {number} the sum, not folded
 */
export function payloadSum(stream, length) {
  const from = stream & (PERIOD - 1);
  const end = from + (length & ~1);
  return prefix[end] - prefix[from] + (length & 1 ? pool[end] * 256 : 0);
}
