/**
 * Moments in which many connections lost something: a queue that they share overflowed, or a link failed for a moment.
 *
 * Losses count by the time at which what was lost was sent, as far as the capture tells, in steps of 50 ms; a moment is two
 * of them side by side. Nothing happens for a packet: only repeats that count as losses come here (losses.ts), and leave
 * again where they prove needless. Many losses that come all the time are no burst, whatever chance puts together, so that
 * a moment is compared with the two seconds on both sides of it.
 */
import { connectionOf, firstDataAt, MARK_PROGRESSED, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { nameOf } from "./packet-names.js";
import { isSecondSight } from "./translated-connections.js";

const STEP_NS = 50e6;
/** Connections that lost something in a moment: so many at least. */
const LEAST = 5;
/** And so many beyond so many times as many as in the moments around: chance hardly ever does that. */
const MORE = 4;
const TIMES_MORE = 8;
/** So many in a step beside it are still of it. */
const LEAST_BESIDE = 2;
/** Steps on both sides that a moment is compared with, but for the nearest. */
const AROUND = 40;
const NEAREST = 2;
/** Nearer than this to the beginning or the end of the capture there is too little to compare with. */
const LEAST_AROUND = 10;
/** Moments less than a second apart are one. */
const APART = 20;
/** A side that repeats more often than this and hears nothing has lost its peer, not a segment. */
const MOST_UNANSWERED = 2;
/** After so many steps what comes late is not waited for, where room is needed. */
const SETTLED = 200;
const MOST_ENTRIES = 2 ** 16;
const MOST_CANDIDATES = 64;
const MOST_BURSTS = 100;
const MOST_EXAMPLES = 20;

/** What a connection lost in a step. */
interface Entry {
  readonly row: number;
  losses: number;
  /** Its last repeat of that (packet-names.ts). */
  frame: number;
}

/** Those of a step by connection (packet-names.ts). */
type Step = Map<number, Entry>;

export interface LossBurst {
  readonly atNs: number;
  /** How long it lasted, in whole steps. */
  readonly spanNs: number;
  /** Connections that lost something then, and segments. */
  readonly connections: number;
  readonly losses: number;
  /** Connections that were sending then. */
  readonly senders: number;
  /** A few of them, with the packet that was sent again (packet-names.ts). */
  readonly examples: readonly { readonly connection: number; readonly frame: number }[];
}

/** A step in which enough connections lost something, and how many were sending. */
interface Candidate {
  readonly step: number;
  readonly senders: number;
}

/** Who hears of losses, where the connections of a capture are followed in parts. */
export interface LossJournal {
  loss(name: number, row: number, lostAtNs: number, frame: number): void;
  noLoss(name: number, lostAtNs: number): void;
}

export class LossBursts {
  journal: LossJournal | null = null;
  readonly #steps = new Map<number, Step>();
  #entries = 0;
  #candidates: Candidate[] = [];
  #settled: LossBurst[] = [];

  /** The endpoint at `row` lost a segment that it had sent at `lostAtNs`; `frame` sent it again (packet-names.ts). */
  note(connections: Connections, row: number, lostAtNs: number, frame: number): void {
    const { endpoints: e, columns } = connections;
    const connection = connectionOf(row);
    // What a listener never took is lost at its door; what is seen twice counts once.
    if (!(lostAtNs >= 0) || !(e.marks[row ^ STRIDE]! & MARK_PROGRESSED)) return;
    if (isSecondSight(connections, connection)) return;
    const name = nameOf(columns, connection);
    if (this.journal) this.journal.loss(name, row, lostAtNs, frame);
    else this.noteOf(connections, name, row, lostAtNs, frame);
  }

  /** The same of a connection by its name; `connections` is null where they are not at hand. */
  noteOf(connections: Connections | null, name: number, row: number, lostAtNs: number, frame: number): void {
    if (this.#entries >= MOST_ENTRIES || this.#candidates.length >= MOST_CANDIDATES)
      this.#makeRoom(connections, lostAtNs);
    const at = Math.floor(lostAtNs / STEP_NS);
    const entry = this.#entryOf(at, name, row);
    entry.frame = frame;
    if (++entry.losses !== 1) return;
    for (const first of [at - 1, at]) {
      const isKnown = this.#candidates.some(({ step }) => Math.abs(step - first) < APART);
      if (isKnown || this.#lost(first).size < LEAST) continue;
      this.#candidates.push({ step: first, senders: connections ? sendersAt(connections, first) : 0 });
    }
  }

  /** A repeat of what had been sent at `lostAtNs` was needless: nothing was lost. It may be noted only after that. */
  takeBack(connections: Connections, row: number, lostAtNs: number): void {
    if (!(lostAtNs >= 0)) return;
    const name = nameOf(connections.columns, connectionOf(row));
    if (this.journal) this.journal.noLoss(name, lostAtNs);
    else this.takeBackOf(name, row, lostAtNs);
  }

  /** The same of a connection by its name. */
  takeBackOf(name: number, row: number, lostAtNs: number): void {
    this.#entryOf(Math.floor(lostAtNs / STEP_NS), name, row).losses--;
  }

  /** The connection is over: its losses count no more where they were no matter of chance. */
  leave(connections: Connections, connection: number): void {
    const { endpoints: e, rare, columns } = connections;
    if (this.#entries === 0) return;
    const isLost = (row: number) =>
      rare.repeatsSincePeer[e.rareRow[row]!]! > MOST_UNANSWERED || isSwallowed(connections, row);
    if (!isLost(connection) && !isLost(connection + STRIDE)) return;
    const name = nameOf(columns, connection);
    for (const step of this.#steps.values()) if (step.delete(name)) this.#entries--;
  }

  /** Decides on all moments as they stand now, at `nowNs`, while their connections are known. */
  settle(connections: Connections, nowNs: number): void {
    this.#settled = this.#decided(connections, nowNs);
    this.#candidates = [];
    this.#steps.clear();
    this.#entries = 0;
  }

  /** The bursts so far, the one with the most connections first. */
  summary(connections: Connections | null, nowNs: number): readonly LossBurst[] {
    return this.#decided(connections, nowNs);
  }

  #decided(connections: Connections | null, nowNs: number): LossBurst[] {
    const bursts = this.#candidates.map((candidate) => this.#burstAt(connections, nowNs, candidate));
    return [...this.#settled, ...bursts.filter((burst) => burst !== null)]
      .sort((a, b) => b.connections - a.connections || a.atNs - b.atNs)
      .slice(0, MOST_BURSTS);
  }

  #entryOf(at: number, name: number, row: number): Entry {
    let step = this.#steps.get(at);
    if (!step) {
      step = new Map();
      this.#steps.set(at, step);
    }
    let entry = step.get(name);
    if (!entry) {
      entry = { row, losses: 0, frame: 0 };
      step.set(name, entry);
      this.#entries++;
    }
    return entry;
  }

  /** Connections that lost something from the first step to the last; of `connections` those that go on. */
  #lost(first: number, connections: Connections | null = null, last = first + 1): Step {
    const lost: Step = new Map();
    for (let at = first; at <= last; at++) {
      for (const [name, entry] of this.#steps.get(at) ?? []) {
        if (entry.losses <= 0) continue;
        if (connections && isInVain(connections, name, entry.row, at * STEP_NS)) continue;
        const before = lost.get(name);
        lost.set(name, before ? { ...entry, losses: before.losses + entry.losses } : entry);
      }
    }
    return lost;
  }

  /** The worst moment around the candidate, where it stands out. */
  #burstAt(connections: Connections | null, untilNs: number, { step, senders }: Candidate): LossBurst | null {
    let [worst, at]: [Step, number] = [new Map(), step];
    for (let first = step - APART; first <= step + APART; first++) {
      const lost = this.#lost(first, connections);
      if (lost.size > worst.size) [worst, at] = [lost, first];
    }
    const last = Math.floor(untilNs / STEP_NS);
    if (worst.size < LEAST || at < LEAST_AROUND || at + LEAST_AROUND > last) return null;
    let [around, moments] = [0, 0];
    for (let other = Math.max(0, at - AROUND); other <= Math.min(at + 1 + AROUND, last); other++) {
      if (other >= at - NEAREST && other <= at + 1 + NEAREST) continue;
      around += this.#steps.get(other)?.size ?? 0;
      moments += 1 / 2;
    }
    if (worst.size < MORE + (TIMES_MORE * around) / moments) return null;
    // What was lost beside it is of it, where that is as unusual: it may last a little longer than a moment.
    const least = Math.max(LEAST_BESIDE, (TIMES_MORE * around) / moments);
    let [from, to] = [at, at + 1];
    while (from > at - NEAREST && this.#lost(from - 1, connections, from - 1).size >= least) from--;
    while (to < at + 1 + NEAREST && this.#lost(to + 1, connections, to + 1).size >= least) to++;
    const entries = [...this.#lost(from, connections, to)];
    return {
      atNs: from * STEP_NS,
      spanNs: (to + 1 - from) * STEP_NS,
      connections: entries.length,
      losses: entries.reduce((sum, [, { losses }]) => sum + losses, 0),
      senders: Math.max(senders, entries.length),
      examples: entries.slice(0, MOST_EXAMPLES).map(([connection, { frame }]) => ({ connection, frame })),
    };
  }

  /** What is long past is decided; where that is not enough, losses are so many that no moment stands out. */
  #makeRoom(connections: Connections | null, nowNs: number): void {
    const until = Math.floor(nowNs / STEP_NS) - SETTLED;
    const later = this.#candidates.filter(({ step }) => step >= until);
    this.#candidates = this.#candidates.filter(({ step }) => step < until);
    this.#settled = this.#decided(connections, nowNs);
    this.#candidates = later;
    for (const [at, step] of this.#steps) {
      if (at >= until - AROUND - APART) continue;
      this.#steps.delete(at);
      this.#entries -= step.size;
    }
    if (this.#entries < MOST_ENTRIES / 2) return;
    this.#candidates = [];
    this.#steps.clear();
    this.#entries = 0;
  }
}

/** The open connection sends into a void: nothing has come from its peer since, or its segments are too big for the path. */
function isInVain(connections: Connections, name: number, row: number, sinceNs: number): boolean {
  const { columns, endpoints: e } = connections;
  if (nameOf(columns, connectionOf(row)) !== name) return false;
  return e.lastAt[row ^ STRIDE]! < sinceNs || isSwallowed(connections, row);
}

function isSwallowed({ endpoints: e, rare }: Connections, row: number): boolean {
  return rare.tooBigBytes[e.rareRow[row]!]! > 0;
}

/** Connections that sent data in the moment that begins with the step, or before and after it. */
function sendersAt(connections: Connections, first: number): number {
  const [fromNs, untilNs] = [first * STEP_NS, (first + 2) * STEP_NS];
  const { endpoints: e, columns } = connections;
  const isSending = (row: number) => e.lastDataAt[row]! >= fromNs && firstDataAt(columns, row) < untilNs;
  let senders = 0;
  connections.forEach((connection) => {
    if (isSending(connection) || isSending(connection + STRIDE)) senders++;
  });
  return senders;
}
