/**
 * The words for how a connection came about and how it ended. Numbers in the columns, names in every report.
 */

/** How the attempt to connect went; `null` in a record where the capture cannot tell. */
export const OUTCOMES = [
  "completed",
  "simultaneous",
  "refused",
  "unanswered",
  "embryonic",
  "aborted",
  "unreachable",
  "mid-stream",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How the connection stood when it was last seen. */
export const CLOSES = [
  "graceful",
  "graceful-unfinished",
  "half-closed",
  "reset",
  "timed-out",
  "open",
  "idle",
  "never-established",
] as const;
export type Close = (typeof CLOSES)[number];

/** What a reset says about its sender, each with the sentence that a person reads. */
export const RESET_KINDS = [
  { name: "refused", meaning: "nobody listens on that port" },
  { name: "handshake-abort", meaning: "the opener was gone, or only scanned, when the SYN-ACK came" },
  { name: "stale-syn-ack", meaning: "the SYN-ACK answered an older attempt; the opener rejects it" },
  {
    name: "abort",
    meaning: "a live socket dropped the connection: SO_LINGER 0, close() with unread data, or a limit",
  },
  {
    name: "after-close",
    meaning: "data came after that side had closed: its host answers each such segment",
  },
  { name: "instead-of-time-wait", meaning: "a reset after both sides had closed: harmless" },
  {
    name: "unknown-connection",
    meaning: "that host knows no such connection: restarted, or an expired NAT or firewall entry",
  },
  { name: "fin-wait-2-expired", meaning: "it had closed at least 60 s before and forgot the connection" },
  { name: "keep-alive-expired", meaning: "its keep-alive probes were not answered" },
  { name: "challenge", meaning: "a challenge ACK met a host that had forgotten the connection" },
] as const;
export type ResetKind = (typeof RESET_KINDS)[number]["name"];

export const RESET_REFUSED = 0;
export const RESET_HANDSHAKE_ABORT = 1;
export const RESET_STALE_SYN_ACK = 2;
export const RESET_ABORT = 3;
export const RESET_AFTER_CLOSE = 4;
export const RESET_INSTEAD_OF_TIME_WAIT = 5;
export const RESET_UNKNOWN_CONNECTION = 6;
export const RESET_FIN_WAIT_2_EXPIRED = 7;
export const RESET_KEEP_ALIVE_EXPIRED = 8;
export const RESET_CHALLENGE = 9;

/** How the tuple came to be used again (RFC 6191, RFC 9293 §3.6.1). */
export const REUSES = ["server-reopen", "tw-reuse", "after-time-wait"] as const;
export type Reuse = (typeof REUSES)[number];

/** What became of payload on a SYN (RFC 7413 §4.2.2): the SYN-ACK acknowledges it, or the SYN alone. */
export const FAST_OPEN_FATES = [null, "accepted", "not-accepted"] as const;
export type FastOpenFate = Exclude<(typeof FAST_OPEN_FATES)[number], null>;

export const FAST_OPEN_TAKEN = 1;
export const FAST_OPEN_LEFT_OUT = 2;

/** Signs that a reset was made by a box on the way; two of different things make the suspicion. */
export const RESET_SIGNS = [
  { bit: 1, of: "ttl", meaning: "its TTL differs from that side's other packets" },
  { bit: 2, of: "ip-id", meaning: "its IP identification is out of that side's run" },
  { bit: 32, of: "ip-id", meaning: "its IP identification is copied from the other side" },
  { bit: 4, of: "later-data", meaning: "the same side went on sending at or beyond it" },
  { bit: 16, of: "stack", meaning: "its window is 0, unlike the resets of that kind of host" },
  { bit: 64, of: "stack", meaning: "its timestamps are not that side's" },
  { bit: 8, of: "both-sides", meaning: "both sides were reset within one round trip with foreign TTLs" },
] as const;
