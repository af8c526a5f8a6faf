/**
 * What happened to one connection, in one plain sentence with its numbers: how it came about, what was lost and what
 * that cost, how it ended and who ended it, and what the capture cannot tell.
 *
 * Pure: a record in, text out. The clause that explains most comes first, since screens cut at the right.
 */
import { whereSeen } from "./capture-point-words.js";
import { formatBytes, formatCount, formatDuration, formatEndpoint, formatNumberOf } from "./quantities.js";
import type { ConnectionRecord, EndpointRecord, ResetRecord, Side } from "./record.js";
import { RESET_KINDS } from "./verdicts.js";

/** A connection that took longer to open than this says how its handshake's time was spent. */
const SLOW_OPEN_MS = 100;

/** A side that waits this long in CLOSE_WAIT has forgotten to close; a shorter wait may be an answer still under way. */
const FORGOTTEN_CLOSE_MS = 60_000;

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
    if (!explainsOpening(record)) clauses.unshift(...opening(record));
    clauses.push(...ordinaryClose(record));
  }
  clauses.push(...doubts(record));
  return clauses.join("; ");
}

/** Whether the attempt never led to an open connection, so that nothing more is to be said of its end. */
function isAttemptFailed(record: ConnectionRecord): boolean {
  const { outcome } = record;
  return (
    outcome !== null && outcome !== "completed" && outcome !== "simultaneous" && outcome !== "mid-stream"
  );
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

function failedAttempt(record: ConnectionRecord): string[] {
  const { outcome, server, reset, unreachable } = record;
  const target = formatEndpoint(server.address, server.port);
  const syns = formatNumberOf(record.synCount, "SYN");
  switch (outcome) {
    case "refused": {
      const after = reset === null ? "" : ` in ${formatDuration(reset.atMs)}`;
      const attempts = record.synCount > 1 ? ` (${syns})` : "";
      return [`refused by ${target}${after}${attempts}: ${meaningOf("refused")}`, ...suspicion(reset)];
    }
    case "unanswered": {
      const span = record.synCount > 1 ? ` in ${formatDuration(record.durationMs)}` : "";
      return [`no answer from ${target} to ${syns}${span}`];
    }
    case "embryonic": {
      const times = record.synAckCount > 1 ? `, sent ${timesOf(record.synAckCount)}` : "";
      return [`never opened: the client did not acknowledge the server's SYN-ACK${times}`];
    }
    case "aborted":
      if (reset === null) return ["aborted before it was open"];
      return [
        `aborted by the ${reset.by} ${formatDuration(reset.atMs)} after its start: ${meaningOf(reset.kind)}`,
        ...suspicion(reset),
      ];
    case "unreachable":
      if (unreachable === null) return [`${target} could not be reached`];
      return [
        `not reachable: ${unreachable.sender} reported "${unreachable.reason}" after ${formatDuration(unreachable.atMs)}`,
      ];
    default:
      return [];
  }
}

/** Which packet of a completed handshake was lost, and what that cost. */
function handshakeLoss(record: ConnectionRecord): string[] {
  const { losses } = record;
  if (isAttemptFailed(record) || losses.length === 0) return [];
  const lost: string[] = [];
  if (losses.includes("syn-lost")) {
    const syns = lostSyns(record);
    // Beside the server the SYNs were there: it left them unanswered.
    lost.push(
      isNearServer(record)
        ? `${formatNumberOf(syns, "SYN")} unanswered by the server`
        : `SYN lost${times(syns)}`,
    );
  }
  if (losses.includes("syn-ack-lost")) lost.push("SYN-ACK lost");
  const clauses: string[] = [];
  if (lost.length > 0) clauses.push(`${lost.join(" and ")}: ${costOf(record)}`);
  if (losses.includes("handshake-ack-lost")) {
    clauses.push(
      `the handshake's last ACK was lost: the server sent its SYN-ACK ${timesOf(record.synAckCount)}`,
    );
    if (lost.length === 0) clauses.unshift(...opening(record));
  }
  return clauses;
}

/** Whether the handshake was captured beside the server: nearly all of the path lies on the client's side. */
function isNearServer(record: ConnectionRecord): boolean {
  const { serverLegMs, clientLegMs } = record;
  return serverLegMs !== null && clientLegMs !== null && serverLegMs < clientLegMs / 10;
}

/** Repeats of the SYN; where the SYN-ACK was lost too, some of them were answers to that: at least one is the SYN's. */
function lostSyns(record: ConnectionRecord): number {
  const repeated = Math.max(1, record.synCount - 1);
  return record.losses.includes("syn-ack-lost") ? Math.max(1, repeated - (record.synAckCount - 1)) : repeated;
}

/** Less than this is what adding legs up leaves over. */
const LEAST_WAIT_MS = 0.001;

/** How much of the time to connect went by waiting for a lost packet to be sent again; null where it did not. */
export function waitedForRepeatsMs(record: ConnectionRecord): number | null {
  const { connectTimeMs, initialRttMs } = record;
  if (connectTimeMs === null || initialRttMs === null) return null;
  const waited = connectTimeMs - initialRttMs;
  return waited > LEAST_WAIT_MS ? waited : null;
}

function costOf(record: ConnectionRecord): string {
  const { connectTimeMs, initialRttMs } = record;
  if (connectTimeMs === null) return "when the connection opened was not captured";
  const took = `connect took ${record.capturePoint === "near-server" ? "at least " : ""}${formatDuration(connectTimeMs)}`;
  if (record.legsAmbiguous) return `${took}; which SYN was answered cannot be told`;
  const waitedMs = waitedForRepeatsMs(record);
  if (waitedMs === null || initialRttMs === null) return took;
  return `${took} = ${formatDuration(waitedMs)} waiting for repeats + ${formatDuration(initialRttMs)} path`;
}

/** How the connection was opened where nothing went wrong with it. */
function opening(record: ConnectionRecord): string[] {
  const { outcome, connectTimeMs, serverLegMs, clientLegMs } = record;
  const took = connectTimeMs === null ? "" : ` in ${formatDuration(connectTimeMs)}`;
  if (isToItself(record)) return [`connected to itself${took}: one socket is both ends`];
  if (outcome === "simultaneous") return [`opened by both sides at once${took}`];
  if (outcome === "mid-stream") return ["open before the capture began"];
  if (isAwaitingAnswer(record)) return ["its SYN was not answered yet when the capture ended"];
  if (outcome !== "completed") return [];
  const isSlow = connectTimeMs !== null && connectTimeMs >= SLOW_OPEN_MS;
  if (!isSlow || serverLegMs === null || clientLegMs === null || record.legsAmbiguous)
    return [`opened${took}`];
  const seen = record.capturePoint === null ? "" : `, ${whereSeen(record.capturePoint)}`;
  return [
    `opened${took}: ${formatDuration(serverLegMs)} to the server and back, ${formatDuration(clientLegMs)} to the client and back${seen}`,
  ];
}

/** Whether both ends are one address and port: what it sent is what it received. */
function isToItself({ client, server }: ConnectionRecord): boolean {
  return client.address === server.address && client.port === server.port;
}

/** A SYN so close to the end of the capture that its answer may simply have come later. */
function isAwaitingAnswer(record: ConnectionRecord): boolean {
  return (
    record.outcome === null && record.captured === "both" && record.synCount > 0 && record.synAckCount === 0
  );
}

/** An end that was not in order. */
function badClose(record: ConnectionRecord): string[] {
  const { close, reset, gaveUp } = record;
  if (close === "reset" && reset !== null) {
    if (reset.suspicion === "middlebox") {
      const after = formatDuration(reset.atMs);
      return [
        `reset after ${after}, likely by a box on the way in the ${reset.by}'s name: ${reset.signs.join(", ")}`,
      ];
    }
    const unread = reset.unreadData === "likely" ? " (data it had received was likely still unread)" : "";
    return [
      `reset by the ${reset.by} after ${formatDuration(reset.atMs)}: ${meaningOf(reset.kind)}${unread}`,
    ];
  }
  if (close === "timed-out") {
    if (gaveUp === null) return ["timed out: repeats were not answered"];
    return [
      `timed out: the ${gaveUp.side} repeated ${timesOf(gaveUp.repeats)} without an answer, then fell silent for ${formatDuration(gaveUp.silentMs)}`,
    ];
  }
  if (close === "half-closed") return [halfClosed(record)];
  if (close === "never-established") return isAttemptFailed(record) ? [] : ["never established"];
  return [];
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
  for (const side of ["client", "server"] as const) {
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

/** A side that still repeats into silence when the capture ends. */
function unanswered(record: ConnectionRecord): string[] {
  for (const side of ["client", "server"] as const) {
    const { unansweredRepeats, unansweredMs } = record[side];
    if (unansweredRepeats > 1 && unansweredMs !== null) {
      const over = formatDuration(unansweredMs);
      return [
        `the ${side}'s last ${formatCount(unansweredRepeats)} repeats or probes, over ${over}, were not answered`,
      ];
    }
  }
  return [];
}

/** What was sent again once the connection stood, side by side. */
function repeats(record: ConnectionRecord): string[] {
  const clauses: string[] = [];
  for (const side of ["client", "server"] as const) {
    const endpoint = record[side];
    const segments = dataRepeats(endpoint);
    if (segments > 0) {
      const bytes = formatBytes(endpoint.retransmittedBytes);
      clauses.push(`the ${side} sent ${formatNumberOf(segments, "segment")} again (${bytes})`);
    }
    if (endpoint.finRetransmissions > 0) {
      clauses.push(`the ${side} repeated its FIN${times(endpoint.finRetransmissions)}`);
    }
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
  for (const side of ["client", "server"] as const) {
    const { zeroWindows, keepAlives } = record[side];
    const probes = record[otherSide(side)].zeroWindowProbes;
    if (zeroWindows > 0) {
      const probed = probes > 0 ? `, probed ${timesOf(probes)}` : "";
      clauses.push(`the ${side} closed its receive window ${timesOf(zeroWindows)}${probed}`);
    }
    if (keepAlives > 0) clauses.push(`${formatNumberOf(keepAlives, "keep-alive")} from the ${side}`);
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

/** Out of the ordinary, and no trouble: overtaken and copied packets, data on the SYN, a port used again. */
function oddities(record: ConnectionRecord): string[] {
  const clauses: string[] = [];
  for (const side of ["client", "server"] as const) {
    const { reordered, networkDuplicates } = record[side];
    if (reordered > 0)
      clauses.push(`${formatNumberOf(reordered, "segment")} of the ${side} overtaken on the way`);
    if (networkDuplicates > 0) {
      clauses.push(`${formatNumberOf(networkDuplicates, "packet")} of the ${side} copied on the way`);
    }
  }
  if (record.sameAs !== null)
    clauses.push(`the same connection as ${record.sameAs}, seen under other addresses (NAT): counted once`);
  const early = record.client.synPayloadBytes;
  if (early > 0) clauses.push(`${formatBytes(early)} travelled with the SYN (TCP Fast Open)`);
  if (record.reuse !== null && record.reusedAfterMs !== null) {
    const after = formatDuration(record.reusedAfterMs);
    clauses.push(`${REUSE_MEANINGS[record.reuse]}, ${after} after the connection before it`);
  }
  return clauses;
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
  const [client, server] = (["client", "server"] as const).map((side) =>
    record[side].reportedGaps === null ? record[side].missingBytes : 0,
  ) as [number, number];
  const missing = client + server;
  if (missing > 0) {
    clauses.push(`${formatNumberOf(missing, "byte was", "bytes were")} delivered but not captured`);
  }
  if (record.hasFragments) clauses.push("of packets in IP fragments only the first was read");
  if (record.clientGuessed) clauses.push("which side is the client is a guess from the ports");
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

function suspicion(reset: ResetRecord | null): string[] {
  if (reset === null || reset.suspicion !== "middlebox") return [];
  return [`the reset may come from a box on the way: ${reset.signs.join(", ")}`];
}

function meaningOf(kind: ResetRecord["kind"]): string {
  return RESET_KINDS.find(({ name }) => name === kind)?.meaning ?? kind;
}

function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** "" for once, " twice", " 3 times". */
function times(count: number): string {
  return count === 1 ? "" : ` ${timesOf(count)}`;
}

/** "once", "twice", "3 times". */
function timesOf(count: number): string {
  if (count === 1) return "once";
  return count === 2 ? "twice" : `${formatCount(count)} times`;
}
