/**
 * Follows every connection: one segment at a time, both ends at once.
 *
 * `observe` is the whole of it. What it decides stands in the columns; records are made from them only when somebody
 * looks. No object is made for a segment.
 */
import { isCopy, LABEL_OUT_OF_WINDOW, LABEL_RETRANSMISSION } from "../report/labels.js";
import { RST, type Segment, SYN } from "../wire/segment.js";
import { classify } from "./classify.js";
import { connectionOf, STRIDE } from "./columns.js";
import { Connections, HANDSHAKE_DONE, IS_ALIVE, isOpeningSyn, WAS_RESET } from "./connections.js";
import { count, countCopy } from "./counters.js";
import { observeHandshake } from "./handshake.js";
import { HostPairs } from "./host-pairs.js";
import { LINGER_NS, Linger } from "./linger.js";
import { scratchConnections } from "./record-store.js";
import { observeReset, reconsiderReset } from "./reset.js";
import { Reuse } from "./reuse.js";
import { advanceSequence } from "./sequence-space.js";
import { advanceState } from "./state-machine.js";
import { noteUnreachable, type Unreachable } from "./unreachable.js";

/**
 * Who is told that a connection is final: where it stands now (the live ones, or a scratch place), and the ICMP error
 * that answered it, if there was one.
 */
export type Finished = (connections: Connections, connection: number, unreachable: Unreachable | undefined) => void;

export interface TrackerOptions {
  /** Maximum segment lifetime in nanoseconds (RFC 9293 §3.4.2); TIME_WAIT lasts twice as long. */
  readonly mslNs: number;
}

export const DEFAULT_MSL_NS = 30e9;

export class Tracker {
  readonly connections = new Connections();
  readonly pairs = new HostPairs();
  readonly reuse: Reuse;
  /** ICMP errors that answered a connection attempt, by connection number. */
  readonly unreachable = new Map<number, Unreachable>();
  /** After `observe`: the label and the row of the segment's sender; the row is -1 for a segment of no connection. */
  label = 0;
  row = -1;
  /** TCP segments seen; those that came after their connection had ended; ICMP errors for no known connection. */
  segments = 0;
  lateSegments = 0;
  strayErrors = 0;
  /** ICMP errors that quote a segment. */
  errors = 0;

  readonly #linger = new Linger();
  readonly #scratch = scratchConnections();
  readonly #finished: Finished;
  #latestNs = 0;
  /** A finished connection that a late segment brought back: it goes to wait again at once. */
  #broughtBack = -1;

  constructor(finished: Finished, options: TrackerOptions = { mslNs: DEFAULT_MSL_NS }) {
    this.#finished = finished;
    this.reuse = new Reuse(this, options.mslNs);
  }

  observe(segment: Segment): void {
    this.segments++;
    if (segment.timeNs > this.#latestNs) this.#latestNs = segment.timeNs;
    if (this.#linger.nextDueAt <= segment.timeNs) this.#finishDue(segment.timeNs);

    this.row = this.#rowOf(segment);
    this.label = 0;
    if (this.row >= 0) this.take(this.row, segment);
    if (this.#broughtBack >= 0) this.#waitAgain(segment.timeNs);
  }

  /** The segment belongs to the endpoint at `row`: says what it is, and follows both ends through it. */
  take(row: number, segment: Segment): void {
    const peer = row ^ STRIDE;
    const { connections } = this;
    const { state } = connections.endpoints;
    const connection = connectionOf(row);

    const label = classify(connections, row, peer, segment);
    this.label = label;
    if (isCopy(label)) return countCopy(connections, row, label);
    const before = state[row]! * 16 + state[peer]!;
    this.#follow(row, peer, connection, label, segment);
    count(connections, row, peer, label, segment);
    const now = connections.endpoints.state;
    const isNews = now[row]! * 16 + now[peer]! !== before || connections.endpoints.packets[row] === 1;
    if (isNews && this.#broughtBack !== connection) this.#settle(connection, segment.timeNs);
  }

  /** An ICMP error that quotes a segment (RFC 792): the attempt it answers is told. */
  observeError(quoted: Segment): void {
    this.errors++;
    const row = this.connections.find(quoted, 0);
    if (row < 0 || !noteUnreachable(this, row, quoted)) this.strayErrors++;
  }

  /** The capture has ended: what waits and what lives is final, the latter in the order of its first frame. */
  end(): void {
    this.#finishDue(Number.MAX_VALUE);
    const left: number[] = [];
    this.connections.forEach((connection) => left.push(connection));
    const { frame, file } = this.connections.columns;
    left.sort((a, b) => file[a]! - file[b]! || frame[a]! - frame[b]!);
    for (const connection of left) this.finish(connection);
  }

  /** Time of the newest segment: what is open stands as of then. */
  get latestNs(): number {
    return this.#latestNs;
  }

  /** Makes a live connection final and gives its memory back. */
  finish(connection: number): void {
    this.pairs.noteEnd(this.connections, connection);
    this.#finished(this.connections, connection, this.unreachable.get(connection));
    this.#forget(connection);
  }

  /** The row of the segment's sender: known, new, or -1 where the segment came after the end of its connection. */
  #rowOf(segment: Segment): number {
    const row = this.connections.find(segment, 0);
    if (row < 0) return this.#begin(segment);
    if (isOpeningSyn(segment) || this.reuse.isWatched(row)) return this.reuse.rowFor(row, segment);
    return row;
  }

  #begin(segment: Segment): number {
    const tomb = this.reuse.tombOf(segment);
    if (tomb >= 0 && this.#linger.isWaiting(this.reuse.lingerNumber(tomb))) return this.#bringBack(tomb, segment);
    if (tomb >= 0 && !isOpeningSyn(segment) && this.reuse.isLate(tomb, segment)) {
      this.lateSegments++;
      return -1;
    }
    return this.reuse.start(segment, 0, tomb);
  }

  /** Sequence space, handshake and states, in this order; a reset has its own rules. */
  #follow(row: number, peer: number, connection: number, label: number, segment: Segment): void {
    const { connections } = this;
    const { columns } = connections;
    const isRepeat = label === LABEL_RETRANSMISSION;
    if (segment.flags & RST) {
      if (segment.flags & SYN) return;
      observeReset(connections, row, peer, segment);
      advanceSequence(connections, row, peer, label, segment);
      return;
    }
    if (columns.marks[connection]! & WAS_RESET) reconsiderReset(connections, row, peer, segment);
    this.pairs.observe(connections, connection, row);
    if (label === LABEL_OUT_OF_WINDOW) return;
    if (!(columns.marks[connection]! & HANDSHAKE_DONE) || segment.flags & SYN) {
      observeHandshake(connections.endpoints, columns, connection, row, segment);
    }
    advanceSequence(connections, row, peer, label, segment);
    advanceState(connections, row, peer, segment, isRepeat);
  }

  /** Both sides are done: the connection waits for stragglers, packed. */
  #settle(connection: number, timeNs: number): void {
    const { connections } = this;
    if (!connections.isFinished(connection)) return;
    const { finishedAt } = connections.columns;
    finishedAt[connection] = timeNs;
    // Tombs know whole tuples only: of one that is shared by several lives nobody waits for stragglers.
    if (connections.scope(connection) !== 0) return this.finish(connection);
    this.#wait(connection);
  }

  #wait(connection: number): void {
    const { connections } = this;
    const dueAt = connections.columns.finishedAt[connection]! + LINGER_NS;
    const number = this.#linger.add(connections, connection, dueAt, this.unreachable.get(connection));
    this.reuse.bury(connection, number);
    this.#forget(connection);
  }

  /** A late segment's connection lives again while the segment is looked at. */
  #bringBack(tomb: number, segment: Segment): number {
    const row = this.#linger.bringBack(this.connections, this.reuse.lingerNumber(tomb), segment);
    this.#broughtBack = connectionOf(row);
    return isOpeningSyn(segment) || this.reuse.isWatched(row) ? this.reuse.rowFor(row, segment) : row;
  }

  #waitAgain(timeNs: number): void {
    const connection = this.#broughtBack;
    this.#broughtBack = -1;
    const { connections } = this;
    if (!(connections.columns.marks[connection]! & IS_ALIVE)) return;
    if (!connections.isFinished(connection)) connections.columns.finishedAt[connection] = Number.NaN;
    else if (connections.columns.finishedAt[connection]! <= timeNs) this.#wait(connection);
  }

  #forget(connection: number): void {
    this.reuse.forget(connection);
    this.unreachable.delete(connection);
    this.connections.release(connection);
  }

  #finishDue(timeNs: number): void {
    const linger = this.#linger;
    while (linger.nextDueAt <= timeNs) {
      if (!linger.take(this.#scratch)) continue;
      this.pairs.noteEnd(this.#scratch, 0);
      this.#finished(this.#scratch, 0, linger.taken);
    }
  }
}
