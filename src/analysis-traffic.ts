/**
 * Watches a capture second by second: the rates of what comes, and how many connections stand in which state.
 *
 * Counts are taken as often as somebody calls, and told for whole seconds; of seconds in which nobody called each gets an
 * equal part. Nothing is done for a packet.
 */
import { STRIDE } from "./connection/columns.js";
import type { Connections } from "./connection/connections.js";
import { TRAFFIC_SECONDS, type Traffic, WATCHED_STATES } from "./report/traffic.js";
import { STATE_NAMES, type StateName } from "./tcp/states.js";

const SECOND_MS = 1000;
/** Looking at all open connections takes at most one part in so many of the time. */
const PART_OF_TIME = 30;

/** What was counted since the beginning. */
export interface TrafficCounts {
  readonly packets: number;
  readonly wireBytes: number;
  readonly connections: number;
  readonly droppedPackets: number;
}

const COUNTED = ["packets", "wireBytes", "connections", "droppedPackets"] as const;

export class TrafficWatch {
  readonly #connections: Connections;
  readonly #series = new Map<(typeof COUNTED)[number], number[]>(COUNTED.map((name) => [name, []]));
  /** By state; null for one in which no connection ever stood. */
  readonly #states: (number[] | null)[] = STATE_NAMES.map(() => null);
  readonly #now = new Float64Array(STATE_NAMES.length);
  #seconds = 0;
  #fromMs: number;
  #before: TrafficCounts = { packets: 0, wireBytes: 0, connections: 0, droppedPackets: 0 };
  #statesDueMs = 0;

  constructor(connections: Connections, nowMs = performance.now()) {
    this.#connections = connections;
    this.#fromMs = nowMs;
  }

  /** Takes what has been counted until now. */
  tick(counts: TrafficCounts, nowMs = performance.now()): void {
    const seconds = Math.floor((nowMs - this.#fromMs) / SECOND_MS);
    if (seconds < 1) return;
    this.#countStates(nowMs);
    const passed = (nowMs - this.#fromMs) / SECOND_MS;
    for (const name of COUNTED) {
      const perSecond = (counts[name] - this.#before[name]) / passed;
      this.#push(this.#series.get(name)!, perSecond, seconds);
    }
    for (const name of WATCHED_STATES) {
      const state = STATE_NAMES.indexOf(name);
      const count = this.#now[state]!;
      if (count > 0) this.#states[state] ??= new Array<number>(this.#seconds).fill(0);
      const series = this.#states[state];
      if (series) this.#push(series, count, seconds);
    }
    this.#seconds = Math.min(TRAFFIC_SECONDS, this.#seconds + seconds);
    this.#before = counts;
    this.#fromMs = nowMs;
  }

  traffic(): Traffic {
    const of = (name: (typeof COUNTED)[number]) => [...this.#series.get(name)!];
    const states: Partial<Record<StateName, readonly number[]>> = {};
    this.#states.forEach((series, state) => {
      if (series) states[STATE_NAMES[state]!] = [...series];
    });
    return {
      packets: of("packets"),
      wireBytes: of("wireBytes"),
      connections: of("connections"),
      droppedPackets: of("droppedPackets"),
      states,
      open: this.#connections.alive,
    };
  }

  #push(series: number[], value: number, seconds: number): void {
    for (let i = Math.min(seconds, TRAFFIC_SECONDS); i > 0; i--) series.push(value);
    if (series.length > TRAFFIC_SECONDS) series.splice(0, series.length - TRAFFIC_SECONDS);
  }

  #countStates(nowMs: number): void {
    if (nowMs < this.#statesDueMs) return;
    const startedAt = performance.now();
    const { state } = this.#connections.endpoints;
    const now = this.#now.fill(0);
    this.#connections.forEach((connection) => {
      const [one, other] = [state[connection]!, state[connection + STRIDE]!];
      now[one]!++;
      if (other !== one) now[other]!++;
    });
    this.#statesDueMs = nowMs + PART_OF_TIME * (performance.now() - startedAt);
  }
}
