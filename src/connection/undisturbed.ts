/**
 * Connections to which nothing unusual has happened yet: their segments need no evidence, and their ends are not
 * followed as senders.
 *
 * At the first disturbance, or where more is on the way than the last packets can tell, both ends begin to be followed:
 * from the handshake's times and those last packets. Most connections never get there.
 */
import {
  CAUSE_RTO,
  CAUSE_TAIL_LOSS_PROBE,
  LABEL_NEW,
  LABEL_NONE,
  LABEL_RETRANSMISSION,
} from "../report/labels.js";
import { after, before } from "../tcp/sequence.js";
import { ACK, RST, Segment, SYN } from "../wire/segment.js";
import { idsCount } from "./classify.js";
import {
  connectionOf,
  MARK_HAS_ACKED,
  MARK_HAS_TIMESTAMPS,
  MARK_PROBE_OPEN,
  MARK_PROBED,
  MARK_REPEATED,
  MARK_SEEN,
  MARK_STALE_SYN_ACK,
  MARK_UNSEEN_BUT_ACKED,
  MARK_WINDOW_ZERO,
  STRIDE,
} from "./columns.js";
import { type Connections, PAIR, peerOf } from "./connections.js";
import { mayLackRepeat } from "./inferred.js";
import { idDistance } from "./ip-id-steps.js";
import { MOST_RECENT_PAYLOAD, RECENT } from "./recent-packets.js";
import { addPrint } from "./recent-prints.js";
import {
  MODE_OPEN,
  SENDER_HAS_HEARD,
  SENDER_IS_ACKED,
  SENDER_ON_TRIAL,
  SENDER_PROBE_OPEN,
  SENDER_STRIDE,
} from "./senders.js";
import { hearSender, notePayload, noteSending, tellPeer } from "./sending.js";
import { insertSegment } from "./sent-segments.js";
import { usesSack } from "./uses-sack.js";

/** Something unusual has happened. */
export const DISTURBED = -1;
/** Nothing but a missing packet number after a silence speaks against it. */
export const HINTED = -2;

/** What the segment is, of a connection that is not followed for good, where it disturbs nothing; else below 0. */
export function undisturbedLabel(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
): number {
  const { endpoints: e } = connections;
  const marks = e.marks[row]!;
  const peerMarks = e.marks[peer]!;
  if (segment.sackBlocks > 0 || (marks | peerMarks) & (MARK_WINDOW_ZERO | MARK_PROBED | MARK_PROBE_OPEN))
    return DISTURBED;
  if (isTooMuchOnTheWay(connections, row, peer) || segment.payloadLength > MOST_RECENT_PAYLOAD)
    return DISTURBED;
  if (marks & MARK_UNSEEN_BUT_ACKED || peerMarks & MARK_UNSEEN_BUT_ACKED) return DISTURBED;
  if (segment.flags & SYN) {
    const isFirst = e.synCount[row] === 0 && !(marks & (MARK_SEEN | MARK_STALE_SYN_ACK));
    return isFirst ? LABEL_NEW : DISTURBED;
  }
  // A connection that began before the capture has a hole below its first bytes, on both sides.
  if (!(marks & MARK_SEEN) || !(peerMarks & MARK_SEEN) || e.holes[row]! >= 0 || e.holes[peer]! >= 0)
    return DISTURBED;
  if (segment.sequence !== e.sndNxt[row] || segment.window === 0) return DISTURBED;
  const hasTimestamps = (marks & MARK_HAS_TIMESTAMPS) !== 0;
  if (hasTimestamps && segment.hasTimestamps && before(segment.tsVal, e.tsVal[row]!)) return DISTURBED;
  let isHinted = false;
  if (idsCount(connections, row, segment)) {
    const steps = idDistance(segment.ipId, e.lastIpId[row]!);
    if (steps < 1) return DISTURBED;
    // A number is missing after a silence: its packet may have been lost before the capture point (inferred.ts).
    isHinted = steps > 1 && segment.length > 0 && mayLackRepeat(connections, row, segment, steps);
  }
  if (!(segment.flags & ACK)) return DISTURBED;
  if (marks & MARK_REPEATED || (peerMarks & MARK_REPEATED && !answersRepeat(connections, peer, segment)))
    return DISTURBED;
  const isAckNew = !(marks & MARK_HAS_ACKED) || after(segment.acknowledgment, e.ackSent[row]!);
  if (after(segment.acknowledgment, e.sndNxt[peer]!)) return DISTURBED;
  if (segment.length === 0) return isAckNew ? LABEL_NONE : DISTURBED;
  if (!isAckNew && segment.acknowledgment !== e.ackSent[row]) return DISTURBED;
  return isHinted ? HINTED : LABEL_NEW;
}

/**
 * Whether the segment of an endpoint that is not followed is a repeat that disturbs nothing else: of the newest packet,
 * which holds all that is on the way, by a sender whose clock will tell whether it was needless. To be asked before the two
 * are followed; they need not be for longer than that one packet (`stopFollowing`).
 */
export function isLonelyRepeat(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
): boolean {
  const { endpoints: e, recent } = connections;
  const isOfAll =
    segment.sequence === e.sndUna[row] && segment.length === ((e.sndNxt[row]! - e.sndUna[row]!) | 0);
  if (!isOfAll || segment.payloadLength < 2 || segment.length !== segment.payloadLength) return false;
  const clocks = e.marks[row]! & e.marks[peer]! & MARK_HAS_TIMESTAMPS;
  if (clocks === 0 || !segment.hasTimestamps) return false;
  if (e.holes[row]! >= 0 || e.holes[peer]! >= 0 || segment.sackBlocks > 0) return false;
  const connection = connectionOf(row);
  const count = connections.packetsOf(connection);
  if (count <= RECENT || recent.isRepeat(connection / PAIR, count - 1)) return false;
  const isFromServer = recent.read(connection / PAIR, count - 1, packet);
  return (
    isFromServer === (row !== connection) &&
    packet.sequence === segment.sequence &&
    packet.length === segment.length &&
    after(segment.tsVal, packet.tsVal)
  );
}

/** Whether a repeat that is so labelled, with that cause, leaves nothing that its sender need be followed for. */
export function isOver(label: number, cause: number): boolean {
  return label === LABEL_RETRANSMISSION && (cause === CAUSE_RTO || cause === CAUSE_TAIL_LOSS_PROBE);
}

/**
 * The two are followed for a missing packet number alone. Nine times in ten it was another connection's: nothing else
 * shows, and they are left alone again (`settleTrial`). Their last packets are kept meanwhile.
 */
export function beginTrial({ endpoints: e, senders }: Connections, connection: number): void {
  senders.columns.marks[e.sender[connection]!]! |= SENDER_ON_TRIAL;
  senders.columns.marks[e.sender[connection + STRIDE]!]! |= SENDER_ON_TRIAL;
}

/** There is more to it: the two are followed to their end. */
export function endTrial({ endpoints: e, senders }: Connections, connection: number): void {
  senders.columns.marks[e.sender[connection]!]! &= ~SENDER_ON_TRIAL;
  senders.columns.marks[e.sender[connection + STRIDE]!]! &= ~SENDER_ON_TRIAL;
}

/** A segment of two that are on trial was taken as new, or as an acknowledgment; where no timer is thought of, that was it. */
export function settleTrial(connections: Connections, connection: number): void {
  const { endpoints: e, senders } = connections;
  const { mode, marks } = senders.columns;
  const [client, server] = [e.sender[connection]!, e.sender[connection + STRIDE]!];
  if (mode[client] !== MODE_OPEN || mode[server] !== MODE_OPEN) return;
  if ((marks[client]! | marks[server]!) & SENDER_PROBE_OPEN) return;
  stopFollowing(connections, connection);
}

/** The two are not followed any more, until the next disturbance. */
export function stopFollowing(connections: Connections, connection: number): void {
  const { sender } = connections.endpoints;
  connections.senders.release(sender[connection]!);
  sender[connection] = 0;
  sender[connection + STRIDE] = 0;
}

/** Whether the segment acknowledges all that the endpoint at `peer` sent, and echoes its lonely repeat (RFC 3522). */
function answersRepeat(connections: Connections, peer: number, segment: Segment): boolean {
  const { sndNxt, sndUna, tsVal } = connections.endpoints;
  return (
    segment.acknowledgment === sndNxt[peer] &&
    sndUna[peer] !== sndNxt[peer] &&
    segment.hasTimestamps &&
    !before(segment.tsEcr, tsVal[peer]!)
  );
}

/**
 * Whether bytes are on the way that were sent longer ago than the last packets reach. Told by counts alone: a look at the
 * packets would wait for their cache line (60 ns a packet on the narrow trace).
 */
export function isTooMuchOnTheWay(connections: Connections, row: number, peer: number): boolean {
  const count = connections.packetsOf(connectionOf(row));
  return isFlightLong(connections, row, count) || isFlightLong(connections, peer, count);
}

function isFlightLong(connections: Connections, row: number, count: number): boolean {
  const { sndNxt, sndUna, flightStart } = connections.endpoints;
  return sndNxt[row] !== sndUna[row] && count - flightStart[row]! >= RECENT;
}

/**
 * Both ends are followed as senders from here on: what the last packets tell of them is caught up with. Lost for good are
 * round trips shorter than the handshake's that were measured before those, how far the clocks ran ahead, and which
 * packets came before: a copy of one of them is told by its numbers alone.
 */
export function beginFollowing(connections: Connections, connection: number): void {
  const { columns, endpoints: e, senders, recent } = connections;
  if (e.sender[connection]! > 0) {
    endTrial(connections, connection);
    return;
  }
  e.sender[connection] = senders.take();
  e.sender[connection + STRIDE] = e.sender[connection]! + SENDER_STRIDE;
  const withSack = usesSack(connections, connection);
  const place = connection / PAIR;
  const count = connections.packetsOf(connection);
  const first = Math.max(0, count - RECENT);
  una.fill(0);
  if (first > 0) takeHistory(connections, connection, place, first);
  for (let nth = first; nth < count; nth++) {
    const isFromServer = recent.read(place, nth, packet);
    const row = isFromServer ? connection + STRIDE : connection;
    const sender = e.sender[row]!;
    packet.number = recent.isRepeat(place, nth) ? connections.rare.lonelyRepeat[e.rareRow[row]!]! : 0;
    if (!(packet.flags & RST)) catchUp(connections, row, peerOf(columns, row), withSack);
    addPrint(senders, sender, packet);
  }
}

/** The packet that is caught up with, and the highest acknowledgment so far of the client's and the server's bytes. */
const packet = new Segment();
const una = new Int32Array(2);

/** What came before the last packets, the first of which is the `first` one: a handshake, and acknowledgments. */
function takeHistory(connections: Connections, connection: number, place: number, first: number): void {
  const { columns, endpoints: e, senders, recent } = connections;
  const c = senders.columns;
  const server = connection + STRIDE;
  takeRoundTrip(connections, connection, server, e.synAt[server]! - e.answeredAt[connection]!);
  takeRoundTrip(connections, server, connection, e.establishedAt[connection]! - e.lastSynAt[server]!);
  // Acknowledged before was no more than the first of them says; without one of them nothing has changed since.
  una[0] = e.sndUna[connection]!;
  una[1] = e.sndUna[server]!;
  for (let nth = first + RECENT - 1; nth >= first; nth--) {
    const sent = recent.read(place, nth, packet) ? server : connection;
    const side = peerOf(columns, sent) & STRIDE ? 1 : 0;
    if (packet.flags & ACK && !(packet.flags & RST)) una[side] = packet.acknowledgment;
  }
  for (let row = connection; row <= server; row += STRIDE) {
    const sender = e.sender[row]!;
    // Of a side that none of the last packets is of.
    c.lastSentAt[sender] = e.lastAt[row]!;
    if (e.lastDataAt[row]! >= 0) {
      c.lastDataSentAt[sender] = e.lastDataAt[row]!;
      c.highestSentAt[sender] = e.lastDataAt[row]!;
    }
    if (!(e.marks[peerOf(columns, row)]! & MARK_HAS_ACKED)) continue;
    c.marks[sender]! |= SENDER_IS_ACKED | SENDER_HAS_HEARD;
    c.heardUna[sender] = una[row & STRIDE ? 1 : 0]!;
    c.heardAckAt[sender] = packet.timeNs;
    c.heardAdvanceAt[sender] = packet.timeNs;
  }
}

/** One leg of the handshake: from the endpoint at `row` to its peer and back, as the capture point saw it. */
function takeRoundTrip(connections: Connections, row: number, peer: number, leg: number): void {
  if (!(leg > 0)) return;
  const { endpoints: e, senders } = connections;
  const c = senders.columns;
  c.minRttNs[e.sender[row]!] = leg;
  c.srttNs[e.sender[row]!] = leg;
  c.rttvarNs[e.sender[row]!] = leg / 2;
  c.loopNs[e.sender[peer]!] = leg;
}

/** One of the last packets: the next bytes in order, an acknowledgment, or both. */
function catchUp(connections: Connections, row: number, peer: number, withSack: boolean): void {
  const { senders, endpoints: e } = connections;
  const sender = e.sender[row]!;
  const sent = hearSender(connections, row, peer, packet, withSack);
  const c = senders.columns;
  if (packet.number > 0) catchUpRepeat(connections, row, peer, sent, withSack);
  else if (packet.length > 0) {
    notePayload(senders, sender, packet.payloadLength);
    insertSegment(senders, sender, packet, sent, 0);
    c.lastDataSentAt[sender] = sent;
    if (!(packet.flags & SYN)) c.highestSentAt[sender] = sent;
  }
  const side = peer & STRIDE ? 1 : 0;
  tellPeer(connections, row, peer, packet, sent, withSack, una[side]!, packet.acknowledgment);
  if (packet.flags & ACK) una[side] = packet.acknowledgment;
}

/** A lonely repeat is taken as it was when it came: nothing beyond it was sent, nothing of it acknowledged. */
function catchUpRepeat(
  connections: Connections,
  row: number,
  peer: number,
  sent: number,
  withSack: boolean,
): void {
  const { sndUna, sndNxt, ackSent } = connections.endpoints;
  const [unaNow, nextNow, ackNow] = [sndUna[row]!, sndNxt[row]!, ackSent[row]!];
  sndUna[row] = packet.sequence;
  sndNxt[row] = (packet.sequence + packet.length) | 0;
  ackSent[row] = packet.acknowledgment;
  noteSending(connections, row, peer, LABEL_RETRANSMISSION, packet, sent, withSack);
  sndUna[row] = unaNow;
  sndNxt[row] = nextNow;
  ackSent[row] = ackNow;
}
