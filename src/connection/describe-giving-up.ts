/**
 * Who stopped sending into silence, and when that was, as far as its own timetable bounds it (RFC 9293 §3.8.3).
 *
 * A sender that gives up sends nothing: it shows by the next repeat that does not come though the capture goes on. The
 * moment lies between its last packet and the one that was due next. Where the capture ends before that, nobody gave up.
 */

import { LABEL_KEEP_ALIVE } from "../report/labels.js";
import type { GaveUpRecord, Side } from "../report/record.js";
import { OUTCOMES } from "../report/verdicts.js";
import { MARK_FIN_SENT, STRIDE } from "./columns.js";
import { IS_SELF } from "./connections.js";
import type { DescribeContext } from "./describe.js";
import { nextDue, TIMER_SLACK } from "./timetables.js";

const UNANSWERED = OUTCOMES.indexOf("unanswered");
const EMBRYONIC = OUTCOMES.indexOf("embryonic");
const ABORTED = OUTCOMES.indexOf("aborted");

/** Repeats into silence that make a sender that gave up, once the next would have been due long ago. */
const REPEATS_TO_GIVE_UP = 3;
/** What Linux makes by default: of data, and of what a socket without a process still has to send. */
const DATA_REPEATS = 15;
const ORPHAN_REPEATS = 8;

/** The side that repeated data, a FIN or a probe into silence and stopped, as a row; or -1. */
export function gaveUpRow(context: DescribeContext, client: number): number {
  const { endpoints: e, rare } = context.connections;
  for (const row of [client, client + STRIDE]) {
    const at = e.rareRow[row]!;
    if (rare.repeatsSincePeer[at]! < REPEATS_TO_GIVE_UP) continue;
    // Where the other direction is never captured nobody knows of silence.
    if (context.scene.pairs.isUncaptured(context.connections, client, row === client ? 1 : 0)) continue;
    // Each repeat waits up to twice as long as the one before (RFC 6298 §5.5); only then is silence an end.
    const patience = 2.5 * rare.repeatGapNs[at]!;
    if (context.scene.nowNs - rare.lastRepeatAt[at]! > patience) return row;
  }
  return -1;
}

/** The sender that gave up, or null. `outcome` as outcomeOf gives it. */
export function gaveUpRecord(
  context: DescribeContext,
  connection: number,
  outcome: number,
): GaveUpRecord | null {
  const server = connection + STRIDE;
  const { endpoints: e, columns } = context.connections;
  if (outcome === UNANSWERED) return gaveUpOpening(context, connection, "SYN");
  if (outcome === EMBRYONIC && e.synCount[server]! > 1) return gaveUpOpening(context, server, "SYN-ACK");
  if (outcome === ABORTED && e.synCount[server] === 0) return withdrawn(context, connection);
  const isSelf = (columns.marks[connection]! & IS_SELF) !== 0;
  const row = isSelf ? -1 : gaveUpRow(context, connection);
  return row < 0 ? null : gaveUpRepeating(context, row);
}

function sideOf(row: number): Side {
  return row & STRIDE ? "server" : "client";
}

/** A series of SYNs or SYN-ACKs that ended: between its last packet and the one that was due next. */
function gaveUpOpening(context: DescribeContext, row: number, what: "SYN" | "SYN-ACK"): GaveUpRecord | null {
  const { endpoints: e, rare } = context.connections;
  const repeats = e.synCount[row]! - 1;
  const lastNs = e.lastSynAt[row]!;
  const due = nextDue(rare.unkeptTimetables[e.rareRow[row]!]!, repeats, what === "SYN-ACK");
  const silentNs = context.scene.nowNs - lastNs;
  if (due === null || !(silentNs >= due.patienceNs)) return null;
  const firstNs = e.synAt[row]!;
  return {
    side: sideOf(row),
    what,
    repeats,
    silentMs: silentNs / 1e6,
    leastMs: (lastNs - firstNs) / 1e6,
    mostMs: (lastNs - firstNs + due.afterNs) / 1e6,
    timetable: due.timetable,
    limit: due.isComplete ? "default" : "earlier",
  };
}

/** The client's reset takes its SYN back that nobody had answered: that is when it gave up. */
function withdrawn(context: DescribeContext, client: number): GaveUpRecord | null {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[client]!;
  const repeats = e.synCount[client]! - 1;
  const resetNs = rare.resetAt[at]!;
  if (repeats < 0 || rare.resetFrame[at] === 0 || !(resetNs >= e.lastSynAt[client]!)) return null;
  const due = nextDue(rare.unkeptTimetables[at]!, repeats, false);
  return {
    side: "client",
    what: "SYN",
    repeats,
    silentMs: (context.scene.nowNs - e.lastSynAt[client]!) / 1e6,
    leastMs: (e.lastSynAt[client]! - e.synAt[client]!) / 1e6,
    mostMs: (resetNs - e.synAt[client]!) / 1e6,
    timetable: due?.timetable ?? null,
    limit: "earlier",
  };
}

/** Data, a FIN or probes: the next would have come within twice the last gap, of keep-alives within the same gap. */
function gaveUpRepeating(context: DescribeContext, row: number): GaveUpRecord {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[row]!;
  const repeats = rare.repeatsSincePeer[at]!;
  const lastNs = rare.lastRepeatAt[at]!;
  const waitedNs = lastNs - rare.silentSinceNs[at]!;
  const isKeepAlive = rare.lastProbe[at] === LABEL_KEEP_ALIVE;
  const dueNs = rare.repeatGapNs[at]! * (isKeepAlive ? 1 : 2) * (1 + TIMER_SLACK);
  const most = e.marks[row]! & MARK_FIN_SENT ? ORPHAN_REPEATS : DATA_REPEATS;
  return {
    side: sideOf(row),
    what: rare.lastProbe[at]! > 0 ? "probe" : "segment",
    repeats,
    silentMs: (context.scene.nowNs - lastNs) / 1e6,
    leastMs: waitedNs / 1e6,
    mostMs: (waitedNs + dueNs) / 1e6,
    timetable: rare.backoffs[at]! > 0 ? "doubling" : null,
    // How often a socket probes is its own choice (TCP_KEEPCNT).
    limit: rare.lastProbe[at]! > 0 ? null : repeats >= most ? "default" : "earlier",
  };
}
