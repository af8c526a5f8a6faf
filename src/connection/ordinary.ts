/**
 * Header prediction (as receivers do it, RFC 1122 §4.2.2.20 leaves it open): the next bytes in order, or an
 * acknowledgment of something new, on a connection that stands.
 *
 * Such segments are most of all traffic and need no judgment. Everything that the general path would do with one
 * happens here in one go; at the first doubt nothing has been touched and the general path takes it. A test runs every
 * sample both ways and compares the records whole.
 */
import { LABEL_NEW, LABEL_NONE } from "../report/labels.js";
import { ESTABLISHED } from "../tcp/states.js";
import { ACK, PSH, type Segment } from "../wire/segment.js";
import { idsCount } from "./classify.js";
import {
  connectionOf,
  INTERFACE,
  MARK_COPIED,
  MARK_HAS_ACKED,
  MARK_HAS_TIMESTAMPS,
  MARK_PROBED,
  MARK_PROGRESSED,
  MARK_REPEATED,
  MARK_SEEN,
  MARK_SYN_ACK_DOUBTED,
  MARK_WINDOW_ZERO,
  noteFirstData,
} from "./columns.js";
import { type Connections, HANDSHAKE_DONE, IS_DONE, WAS_RESET } from "./connections.js";
import { mayLackRepeat } from "./inferred.js";
import { idDistance } from "./ip-id-steps.js";
import { followTransfer } from "./limits.js";
import { packetName } from "./packet-names.js";
import { LEAST_PAUSE_NS, notePause } from "./pauses.js";
import { MOST_RECENT_PAYLOAD } from "./recent-packets.js";
import { countExtraSegments } from "./segment-limit.js";
import { isOnTrial } from "./senders.js";
import { hearSender, observeSender } from "./sending.js";
import { judgeIpId } from "./sequence-space.js";
import { followTurns, noteRoundTrip, SETTLED } from "./turns.js";

import { isTooMuchOnTheWay, settleTrial } from "./undisturbed.js";
import { usesSack } from "./uses-sack.js";

const NEEDED = MARK_SEEN | MARK_HAS_ACKED;
const UNWANTED = MARK_WINDOW_ZERO | MARK_PROBED | MARK_SYN_ACK_DOUBTED;
const CONGESTION_EXPERIENCED = 3;

/** Label of the segment where it was an ordinary one and has been dealt with; -1 where the general path must. */
export function observeOrdinary(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
): number {
  const e = connections.endpoints;
  // 1. Nothing but data and acknowledgment, whole, with a window, without SACK or marks.
  if ((segment.flags & ~PSH) !== ACK || segment.window === 0 || segment.sackBlocks > 0) return -1;
  if (
    segment.ecn === CONGESTION_EXPERIENCED ||
    segment.hasBadOptions ||
    segment.isFragment ||
    segment.isHeaderCut ||
    segment.userTimeout > 0
  )
    return -1;
  // 2. Both ends stand, have shown themselves, and nothing is in doubt or waits for an answer.
  if (e.state[row] !== ESTABLISHED || e.state[peer] !== ESTABLISHED) return -1;
  const marks = e.marks[row]!;
  const peerMarks = e.marks[peer]!;
  if (
    (marks & (NEEDED | UNWANTED | MARK_COPIED)) !== NEEDED ||
    (peerMarks & (UNWANTED | MARK_REPEATED | MARK_SEEN)) !== MARK_SEEN
  )
    return -1;
  const connectionMarks = connections.columns.marks[connectionOf(row)]!;
  if ((connectionMarks & (HANDSHAKE_DONE | WAS_RESET | IS_DONE)) !== HANDSHAKE_DONE) return -1;
  // 3. The next bytes, and no hole of the peer that its acknowledgment might pass.
  const { sequence, acknowledgment, payloadLength } = segment;
  if (sequence !== e.sndNxt[row] || e.holes[peer]! >= 0) return -1;
  // 4. It acknowledges what was sent, and something new unless it carries data.
  const news = (acknowledgment - e.sndUna[peer]!) | 0;
  if (((e.sndNxt[peer]! - acknowledgment) | 0) < 0 || ((acknowledgment - e.ackSent[row]!) | 0) < 0) return -1;
  if (payloadLength > 0 ? news < 0 : news <= 0) return -1;
  // 5. Its clock and its packet number go forward, and the last packets tell what is on the way.
  const sender = e.sender[row]!;
  const isTried = isOnTrial(connections.senders, sender);
  if ((sender === 0 || isTried) && !isRemembered(connections, row, peer, marks, segment)) return -1;
  if (!goesForward(connections, row, marks, segment)) return -1;

  const label = payloadLength > 0 ? LABEL_NEW : LABEL_NONE;
  if (sender > 0) {
    connections.roundTripNs = Number.NaN;
    const withSack = usesSack(connections, row);
    const sent = hearSender(connections, row, peer, segment, withSack);
    observeSender(connections, row, peer, label, segment, sent, withSack);
    noteRoundTrip(connections, peer, connections.roundTripNs, segment.ttl);
    if (isTried) settleTrial(connections, connectionOf(row));
  } else if (e.packets[row]! >= SETTLED && news > 0 && acknowledgment === e.sndNxt[peer])
    noteRoundTrip(connections, peer, segment.timeNs - e.lastDataAt[peer]!, segment.ttl);
  if (segment.ipId !== 0) judgeIpId(connections, row, label, segment);

  if (news > 0 && !(marks & MARK_PROGRESSED) && ((acknowledgment - e.isn[peer]! - 1) | 0) > 0)
    e.marks[row] = marks | MARK_PROGRESSED;
  e.sndNxt[row] = (sequence + payloadLength) | 0;
  e.sndUna[peer] = acknowledgment;
  e.ackSent[row] = acknowledgment;
  e.lastAck[row] = acknowledgment;
  e.window[row] = segment.window;
  if (segment.hasTimestamps) e.tsVal[row] = segment.tsVal;
  e.ttl[row] = segment.ttl;
  e.lastAt[row] = segment.timeNs;
  e.lastFrame[row] = packetName(segment.file, segment.number);
  connections.remember(row, false, segment);
  if (e.sender[row]! > 0) followTransfer(connections, row, peer, segment, payloadLength > 0, news > 0);
  e.packets[row]!++;
  if (payloadLength === 0) return LABEL_NONE;
  if (e.bytes[row] === 0) noteFirstData(connections.columns, row, segment.timeNs);
  e.bytes[row]! += payloadLength;
  const flight = (e.sndNxt[row]! - e.sndUna[row]!) | 0;
  if (flight > e.mostInFlight[row]!) e.mostInFlight[row] = flight;
  followTurns(connections, row, peer, segment, true);
  if (payloadLength > connections.leastSegmentLimit)
    countExtraSegments(connections, row, peer, payloadLength);
  if (segment.timeNs - e.lastDataAt[row]! >= LEAST_PAUSE_NS) notePause(connections, row, peer, segment);
  e.lastDataAt[row] = segment.timeNs;
  return LABEL_NEW;
}

/** Whether the last packets (recent-packets.ts) hold all that would have to be known if this one disturbed something. */
function isRemembered(
  connections: Connections,
  row: number,
  peer: number,
  marks: number,
  segment: Segment,
): boolean {
  return (
    !(marks & MARK_REPEATED) &&
    segment.payloadLength <= MOST_RECENT_PAYLOAD &&
    !isTooMuchOnTheWay(connections, row, peer)
  );
}

function goesForward(connections: Connections, row: number, marks: number, segment: Segment): boolean {
  const e = connections.endpoints;
  const hasTimestamps = (marks & MARK_HAS_TIMESTAMPS) !== 0;
  if (segment.hasTimestamps !== hasTimestamps) return false;
  if (hasTimestamps && ((segment.tsVal - e.tsVal[row]!) | 0) < 0) return false;
  // The first payload without a packet number tells its interface (systematic-copies.ts).
  if (segment.ipId === 0) return segment.payloadLength === 0 || (e.originalInterface[row]! & INTERFACE) !== 0;
  if (!idsCount(connections, row, segment)) return true;
  const steps = idDistance(segment.ipId, e.lastIpId[row]!);
  if (steps < 1) return false;
  return !(steps > 1 && segment.payloadLength > 0 && mayLackRepeat(connections, row, segment, steps));
}
