/** Connections that carry nothing: somebody looks whether the port is open. */

import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { firstFrame, pathOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

const LEAST = 3;
const LONGEST_MS = 5000;
/** Nobody checks more often than ten times a second. */
const LEAST_EVERY_MS = 100;
/** A check comes about as long after the one before as usual: within a quarter, four times in five. */
const ALIKE = 0.25;
const LEAST_SHARE = 0.8;

/** Opened, and ended by its client soon after, with a FIN or a reset, without a byte from either side. */
export function isLikeHealthCheck({ outcome, bytes, closedFirst, durationMs }: ConnectionRecord): boolean {
  const hasOpened = outcome === "completed" || outcome === "aborted";
  return hasOpened && bytes === 0 && closedFirst === "client" && durationMs <= LONGEST_MS;
}

/** Whether the group's connections, all of which are like health checks, come as evenly as those do. */
export function isPeriodic({ connections, startsMs }: Group): boolean {
  if (connections < LEAST) return false;
  const gaps = startsMs.slice(1).map((startMs, i) => startMs - startsMs[i]!);
  const median = [...gaps].sort((a, b) => a - b)[gaps.length >> 1]!;
  if (median < LEAST_EVERY_MS) return false;
  const even = gaps.filter((gap) => Math.abs(gap - median) <= ALIKE * median);
  return even.length >= LEAST_SHARE * gaps.length;
}

export const healthCheck: Rule = {
  id: "health-check",
  title: "Health checks",
  severity: "note",
  actor: "client",
  confidence: "likely",
  what: "One client connects to one port at even intervals and closes or resets at once, without a byte from either side.",
  why: "It is what load balancers and monitors do; their resets and short connections are no fault, and stand in no finding on how connections end.",
  advice:
    "nothing is wrong; a check that asks the application something finds more than one that only connects",
  mistakenFor: "a client whose connections fail; a browser's connections in reserve, which come unevenly",
  look(record) {
    if (!isLikeHealthCheck(record)) return null;
    return { where: pathOf(record), frames: [firstFrame(record)], ranges: { startMs: record.startMs } };
  },
  tell(group) {
    if (!isPeriodic(group)) return null;
    const everyMs = (group.most("startMs") - group.least("startMs")) / (group.connections - 1);
    return {
      sentence: `${group.where}: ${formatNumberOf(group.connections, "connection")} without a byte, about every ${formatDuration(everyMs)}`,
    };
  },
};
