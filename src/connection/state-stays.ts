/**
 * When the two ends of a connection entered and left the states that are counted over time, and when its client's port
 * was in use (state-counts.ts): from the columns and the log of transitions, once, when the connection is done.
 *
 * Two ends of stays are assumed, for nothing on the wire shows them. TIME_WAIT lasts 2MSL (RFC 9293 §3.4.2) unless the
 * tuple is taken up again before: then the connection that does so takes the rest of it back. SYN_RECEIVED lasts no longer
 * than Linux repeats its SYN-ACK. What else an end stands in at last, it stands in to the end of the capture.
 */
import { COUNTED_STATES } from "../report/summary.js";
import { CLOSED, STATE_NAMES, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from "../tcp/states.js";
import { beganAt, type Endpoints, lastPacketAt, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import type { Scene } from "./describe.js";
import { isRetraction } from "./state-machine.js";
import { SERVER_REOPEN, TW_REUSE } from "./time-wait.js";
import { eventOf, fromOf, sideOf, TRANSITIONS_PER_CONNECTION, toOf } from "./transition-log.js";

/** Columns of the counts of states, in their order. */
export const STATES = COUNTED_STATES.length;
const COLUMN_OF = Int8Array.from(STATE_NAMES, (name) => (COUNTED_STATES as readonly string[]).indexOf(name));
export const TIME_WAIT_COLUMN = COLUMN_OF[TIME_WAIT]!;

/** SYN-ACKs after 1, 3, 7, 15 and 31 s; 32 s after the last one the attempt is given up (`tcp_synack_retries` 5). */
const SYN_RECEIVED_NS = 63e9;
/** A SYN is waited for twice as long as the one before, the first for a second (RFC 6298 §2). */
const FIRST_TIMEOUT_NS = 1e9;

/** Of the ends that are assumed none is later than this after the last packet, but for that of TIME_WAIT. */
export const MOST_AFTER_NS = SYN_RECEIVED_NS + FIRST_TIMEOUT_NS;

/** A transition ends at most one stay; two may be open, and a port, and what is taken back stands in two more. */
const MOST_STAYS = TRANSITIONS_PER_CONNECTION + 5;

/** Kinds of stays that there are: states of the client's end, of the server's, the client's port. */
export const [OF_CLIENT_END, OF_SERVER_END, OF_PORT] = [1, 2, 4];

/** The stays of one connection, by the steps in which they begin and end; filled again and again. */
export class Stays {
  /** Steps in all. */
  readonly steps: number;
  count = 0;
  /** Kinds that are among them. */
  kinds = 0;
  readonly kind = new Uint8Array(MOST_STAYS);
  readonly column = new Uint8Array(MOST_STAYS);
  /** 1, or -1 where an earlier connection's stay is taken back. */
  readonly sign = new Int8Array(MOST_STAYS);
  readonly first = new Int16Array(MOST_STAYS);
  /** `steps` where it lasts to the end of the capture. */
  readonly end = new Int16Array(MOST_STAYS);
  #stepNs = 0.5;

  constructor(steps: number) {
    this.steps = steps;
  }

  begin(stepNs: number): void {
    this.#stepNs = stepNs;
    this.count = 0;
    this.kinds = 0;
  }

  /** Notes a stay, unless it begins and ends in one step, or was in no state that counts (`column` -1). */
  add(kind: number, column: number, sign: number, fromNs: number, toNs: number): void {
    if (column < 0 || !(toNs > fromNs)) return;
    const first = Math.floor(Math.max(0, fromNs) / this.#stepNs);
    const end = Math.min(this.steps, Math.floor(Math.max(0, toNs) / this.#stepNs));
    if (first === end) return;
    const at = this.count++;
    this.kinds |= kind;
    this.kind[at] = kind;
    this.column[at] = column;
    this.sign[at] = sign;
    this.first[at] = first;
    this.end[at] = end;
  }
}

/** Of each side: when its last transition in the log was, and to which state. */
const since = new Float64Array(2);
const last = new Int32Array(2);

/** Fills `stays`; `stepNs`: so long is a step. */
export function readStays(
  { connections, scene }: { readonly connections: Connections; readonly scene: Scene },
  connection: number,
  stepNs: number,
  stays: Stays,
): void {
  const { endpoints: e, columns, rare } = connections;
  const { nowNs, timeWaitNs } = scene;
  stays.begin(stepNs);
  since[0] = since[1] = Number.NaN;
  last[0] = last[1] = -1;
  // A time that nothing confirms would stretch all steps (clock.ts).
  const began = Math.min(beganAt(e, connection), nowNs);
  const lastNs = later(e.stateSince[connection]!, e.stateSince[connection + STRIDE]!);
  const isBrief = Math.floor(began / stepNs) === Math.floor(Math.min(lastNs, nowNs) / stepNs);
  if (!isBrief) readLog(connections, connection, nowNs, stays);
  const isEvicted = rare.evictedAt[e.rareRow[connection]!]! > 0;
  const untilNs = isEvicted ? Math.min(lastPacketAt(e, connection), nowNs) : Number.POSITIVE_INFINITY;
  for (let side = 0; side < 2; side++) {
    const row = side === 0 ? connection : connection + STRIDE;
    const state = e.state[row]!;
    const enteredNs = Math.min(e.stateSince[row]!, nowNs);
    const fromNs = last[side] === state ? since[side]! : enteredNs;
    let toNs = untilNs;
    // 2MSL begins anew with a FIN that comes again; the log does not say so.
    if (state === TIME_WAIT) toNs = enteredNs + timeWaitNs;
    else if (state === SYN_RECEIVED) toNs = fromNs + SYN_RECEIVED_NS;
    stays.add(OF_CLIENT_END << side, COLUMN_OF[state]!, 1, fromNs, toNs);
    if (side === 0) stays.add(OF_PORT, 0, 1, began, portUntil(e, row, enteredNs, toNs));
  }
  const kind = columns.reuse[connection]!;
  if (kind !== TW_REUSE && kind !== SERVER_REOPEN) return;
  const leftNs = began - columns.reusedAfterNs[connection]! + timeWaitNs;
  stays.add(kind === TW_REUSE ? OF_CLIENT_END : OF_SERVER_END, TIME_WAIT_COLUMN, -1, began, leftNs);
  if (kind === TW_REUSE) stays.add(OF_PORT, 0, -1, began, leftNs);
}

/** The stays that ended, by the log. */
function readLog({ columns, log }: Connections, connection: number, nowNs: number, stays: Stays): void {
  const count = columns.transitions[connection]!;
  let block = columns.firstTransition[connection]!;
  for (let entry = 0; entry < count; entry++) {
    block = log.blockOf(block, entry);
    const what = log.what(block, entry);
    const side = sideOf(what);
    const atNs = Math.min(log.timeNs(block, entry), nowNs);
    // Before its first segment an end was in no state of its own. What is retracted was never left.
    if (last[side]! >= 0)
      stays.add(
        OF_CLIENT_END << side,
        COLUMN_OF[isRetraction(eventOf(what)) ? toOf(what) : fromOf(what)]!,
        1,
        since[side]!,
        atNs,
      );
    since[side] = atNs;
    last[side] = toOf(what);
  }
}

/** When the client's port is free again; `leftNs`: when it leaves the state that it entered at `enteredNs`. */
function portUntil(e: Endpoints, client: number, enteredNs: number, leftNs: number): number {
  const state = e.state[client]!;
  if (state === CLOSED) return enteredNs;
  // Until the next SYN would have been due.
  if (state === SYN_SENT) {
    const lastNs = e.lastSynAt[client]!;
    return lastNs + Math.min(lastNs - e.synAt[client]!, SYN_RECEIVED_NS) + FIRST_TIMEOUT_NS;
  }
  return leftNs;
}

function later(a: number, b: number): number {
  return a > b || b !== b ? a : b;
}
