/**
 * THE transition table: what each event does to an endpoint in each state (RFC 9293 §3.10, figures 5 to 13).
 *
 * One segment is a `sent…` event for its sender and a `received…` event for its peer, once its receipt is proven or
 * assumed (docs/decisions/0001-when-an-event-counts-as-received.md); FIN with ACK is two events, ACK first. A pair
 * that is not listed keeps the state and counts as unexpected; repeats are listed so that they do not. `joined` and
 * the `retracted…` events are the observer's own: they say that the capture knows better now.
 */
import { ESTABLISHED, LAST_ACK, STATE_NAMES, type StateName, TIME_WAIT } from "./states.js";

/** Every event of the table, in the order of its number. */
export const EVENT_NAMES = [
  "passiveOpen",
  "sentSyn",
  "sentNewSyn",
  "sentFin",
  "sentRst",
  "sentRstToBadAck",
  "receivedSyn",
  "receivedNewSyn",
  "receivedSynAck",
  "receivedAckOfSyn",
  "receivedAckOfFin",
  "receivedFin",
  "receivedRst",
  "receivedRstBackToListen",
  "timeWaitExpired",
  "reopened",
  "joined",
  "retractedAckOfSyn",
  "retractedFin",
  "retractedAckOfFin",
  "retractedRst",
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** Event numbers by name: `EVENT.sentFin`. */
export const EVENT = Object.fromEntries(EVENT_NAMES.map((name, number) => [name, number])) as {
  readonly [name in EventName]: number;
};

/** Target of `retractedRst`: the state before the reset, which only the connection remembers. */
export const STATE_BEFORE_RESET = 11;

type Target = StateName | "state before the reset";
type Row = readonly [from: StateName, event: EventName, to: Target, source: string, reason: string];

// biome-ignore format: a row a line, to be read as a table
const handshake: readonly Row[] = [
  ["CLOSED", "sentSyn", "SYN_SENT", "RFC 9293 §3.10.1", "active open"],
  ["CLOSED", "passiveOpen", "LISTEN", "RFC 9293 §3.10.1", "its SYN-ACK shows that it listened"],
  ["CLOSED", "sentRst", "CLOSED", "RFC 9293 §3.10.7.1", "no such connection: a reset answers"],
  ["CLOSED", "receivedRst", "CLOSED", "RFC 9293 §3.10.7.1", "a reset is dropped"],
  ["CLOSED", "receivedFin", "CLOSED", "RFC 9293 §3.10.7.1", "nothing to close"],
  ["CLOSED", "joined", "ESTABLISHED", "RFC 9293 §3.3.2", "the capture began later than the connection"],
  ["LISTEN", "receivedSyn", "SYN_RECEIVED", "RFC 9293 §3.10.7.2", "third: a SYN is answered by SYN-ACK"],
  ["LISTEN", "sentSyn", "SYN_SENT", "RFC 9293 §3.10.2", "a listener that sends becomes active"],
  ["LISTEN", "receivedRst", "LISTEN", "RFC 9293 §3.10.7.2", "first: a reset is ignored"],
  ["LISTEN", "receivedFin", "LISTEN", "RFC 9293 §3.10.7.2", "a FIN without a connection is dropped"],
  ["LISTEN", "sentRstToBadAck", "LISTEN", "RFC 9293 §3.10.7.2", "second: an ACK out of nowhere is reset"],
  ["SYN_SENT", "receivedSynAck", "ESTABLISHED", "RFC 9293 §3.10.7.3", "fourth: our SYN is acknowledged"],
  ["SYN_SENT", "receivedSyn", "SYN_RECEIVED", "RFC 9293 §3.10.7.3", "fourth: simultaneous open"],
  ["SYN_SENT", "sentSyn", "SYN_SENT", "RFC 9293 §3.10.8", "the SYN is repeated"],
  ["SYN_SENT", "receivedRst", "CLOSED", "RFC 9293 §3.10.7.3", "second: refused"],
  ["SYN_SENT", "sentRstToBadAck", "SYN_SENT", "RFC 9293 §3.10.7.3", "first: a stale answer; the attempt goes on"],
  ["SYN_SENT", "sentRst", "CLOSED", "RFC 9293 §3.10.7.1", "a good SYN-ACK met nobody: the opener is gone"],
  ["SYN_SENT", "receivedFin", "SYN_SENT", "RFC 9293 §3.10.7.3", "a FIN is dropped before the connection stands"],
  ["SYN_SENT", "sentNewSyn", "CLOSED", "RFC 9293 §3.5.1", "figure 9: its sender began anew"],
  ["SYN_RECEIVED", "receivedAckOfSyn", "ESTABLISHED", "RFC 9293 §3.10.7.4", "fifth: our SYN is acknowledged"],
  ["SYN_RECEIVED", "sentFin", "FIN_WAIT_1", "RFC 9293 §3.10.4", "close before the last ACK of the handshake"],
  ["SYN_RECEIVED", "receivedFin", "CLOSE_WAIT", "RFC 9293 §3.10.7.4", "eighth: the peer closes"],
  ["SYN_RECEIVED", "receivedSyn", "SYN_RECEIVED", "RFC 9293 §3.10.7.4", "first: the SYN again"],
  ["SYN_RECEIVED", "receivedNewSyn", "LISTEN", "RFC 9293 §3.10.7.4", "fourth: a passive opener returns to LISTEN"],
  ["SYN_RECEIVED", "receivedRstBackToListen", "LISTEN", "RFC 9293 §3.10.7.4", "second: passive opener"],
  ["SYN_RECEIVED", "receivedRst", "CLOSED", "RFC 9293 §3.10.7.4", "second: active opener, refused"],
  ["SYN_RECEIVED", "sentRstToBadAck", "SYN_RECEIVED", "RFC 9293 §3.5.2", "a bad acknowledgment is reset"],
  ["SYN_RECEIVED", "sentRst", "CLOSED", "RFC 9293 §3.10.5", "abort"],
  ["SYN_RECEIVED", "sentNewSyn", "CLOSED", "RFC 9293 §3.5.1", "figure 9: its sender began anew"],
];

// biome-ignore format: a row a line, to be read as a table
const transferAndClose: readonly Row[] = [
  ["ESTABLISHED", "sentFin", "FIN_WAIT_1", "RFC 9293 §3.10.4", "this side closes"],
  ["ESTABLISHED", "receivedFin", "CLOSE_WAIT", "RFC 9293 §3.10.7.4", "eighth: the peer closes"],
  ["ESTABLISHED", "retractedAckOfSyn", "SYN_RECEIVED", "RFC 9293 §3.10.8", "it repeats its SYN-ACK: the ACK was lost"],
  ["FIN_WAIT_1", "receivedAckOfFin", "FIN_WAIT_2", "RFC 9293 §3.10.7.4", "fifth: our FIN is acknowledged"],
  ["FIN_WAIT_1", "receivedFin", "CLOSING", "RFC 9293 §3.10.7.4", "eighth: both closed at once"],
  ["FIN_WAIT_1", "sentFin", "FIN_WAIT_1", "RFC 9293 §3.10.8", "the FIN is repeated"],
  ["FIN_WAIT_2", "receivedFin", "TIME_WAIT", "RFC 9293 §3.10.7.4", "eighth: the peer closes too"],
  ["FIN_WAIT_2", "retractedAckOfFin", "FIN_WAIT_1", "RFC 9293 §3.10.8", "it repeats its FIN: the ACK was lost"],
  ["CLOSE_WAIT", "sentFin", "LAST_ACK", "RFC 9293 §3.10.4", "this side closes too"],
  ["CLOSE_WAIT", "receivedFin", "CLOSE_WAIT", "RFC 9293 §3.10.7.4", "eighth: the FIN again"],
  ["CLOSE_WAIT", "retractedFin", "ESTABLISHED", "RFC 9293 §3.4", "it acknowledges less: the FIN had not come"],
  ["CLOSING", "receivedAckOfFin", "TIME_WAIT", "RFC 9293 §3.10.7.4", "fifth: our FIN is acknowledged"],
  ["CLOSING", "sentFin", "CLOSING", "RFC 9293 §3.10.8", "the FIN is repeated"],
  ["CLOSING", "receivedFin", "CLOSING", "RFC 9293 §3.10.7.4", "eighth: the FIN again"],
  ["CLOSING", "retractedFin", "FIN_WAIT_1", "RFC 9293 §3.4", "it acknowledges less: the FIN had not come"],
  ["LAST_ACK", "receivedAckOfFin", "CLOSED", "RFC 9293 §3.10.7.4", "fifth: the last acknowledgment"],
  ["LAST_ACK", "sentFin", "LAST_ACK", "RFC 9293 §3.10.8", "the FIN is repeated"],
  ["LAST_ACK", "receivedFin", "LAST_ACK", "RFC 9293 §3.10.7.4", "eighth: the FIN again"],
  ["TIME_WAIT", "receivedFin", "TIME_WAIT", "RFC 9293 §3.10.7.4", "eighth: 2MSL begins again"],
  ["TIME_WAIT", "timeWaitExpired", "CLOSED", "RFC 9293 §3.10.8", "2MSL passed"],
  ["TIME_WAIT", "receivedRst", "CLOSED", "RFC 9293 §3.10.7.4", "second: see also RFC 1337"],
  ["TIME_WAIT", "receivedNewSyn", "TIME_WAIT", "RFC 6191 §2", "refused: the old ACK answers"],
  ["TIME_WAIT", "reopened", "CLOSED", "RFC 9293 §3.6.1", "taken up again: the new connection begins"],
  ["TIME_WAIT", "sentNewSyn", "CLOSED", "RFC 6191 §2", "its own port used again"],
  ["TIME_WAIT", "retractedAckOfFin", "CLOSING", "RFC 9293 §3.10.8", "it repeats its FIN: the ACK was lost"],
  ["CLOSED", "retractedAckOfFin", "LAST_ACK", "RFC 9293 §3.10.8", "it repeats its FIN: the last ACK was lost"],
  ["CLOSED", "retractedRst", "state before the reset", "RFC 5961 §3", "the reset's receiver goes on"],
];

const synchronized: readonly StateName[] = [
  "ESTABLISHED",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "CLOSE_WAIT",
  "CLOSING",
  "LAST_ACK",
];

/** Holds in every synchronized state alike. */
const inEverySynchronizedState: readonly Row[] = synchronized.flatMap((state): Row[] => [
  [state, "receivedRst", "CLOSED", "RFC 9293 §3.10.7.4", "second: reset by the peer"],
  // Deviates from the TIME-WAIT of RFC 9293 §3.5.2 because kernels drop the block at once.
  [state, "sentRst", "CLOSED", "RFC 9293 §3.10.5", "abort"],
  [state, "receivedSyn", state, "RFC 5961 §4", "fourth: answered by a challenge ACK"],
  [state, "receivedNewSyn", state, "RFC 5961 §4", "fourth: answered by a challenge ACK"],
  [state, "sentNewSyn", "CLOSED", "RFC 9293 §3.5.1", "figure 9: its sender has forgotten the connection"],
]);

/** Every row of the table: from, event, to, source, reason. `docs/state-machine.md` and the tests are made from it. */
export const TRANSITIONS: readonly Row[] = [...handshake, ...transferAndClose, ...inEverySynchronizedState];

/** Marks a pair that the table does not list. */
export const UNEXPECTED = 255;

const EVENTS = EVENT_NAMES.length;
const compiled = new Uint8Array(STATE_NAMES.length * EVENTS).fill(UNEXPECTED);
for (const [from, event, to] of TRANSITIONS) {
  const target = to === "state before the reset" ? STATE_BEFORE_RESET : STATE_NAMES.indexOf(to);
  compiled[STATE_NAMES.indexOf(from) * EVENTS + EVENT[event]] = target;
}

/** The state after `event` in `state`: a state number, `STATE_BEFORE_RESET`, or `UNEXPECTED` (the state stays). */
export function nextState(state: number, event: number): number {
  return compiled[state * EVENTS + event]!;
}

/** Whether an endpoint in this state has seen the handshake through and can carry data (RFC 9293 §3.3.2). */
export function isSynchronized(state: number): boolean {
  return (state >= ESTABLISHED && state <= LAST_ACK) || state === TIME_WAIT;
}
