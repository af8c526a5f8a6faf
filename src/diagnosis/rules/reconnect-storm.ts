/** Attempts to connect that fail, and follow each other as fast as before. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

/** Failures in a row of one client, at least. */
const LEAST_IN_A_ROW = 5;
/** A slower pace does no harm, and is that of monitors. */
const LONGEST_PACE_MS = 5000;
/**
 * Where the mean of the times of the attempts lies between the first and the last: half-way at a fixed pace, later where
 * they come faster and faster; at 0.40 or below for five and more whose waits grow by half each time.
 */
const LEAST_MEAN_PLACE = 0.45;

export const reconnectStorm: Rule = {
  id: "reconnect-storm",
  title: "Clients that reconnect without backing off",
  severity: "warning",
  actor: "client",
  confidence: "likely",
  isExplainedByScan: true,
  what: "One attempt to connect after the other fails, and the client tries again at the same pace, or faster.",
  why: "It helps nobody while the server is down, fills its listen queue when it comes back, and with many clients keeps it down.",
  advice:
    "let the client wait longer after each failure (twice as long, up to a minute), each time with a random part so that clients do not come at once",
  mistakenFor: "a monitor that asks every few seconds; a port scan, which tries each door once",
  look(record) {
    const { outcome, startMs, durationMs } = record;
    if (outcome !== "refused" && outcome !== "unanswered" && outcome !== "unreachable") return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record)],
      sums: { startMs, durationMs },
      ranges: { startMs, durationMs },
    };
  },
  tell(group, { servers }) {
    const server = servers.find(({ name }) => name === group.where);
    const completed = server?.completed ?? 0;
    const each = group.connections / Math.max(1, group.clients);
    // Among so many failures and so few successes there are that many failures in a row.
    if (each < LEAST_IN_A_ROW * (completed + 1)) return null;
    if (!isOneAfterAnother(group)) return null;
    const paceMs = spanMs(group) / (each - 1);
    if (!(paceMs > 0) || paceMs > LONGEST_PACE_MS || meanPlace(group) < LEAST_MEAN_PLACE) return null;
    const who = group.onlyClient ?? `${formatNumberOf(group.clients, "client")} each`;
    return {
      sentence: `${who} tried ${group.where} again about every ${formatDuration(paceMs)}, without waiting longer after a failure: ${formatNumberOf(group.connections, "attempt")} in vain`,
    };
  },
};

function spanMs(group: Group): number {
  return group.most("startMs") - group.least("startMs");
}

/** Attempts of one client that overlap were begun before any of them had failed. */
function isOneAfterAnother(group: Group): boolean {
  return group.sum("durationMs") <= group.clients * (spanMs(group) + group.most("durationMs"));
}

function meanPlace(group: Group): number {
  return (group.sum("startMs") / group.connections - group.least("startMs")) / spanMs(group);
}
