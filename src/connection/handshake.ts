/**
 * The handshake's packets: when each was sent, how often, which one was answered, which one was lost.
 *
 * Times are those of the capture point; the legs and the outcome are made from them when somebody looks
 * (describe-handshake.ts). Options stand as offered on the SYN and SYN-ACK (RFC 9293 §3.2, RFC 7323 §2).
 */
import { FAST_OPEN_LEFT_OUT, FAST_OPEN_TAKEN } from "../report/verdicts.js";
import { after, before } from "../tcp/sequence.js";
import { ACK, AE, CWR, ECE, type Segment, SYN } from "../wire/segment.js";
import {
  type ConnectionColumns,
  connectionOf,
  type Endpoints,
  MARK_ACK_WITH_DATA,
  MARK_ACTIVE,
  MARK_CROSSING_SYN_ACK,
  MARK_HANDSHAKE_ACK_LOST,
  MARK_ISN_KNOWN,
  MARK_LEG_AMBIGUOUS,
  MARK_MET_OLD,
  MARK_STALE_SYN_ACK,
  MARK_SYN_ACK_DOUBTED,
  MARK_SYN_ACK_LOST,
  MARK_SYN_LOST,
  noteSynTtl,
  OFFER_ACC_ECN,
  OFFER_AUTHENTICATION,
  OFFER_ECN,
  OFFER_FAST_OPEN,
  OFFER_FAST_OPEN_COOKIE,
  OFFER_MD5,
  OFFER_MPTCP,
  OFFER_SACK,
  OFFER_TIMESTAMPS,
  OFFERS_CUT,
  STRIDE,
} from "./columns.js";
import {
  type Connections,
  HANDSHAKE_DONE,
  IS_SIMULTANEOUS,
  peerOf,
  REUSE_PROVEN,
  REUSE_REFUSED,
} from "./connections.js";
import { packetName } from "./packet-names.js";
import { settleSegmentLimit } from "./segment-limit.js";
import { SERVER_REOPEN } from "./time-wait.js";
import { withUnkept } from "./timetables.js";

/** Takes note of a segment of a handshake that is not complete. `client`: the connection. */
export function observeHandshake(
  connections: Connections,
  client: number,
  row: number,
  segment: Segment,
): void {
  const { endpoints: e, columns } = connections;
  const server = client + STRIDE;
  const peer = peerOf(columns, row);
  const flags = segment.flags;
  if (flags & SYN) {
    if (!(flags & ACK)) noteSyn(connections, row, peer, segment);
    else noteSynAck(connections, row, peer, segment);
  }
  if (columns.marks[client]! & IS_SIMULTANEOUS) {
    observeCrossing(e, columns, client, row, peer, segment);
    return;
  }
  if (!(flags & ACK)) return;
  const isDoubted = (e.marks[server]! & MARK_SYN_ACK_DOUBTED) !== 0;
  if (row !== client) {
    if (isDoubted && !(flags & SYN)) confirmLostAck(e, server);
    return;
  }
  // Without the SYN-ACK the opener's first ACK still says that one came.
  if (e.marks[server]! & MARK_ISN_KNOWN && !after(segment.acknowledgment, e.isn[server]!)) return;
  if (flags & SYN || (e.synCount[client] === 0 && !(e.marks[server]! & MARK_ISN_KNOWN))) return;
  if (e.establishedAt[client]! === e.establishedAt[client]!) {
    if (!isDoubted) columns.marks[client]! |= HANDSHAKE_DONE;
    return;
  }
  e.establishedAt[client] = segment.timeNs;
  if (e.synCount[server]! > 1) findAnsweredSynAck(connections, server, segment);
  if (segment.payloadLength > 0) e.marks[client]! |= MARK_ACK_WITH_DATA;
}

/** Of several SYN-ACKs the client's ACK echoes the one that it answers: the client's leg counts from that one. */
function findAnsweredSynAck(connections: Connections, server: number, ack: Segment): void {
  const { endpoints: e, rare } = connections;
  const span = (e.lastSynTsVal[server]! - e.synTsVal[server]!) | 0;
  if (!ack.hasTimestamps || ack.tsEcr === 0 || span <= 0) return;
  const share = ((ack.tsEcr - e.synTsVal[server]!) | 0) / span;
  // The sender's clock runs evenly from the first SYN-ACK to the last.
  if (share < 0 || share >= 1) return;
  const answered = e.synAt[server]! + Math.round(share * (e.lastSynAt[server]! - e.synAt[server]!));
  e.lastSynAt[server] = answered;
  const at = e.rareRow[server]!;
  const { secondSynAt } = rare;
  const isSecond = Math.abs(answered - secondSynAt[at]!) < Math.abs(answered - e.synAt[server]!);
  if (isSecond && e.synCount[server]! > 2) rare.answeredSynAck[at] = rare.secondSyn[at]!;
}

/**
 * Both opened at once: the client's connect() returns when its own SYN is acknowledged, by the SYN-ACK that answers it
 * (RFC 9293 §3.5, figure 7); its ACK tells the same where that was not captured.
 */
function observeCrossing(
  e: Endpoints,
  columns: ConnectionColumns,
  client: number,
  row: number,
  peer: number,
  segment: Segment,
): void {
  if (
    !(segment.flags & ACK) ||
    !(e.marks[peer]! & MARK_ISN_KNOWN) ||
    !after(segment.acknowledgment, e.isn[peer]!)
  )
    return;
  if (e.establishedAt[client]! === e.establishedAt[client]!) columns.marks[client]! |= HANDSHAKE_DONE;
  else if (row !== client || !(segment.flags & SYN)) e.establishedAt[client] = segment.timeNs;
}

function noteSyn(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  if (++e.synCount[row]! > 1) noteRepeat(connections, row, segment);
  e.lastSynAt[row] = segment.timeNs;
  e.lastSynTsVal[row] = segment.tsVal;
  if (e.synCount[row] === 1) {
    e.synAt[row] = segment.timeNs;
    e.isn[row] = segment.sequence;
    e.marks[row]! |= MARK_ISN_KNOWN;
    e.synTsVal[row] = segment.tsVal;
    if (segment.payloadLength > 0) {
      const at = connections.rareRow(row);
      connections.rare.synPayload[at] = segment.payloadLength;
    }
    noteOffers(connections, row, segment);
  } else if (e.synCount[peer]! > 0 && e.lastAt[peer]! === e.lastAt[peer]!) {
    // It repeats its SYN though the SYN-ACK was captured: that did not arrive, or came too late.
    e.marks[peer]! |= MARK_SYN_ACK_LOST;
    const at = connections.rareRow(row);
    const { synAfterAnswer, synAcksBefore } = connections.rare;
    if (synAfterAnswer[at] !== 0) return;
    synAfterAnswer[at] = packetName(segment.file, segment.number);
    synAcksBefore[at] = e.synCount[peer]!;
  }
}

/** The second and every later SYN, or SYN-ACK: which packet it is, and by which timetable it comes. */
function noteRepeat(connections: Connections, row: number, segment: Segment): void {
  const { endpoints: e } = connections;
  const at = connections.rareRow(row);
  const { rare } = connections;
  const count = e.synCount[row]!;
  const name = packetName(segment.file, segment.number);
  if (count === 2) {
    rare.secondSyn[at] = name;
    rare.secondSynAt[at] = segment.timeNs;
  } else if (count === 3) rare.thirdSyn[at] = name;
  rare.lastSyn[at] = name;
  rare.unkeptTimetables[at] = withUnkept(
    rare.unkeptTimetables[at]!,
    count - 1,
    segment.timeNs - e.lastSynAt[row]!,
  );
}

function noteSynAck(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  const synPayload = connections.rare.synPayload[e.rareRow[peer]!]!;
  if (e.marks[peer]! & MARK_ISN_KNOWN && segment.acknowledgment !== ((e.isn[peer]! + 1 + synPayload) | 0)) {
    // With Fast Open the SYN-ACK may leave the SYN's payload out (RFC 7413 §4.2.2).
    if (segment.acknowledgment !== ((e.isn[peer]! + 1) | 0)) {
      e.marks[row]! |= MARK_STALE_SYN_ACK;
      return;
    }
  }
  if ((e.marks[row]! & (MARK_ACTIVE | MARK_CROSSING_SYN_ACK)) === MARK_ACTIVE) {
    // Its SYN was counted and looked at before.
    e.marks[row]! |= MARK_CROSSING_SYN_ACK;
    settleScales(e, row, peer);
    settleSegmentLimit(connections, row, peer);
    return;
  }
  const isEstablished = e.establishedAt[peer]! === e.establishedAt[peer]!;
  e.synCount[row]!++;
  if (e.synCount[row] === 1) {
    e.synAt[row] = segment.timeNs;
    e.isn[row] = segment.sequence;
    e.marks[row]! |= MARK_ISN_KNOWN;
    e.synTsVal[row] = segment.tsVal;
    noteOffers(connections, row, segment);
    settleScales(e, row, peer);
    settleSegmentLimit(connections, row, peer);
    e.answeredAt[peer] = answeredSynAt(e, peer, segment);
    noteAnswer(connections, peer, segment);
    noteReopening(connections, peer, segment);
  } else if (!isEstablished) noteRepeat(connections, row, segment);
  if (!isEstablished) e.lastSynAt[row] = segment.timeNs;
  e.lastSynTsVal[row] = segment.tsVal;
}

/** What the first SYN-ACK says of what came with the SYN, and which of several SYNs it answers, where that is the last. */
function noteAnswer(connections: Connections, opener: number, synAck: Segment): void {
  const { endpoints: e, rare } = connections;
  // Neither repeats nor payload: nothing to be told.
  const at = e.rareRow[opener]!;
  if (at === 0 || !(e.marks[opener]! & MARK_ISN_KNOWN)) return;
  if (rare.synPayload[at]! > 0)
    rare.synPayloadFate[at] =
      synAck.acknowledgment === ((e.isn[opener]! + 1) | 0) ? FAST_OPEN_LEFT_OUT : FAST_OPEN_TAKEN;
  if (e.answeredAt[opener] === e.lastSynAt[opener]) rare.answeredSyn[at] = rare.lastSyn[at]!;
}

/** The ISN of the SYN-ACK shows that the server took up its TIME_WAIT (time-wait.ts), whatever was seen of that. */
function noteReopening(connections: Connections, opener: number, synAck: Segment): void {
  const { endpoints, columns, rare } = connections;
  const connection = connectionOf(opener);
  const expected = rare.expectedIsn[endpoints.rareRow[connection]!]!;
  if (expected === 0 || synAck.sequence !== expected) return;
  columns.reuse[connection] = SERVER_REOPEN;
  columns.marks[connection] = (columns.marks[connection]! & ~REUSE_REFUSED) | REUSE_PROVEN;
}

/** Which of the opener's SYNs the first SYN-ACK answers: by the echoed timestamp, else the last one. */
function answeredSynAt(e: Endpoints, opener: number, synAck: Segment): number {
  const first = e.synAt[opener]!;
  const last = e.lastSynAt[opener]!;
  if (e.synCount[opener]! <= 1) return first;
  // The first SYN arrived: the peer's answer belonged to the connection before.
  if (e.marks[opener]! & MARK_MET_OLD) return last;
  if (!synAck.hasTimestamps || synAck.tsEcr === 0 || e.synTsVal[opener] === e.lastSynTsVal[opener]) {
    e.marks[opener]! |= MARK_SYN_LOST | MARK_LEG_AMBIGUOUS;
    return last;
  }
  const echoed = synAck.tsEcr;
  if (echoed === e.lastSynTsVal[opener]) {
    e.marks[opener]! |= MARK_SYN_LOST;
    return last;
  }
  if (echoed === e.synTsVal[opener]) {
    // The first SYN did arrive (a listener echoes it in every SYN-ACK of the attempt). Whether this SYN-ACK is a late
    // first one or a repeat whose original was lost: the usual leg of the server tells, when somebody looks.
    e.marks[opener]! |= MARK_LEG_AMBIGUOUS;
    return last;
  }
  // One in between: the sender's clock runs evenly from the first SYN to the last.
  e.marks[opener]! |= MARK_SYN_LOST;
  const span = (e.lastSynTsVal[opener]! - e.synTsVal[opener]!) | 0;
  const share = ((echoed - e.synTsVal[opener]!) | 0) / span;
  return share > 0 && share < 1 ? first + Math.round(share * (last - first)) : last;
}

/** A SYN-ACK was sent again after the client's ACK was captured; now the server goes on: that ACK was lost. */
function confirmLostAck(e: Endpoints, row: number): void {
  e.marks[row] = (e.marks[row]! & ~MARK_SYN_ACK_DOUBTED) | MARK_HANDSHAKE_ACK_LOST;
}

function noteOffers(connections: Connections, row: number, segment: Segment): void {
  const { endpoints: e } = connections;
  e.mss[row] = segment.mss;
  e.offeredScale[row] = segment.windowScale;
  let options = 0;
  if (segment.isSackPermitted) options |= OFFER_SACK;
  if (segment.hasTimestamps) options |= OFFER_TIMESTAMPS;
  const ecn = segment.flags & (ECE | CWR | AE);
  const isSynAck = (segment.flags & ACK) !== 0;
  if (isSynAck ? (ecn & (ECE | CWR)) === ECE : (ecn & (ECE | CWR)) === (ECE | CWR)) options |= OFFER_ECN;
  if (segment.hasAccEcnOption || (!isSynAck && ecn === (ECE | CWR | AE))) options |= OFFER_ACC_ECN;
  if (segment.fastOpenCookieLength >= 0) options |= OFFER_FAST_OPEN;
  if (segment.fastOpenCookieLength > 0) options |= OFFER_FAST_OPEN_COOKIE;
  if (segment.mptcpSubtype >= 0) options |= OFFER_MPTCP;
  if (segment.hasMd5) options |= OFFER_MD5;
  if (segment.hasAuthentication) options |= OFFER_AUTHENTICATION;
  if (segment.isHeaderCut) options |= OFFERS_CUT;
  e.options[row] = options;
  noteSynTtl(e, row, segment.ttl);
}

/** Window scaling holds only where both SYNs offer it (RFC 7323 §2.2). */
function settleScales(e: Endpoints, row: number, peer: number): void {
  if ((e.options[row]! | e.options[peer]!) & OFFERS_CUT || !(e.marks[peer]! & MARK_ISN_KNOWN)) return;
  const both = e.offeredScale[row]! >= 0 && e.offeredScale[peer]! >= 0;
  e.windowScale[row] = both ? e.offeredScale[row]! : 0;
  e.windowScale[peer] = both ? e.offeredScale[peer]! : 0;
}

/** Whether the acknowledgment covers more than the peer's SYN. */
export function isBeyondSyn(e: Endpoints, peer: number, acknowledgment: number): boolean {
  return before((e.isn[peer]! + 1) | 0, acknowledgment);
}
