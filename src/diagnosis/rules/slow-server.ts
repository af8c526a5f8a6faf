/** Responses that take long where the path does not. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { TimesRecord } from "../../report/record.js";
import { serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

const SLOW_MS = 1000;
/** A response that takes this many round trips is not slow for the way. */
const LEAST_ROUND_TRIPS = 5;
/** So many slow answers within 2 % of each other were waited for by a clock, not by work. */
const LEAST_ALIKE = 3;
const ALIKE = 0.02;
/** Percentiles come in classes, nine per cent wide. */
const SAME_CLASS = 0.1;
/** One slow answer among so many, the others taking less than a tenth of it, may be no answer: a server speaks by itself too. */
const LEAST_OTHERS = 4;
const OTHERS_SHARE = 0.1;

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
  mistakenFor:
    "a long poll, which is meant to wait, mostly as long each time; what a server says by itself, like a heartbeat; an answer that was lost and sent again",
  look(record) {
    const { responseTime, pathRoundTripMs } = record;
    if (responseTime === null || responseTime.maxMs < SLOW_MS) return null;
    if (responseTime.p95Ms < SLOW_MS || pathRoundTripMs === null) return null;
    if (responseTime.maxMs < LEAST_ROUND_TRIPS * pathRoundTripMs || record.retransmissions > 0) return null;
    // What a closed window held back was not the server's to send.
    if (record.client.zeroWindows > 0) return null;
    return {
      where: serverOf(record),
      frames: [record.slowAnswerFrame],
      lostMs: responseTime.maxMs,
      sums: { alike: areAlike(responseTime) ? 1 : 0, lone: isLone(responseTime) ? 1 : 0 },
      ranges: { slowestMs: responseTime.maxMs, roundTripMs: pathRoundTripMs },
    };
  },
  tell(group) {
    const slowest = formatDuration(group.most("slowestMs"));
    const on = `on ${formatNumberOf(group.connections, "connection")}`;
    if (isByClock(group))
      return {
        severity: "note",
        confidence: "possible",
        sentence: `${group.where} answered after about the same ${slowest} each time ${on}: a wait that is meant (a long poll, a blocking read, a heartbeat), or a time limit of something that it calls`,
      };
    const isLoneOnly = group.sum("lone") === group.connections;
    const once = isLoneOnly ? `, once ${group.connections > 1 ? "each " : ""}among faster answers` : "";
    return {
      ...(isLoneOnly && { severity: "note" as const, confidence: "possible" as const }),
      sentence: `${group.where} took up to ${slowest} to answer ${on}${once}, over a path of ${formatDuration(group.least("roundTripMs"))}`,
    };
  },
};

/** Half of them and more are as long as the longest, as far as their classes tell. */
function areAlike({ count, p50Ms, maxMs }: TimesRecord): boolean {
  return count >= LEAST_ALIKE && p50Ms >= (1 - SAME_CLASS) * maxMs;
}

/** Whether the slowest stands alone. */
function isLone({ count, meanMs, maxMs }: TimesRecord): boolean {
  const others = count - 1;
  return others >= LEAST_OTHERS && count * meanMs - maxMs < OTHERS_SHARE * maxMs * others;
}

/** Whether all slow answers took the same time. */
function isByClock(group: Group): boolean {
  if (group.least("slowestMs") < (1 - ALIKE) * group.most("slowestMs")) return false;
  return group.connections >= LEAST_ALIKE || group.sum("alike") === group.connections;
}
