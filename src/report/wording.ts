/**
 * Small phrases that sentences about a connection share: how often, which side, what a kind of reset means.
 */
import { formatCount, formatDuration } from "./quantities.js";
import type { EndpointRecord, ResetRecord, Side } from "./record.js";
import { RESET_KINDS } from "./verdicts.js";

export function meaningOf(kind: ResetRecord["kind"]): string {
  return RESET_KINDS.find(({ name }) => name === kind)?.meaning ?? kind;
}

export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** "" for once, " twice", " 3 times". */
export function times(count: number): string {
  return count === 1 ? "" : ` ${timesOf(count)}`;
}

/** "once", "twice", "3 times". */
export function timesOf(count: number): string {
  if (count === 1) return "once";
  return count === 2 ? "twice" : `${formatCount(count)} times`;
}

/** How the time between repeats grew (RFC 6298 §5.5). */
export function backoff({ unansweredBackoffs, unansweredGapMs }: EndpointRecord): string {
  if (unansweredBackoffs === 0 || unansweredGapMs === null) return "";
  return ` at intervals that doubled up to ${formatDuration(unansweredGapMs)}`;
}
