/**
 * What the acknowledgments of a captured direction tell of one that was not captured.
 *
 * A receiver with a gap before it says so: by a SACK block above its acknowledgment number (RFC 2018 §3), or without
 * SACK by three acknowledgments alike (RFC 5681 §3.2), as answers to probes come alike too, but seconds apart. How many
 * gaps there were is told, not what filled them: what was lost and what was overtaken looks the same from here.
 */
import { after } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { MARK_SEEN, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";

/** Acknowledgments alike, after the one that was new, that tell of a gap. */
const DUPLICATES_OF_A_GAP = 3;
/** Those that answer segments in flight come closer together than this; probes are further apart. */
const IN_FLIGHT_NS = 1e9;

/** Whether nothing of the peer of `row` was captured. */
export function isPeerUnseen(connections: Connections, row: number): boolean {
  return (connections.endpoints.marks[row ^ STRIDE]! & MARK_SEEN) === 0;
}

/** SACK blocks of the endpoint at `row`, news and no duplicate, before its highest edge is renewed. */
export function noteReportedGap(connections: Connections, row: number, segment: Segment): void {
  const at = connections.rareRow(row);
  const { reportedGaps, sackRight } = connections.rare;
  const isOpen = reportedGaps[at]! > 0 && after(sackRight[at]!, segment.acknowledgment);
  if (!isOpen || after(segment.sackEdges[0]!, sackRight[at]!)) reportedGaps[at]!++;
}

/** An acknowledgment without payload and news, of the same window: a duplicate where it is one of several. */
export function isDuplicateOfUnseen(connections: Connections, row: number, segment: Segment): boolean {
  const { window, lastAt } = connections.endpoints;
  if (segment.window === 0 || segment.window !== window[row]) return false;
  const at = connections.rareRow(row);
  const { sameAcks, sameAck, reportedGaps, duplicateAcks } = connections.rare;
  const isNext = sameAck[at] === segment.acknowledgment && segment.timeNs - lastAt[row]! < IN_FLIGHT_NS;
  sameAck[at] = segment.acknowledgment;
  sameAcks[at] = isNext ? sameAcks[at]! + 1 : 1;
  if (sameAcks[at]! < DUPLICATES_OF_A_GAP) return false;
  if (sameAcks[at] === DUPLICATES_OF_A_GAP) {
    // The first two are known for what they were only now.
    duplicateAcks[at]! += DUPLICATES_OF_A_GAP - 1;
    reportedGaps[at]!++;
  }
  return true;
}
