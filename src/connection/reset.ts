/**
 * Resets: does the receiver have to take it (RFC 9293 §3.10.7.4, RFC 5961 §3), and what does it say of its sender?
 *
 * The receiver's RCV.NXT is known only to lie between the highest acknowledgment it sent and the peer's SND.NXT: a
 * reset in that range is taken as exact, and taken back when its receiver goes on. A reset that must be ignored or
 * challenged changes no state.
 */

import { LABEL_KEEP_ALIVE } from "../report/labels.js";
import {
  RESET_ABORT,
  RESET_AFTER_CLOSE,
  RESET_CHALLENGE,
  RESET_FIN_WAIT_2_EXPIRED,
  RESET_HANDSHAKE_ABORT,
  RESET_INSTEAD_OF_TIME_WAIT,
  RESET_KEEP_ALIVE_EXPIRED,
  RESET_REFUSED,
  RESET_STALE_SYN_ACK,
  RESET_UNKNOWN_CONNECTION,
} from "../report/verdicts.js";
import { after, before, distance, isWithin } from "../tcp/sequence.js";
import { CLOSED, ESTABLISHED, LISTEN, SYN_RECEIVED, SYN_SENT } from "../tcp/states.js";
import { EVENT } from "../tcp/transitions.js";
import { ACK, RST, type Segment } from "../wire/segment.js";
import { idsCount, roundTripNs } from "./classify.js";
import {
  connectionOf,
  MARK_ACK_OF_FIN_PENDING,
  MARK_ACTIVE,
  MARK_FIN_SENT,
  MARK_HAS_ACKED,
  MARK_ISN_KNOWN,
  MARK_PROBE_OPEN,
  MARK_RECEIVED_FIN,
  MARK_REPEATED,
  MARK_RESET,
  MARK_SEEN,
  MARK_SENT_AFTER_RESET,
  MARK_STALE_SYN_ACK,
  MARK_UNSEEN_BUT_ACKED,
  STRIDE,
} from "./columns.js";
import { type Connections, RESET_ACK, RESET_BY_SERVER, WAS_RESET } from "./connections.js";
import { packetName } from "./packet-names.js";
import { give, receiveAckOfFin } from "./state-machine.js";

/** What the receiver makes of a reset. */
const TAKEN = 0;
const CHALLENGED = 1;
const IGNORED = 2;

/** FIN_WAIT_2 lasts this long in common kernels before the socket is forgotten. */
const FIN_WAIT_2_NS = 60e9;
/** TTLs further apart than this are two different senders. */
const TTL_SPREAD = 2;

/** A reset from `row` to `peer`; copies never come here. */
export function observeReset(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  const connection = connectionOf(row);
  const at = connections.rareRow(row);
  connections.rare.rstCount[at]!++;
  const verdict = validity(connections, row, peer, segment);
  if (verdict !== TAKEN) {
    if (verdict === CHALLENGED) connections.rare.challengedResets[at]!++;
    else connections.rare.ignoredResets[at]!++;
    return;
  }
  if (!(segment.flags & ACK)) deliverAnswered(connections, row, peer, segment);
  if (isToBadAck(connections, row, peer, segment)) {
    if (!(connections.columns.marks[connection]! & WAS_RESET))
      describeReset(connections, row, segment, RESET_STALE_SYN_ACK);
    give(connections, row, EVENT.sentRstToBadAck, segment);
    receive(connections, peer, segment);
    return;
  }
  const wasReset = (connections.columns.marks[connection]! & WAS_RESET) !== 0;
  if (!wasReset || connections.columns.resetKind[connection] === RESET_STALE_SYN_ACK) {
    describeReset(connections, row, segment, kindOf(connections, row, peer, segment));
    rememberState(connections, row);
    rememberState(connections, peer);
  } else if (wasReset) noteSecondReset(connections, row, segment);
  e.marks[row]! |= MARK_RESET;
  if (e.state[row] !== CLOSED || !wasReset) give(connections, row, EVENT.sentRst, segment);
  receive(connections, peer, segment);
}

function rememberState(connections: Connections, row: number): void {
  const at = connections.rareRow(row);
  connections.rare.stateBeforeReset[at] = connections.endpoints.state[row]!;
}

/** A reset without ACK takes its number from the segment it answers: what that one acknowledged has arrived. */
function deliverAnswered(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  if (!(e.marks[peer]! & MARK_ACK_OF_FIN_PENDING) || !after(segment.sequence, e.finSequence[row]!)) return;
  e.marks[peer]! &= ~MARK_ACK_OF_FIN_PENDING;
  receiveAckOfFin(connections, row, segment);
}

/** Both sides reset within one round trip, each with a TTL that is not its own: somebody between them did it. */
function noteSecondReset(connections: Connections, row: number, segment: Segment): void {
  const { columns, endpoints, rare } = connections;
  const connection = connectionOf(row);
  const at = endpoints.rareRow[connection]!;
  const isOtherSide = (row & STRIDE ? RESET_BY_SERVER : 0) !== (columns.marks[connection]! & RESET_BY_SERVER);
  const age = segment.timeNs - columns.resetAt[connection]!;
  if (!isOtherSide || age > roundTripNs(connections, row, row ^ STRIDE)) return;
  if (rare.resetSigns[at]! & 1 && signsOf(connections, row, segment) & 1) rare.resetSigns[at]! |= 8;
}

function receive(connections: Connections, peer: number, segment: Segment): void {
  const { state, marks } = connections.endpoints;
  const isPassive = !(marks[peer]! & MARK_ACTIVE);
  const backToListen = state[peer] === SYN_RECEIVED && isPassive;
  give(connections, peer, backToListen ? EVENT.receivedRstBackToListen : EVENT.receivedRst, segment);
}

/** RFC 9293 §3.10.7.3 in SYN_SENT, RFC 9293 §3.10.7.4 with RFC 5961 §3 in every later state. */
function validity(connections: Connections, row: number, peer: number, segment: Segment): number {
  const e = connections.endpoints;
  if (e.state[peer] === SYN_SENT) {
    if (!(segment.flags & ACK))
      return isExact(connections, row, peer, segment) && e.marks[row]! & MARK_ISN_KNOWN ? TAKEN : IGNORED;
    const isAcceptable =
      after(segment.acknowledgment, e.isn[peer]!) && !after(segment.acknowledgment, e.sndNxt[peer]!);
    return isAcceptable ? TAKEN : IGNORED;
  }
  if (e.state[peer] === CLOSED || e.state[peer] === LISTEN) return TAKEN;
  if (isExact(connections, row, peer, segment)) return TAKEN;
  const scale = Math.max(e.windowScale[peer]!, 0);
  const reach = Math.max((e.window[peer]! << scale) >>> 0, 1);
  const offset = distance(segment.sequence, e.sndUna[row]!);
  return offset >= 0 && offset < reach ? CHALLENGED : IGNORED;
}

/** Whether SEG.SEQ can be the receiver's RCV.NXT, as far as the capture knows it. */
function isExact(connections: Connections, row: number, peer: number, segment: Segment): boolean {
  const e = connections.endpoints;
  const sequence = segment.sequence;
  const isKnown = (e.marks[row]! & (MARK_SEEN | MARK_UNSEEN_BUT_ACKED)) !== 0;
  if (!isKnown || e.packets[row]! + e.packets[peer]! === 0) return true;
  if (isWithin(sequence, e.sndUna[row]!, e.sndNxt[row]!)) return true;
  if (e.marks[row]! & MARK_FIN_SENT && sequence === e.finSequence[row]) return true;
  // A host without the connection takes the number from the segment it answers, which may lie below the newest.
  if (!(segment.flags & ACK) && sequence === e.lastAck[peer]! && e.marks[peer]! & MARK_HAS_ACKED) return true;
  const sackRight = connections.rare.sackRight[e.rareRow[peer]!]!;
  return sackRight !== 0 && sequence === sackRight;
}

/** A reset of an answer to an older attempt: the SYN stands (RFC 9293 §3.10.7.3, first). */
function isToBadAck(connections: Connections, row: number, peer: number, segment: Segment): boolean {
  const e = connections.endpoints;
  if (e.state[row] !== SYN_SENT && e.state[row] !== SYN_RECEIVED) return false;
  const isStale = (e.marks[peer]! & MARK_STALE_SYN_ACK) !== 0 || e.state[row] === SYN_SENT;
  return (
    isStale &&
    segment.sequence === e.lastAck[peer]! &&
    segment.sequence !== ((e.isn[row]! + 1) | 0) &&
    !after(e.sndUna[row]!, e.isn[row]!)
  );
}

function describeReset(connections: Connections, row: number, segment: Segment, kind: number): void {
  const { columns, endpoints } = connections;
  const connection = connectionOf(row);
  const peer = row ^ STRIDE;
  columns.marks[connection]! &= ~(RESET_BY_SERVER | RESET_ACK);
  columns.marks[connection]! |=
    WAS_RESET | (row & STRIDE ? RESET_BY_SERVER : 0) | (segment.flags & ACK ? RESET_ACK : 0);
  columns.resetAt[connection] = segment.timeNs;
  columns.resetFrame[connection] = packetName(segment.file, segment.number);
  columns.provokedByFrame[connection] = endpoints.lastFrame[peer]!;
  columns.resetKind[connection] = kind;
  const at = connections.rareRow(connection);
  const { rare } = connections;
  rare.resetSequence[at] = segment.sequence;
  rare.resetWindow[at] = segment.window;
  rare.resetSigns[at] = signsOf(connections, row, segment);
}

/** What the reset says of its sender: the anatomy of resets as kernels send them, and what went before. */
function kindOf(connections: Connections, row: number, peer: number, segment: Segment): number {
  const e = connections.endpoints;
  const own = e.state[row]!;
  const isBare = !(segment.flags & ACK);
  if (e.state[peer] === SYN_SENT) return own === CLOSED ? RESET_REFUSED : RESET_ABORT;
  if (e.state[peer] === SYN_RECEIVED && own === SYN_SENT) return RESET_HANDSHAKE_ABORT;
  const hasClosed = (e.marks[row]! & MARK_FIN_SENT) !== 0;
  const isFinMet =
    (e.marks[peer]! & MARK_FIN_SENT) !== 0 && (!isBare || (e.marks[row]! & MARK_RECEIVED_FIN) !== 0);
  if (hasClosed && isFinMet) return RESET_INSTEAD_OF_TIME_WAIT;
  // A bare reset of a FIN or of data that was never acknowledged: the socket was gone when it came.
  if (hasClosed && isBare && segment.timeNs - e.finAt[row]! >= FIN_WAIT_2_NS) return RESET_FIN_WAIT_2_EXPIRED;
  if (hasClosed) return e.marks[peer]! & MARK_FIN_SENT ? RESET_INSTEAD_OF_TIME_WAIT : RESET_AFTER_CLOSE;
  if (
    e.marks[row]! & MARK_PROBE_OPEN &&
    connections.rare.lastProbe[e.rareRow[row]!] === LABEL_KEEP_ALIVE &&
    e.marks[row]! & MARK_REPEATED
  ) {
    return RESET_KEEP_ALIVE_EXPIRED;
  }
  const refusedSyns = connections.rare.refusedSyns[e.rareRow[connectionOf(row)]!]!;
  if (refusedSyns > 0 && isBare) return RESET_CHALLENGE;
  return isBare && segment.window === 0 ? RESET_UNKNOWN_CONNECTION : RESET_ABORT;
}

/** Signs of a foreign sender that stand in the reset itself; two make a suspicion. */
function signsOf(connections: Connections, row: number, segment: Segment): number {
  const e = connections.endpoints;
  let signs = 0;
  if (e.ttl[row]! > 0 && Math.abs(segment.ttl - e.ttl[row]!) > TTL_SPREAD) signs |= 1;
  // A live Unix-like socket (initial TTL 64) gives its reset the window it has; window 0 is another's hand.
  const isUnixLike = e.ttl[row]! > 0 && e.ttl[row]! <= 64;
  const isLive = (segment.flags & ACK) !== 0 && e.state[row]! >= ESTABLISHED && e.window[row] !== 0;
  if (isUnixLike && isLive && segment.window === 0) signs |= 16;
  if (segment.ipId !== 0 && idsCount(connections, row, segment)) {
    const steps = ((segment.ipId - e.lastIpId[row]!) << 16) >> 16;
    if (steps < -256 || steps > 4096) signs |= 2;
  }
  return signs;
}

/**
 * A segment after a taken reset: late ones were on their way, but a receiver that goes on for longer than a round trip
 * was never reset, and a sender that goes on did not send it. Returns whether the reset was taken back.
 */
export function reconsiderReset(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
): boolean {
  const { columns, endpoints: e, rare } = connections;
  const connection = connectionOf(row);
  if (segment.flags & RST) return false;
  const age = segment.timeNs - columns.resetAt[connection]!;
  const isResetter = (row & STRIDE ? RESET_BY_SERVER : 0) === (columns.marks[connection]! & RESET_BY_SERVER);
  if (isResetter) {
    e.marks[row]! |= MARK_SENT_AFTER_RESET;
    const at = e.rareRow[connection]!;
    if (!before(segment.sequence, rare.resetSequence[at]!)) rare.resetSigns[at]! |= 4;
    return false;
  }
  if (columns.resetKind[connection] === RESET_REFUSED || e.state[row] !== CLOSED) return false;
  const isAnsweredAnew = (e.marks[peer]! & MARK_SENT_AFTER_RESET) !== 0 && segment.payloadLength > 0;
  if (!isAnsweredAnew || age < 2 * roundTripNs(connections, row, peer) + 50e6) return false;
  if (rare.stateBeforeReset[e.rareRow[row]!]! < ESTABLISHED) return false;
  columns.marks[connection]! &= ~WAS_RESET;
  e.marks[row]! &= ~MARK_RESET;
  e.marks[peer]! &= ~MARK_RESET;
  const at = connections.rareRow(peer);
  connections.rare.ignoredResets[at]!++;
  give(connections, row, EVENT.retractedRst, segment);
  give(connections, peer, EVENT.retractedRst, segment);
  return true;
}
