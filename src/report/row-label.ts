/** A ladder row's label in words: what the segment is and, of one sent again, why. */
import type { CauseName } from "./labels.js";
import type { LadderRow } from "./view.js";

const CAUSE_WORDS: Readonly<Record<CauseName, string>> = {
  "": "retransmission",
  fast: "fast retransmission",
  rto: "retransmission after timeout",
  "rto-recovery": "retransmission after timeout",
  "tail-loss-probe": "tail-loss probe",
  "path-mtu": "retransmission for the path MTU",
  "fast-open": "retransmission of Fast Open data",
  unknown: "retransmission",
};

/** "" for ordinary data and acknowledgments, which need no word. */
export function labelWords({ label, cause, isSpurious }: LadderRow): string {
  if (label === "new" || label === "") return "";
  if (label !== "retransmission") return label;
  return isSpurious ? `needless ${CAUSE_WORDS[cause]}` : CAUSE_WORDS[cause];
}
