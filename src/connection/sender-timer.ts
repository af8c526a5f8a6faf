/**
 * How soon a sender's retransmission timer runs out, as far as it has been seen to (RFC 6298 §2.4, §5).
 *
 * Without better knowledge a sender is taken for Linux's, whose timer waits 200 ms beyond a round trip. Windows waits
 * longer, and a Linux of a data centre may wait 5 ms. A sender that repeats its oldest bytes sooner, with nothing heard
 * since it sent them last, has no other reason; once a second such repeat confirms it, the shortest of these silences
 * replaces Linux's for the rest of the connection.
 */
import { CAUSE_RTO } from "../report/labels.js";
import type { Connections } from "./connections.js";
import { fullRttNs } from "./senders.js";

/** Linux's least timeout beyond a round trip, less slack; and its least silence. */
const LINUX_TIMEOUT_NS = 190e6;
const LINUX_SILENCE_NS = 180e6;
/** Timers are seen through queues: what was shown holds less so much. */
const SLACK = 0.95;
/** Kept in whole microseconds. */
const US = 1e3;

/** The shortest silence after which the timer of the endpoint at `row` is shown to run out sooner than Linux's; 0 none. */
export function shownTimeoutNs({ endpoints, rare }: Connections, row: number): number {
  return rare.soonTimeoutUs[endpoints.rareRow[row]!]! * US;
}

/** Time from the (re)start of its timer after which it can have run out. */
export function timerNs(connections: Connections, row: number): number {
  const rtt = fullRttNs(connections.senders, connections.endpoints.sender[row]!);
  const shown = shownTimeoutNs(connections, row);
  return shown > 0 ? Math.max(SLACK * shown, rtt) : LINUX_TIMEOUT_NS + rtt;
}

/** Silence below which it waits for no timer: a round trip is not counted in. */
export function leastSilenceNs(connections: Connections, row: number): number {
  const shown = shownTimeoutNs(connections, row);
  return shown > 0 ? Math.min(SLACK * shown, LINUX_SILENCE_NS) : LINUX_SILENCE_NS;
}

/** Likewise before bytes of which no earlier copy was captured (inferred.ts). */
export function leastHiddenSilenceNs(connections: Connections, row: number): number {
  const shown = shownTimeoutNs(connections, row);
  return shown > 0 ? Math.min(SLACK * shown, LINUX_TIMEOUT_NS) : LINUX_TIMEOUT_NS;
}

/**
 * The evidence is of a repeat by the endpoint at `row`, which is no tail-loss probe; `wasSent`: its last sending is known.
 * Where only a timer explains it that runs out sooner than was known, the evidence says so, and the silence is kept.
 */
export function noteSoonTimeout(connections: Connections, row: number, wasSent: boolean): void {
  const { evidence: x, endpoints: e, senders } = connections;
  if (!wasSent || !x.isHead || x.isOneWay || x.isTimerDue) return;
  if (x.isOvertaken || x.hasSackAbove || x.duplicates >= 3) return;
  const sender = e.sender[row]!;
  const { srttNs, rttvarNs, loopNs, heardAckAt, shownOnceNs } = senders.columns;
  const loop = loopNs[sender]!;
  if (srttNs[sender] === 0 || loop === Number.POSITIVE_INFINITY) return;
  const silence = x.sent - Math.max(x.previousSent, heardAckAt[sender]!);
  if (silence < 1.5 * (srttNs[sender]! + loop) + 4 * rttvarNs[sender]!) return;
  x.isTimerDue = true;
  x.isSilent = true;
  const once = shownOnceNs[sender]!;
  shownOnceNs[sender] = once > 0 ? Math.min(once, silence) : silence;
  if (once === 0) return;
  const at = connections.rareRow(row);
  connections.rare.soonTimeoutUs[at] = Math.round(shownOnceNs[sender]! / US);
}

/** The repeat had that cause: the shortest timeout of the endpoint at `row` is kept for its record. */
export function noteTimeout(connections: Connections, row: number, cause: number, wasSent: boolean): void {
  const { evidence: x } = connections;
  if (cause !== CAUSE_RTO || !wasSent || x.isOneWay || !x.isTimerDue) return;
  const silence = Math.round((x.sent - x.restarted) / US);
  if (!(silence > 0 && silence < 2 ** 31)) return;
  const at = connections.rareRow(row);
  const shortest = connections.rare.timeoutMinUs[at]!;
  if (shortest === 0 || silence < shortest) connections.rare.timeoutMinUs[at] = silence;
}
