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
import { idsCount } from "./classify.js";
import {
  connectionOf,
  MARK_ACK_OF_FIN_PENDING,
  MARK_ACTIVE,
  MARK_FIN_SENT,
  MARK_HAS_ACKED,
  MARK_HAS_TIMESTAMPS,
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
import { idDistance } from "./ip-id-steps.js";
import { packetName } from "./packet-names.js";
import { roundTripNs } from "./round-trip.js";
import { give, receiveAckOfFin } from "./state-machine.js";

/** What the receiver makes of a reset. */
const TAKEN = 0;
const CHALLENGED = 1;
const IGNORED = 2;

/** FIN_WAIT_2 lasts this long in common kernels before the socket is forgotten. */
const FIN_WAIT_2_NS = 60e9;
/** A packet number this far ahead of the side's newest is still of its run. */
const ID_AHEAD = 4096;
/** TTLs further apart than this are two different senders. */
const TTL_SPREAD = 2;

/**
 * A reset from `row` to `peer`; copies never come here. `isChallenged`: its sender asked for a new connection, and the
 * old one's acknowledgment came back (RFC 5961 §4).
 */
export function observeReset(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isChallenged = false,
): void {
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
  if (!wasReset || resetKindOf(connections, connection) === RESET_STALE_SYN_ACK) {
    describeReset(connections, row, segment, kindOf(connections, row, peer, segment, isChallenged));
    rememberState(connections, row);
    rememberState(connections, peer);
  } else if (wasReset) noteSecondReset(connections, row, segment);
  e.marks[row]! |= MARK_RESET;
  if (e.state[row] !== CLOSED || !wasReset) give(connections, row, EVENT.sentRst, segment);
  receive(connections, peer, segment);
}

/** Index into RESET_KINDS, of a connection that was reset. */
export function resetKindOf({ endpoints, rare }: Connections, connection: number): number {
  return rare.resetKind[endpoints.rareRow[connection]!]!;
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
  const age = segment.timeNs - rare.resetAt[at]!;
  if (!isOtherSide || age > roundTripNs(connections, row)) return;
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
  const at = connections.rareRow(connection);
  const { rare } = connections;
  rare.resetAt[at] = segment.timeNs;
  rare.resetFrame[at] = packetName(segment.file, segment.number);
  rare.provokedByFrame[at] = endpoints.lastFrame[peer]!;
  rare.resetKind[at] = kind;
  rare.resetSequence[at] = segment.sequence;
  rare.resetWindow[at] = segment.window;
  rare.resetSigns[at] = signsOf(connections, row, segment);
  rare.resetIdleNs[at] = idleBefore(connections, row, peer);
}

/** What the reset says of its sender: the anatomy of resets as kernels send them, and what went before. */
function kindOf(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isChallenged: boolean,
): number {
  const e = connections.endpoints;
  const own = e.state[row]!;
  const isBare = !(segment.flags & ACK);
  if (e.state[peer] === SYN_SENT) return own === CLOSED ? RESET_REFUSED : RESET_ABORT;
  // The opener takes its SYN back; the SYN-ACK may have passed or not.
  if (own === SYN_SENT) return RESET_HANDSHAKE_ABORT;
  if (isChallenged && isBare) return RESET_CHALLENGE;
  if (e.marks[row]! & MARK_FIN_SENT) {
    const kind = kindAfterFin(connections, row, peer, segment);
    if (kind >= 0) return kind;
  }
  if (
    !isBare &&
    e.marks[row]! & MARK_PROBE_OPEN &&
    connections.rare.lastProbe[e.rareRow[row]!] === LABEL_KEEP_ALIVE &&
    e.marks[row]! & MARK_REPEATED
  ) {
    return RESET_KEEP_ALIVE_EXPIRED;
  }
  return isBare && segment.window === 0 ? RESET_UNKNOWN_CONNECTION : RESET_ABORT;
}

/** The kind of a reset whose sender had sent its FIN; -1 where that says nothing. */
function kindAfterFin(connections: Connections, row: number, peer: number, segment: Segment): number {
  const e = connections.endpoints;
  const theirs = e.marks[peer]!;
  const isBare = !(segment.flags & ACK);
  const isFinMet = (theirs & MARK_FIN_SENT) !== 0;
  // A live socket between the two FINs: it only had stopped sending, and drops the rest now.
  if (!isBare) return isFinMet ? RESET_INSTEAD_OF_TIME_WAIT : -1;
  if (isFinMet && e.marks[row]! & MARK_RECEIVED_FIN) return RESET_INSTEAD_OF_TIME_WAIT;
  // What that side did not acknowledge came after its FIN: it acknowledges what it has with every segment.
  const dataEnd = isFinMet ? e.finSequence[peer]! : e.sndNxt[peer]!;
  const isData = e.bytes[peer]! > 0 && !(e.marks[row]! & MARK_HAS_ACKED && !after(dataEnd, e.ackSent[row]!));
  if (!isData && !isFinMet) return -1;
  // Its socket waited in FIN_WAIT_2 and was forgotten before that came.
  if (segment.timeNs - e.finAt[row]! >= FIN_WAIT_2_NS) return RESET_FIN_WAIT_2_EXPIRED;
  return isData ? RESET_AFTER_CLOSE : RESET_INSTEAD_OF_TIME_WAIT;
}

/** How long the sender of the reset had been silent when the segment came that it answers, or the first of several. */
function idleBefore(connections: Connections, row: number, peer: number): number {
  const { lastAt, marks, rareRow } = connections.endpoints;
  const isRepeated = (marks[peer]! & MARK_REPEATED) !== 0;
  const provokedAt = isRepeated ? connections.rare.silentSinceNs[rareRow[peer]!]! : lastAt[peer]!;
  return Math.max(0, provokedAt - lastAt[row]! || 0);
}

/** Signs of a foreign sender that stand in the reset itself (RESET_SIGNS); two of different kinds make a suspicion. */
function signsOf(connections: Connections, row: number, segment: Segment): number {
  const e = connections.endpoints;
  let signs = 0;
  if (e.ttl[row]! > 0 && Math.abs(segment.ttl - e.ttl[row]!) > TTL_SPREAD) signs |= 1;
  // A live Unix-like socket (initial TTL 64) gives its reset the window it has; window 0 is another's hand.
  const isUnixLike = e.ttl[row]! > 0 && e.ttl[row]! <= 64;
  const isLive = (segment.flags & ACK) !== 0 && e.state[row]! >= ESTABLISHED && e.window[row] !== 0;
  if (isUnixLike && isLive && segment.window === 0) signs |= 16;
  if (hasForeignTimestamps(connections, row, segment)) signs |= 64;
  return signs | ipIdSign(connections, row, segment);
}

/** Timestamps that its side never sends, or that stand before those it has sent (RFC 7323 §3.2). */
function hasForeignTimestamps(connections: Connections, row: number, segment: Segment): boolean {
  const { marks, packets, tsVal } = connections.endpoints;
  if (!segment.hasTimestamps || packets[row] === 0) return false;
  return !(marks[row]! & MARK_HAS_TIMESTAMPS) || before(segment.tsVal, tsVal[row]!);
}

/** 0 is no evidence: kernels send bare resets without a packet number. */
function ipIdSign(connections: Connections, row: number, segment: Segment): number {
  const { lastIpId } = connections.endpoints;
  if (segment.ipId === 0) return 0;
  const steps = idDistance(segment.ipId, lastIpId[row]!);
  const isCounting = idsCount(connections, row, segment);
  const isInRun = isCounting && steps >= 0 && steps <= ID_AHEAD;
  if (!isInRun && segment.ipId === lastIpId[row ^ STRIDE]!) return 32;
  return isCounting && (steps < -256 || steps > ID_AHEAD) ? 2 : 0;
}

/** Whether the side sent the segment after all that was captured of it before: by its clock, or by its packet number. */
function isNewer(connections: Connections, row: number, segment: Segment): boolean {
  const { marks, tsVal, lastIpId } = connections.endpoints;
  if (segment.hasTimestamps && marks[row]! & MARK_HAS_TIMESTAMPS && after(segment.tsVal, tsVal[row]!))
    return true;
  const steps = idDistance(segment.ipId, lastIpId[row]!);
  return idsCount(connections, row, segment) && steps > 0 && steps <= ID_AHEAD;
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
  // The reset of an answer to an older attempt took nothing back: its sender goes on.
  const kind = resetKindOf(connections, connection);
  if (segment.flags & RST || kind === RESET_STALE_SYN_ACK) return false;
  const age = segment.timeNs - rare.resetAt[e.rareRow[connection]!]!;
  const isResetter = (row & STRIDE ? RESET_BY_SERVER : 0) === (columns.marks[connection]! & RESET_BY_SERVER);
  if (isResetter) {
    e.marks[row]! |= MARK_SENT_AFTER_RESET;
    const at = e.rareRow[connection]!;
    const isBeyond = segment.payloadLength > 0 && !before(segment.sequence, rare.resetSequence[at]!);
    if (isBeyond && isNewer(connections, row, segment)) rare.resetSigns[at]! |= 4;
    return false;
  }
  if (kind === RESET_REFUSED || e.state[row] !== CLOSED) return false;
  const isAnsweredAnew = (e.marks[peer]! & MARK_SENT_AFTER_RESET) !== 0 && segment.payloadLength > 0;
  if (!isAnsweredAnew || age < 2 * roundTripNs(connections, row) + 50e6) return false;
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
