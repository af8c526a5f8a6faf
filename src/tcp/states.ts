/**
 * The eleven states of a TCP endpoint (RFC 9293 §3.3.2), as small integers for the columns and as names for people.
 *
 * What the observer doubts (joined late, one direction only) is never a state of its own.
 */

export const CLOSED = 0;
export const LISTEN = 1;
export const SYN_SENT = 2;
export const SYN_RECEIVED = 3;
export const ESTABLISHED = 4;
export const FIN_WAIT_1 = 5;
export const FIN_WAIT_2 = 6;
export const CLOSE_WAIT = 7;
export const CLOSING = 8;
export const LAST_ACK = 9;
export const TIME_WAIT = 10;

/** State names in the order of their numbers. */
export const STATE_NAMES = [
  "CLOSED",
  "LISTEN",
  "SYN_SENT",
  "SYN_RECEIVED",
  "ESTABLISHED",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "CLOSE_WAIT",
  "CLOSING",
  "LAST_ACK",
  "TIME_WAIT",
] as const;

export type StateName = (typeof STATE_NAMES)[number];

/** Whether an endpoint in this state is done: nothing it does later changes how the connection went. */
export function isFinished(state: number): boolean {
  return state === CLOSED || state === TIME_WAIT || state === LISTEN;
}
