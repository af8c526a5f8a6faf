/**
 * Sequence number arithmetic, modulo 2^32 (RFC 9293 §3.4, RFC 1982).
 *
 * Sequence numbers are signed 32-bit integers here (`| 0`): the same bits as on the wire, and a value that the engine
 * keeps without allocating. Nothing else in the program compares sequence numbers, and nothing here uses `<` on two of
 * them: only on their distance.
 */

/** Signed distance from `b` to `a`: positive where `a` lies after `b`; right while they are less than 2^31 apart. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Whether `a` lies before `b`. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Whether `a` lies after `b`. */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** Whether `low` ≤ `x` ≤ `high` on the circle. */
export function isWithin(x: number, low: number, high: number): boolean {
  return ((x - low) | 0) >= 0 && ((high - x) | 0) >= 0;
}

/** `a + n`, wrapped. */
export function advance(a: number, n: number): number {
  return (a + n) | 0;
}

/** Whether the numbers from `start` to `end`, above it, pass 2^32 - 1 and go on at 0. */
export function wraps(start: number, end: number): boolean {
  return end >>> 0 < start >>> 0;
}

/** The later of the two. */
export function later(a: number, b: number): number {
  return ((a - b) | 0) < 0 ? b : a;
}

/** The number as a person reads it: 0 … 4,294,967,295. */
export function shown(a: number): number {
  return a >>> 0;
}
