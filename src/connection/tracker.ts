/**
 * Follows every connection: one segment at a time, both ends at once.
 *
 * `observe` is the whole of it. What it decides stands in the columns; records are made from them only when somebody
 * looks. No object is made for a segment.
 */

import {
  isCopy,
  LABEL_AFTER_GAP,
  LABEL_NEW,
  LABEL_OUT_OF_WINDOW,
  LABEL_RETRANSMISSION,
} from "../report/labels.js";
import { isOpeningSyn, RST, type Segment, SYN } from "../wire/segment.js";
import { reasonOf } from "./cause-counts.js";
import { Clock } from "./clock.js";
import { beganAt, connectionOf, STRIDE } from "./columns.js";
import {
  Connections,
  HANDSHAKE_DONE,
  HAS_PENDING_SYN,
  IS_ALIVE,
  IS_DONE,
  MAY_BE_SPLIT,
  peerOf,
  REUSE_REFUSED,
  WAS_RESET,
  WAS_UNREACHABLE,
} from "./connections.js";
import { count, countCopy } from "./counters.js";
import { Eviction } from "./eviction.js";
import { FinishQueue, LINGER_NS } from "./finish-queue.js";
import { followTls, mayTellOfTls } from "./follow-tls.js";
import { observeHandshake } from "./handshake.js";
import { HELD, HeldSyns } from "./held-syns.js";
import { HostPairs } from "./host-pairs.js";
import { judge } from "./judge.js";
import { observeOrdinary } from "./ordinary.js";
import { nameOf, packetName } from "./packet-names.js";
import { observeReset, reconsiderReset } from "./reset.js";
import { Reuse } from "./reuse.js";
import { advanceSequence } from "./sequence-space.js";
import { DEFAULT_MSL_NS, type Sink, type TrackerOptions } from "./sink.js";
import { isSplit } from "./split-tuples.js";
import { advanceState } from "./state-machine.js";
import { followTurns, noteRoundTrip } from "./turns.js";
import { noteUnreachable, type Unreachable } from "./unreachable.js";

const KEPT_IN_PLACE = WAS_UNREACHABLE | HAS_PENDING_SYN | MAY_BE_SPLIT;

export class Tracker {
  readonly connections = new Connections();
  readonly pairs = new HostPairs();
  readonly reuse: Reuse;
  readonly clock = new Clock();
  /** ICMP errors that answered a connection attempt, by connection number. */
  readonly unreachable = new Map<number, Unreachable>();
  readonly held: HeldSyns;
  readonly eviction: Eviction;
  /** After `observe`: the label and the row of the segment's sender; -1 for a segment of no connection, HELD for a SYN. */
  label = 0;
  row = -1;
  /** Likewise: why the segment was sent again (CAUSES), 0 where it was not. */
  cause = 0;
  /** TCP segments seen; those that came after their connection had ended; ICMP errors for no known connection. */
  segments = 0;
  lateSegments = 0;
  strayErrors = 0;
  /** Segments with options whose lengths cannot be; the first of them (packet-names.ts), 0 for none. */
  badOptions = 0;
  firstBadOptions = 0;
  /** ICMP errors that quote a segment; the first of them (packet-names.ts), 0 for none. */
  errors = 0;
  firstError = 0;

  readonly #queue = new FinishQueue();
  readonly #sink: Sink;
  readonly #predicts: boolean;
  readonly #mostOpen: number;
  /** Once the capture has ended: what is not final yet. */
  #left: number[] | null = null;

  constructor(sink: Sink, options: TrackerOptions = { mslNs: DEFAULT_MSL_NS }) {
    this.#sink = sink;
    this.#predicts = options.predictsHeaders ?? true;
    this.reuse = new Reuse(this, options.mslNs);
    this.#mostOpen = options.mostConnections || Number.POSITIVE_INFINITY;
    const holdsFrom = options.holdsSynsFrom ?? Number.POSITIVE_INFINITY;
    this.held = new HeldSyns(this, Math.min(holdsFrom, Math.floor(this.#mostOpen / 2)));
    this.eviction = new Eviction(this, this.held, this.#mostOpen);
  }

  /** Connections that are open, or were a moment ago. */
  get open(): number {
    return this.connections.alive + this.held.count;
  }

  observe(segment: Segment): void {
    this.segments++;
    this.pass(segment);
    this.row = this.#rowOf(segment);
    this.label = this.row === HELD ? LABEL_NEW : 0;
    this.cause = 0;
    if (this.row < 0) return;
    this.label = this.#predicts
      ? observeOrdinary(this.connections, this.row, this.row ^ STRIDE, segment)
      : -1;
    if (this.label < 0) this.take(this.row, segment);
    if (mayTellOfTls(this.connections, this.row, segment)) followTls(this.connections, this.row, segment);
  }

  /** The capture has come to this segment, which is observed next, or by another tracker. */
  pass(segment: Segment): void {
    const { clock } = this;
    if (segment.timeNs > clock.nowNs) clock.follow(segment.timeNs, segment.file, segment.number);
    if (this.#queue.nextDueAt <= clock.nowNs) this.#finishDue(clock.nowNs);
  }

  /** The segment belongs to the endpoint at `row`: says what it is, and follows both ends through it. */
  take(row: number, segment: Segment): void {
    const { connections } = this;
    const peer = peerOf(connections.columns, row);
    const { state } = connections.endpoints;
    const connection = connectionOf(row);
    const wasDone = this.isCounted(connection);
    // As it was counted in: the segment may show that what was sent before was needless.
    if (wasDone) this.#uncount(connection);
    const label = judge(connections, row, peer, segment);
    this.cause = connections.cause;
    const counted = connections.isInferred ? LABEL_RETRANSMISSION : label;
    this.label = counted;
    const before = state[row]! * 16 + state[peer]!;
    if (segment.hasBadOptions && this.badOptions++ === 0)
      this.firstBadOptions = packetName(segment.file, segment.number);
    if (isCopy(label)) countCopy(connections, row, label, segment);
    else {
      this.#follow(row, peer, connection, label, segment);
      count(connections, row, peer, counted, this.cause, segment);
      if (counted === LABEL_RETRANSMISSION)
        this.#sink.repeat(connection, Math.min(segment.timeNs, this.clock.nowNs), reasonOf(this.cause));
    }
    const isNews = state[row]! * 16 + state[peer]! !== before || connections.endpoints.packets[row] === 1;
    if (isNews || wasDone) this.#settle(connection, segment.timeNs);
  }

  /** An ICMP error that quotes a segment (RFC 792): the attempt it answers is told. */
  observeError(quoted: Segment): void {
    if (this.errors++ === 0) this.firstError = packetName(quoted.file, quoted.number);
    if (quoted.timeNs > this.clock.nowNs) this.clock.follow(quoted.timeNs, quoted.file, quoted.number);
    let row = this.connections.find(quoted, 0);
    if (row < 0 && this.held.recall(quoted)) row = this.connections.find(quoted, 0);
    if (row < 0 || !noteUnreachable(this, row, quoted)) this.strayErrors++;
  }

  /**
   * The capture has ended: every connection still in memory is final, in the order of its beginning. Makes at most
   * `most` of them final, each after `before` heard of it; returns whether more are left. Nothing may be observed any more.
   */
  end(most = Number.POSITIVE_INFINITY, before?: (connection: number) => void): boolean {
    const left = (this.#left ??= this.#lastOnes());
    for (let i = 0; i < most && left.length + this.held.count > 0; i++) {
      const syn = this.held.beginBefore(left.at(-1) ?? -1);
      const connection = syn >= 0 ? syn : left.pop()!;
      before?.(connection);
      this.finish(connection);
    }
    return left.length + this.held.count > 0;
  }

  /** What is left, in order; what each of them shows of directions never captured is known before the first is told. */
  #lastOnes(): number[] {
    const left = this.#inOrder();
    for (const connection of left) this.pairs.noteEnd(this.connections, connection);
    return left;
  }

  /** Connections in memory, the one that began first at the end. */
  #inOrder(): number[] {
    const connections: number[] = [];
    this.connections.forEach((connection) => {
      connections.push(connection);
    });
    const { frame, file } = this.connections.columns;
    const e = this.connections.endpoints;
    return connections.sort(
      (a, b) => beganAt(e, b) - beganAt(e, a) || file[b]! - file[a]! || frame[b]! - frame[a]!,
    );
  }

  /** Time of the newest segment, as far as another confirms it: what is open stands as of then. */
  get latestNs(): number {
    return this.clock.nowNs;
  }

  /** Whether the sink has counted the connection. */
  isCounted(connection: number): boolean {
    return (this.connections.columns.marks[connection]! & IS_DONE) !== 0;
  }

  /** Makes the connection final and gives its memory back. */
  finish(connection: number): void {
    const { connections } = this;
    if (!(connections.columns.marks[connection]! & IS_DONE)) this.#count(connection);
    connections.tls.close(connection);
    this.#sink.finish(connection);
    this.reuse.forget(connection);
    this.unreachable.delete(connection);
    connections.release(connection);
  }

  /** The row of the segment's sender: known, new, or -1 where the segment came after the end of its connection. */
  #rowOf(segment: Segment): number {
    const row = this.connections.find(segment, 0);
    if (row < 0) return this.#begin(segment);
    if ((segment.flags & (SYN | RST)) === SYN || this.reuse.isWatched(row))
      return this.reuse.rowFor(row, segment);
    return row;
  }

  #begin(segment: Segment): number {
    if (this.held.recall(segment)) return this.#rowOf(segment);
    if (this.open >= this.#mostOpen) this.eviction.makeRoom();
    const tomb = this.reuse.tombOf(segment);
    if (tomb >= 0 && !isOpeningSyn(segment) && this.reuse.isLate(tomb, segment)) {
      this.lateSegments++;
      this.#sink.late?.(this.reuse.nameIn(tomb), this.reuse.endOf(tomb), segment);
      return -1;
    }
    if (tomb < 0 && this.held.hold(segment, this.open)) return HELD;
    return this.reuse.start(segment, 0, tomb);
  }

  /** Sequence space, handshake and states, in this order; a reset has its own rules. */
  #follow(row: number, peer: number, connection: number, label: number, segment: Segment): void {
    const { connections } = this;
    const { columns, roundTripNs } = connections;
    const isRepeat = label === LABEL_RETRANSMISSION;
    if (segment.flags & RST) {
      if (segment.flags & SYN) {
        noteFirst(connections, row, segment);
        connections.remember(row, false, segment);
        return;
      }
      observeReset(connections, row, peer, segment);
      advanceSequence(connections, row, peer, label, segment);
      return;
    }
    if (columns.marks[connection]! & WAS_RESET) reconsiderReset(connections, row, peer, segment);
    this.pairs.observe(connections, connection, row);
    if (columns.marks[connection]! & REUSE_REFUSED && isOfTimeWait(connections, connection, row, segment)) {
      // Its opener's reset will take its number from there.
      connections.endpoints.lastAck[row] = segment.acknowledgment;
      noteFirst(connections, row, segment);
      return;
    }
    if (label === LABEL_OUT_OF_WINDOW) {
      noteFirst(connections, row, segment);
      return;
    }
    if (!(columns.marks[connection]! & HANDSHAKE_DONE) || segment.flags & SYN)
      this.#followHandshake(connection, row, segment);
    if (segment.payloadLength > 0 && (label === LABEL_NEW || label === LABEL_AFTER_GAP))
      followTurns(connections, row, peer, segment, label === LABEL_NEW);
    advanceSequence(connections, row, peer, label, segment);
    if (roundTripNs >= 0) noteRoundTrip(connections, peer, roundTripNs, segment.ttl);
    advanceState(connections, row, peer, segment, isRepeat, label === LABEL_NEW);
  }

  #followHandshake(connection: number, row: number, segment: Segment): void {
    const { connections } = this;
    const wasComplete = !Number.isNaN(connections.endpoints.establishedAt[connection]!);
    observeHandshake(connections, connection, row, segment);
    if (!wasComplete && !Number.isNaN(connections.endpoints.establishedAt[connection]!))
      this.#sink.handshake(connection);
  }

  /** Both sides are done: the connection counts, and waits for stragglers. One of them goes on: it waits no longer. */
  #settle(connection: number, timeNs: number): void {
    const { connections } = this;
    const { finishedAt, dueAt } = connections.columns;
    if (!connections.isFinished(connection)) {
      finishedAt[connection] = Number.NaN;
      dueAt[connection] = Number.NaN;
      return;
    }
    this.#count(connection);
    // A time that nothing confirms would hold up all that end after it.
    const endedAt = Math.min(timeNs, this.clock.nowNs);
    if (Number.isNaN(finishedAt[connection]!)) finishedAt[connection] = endedAt;
    else if (dueAt[connection]! === dueAt[connection]!) return;
    const due = endedAt + LINGER_NS;
    dueAt[connection] = due;
    // A parked connection stands in the queue below 0: rows may be as large as its number.
    this.#queue.push(this.#canPark(connection) ? -1 - this.#park(connection) : connection, due);
  }

  #count(connection: number): void {
    this.pairs.noteEnd(this.connections, connection);
    const { establishedAt } = this.connections.endpoints;
    if (Number.isNaN(establishedAt[connection]!)) this.#sink.handshake(connection);
    this.connections.columns.marks[connection]! |= IS_DONE;
    this.#sink.count(connection, 1);
  }

  #uncount(connection: number): void {
    this.connections.columns.marks[connection]! &= ~IS_DONE;
    this.#sink.count(connection, -1);
  }

  #finishDue(timeNs: number): void {
    while (this.#queue.nextDueAt <= timeNs) {
      const dueAt = this.#queue.nextDueAt;
      const connection = this.#placeOf(this.#queue.pop());
      if (connection >= 0 && this.#isStillDue(connection, dueAt)) {
        if (this.connections.scope(connection) === 0) this.reuse.bury(connection);
        this.finish(connection);
      }
    }
  }

  /** The connection may have come back to life, or another may have its place by now. */
  #isStillDue(connection: number, dueAt: number): boolean {
    const { columns } = this.connections;
    return (columns.marks[connection]! & IS_ALIVE) !== 0 && columns.dueAt[connection] === dueAt;
  }

  /** What stands in tables by the connection's row keeps it in its place. */
  #canPark(connection: number): boolean {
    const { columns } = this.connections;
    return (
      (columns.marks[connection]! & KEPT_IN_PLACE) === 0 &&
      !isSplit(columns.marks[connection]!) &&
      this.connections.scope(connection) === 0 &&
      !this.#sink.wants(connection)
    );
  }

  #park(connection: number): number {
    const { parked, columns } = this.connections;
    const [endedAt, name] = [columns.finishedAt[connection]!, nameOf(columns, connection)];
    const number = this.connections.park(connection);
    this.reuse.writeEpitaph(connection, parked.tickets, parked.epitaphOf(number));
    parked.dates[parked.datesOf(number)] = endedAt;
    parked.dates[parked.datesOf(number) + 1] = name;
    return number;
  }

  /** What was queued as a row, or where it stands by now; a parked connection is finished: -1. */
  #placeOf(queued: number): number {
    if (queued >= 0) return queued;
    const { parked } = this.connections;
    const number = -1 - queued;
    if (parked.isWaiting(number)) {
      this.#finishParked(number);
      return -1;
    }
    const connection = parked.recalledTo(number);
    parked.leave(number);
    return connection;
  }

  #finishParked(number: number): void {
    const { parked } = this.connections;
    const dates = parked.datesOf(number);
    this.reuse.buryUnder(
      parked.tickets,
      parked.epitaphOf(number),
      parked.dates[dates]!,
      parked.dates[dates + 1]!,
    );
    this.connections.releaseParked(number);
  }
}

/** Before the server has answered a SYN that its TIME_WAIT refused, it repeats the acknowledgment of the old connection. */
function isOfTimeWait(connections: Connections, connection: number, row: number, segment: Segment): boolean {
  return row !== connection && connections.endpoints.synCount[row] === 0 && !(segment.flags & SYN);
}

/** The first segment of a side, where it is one that nothing else is learnt from. */
function noteFirst(connections: Connections, row: number, segment: Segment): void {
  const { firstAt } = connections.endpoints;
  if (Number.isNaN(firstAt[row]!)) firstAt[row] = segment.timeNs;
}
