/** What is told over the time of a capture, in equal steps. */
import type { HandshakeTime } from "./summary.js";

/** One time of the handshakes that began in each step, in milliseconds; null where a step has none. */
export interface DistributionSeries {
  readonly counts: readonly number[];
  readonly minMs: readonly (number | null)[];
  readonly p50Ms: readonly (number | null)[];
  readonly p90Ms: readonly (number | null)[];
  readonly p95Ms: readonly (number | null)[];
  readonly p99Ms: readonly (number | null)[];
  readonly maxMs: readonly (number | null)[];
  /** Classes of an octave each: `histogram[step][i]` handshakes took edgesMs[i] ≤ t < edgesMs[i + 1]. */
  readonly edgesMs: readonly number[];
  readonly histogram: readonly (readonly number[])[];
}

/** Why something was sent again, in a word: in handshakes nobody asks, for a timer is the only reason. */
export const REPEAT_REASONS = ["handshake", "fast", "timeout", "tailLossProbe", "other"] as const;
export type RepeatReason = (typeof REPEAT_REASONS)[number];

/** Series over time with equal steps; the step doubles as the capture grows. */
export interface Timeline {
  readonly stepMs: number;
  readonly connections: readonly number[];
  readonly retransmissions: readonly number[];
  /** Those by reason, as it was told when they passed: what is found out of one later changes its connection alone. */
  readonly retransmissionsByReason: Readonly<Record<RepeatReason, readonly number[]>>;
  readonly resets: readonly number[];
  /** Connections whose handshake had to repeat something. */
  readonly slowHandshakes: readonly number[];
  /** By the step in which a handshake's first packet came. */
  readonly handshake: Readonly<Record<HandshakeTime, DistributionSeries>>;
}
