/** Fields of a connection: how it ended, what a reset says, who gave up. */

import type { ConnectionRecord, GaveUpRecord, ResetRecord } from "../record.js";
import type { Row } from "./field.js";

export const close: readonly Row<ConnectionRecord>[] = [
  ["close", "close", "text", "How the connection stood when it was last seen (RFC 9293 §3.6).", 19],
  [
    "closedFirst",
    "closed by",
    "text",
    "The side that sent the first FIN, or, without one, the reset; both where the FINs crossed.",
    9,
  ],
];

export const reset: readonly Row<ResetRecord>[] = [
  ["kind", "reset", "text", "What the reset says about its sender (RFC 9293 §3.5.2, RFC 9293 §3.10.7).", 20],
  ["by", "reset by", "text", "The side that sent the reset.", 8],
  ["atMs", "reset at", "ms", "Time of the reset since the connection's first packet."],
  ["frame", "RST frame", "count", "Frame of the reset, as file:frame where several files were read."],
  [
    "provokedByFrame",
    "answers",
    "count",
    "Frame of the segment that the reset answers, as far as that can be told; named like the reset's.",
  ],
  [
    "anatomy",
    "anatomy",
    "text",
    "The reset's bits, window and place in sequence space, and what kind of sender they point to.",
    40,
  ],
  [
    "unreadData",
    "unread",
    "text",
    "Whether that side had received data that its application may not have read: likely or possible.",
    8,
  ],
  [
    "idleMs",
    "idle before",
    "ms",
    "Of a host that knows no such connection: how long it had been silent before the segment that it answers.",
  ],
  [
    "refusedBytes",
    "refused",
    "bytes",
    "After a close: payload of the other side that came too late, and was never acknowledged (RFC 9293 §3.6).",
  ],
  [
    "suspicion",
    "suspicion",
    "text",
    "Says middlebox where at least two independent signs point to a box on the way as the reset's maker.",
    9,
  ],
  ["signs", "signs", "list", "The signs that the reset was made by a box on the way."],
];

export const gaveUp: readonly Row<GaveUpRecord>[] = [
  ["side", "gave up", "text", "The side that repeated without an answer and stopped (RFC 9293 §3.8.3).", 7],
  ["what", "of", "text", "What it had sent: SYN, SYN-ACK, segment or probe.", 7],
  ["repeats", "repeats", "count", "Repeats and probes of that side since it last heard its peer."],
  ["silentMs", "silent", "ms", "Time from the last of those repeats to the end of the capture."],
  [
    "leastMs",
    "not before",
    "ms",
    "Time from what it first sent without an answer to its last repeat: it gave up after that.",
  ],
  [
    "mostMs",
    "not after",
    "ms",
    "Time from what it first sent without an answer to when the next repeat was overdue: it gave up before that.",
  ],
  [
    "timetable",
    "timetable",
    "text",
    "When its repeats came: linear-then-doubling (SYNs of Linux since 6.5) or doubling (RFC 6298 §5.5); null where neither shows.",
    20,
  ],
  [
    "limit",
    "limit",
    "text",
    "Says default where all repeats were made that Linux makes by itself, earlier where it stopped before: a timeout of the application's, or a lower limit.",
    8,
  ],
];
