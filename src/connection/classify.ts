/**
 * Says what a segment is: new bytes, a gap, bytes that were overtaken, a retransmission, a probe, a copy.
 *
 * Evidence in the order of its strength: the same packet seen before (fingerprint); the sender's own packet counter
 * (IP identification, where it is shown to count); its timestamps clock (RFC 7323); last, time against the round trip.
 * Nothing is changed here but the counters that judge the evidence itself. The cause of a retransmission will be
 * decided beside `LABEL_RETRANSMISSION`, from the same evidence.
 */
import {
  LABEL_AFTER_GAP,
  LABEL_CAPTURE_DUPLICATE,
  LABEL_KEEP_ALIVE,
  LABEL_KEEP_ALIVE_ACK,
  LABEL_NETWORK_DUPLICATE,
  LABEL_NEW,
  LABEL_NONE,
  LABEL_OUT_OF_WINDOW,
  LABEL_REORDERED,
  LABEL_RETRANSMISSION,
  LABEL_ZERO_WINDOW_PROBE,
  LABEL_ZERO_WINDOW_PROBE_ACK,
} from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import { ACK, FIN, RST, type Segment, SYN } from "../wire/segment.js";
import {
  MARK_ACTIVE,
  MARK_CROSSING_SYN_ACK,
  MARK_HAS_ACKED,
  MARK_HAS_TIMESTAMPS,
  MARK_PROBE_OPEN,
  MARK_SEEN,
  MARK_STALE_SYN_ACK,
  MARK_UNSEEN_BUT_ACKED,
  MARK_WINDOW_ZERO,
  STRIDE,
} from "./columns.js";
import { type Connections, RING, ringOf } from "./connections.js";

/** A copy made by the capture follows its original within this; later ones were made on the way. */
const CAPTURE_COPY_NS = 10e6;
/** A keep-alive comes after silence; anything sooner is ordinary traffic. */
const KEEP_ALIVE_SILENCE_NS = 200e6;
/** A round trip where none has been measured yet. */
const UNKNOWN_ROUND_TRIP_NS = 3e6;
/** Bytes above this distance are no gap but garbage: the largest window (RFC 7323 §2.3). */
const LARGEST_WINDOW = 2 ** 30;
/** IP identifications further apart than this are not compared. */
const ID_REACH = 4096;

/** Signed distance of two 16-bit IP identifications. */
export function idDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

export function classify(connections: Connections, row: number, peer: number, segment: Segment): number {
  const { marks, sndNxt, holes } = connections.endpoints;
  if (segment.flags & RST) return resetLabel(connections, row, peer, segment);
  if (!(marks[row]! & MARK_SEEN)) return startLabel(connections, row, segment);
  const usesIds = idsCount(connections, row, segment);
  if (segment.flags & SYN) return classifySyn(connections, row, segment, usesIds);

  const above = distance(segment.sequence, sndNxt[row]!);
  // The common case first: the next bytes in order, or a pure acknowledgment at the highest byte.
  if (above === 0) {
    if (segment.length > 0) return isOlder(connections, row, segment, usesIds) ? LABEL_REORDERED : LABEL_NEW;
    return classifyPureAck(connections, row, peer, segment, usesIds);
  }
  if (above > LARGEST_WINDOW || above < -LARGEST_WINDOW) return LABEL_OUT_OF_WINDOW;
  if (above === -1 && segment.payloadLength <= 1 && !(segment.flags & FIN)) {
    const probe = probeLabel(connections, row, peer, segment, usesIds);
    if (probe !== LABEL_NONE) return probe;
  }
  if (segment.length === 0) return classifyPureAck(connections, row, peer, segment, usesIds);
  if (above > 0) return isOlder(connections, row, segment, usesIds) ? LABEL_REORDERED : LABEL_AFTER_GAP;

  const end = (segment.sequence + segment.length) | 0;
  const hole = connections.holes.touching(holes[row]!, segment.sequence, end);
  if (hole >= 0) return fillsHole(connections, row, peer, segment, hole, usesIds);
  if (after(end, sndNxt[row]!)) return LABEL_RETRANSMISSION;
  return seenBefore(connections, row, peer, segment, usesIds);
}

/** A host without the connection answers each segment with the same reset: only one that answers nothing new is a copy. */
function resetLabel(connections: Connections, row: number, peer: number, segment: Segment): number {
  if (segment.ipId === 0 || !isSamePacket(connections, row, segment)) return LABEL_NONE;
  const { lastAt, ipIdGood } = connections.endpoints;
  const answersNew = lastAt[peer]! > lastAt[row]!;
  return answersNew && !(ipIdGood[row]! >= 1 && idsCount(connections, row, segment))
    ? LABEL_NONE
    : copyLabel(connections, row, segment);
}

/** The first captured segment of a direction; what the peer acknowledged before may lie above or below it. */
function startLabel(connections: Connections, row: number, segment: Segment): number {
  if (segment.length === 0) return LABEL_NONE;
  const { marks, sndNxt } = connections.endpoints;
  if (!(marks[row]! & MARK_UNSEEN_BUT_ACKED) || segment.flags & SYN) return LABEL_NEW;
  const above = distance(segment.sequence, sndNxt[row]!);
  if (above > LARGEST_WINDOW || above < -LARGEST_WINDOW) return LABEL_OUT_OF_WINDOW;
  return above < 0 ? LABEL_RETRANSMISSION : above > 0 ? LABEL_AFTER_GAP : LABEL_NEW;
}

/** A SYN or SYN-ACK that is not the first: a repeat, or a copy. Another ISN never comes here (reuse.ts). */
function classifySyn(connections: Connections, row: number, segment: Segment, usesIds: boolean): number {
  const { marks, isn, tsVal, lastAt, synCount, sndNxt } = connections.endpoints;
  if (synCount[row] === 0) {
    // The answer to an older attempt is remembered by its place only.
    const isStale = (marks[row]! & MARK_STALE_SYN_ACK) !== 0 && segment.sequence === ((sndNxt[row]! - 1) | 0);
    return isStale ? LABEL_RETRANSMISSION : LABEL_NEW;
  }
  if (segment.sequence !== isn[row]) return LABEL_OUT_OF_WINDOW;
  // The SYN-ACK of an opener answers the SYN that crossed its own: no repeat.
  if (segment.flags & ACK && (marks[row]! & (MARK_ACTIVE | MARK_CROSSING_SYN_ACK)) === MARK_ACTIVE)
    return LABEL_NEW;
  const isSame = isSamePacket(connections, row, segment);
  if (usesIds) return isSame ? copyLabel(connections, row, segment) : LABEL_RETRANSMISSION;
  if (segment.hasTimestamps && marks[row]! & MARK_HAS_TIMESTAMPS) {
    if (before(segment.tsVal, tsVal[row]!)) return LABEL_REORDERED;
    // Without a packet counter the same TSval within one clock tick may also be an answer to a copied SYN.
    if (isSame && segment.tsVal === tsVal[row]!) return copyLabel(connections, row, segment);
    return LABEL_RETRANSMISSION;
  }
  return isSame && segment.timeNs - lastAt[row]! < 5e6
    ? copyLabel(connections, row, segment)
    : LABEL_RETRANSMISSION;
}

/** Zero-window probes and keep-alives: at most one byte, one below the highest (RFC 9293 §3.8.4, §3.8.6.1). */
function probeLabel(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  usesIds: boolean,
): number {
  const { marks, sndUna, sndNxt, ackSent, lastAt, rareRow } = connections.endpoints;
  if (isOlder(connections, row, segment, usesIds)) return LABEL_NONE;
  if (marks[row]! & MARK_HAS_ACKED && before(segment.acknowledgment, ackSent[row]!)) return LABEL_NONE;
  if (segment.payloadLength === 1 && before(sndUna[row]!, sndNxt[row]!)) return LABEL_NONE;
  if (usesIds && isSamePacket(connections, row, segment)) return copyLabel(connections, row, segment);
  if (
    marks[peer]! & MARK_WINDOW_ZERO ||
    connections.rare.lastProbe[rareRow[row]!] === LABEL_ZERO_WINDOW_PROBE
  )
    return LABEL_ZERO_WINDOW_PROBE;
  if (segment.timeNs - lastAt[row]! < KEEP_ALIVE_SILENCE_NS) return LABEL_NONE;
  if (segment.payloadLength === 1 && wasTypedAlone(connections, row, segment)) return LABEL_NONE;
  return LABEL_KEEP_ALIVE;
}

/** One byte that was sent by itself a moment ago is a keystroke sent again, not a probe. */
function wasTypedAlone(connections: Connections, row: number, segment: Segment): boolean {
  const { lastDataAt, lastAt } = connections.endpoints;
  return lastDataAt[row] === lastAt[row] && segment.timeNs - lastDataAt[row]! < 1e9;
}

/** A segment without payload: nothing, an answer to a probe, a copy, or one that was overtaken. */
function classifyPureAck(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  usesIds: boolean,
): number {
  if (!(segment.flags & ACK)) return LABEL_NONE;
  const { marks, ackSent, rareRow, lastIpId } = connections.endpoints;
  if (usesIds) {
    // A newer packet number settles it without a look at the ring.
    const steps = idDistance(segment.ipId, lastIpId[row]!);
    if (steps <= 0) {
      if (isSamePacket(connections, row, segment)) return copyLabel(connections, row, segment);
      if (steps < 0 && steps > -1024) return LABEL_REORDERED;
    }
  } else if (marks[row]! & MARK_HAS_ACKED && before(segment.acknowledgment, ackSent[row]!)) {
    return LABEL_REORDERED;
  } else if (isOlder(connections, row, segment, false)) return LABEL_REORDERED;
  if (marks[peer]! & MARK_PROBE_OPEN) {
    return connections.rare.lastProbe[rareRow[peer]!] === LABEL_ZERO_WINDOW_PROBE
      ? LABEL_ZERO_WINDOW_PROBE_ACK
      : LABEL_KEEP_ALIVE_ACK;
  }
  return LABEL_NONE;
}

/** Bytes in a hole: overtaken, if sent before what opened the hole; else sent again. */
function fillsHole(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  hole: number,
  usesIds: boolean,
): number {
  const pool = connections.holes;
  const openerId = pool.openerIpId[hole]!;
  if (usesIds && openerId !== 0) {
    const steps = idDistance(segment.ipId, openerId);
    if (Math.abs(steps) < ID_REACH) return steps < 0 ? LABEL_REORDERED : LABEL_RETRANSMISSION;
  }
  const { marks } = connections.endpoints;
  if (segment.hasTimestamps && marks[row]! & MARK_HAS_TIMESTAMPS) {
    return after(segment.tsVal, pool.openerTsVal[hole]!) ? LABEL_RETRANSMISSION : LABEL_REORDERED;
  }
  const age = segment.timeNs - pool.openedAt[hole]!;
  return age < 0.9 * roundTripNs(connections, row, peer) ? LABEL_REORDERED : LABEL_RETRANSMISSION;
}

/** Bytes that were all captured before: a copy, or a retransmission. */
function seenBefore(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  usesIds: boolean,
): number {
  const isSame = isSamePacket(connections, row, segment);
  if (usesIds) return isSame ? copyLabel(connections, row, segment) : LABEL_RETRANSMISSION;
  const { marks, tsVal, lastAt } = connections.endpoints;
  if (segment.hasTimestamps && marks[row]! & MARK_HAS_TIMESTAMPS) {
    // A repeat carries a newer TSval than its original; a copy cannot.
    if (isSame || before(segment.tsVal, tsVal[row]!)) return copyLabel(connections, row, segment);
    return LABEL_RETRANSMISSION;
  }
  const near = 0.25 * Math.min(roundTripNs(connections, row, peer), 20e6);
  return isSame && segment.timeNs - lastAt[row]! < near
    ? copyLabel(connections, row, segment)
    : LABEL_RETRANSMISSION;
}

/** Whether its sender sent this before the newest of its packets: by packet counter, else by clock. */
function isOlder(connections: Connections, row: number, segment: Segment, usesIds: boolean): boolean {
  const { marks, tsVal, lastIpId } = connections.endpoints;
  if (usesIds) {
    const steps = idDistance(segment.ipId, lastIpId[row]!);
    return steps < 0 && steps > -1024;
  }
  return (
    segment.hasTimestamps && (marks[row]! & MARK_HAS_TIMESTAMPS) !== 0 && before(segment.tsVal, tsVal[row]!)
  );
}

/** Whether this sender is shown to count its packets in the IP identification, and this packet carries one. */
export function idsCount(connections: Connections, row: number, segment: Segment): boolean {
  const { lastIpId, ipIdGood, ipIdBad } = connections.endpoints;
  if (segment.ipId === 0 || lastIpId[row]! < 0) return false;
  if (ipIdGood[row]! >= 1) return ipIdBad[row]! * 8 <= ipIdGood[row]!;
  return ipIdBad[row] === 0 && Math.abs(idDistance(segment.ipId, lastIpId[row]!)) <= 32;
}

/** A number that is the same for two packets whose headers are the same in all that a copy keeps. */
export function fingerprint(segment: Segment): number {
  // Products that do not wait for one another, unlike a chain of six.
  const h =
    Math.imul(segment.sequence, 0x9e3779b1) +
    Math.imul(segment.acknowledgment, 0x85ebca77) +
    Math.imul(segment.tsVal, 0xc2b2ae3d) +
    Math.imul(segment.tsEcr, 0x27d4eb2f) +
    Math.imul((segment.window << 16) | segment.flags, 0x165667b1) +
    Math.imul((segment.ipId << 16) | (segment.length & 0xffff), 0x2c1b3c6d);
  return (h ^ (h >>> 15)) | 0;
}

/** Whether the very same packet stands among the endpoint's last ones. */
export function isSamePacket(connections: Connections, row: number, segment: Segment): boolean {
  const print = fingerprint(segment);
  const start = ringOf(row);
  const { rings } = connections;
  const filled = Math.min(connections.endpoints.ringAt[row]!, RING);
  for (let at = start; at < start + filled; at++) {
    if (rings[at] === print) return true;
  }
  return false;
}

/** Whether the very same packet is the endpoint's newest. */
export function isNewestPacket(connections: Connections, row: number, segment: Segment): boolean {
  const newest = ringOf(row) + ((connections.endpoints.ringAt[row]! - 1) & (RING - 1));
  return connections.rings[newest] === fingerprint(segment);
}

/** A copy: by the capture where it follows at once and nothing but link or TTL can differ, else by the network. */
function copyLabel(connections: Connections, row: number, segment: Segment): number {
  const age = segment.timeNs - connections.endpoints.lastAt[row]!;
  return segment.ipId !== 0 && age >= 0 && age < CAPTURE_COPY_NS
    ? LABEL_CAPTURE_DUPLICATE
    : LABEL_NETWORK_DUPLICATE;
}

/** The path's round trip as the handshake measured it, both halves, in nanoseconds. */
export function roundTripNs(connections: Connections, row: number, peer: number): number {
  const { establishedAt, answeredAt } = connections.endpoints;
  const client = row & STRIDE ? peer : row;
  const legs = establishedAt[client]! - answeredAt[client]!;
  return legs > 0 ? legs : UNKNOWN_ROUND_TRIP_NS;
}
