/**
 * What a side's pauses tell: a small segment that waited for a delayed acknowledgment (Nagle's algorithm, RFC 9293 §3.7.4,
 * against RFC 9293 §3.8.6.3), and heartbeats of the application: small exchanges, one as long after the other.
 *
 * Asked only where a side sends new bytes after `LEAST_PAUSE_NS` or more without: never within a flight. Heartbeats belong
 * to the connection and stand in words that its spreads leave free (spreads.ts); what waited, in rare columns.
 */
import type { Segment } from "../wire/segment.js";
import { connectionOf, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { packetName } from "./packet-names.js";
import { SPARE, SPREAD_INTS } from "./spreads.js";
import { turnsOf } from "./turns.js";

/**
 * Receivers hold an acknowledgment back for so long at least, at most (40 ms on Linux, 200 ms on Windows, 100 ms on macOS;
 * RFC 9293 §3.8.6.3 allows 500).
 */
export const LEAST_PAUSE_NS = 35e6;
const MOST_DELAY_NS = 250e6;
/** Beyond its way to the sender and back, what an acknowledgment lets go comes at once. */
const PROMPT_NS = 2e6;
/** Beside the sender the way takes next to nothing, now less and now more. */
const SOON_NS = 1e6;
/** Options of a data segment that make a full one smaller than the MSS says (RFC 9293 §3.7.1). */
const MOST_DATA_OPTIONS = 40;

/** A heartbeat's exchange has no more payload than this, from both sides, and comes after this silence at least. */
const MOST_BEAT_BYTES = 2048;
const LEAST_BEAT_MS = 1000;
/** Intervals may differ by a tenth; so many in a row may be missing one heartbeat or more. */
const BEAT_FIT = 0.1;
const MOST_MISSED = 4;
/** Intervals alike that make heartbeats. */
const LEAST_BEATS = 3;
const FULL = 0xffff;

/** Words, the client's entry first: when the last heartbeat came and the interval, in ms; bytes then; counts. */
const AT = SPARE;
const INTERVAL = SPARE + 1;
const BYTES = SPREAD_INTS + SPARE;
/** Intervals that were alike in the low half, missing heartbeats above, the server's where the sign is set. */
const COUNTS = SPREAD_INTS + SPARE + 1;
const MISSED_AT = 16;
const MOST_MISSES = 0x7fff;
const FROM_SERVER = 1 << 31;

/** The endpoint at `row` sends new bytes, its first for `LEAST_PAUSE_NS`; its columns do not hold their time yet. */
export function notePause(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  const pauseNs = segment.timeNs - e.lastDataAt[row]!;
  // Bytes of the peer after its own: its turn had come again.
  const hasAnswer = e.lastDataAt[peer]! >= e.lastDataAt[row]!;
  if (!hasAnswer) noteHeldBack(connections, row, peer, segment);
  const silentNs = hasAnswer ? segment.timeNs - e.lastDataAt[peer]! : pauseNs;
  if (pauseNs >= LEAST_BEAT_MS * 1e6 && silentNs * 2 >= pauseNs)
    noteBeat(connections, row, peer, Math.round(pauseNs / 1e6), segment);
}

/**
 * All before it was acknowledged, long after it was sent and without payload; and this small segment came when the
 * acknowledgment had reached its sender, at once. On its way both took what they took in the handshake.
 */
function noteHeldBack(connections: Connections, row: number, peer: number, segment: Segment): void {
  const e = connections.endpoints;
  const client = connectionOf(row);
  const server = client + STRIDE;
  const serverLeg = e.synAt[server]! - e.answeredAt[client]!;
  const clientLeg = e.establishedAt[client]! - e.lastSynAt[server]!;
  const [there, here] = row === client ? [serverLeg, clientLeg] : [clientLeg, serverLeg];
  const heldNs = e.lastAt[peer]! - e.lastDataAt[row]! - there;
  const answerNs = segment.timeNs - e.lastAt[peer]!;
  const isSmall = segment.payloadLength < e.mss[peer]! - MOST_DATA_OPTIONS;
  const isAcked = e.sndUna[row] === segment.sequence;
  const isDelay = heldNs >= LEAST_PAUSE_NS && heldNs <= MOST_DELAY_NS;
  const isPrompt = answerNs >= 0.7 * here - SOON_NS && answerNs <= 1.3 * here + PROMPT_NS;
  if (!isSmall || !isAcked || !isDelay || !isPrompt) return;
  const at = connections.rareRow(row);
  if (connections.rare.heldBack[at]!++ === 0)
    connections.rare.firstHeldBack[at] = packetName(segment.file, segment.number);
  connections.rare.heldBackNs[at]! += heldNs;
}

/** After silence, small: as long after the one before as that after its own? */
function noteBeat(
  connections: Connections,
  row: number,
  peer: number,
  pauseMs: number,
  segment: Segment,
): void {
  const { endpoints: e, spreads } = connections;
  const at = turnsOf(connections, connectionOf(row)) * SPREAD_INTS;
  const { ints } = spreads;
  const nowMs = Math.round(segment.timeNs / 1e6) | 0;
  const bytes = (e.bytes[row]! + e.bytes[peer]!) | 0;
  const sinceMs = (nowMs - ints[at + AT]!) | 0;
  const exchanged = (bytes - ints[at + BYTES]!) >>> 0;
  const isFirst = ints[at + AT] === 0;
  ints[at + AT] = nowMs;
  ints[at + BYTES] = bytes;
  if (isFirst) {
    // Since its own bytes before, which were the first, or came soon after others.
    begin(ints, at, row, e.bytes[row]! + e.bytes[peer]! <= MOST_BEAT_BYTES ? pauseMs : 0);
    return;
  }
  const isOther = ints[at + COUNTS]! < 0 !== ((row & STRIDE) !== 0);
  const interval = ints[at + INTERVAL]!;
  const steps = interval > 0 ? Math.round(sinceMs / interval) : 0;
  const fits = steps >= 1 && Math.abs(sinceMs - steps * interval) <= BEAT_FIT * interval;
  const alike = ints[at + COUNTS]! & FULL;
  if (!isOther && fits && steps <= MOST_MISSED + 1 && exchanged <= MOST_BEAT_BYTES) {
    if (steps === 1) ints[at + INTERVAL]! += (sinceMs - interval) >> 3;
    const missed = ((ints[at + COUNTS]! >>> MISSED_AT) & MOST_MISSES) + steps - 1;
    ints[at + COUNTS] =
      Math.min(alike + 1, FULL) |
      (Math.min(missed, MOST_MISSES) << MISSED_AT) |
      (row & STRIDE ? FROM_SERVER : 0);
  } else if (alike < LEAST_BEATS) begin(ints, at, row, exchanged <= MOST_BEAT_BYTES ? sinceMs : 0);
}

/** One interval, of which it has to be seen whether another is like it; 0: what came after the last one was too much. */
function begin(ints: Int32Array, at: number, row: number, intervalMs: number): void {
  ints[at + INTERVAL] = intervalMs;
  ints[at + COUNTS] = (intervalMs > 0 ? 1 : 0) | (row & STRIDE ? FROM_SERVER : 0);
}

/** What is known of the connection's heartbeats; null where there are too few to tell. */
export function heartbeatsOf(
  { columns, spreads: { ints } }: Connections,
  connection: number,
): { isFromServer: boolean; count: number; intervalMs: number; missed: number } | null {
  const at = columns.turns[connection]! * SPREAD_INTS;
  const counts = at > 0 ? ints[at + COUNTS]! : 0;
  if ((counts & FULL) < LEAST_BEATS) return null;
  return {
    isFromServer: counts < 0,
    count: (counts & FULL) + 1,
    intervalMs: ints[at + INTERVAL]!,
    missed: (counts >>> MISSED_AT) & MOST_MISSES,
  };
}
