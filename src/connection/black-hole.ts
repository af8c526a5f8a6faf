/**
 * Paths that swallow what is too big for them without a word (RFC 2923 §2.1): a sender's timer runs out again and again
 * over a full segment, while smaller ones come through.
 *
 * Told only where none as large was ever acknowledged, so that a path that died is not taken for one; and only at the
 * sender's side, for nothing of this is captured behind the hole. A packet that holds several segments (offload) counts
 * as one of them.
 */
import type { BlackHoleRecord } from "../report/transfer-record.js";
import { after, distance } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { MARK_ISN_KNOWN, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { segmentLimit } from "./segment-limit.js";
import { SENDER_HEARD_SACK } from "./senders.js";
import { END, findSegment, SEGMENT_INTS, START, segmentEndingAt, TIMES } from "./sent-segments.js";

/** Sendings of a segment until its size is suspected: the original, and two repeats. */
const LEAST_SENDINGS = 3;

/** The timer of the endpoint at `row` ran out, and it sends `segment` again; its sending is counted already. */
export function noteRepeatedSize(connections: Connections, row: number, segment: Segment): void {
  const { endpoints: e, rare, senders } = connections;
  const sender = e.sender[row]!;
  const una = e.sndUna[row]!;
  if (sender === 0 || segment.sequence !== una || !(e.marks[row]! & MARK_ISN_KNOWN)) return;
  const entry = findSegment(senders, sender, una, (una + 1) | 0);
  if (entry < 0 || senders.segments.ints[entry * SEGMENT_INTS + START] !== una) return;
  const size = sizeOf(connections, row, entry);
  // Among what was acknowledged may be one as large.
  if (size === 0 || distance(una, (e.isn[row]! + 1) | 0) >= size) return;
  const sendings = senders.segments.ints[entry * SEGMENT_INTS + TIMES]!;
  const at = connections.rareRow(row);
  if (segment.payloadLength < size) {
    // Before this one, which is smaller, all were as large as the first.
    if (sendings <= LEAST_SENDINGS || rare.wasShortened[at] === 1) return;
    noteSizes(connections, row, size, segment.payloadLength, (una + segment.payloadLength) | 0);
    rare.wasShortened[at] = 1;
  } else if (sendings >= LEAST_SENDINGS) {
    const delivered = deliveredSize(connections, row);
    if (delivered > 0 && delivered < size) noteSizes(connections, row, size, delivered, una);
  }
}

function noteSizes(
  connections: Connections,
  row: number,
  tooBig: number,
  fitting: number,
  end: number,
): void {
  const at = connections.rareRow(row);
  connections.rare.tooBigBytes[at] = tooBig;
  connections.rare.fittingBytes[at] = fitting;
  connections.rare.fittingEnd[at] = end;
}

/** Payload of the segment in sent-segments.ts, as it went over the wire; 0 where no MSS tells that. */
function sizeOf(connections: Connections, row: number, entry: number): number {
  const { ints } = connections.senders.segments;
  const bytes = distance(ints[entry * SEGMENT_INTS + END]!, ints[entry * SEGMENT_INTS + START]!);
  return Math.min(bytes, segmentLimit(connections.endpoints, row, row ^ STRIDE));
}

/** Payload of the highest segment that the peer reports by SACK; 0 where it reports none. */
function deliveredSize(connections: Connections, row: number): number {
  const { endpoints: e, senders } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  if (!(c.marks[sender]! & SENDER_HEARD_SACK)) return 0;
  const entry = segmentEndingAt(senders, sender, c.heardSackHigh[sender]!);
  return entry < 0 ? 0 : sizeOf(connections, row, entry);
}

/** What is told of it; null where the smaller size was not seen to arrive, or the larger one did after all. */
export function blackHoleRecord({ endpoints: e, rare }: Connections, row: number): BlackHoleRecord | null {
  const at = e.rareRow[row]!;
  const fittingBytes = rare.fittingBytes[at]!;
  const [end, una] = [rare.fittingEnd[at]!, e.sndUna[row]!];
  if (fittingBytes === 0 || after(end, una)) return null;
  if (rare.wasShortened[at] === 0 && after(una, end)) return null;
  return { tooBigBytes: rare.tooBigBytes[at]!, fittingBytes };
}
