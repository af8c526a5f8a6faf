/**
 * Runs both ends of a connection through the transition table, one segment at a time (RFC 9293 §3.10).
 *
 * A segment is an event for its sender at once, and for its peer when its receipt is proven or assumed
 * (docs/decisions/0001-when-an-event-counts-as-received.md). Order within a segment: what it proves, then SYN, then
 * its acknowledgment, then FIN. Resets stand in reset.ts. Nothing here looks at a clock but to note when.
 */
import { after, before } from "../tcp/sequence.js";
import {
  CLOSED,
  CLOSING,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  STATE_NAMES,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from "../tcp/states.js";
import { EVENT, EVENT_NAMES, nextState, STATE_BEFORE_RESET, UNEXPECTED } from "../tcp/transitions.js";
import { ACK, FIN, type Segment, SYN } from "../wire/segment.js";
import {
  connectionOf,
  MARK_ACK_OF_FIN_PENDING,
  MARK_ACK_OF_SYN_PENDING,
  MARK_ACTIVE,
  MARK_FIN_ACKED,
  MARK_FIN_CROSSED,
  MARK_FIN_SENT,
  MARK_ISN_KNOWN,
  MARK_PROGRESSED,
  MARK_RECEIVED_FIN,
  MARK_RECEIVED_SYN,
  MARK_SEEN,
  MARK_SYN_ACK_DOUBTED,
  MARK_SYN_ACKED,
  STRIDE,
} from "./columns.js";
import type { Connections } from "./connections.js";
import { packetName } from "./packet-names.js";
import { TRANSITIONS_PER_CONNECTION } from "./transition-log.js";

/** Gives `event` to the endpoint at `row`: the table decides, time in the old state is added up, the change is logged. */
export function give(connections: Connections, row: number, event: number, segment: Segment): void {
  const { state, rareRow } = connections.endpoints;
  const from = state[row]!;
  let to = nextState(from, event);
  if (to === UNEXPECTED) {
    const at = connections.rareRow(row);
    connections.rare.unexpected[at]!++;
    return;
  }
  if (to === STATE_BEFORE_RESET) to = connections.rare.stateBeforeReset[rareRow[row]!]!;
  if (to !== from)
    enter(connections, row, event, to, segment.timeNs, packetName(segment.file, segment.number));
  else if (from === TIME_WAIT) connections.endpoints.stateSince[row] = segment.timeNs;
}

/** Moves the endpoint to `to` at `timeNs` and logs it, with the packet (packet-names.ts). */
export function enter(
  connections: Connections,
  row: number,
  event: number,
  to: number,
  timeNs: number,
  name: number,
): void {
  const { endpoints, columns, log } = connections;
  const from = endpoints.state[row]!;
  endpoints.stateSince[row] = timeNs;
  endpoints.state[row] = to;
  const connection = connectionOf(row);
  if (columns.transitions[connection]! >= TRANSITIONS_PER_CONNECTION) {
    const at = connections.rareRow(connection);
    connections.rare.transitionsDropped[at]!++;
    return;
  }
  const side = row & STRIDE ? 1 : 0;
  const count = columns.transitions[connection]!++;
  if (log.isFull(count)) {
    columns.lastTransition[connection] = log.open(columns.lastTransition[connection]!);
    if (count === 0) columns.firstTransition[connection] = columns.lastTransition[connection]!;
  }
  log.put(columns.lastTransition[connection]!, count, timeNs, name, side, event, from, to);
}

/** What one segment (no reset, no copy) does to both ends; `isRepeat`, `isNew`: its label. */
export function advanceState(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isRepeat: boolean,
  isNew: boolean,
): void {
  const { endpoints } = connections;
  const flags = segment.flags;
  // Data and acknowledgments of a connection that stands change no state.
  if (endpoints.state[row] === ESTABLISHED && endpoints.state[peer] === ESTABLISHED && !(flags & (SYN | FIN)))
    return;
  if (
    endpoints.state[row] === CLOSED &&
    !(flags & SYN) &&
    !(endpoints.marks[row]! & (MARK_RECEIVED_FIN | MARK_FIN_SENT))
  ) {
    joinLate(connections, row, peer, segment);
  }
  if (flags & ACK) {
    if (endpoints.state[row] === SYN_SENT && !(flags & SYN)) inferSynAck(connections, peer, segment);
    proveReceived(connections, row, peer, segment, isNew);
  }
  if (flags & SYN) sendSyn(connections, row, peer, segment, isRepeat);
  if (flags & ACK) deliverAck(connections, row, peer, segment);
  if (flags & FIN) sendFin(connections, row, peer, segment, isRepeat);
}

/** A connection whose SYNs the capture did not see stands when it is first met. */
function joinLate(connections: Connections, row: number, peer: number, segment: Segment): void {
  const { state, marks } = connections.endpoints;
  if (state[peer] !== CLOSED && state[peer] !== ESTABLISHED) return;
  if (marks[row]! & MARK_ACTIVE || marks[peer]! & MARK_ACTIVE) return;
  give(connections, row, EVENT.joined, segment);
  if (state[peer] === CLOSED) give(connections, peer, EVENT.joined, segment);
}

/** The opener acknowledges a SYN-ACK that the capture lacks: it was there all the same. */
function inferSynAck(connections: Connections, peer: number, segment: Segment): void {
  const { marks, isn } = connections.endpoints;
  if (marks[peer]! & MARK_ISN_KNOWN) return;
  // Where the peer was seen already, `isn` holds one below its first captured byte.
  if (!(marks[peer]! & MARK_SEEN)) isn[peer] = (segment.acknowledgment - 1) | 0;
  marks[peer]! |= MARK_ISN_KNOWN | MARK_RECEIVED_SYN;
  give(connections, peer, EVENT.passiveOpen, segment);
  give(connections, peer, EVENT.receivedSyn, segment);
}

/**
 * An acknowledgment proves what its sender had received when it sent it: the peer's SYN, the acknowledgments that came
 * with the peer's data, the peer's FIN (rules a, c and d of the decision).
 */
function proveReceived(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isNew: boolean,
): void {
  const e = connections.endpoints;
  const acknowledged = segment.acknowledgment;
  const own = e.marks[row]!;
  const theirs = e.marks[peer]!;
  if (!(own & MARK_RECEIVED_SYN) && theirs & MARK_ISN_KNOWN && after(acknowledged, e.isn[peer]!)) {
    receiveSyn(connections, row, segment);
  }
  if (e.state[row] === SYN_RECEIVED && !(theirs & MARK_SEEN)) goOnUnseen(connections, row, peer, segment);
  if (
    theirs & MARK_ACK_OF_SYN_PENDING &&
    !before(acknowledged, connections.rare.ackOfSynEnd[e.rareRow[peer]!]!)
  ) {
    e.marks[peer]! &= ~MARK_ACK_OF_SYN_PENDING;
    receiveAckOfSyn(connections, row, segment);
  }
  if (theirs & MARK_ACK_OF_FIN_PENDING && !before(acknowledged, e.ackOfFinEnd[peer]!)) {
    e.marks[peer]! &= ~MARK_ACK_OF_FIN_PENDING;
    receiveAckOfFin(connections, row, segment);
  }
  if (theirs & MARK_FIN_SENT) {
    if (after(acknowledged, e.finSequence[peer]!)) {
      if (!(e.marks[row]! & MARK_RECEIVED_FIN)) {
        e.marks[row]! |= MARK_RECEIVED_FIN;
        give(connections, row, EVENT.receivedFin, segment);
      }
    } else if (own & MARK_RECEIVED_FIN && isNew && segment.length > 0) {
      // New bytes that acknowledge less than before: the FIN it seemed to have was never there.
      e.marks[row]! &= ~MARK_RECEIVED_FIN;
      give(connections, row, EVENT.retractedFin, segment);
    }
  }
}

/** A server of whose client nothing was captured goes on: its SYN-ACK was acknowledged. */
function goOnUnseen(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  if (
    segment.flags & SYN ||
    (segment.payloadLength === 0 && !after(segment.acknowledgment, (e.isn[peer]! + 1) | 0))
  )
    return;
  if (e.state[peer] === SYN_SENT) {
    e.marks[peer]! |= MARK_RECEIVED_SYN | MARK_SYN_ACKED;
    give(connections, peer, EVENT.receivedSynAck, segment);
  }
  receiveAckOfSyn(connections, row, segment);
}

/** The sender of this segment has had its peer's SYN. */
function receiveSyn(connections: Connections, row: number, segment: Segment): void {
  const { marks, state } = connections.endpoints;
  // A bare ACK before its own SYN (split handshake): the SYN that follows shows what it makes of the peer's.
  if (state[row] === CLOSED && !(segment.flags & SYN)) return;
  marks[row]! |= MARK_RECEIVED_SYN;
  if (state[row] === SYN_SENT) {
    const isSimultaneous = (segment.flags & SYN) !== 0;
    give(connections, row, isSimultaneous ? EVENT.receivedSyn : EVENT.receivedSynAck, segment);
    // The SYN-ACK that it received acknowledged its own SYN.
    if (!isSimultaneous) marks[row]! |= MARK_SYN_ACKED;
  } else if (state[row] === CLOSED) {
    give(connections, row, EVENT.passiveOpen, segment);
    give(connections, row, EVENT.receivedSyn, segment);
  }
}

/** An acknowledgment of its SYN reached the endpoint. */
function receiveAckOfSyn(connections: Connections, row: number, segment: Segment): void {
  const { marks, state } = connections.endpoints;
  if (state[row] !== SYN_RECEIVED) return;
  marks[row]! |= MARK_SYN_ACKED;
  give(connections, row, EVENT.receivedAckOfSyn, segment);
}

/** An acknowledgment of its FIN reached the endpoint. */
export function receiveAckOfFin(connections: Connections, row: number, segment: Segment): void {
  const { marks, state } = connections.endpoints;
  const now = state[row];
  if (now !== FIN_WAIT_1 && now !== CLOSING && now !== LAST_ACK) return;
  marks[row]! |= MARK_FIN_ACKED;
  give(connections, row, EVENT.receivedAckOfFin, segment);
}

/** The FIN of the endpoint at `row` is acknowledged: how soon after it was repeated, where it was. */
function noteAckOfFin({ endpoints, rare }: Connections, row: number, segment: Segment): void {
  const at = endpoints.rareRow[row]!;
  if (rare.finRetransmissions[at] === 0 || rare.finAckGapNs[at] !== 0) return;
  rare.finAckGapNs[at] = segment.timeNs - rare.lastRepeatAt[at]!;
  const hasDuplicate = segment.sackBlocks > 0 && !after(segment.sackEdges[1]!, segment.acknowledgment);
  rare.finCameTwice[at] = hasDuplicate ? 1 : 0;
}

/** The acknowledgment this segment carries, for the peer: at once with a pure ACK, else when the segment has arrived. */
function deliverAck(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  const theirs = e.marks[peer]!;
  const peerState = e.state[peer]!;
  const acknowledged = segment.acknowledgment;
  const end = (segment.sequence + segment.length) | 0;
  const isDelivered = segment.length === 0 || !after(end, e.sndUna[row]!);
  if (peerState === SYN_RECEIVED && theirs & MARK_ISN_KNOWN && after(acknowledged, e.isn[peer]!)) {
    if (isDelivered) receiveAckOfSyn(connections, peer, segment);
    else if (!(e.marks[row]! & MARK_ACK_OF_SYN_PENDING)) {
      e.marks[row]! |= MARK_ACK_OF_SYN_PENDING;
      const at = connections.rareRow(row);
      connections.rare.ackOfSynEnd[at] = end;
    }
  }
  if (theirs & MARK_FIN_SENT && !(theirs & MARK_FIN_ACKED) && after(acknowledged, e.finSequence[peer]!)) {
    noteAckOfFin(connections, peer, segment);
    if (isDelivered) {
      deliverCrossedFin(connections, row, peer, segment);
      receiveAckOfFin(connections, peer, segment);
    } else if (!(e.marks[row]! & MARK_ACK_OF_FIN_PENDING)) {
      e.marks[row]! |= MARK_ACK_OF_FIN_PENDING;
      e.ackOfFinEnd[row] = end;
    }
  }
}

/** Both closed at once: the acknowledgment stands behind its sender's FIN, which the peer had before it (rule d). */
function deliverCrossedFin(connections: Connections, row: number, peer: number, segment: Segment): void {
  const { marks, state, finSequence } = connections.endpoints;
  if (state[peer] !== FIN_WAIT_1 || marks[peer]! & MARK_RECEIVED_FIN || !(marks[row]! & MARK_FIN_SENT))
    return;
  if (!after(segment.sequence, finSequence[row]!)) return;
  marks[peer]! |= MARK_RECEIVED_FIN;
  give(connections, peer, EVENT.receivedFin, segment);
}

/** A SYN or SYN-ACK is sent; repeats may show that an earlier assumption was wrong. */
function sendSyn(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isRepeat: boolean,
): void {
  const e = connections.endpoints;
  if (!(segment.flags & ACK)) {
    if (e.state[row] === CLOSED && !isRepeat) e.marks[row]! |= MARK_ACTIVE;
    if (e.state[row] === CLOSED || e.state[row] === SYN_SENT) give(connections, row, EVENT.sentSyn, segment);
    return;
  }
  if (e.state[row] === CLOSED && !(e.marks[peer]! & MARK_ISN_KNOWN)) {
    // The SYN it answers came before the capture.
    give(connections, peer, EVENT.sentSyn, segment);
    e.marks[peer]! |= MARK_ISN_KNOWN | MARK_ACTIVE;
    e.isn[peer] = (segment.acknowledgment - 1) | 0;
    e.marks[row]! |= MARK_RECEIVED_SYN;
    give(connections, row, EVENT.passiveOpen, segment);
    give(connections, row, EVENT.receivedSyn, segment);
    return;
  }
  if (isRepeat && e.state[row] === ESTABLISHED && !(e.marks[row]! & (MARK_PROGRESSED | MARK_ACTIVE))) {
    // Sooner than a SYN-ACK takes to come it was on its way before the ACK arrived, and says nothing.
    if (segment.timeNs - e.establishedAt[peer]! < e.synAt[row]! - e.answeredAt[peer]!) return;
    // It would not repeat its SYN-ACK had it received the ACK (rule e).
    e.marks[row] = (e.marks[row]! & ~MARK_SYN_ACKED) | MARK_SYN_ACK_DOUBTED;
    give(connections, row, EVENT.retractedAckOfSyn, segment);
  }
}

/** A FIN is sent; a repeat says that the acknowledgment of the first has not arrived (rule e). */
function sendFin(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isRepeat: boolean,
): void {
  const e = connections.endpoints;
  const state = e.state[row]!;
  if (isRepeat && e.marks[row]! & MARK_FIN_ACKED) {
    e.marks[row]! &= ~MARK_FIN_ACKED;
    if (state === FIN_WAIT_2 || state === TIME_WAIT || state === CLOSED)
      give(connections, row, EVENT.retractedAckOfFin, segment);
  }
  if (!(e.marks[row]! & MARK_FIN_SENT)) {
    const theirs = e.marks[peer]!;
    if (
      theirs & MARK_FIN_SENT &&
      !(segment.flags & ACK && after(segment.acknowledgment, e.finSequence[peer]!))
    ) {
      e.marks[row]! |= MARK_FIN_CROSSED;
    }
    e.marks[row]! |= MARK_FIN_SENT;
    e.finSequence[row] = (segment.sequence + segment.length - 1) | 0;
    e.finAt[row] = segment.timeNs;
  }
  give(connections, row, EVENT.sentFin, segment);
}

/** Events after which the capture knows that the state before them was held all along: 1 at each. */
const RETRACTIONS = new Uint8Array(EVENT_NAMES.length);
for (const event of ["retractedAckOfSyn", "retractedAckOfFin", "retractedFin", "retractedRst"] as const)
  RETRACTIONS[EVENT[event]] = 1;

/** Whether the event says that what was left by it was never left: its new state was held all along. */
export function isRetraction(event: number): boolean {
  return RETRACTIONS[event] === 1;
}

/** Nanoseconds the endpoint spent in each state up to `untilNs`, by state number; exact while its log is whole. */
export function timesInStates(connections: Connections, row: number, untilNs: number): number[] {
  const { columns, endpoints, log } = connections;
  const connection = connectionOf(row);
  const own = row & STRIDE ? 1 : 0;
  const spent = new Array<number>(STATE_NAMES.length).fill(0);
  let since = Number.NaN;
  log.forEach(
    columns.firstTransition[connection]!,
    columns.transitions[connection]!,
    (at, _name, side, event, from, to) => {
      if (side !== own) return;
      // Before its first segment a connection was in no state of its own. What is retracted was never left.
      if (at > since) spent[isRetraction(event) ? to : from]! += at - since;
      since = at;
    },
  );
  if (untilNs > since) spent[endpoints.state[row]!]! += untilNs - since;
  return spent;
}
