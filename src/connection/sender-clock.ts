/**
 * The sender's own clock: when a packet was sent, as its TSval tells (RFC 7323), and how long its sender took to answer.
 *
 * A packet that was held or queued on the way passes the capture point late; its TSval does not change. The clock's tick
 * is a millisecond unless it is shown to be another; its offset is the smallest seen in the last 20 to 40 seconds.
 */
import { after } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";
import { ECHOES, SENDER_HAS_CLOCK, SENDER_TICK_KNOWN, type Senders } from "./senders.js";

const MS = 1e6;
/** What clocks are seen to count: milliseconds first, then 4, 10, 100, 500 ms (BSD's slow timer) and microseconds. */
const TICKS_NS = [MS, 4 * MS, 10 * MS, 100 * MS, 500 * MS, 1e3];
/** A tick is measured over at least this, and must fit this closely. */
const TICK_SPAN_NS = 1e9;
const TICK_FIT = 0.05;
const OFFSET_WINDOW_NS = 20e9;
/** A TSval is taken at any time within its tick, and a little before the packet leaves. */
const LEAST_SLACK_NS = 1.5 * MS;
const SLACK_BEYOND_TICK_NS = 0.5 * MS;
/** A clock that has gone so slowly for as long as a tick is measured over does not count milliseconds. */
const SLOW_TICK_NS = 25 * MS;
/** A packet is taken for held up where it comes so much later than its clock says. */
const LEAST_DELAY_NS = 3 * MS;

/** When the segment would have passed the capture point had it not been held up on its way, in nanoseconds. */
export function sentAt(senders: Senders, sender: number, segment: Segment): number {
  const { marks, clockStart, clockStartAt, clockTickNs, clockOffset, clockNextOffset, clockRenewedAt } =
    senders.columns;
  const { timeNs } = segment;
  if (!(marks[sender]! & SENDER_HAS_CLOCK)) {
    marks[sender]! |= SENDER_HAS_CLOCK;
    clockStart[sender] = segment.tsVal;
    clockStartAt[sender] = timeNs;
    clockTickNs[sender] = MS;
    clockOffset[sender] = timeNs;
    clockNextOffset[sender] = Number.POSITIVE_INFINITY;
    clockRenewedAt[sender] = timeNs;
  }
  const ticks = (segment.tsVal - clockStart[sender]!) | 0;
  if (!(marks[sender]! & SENDER_TICK_KNOWN)) {
    findTick(senders, sender, timeNs, ticks);
    if (isSlow(senders, sender, timeNs, ticks)) return timeNs;
  }
  const offset = timeNs - ticks * clockTickNs[sender]!;
  if (offset < clockOffset[sender]!) clockOffset[sender] = offset;
  if (offset < clockNextOffset[sender]!) clockNextOffset[sender] = offset;
  if (timeNs - clockRenewedAt[sender]! > OFFSET_WINDOW_NS) {
    clockOffset[sender] = clockNextOffset[sender]!;
    clockNextOffset[sender] = Number.POSITIVE_INFINITY;
    clockRenewedAt[sender] = timeNs;
  }
  const slack = Math.max(LEAST_SLACK_NS, clockTickNs[sender]! + SLACK_BEYOND_TICK_NS);
  const sent = ticks * clockTickNs[sender]! + clockOffset[sender]! + slack;
  return timeNs - sent > LEAST_DELAY_NS ? sent : timeNs;
}

/** Whether the clock, of unknown tick, goes too slowly to be taken for one of milliseconds. */
function isSlow(senders: Senders, sender: number, timeNs: number, ticks: number): boolean {
  const { marks, clockStartAt } = senders.columns;
  if (marks[sender]! & SENDER_TICK_KNOWN) return false;
  const span = timeNs - clockStartAt[sender]!;
  return span > TICK_SPAN_NS && ticks * SLOW_TICK_NS < span;
}

function findTick(senders: Senders, sender: number, timeNs: number, ticks: number): void {
  const { marks, clockStartAt, clockTickNs, clockOffset, clockNextOffset, clockRenewedAt } = senders.columns;
  const span = timeNs - clockStartAt[sender]!;
  if (span <= TICK_SPAN_NS || ticks <= 9) return;
  for (const tick of TICKS_NS) {
    if (Math.abs(span / ticks / tick - 1) >= TICK_FIT) continue;
    marks[sender]! |= SENDER_TICK_KNOWN;
    if (tick === clockTickNs[sender]) return;
    clockTickNs[sender] = tick;
    clockOffset[sender] = timeNs - ticks * tick;
    clockNextOffset[sender] = Number.POSITIVE_INFINITY;
    clockRenewedAt[sender] = timeNs;
    return;
  }
}

/** A TSval of this sender passed: if it is newer than the last, the peer will echo it. */
export function noteEcho(senders: Senders, sender: number, tsVal: number, timeNs: number): void {
  const { columns, echoes } = senders;
  if (columns.echoesAt[sender] === 0) columns.echoesAt[sender] = echoes.take(ECHOES);
  const newest = columns.echoesAt[sender]! + ((columns.echoesCount[sender]! - 1) & (ECHOES - 1));
  if (columns.echoesCount[sender]! > 0 && !after(tsVal, echoes.ints[newest]!)) return;
  const entry = columns.echoesAt[sender]! + (columns.echoesCount[sender]!++ & (ECHOES - 1));
  echoes.ints[entry] = tsVal;
  echoes.wides[entry] = timeNs;
}

/** The first echo of one of the peer's TSvals: so long took its way from here to this sender and the answer's back. */
export function measureLoop(
  senders: Senders,
  sender: number,
  peer: number,
  segment: Segment,
  sent: number,
): void {
  const { loopNs, lastEcho, lastEchoAtMs, echoesAt, echoesCount } = senders.columns;
  if (!segment.hasTimestamps || segment.tsEcr === 0) return;
  if (segment.tsEcr === lastEcho[sender]) return;
  lastEcho[sender] = segment.tsEcr;
  lastEchoAtMs[sender] = sent / MS;
  if (echoesAt[peer] === 0) return;
  const { ints, wides } = senders.echoes;
  const count = Math.min(echoesCount[peer]!, ECHOES);
  for (let entry = echoesAt[peer]!; entry < echoesAt[peer]! + count; entry++) {
    if (ints[entry] !== segment.tsEcr) continue;
    const loop = sent - wides[entry]!;
    if (loop >= 0 && loop < loopNs[sender]!) loopNs[sender] = loop;
    return;
  }
}
