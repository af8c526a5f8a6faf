/** Fields of one side: what it lost and sent again, how that was repaired, and what limited it. */

import type {
  BlackHoleRecord,
  LimitsRecord,
  LostRecord,
  RecoveryRecord,
  RepeatedBytesRecord,
  StallRecord,
} from "../transfer-record.js";
import type { Row } from "./field.js";

export const repeatedBytes: readonly Row<RepeatedBytesRecord>[] = [
  [
    "fastBytes",
    "fast bytes",
    "bytes",
    "Payload bytes sent again as acknowledgments called for them (RFC 6675 §5).",
  ],
  [
    "timeoutBytes",
    "timeout bytes",
    "bytes",
    "Payload bytes sent again when the timer had run out (RFC 6298 §5).",
  ],
  [
    "timeoutRepeatBytes",
    "after timeout bytes",
    "bytes",
    "Payload bytes sent again after a timeout, as acknowledgments came in.",
  ],
  [
    "tailLossProbeBytes",
    "probe bytes",
    "bytes",
    "Payload bytes sent again as probes of the tail (RFC 8985 §7).",
  ],
  ["pathMtuBytes", "too big bytes", "bytes", "Payload bytes sent again in smaller packets (RFC 8899 §4)."],
  ["fastOpenBytes", "not taken bytes", "bytes", "Payload bytes of the SYN sent again (RFC 7413 §4.2)."],
  ["unexplainedBytes", "unexplained bytes", "bytes", "Payload bytes sent again whose cause cannot be told."],
];

export const lost: readonly Row<LostRecord>[] = [
  [
    "beforeCapture",
    "lost before",
    "count",
    "Segments that were lost before the capture point: a hole told of them, or a missing packet number, and a repeat filled it.",
  ],
  ["beforeCaptureBytes", "bytes before", "bytes", "Payload bytes of those."],
  [
    "afterCapture",
    "lost after",
    "count",
    "Segments that were lost after the capture point: they were captured, sent again, and no sign came that this was needless.",
  ],
  ["afterCaptureBytes", "bytes after", "bytes", "Payload bytes of those."],
];

export const recovery: readonly Row<RecoveryRecord>[] = [
  [
    "episodes",
    "recoveries",
    "count",
    "Times that this side repaired losses: from the first repeat until all was acknowledged that was on the way then (RFC 6675 §2).",
  ],
  ["totalMs", "recovering", "ms", "How long that took in all."],
  ["longestMs", "longest recovery", "ms", "The longest of those times."],
  ["fromFrame", "from", "count", "Frame of the first repeat of the longest."],
  ["toFrame", "to", "count", "Frame of the acknowledgment that ended it; null where none did."],
  [
    "flightRatio",
    "flight ratio",
    "share",
    "Bytes on the way a round trip after fast recoveries, beside those when the loss was found: about 0.5 with Reno (RFC 5681 §3), 0.7 with CUBIC (RFC 9438 §4), 1 with BBR; null where none was measured.",
  ],
  ["flightsMeasured", "flights", "count", "Recoveries that this was measured of."],
];

export const stall: readonly Row<StallRecord>[] = [
  [
    "count",
    "stalls",
    "count",
    "Times that nothing was delivered until the timer of this side ran out, and for how long its repeat took (RFC 6298 §5).",
  ],
  ["totalMs", "stalled", "ms", "How long that took in all."],
  ["longestMs", "longest stall", "ms", "The longest of those times."],
  ["fromFrame", "from", "count", "Frame of the first repeat in the longest."],
  ["toFrame", "to", "count", "Frame of the acknowledgment that ended it; null where none did."],
];

export const blackHole: readonly Row<BlackHoleRecord>[] = [
  [
    "tooBigBytes",
    "too big",
    "bytes",
    "Payload of this side's segments that its timer sent again and again and that never arrived, where smaller ones did (RFC 2923 §2.1).",
  ],
  ["fittingBytes", "fitting", "bytes", "Payload of the smaller ones."],
];

export const limitedBy: readonly Row<LimitsRecord>[] = [
  [
    "application",
    "by application",
    "share",
    "Share of the transfer time in which this side's application gave it nothing more to send.",
  ],
  [
    "receiveWindow",
    "by window",
    "share",
    "Share of the transfer time in which the peer's window was full (RFC 9293 §3.8.6).",
  ],
  [
    "network",
    "by losses",
    "share",
    "Share of the transfer time in which losses were repaired (RFC 6675 §5).",
  ],
  [
    "congestionWindow",
    "by congestion",
    "share",
    "The rest of the transfer time: the congestion window (RFC 5681 §3), pacing or the send buffer held it.",
  ],
];
