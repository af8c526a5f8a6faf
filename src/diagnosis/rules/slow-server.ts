/** Responses that take long where the path does not. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatLongest, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const SLOW_MS = 1000;
/** A response that takes this many round trips is not slow for the way. */
const LEAST_ROUND_TRIPS = 5;

export const slowServer: Rule = {
  id: "slow-server",
  title: "Slow answers",
  severity: "warning",
  actor: "server",
  confidence: "likely",
  what: "From the last byte of a request to the first byte of its answer a second or more went by, with a round trip far below that and nothing lost meanwhile.",
  why: "The user waits for the application, or for what stands behind it: no change to the network will help.",
  advice:
    "look at the application's own log for these requests: a database, a lock, a cold cache, another service that it calls; the packets named here give the times",
  mistakenFor: "a long poll, which is meant to wait; an answer that was lost and sent again",
  look(record) {
    const { responseTime, pathRoundTripMs } = record;
    if (responseTime === null || responseTime.maxMs < SLOW_MS) return null;
    if (responseTime.p95Ms < SLOW_MS || pathRoundTripMs === null) return null;
    if (responseTime.maxMs < LEAST_ROUND_TRIPS * pathRoundTripMs || record.retransmissions > 0) return null;
    // What a closed window held back was not the server's to send.
    if (record.client.zeroWindows > 0) return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record)],
      lostMs: responseTime.maxMs,
      sums: { responses: responseTime.count },
      ranges: { slowestMs: responseTime.maxMs, roundTripMs: pathRoundTripMs },
    };
  },
  tell(group) {
    return {
      sentence: `${group.where} took ${formatLongest(group, "slowestMs")} to answer on ${formatNumberOf(group.connections, "connection")}, over a round trip of ${formatDuration(group.least("roundTripMs"))}`,
    };
  },
};
