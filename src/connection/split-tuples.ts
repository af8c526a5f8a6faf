/**
 * One four-tuple seen at two capture points, or on two VLANs, at once: told apart by a scope, each followed by itself.
 *
 * Two files that show the same handshake are two capture points. Two interfaces of one file may be that too (two captures
 * merged into one), or copies that a mirror port or a capture of all interfaces makes: the SYN's copy alone does not say
 * which, so it waits for the SYN-ACK (docs/decisions/0026-two-interfaces-two-capture-points.md). Bounded, and nothing
 * happens for a tuple that is not seen twice.
 */
import { ACK, type Segment, SYN } from "../wire/segment.js";
import { STRIDE } from "./columns.js";
import { IS_SPLIT_BY_FILE, IS_SPLIT_BY_INTERFACE, IS_SPLIT_BY_VLAN, MAY_BE_SPLIT } from "./connections.js";
import { type BeforeCopy, beforeCopy, uncountCopy } from "./counters.js";
import { fingerprint } from "./recent-prints.js";
import type { Reuse } from "./reuse.js";
import type { Tracker } from "./tracker.js";
import { copyOf } from "./tuple-segments.js";

/** Copies of one packet further apart than this come from different capture points, not from one capture. */
const CAPTURE_COPY_NS = 10e6;
/** A capture of all interfaces of a host sees a packet on two of them within this: what it takes is no leg's length. */
const SAME_HOST_NS = 1e6;
/** SYNs whose copy on another interface waits for the SYN-ACK. */
const MOST_WAITING = 10_000;
const INTERFACE_SCOPE = 0x10000000;
const FILE_SCOPE = 0x20000000;
const VLAN_SCOPE = 0x40000000;

/** A SYN's copy on another interface, and how long after the SYN it came. */
interface WaitingCopy extends BeforeCopy {
  readonly syn: Segment;
  readonly afterNs: number;
}

/** Two files or interfaces that show the same connections: how many, and the least and most time between them. */
interface PointPair {
  readonly isFiles: boolean;
  readonly first: number;
  readonly second: number;
  count: number;
  shortestNs: number;
  longestNs: number;
}

/** Names for the notes. */
export interface PointNames {
  readonly files: readonly string[];
  readonly interfaces: readonly string[];
}

export class SplitTuples {
  readonly #tracker: Tracker;
  readonly #reuse: Reuse;
  readonly #waiting = new Map<number, WaitingCopy>();
  readonly #pairs = new Map<string, PointPair>();
  #splitVlans = 0;

  constructor(tracker: Tracker, reuse: Reuse) {
    this.#tracker = tracker;
    this.#reuse = reuse;
  }

  /** What a person should know of tuples that were told apart. */
  notes({ files, interfaces }: PointNames): string[] {
    const notes: string[] = [];
    for (const { isFiles, first, second, count, shortestNs, longestNs } of this.#pairs.values()) {
      const names = isFiles ? files : interfaces;
      const offset =
        longestNs - shortestNs < 1e6 ? `${ms(shortestNs)} ms` : `${ms(shortestNs)} to ${ms(longestNs)} ms`;
      notes.push(
        `${names[first] ?? first} and ${names[second] ?? second} show ${count} of the same connections, ${offset} apart: two capture points, reported one by one.`,
      );
    }
    if (this.#splitVlans > 0) {
      notes.push(
        `${this.#splitVlans} four-tuples carry several connections at once on different VLANs: told apart by VLAN.`,
      );
    }
    return notes;
  }

  /** Drops what waits for a connection that is final. */
  forget(connection: number): void {
    if (this.#waiting.size > 0) this.#waiting.delete(connection);
  }

  /**
   * The very SYN that began the connection, from another file, or another VLAN or interface: the row of the connection
   * at another capture point, which begins with it; -1 where it is a copy, as far as can be told yet.
   */
  copyElsewhere(connection: number, row: number, segment: Segment): number {
    const { connections } = this.#tracker;
    const { columns, endpoints: e } = connections;
    if (connections.scope(connection) !== 0) return -1;
    const isOtherFile = segment.file !== columns.file[connection];
    const afterNs = segment.timeNs - e.synAt[row]!;
    const isOtherVlan = segment.vlan !== e.synVlan[row] && afterNs > CAPTURE_COPY_NS;
    const isOtherInterface =
      segment.interfaceId !== columns.interfaceId[connection] && afterNs >= SAME_HOST_NS;
    if (!isOtherFile && !isOtherVlan && !isOtherInterface) return -1;
    if (
      columns.firstPrint[connection] !== fingerprint(segment) ||
      (segment.ipId === 0 && !segment.hasTimestamps)
    )
      return -1;
    if (isOtherFile) return this.#begin(connection, IS_SPLIT_BY_FILE, segment, afterNs);
    if (isOtherVlan) return this.splitByVlan(connection, segment);
    if (this.#waiting.size < MOST_WAITING && !this.#waiting.has(connection)) {
      this.#waiting.set(connection, { syn: copyOf(segment), afterNs, ...beforeCopy(connections, row) });
      columns.marks[connection]! |= MAY_BE_SPLIT;
    }
    return -1;
  }

  /**
   * The SYN-ACK, of a connection whose SYN was copied on another interface. Where it passes that interface first, or is
   * copied there no sooner than the capture's own copies are, each interface has its own sight of the connection.
   */
  settle(connection: number, row: number, segment: Segment): void {
    if ((segment.flags & (SYN | ACK)) !== (SYN | ACK)) return;
    const waiting = this.#waiting.get(connection);
    if (!waiting) return;
    const { connections } = this.#tracker;
    const { columns, endpoints: e } = connections;
    const { syn, afterNs } = waiting;
    const isFirst = e.synCount[row] === 0;
    const isElsewhere = segment.interfaceId === syn.interfaceId;
    // Seen first where the SYN was: where it is copied, and when, is still to come.
    if (isFirst && !isElsewhere) return;
    const isApart =
      isFirst || (afterNs >= CAPTURE_COPY_NS && segment.timeNs - e.synAt[row]! >= CAPTURE_COPY_NS);
    this.#waiting.delete(connection);
    columns.marks[connection]! &= ~MAY_BE_SPLIT;
    if (!isElsewhere || !isApart) return;
    const opener = row ^ STRIDE;
    uncountCopy(connections, opener, syn, waiting, afterNs < CAPTURE_COPY_NS);
    this.#tracker.take(this.#begin(connection, IS_SPLIT_BY_INTERFACE, syn, afterNs), syn);
  }

  /** The tuple carries another connection on that VLAN at the same time. */
  splitByVlan(connection: number, segment: Segment): number {
    this.#splitVlans++;
    this.#tracker.connections.columns.marks[connection]! |= IS_SPLIT_BY_VLAN;
    return this.#reuse.start(segment, VLAN_SCOPE | segment.vlan, -1);
  }

  /** The row of the life that the segment's file, VLAN or interface belongs to, where the tuple has several at once; or -1. */
  scopedRow(connection: number, segment: Segment): number {
    const { connections } = this.#tracker;
    const { columns } = connections;
    const marks = columns.marks[connection]!;
    if (marks & IS_SPLIT_BY_FILE && segment.file !== columns.file[connection]) {
      const row = connections.find(segment, FILE_SCOPE | (segment.file + 1));
      if (row >= 0) return row;
    }
    if (marks & IS_SPLIT_BY_INTERFACE && segment.interfaceId !== columns.interfaceId[connection]) {
      const row = connections.find(segment, INTERFACE_SCOPE | (segment.interfaceId + 1));
      if (row >= 0) return row;
    }
    return marks & IS_SPLIT_BY_VLAN ? connections.find(segment, VLAN_SCOPE | segment.vlan) : -1;
  }

  /** The connection at another capture point begins with that SYN; returns its client's row. */
  #begin(connection: number, mark: number, syn: Segment, afterNs: number): number {
    const { columns } = this.#tracker.connections;
    const isFiles = mark === IS_SPLIT_BY_FILE;
    columns.marks[connection]! |= mark;
    const [first, second] = isFiles
      ? [columns.file[connection]!, syn.file]
      : [columns.interfaceId[connection]!, syn.interfaceId];
    this.#note(isFiles, first, second, afterNs);
    return this.#reuse.start(syn, (isFiles ? FILE_SCOPE : INTERFACE_SCOPE) | (second + 1), -1);
  }

  #note(isFiles: boolean, first: number, second: number, afterNs: number): void {
    const key = `${isFiles} ${first} ${second}`;
    const known = this.#pairs.get(key);
    if (!known) {
      this.#pairs.set(key, { isFiles, first, second, count: 1, shortestNs: afterNs, longestNs: afterNs });
      return;
    }
    known.count++;
    known.shortestNs = Math.min(known.shortestNs, afterNs);
    known.longestNs = Math.max(known.longestNs, afterNs);
  }
}

/** Whether the tuple of that connection shows several at once. */
export function isSplit(marks: number): boolean {
  return (marks & (IS_SPLIT_BY_FILE | IS_SPLIT_BY_VLAN | IS_SPLIT_BY_INTERFACE)) !== 0;
}

function ms(ns: number): string {
  return (ns / 1e6).toFixed(3);
}
