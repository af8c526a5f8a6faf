/**
 * Byte-exact bookkeeping of each direction: the highest byte sent, holes, acknowledgments, windows, timestamps.
 *
 * Which bytes are new, which were seen, which are missing follows from here (RFC 9293 §3.4); what a segment is called
 * was decided before (classify.ts). Copies never come here.
 */
import {
  LABEL_AFTER_GAP,
  LABEL_NEW,
  LABEL_NONE,
  LABEL_OUT_OF_WINDOW,
  LABEL_REORDERED,
  LABEL_RETRANSMISSION,
  LABEL_ZERO_WINDOW_PROBE,
} from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import { ACK, FIN, RST, type Segment, SYN } from "../wire/segment.js";
import {
  connectionOf,
  MARK_CAPTURE_LOSS,
  MARK_HAS_ACKED,
  MARK_HAS_TIMESTAMPS,
  MARK_PROBED,
  MARK_PROGRESSED,
  MARK_SEEN,
  MARK_UNSEEN_BUT_ACKED,
  MARK_WINDOW_ZERO,
  STRIDE,
} from "./columns.js";
import { type Connections, HAS_FRAGMENTS } from "./connections.js";
import { endWaiting } from "./episodes.js";
import { HOLES_PER_DIRECTION } from "./hole-pool.js";
import {
  badSteps,
  goodSteps,
  idDistance,
  packSteps,
  spannedIds,
  wideSteps,
  withSpanned,
} from "./ip-id-steps.js";
import { followTransfer, noteUnfollowedEnd } from "./limits.js";
import { COPY_BY_CAPTURE, COPY_UNDECIDED } from "./recent-copies.js";
import { roundTripNs } from "./round-trip.js";
import { segmentLimit } from "./segment-limit.js";
import { ETHERNET_PAYLOAD } from "./senders.js";
import { isDuplicateOfUnseen, isPeerUnseen, noteReportedGap } from "./unseen-direction.js";
import { closeWindow, noteOpening, openWindow } from "./windows.js";

/** A hole below the first captured byte of a connection that began before the capture: nobody knows how deep. */
const BEFORE_CAPTURE = 2 ** 30;

export function advanceSequence(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  segment: Segment,
): void {
  const { marks, sndUna, sndNxt, sender, rareRow } = connections.endpoints;
  const una = sndUna[peer]!;
  if (!(marks[row]! & MARK_SEEN)) begin(connections, row, segment);
  // The byte of a probe counts when it is taken (takeAcknowledgment).
  const isProbe = label === LABEL_ZERO_WINDOW_PROBE;
  if (segment.length > 0 && !(segment.flags & RST) && label !== LABEL_OUT_OF_WINDOW && !isProbe) {
    takeBytes(connections, row, segment);
    if (segment.payloadLength > 0) noteFlight(connections, row, segment);
  } else if (segment.length === 0 && after(segment.sequence, sndNxt[row]!) && label !== LABEL_OUT_OF_WINDOW)
    takeUnseen(connections, row, segment);
  if (segment.flags & ACK && !(segment.flags & RST))
    takeAcknowledgment(connections, row, peer, label, segment);
  remember(connections, row, label, segment);
  const hasAdvanced = sndUna[peer] !== una;
  if (sender[row]! > 0) {
    const isNewData = segment.payloadLength > 0 && (label === LABEL_NEW || label === LABEL_AFTER_GAP);
    followTransfer(connections, row, peer, segment, isNewData, hasAdvanced);
    return;
  }
  if (hasAdvanced && rareRow[peer]! > 0) endWaiting(connections, peer, segment);
  if (segment.flags & FIN) noteUnfollowedEnd(connections, row);
}

/** The first captured segment of a direction. */
function begin(connections: Connections, row: number, segment: Segment): void {
  const e = connections.endpoints;
  if (!(e.firstAt[row]! <= segment.timeNs)) e.firstAt[row] = segment.timeNs;
  // Its number need not be one of the stream's.
  if (segment.flags & RST) return;
  e.marks[row]! |= MARK_SEEN;
  if (!(e.marks[row]! & MARK_UNSEEN_BUT_ACKED)) {
    e.sndNxt[row] = segment.sequence;
    e.sndUna[row] = segment.sequence;
  }
  if (segment.flags & SYN) return;
  e.isn[row] = (segment.sequence - 1) | 0;
  if (e.marks[row]! & MARK_UNSEEN_BUT_ACKED) return;
  const start = (segment.sequence - BEFORE_CAPTURE) | 0;
  const { holes } = connections;
  const hole = holes.open(
    start,
    segment.sequence,
    segment.timeNs,
    segment.ipId,
    segment.tsVal,
    e.holes[row]!,
  );
  holes.isBeforeCapture[hole] = 1;
  holes.openerHasTsVal[hole] = segment.hasTimestamps ? 1 : 0;
  e.holes[row] = hole;
  const at = connections.rareRow(row);
  connections.rare.holeCount[at]!++;
}

/** The other direction is known by an acknowledgment alone: what lies below was sent before, or not captured. */
function openBeforeCapture(connections: Connections, row: number, end: number, timeNs: number): void {
  const { holes, endpoints: e } = connections;
  const hole = holes.open((end - BEFORE_CAPTURE) | 0, end, timeNs, 0, 0, e.holes[row]!);
  holes.isBeforeCapture[hole] = 1;
  e.holes[row] = hole;
  connections.rare.holeCount[connections.rareRow(row)]!++;
}

/** Bytes, SYN and FIN take their place in sequence space. */
function takeBytes(connections: Connections, row: number, segment: Segment): void {
  const e = connections.endpoints;
  const start = segment.sequence;
  const end = (start + segment.length) | 0;
  const next = e.sndNxt[row]!;
  if (e.holes[row]! >= 0 && before(start, next)) {
    e.holes[row] = connections.holes.fill(e.holes[row]!, start, end);
    connections.rare.holeCount[e.rareRow[row]!]! += connections.holes.change;
  }
  if (!after(end, next)) return;
  if (after(start, next)) openHole(connections, row, next, segment);
  e.sndNxt[row] = end;
}

/** How much the side has on the way; SYN and FIN are no bytes. */
function noteFlight(connections: Connections, row: number, segment: Segment): void {
  const { sndNxt, sndUna, mostInFlight } = connections.endpoints;
  const flight = distance(sndNxt[row]!, sndUna[row]!) - (segment.length - segment.payloadLength);
  if (flight > mostInFlight[row]!) mostInFlight[row] = flight;
}

/** The bytes between the highest one and this segment have not been captured yet. */
function openHole(connections: Connections, row: number, start: number, segment: Segment): void {
  const pool = connections.holes;
  const opened = pool.open(start, segment.sequence, segment.timeNs, segment.ipId, segment.tsVal, -1);
  pool.openerHasTsVal[opened] = segment.hasTimestamps ? 1 : 0;
  pool.openerSentAt[opened] = connections.openedSentAt;
  pool.belowSentAt[opened] = connections.belowSentAt;
  appendHole(connections, row, opened);
}

/**
 * An acknowledgment without payload carries its sender's SND.NXT (RFC 9293 §3.10.7.4): what lies below it was sent, and
 * not captured so far. When it was sent is not known; no sooner than what was captured last.
 */
function takeUnseen(connections: Connections, row: number, segment: Segment): void {
  const { sndNxt, sender } = connections.endpoints;
  const next = sndNxt[row]!;
  const unseen = distance(segment.sequence, next);
  if (segment.flags & RST || unseen > MOST_UNSEEN || (unseen === 1 && tookProbe(connections, row))) return;
  const lastSentAt = connections.senders.columns.highestSentAt[sender[row]!]! || segment.timeNs;
  connections.openedSentAt = lastSentAt;
  connections.belowSentAt = lastSentAt;
  openHole(connections, row, next, segment);
  sndNxt[row] = segment.sequence;
}

/** More than any window that is in use: such a number is another connection's. */
const MOST_UNSEEN = 2 ** 24;

/** The highest of a direction's holes. */
function appendHole(connections: Connections, row: number, opened: number): void {
  const e = connections.endpoints;
  const pool = connections.holes;
  let last = e.holes[row]!;
  if (last < 0) e.holes[row] = opened;
  else {
    while (pool.next[last]! >= 0) last = pool.next[last]!;
    pool.next[last] = opened;
  }
  const at = connections.rareRow(row);
  const { holeCount } = connections.rare;
  if (++holeCount[at]! > HOLES_PER_DIRECTION) {
    const lowest = e.holes[row]!;
    e.holes[row] = pool.next[lowest]!;
    pool.release(lowest);
    holeCount[at]!--;
    connections.rare.forgottenRanges[at]!++;
  }
}

/** What the segment acknowledges of its peer, and the window it gives it. */
function takeAcknowledgment(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  segment: Segment,
): void {
  const e = connections.endpoints;
  const acknowledged = segment.acknowledgment;
  if (!(e.marks[peer]! & (MARK_SEEN | MARK_UNSEEN_BUT_ACKED))) {
    // The other direction was not captured so far: its numbers are known by this acknowledgment alone.
    e.marks[peer]! |= MARK_UNSEEN_BUT_ACKED;
    e.sndNxt[peer] = acknowledged;
    e.sndUna[peer] = acknowledged;
    if (!(segment.flags & SYN)) openBeforeCapture(connections, peer, acknowledged, segment.timeNs);
  } else if (after(acknowledged, e.sndUna[peer]!)) {
    const unseen = distance(acknowledged, e.sndNxt[peer]!);
    if (unseen > BEFORE_CAPTURE || (unseen > 0 && !isPossible(connections, row, peer, unseen, segment)))
      return;
    if (unseen === 1 && tookProbe(connections, peer)) e.sndNxt[peer] = acknowledged;
    else if (unseen > 0) {
      const missing = connections.holes.open(e.sndNxt[peer]!, acknowledged, segment.timeNs, 0, 0, -1);
      connections.holes.isAcked[missing] = 1;
      appendHole(connections, peer, missing);
      e.sndNxt[peer] = acknowledged;
      const at = connections.rareRow(peer);
      connections.rare.missingBytes[at]! += unseen;
      e.marks[peer]! |= MARK_CAPTURE_LOSS;
    }
    e.sndUna[peer] = acknowledged;
    if (e.holes[peer]! >= 0) passHoles(connections, peer, acknowledged);
    // Beyond the peer's SYN: this side has had more than the handshake.
    const isBeyondSyn = !(segment.flags & SYN) && after(acknowledged, (e.isn[peer]! + 1) | 0);
    if (isBeyondSyn) e.marks[row]! |= MARK_PROGRESSED;
  } else if (
    acknowledged === e.sndUna[peer] &&
    label === LABEL_NONE &&
    isDuplicateAck(connections, row, peer, segment)
  ) {
    const at = connections.rareRow(row);
    connections.rare.duplicateAcks[at]!++;
  }
  if (label !== LABEL_REORDERED) takeWindow(connections, row, segment);
}

/** Whether the one byte above SND.NXT is that of its sender's last probe of a closed window. */
function tookProbe({ endpoints: e, rare }: Connections, row: number): boolean {
  return (e.marks[row]! & MARK_PROBED) !== 0 && rare.lastProbe[e.rareRow[row]!] === LABEL_ZERO_WINDOW_PROBE;
}

/**
 * Whether so many bytes can have passed without being captured: a window in each round trip since this side was last
 * heard. More than that is an acknowledgment of nothing (RFC 9293 §3.10.7.4, fifth).
 */
function isPossible(
  connections: Connections,
  row: number,
  peer: number,
  unseen: number,
  segment: Segment,
): boolean {
  const e = connections.endpoints;
  if (e.synCount[peer] === 0) return true;
  const window = (e.window[row]! << Math.max(e.windowScale[row]!, 0)) >>> 0;
  const roundTrips = 1 + (segment.timeNs - e.lastAt[row]!) / roundTripNs(connections, peer);
  // Where this side was never heard before there is no time to measure by.
  return !(unseen > Math.max(window, GROWN_WINDOW) * roundTrips);
}

/** Receivers let their windows grow to some such size while the capture may have missed it. */
const GROWN_WINDOW = 2 ** 24;

/** RFC 5681 §2: outstanding data, no payload, no SYN or FIN, the same number, the same window; with SACK, news in it. */
function isDuplicateAck(connections: Connections, row: number, peer: number, segment: Segment): boolean {
  const e = connections.endpoints;
  if (segment.length > 0 || !(e.marks[row]! & MARK_HAS_ACKED)) return false;
  if (isPeerUnseen(connections, row))
    return segment.sackBlocks > 0
      ? !reportsDuplicate(segment)
      : isDuplicateOfUnseen(connections, row, segment);
  if (!before(e.sndUna[peer]!, e.sndNxt[peer]!)) return false;
  return segment.sackBlocks > 0 ? !reportsDuplicate(segment) : segment.window === e.window[row];
}

/** The first block tells what came last: below the acknowledgment or inside the second it is a duplicate (RFC 2883 §4). */
function reportsDuplicate(segment: Segment): boolean {
  const edges = segment.sackEdges;
  if (before(edges[0]!, segment.acknowledgment)) return true;
  return segment.sackBlocks > 1 && !before(edges[0]!, edges[2]!) && !after(edges[1]!, edges[3]!);
}

/** Acknowledged without ever having been captured: bytes that the capture lacks. */
function passHoles(connections: Connections, row: number, acknowledged: number): void {
  const e = connections.endpoints;
  const pool = connections.holes;
  for (let hole = e.holes[row]!; hole >= 0; hole = pool.next[hole]!) {
    if (after(pool.end[hole]!, acknowledged)) return;
    if (pool.isAcked[hole] || pool.isBeforeCapture[hole]) continue;
    pool.isAcked[hole] = 1;
    // The rest of a fragmented packet was there, in fragments that are not put together.
    if (connections.columns.marks[connectionOf(row)]! & HAS_FRAGMENTS) continue;
    const at = connections.rareRow(row);
    connections.rare.missingBytes[at]! += distance(pool.end[hole]!, pool.start[hole]!);
    e.marks[row]! |= MARK_CAPTURE_LOSS;
  }
}

function takeWindow(connections: Connections, row: number, segment: Segment): void {
  const e = connections.endpoints;
  if (segment.isHeaderCut && segment.window === 0) return;
  const wasClosed = (e.marks[row]! & MARK_WINDOW_ZERO) !== 0;
  if (segment.window === 0) {
    if (!wasClosed && !(segment.flags & SYN)) closeWindow(connections, row, segment.timeNs);
  } else if (wasClosed) openWindow(connections, row, segment.timeNs);
  else if (e.window[row] === 0) noteOpening(connections, row, segment);
  e.window[row] = segment.window;
}

/** What later segments of the same side are compared with. */
function remember(connections: Connections, row: number, label: number, segment: Segment): void {
  const e = connections.endpoints;
  if (segment.hasTimestamps) {
    if (!(e.marks[row]! & MARK_HAS_TIMESTAMPS) || before(e.tsVal[row]!, segment.tsVal))
      e.tsVal[row] = segment.tsVal;
    e.marks[row]! |= MARK_HAS_TIMESTAMPS;
  }
  if (segment.ipId !== 0 && !(segment.flags & RST)) judgeIpId(connections, row, label, segment);
  if (segment.flags & ACK && !(segment.flags & RST)) {
    e.lastAck[row] = segment.acknowledgment;
    if (isAckNew(e, row, segment)) {
      e.ackSent[row] = segment.acknowledgment;
      e.marks[row]! |= MARK_HAS_ACKED;
    }
    if (segment.sackBlocks > 0) takeSackEdge(connections, row, segment);
  }
  connections.remember(row, label === LABEL_RETRANSMISSION, segment);
}

function takeSackEdge(connections: Connections, row: number, segment: Segment): void {
  const at = connections.rareRow(row);
  const peer = connections.endpoints.rareRow[row ^ STRIDE]!;
  const { sackRight, captureCopies } = connections.rare;
  if (peer !== 0 && reportsDuplicate(segment)) {
    // Its receiver got the bytes twice, and no repeat of them: the copy was made on the way.
    const kind = connections.recentCopies.claim(peer, segment.sackEdges[0]!, segment.sackEdges[1]!);
    if (kind === COPY_BY_CAPTURE && captureCopies[peer]! > 0) captureCopies[peer]!--;
    else if (kind === COPY_UNDECIDED) connections.copies.retract(connections.rare, peer);
  }
  if (isPeerUnseen(connections, row) && !reportsDuplicate(segment))
    noteReportedGap(connections, row, segment);
  sackRight[at] = segment.sackEdges[1]!;
  for (let block = 1; block < segment.sackBlocks; block++) {
    const right = segment.sackEdges[block * 2 + 1]!;
    if (after(right, sackRight[at]!)) sackRight[at] = right;
  }
}

/** Does this sender count its packets? Only what is surely its newest packet may tell. */
export function judgeIpId(connections: Connections, row: number, label: number, segment: Segment): void {
  const e = connections.endpoints;
  const last = e.lastIpId[row]!;
  let counts = e.ipIdSteps[row]!;
  const isNewest =
    label === LABEL_NEW ||
    label === LABEL_AFTER_GAP ||
    (segment.length === 0 && label === LABEL_NONE && isAckNew(e, row, segment));
  if (last >= 0) {
    const steps = idDistance(segment.ipId, last);
    if (isNewest) {
      let good = goodSteps(counts);
      let bad = badSteps(counts);
      let wide = wideSteps(counts);
      if (steps >= 1 && steps <= 128) good++;
      else bad += steps === 0 ? 4 : 1;
      if (steps > 1 + spannedIds(counts)) wide++;
      if (good + bad > 128) {
        good >>= 1;
        bad >>= 1;
        wide >>= 1;
      }
      counts = packSteps(good, bad, wide);
    } else if (steps <= 0 || steps > ID_AHEAD) return;
  }
  e.lastIpId[row] = segment.ipId;
  e.ipIdSteps[row] = withSpanned(counts, idsBeyondFirst(e, row, segment));
}

/** A packet that holds several segments has used a number for each of them when it left (segmentation offload). */
function idsBeyondFirst(e: Connections["endpoints"], row: number, { payloadLength }: Segment): number {
  if (payloadLength <= ETHERNET_PAYLOAD) return 0;
  return Math.ceil(payloadLength / (segmentLimit(e, row, row ^ STRIDE) || LEAST_SEGMENT)) - 1;
}

/** Where nobody knows what a segment holds, it may hold as little as this (RFC 8200 §5, with timestamps). */
const LEAST_SEGMENT = 1208;

/** Whether it acknowledges more than its sender did before: its first acknowledgment does. */
function isAckNew(e: Connections["endpoints"], row: number, segment: Segment): boolean {
  return !(e.marks[row]! & MARK_HAS_ACKED) || after(segment.acknowledgment, e.ackSent[row]!);
}

/** A packet number this far ahead is still taken for the newest of a segment that may be older. */
const ID_AHEAD = 4096;
