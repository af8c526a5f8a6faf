/**
 * Which connections deserve a mark in the table: what failed, and what cost time or was left open.
 */
import type { ConnectionRecord } from "../report/record.js";
import type { Close, Outcome } from "../report/verdicts.js";

export type Mark = "problem" | "warning" | null;

const FAILED: ReadonlySet<Outcome> = new Set(["refused", "unanswered", "aborted", "unreachable"]);
const HANGING: ReadonlySet<Close> = new Set(["half-closed", "graceful-unfinished"]);

/** The mark of a connection, or null for an ordinary one. */
export function markOf(record: ConnectionRecord): Mark {
  const { outcome, close, reset } = record;
  if (outcome !== null && FAILED.has(outcome)) return "problem";
  if (close === "timed-out" || record.gaveUp !== null) return "problem";
  // A reset in place of TIME_WAIT takes nothing from either side.
  if (close === "reset" && reset?.kind !== "instead-of-time-wait") return "problem";
  const isLossy = record.retransmissions > 0 || record.losses.length > 0;
  return isLossy || outcome === "embryonic" || HANGING.has(close) ? "warning" : null;
}
