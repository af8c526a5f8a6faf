/** Whether wrong checksums are damage on the way, or the work of whoever made the capture. */
import type { ChecksumSummary } from "./summary.js";

/** A path that damages more of its segments than this carries no connection. */
const MOST_DAMAGED = 1 / 8;

/** Few enough for damage, beside those that fit and those that were never computed. */
export function isDamage({
  right,
  uncomputed,
  wrong,
}: Pick<ChecksumSummary, "right" | "uncomputed" | "wrong">): boolean {
  return wrong <= MOST_DAMAGED * (right + uncomputed);
}
