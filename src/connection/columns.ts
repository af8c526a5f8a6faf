/**
 * What is remembered of an endpoint: two documented schemas, from which typed arrays are made.
 *
 * A row is one endpoint of one connection; its peer is `row ^ STRIDE`. Every column is a view with the same index into
 * a buffer in which an endpoint's words lie side by side (one cache line of hot words), so that code reads
 * `endpoints.sndNxt[row]` while the memory is laid out as records. What an ordinary connection never needs stands in
 * rare-columns.ts. No object exists for a connection.
 */
import { ColumnMemory } from "./column-memory.js";

/** Words of an endpoint in each buffer; a row is a multiple of it, the peer is `row ^ STRIDE`. */
export const STRIDE = 16;

/** In the first buffer: read or written for most segments. One cache line, its last word is the connection's. */
const HOT = {
  state: "State of the endpoint as far as the capture proves it (tcp/states.ts).",
  marks: "Facts that are true or not: the MARK_… bits below.",
  sndNxt: "SND.NXT: one above the highest sequence number this side sent, as captured or as acknowledged.",
  sndUna: "SND.UNA: the highest acknowledgment number of the peer that was captured.",
  ackSent: "The highest acknowledgment number this side sent (MARK_HAS_ACKED).",
  window: "Last window it advertised, as sent.",
  packets: "Its segments, copies left out.",
  tsVal: "Newest TSval it sent (MARK_HAS_TIMESTAMPS).",
  lastIpId: "IP identification of its newest packet, or -1.",
  ipIdSteps: "How that has stepped from packet to packet (ip-id-steps.ts).",
  sender: "Its row among the senders (senders.ts), 0 none.",
  flightStart: "Count of the connection's packets when it sent the first bytes that are on the way.",
  holes: "First of its holes in the pool, or -1.",
  lastAck: "Acknowledgment number of its newest segment.",
  ttl: "Time to live of its newest packet that was no reset.",
} as const;

/** In the second buffer: written at a handshake or a close. */
const WARM = {
  isn: "ISS, where its SYN was captured or told by the peer's ACK (MARK_ISN_KNOWN).",
  finSequence: "Sequence number of its FIN (MARK_FIN_SENT).",
  ackOfFinEnd:
    "End of its first segment with payload or FIN that acknowledges the peer's FIN, not yet delivered.",
  windowScale:
    "Shift of its windows: 0 until both sides offered the option, -1 where the handshake was not seen.",
  mss: "Maximum segment size it offered, 0 none.",
  offeredScale: "Window scale it offered, -1 none.",
  options: "What else it offered on its SYN: the OFFER_… bits below.",
  synCount: "SYNs (a client's) or SYN-ACKs (a server's) it sent, copies left out.",
  synTsVal: "TSval of its first SYN.",
  lastSynTsVal: "TSval of its last SYN.",
  synVlan: "VLAN tags of its first packet.",
  originalInterface:
    "1 + interface of its newest segment that a copy could be judged by (systematic-copies.ts), 0 unknown; above INTERFACE the time to live of its SYN (synTtlOf).",
  rareRow: "Its row in the rare columns; 0, where everything is 0, until something unusual happens.",
} as const;

/** Times in nanoseconds since the first packet, byte counts, frame numbers. NaN where unknown. */
const WIDE = {
  lastAt: "Its last segment, copies left out.",
  lastDataAt: "Its last segment with payload.",
  bytes: "Payload bytes it sent, repeats included.",
  lastFrame: "Its last packet (packet-names.ts).",
  mostInFlight: "Most payload bytes that it had on the way at once, as acknowledged at the capture point.",
  stateSince: "When the state was entered.",
  firstAt: "Its first segment.",
  synAt: "Its first SYN or SYN-ACK.",
  lastSynAt: "Its last SYN; of a server the last SYN-ACK before the client's ACK.",
  answeredAt: "A client's SYN that the server answered.",
  establishedAt: "A client's ACK of the SYN-ACK.",
  finAt: "Its first FIN.",
} as const;

/** One of each connection. They stand in words that its two endpoints leave free; the index is the client's row. */
const CONNECTION_INTS = {
  // ---- in the endpoints' first cache lines
  marks: "Facts that are true or not: bits in connections.ts.",
  turns: "First of its spreads of times (turns.ts), 0 none.",
  // ---- in the second ones
  file: "Input file of its first packet.",
  interfaceId: "Interface of its first packet.",
  firstTransition: "First block of its transitions (transition-log.ts), or -1.",
  lastTransition: "The block in use.",
  reuse: "How the tuple came to be used again: 1 + index into REUSES, 0 none.",
  transitions: "How many transitions there are.",
} as const;

/** Likewise, in the wide words; NaN where unknown, but for frames. */
const CONNECTION_WIDES = {
  reusedAfterNs: "Time since the earlier connection on the tuple ended.",
  finishedAt: "When both sides were done.",
  dueAt: "When its record becomes final, where it is done.",
  frame: "Number of its first packet: the connection's id.",
  badness: "How much it deserves attention, where that is asked for (finished-connections.ts).",
  firstResponseAt: "First payload of the server; -1 where the capture lacks its beginning (turns.ts).",
  firstPrint: "Fingerprint of its first packet (recent-prints.ts).",
  previous: "First packet of the earlier connection on the tuple (packet-names.ts), or 0.",
  // ---- in the server's words of what only a client has (OF_CLIENT)
  clientDataAt: "First payload of the client.",
  serverDataAt: "First payload of the server.",
} as const;

/** Columns that only a client has; the server's words stand for more columns of the connection. */
export const OF_CLIENT: readonly WideColumn[] = ["answeredAt", "establishedAt"];

export type IntColumn = keyof typeof HOT | keyof typeof WARM;
export type WideColumn = keyof typeof WIDE;

/** The columns by name. `Int32Array` for states, counters and sequence numbers, `Float64Array` for times and bytes. */
export type Endpoints = { readonly [name in IntColumn]: Int32Array } & {
  readonly [name in WideColumn]: Float64Array;
};

/** The columns of connections by name; the index is the client's row. */
export type ConnectionColumns = { readonly [name in keyof typeof CONNECTION_INTS]: Int32Array } & {
  readonly [name in keyof typeof CONNECTION_WIDES]: Float64Array;
};

/** The row of the client of the connection that `row` belongs to: the connection's own number. */
export function connectionOf(row: number): number {
  return row & ~STRIDE;
}

/** When the endpoint at `row` sent its first payload; NaN where it has sent none. */
export function firstDataAt(columns: ConnectionColumns, row: number): number {
  return row & STRIDE ? columns.serverDataAt[row ^ STRIDE]! : columns.clientDataAt[row]!;
}

/** The endpoint at `row` sends its first payload. */
export function noteFirstData(columns: ConnectionColumns, row: number, timeNs: number): void {
  if (row & STRIDE) columns.serverDataAt[row ^ STRIDE] = timeNs;
  else columns.clientDataAt[row] = timeNs;
}

/** Time of the last captured packet of the connection that `row` belongs to, from either side; 0 where there is none. */
export function lastPacketAt({ lastAt }: Pick<Endpoints, "lastAt">, row: number): number {
  const [own, peers] = [lastAt[row]!, lastAt[row ^ STRIDE]!];
  if (own !== own) return peers === peers ? peers : 0;
  return peers === peers ? Math.max(own, peers) : own;
}

/** Time of the connection's first captured packet, from either side; Infinity where there is none yet. */
export function beganAt(e: Endpoints, connection: number): number {
  const known = (timeNs: number) => (timeNs === timeNs ? timeNs : Number.POSITIVE_INFINITY);
  return Math.min(known(e.firstAt[connection]!), known(e.firstAt[connection + STRIDE]!));
}

// ---- bits of `marks`
export const MARK_SEEN = 1 << 0;
/** It opened actively: a SYN without ACK is its own. */
export const MARK_ACTIVE = 1 << 1;
export const MARK_ISN_KNOWN = 1 << 2;
export const MARK_FIN_SENT = 1 << 3;
export const MARK_HAS_ACKED = 1 << 4;
export const MARK_HAS_TIMESTAMPS = 1 << 5;
/** Events that were given to this endpoint already. */
export const MARK_RECEIVED_SYN = 1 << 6;
export const MARK_RECEIVED_FIN = 1 << 7;
/** Its own SYN, its own FIN is acknowledged and it knows. */
export const MARK_SYN_ACKED = 1 << 8;
export const MARK_FIN_ACKED = 1 << 9;
/** `ackOfSynEnd`, `ackOfFinEnd` hold a number. */
export const MARK_ACK_OF_SYN_PENDING = 1 << 10;
export const MARK_ACK_OF_FIN_PENDING = 1 << 11;
/** Its FIN did not acknowledge the peer's, which was on its way: both closed at once. */
export const MARK_FIN_CROSSED = 1 << 12;
/** The ACK that ended the handshake carried payload: it may have been held back. */
export const MARK_ACK_WITH_DATA = 1 << 13;
/** Its SYN was lost; its SYN-ACK was lost; the ACK of its SYN-ACK was lost. */
export const MARK_SYN_LOST = 1 << 14;
export const MARK_SYN_ACK_LOST = 1 << 15;
export const MARK_HANDSHAKE_ACK_LOST = 1 << 16;
/** It repeated its SYN-ACK after the ACK was seen, and nothing has shown yet that it has the ACK. */
export const MARK_SYN_ACK_DOUBTED = 1 << 17;
/** Its reset ended the connection; later packets of its own contradict that. */
export const MARK_RESET = 1 << 18;
export const MARK_SENT_AFTER_RESET = 1 << 19;
/** Which SYN was answered cannot be told: the legs stay out of the percentiles. */
export const MARK_LEG_AMBIGUOUS = 1 << 20;
/** Told by the peer's acknowledgments only: this direction was not captured (so far). */
export const MARK_UNSEEN_BUT_ACKED = 1 << 21;
/** Its SYN-ACK acknowledges another SYN than the one sent. */
export const MARK_STALE_SYN_ACK = 1 << 22;
/** It acknowledged more than the peer's handshake: it is truly there. */
export const MARK_PROGRESSED = 1 << 23;
/** Window closed: its last window was 0. */
export const MARK_WINDOW_ZERO = 1 << 24;
/** It has repeated or probed since the peer was last heard: `repeatsSincePeer` says how often. */
export const MARK_REPEATED = 1 << 30;
/** Its last probe has not been answered. */
export const MARK_PROBE_OPEN = 1 << 25;
/** Its first SYN met an older connection at the peer, which it had to reset first. */
export const MARK_MET_OLD = 1 << 29;
/** It has probed and not sent data since: `lastProbe` says how. */
export const MARK_PROBED = 1 << 28;
/** A hole of it was overtaken by an acknowledgment: bytes are missing in the capture. */
export const MARK_CAPTURE_LOSS = 1 << 26;
/** It had opened actively and answered the peer's SYN with a SYN-ACK: both opened at once (RFC 9293 §3.5, figure 7). */
export const MARK_CROSSING_SYN_ACK = 1 << 27;
/** A copy of it without an IP identification was seen: its segments are counted (systematic-copies.ts). */
export const MARK_COPIED = 1 << 31;

// ---- bits of `options`
export const OFFER_SACK = 1 << 0;
export const OFFER_TIMESTAMPS = 1 << 1;
/** ECN-setup SYN or SYN-ACK (RFC 3168 §6.1.1); AccECN (RFC 9768). */
export const OFFER_ECN = 1 << 2;
export const OFFER_ACC_ECN = 1 << 3;
export const OFFER_FAST_OPEN = 1 << 4;
export const OFFER_FAST_OPEN_COOKIE = 1 << 5;
export const OFFER_MPTCP = 1 << 6;
export const OFFER_MD5 = 1 << 7;
export const OFFER_AUTHENTICATION = 1 << 8;
/** The capture cut its SYN's options. */
export const OFFERS_CUT = 1 << 10;

// ---- `originalInterface`: the interface, and above it a time to live
export const INTERFACE = 0xffffff;
const SYN_TTL_SHIFT = 24;

export function noteSynTtl(e: Endpoints, row: number, ttl: number): void {
  e.originalInterface[row] = (e.originalInterface[row]! & INTERFACE) | (ttl << SYN_TTL_SHIFT);
}

/** Time to live, or hop limit, of the first SYN or SYN-ACK of the live endpoint at `row`; 0 where none was captured. */
export function synTtlOf(e: Endpoints, row: number): number {
  return e.originalInterface[row]! >>> SYN_TTL_SHIFT;
}

const hotNames = Object.keys(HOT);
const warmNames = Object.keys(WARM);
const wideNames = Object.keys(WIDE);
const connectionInts = Object.keys(CONNECTION_INTS);
const connectionWides = Object.keys(CONNECTION_WIDES);

/** Word of the column `sender` in the first buffer. */
export const SENDER_WORD = hotNames.indexOf("sender");
/** Word of a connection's `turns` there. */
export const TURNS_WORD = spareWord(connectionInts.indexOf("turns"), hotNames.length);

/** Bytes of an endpoint in all of its buffers: two of integers, one of doubles. */
export const ENDPOINT_BYTES = STRIDE * (4 + 4 + 8);

/** The buffers of `count` endpoints, and the columns over them. */
export class EndpointMemory {
  /** Two buffers of integers, one of doubles, each with `STRIDE` words an endpoint. */
  readonly memory: ColumnMemory;
  readonly endpoints: Endpoints;
  readonly connections: ConnectionColumns;

  /** Room for `count` endpoints; takes over what `previous` holds. */
  constructor(count: number, previous?: EndpointMemory) {
    this.memory = new ColumnMemory(STRIDE, 2, 1, count, previous?.memory);
    const { ints, wides } = this.memory;
    this.endpoints = Object.fromEntries([
      ...hotNames.map((name, word) => [name, ints[0]!.subarray(word)]),
      ...warmNames.map((name, word) => [name, ints[1]!.subarray(word)]),
      ...wideNames.map((name, word) => [name, wides[0]!.subarray(word)]),
    ]) as unknown as Endpoints;
    this.connections = Object.fromEntries([
      ...connectionInts.map((name, i) => {
        const [buffer, spare] =
          i < 2 ? [0, spareWord(i, hotNames.length)] : [1, spareWord(i - 2, warmNames.length)];
        return [name, ints[buffer]!.subarray(spare)];
      }),
      ...connectionWides.map((name, i) => [name, wides[0]!.subarray(wideWord(i))]),
    ]) as unknown as ConnectionColumns;
  }

  /** Makes the connection whose client stands at `row` new: integers 0, times NaN, counts 0. */
  clear(row: number): void {
    const { ints, wides } = this.memory;
    ints[0]!.fill(0, row, row + 2 * STRIDE);
    ints[1]!.fill(0, row, row + 2 * STRIDE);
    wides[0]!.fill(Number.NaN, row, row + 2 * STRIDE);
    const { endpoints: e, connections: columns } = this;
    for (let endpoint = row; endpoint <= row + STRIDE; endpoint += STRIDE) {
      e.holes[endpoint] = -1;
      e.lastIpId[endpoint] = -1;
      e.windowScale[endpoint] = -1;
      e.offeredScale[endpoint] = -1;
      e.bytes[endpoint] = 0;
      e.lastFrame[endpoint] = 0;
      e.mostInFlight[endpoint] = 0;
    }
    columns.firstTransition[row] = -1;
    columns.lastTransition[row] = -1;
    columns.badness[row] = 0;
    columns.previous[row] = 0;
  }
}

/** Place of a connection's wide column `i`: in the words left free, then in the server's of `OF_CLIENT`. */
function wideWord(i: number): number {
  const spare = 2 * (STRIDE - wideNames.length);
  return i < spare ? spareWord(i, wideNames.length) : STRIDE + wideNames.indexOf(OF_CLIENT[i - spare]!);
}

/** Place of a connection's column `i` in the words left free: one of the client's and one of the server's by turns. */
function spareWord(i: number, taken: number): number {
  const word = taken + (i >> 1);
  if (word >= STRIDE) throw new Error("a connection has more columns than its endpoints leave words free");
  return word + (i & 1) * STRIDE;
}

if (connectionWides.length > 2 * (STRIDE - wideNames.length) + OF_CLIENT.length)
  throw new Error("a connection has more wide columns than its endpoints leave words free");
if (hotNames.length >= STRIDE || warmNames.length >= STRIDE)
  throw new Error("an endpoint has more columns than words");
