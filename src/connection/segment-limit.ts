/**
 * How many segments a captured packet stands for.
 *
 * Where the capturing host leaves segmentation to its network card, or has received segments joined, a packet holds
 * many of them: as many as its payload holds of what one may carry. That is the smaller of both sides' MSS, less the
 * timestamps where both use them (RFC 9293 §3.7.1); without both SYNs it is unknown.
 */
import { type Endpoints, OFFER_TIMESTAMPS } from "./columns.js";
import type { Connections } from "./connections.js";

/** Bytes of the timestamps option with its padding. */
const TIMESTAMPS = 12;

/** Most payload bytes in a segment between the two; 0 where unknown. */
export function segmentLimit(e: Endpoints, row: number, peer: number): number {
  const mss = Math.min(e.mss[row]!, e.mss[peer]!);
  const hasTimestamps = (e.options[row]! & e.options[peer]! & OFFER_TIMESTAMPS) !== 0;
  return hasTimestamps ? Math.max(0, mss - TIMESTAMPS) : mss;
}

/** Both SYNs were seen: from here on longer payloads of the two are looked at. */
export function settleSegmentLimit(connections: Connections, row: number, peer: number): void {
  const limit = segmentLimit(connections.endpoints, row, peer);
  if (limit > 0 && limit < connections.leastSegmentLimit) connections.leastSegmentLimit = limit;
}

/** A payload above `leastSegmentLimit`: counts the segments in it beyond the first. */
export function countExtraSegments(connections: Connections, row: number, peer: number, bytes: number): void {
  const limit = segmentLimit(connections.endpoints, row, peer);
  if (limit === 0 || bytes <= limit) return;
  const at = connections.rareRow(row);
  connections.rare.extraSegments[at]! += Math.ceil(bytes / limit) - 1;
}
