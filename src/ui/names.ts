/**
 * Short forms of states and closes, for tables that are too narrow for the whole words.
 *
 * States are written as the tools of the operating systems write them; nothing here is used where the RFC's names fit.
 */
import type { Close } from "../report/verdicts.js";
import type { StateName } from "../tcp/states.js";

const SHORT_STATES: Readonly<Partial<Record<StateName, string>>> = {
  ESTABLISHED: "ESTAB",
  SYN_RECEIVED: "SYN_RECV",
  FIN_WAIT_1: "FIN_WAIT1",
  FIN_WAIT_2: "FIN_WAIT2",
};

const SHORT_CLOSES: Readonly<Partial<Record<Close, string>>> = {
  "graceful-unfinished": "unfinished",
  "never-established": "never open",
};

/** Most characters of a state name, whole and short. */
export const STATE_WIDTH = 12;
export const SHORT_STATE_WIDTH = 10;

export function shortState(state: StateName): string {
  return SHORT_STATES[state] ?? state;
}

export function shortClose(close: Close): string {
  return SHORT_CLOSES[close] ?? close;
}
