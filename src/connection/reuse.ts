/**
 * One four-tuple, several lives: when does a segment begin a new connection on a tuple that is known?
 *
 * A SYN with another ISN begins a new one where the earlier is over; where it is open, the SYN waits until a SYN-ACK
 * acknowledges it or its sender resets the old connection (RFC 9293 §3.5.1, RFC 5961 §4). TIME_WAIT may be taken up
 * again (RFC 6191 §2). A tuple seen at two capture points or on two VLANs at once: split-tuples.ts. SYNs that
 * wait are copied: that is rare, and bounded.
 */
import { CLOSED, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from "../tcp/states.js";
import { EVENT } from "../tcp/transitions.js";
import { ACK, isOpeningSyn, RST, type Segment, SYN } from "../wire/segment.js";
import {
  connectionOf,
  lastPacketAt,
  MARK_HAS_TIMESTAMPS,
  MARK_ISN_KNOWN,
  MARK_MET_OLD,
  MARK_SEEN,
  STRIDE,
} from "./columns.js";
import {
  CLIENT_GUESSED,
  HAS_PENDING_SYN,
  IS_MID_STREAM,
  IS_SELF,
  IS_SIMULTANEOUS,
  MAY_BE_SPLIT,
  REUSE_PROVEN,
  REUSE_REFUSED,
  WAS_REPLACED,
  WAS_RESET,
} from "./connections.js";
import { writeEpitaph } from "./epitaph.js";
import { nameOf } from "./packet-names.js";
import { observeReset } from "./reset.js";
import { isSplit, type PointNames, SplitTuples } from "./split-tuples.js";
import { give } from "./state-machine.js";
import {
  AFTER_TIME_WAIT,
  reopeningIsn,
  SERVER_REOPEN,
  type Succession,
  succession,
  TW_REUSE,
} from "./time-wait.js";
import { EPITAPH, Tombs } from "./tombs.js";
import type { Tracker } from "./tracker.js";
import { checkOf, copyOf, isFromLowerEnd, isSameSender, looksLikeServer } from "./tuple-segments.js";

/** SYNs that wait for their answer at any time; one more is counted as refused at once. */
const MOST_PENDING = 10_000;
/** A refused attempt may be repeated with the same ISN for so long (RFC 9293 leaves it open; some stacks do). */
const REPEAT_AFTER_REFUSAL_NS = 3e9;

const epitaph = new Int32Array(EPITAPH);

export class Reuse {
  readonly #tracker: Tracker;
  readonly #timeWaitNs: number;
  readonly #tombs = new Tombs();
  readonly #pending = new Map<number, Segment>();
  /** Tuples that are seen at several capture points, or on several VLANs, at once. */
  readonly #split: SplitTuples;
  readonly #checkSeed = (Math.random() * 0x100000000) | 0;

  constructor(tracker: Tracker, mslNs: number) {
    this.#tracker = tracker;
    this.#timeWaitNs = 2 * mslNs;
    this.#split = new SplitTuples(tracker, this);
  }

  /** What a person should know of tuples that were told apart. */
  notes(names: PointNames): string[] {
    const notes = this.#split.notes(names);
    if (this.#tombs.evicted > 0) {
      notes.push(
        `${this.#tombs.evicted} finished connections were forgotten early: late segments of theirs may count as new.`,
      );
    }
    return notes;
  }

  /** How much of the room for connections that ended is taken, from 0 to 1. */
  get share(): number {
    return this.#tombs.share;
  }

  /** Whether segments of this connection need a second look before they are taken for its own. */
  isWatched(row: number): boolean {
    const marks = this.#tracker.connections.columns.marks[connectionOf(row)]!;
    return (marks & (HAS_PENDING_SYN | MAY_BE_SPLIT)) !== 0 || isSplit(marks);
  }

  /** The row for a segment whose tuple is that of `row`: the same one, a new connection's, or -1 (it waits). */
  rowFor(row: number, segment: Segment): number {
    const { columns } = this.#tracker.connections;
    const connection = connectionOf(row);
    const marks = columns.marks[connection]!;
    if (marks & MAY_BE_SPLIT) this.#split.settle(connection, row, segment);
    if (isSplit(columns.marks[connection]!)) {
      const scoped = this.#split.scopedRow(connection, segment);
      if (scoped >= 0) return isOpeningSyn(segment) ? this.#rowForSyn(scoped, segment) : scoped;
    }
    if (marks & HAS_PENDING_SYN) {
      const begun = this.#confirmPending(connection, row, segment);
      if (begun !== row) return begun;
    }
    return isOpeningSyn(segment) ? this.#rowForSyn(row, segment) : this.#rowForSynAck(row, segment);
  }

  /** Begins a connection with `segment`; the client is told by SYN, SYN-ACK or ports. Returns the sender's row. */
  start(segment: Segment, scope: number, tomb: number): number {
    const { connections } = this.#tracker;
    const isSyn = (segment.flags & (SYN | RST)) === SYN;
    const isSynAck = isSyn && (segment.flags & ACK) !== 0;
    const isSelf = isToItself(segment);
    const isFromServer = !isSelf && (isSynAck || (!isSyn && looksLikeServer(segment)));
    const row = connections.create(segment, scope, isFromServer);
    const connection = connectionOf(row);
    connections.endpoints.synVlan[row] = segment.vlan;
    if (isSelf) connections.columns.marks[connection]! |= IS_SELF | IS_SIMULTANEOUS;
    if (!isSyn) {
      connections.columns.marks[connection]! |= IS_MID_STREAM;
      if (segment.sourcePort !== segment.destinationPort)
        connections.columns.marks[connection]! |= CLIENT_GUESSED;
    }
    if (tomb < 0) return row;
    // What follows an evicted connection may go on with it: nothing is said of how that ended.
    const isEvicted = this.#tombs.isEvicted(tomb);
    if (isSyn || isEvicted) connections.columns.previous[connection] = this.nameIn(tomb);
    if (isSyn && !isEvicted) {
      this.#noteReuse(
        connection,
        segment.timeNs - this.endOf(tomb),
        this.#succeedTomb(tomb, segment, isSynAck),
      );
    }
    return row;
  }

  /** A tomb for the tuple of `segment`, or -1. */
  tombOf(segment: Segment): number {
    // Twice as long as TIME_WAIT: a port used again right after it tells of a range that runs short.
    this.#tombs.expire(this.#tracker.latestNs - 2 * this.#timeWaitNs);
    const { tuples } = this.#tracker.connections;
    return this.#tombs.find(tuples.hashOf(segment, 0), checkOf(this.#checkSeed, segment));
  }

  /** Whether the segment came late for the connection in the tomb. */
  isLate(tomb: number, segment: Segment): boolean {
    if (this.#tombs.isEvicted(tomb)) return false;
    const age = segment.timeNs - this.#tombs.endedAt(tomb);
    // A SYN-ACK above all that was sent opens the next life, whose SYN is missing.
    const isSynAck = (segment.flags & (SYN | ACK)) === (SYN | ACK);
    return age <= this.#timeWaitNs && this.#tombs.isNear(tomb, segment.sequence, isSynAck);
  }

  /** Name of the first packet of the connection in the tomb (packet-names.ts); when it ended. */
  nameIn(tomb: number): number {
    return this.#tombs.name(tomb);
  }

  endOf(tomb: number): number {
    return this.#tombs.endedAt(tomb);
  }

  /** Remembers a connection that is finished, or was evicted, for 2MSL. */
  bury(connection: number): void {
    const { columns, endpoints, rare } = this.#tracker.connections;
    const evictedAt = rare.evictedAt[endpoints.rareRow[connection]!]!;
    this.writeEpitaph(connection, epitaph, 0);
    const endedAt = evictedAt > 0 ? evictedAt : columns.finishedAt[connection]!;
    this.buryUnder(epitaph, 0, endedAt, nameOf(columns, connection));
  }

  /** Writes what the connection's tomb will say, EPITAPH words, where it is to be buried later. */
  writeEpitaph(connection: number, words: Int32Array, at: number): void {
    writeEpitaph(this.#tracker.connections, connection, this.#checkSeed, words, at);
  }

  /** Buries the connection that `writeEpitaph` wrote of; it ended at `endedAt` and began with the packet of that name. */
  buryUnder(words: Int32Array, at: number, endedAt: number, name: number): void {
    this.#tombs.add(words, at, endedAt, name);
  }

  /** Drops what waits for a connection that is final. */
  forget(connection: number): void {
    if (this.#pending.size > 0) this.#pending.delete(connection);
    this.#split.forget(connection);
  }

  /** A SYN without ACK on a known tuple: a repeat, a simultaneous open, or the beginning of another life. */
  #rowForSyn(row: number, segment: Segment): number {
    const { connections } = this.#tracker;
    const { endpoints: e, columns } = connections;
    const connection = connectionOf(row);
    const peer = row ^ STRIDE;
    const isKnown = (e.marks[row]! & MARK_ISN_KNOWN) !== 0;
    if (isKnown && e.isn[row] === segment.sequence) {
      const elsewhere = this.#split.copyElsewhere(connection, row, segment);
      if (elsewhere >= 0) return elsewhere;
      const isRefused = (columns.marks[connection]! & WAS_RESET) !== 0;
      // Of several resets the last one counts, and nothing but resets comes after the first.
      const resetAt = connections.rare.resetAt[e.rareRow[connection]!]!;
      const refusedAt = Math.max(resetAt, lastPacketAt(e, row));
      if (!isRefused || segment.timeNs - refusedAt < REPEAT_AFTER_REFUSAL_NS) return row;
    } else if (!isKnown && e.state[row] === CLOSED && e.state[peer] === SYN_SENT) {
      // Its own SYN crosses the peer's, or follows a bare ACK of it (split handshake).
      columns.marks[connection]! |= IS_SIMULTANEOUS;
      return row;
    }
    const isOver = connections.isFinished(connection) || (columns.marks[connection]! & WAS_RESET) !== 0;
    const isNeverAnswered = e.state[row] === SYN_SENT && !(e.marks[peer]! & MARK_SEEN);
    if (isOver || isNeverAnswered) return this.#replace(connection, row, segment);
    if (segment.vlan !== e.synVlan[row] && e.marks[row]! & MARK_SEEN)
      return this.#split.splitByVlan(connection, segment);
    return this.#hold(connection, row, segment);
  }

  /** A SYN-ACK with another ISN, where the connection is over: the next life's, whose SYN was not captured. */
  #rowForSynAck(row: number, segment: Segment): number {
    if ((segment.flags & (SYN | ACK | RST)) !== (SYN | ACK)) return row;
    const { connections } = this.#tracker;
    const { endpoints: e, columns } = connections;
    const connection = connectionOf(row);
    const peer = row ^ STRIDE;
    const isOver = connections.isFinished(connection) || (columns.marks[connection]! & WAS_RESET) !== 0;
    if (!isOver || !(e.marks[row]! & MARK_ISN_KNOWN) || e.isn[row] === segment.sequence) return row;
    const isAnswer =
      (e.marks[peer]! & MARK_ISN_KNOWN) !== 0 && segment.acknowledgment === ((e.isn[peer]! + 1) | 0);
    return isAnswer ? row : this.#replace(connection, peer, segment, true);
  }

  /**
   * The earlier life is over: its record is final, the new one begins with `segment`. `row` opened it; `isAnswered`:
   * by the SYN-ACK, which shows that its SYN was accepted.
   */
  #replace(connection: number, row: number, segment: Segment, isAnswered = false): number {
    const tracker = this.#tracker;
    const { endpoints: e, columns } = tracker.connections;
    const scope = tracker.connections.scope(connection);
    const name = nameOf(columns, connection);
    const peer = row ^ STRIDE;
    const endedAt = lastPacketAt(e, row);
    const tsVal = e.marks[row]! & MARK_HAS_TIMESTAMPS ? e.tsVal[row]! : null;
    const waiting = e.state[row] === TIME_WAIT ? TW_REUSE : e.state[peer] === TIME_WAIT ? SERVER_REOPEN : 0;
    const how = succession(segment, isAnswered, waiting, e.sndNxt[row]!, e.sndNxt[peer]!, tsVal);
    if (e.state[row] === TIME_WAIT) give(tracker.connections, row, EVENT.sentNewSyn, segment);
    else if (e.state[peer] === TIME_WAIT)
      give(tracker.connections, peer, how.isRefused ? EVENT.receivedNewSyn : EVENT.reopened, segment);
    else if (e.state[row] !== CLOSED) give(tracker.connections, row, EVENT.sentNewSyn, segment);
    tracker.finish(connection);
    const begun = this.start(segment, scope, -1);
    const next = connectionOf(begun);
    tracker.connections.columns.previous[next] = name;
    this.#noteReuse(next, segment.timeNs - endedAt, how);
    return begun;
  }

  #noteReuse(connection: number, afterNs: number, how: Succession): void {
    const { connections } = this.#tracker;
    const { columns } = connections;
    // A clock that runs backwards tells no time between the two.
    columns.reusedAfterNs[connection] = afterNs >= 0 ? afterNs : Number.NaN;
    const isOver = afterNs >= this.#timeWaitNs && !how.isProven;
    columns.reuse[connection] = how.kind === 0 || !isOver ? how.kind : AFTER_TIME_WAIT;
    if (how.isProven) columns.marks[connection]! |= REUSE_PROVEN;
    else if (how.isRefused && !isOver) {
      columns.reuse[connection] = 0;
      columns.marks[connection]! |= REUSE_REFUSED;
    }
    // Whose SYN-ACK shows by its ISN that it comes from a TIME_WAIT; the client's own needs no answer for that.
    if (how.isProven || how.kind === TW_REUSE) return;
    const at = connections.rareRow(connection);
    connections.rare.expectedIsn[at] = reopeningIsn(how.serverNext);
  }

  /** How the connection in the tomb gave way to the one that begins with `segment`. */
  #succeedTomb(tomb: number, segment: Segment, isAnswered: boolean): Succession {
    const tombs = this.#tombs;
    const isFromClient = tombs.isClient(tomb, isFromLowerEnd(segment));
    const isOpenerClient = isFromClient !== isAnswered;
    const waiting = tombs.isWaiting(tomb, isOpenerClient)
      ? TW_REUSE
      : tombs.isWaiting(tomb, !isOpenerClient)
        ? SERVER_REOPEN
        : 0;
    const [next, peerNext] = [tombs.next(tomb, isOpenerClient), tombs.next(tomb, !isOpenerClient)];
    return succession(segment, isAnswered, waiting, next, peerNext, tombs.tsVal(tomb));
  }

  /** The connection is open: the SYN waits until it is answered. */
  #hold(connection: number, row: number, segment: Segment): number {
    const { connections } = this.#tracker;
    const { columns } = connections;
    const at = connections.rareRow(connection);
    connections.rare.refusedSyns[at]!++;
    if (this.#pending.size < MOST_PENDING || this.#pending.has(connection)) {
      const waiting = this.#pending.get(connection);
      if (!waiting || waiting.sequence !== segment.sequence) this.#pending.set(connection, copyOf(segment));
      columns.marks[connection]! |= HAS_PENDING_SYN;
    }
    const peer = row ^ STRIDE;
    if (connections.endpoints.state[peer] !== SYN_RECEIVED)
      give(connections, peer, EVENT.receivedNewSyn, segment);
    return -1;
  }

  /** Does `segment` show that the waiting SYN began a new connection? Returns the row the segment belongs to. */
  #confirmPending(connection: number, row: number, segment: Segment): number {
    const tracker = this.#tracker;
    const syn = this.#pending.get(connection);
    if (!syn) return row;
    const isFromOpener = isSameSender(segment, syn);
    const isAnswer =
      !isFromOpener &&
      (segment.flags & (SYN | ACK)) === (SYN | ACK) &&
      segment.acknowledgment === ((syn.sequence + syn.length) | 0);
    const isOldReset = isFromOpener && (segment.flags & RST) !== 0;
    if (!isAnswer && !isOldReset) return row;
    if (isOldReset) {
      tracker.connections.endpoints.packets[row]!++;
      observeReset(tracker.connections, row, row ^ STRIDE, segment, true);
    }
    const { columns, endpoints, rare } = tracker.connections;
    rare.refusedSyns[endpoints.rareRow[connection]!]!--;
    columns.marks[connection]! |= WAS_REPLACED;
    columns.marks[connection]! &= ~HAS_PENDING_SYN;
    this.#pending.delete(connection);
    const openerRow = isFromOpener ? row : row ^ STRIDE;
    const begun = this.#replace(connection, openerRow, syn);
    if (isOldReset) tracker.connections.endpoints.marks[begun]! |= MARK_MET_OLD;
    tracker.take(begun, syn);
    return isOldReset ? -1 : tracker.connections.find(segment, 0);
  }
}

/** Whether the segment's sender and receiver are one address and port. */
function isToItself(segment: Segment): boolean {
  return (
    segment.sourcePort === segment.destinationPort &&
    segment.source0 === segment.destination0 &&
    segment.source1 === segment.destination1 &&
    segment.source2 === segment.destination2 &&
    segment.source3 === segment.destination3
  );
}
