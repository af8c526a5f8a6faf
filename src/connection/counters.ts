/**
 * Counts what was seen of each endpoint. Copies are counted here and nowhere else.
 */
import {
  LABEL_CAPTURE_DUPLICATE,
  LABEL_KEEP_ALIVE,
  LABEL_NONE,
  LABEL_REORDERED,
  LABEL_RETRANSMISSION,
  LABEL_ZERO_WINDOW_PROBE,
} from "../report/labels.js";
import { CWR, ECE, FIN, RST, type Segment, SYN } from "../wire/segment.js";
import { connectionOf, MARK_PROBE_OPEN, MARK_PROBED } from "./columns.js";
import { type Connections, HAS_FRAGMENTS } from "./connections.js";

const CONGESTION_EXPERIENCED = 3;

export function count(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  segment: Segment,
): void {
  const e = connections.endpoints;
  const timeNs = segment.timeNs;
  e.packets[row]!++;
  e.lastAt[row] = timeNs;
  e.lastFrame[row] = segment.number;
  if (!(segment.flags & RST)) {
    e.ttl[row] = segment.ttl;
    if (e.repeatsSincePeer[peer] !== 0) {
      e.repeatsSincePeer[peer] = 0;
      e.marks[peer]! &= ~MARK_PROBE_OPEN;
    }
  }
  if (segment.payloadLength > 0) {
    e.dataSegments[row]!++;
    e.bytes[row]! += segment.payloadLength;
    e.lastDataAt[row] = timeNs;
  }
  if (label === LABEL_RETRANSMISSION) countRepeat(connections, row, segment);
  else if (label === LABEL_KEEP_ALIVE || label === LABEL_ZERO_WINDOW_PROBE)
    countProbe(connections, row, label, timeNs);
  else if (label === LABEL_REORDERED) e.reordered[row]!++;
  if (
    segment.length > 0 &&
    label > LABEL_NONE &&
    label <= LABEL_RETRANSMISSION &&
    e.marks[row]! & MARK_PROBED
  ) {
    e.lastProbe[row] = 0;
    e.marks[row]! &= ~MARK_PROBED;
  }
  countUnusual(connections, row, segment);
}

/** A copy stands in no other figure. */
export function countCopy(connections: Connections, row: number, label: number): void {
  const { copies, captureCopies } = connections.endpoints;
  copies[row]!++;
  if (label === LABEL_CAPTURE_DUPLICATE) captureCopies[row]!++;
}

function countRepeat(connections: Connections, row: number, segment: Segment): void {
  const e = connections.endpoints;
  e.retransmissions[row]!++;
  e.retransmittedBytes[row]! += segment.payloadLength;
  if (segment.flags & FIN) e.finRetransmissions[row]!++;
  noteSilentRepeat(connections, row, segment.timeNs);
}

function countProbe(connections: Connections, row: number, label: number, timeNs: number): void {
  const e = connections.endpoints;
  if (label === LABEL_KEEP_ALIVE) e.keepAlives[row]!++;
  else e.zeroWindowProbes[row]!++;
  e.lastProbe[row] = label;
  e.marks[row]! |= MARK_PROBE_OPEN | MARK_PROBED;
  noteSilentRepeat(connections, row, timeNs);
}

/** Repeats and probes since the peer was last heard: enough of them, and then silence, is a sender that gave up. */
function noteSilentRepeat(connections: Connections, row: number, timeNs: number): void {
  const e = connections.endpoints;
  e.repeatsSincePeer[row]!++;
  const last = e.lastRepeatAt[row]!;
  if (last === last) e.repeatGapNs[row] = timeNs - last;
  e.lastRepeatAt[row] = timeNs;
}

function countUnusual(connections: Connections, row: number, segment: Segment): void {
  const e = connections.endpoints;
  if (segment.ecn === CONGESTION_EXPERIENCED) e.ceMarks[row]!++;
  if (segment.flags & (ECE | CWR) && !(segment.flags & SYN)) {
    if (segment.flags & ECE) e.eceFlags[row]!++;
    if (segment.flags & CWR) e.cwrFlags[row]!++;
  }
  if (segment.hasBadOptions) e.badOptions[row]!++;
  if (segment.isFragment) {
    e.fragments[row]!++;
    connections.columns.marks[connectionOf(row)]! |= HAS_FRAGMENTS;
  }
}
