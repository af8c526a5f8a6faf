/**
 * Segments that the path does not carry: what a sender sends again, smaller, after a router told it so (RFC 1191 §4 "packet
 * too big" in IPv4, RFC 8201 §4 in IPv6).
 *
 * The message names one segment; all that were on the way with it may have been as large. A message about bytes that are
 * not on the way says nothing (RFC 5927 §4.1).
 */
import { before, distance } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import type { Connections } from "./connections.js";
import { SENDER_MET_MTU } from "./senders.js";
import { END, findSegment, SEGMENT_INTS, START } from "./sent-segments.js";

const DESTINATION_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const PACKET_TOO_BIG_V6 = 2;

/** Whether the ICMP error that quotes the segment says that it is too big for the path. */
export function isTooBig({ ipVersion, icmpType, icmpCode }: Segment): boolean {
  return ipVersion === 4
    ? icmpType === DESTINATION_UNREACHABLE && icmpCode === FRAGMENTATION_NEEDED
    : icmpType === PACKET_TOO_BIG_V6;
}

/** Whether bytes that the error quotes are on the way from the endpoint at `row`. */
export function isOnTheWay(connections: Connections, row: number, { sequence }: Segment): boolean {
  const { sndUna, sndNxt } = connections.endpoints;
  return !before(sequence, sndUna[row]!) && before(sequence, sndNxt[row]!);
}

/** The endpoint at `row`, which is followed as a sender, is told that its segment, which the error quotes, was too big. */
export function noteTooBig(connections: Connections, row: number, quoted: Segment): void {
  const { endpoints: e, senders } = connections;
  const { sequence } = quoted;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const entry = findSegment(senders, sender, sequence, (sequence + 1) | 0);
  // Where the quotation ends before the payload's length is known, the segment itself tells.
  const bytes = quoted.payloadLength || (entry >= 0 ? entryBytes(connections, entry) : 0);
  const isKnown = (c.marks[sender]! & SENDER_MET_MTU) !== 0 && before(sequence, c.tooBigEnd[sender]!);
  if (bytes === 0 || (isKnown && bytes >= c.tooBigBytes[sender]!)) return;
  c.marks[sender]! |= SENDER_MET_MTU;
  c.tooBigStart[sender] = sequence;
  c.tooBigEnd[sender] = e.sndNxt[row]!;
  c.tooBigBytes[sender] = bytes;
}

/**
 * Whether the endpoint at `row` sends bytes of a segment that was too big again, in a smaller one, for the first time
 * since. `entry`: the segment in sent-segments.ts, or -1.
 */
export function fitsPathMtu(connections: Connections, row: number, segment: Segment, entry: number): boolean {
  const sender = connections.endpoints.sender[row]!;
  const { marks, tooBigStart, tooBigEnd, tooBigBytes } = connections.senders.columns;
  if (!(marks[sender]! & SENDER_MET_MTU)) return false;
  const isOfThose =
    !before(segment.sequence, tooBigStart[sender]!) && before(segment.sequence, tooBigEnd[sender]!);
  if (!isOfThose || segment.payloadLength >= tooBigBytes[sender]!) return false;
  // What was small before was not too big.
  if (entry >= 0 && entryBytes(connections, entry) <= segment.payloadLength) return false;
  tooBigStart[sender] = (segment.sequence + segment.length) | 0;
  return true;
}

function entryBytes({ senders }: Connections, entry: number): number {
  const { ints } = senders.segments;
  return distance(ints[entry * SEGMENT_INTS + END]!, ints[entry * SEGMENT_INTS + START]!);
}
