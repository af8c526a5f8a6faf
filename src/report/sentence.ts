/**
 * What happened to one connection, in one plain sentence with its numbers: how it came about, what was lost and what
 * that cost, how it ended and who ended it, and what the capture cannot tell.
 *
 * Pure: a record in, text out. The clause that explains most comes first, since screens cut at the right.
 */
import { formatBytes, formatCount, formatDuration, formatNumberOf } from "./quantities.js";
import { type ConnectionRecord, type EndpointRecord, type GaveUpRecord, SIDES, type Side } from "./record.js";
import {
  between,
  failedAttempt,
  handshakeLoss,
  isAttemptFailed,
  isAwaitingAnswer,
  isToItself,
  opening,
} from "./sentence-opening.js";
import { stalls, windowLimit } from "./sentence-transfer.js";
import { socketClauses } from "./socket-words.js";
import { tlsClauses } from "./tls-words.js";
import { backoff, meaningOf, otherSide, times, timesOf } from "./wording.js";

/** A side that waits this long in CLOSE_WAIT has forgotten to close; a shorter wait may be an answer still under way. */
const FORGOTTEN_CLOSE_MS = 60_000;

/** A host that had been silent for less than this was not idle. */
const NOTABLE_IDLE_MS = 1000;

/** Says in one sentence, without a full stop, what became of the connection; never empty. */
export function sentenceFor(record: ConnectionRecord): string {
  const clauses = [
    ...troubles(record),
    ...resetsNotTaken(record),
    ...repeats(record),
    ...windows(record),
    ...oddities(record),
  ];
  // An ordinary open and close are told only where they are the news, or complete it.
  if (clauses.length === 0 || !isAttemptFailed(record)) {
    // Who really sent a reset comes before all else.
    const isForged = record.close === "reset" && record.reset?.suspicion === "middlebox";
    const tls = tlsClauses(record);
    if (explainsOpening(record)) clauses.push(...tls);
    else clauses.splice(isForged ? 1 : 0, 0, ...opening(record), ...tls);
    clauses.push(...ordinaryClose(record));
  }
  clauses.push(...doubts(record), ...socketClauses(record));
  return clauses.join("; ");
}

/** Whether `troubles` says how the connection was opened. */
function explainsOpening(record: ConnectionRecord): boolean {
  return isAttemptFailed(record) || record.losses.length > 0;
}

function troubles(record: ConnectionRecord): string[] {
  const clauses = [...failedAttempt(record), ...handshakeLoss(record)];
  if (!isAttemptFailed(record)) clauses.push(...badClose(record));
  return clauses;
}

/** An end that was not in order. */
function badClose(record: ConnectionRecord): string[] {
  const { close, reset, gaveUp } = record;
  if (close === "reset" && reset !== null) {
    if (reset.suspicion === "middlebox") {
      const after = formatDuration(reset.atMs);
      return [
        `reset after ${after}, likely by a box on the way, not by the ${reset.by} whose name it bears: ${reset.signs.join(", ")}`,
      ];
    }
    const idle =
      reset.idleMs !== null && reset.idleMs >= NOTABLE_IDLE_MS
        ? ` (it had been silent for ${formatDuration(reset.idleMs)} before)`
        : "";
    const unread = reset.unreadData === "likely" ? " (data it had received was likely still unread)" : "";
    return [
      `reset by the ${reset.by} after ${formatDuration(reset.atMs)}: ${meaningOf(reset.kind)}${unread}${idle}`,
    ];
  }
  if (close === "timed-out") {
    return [gaveUp === null ? "timed out: repeats were not answered" : timedOut(record, gaveUp)];
  }
  if (close === "half-closed") return [halfClosed(record)];
  if (close === "never-established") return isAttemptFailed(record) ? [] : ["never established"];
  return [];
}

/** A sender that repeated into silence and stopped: how long it tried, and what made an end. */
function timedOut(record: ConnectionRecord, gaveUp: GaveUpRecord): string {
  const tried =
    gaveUp.what === "probe"
      ? `sent ${formatNumberOf(gaveUp.repeats, "repeat or probe", "repeats or probes")}`
      : `repeated ${timesOf(gaveUp.repeats)}`;
  const limits = {
    default: ": all repeats that Linux makes by default",
    earlier:
      ", sooner than Linux does by default: TCP_USER_TIMEOUT, a timeout of its application, or a lower limit",
  } as const;
  const why = gaveUp.limit === null ? "" : limits[gaveUp.limit];
  return (
    `timed out: the ${gaveUp.side} ${tried} without an answer${backoff(record[gaveUp.side])}, ` +
    `then fell silent for ${formatDuration(gaveUp.silentMs)}; it gave up ${between(gaveUp)} after its first try${why}`
  );
}

function halfClosed(record: ConnectionRecord): string {
  const closer = record.closedFirst === "server" ? "server" : "client";
  const other = otherSide(closer);
  const waitMs = record[other].stateTimesMs.CLOSE_WAIT;
  const wait = waitMs === undefined ? "" : `; CLOSE_WAIT for ${formatDuration(waitMs)}`;
  const isForgotten = waitMs !== undefined && waitMs >= FORGOTTEN_CLOSE_MS;
  const lacking = isForgotten ? "never closed" : "had not closed when the capture ended";
  return `half-closed: the ${other} acknowledged the ${closer}'s FIN and ${lacking}${wait}`;
}

/** Resets that did not end the connection: ignored or challenged by their receiver (RFC 5961 §3), or taken back. */
function resetsNotTaken(record: ConnectionRecord): string[] {
  if (record.reset !== null || record.close === "reset") return [];
  const clauses: string[] = [];
  for (const side of SIDES) {
    const { resets } = record[side];
    const verb = resets === 1 ? "was" : "were";
    if (resets > 0) clauses.push(`${formatNumberOf(resets, "reset")} from the ${side} ${verb} not taken`);
  }
  return clauses;
}

/** An end in order, or none yet. */
function ordinaryClose(record: ConnectionRecord): string[] {
  const { close, closedFirst, reset } = record;
  if (isAwaitingAnswer(record)) return [];
  const who = closedFirst === "both" ? "both sides at once" : `the ${closedFirst} first`;
  switch (close) {
    case "graceful": {
      const closed = closedFirst === null || isToItself(record) ? "closed" : `closed by ${who}`;
      return [reset?.kind === "instead-of-time-wait" ? `${closed}, then a harmless reset` : closed];
    }
    case "graceful-unfinished":
      return [`closed by ${who}, but the last acknowledgment was not captured`];
    case "open":
      return [...unanswered(record), "still open at the end of the capture"];
    case "idle":
      return ["still open, but idle at the end of the capture"];
    default:
      return [];
  }
}

/** Fewer repeats than this, and an overdue one, make nobody who gave up (describe-giving-up.ts). */
const REPEATS_TO_DECIDE = 3;

/** A side that still repeats into silence when the capture ends. */
function unanswered(record: ConnectionRecord): string[] {
  for (const side of SIDES) {
    const { unansweredRepeats, unansweredMs } = record[side];
    const isUndecided = unansweredRepeats >= REPEATS_TO_DECIDE && record.gaveUp === null;
    if (unansweredRepeats > 1 && unansweredMs !== null) {
      const over = formatDuration(unansweredMs);
      return [
        `the ${side}'s last ${formatCount(unansweredRepeats)} repeats or probes, over ${over}${backoff(record[side])}, were not answered`,
        ...(isUndecided
          ? ["the capture ends before the next one was overdue: whether it gave up cannot be told"]
          : []),
      ];
    }
  }
  return [];
}

/** What was sent again once the connection stood, side by side. */
function repeats(record: ConnectionRecord): string[] {
  const clauses: string[] = [];
  for (const side of SIDES) {
    const endpoint = record[side];
    const segments = dataRepeats(endpoint);
    if (segments > 0) {
      const bytes = formatBytes(endpoint.retransmittedBytes);
      clauses.push(`the ${side} sent ${formatNumberOf(segments, "segment")} again (${bytes})`);
    }
    if (endpoint.finRetransmissions > 0) {
      clauses.push(`the ${side} repeated its FIN${times(endpoint.finRetransmissions)}`);
    }
    clauses.push(...stalls(record, side));
  }
  return clauses;
}

/** `retransmissions` counts the repeats of SYN and FIN too. */
function dataRepeats(endpoint: EndpointRecord): number {
  return endpoint.retransmissions - endpoint.synRetransmissions - endpoint.finRetransmissions;
}

/** Receivers that could not keep up, and probes of silent peers. */
function windows(record: ConnectionRecord): string[] {
  const clauses: string[] = [];
  for (const side of SIDES) {
    const { zeroWindows, zeroWindowMs, zeroWindowAtEnd, windowUpdatesLost } = record[side];
    const probes = record[otherSide(side)].zeroWindowProbes;
    if (zeroWindows > 0) {
      const probed = probes > 0 ? `, the ${otherSide(side)} probed it ${timesOf(probes)}` : "";
      const long = zeroWindowMs === null ? "" : ` for ${formatDuration(zeroWindowMs)}`;
      const open = zeroWindowAtEnd ? " and did not open it again" : "";
      clauses.push(`the ${side} closed its receive window ${timesOf(zeroWindows)}${long}${open}${probed}`);
    }
    if (windowUpdatesLost > 0) {
      const went = `the ${otherSide(side)} went on probing`;
      clauses.push(
        `the ${side} opened its window and ${went}: the update was lost${times(windowUpdatesLost)}`,
      );
    }
    clauses.push(...windowLimit(record, otherSide(side)));
    clauses.push(...pauses(record[side], side));
  }
  if (record.refusedSyns > 0) {
    const syns = formatNumberOf(record.refusedSyns, "SYN");
    const wasOpen = !isAttemptFailed(record) && !isAwaitingAnswer(record);
    clauses.push(
      wasOpen
        ? `${syns} for a new connection came while it was open`
        : `${syns} with another initial sequence number came meanwhile`,
    );
  }
  return clauses;
}

/** Linux's times for keep-alives: idle before the first, between two. */
const DEFAULT_IDLE_MS = 7_200_000;
const DEFAULT_GAP_MS = 75_000;

/** Keep-alives, and small segments that waited for an acknowledgment. */
function pauses(endpoint: EndpointRecord, side: Side): string[] {
  const { keepAlives, keepAliveIdleMs, keepAliveGapMs, keepAlivesUnanswered } = endpoint;
  const { heldBackSegments, heldBackMs } = endpoint;
  const clauses: string[] = [];
  if (keepAlives > 0) {
    const times: string[] = [];
    if (keepAliveIdleMs !== null)
      times.push(`after ${duration(keepAliveIdleMs, DEFAULT_IDLE_MS)} of silence`);
    if (keepAliveGapMs !== null) times.push(`${duration(keepAliveGapMs, DEFAULT_GAP_MS)} apart`);
    if (keepAlivesUnanswered > 0) times.push(`the last ${formatCount(keepAlivesUnanswered)} unanswered`);
    const detail = times.length > 0 ? ` (${times.join(", ")})` : "";
    clauses.push(`${formatNumberOf(keepAlives, "keep-alive")} from the ${side}${detail}`);
  }
  if (heldBackSegments > 0) {
    const [segments, waited] = [
      formatNumberOf(heldBackSegments, "small segment"),
      formatDuration(heldBackMs),
    ];
    clauses.push(`${segments} of the ${side} waited for a delayed ACK (Nagle's algorithm), ${waited} in all`);
  }
  return clauses;
}

/** A time, with a word where it is what systems use that nobody told otherwise. */
function duration(ms: number, defaultMs: number): string {
  return `${formatDuration(ms)}${Math.abs(ms / defaultMs - 1) < 0.02 ? " (Linux's default)" : ""}`;
}

/** Out of the ordinary, and no trouble: overtaken and copied packets, data on the SYN, a port used again. */
function oddities(record: ConnectionRecord): string[] {
  const clauses: string[] = [];
  for (const side of SIDES) {
    const { reordered, networkDuplicates } = record[side];
    if (reordered > 0)
      clauses.push(`${formatNumberOf(reordered, "segment")} of the ${side} overtaken on the way`);
    if (networkDuplicates > 0) {
      clauses.push(`${formatNumberOf(networkDuplicates, "packet")} of the ${side} copied on the way`);
    }
  }
  if (record.sameAs !== null)
    clauses.push(`the same connection as ${record.sameAs}, seen under other addresses (NAT): counted once`);
  if (record.heartbeat) {
    const { by, count, intervalMs, missed } = record.heartbeat;
    const gone = missed > 0 ? `, ${formatCount(missed)} missing` : "";
    clauses.push(
      `${formatNumberOf(count, "heartbeat")} from the ${by}, every ${formatDuration(intervalMs)}${gone}`,
    );
  }
  if (record.synProxy)
    clauses.push("the SYN-ACK came from a SYN proxy, which opened the window once the server had answered");
  const early = record.client.synPayloadBytes;
  if (early > 0)
    clauses.push(`${formatBytes(early)} travelled with the SYN (TCP Fast Open)${earlyDataFate(record)}`);
  for (const side of SIDES) {
    const { userTimeoutMs } = record[side];
    if (userTimeoutMs !== null)
      clauses.push(`the ${side} announced a user timeout of ${formatDuration(userTimeoutMs)}`);
  }
  if (record.reuseRefused)
    clauses.push(
      "the same port again: the server's TIME_WAIT need not yield to that SYN, whose timestamp is not newer nor its sequence number higher",
    );
  if (record.reuse !== null && record.reusedAfterMs !== null) {
    const after = formatDuration(record.reusedAfterMs);
    const proof = record.reuseProven ? ", as its initial sequence number proves" : "";
    clauses.push(`${REUSE_MEANINGS[record.reuse]}${proof}, ${after} after the connection before it`);
  }
  return clauses;
}

/** What the server did with the payload on the SYN. */
function earlyDataFate({ fastOpenData }: ConnectionRecord): string {
  if (fastOpenData === null) return "";
  return fastOpenData === "accepted"
    ? " and were taken by the server"
    : ", and the server did not take them: it acknowledged the SYN alone";
}

const REUSE_MEANINGS = {
  "server-reopen": "the same port again: the server took it up from its TIME_WAIT",
  "tw-reuse": "the same port again: the client took it up from its own TIME_WAIT (tcp_tw_reuse)",
  "after-time-wait": "the same port again, after TIME_WAIT was over",
} as const;

/** What the capture itself did not show. */
function doubts(record: ConnectionRecord): string[] {
  const clauses: string[] = [];
  if (record.captured !== "both") {
    const side = record.captured === "client-only" ? "client" : "server";
    clauses.push(
      `only the ${side}'s packets were captured${toldOfUnseen(record[otherSide(side)], otherSide(side))}`,
    );
  }
  const [client, server] = SIDES.map((side) =>
    record[side].reportedGaps === null ? record[side].missingBytes : 0,
  ) as [number, number];
  const missing = client + server;
  if (missing > 0) {
    clauses.push(`${formatNumberOf(missing, "byte was", "bytes were")} delivered but not captured`);
  }
  const forgotten = record.client.forgottenRanges + record.server.forgottenRanges;
  if (forgotten > 0)
    clauses.push(
      `${formatNumberOf(forgotten, "hole or SACK range", "holes or SACK ranges")} too many to be remembered`,
    );
  if (record.hasFragments) clauses.push("of packets in IP fragments only the first was read");
  if (record.clientGuessed) clauses.push("which side is the client is a guess from the ports");
  if (record.evicted)
    clauses.push("told early, while it was open: more connections were than --max-connections allows");
  if (record.outcome === null && clauses.length === 0 && !isAwaitingAnswer(record))
    clauses.push("the capture does not show how it was opened");
  return clauses;
}

/** What the captured side's acknowledgments tell of the other one. */
function toldOfUnseen({ missingBytes, reportedGaps }: EndpointRecord, side: Side): string {
  if (missingBytes === 0 && !reportedGaps) return "";
  const gaps = reportedGaps ? ` and of ${formatNumberOf(reportedGaps, "gap")} in between` : "";
  return `, which tell of ${formatBytes(missingBytes)} from the ${side}${gaps}`;
}
