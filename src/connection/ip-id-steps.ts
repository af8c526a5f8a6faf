/**
 * How a sender's IP identification has stepped from packet to packet, in one word of three counts: steps as a packet
 * counter makes them, others, and those of the first kind that left out numbers; and how many its newest packet used.
 *
 * Many systems count the packets of a connection, some those of the whole host, some count nothing: only the counts say
 * which. The caller halves them before one outgrows its eight bits.
 */

/** Signed distance of two 16-bit IP identifications. */
export function idDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** Steps forward by at most 128. */
export function goodSteps(counts: number): number {
  return counts & 0xff;
}

/** Steps back, and too far; standing still counts for four. */
export function badSteps(counts: number): number {
  return (counts >>> 8) & 0xff;
}

/** Steps over numbers that no captured packet of the connection carries: lost ones, or another connection's. */
export function wideSteps(counts: number): number {
  return (counts >>> 16) & 0xff;
}

/** Numbers that the newest packet used beyond its own: it held several segments when it was captured. */
export function spannedIds(counts: number): number {
  return counts >>> 24;
}

const MOST_SPANNED = 0xff;

/** Whether they have stepped ahead at all: a host that puts the same one into every packet never does. */
export function idsVary(counts: number): boolean {
  return goodSteps(counts) > 0 || wideSteps(counts) > 0;
}

export function packSteps(good: number, bad: number, wide: number): number {
  return good | (bad << 8) | (wide << 16);
}

/** The same counts, after a packet that used so many numbers beyond its own. */
export function withSpanned(counts: number, spanned: number): number {
  return (counts & 0xffffff) | (Math.min(spanned, MOST_SPANNED) << 24);
}

/** Of so many steps one may leave numbers out, where the counter is a single connection's: more are other connections'. */
const LEAST_ALONE = 8;

/** Whether the numbers are this connection's alone, so that a missing one is a lost packet. */
export function countsAlone(counts: number): boolean {
  return wideSteps(counts) * LEAST_ALONE <= goodSteps(counts);
}
