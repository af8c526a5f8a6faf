/** Where a retransmission is counted by its cause (CAUSES), and its payload bytes. Unknown causes are the rest. */
import {
  CAUSE_FAST,
  CAUSE_FAST_OPEN,
  CAUSE_NONE,
  CAUSE_PATH_MTU,
  CAUSE_RTO,
  CAUSE_RTO_RECOVERY,
  CAUSE_TAIL_LOSS_PROBE,
  CAUSES,
} from "../report/labels.js";
import { REPEAT_REASONS, type RepeatReason } from "../report/timeline.js";
import type { RareColumns } from "./rare-columns.js";

const COUNTS_OF_CAUSES = {
  [CAUSE_FAST]: ["fastRetransmissions", "fastBytes"],
  [CAUSE_RTO]: ["timeouts", "timeoutBytes"],
  [CAUSE_RTO_RECOVERY]: ["timeoutRepeats", "timeoutRepeatBytes"],
  [CAUSE_TAIL_LOSS_PROBE]: ["tailLossProbes", "tailLossProbeBytes"],
  [CAUSE_PATH_MTU]: ["pathMtuRepeats", "pathMtuBytes"],
  [CAUSE_FAST_OPEN]: ["fastOpenRepeats", "fastOpenBytes"],
} as const satisfies Readonly<Record<number, readonly [count: keyof RareColumns, bytes: keyof RareColumns]>>;

const REASONS: Readonly<Record<number, RepeatReason>> = {
  [CAUSE_NONE]: "handshake",
  [CAUSE_FAST]: "fast",
  [CAUSE_RTO]: "timeout",
  [CAUSE_RTO_RECOVERY]: "timeout",
  [CAUSE_TAIL_LOSS_PROBE]: "tailLossProbe",
};
const REASON_OF_CAUSE = CAUSES.map((_, cause) => REPEAT_REASONS.indexOf(REASONS[cause] ?? "other"));

/** Why something was sent again in the words of the timeline: an index into `REPEAT_REASONS`. */
export function reasonOf(cause: number): number {
  return REASON_OF_CAUSE[cause]!;
}

/** Counts a retransmission of `bytes` of payload under its cause (CAUSES). */
export function countCause(rare: RareColumns, at: number, cause: number, bytes: number): void {
  const columns = COUNTS_OF_CAUSES[cause as keyof typeof COUNTS_OF_CAUSES];
  if (columns === undefined) return;
  rare[columns[0]][at]!++;
  rare[columns[1]][at]! += bytes;
}
