/**
 * What is said of how one side's data was transferred: what was lost and repaired, what stood still, what limited it.
 *
 * Parts of an `EndpointRecord` (record.ts); unknown is `null`.
 */

import type { Frame } from "./frame.js";

/** Payload bytes that were sent again, by the cause of that (labels.ts). */
export interface RepeatedBytesRecord {
  readonly fastBytes: number;
  readonly timeoutBytes: number;
  readonly timeoutRepeatBytes: number;
  readonly tailLossProbeBytes: number;
  readonly pathMtuBytes: number;
  readonly fastOpenBytes: number;
  readonly unexplainedBytes: number;
}

/** Segments that were lost, as their repeats show: before the capture point, or after it. */
export interface LostRecord {
  readonly beforeCapture: number;
  readonly beforeCaptureBytes: number;
  readonly afterCapture: number;
  readonly afterCaptureBytes: number;
}

/** Repairs of losses; `fromFrame` and `toFrame`: the longest one's first repeat, and the acknowledgment that ended it. */
export interface RecoveryRecord {
  readonly episodes: number;
  readonly totalMs: number;
  readonly longestMs: number;
  readonly fromFrame: Frame | null;
  /** Null where it was under way at the end. */
  readonly toFrame: Frame | null;
  /** Bytes in flight a round trip after recovery, beside those when the loss was found, over all that were measured. */
  readonly flightRatio: number | null;
  readonly flightsMeasured: number;
}

/** Times in which nothing was delivered until a timer ran out; frames as above, from the first repeat. */
export interface StallRecord {
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  readonly fromFrame: Frame | null;
  readonly toFrame: Frame | null;
}

/** Payload of full segments that were repeated and never arrived, and of smaller ones that did. */
export interface BlackHoleRecord {
  readonly tooBigBytes: number;
  readonly fittingBytes: number;
}

/** What limited a sender, as shares of its transfer time between 0 and 1; together 1. Null for less than a round trip. */
export interface LimitsRecord {
  readonly application: number;
  readonly receiveWindow: number;
  /** Losses were repaired. */
  readonly network: number;
  /** None of the others: the congestion window, pacing, or the send buffer. */
  readonly congestionWindow: number;
}
