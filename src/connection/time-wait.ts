/**
 * Whether a TIME_WAIT yields to a SYN, and what proves that it did (RFC 6191 §2, RFC 9293 §3.6.1).
 *
 * The same for a connection in memory and for one of which a tomb is left: sequence numbers and timestamps in, verdicts
 * out. Nothing is looked up here.
 */
import { after } from "../tcp/sequence.js";
import type { Segment } from "../wire/segment.js";

/** How a tuple came to be used again: 1 + index into REUSES (report/verdicts.ts); 0 where nobody was in TIME_WAIT. */
export const SERVER_REOPEN = 1;
export const TW_REUSE = 2;
export const AFTER_TIME_WAIT = 3;

/**
 * So far above the old SND.NXT Linux sets the ISN of the side that takes up its TIME_WAIT: the client's that reuses its
 * own port, the server's that accepts a SYN. Every other ISN is a keyed hash (RFC 9293 §3.4.1).
 */
const STEP = 65_537;

/** The ISN that a Linux host chooses when it takes up a TIME_WAIT whose SND.NXT was `next`. */
export function reopeningIsn(next: number): number {
  return (next + STEP) | 0;
}

/**
 * RFC 6191 §2: a SYN is taken where its TSval is newer than the last of its sender's, or, without timestamps or with the
 * same TSval, where its ISN lies above the last sequence number: `next` is one above that. `tsVal` of the earlier
 * connection is null where that side sent none.
 */
function isAcceptable(isn: number, synTsVal: number | null, next: number, tsVal: number | null): boolean {
  if (synTsVal !== null && tsVal !== null && synTsVal !== tsVal) return after(synTsVal, tsVal);
  return after(isn, (next - 1) | 0);
}

/** How an earlier connection gave way to the new one. */
export interface Succession {
  /** SERVER_REOPEN, TW_REUSE or 0. */
  kind: number;
  /** The new ISN proves the kind. */
  isProven: boolean;
  /** A TIME_WAIT must not yield to the SYN. */
  isRefused: boolean;
  /** SND.NXT of the side that is the server now. */
  serverNext: number;
}

/**
 * How an earlier connection gives way to `segment`: a SYN, or (`isAnswered`) the SYN-ACK to one that was not captured.
 * `waiting`: who is in TIME_WAIT, as a kind; SND.NXT of the one who opens now and of its peer; the opener's last TSval.
 */
export function succession(
  segment: Segment,
  isAnswered: boolean,
  waiting: number,
  next: number,
  serverNext: number,
  tsVal: number | null,
): Succession {
  const isProven = segment.sequence === reopeningIsn(isAnswered ? serverNext : next);
  const kind = !isProven ? waiting : isAnswered ? SERVER_REOPEN : TW_REUSE;
  const synTsVal = segment.hasTimestamps ? segment.tsVal : null;
  const isRefused =
    waiting === SERVER_REOPEN && !isAnswered && !isAcceptable(segment.sequence, synTsVal, next, tsVal);
  return { kind, isProven, isRefused, serverNext };
}
