/**
 * How what is captured just now goes, second by second of the clock on the wall: what came, what was lost, and in which
 * states connections stand.
 */
import { STATE_NAMES, type StateName } from "../tcp/states.js";

/** Seconds that are remembered. */
export const TRAFFIC_SECONDS = 300;

/**
 * States in which connections are counted: those in TIME_WAIT leave the memory early, and are told with the hosts
 * (`CaptureSummary.states`).
 */
export const WATCHED_STATES: readonly StateName[] = STATE_NAMES.filter(
  (state) => state !== "CLOSED" && state !== "LISTEN" && state !== "TIME_WAIT",
);

/** Every list has a value for each of the last seconds, the oldest first, and is as long as the others. */
export interface Traffic {
  /** What came in each second: packets, their bytes on the wire, and connections whose first packet it was. */
  readonly packets: readonly number[];
  readonly wireBytes: readonly number[];
  readonly connections: readonly number[];
  /** Packets that came in that second and for which the capturing system had no room. */
  readonly droppedPackets: readonly number[];
  /**
   * How many open connections stood in a state at the end of the second: on either side, so that a connection may stand
   * in two. States in which none ever stood are left out.
   */
  readonly states: Readonly<Partial<Record<StateName, readonly number[]>>>;
  /** Open connections that are in memory now. */
  readonly open: number;
}
