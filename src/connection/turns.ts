/**
 * Who speaks: from the last byte of a request to the first of its response, and from there to the next request.
 *
 * A turn begins with the first new bytes of the other side. Its time is measured at the capture point, so the way from there to
 * the speaker and back is in it. Bytes that cross the other side's on the way belong to no exchange that could be told (HTTP/2, pipelined requests):
 * such turns are counted, not timed. The first response of a connection is kept as a time; spreads are taken with the second turn of the client.
 */
import { after, before } from "../tcp/sequence.js";
import { ACK, type Segment } from "../wire/segment.js";
import { connectionOf, MARK_FIN_SENT, STRIDE, synTtlOf } from "./columns.js";
import { type Connections, IS_SELF, SERVER_SPEAKS } from "./connections.js";
import { packetName } from "./packet-names.js";
import { OTHER_PAIR, OWNERS, SPREAD_INTS } from "./spreads.js";

/** The client's spread of a pair is of its thinking, the server's of its responses; words that are left to us. */
const ROUND_TRIPS = OTHER_PAIR;
const OVERLAPS = OWNERS;
/** In the entries of round trips: times to live of the SYN and of the first answer (answerTtlsOf). */
const ANSWER_TTLS = OWNERS;
const FLAGS = SPREAD_INTS + OWNERS;
/** The first response stands among the server's times, or is not one. */
const HAS_FIRST = 1 << 0;
/** What is said now began while the other side's bytes were on the way: the answer to it cannot be told. */
const IS_CROSSED = 1 << 1;

/** A FIN that comes so soon after an answer belongs to it. */
const SOON_NS = 200e6;

/** An answer that takes so long may be worth a word. */
const SLOW_NS = 1e9;

/** The first response began with bytes that the capture lacks. */
const UNKNOWN_TIME = -1;

/** The endpoint at `row` sends new bytes. `isWhole`: none are missing below them. */
export function followTurns(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isWhole: boolean,
): void {
  const wasServer = (connections.columns.marks[connectionOf(row)]! & SERVER_SPEAKS) !== 0;
  if (wasServer !== ((row & STRIDE) !== 0)) takeTurn(connections, row, peer, segment, isWhole);
}

/** Likewise, where the other side sent the last new ones. */
function takeTurn(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
  isWhole: boolean,
): void {
  const { columns, endpoints: e } = connections;
  const connection = connectionOf(row);
  if (columns.marks[connection]! & IS_SELF || !(segment.flags & ACK)) return;
  columns.marks[connection]! ^= SERVER_SPEAKS;
  const side = row & STRIDE ? 1 : 0;
  const end = e.marks[peer]! & MARK_FIN_SENT ? e.finSequence[peer]! : e.sndNxt[peer]!;
  const crosses = before(segment.acknowledgment, end);
  const isKnown = isWhole && !after(segment.acknowledgment, e.sndNxt[peer]!);
  if (side === 1 && !hasFirst(connections, connection)) {
    columns.firstResponseAt[connection] = isWhole ? segment.timeNs : UNKNOWN_TIME;
    if (isKnown && !crosses) {
      noteSlowAnswer(connections, row, segment, segment.timeNs - newDataAt(connections, peer));
      return;
    }
  }
  const turns = turnsOf(connections, connection);
  const { ints } = connections.spreads;
  const at = turns * SPREAD_INTS;
  if (!(ints[at + FLAGS]! & HAS_FIRST)) {
    ints[at + FLAGS]! |= HAS_FIRST;
    const ns = side === 0 ? firstResponseNs(connections, connection) : Number.NaN;
    if (ns >= 0) connections.spreads.add(turns + 1, ns);
  }
  const wasCrossed = (ints[at + FLAGS]! & IS_CROSSED) !== 0;
  ints[at + FLAGS]! &= ~IS_CROSSED;
  if (crosses) {
    ints[at + OVERLAPS]!++;
    ints[at + FLAGS]! |= IS_CROSSED;
  }
  if (crosses || wasCrossed || !isKnown) return;
  // Nothing of it came twice before it is followed as a sender: no need to wait for another cache line.
  const since = e.sender[peer] === 0 ? e.lastDataAt[peer]! : newDataAt(connections, peer);
  const ns = segment.timeNs - since;
  if (ns >= 0) connections.spreads.add(turns + side, ns);
  if (side === 1) noteSlowAnswer(connections, row, segment, ns);
}

/** Keeps in which packet the slowest answer of the endpoint at `row` began, where it is slow at all. */
function noteSlowAnswer(connections: Connections, row: number, segment: Segment, ns: number): void {
  if (!(ns >= SLOW_NS)) return;
  const at = connections.rareRow(row);
  const { slowAnswer, slowAnswerNs } = connections.rare;
  if (ns <= slowAnswerNs[at]!) return;
  slowAnswerNs[at] = ns;
  slowAnswer[at] = packetName(segment.file, segment.number);
}

/**
 * Round trips of an undisturbed connection are sampled once a side has sent so many packets: of a shorter one the
 * handshake tells as much, and it needs no spreads.
 */
export const SETTLED = 16;

/** What the acknowledgment of the endpoint at `row` tells of an undisturbed connection; NaN nothing. */
export function undisturbedRoundTripNs(
  connections: Connections,
  row: number,
  peer: number,
  segment: Segment,
): number {
  const e = connections.endpoints;
  const { acknowledgment } = segment;
  const isAll = acknowledgment === e.sndNxt[peer] && after(acknowledgment, e.sndUna[peer]!);
  if (e.packets[row]! < SETTLED || !isAll || e.marks[peer]! & MARK_FIN_SENT) return Number.NaN;
  return segment.timeNs - e.lastDataAt[peer]!;
}

/**
 * A sample of the round trip from here to the peer of the endpoint at `row`, which sent the data, and back, by an answer that
 * came with this time to live.
 */
export function noteRoundTrip(connections: Connections, row: number, ns: number, ttl: number): void {
  if (!(ns >= 0)) return;
  const { spreads, endpoints } = connections;
  const at = turnsOf(connections, connectionOf(row)) * SPREAD_INTS;
  if (spreads.ints[at + ROUND_TRIPS] === 0) {
    const pair = spreads.takePair();
    spreads.ints[at + ROUND_TRIPS] = pair;
  }
  const entry = spreads.ints[at + ROUND_TRIPS]! + (row & STRIDE ? 1 : 0);
  if (spreads.count(entry) === 0) {
    const synTtl = synTtlOf(endpoints, row ^ STRIDE);
    if (synTtl > 0 && ttl !== synTtl) spreads.ints[entry * SPREAD_INTS + ANSWER_TTLS] = (synTtl << 8) | ttl;
  }
  spreads.addSmoothed(entry, ns);
}

/**
 * Of the endpoint at `row`: times to live of its SYN and of its first packet by which its peer's round trip was measured,
 * where these are different; both 0 where they are not, or are not known.
 */
export function answerTtlsOf(connections: Connections, row: number): { synTtl: number; answerTtl: number } {
  const pair = roundTripsOf(connections, connectionOf(row));
  const entry = pair + (row & STRIDE ? 0 : 1);
  const ttls = pair > 0 ? connections.spreads.ints[entry * SPREAD_INTS + ANSWER_TTLS]! : 0;
  return { synTtl: ttls >> 8, answerTtl: ttls & 0xff };
}

/** First entry of the connection's round trips, the client's before the server's; 0 none. */
export function roundTripsOf({ columns, spreads }: Connections, connection: number): number {
  const turns = columns.turns[connection]!;
  return turns > 0 ? spreads.ints[turns * SPREAD_INTS + ROUND_TRIPS]! : 0;
}

/** How many turns began while the other side's bytes were on the way. */
export function overlapsOf({ columns, spreads }: Connections, connection: number): number {
  const turns = columns.turns[connection]!;
  return turns > 0 ? spreads.ints[turns * SPREAD_INTS + OVERLAPS]! : 0;
}

/** The time of the one response so far, in nanoseconds; NaN where there is none, or where it is among the server's. */
export function onlyResponseNs(connections: Connections, connection: number): number {
  return hasFirst(connections, connection) ? Number.NaN : firstResponseNs(connections, connection);
}

/**
 * How many requests were answered; -1 where that cannot be told: turns overlap, some began with bytes that the capture
 * lacks, or the server spoke first, and what it says then answers nothing.
 */
export function exchangesOf(connections: Connections, connection: number): number {
  const { columns, spreads } = connections;
  if (!(columns.clientDataAt[connection]! <= columns.serverDataAt[connection]!)) return -1;
  if (!hasFirst(connections, connection)) return firstResponseNs(connections, connection) >= 0 ? 1 : -1;
  if (overlapsOf(connections, connection) > 0) return -1;
  // Between two responses lies one request: as many of them were timed, or a time is missing.
  const turns = columns.turns[connection]!;
  const responses = spreads.count(turns + 1);
  const hasAnswer = (columns.marks[connection]! & SERVER_SPEAKS) !== 0;
  return spreads.count(turns) === responses - (hasAnswer ? 1 : 0) ? responses : -1;
}

/** The server ended the connection, by its FIN, as soon as it had answered. */
export function isClosedWithAnswer({ columns, endpoints: e }: Connections, connection: number): boolean {
  const server = connection + STRIDE;
  if (!(columns.marks[connection]! & SERVER_SPEAKS)) return false;
  return e.finAt[server]! - e.lastDataAt[server]! <= SOON_NS;
}

function hasFirst({ columns, spreads }: Connections, connection: number): boolean {
  const turns = columns.turns[connection]!;
  return turns > 0 && (spreads.ints[turns * SPREAD_INTS + FLAGS]! & HAS_FIRST) !== 0;
}

/** From the client's last new bytes, as long as it has not spoken again; NaN where there were none. */
function firstResponseNs(connections: Connections, connection: number): number {
  const at = connections.columns.firstResponseAt[connection]!;
  const ns = at - newDataAt(connections, connection);
  return at >= 0 && ns >= 0 ? ns : Number.NaN;
}

/** When the endpoint sent its last new bytes: repeats and probes left out. */
function newDataAt({ endpoints, rare }: Connections, row: number): number {
  const lastAt = endpoints.lastDataAt[row]!;
  const at = endpoints.rareRow[row]!;
  return at > 0 && lastAt === rare.oldDataAt[at] ? rare.newDataAt[at]! : lastAt;
}

/** Bytes that are not new come, at `timeNs`: when the last new ones did has to be remembered. */
export function keepNewDataAt(connections: Connections, row: number, timeNs: number): void {
  const newAt = newDataAt(connections, row);
  const at = connections.rareRow(row);
  connections.rare.newDataAt[at] = newAt;
  connections.rare.oldDataAt[at] = timeNs;
}

/** First of the connection's pair of spreads, taken where it has none yet. */
export function turnsOf({ columns, spreads }: Connections, connection: number): number {
  if (columns.turns[connection] === 0) columns.turns[connection] = spreads.takePair();
  return columns.turns[connection]!;
}
