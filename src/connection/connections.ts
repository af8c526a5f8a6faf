/**
 * All connections that are alive: four-tuple → row, memory for new ones, and their end.
 *
 * A connection lives from its first segment until two seconds after both sides are done; then its memory serves the
 * next one. Nothing here judges a segment.
 */
import { isFinished } from "../tcp/states.js";
import type { Segment } from "../wire/segment.js";
import { countCause } from "./cause-counts.js";
import {
  type ConnectionColumns,
  connectionOf,
  ENDPOINT_BYTES,
  EndpointMemory,
  type Endpoints,
  MARK_PROBE_OPEN,
  MARK_REPEATED,
  SENDER_WORD,
  STRIDE,
  TURNS_WORD,
} from "./columns.js";
import { Evidence } from "./evidence.js";
import { FourTuples } from "./four-tuples.js";
import { HolePool } from "./hole-pool.js";
import { LossBursts } from "./loss-bursts.js";
import { LOST_UNKNOWN, takeBackLoss } from "./losses.js";
import { PARKED, ParkedConnections } from "./parked-connections.js";
import { type RareColumns, RareMemory } from "./rare-columns.js";
import { RecentCopies } from "./recent-copies.js";
import { RECENT_WORDS, RecentPackets } from "./recent-packets.js";
import { addPrint, fingerprint } from "./recent-prints.js";
import type { Revisions } from "./revisions.js";
import { withMoreRoom } from "./room.js";
import { isOnTrial, Senders } from "./senders.js";
import { Spreads } from "./spreads.js";
import { SystematicCopies } from "./systematic-copies.js";
import { TICKET_TLS, TlsHandshakes } from "./tls-handshakes.js";
import { TransitionLog } from "./transition-log.js";

/** Words of a connection: two endpoints, client first. */
export const PAIR = STRIDE * 2;

// ---- bits of `ConnectionColumns.marks`
export const IS_ALIVE = 1 << 0;
/** No SYN was seen: which side is the client is a guess where CLIENT_GUESSED stands too. */
export const IS_MID_STREAM = 1 << 1;
export const CLIENT_GUESSED = 1 << 2;
export const IS_SIMULTANEOUS = 1 << 3;
/** A SYN with another ISN waits for its answer. */
export const HAS_PENDING_SYN = 1 << 4;
/** The tuple is shared with another capture point or VLAN: the scope decides. */
export const IS_SPLIT_BY_FILE = 1 << 5;
export const IS_SPLIT_BY_VLAN = 1 << 6;
export const HAS_FRAGMENTS = 1 << 7;
/** Both sides are done and the connection counts in the tally. */
export const IS_DONE = 1 << 8;
export const WAS_RESET = 1 << 9;
export const RESET_BY_SERVER = 1 << 10;
export const WAS_UNREACHABLE = 1 << 11;
/** A new SYN took the tuple over while this connection was open. */
export const WAS_REPLACED = 1 << 12;
/** Both ends are one socket (connected to its own address and port): the client's row is both, the server's stays empty. */
export const IS_SELF = 1 << 13;
export const HANDSHAKE_DONE = 1 << 14;
/** The reset that ended it carried ACK. */
export const RESET_ACK = 1 << 15;
/** The ISN proves that a TIME_WAIT was taken up; the SYN met one that must not yield to it (time-wait.ts). */
export const REUSE_PROVEN = 1 << 16;
export const REUSE_REFUSED = 1 << 17;
/** As IS_SPLIT_BY_FILE, by interface; MAY_BE_SPLIT: its SYN was copied on another one, and the SYN-ACK will tell. */
export const IS_SPLIT_BY_INTERFACE = 1 << 18;
export const MAY_BE_SPLIT = 1 << 19;
/** A SACK block was seen. */
export const HAS_SACKED = 1 << 20;
/** The last new bytes were the server's (turns.ts). */
export const SERVER_SPEAKS = 1 << 21;
/** Payload of the client, of the server, is not looked into any more (follow-tls.ts); it was: `tls` may know of it. */
export const TLS_OVER_CLIENT = 1 << 22;
export const TLS_OVER_SERVER = 1 << 23;
export const HAS_TLS = 1 << 24;

export class Connections {
  endpoints: Endpoints;
  columns: ConnectionColumns;
  /** The rare columns, by `endpoints.rareRow`. */
  rare: RareColumns;
  readonly tuples: FourTuples;
  readonly holes = new HolePool();
  readonly log = new TransitionLog();
  /** The last packets of each connection. */
  readonly recent: RecentPackets;
  /** What each side did and knows as a sender of data, by `endpoints.sender`. */
  readonly senders = new Senders();
  /** Times of turns and round trips: turns.ts. */
  readonly spreads = new Spreads();
  /** Handshakes of TLS: follow-tls.ts. */
  readonly tls = new TlsHandshakes();
  /** Of the segment that is observed: why it was sent again (CAUSES). */
  cause = 0;
  /** Likewise: its repeat is told by what is missing alone; see sending.ts. */
  isInferred = false;
  /** Payload bytes of a repeat that were not sent before. */
  newBytes = 0;
  /** Where the original of a repeat was lost (losses.ts). */
  lossSide = LOST_UNKNOWN;
  /** When that had been sent; NaN unknown. */
  lostAtNs = Number.NaN;
  /** When it was sent, and when the highest byte before it was: for the hole that it opens. */
  openedSentAt = Number.NaN;
  belowSentAt = Number.NaN;
  /** The round trip that its acknowledgment tells, NaN none (acknowledgment.ts). */
  roundTripNs = Number.NaN;
  /** Of the last repeat: what its cause was decided from. */
  readonly evidence = new Evidence();
  /** Who is told of what is found out about an earlier packet. */
  revisions: Revisions | null = null;
  /** What decides on copies without an IP identification. */
  readonly copies = new SystematicCopies();
  readonly recentCopies = new RecentCopies();
  readonly bursts = new LossBursts();
  readonly parked: ParkedConnections;
  /** Connections in places now, the parked ones left out, and the most at any time. */
  alive = 0;
  mostAlive = 0;
  /** All that ever began, whatever became of them. */
  begun = 0;

  /** No connection's segments are known to be limited to less payload than this: whatever is shorter needs no look. */
  leastSegmentLimit = Number.POSITIVE_INFINITY;

  memory: EndpointMemory;
  readonly rareMemory = new RareMemory();
  /** Places that were given back, the last one at the end. */
  #free: Int32Array;
  #freeCount = 0;
  /** Places in use or used before: those beyond were never touched. */
  #used = 0;

  constructor(capacity = 4096) {
    this.memory = new EndpointMemory(capacity * 2);
    this.endpoints = this.memory.endpoints;
    this.columns = this.memory.connections;
    this.rare = this.rareMemory.columns;
    this.tuples = new FourTuples(capacity);
    this.recent = new RecentPackets(capacity);
    this.parked = new ParkedConnections(this.memory.memory, 2, RECENT_WORDS);
    this.#free = new Int32Array(capacity);
  }

  /** Row of the segment's sender, or -1 where the connection is unknown. One that is parked comes back. */
  find(segment: Segment, scope: number): number {
    const number = this.tuples.find(segment, scope);
    if (number < 0) return -1;
    const side = this.tuples.side * STRIDE;
    if (number < PARKED) return number * PAIR + side;
    return this.recall(number) + side;
  }

  /** Moves a connection that is done out of the way; returns the number by which it can be recalled. */
  park(connection: number): number {
    const { columns, endpoints, parked } = this;
    const number = parked.park(
      this.memory.memory,
      connection,
      this.recent.words,
      RecentPackets.at(connection / PAIR),
    );
    const at = parked.handlesOf(number);
    const [first, last] = [columns.firstTransition[connection]!, columns.lastTransition[connection]!];
    if (first >= 0 && first === last) {
      parked.parkLog(number, this.log, first);
      this.log.release(first, last);
      parked.tickets[at] = -1;
    } else parked.tickets[at] = first;
    parked.tickets[at + 1] = last;
    // Rows are multiples of 8: the last bits say whether the two are followed as senders, have turns, have TLS.
    const tls = columns.marks[connection]! & HAS_TLS ? this.tls.move(connection, number) : 0;
    const senders = endpoints.sender[connection]! > 0 ? 1 : 0;
    const follows = senders | (columns.turns[connection]! > 0 ? 2 : 0) | tls;
    parked.tickets[at + 2] = endpoints.rareRow[connection]! | follows;
    parked.tickets[at + 3] = endpoints.holes[connection]!;
    parked.tickets[at + 4] = endpoints.rareRow[connection + STRIDE]!;
    parked.tickets[at + 5] = endpoints.holes[connection + STRIDE]!;
    this.tuples.moveOut(connection / PAIR, number, parked.tickets, parked.keyOf(number));
    this.#vacate(connection);
    return number;
  }

  /** Brings a parked connection back to a place among the open ones; returns its client's row. */
  recall(number: number): number {
    const { parked } = this;
    const place = this.#place();
    const connection = place * PAIR;
    parked.recall(number, this.memory.memory, connection, this.recent.words, RecentPackets.at(place));
    this.tuples.moveIn(place, number, parked.tickets, parked.keyOf(number));
    const at = parked.handlesOf(number);
    if (parked.tickets[at] === -1 && parked.tickets[at + 1]! >= 0) {
      const block = this.log.open(-1);
      parked.recallLog(number, this.log, block);
      this.columns.firstTransition[connection] = block;
      this.columns.lastTransition[connection] = block;
    }
    if (this.columns.marks[connection]! & HAS_TLS) this.tls.move(number, connection);
    if (++this.alive > this.mostAlive) this.mostAlive = this.alive;
    return connection;
  }

  /** Forgets a parked connection. */
  releaseParked(number: number): void {
    const { parked } = this;
    const { tickets } = parked;
    this.tuples.removeMoved(number, tickets, parked.keyOf(number));
    const at = parked.handlesOf(number);
    this.log.release(tickets[at]!, tickets[at + 1]!);
    this.#releaseRare(tickets[at + 2]! & ~7, tickets[at + 3]!);
    this.#releaseRare(tickets[at + 4]!, tickets[at + 5]!);
    if (tickets[at + 2]! & 1) this.senders.release(parked.word(number, SENDER_WORD));
    if (tickets[at + 2]! & 2) this.spreads.releasePair(parked.word(number, TURNS_WORD));
    if (tickets[at + 2]! & TICKET_TLS) this.tls.release(number);
    parked.leave(number);
  }

  #releaseRare(rareRow: number, holes: number): void {
    if (holes >= 0) this.holes.releaseAll(holes);
    if (rareRow > 0) {
      this.rareMemory.release(rareRow);
      this.recentCopies.clear(rareRow);
    }
  }

  /** A new connection that begins with `segment`; returns the sender's row. */
  create(segment: Segment, scope: number, isFromServer: boolean): number {
    const number = this.#place();
    const connection = number * PAIR;
    this.memory.clear(connection);
    const { columns } = this;
    columns.marks[connection] = IS_ALIVE;
    columns.frame[connection] = segment.number;
    columns.file[connection] = segment.file;
    columns.interfaceId[connection] = segment.interfaceId;
    columns.firstPrint[connection] = fingerprint(segment);
    this.tuples.add(number, segment, scope, isFromServer);
    this.begun++;
    if (++this.alive > this.mostAlive) this.mostAlive = this.alive;
    return isFromServer ? connection + STRIDE : connection;
  }

  /** Forgets the connection: its memory serves the next one. */
  release(connection: number): void {
    const { columns, endpoints } = this;
    this.tuples.remove(connection / PAIR);
    for (let row = connection; row <= connection + STRIDE; row += STRIDE)
      this.#releaseRare(endpoints.rareRow[row]!, endpoints.holes[row]!);
    if (endpoints.sender[connection]! > 0) this.senders.release(endpoints.sender[connection]!);
    this.spreads.releasePair(columns.turns[connection]!);
    if (columns.marks[connection]! & HAS_TLS) this.tls.release(connection);
    this.log.release(columns.firstTransition[connection]!, columns.lastTransition[connection]!);
    this.#vacate(connection);
  }

  #vacate(connection: number): void {
    this.columns.marks[connection] = 0;
    this.#free[this.#freeCount++] = connection / PAIR;
    this.alive--;
  }

  /** The endpoint's row in the rare columns, to write to: taken from the pool where it has none. Renews `rare`. */
  rareRow(row: number): number {
    const { rareRow } = this.endpoints;
    if (rareRow[row] === 0) {
      rareRow[row] = this.rareMemory.take();
      this.rare = this.rareMemory.columns;
    }
    return rareRow[row]!;
  }

  /** Packets of the connection so far, copies left out. */
  packetsOf(connection: number): number {
    const { packets } = this.endpoints;
    return packets[connection]! + packets[connection + STRIDE]!;
  }

  /** Notes the segment among the last packets of the endpoint at `row`, before it is counted. */
  remember(row: number, isRepeat: boolean, segment: Segment): void {
    const sender = this.endpoints.sender[row]!;
    if (sender > 0) addPrint(this.senders, sender, segment);
    if (sender === 0 || isOnTrial(this.senders, sender)) {
      const connection = connectionOf(row);
      const { sndNxt, sndUna, flightStart } = this.endpoints;
      // Nothing was on the way before it.
      if (segment.length > 0 && !isRepeat && ((sndNxt[row]! - segment.length) | 0) === sndUna[row])
        flightStart[row] = this.packetsOf(connection);
      this.recent.add(connection / PAIR, this.packetsOf(connection), row !== connection, isRepeat, segment);
    }
  }

  /** The repeat of [start, end), whose original was taken for lost on that side. `frame` is 0 where that is forgotten. */
  noteSpurious(row: number, frame: number, side: number, start: number, end: number): void {
    const at = this.rareRow(row);
    this.rare.spurious[at]!++;
    takeBackLoss(this, row, side, start, end);
    if (frame > 0) this.revisions?.spurious(row, frame);
  }

  /** A packet of `bytes` that was taken for new: it counts as the retransmission that it is. `frame` as above. */
  noteRevealed(row: number, frame: number, cause: number, bytes: number): void {
    const at = this.rareRow(row);
    this.rare.retransmissions[at]!++;
    this.rare.retransmittedBytes[at]! += bytes;
    countCause(this.rare, at, cause, bytes);
    if (frame > 0) this.revisions?.revealed(row, frame, cause);
  }

  /** The peer of the endpoint was heard: its repeats and probes were answered. */
  forgetRepeats(row: number): void {
    const { marks, rareRow } = this.endpoints;
    if (!(marks[row]! & MARK_REPEATED)) return;
    this.rare.repeatsSincePeer[rareRow[row]!] = 0;
    marks[row]! &= ~(MARK_REPEATED | MARK_PROBE_OPEN);
  }

  /** Whether the connection is still in memory. */
  isAlive(connection: number): boolean {
    return (this.columns.marks[connection]! & IS_ALIVE) !== 0;
  }

  /** Whether both sides are done. */
  isFinished(connection: number): boolean {
    const { state } = this.endpoints;
    return isFinished(state[connection]!) && isFinished(state[connection + STRIDE]!);
  }

  /** Calls `visit` for every connection in memory, in the order of their rows. */
  forEach(visit: (connection: number) => void): void {
    for (let connection = 0; connection < this.#used * PAIR; connection += PAIR) {
      if (this.columns.marks[connection]! & IS_ALIVE) visit(connection);
    }
  }

  /** Word `word` (0–3) of the client's (side 0) or server's (side 1) address. */
  addressWord(connection: number, side: number, word: number): number {
    return this.tuples.addressWord(connection / PAIR, side, word);
  }

  port(connection: number, side: number): number {
    return this.tuples.port(connection / PAIR, side);
  }

  /** Network identifier of the overlay + 1, or 0. */
  overlay(connection: number): number {
    return this.tuples.overlay(connection / PAIR);
  }

  ipVersion(connection: number): number {
    return this.tuples.ipVersion(connection / PAIR);
  }

  scope(connection: number): number {
    return this.tuples.scope(connection / PAIR);
  }

  /** A free place: the one that was given back last, for its words are still in the cache. */
  #place(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
    if (this.#used === this.#free.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    this.memory = withMoreRoom(this.#free.length, ENDPOINT_BYTES * 2, (capacity) => {
      this.tuples.reserve(capacity);
      this.recent.grow(capacity);
      this.#free = new Int32Array(capacity);
      return new EndpointMemory(capacity * 2, this.memory);
    });
    this.endpoints = this.memory.endpoints;
    this.columns = this.memory.connections;
  }
}

/** Row of the other end; of a socket that is connected to itself the row itself. */
export function peerOf(columns: ConnectionColumns, row: number): number {
  return columns.marks[connectionOf(row)]! & IS_SELF ? row : row ^ STRIDE;
}
