/**
 * Which connections deserve a mark in the table: what failed, what cost time or was left open, what a rule found.
 */
import type { Severity } from "../report/finding.js";
import type { ConnectionRecord } from "../report/record.js";
import type { Close, Outcome } from "../report/verdicts.js";
import { type Span, span } from "./spans.js";
import type { Glyphs } from "./theme.js";

export type Mark = Severity | null;

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
  if (isLossy || outcome === "embryonic" || HANGING.has(close)) return "warning";
  return record.findings.length > 0 ? "note" : null;
}

/** The character that stands for a mark; a blank for none. */
export function markSpan(mark: Mark, glyphs: Glyphs): Span {
  if (mark === null) return span(" ");
  return mark === "note" ? span(glyphs.dot, "strong") : span(glyphs[mark], mark);
}
