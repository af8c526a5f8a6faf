/**
 * What limits a sender, as shares of its time: its application, the peer's window, the repair of losses, or none of them,
 * which leaves the congestion window (or pacing, or the send buffer).
 *
 * Followed senders share their time out at each new segment, looking back at what kept it: Linux counts the like as
 * busy_time and rwnd_limited (tcp_info). Time is the sender's: what it can have heard by then is what counts, so that a
 * capture point beside the receiver tells the same. Of a sender that is not followed its volume and its turns tell.
 */
import { after, distance } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { connectionOf, firstDataAt, MARK_ISN_KNOWN, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { endWaiting, flightOf } from "./episodes.js";
import { handshakeRttNs } from "./round-trip.js";
import { segmentLimit } from "./segment-limit.js";
import {
  ETHERNET_PAYLOAD,
  fullPayload,
  fullRttNs,
  isOnTrial,
  knownLoopNs,
  SENDER_HAS_HEARD,
  SENDER_SENT_ALL,
} from "./senders.js";

/** Segments that a sender may have on the way before it has heard anything (RFC 6928 §2). */
const INITIAL_SEGMENTS = 10;
/** Options may take so much from a segment that is full all the same. */
const OPTION_BYTES = 40;
/** The smallest payload that is taken for a full segment's: of IPv6's least packet, with timestamps (RFC 8200 §5). */
const LEAST_SEGMENT_SIZE = 1280 - 60 - 12;
/** Of an initial window in each round trip: more than this may be what slow start allows. */
const SLOW_SHARE = 0.6;
/** A flight of this share of the window was as large as the window let it be: slow start and waiting are in the mean. */
const FULL_WINDOW = 0.75;
/** In `firstFlightUntil`: the first flight is over. */
const OVER = -1;
/** Of the way from the capture point to the sender and back: an answer may come that much sooner. */
const LOOP_SHARE = 0.9;

/** The columns have taken in the segment of the endpoint at `row`, whose ends are followed. */
export function followTransfer(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isNewData: boolean,
  hasAdvanced: boolean,
): void {
  // Of one that may be left alone again the turns tell.
  if (isOnTrial(connections.senders, connections.endpoints.sender[row]!)) return;
  if (isNewData) noteNewData(connections, row, peer, segment);
  if (hasAdvanced) noteDelivery(connections, peer, segment);
  const { endpoints: e, senders } = connections;
  const c = senders.columns;
  const sender = e.sender[peer]!;
  if (c.windowFilledAt[sender]! > 0 && c.windowOpenedAt[sender] === 0) {
    const room = distance(e.sndUna[peer]!, e.sndNxt[peer]!) + windowOf(connections, row, e.window[row]!);
    if (room >= segmentSize(connections, peer)) c.windowOpenedAt[sender] = segment.timeNs;
  }
}

function noteNewData(connections: Connections, row: number, peer: number, segment: Segment): void {
  const { endpoints: e, senders } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const at = connections.rareRow(row);
  const { rare } = connections;
  if (c.countedTo[sender] === 0) beginSharing(connections, row, segment.timeNs);
  else if (rare.episodeSince[at] === 0) shareOut(connections, row, segment);
  measureFlight(connections, row, segment.timeNs);
  noteFirstFlight(connections, row, segment.timeNs);
  const size = segmentSize(connections, row);
  const rest = segment.payloadLength % size;
  // Once the path has turned out to carry less, nobody knows what a full one is.
  const isFull = rest === 0 || rest >= size - OPTION_BYTES || rare.pathMtuRepeats[at]! > 0;
  if (isFull) c.marks[sender]! &= ~SENDER_SENT_ALL;
  else c.marks[sender]! |= SENDER_SENT_ALL;
  if (roomLeft(connections, row, peer) < size) {
    rare.windowFulls[at]!++;
    const window = knownWindow(connections, row, peer);
    if (window > rare.filledWindow[at]!) rare.filledWindow[at] = window;
    if (c.windowFilledAt[sender] === 0) c.windowFilledAt[sender] = segment.timeNs;
    c.windowOpenedAt[sender] = 0;
  }
}

/** What is sent before an acknowledgment of the first data can have come; of one who had no more it tells no window. */
function noteFirstFlight(connections: Connections, row: number, timeNs: number): void {
  const { endpoints: e, rare, senders } = connections;
  const c = senders.columns;
  const sender = e.sender[row]!;
  const at = e.rareRow[row]!;
  const untilNs = c.firstFlightUntil[sender]!;
  const first = (e.isn[row]! + 1) | 0;
  if (untilNs < 0) return;
  const hasHeard = (c.marks[sender]! & SENDER_HAS_HEARD) !== 0 && after(c.heardUna[sender]!, first);
  if ((untilNs === 0 || timeNs < untilNs) && !hasHeard)
    rare.initialWindow[at] = distance(e.sndNxt[row]!, first);
  else {
    if (c.marks[sender]! & SENDER_SENT_ALL) rare.initialWindow[at] = 0;
    c.firstFlightUntil[sender] = OVER;
  }
}

/** Payload bytes of a full segment: what both agreed on, or less where the path makes it less. */
function segmentSize({ endpoints: e, senders }: Connections, row: number): number {
  const limit = segmentLimit(e, row, row ^ STRIDE) || ETHERNET_PAYLOAD;
  const largest = fullPayload(senders, e.sender[row]!);
  return largest >= LEAST_SEGMENT_SIZE ? Math.min(limit, largest) : limit;
}

/** The window that the endpoint at `row` advertised as `window`, in bytes; Infinity where its scale is unknown. */
function windowOf({ endpoints: e }: Connections, row: number, window: number): number {
  const scale = e.windowScale[row]!;
  return scale >= 0 ? window << scale : Number.POSITIVE_INFINITY;
}

/** Bytes that the peer's window still allows the endpoint, as far as that has heard. */
function roomLeft(connections: Connections, row: number, peer: number): number {
  const { endpoints: e, senders } = connections;
  const sender = e.sender[row]!;
  const una = hasHeardWindow(connections, row) ? senders.columns.heardUna[sender]! : e.sndUna[row]!;
  return distance(una, e.sndNxt[row]!) + knownWindow(connections, row, peer);
}

/** The window in which the endpoint sends, as far as it has heard of it, in bytes. */
function knownWindow(connections: Connections, row: number, peer: number): number {
  const { endpoints: e, senders } = connections;
  const window = hasHeardWindow(connections, row)
    ? senders.columns.heardWindow[e.sender[row]!]!
    : e.window[peer]!;
  return windowOf(connections, peer, window);
}

function hasHeardWindow({ endpoints: e, senders }: Connections, row: number): boolean {
  const c = senders.columns;
  const sender = e.sender[row]!;
  return (c.marks[sender]! & SENDER_HAS_HEARD) !== 0 && c.heardWindow[sender]! >= 0;
}

/** What it sent before it was followed was little at a time, or was acknowledged as it came. */
function beginSharing(connections: Connections, row: number, timeNs: number): void {
  const { endpoints: e, rare, senders, columns } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const at = e.rareRow[row]!;
  c.countedTo[sender] = timeNs;
  rare.isTimed[at] = 1;
  const isAcknowledged = after(e.sndUna[row]!, (e.isn[row]! + 1) | 0);
  if (isAcknowledged || !(e.marks[row]! & MARK_ISN_KNOWN)) c.firstFlightUntil[sender] = OVER;
  const spanNs = timeNs - firstDataAt(columns, row);
  if (!(spanNs > 0)) return;
  rare.applicationNs[at] = unfollowedApplicationNs(connections, row, spanNs);
  rare.receiveWindowNs[at] = unfollowedWindowNs(connections, row, spanNs);
  if (spanNs > handshakeRttNs(connections, row)) rare.idleNs[at] = Number.NaN;
}

/**
 * Of the first `spanNs` of a sender's time, in which it was not followed: how long its application had nothing to send.
 * All of it where it needed much less than an initial window in a round trip; else the turns that it waited for.
 */
export function unfollowedApplicationNs(connections: Connections, row: number, spanNs: number): number {
  const { endpoints: e, columns, rare, spreads } = connections;
  const turns = columns.turns[connectionOf(row)]!;
  const networkNs = rare.networkNs[e.rareRow[row]!]!;
  const isSlow = isUnfollowedSlow(connections, row, spanNs);
  const waitedNs = turns > 0 && !isSlow ? spreads.totalNs(turns) + spreads.totalNs(turns + 1) : 0;
  return Math.max(0, Math.round(Math.min(spanNs - networkNs, isSlow ? spanNs : waitedNs)));
}

function isUnfollowedSlow(connections: Connections, row: number, spanNs: number): boolean {
  const { endpoints: e } = connections;
  const size = segmentLimit(e, row, row ^ STRIDE) || ETHERNET_PAYLOAD;
  const roundTrips = spanNs / handshakeRttNs(connections, row);
  return e.bytes[row]! <= SLOW_SHARE * INITIAL_SEGMENTS * size * roundTrips;
}

/** The endpoint, which is not followed, has sent all that it had to: its peer's window is not kept beyond. */
export function noteUnfollowedEnd(connections: Connections, row: number): void {
  const { endpoints: e, columns } = connections;
  const spanNs = e.lastDataAt[row]! - firstDataAt(columns, row);
  // Less than a round trip, or little at a time: no window was in the way.
  if (!(spanNs >= handshakeRttNs(connections, row)) || isUnfollowedSlow(connections, row, spanNs)) return;
  const ns = unfollowedWindowNs(connections, row, spanNs);
  if (ns === 0) return;
  const at = connections.rareRow(row);
  connections.rare.receiveWindowNs[at] = ns;
  connections.rare.filledWindow[at] = windowOf(connections, row ^ STRIDE, e.window[row ^ STRIDE]!);
}

/** Likewise, of what is left of that time: all, where as much went in each round trip as the window allowed. */
function unfollowedWindowNs(connections: Connections, row: number, spanNs: number): number {
  const { endpoints: e, rare } = connections;
  const peer = row ^ STRIDE;
  const networkNs = rare.networkNs[e.rareRow[row]!]!;
  const leftNs = spanNs - networkNs - unfollowedApplicationNs(connections, row, spanNs);
  const flight = (e.bytes[row]! * handshakeRttNs(connections, row)) / leftNs;
  const isFull = flight >= FULL_WINDOW * windowOf(connections, peer, e.window[peer]!);
  return leftNs > 0 && isFull ? leftNs : 0;
}

/** New data after new data, and no loss to repair: what kept it meanwhile. */
function shareOut(connections: Connections, row: number, segment: Segment): void {
  const { endpoints: e, rare, senders } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const at = e.rareRow[row]!;
  const { timeNs } = segment;
  const loopNs = knownLoopNs(senders, sender);
  const wasFull = c.windowFilledAt[sender]! > 0;
  let since = c.countedTo[sender]!;
  if (wasFull) {
    const openedAt = c.windowOpenedAt[sender]!;
    // A window that opens by little is not used at once (RFC 9293 §3.8.6); later, the application had no more.
    const isUsed = timeNs - openedAt - loopNs <= fullRttNs(senders, sender);
    const until = openedAt > 0 && !isUsed ? openedAt + loopNs : timeNs;
    rare.receiveWindowNs[at]! += Math.max(0, until - Math.max(since, c.windowFilledAt[sender]!));
    since = Math.max(since, until);
    c.windowFilledAt[sender] = 0;
  }
  const isDrained = e.sndUna[row] === segment.sequence && c.heardUna[sender] === segment.sequence;
  const idleNs = isDrained ? Math.max(0, timeNs - Math.max(since, c.advancedAt[sender]! + loopNs)) : 0;
  rare.idleNs[at]! += idleNs;
  const hadSentAll = !wasFull && (c.marks[sender]! & SENDER_SENT_ALL) !== 0;
  rare.applicationNs[at]! += hadSentAll ? Math.max(0, timeNs - since) : idleNs;
  c.countedTo[sender] = timeNs;
}

/** A round trip after a recovery: what is on the way now, beside what was when the loss was found. */
function measureFlight(connections: Connections, row: number, timeNs: number): void {
  const { endpoints: e, rare, senders } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const at = e.rareRow[row]!;
  if (c.settledAt[sender] === 0 || timeNs < c.settledAt[sender]! || rare.episodeSince[at]! > 0) return;
  c.settledAt[sender] = 0;
  // Of a sender that has no more to send, what is on the way says nothing.
  if (c.marks[sender]! & SENDER_SENT_ALL) return;
  rare.flightsMeasured[at]!++;
  rare.flightBefore[at]! += rare.flightThen[at]!;
  rare.flightAfter[at]! += flightOf(connections, row);
}

/** More bytes of the endpoint at `row` were delivered. */
function noteDelivery(connections: Connections, row: number, segment: Segment): void {
  const { endpoints: e, senders } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  c.advancedAt[sender] = segment.timeNs;
  const isFirstFlight = c.countedTo[sender]! > 0 && c.firstFlightUntil[sender] === 0;
  if (isFirstFlight && after(e.sndUna[row]!, (e.isn[row]! + 1) | 0))
    c.firstFlightUntil[sender] = segment.timeNs + LOOP_SHARE * knownLoopNs(senders, sender);
  if (e.rareRow[row]! > 0) endWaiting(connections, row, segment);
}
