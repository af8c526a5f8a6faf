/**
 * What is said of how a connection came about: the attempt that failed, the packet of the handshake that was lost and
 * what that cost, the ordinary opening.
 *
 * Pure: a record in, clauses out. A loss is told from the capture point: a packet that was captured was lost after it,
 * and beside a server its own queue may have dropped it; no network is blamed for what only the server can have done.
 */
import { whereSeen } from "./capture-point-words.js";
import type { Frame } from "./frame.js";
import { formatDuration, formatEndpoint, formatNumberOf } from "./quantities.js";
import type { ConnectionRecord, GaveUpRecord, HandshakeLossRecord, ResetRecord } from "./record.js";
import { backoff, meaningOf, times, timesOf } from "./wording.js";

/** A connection that took longer to open than this says how its handshake's time was spent. */
const SLOW_OPEN_MS = 100;

/** Whether the attempt never led to an open connection, so that nothing more is to be said of its end. */
export function isAttemptFailed(record: ConnectionRecord): boolean {
  const { outcome } = record;
  return (
    outcome !== null && outcome !== "completed" && outcome !== "simultaneous" && outcome !== "mid-stream"
  );
}

/** How the attempt failed, where it did. */
export function failedAttempt(record: ConnectionRecord): string[] {
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
      return [
        `no answer from ${target} to ${syns}${span}${backoff(record.client)}`,
        ...gaveUpCalling(record.gaveUp),
      ];
    }
    case "embryonic": {
      const sent = record.synAckCount > 1 ? `, sent ${timesOf(record.synAckCount)}` : "";
      return [
        `never opened: the client did not acknowledge the server's SYN-ACK${sent}${backoff(record.server)}`,
        ...gaveUpAnswering(record.gaveUp),
      ];
    }
    case "aborted":
      return aborted(record);
    case "unreachable":
      if (unreachable === null) return [`${target} could not be reached`];
      return [
        `not reachable: ${unreachable.sender} reported "${unreachable.reason}" after ${formatDuration(unreachable.atMs)}`,
      ];
    default:
      return [];
  }
}

function aborted({ reset, gaveUp, synAckCount }: ConnectionRecord): string[] {
  if (reset === null) return ["aborted before it was open"];
  const after = `${formatDuration(reset.atMs)} after its start`;
  const why =
    gaveUp?.what === "SYN" && synAckCount === 0
      ? "it took its SYN back before any answer was captured"
      : meaningOf(reset.kind);
  return [`aborted by the ${reset.by} ${after}: ${why}`, ...suspicion(reset)];
}

/** When the client stopped calling, and whether its system or its application made an end. */
function gaveUpCalling(gaveUp: GaveUpRecord | null): string[] {
  if (gaveUp?.what !== "SYN") return [];
  if (gaveUp.repeats === 0)
    return ["it was not repeated, as Linux does after 1 s: a shorter connect timeout, or a scan"];
  const when = `the client gave up ${between(gaveUp)} after the first`;
  return gaveUp.limit === "default"
    ? [`${when}: its system had made all repeats that Linux makes by default (ETIMEDOUT)`]
    : [`${when}, sooner than Linux does by itself: a connect timeout of its application, or a lower limit`];
}

function gaveUpAnswering(gaveUp: GaveUpRecord | null): string[] {
  if (gaveUp?.what !== "SYN-ACK") return [];
  const when = `the server gave the attempt up ${between(gaveUp)} after the first`;
  return gaveUp.limit === "default"
    ? [`${when}: it had made all repeats that Linux makes by default`]
    : [`${when}, sooner than Linux does by default`];
}

/** The bounds of the moment at which a sender gave up. */
export function between({ leastMs, mostMs }: GaveUpRecord): string {
  return `between ${formatDuration(leastMs)} and ${formatDuration(mostMs)}`;
}

/** Which packet of a completed handshake was lost, and what that cost. */
export function handshakeLoss(record: ConnectionRecord): string[] {
  const { losses } = record;
  if (isAttemptFailed(record) || losses.length === 0) return [];
  const lost: string[] = [];
  if (losses.includes("syn-lost")) lost.push(lostSyn(record));
  if (losses.includes("syn-ack-lost")) lost.push(lostSynAck(record));
  const clauses: string[] = [];
  if (lost.length > 0) clauses.push(`${lost.join(" and ")}: ${costOf(record)}`);
  if (losses.includes("handshake-ack-lost")) {
    const where = isNearServer(record)
      ? "came as far as the server and was not taken there (a full accept queue drops it)"
      : "was lost after the capture point, or dropped by the server";
    clauses.push(
      `the handshake's last ACK ${where}: the server sent its SYN-ACK ${timesOf(record.synAckCount)}`,
    );
    if (lost.length === 0) clauses.unshift(...opening(record));
  }
  return clauses;
}

function lostSyn(record: ConnectionRecord): string {
  const syns = lostSyns(record);
  // Beside the server the SYNs were there: it left them unanswered.
  if (isNearServer(record)) {
    const were = syns === 1 ? "was" : "were";
    return `${formatNumberOf(syns, "SYN")} came as far as the server and ${were} not answered there (a full listen queue drops them)`;
  }
  return record.legsAmbiguous
    ? `SYN, or the SYN-ACK to it, lost${times(syns)} on the far side of the capture point`
    : `SYN lost${times(syns)} after the capture point, or dropped by the server`;
}

function lostSynAck(record: ConnectionRecord): string {
  const where = record.lossEvidence.find(({ loss }) => loss === "syn-ack-lost")?.where;
  return where === "before-capture"
    ? "SYN-ACK lost before the capture point, on its way from the server"
    : "SYN-ACK lost after the capture point, on its way to the client";
}

/** One loss with its frames: "SYN-ACK lost after the capture point: frame 2; sent again because of it: 4; answered by 5". */
export function lossText({ loss, where, frames, repeatFrames, answerFrame }: HandshakeLossRecord): string {
  const parts = [`${LOST[loss]} lost ${where === "before-capture" ? "before" : "after"} the capture point`];
  if (frames.length > 0) parts[0] += `: ${framesText(frames)}`;
  if (repeatFrames.length > 0) parts.push(`shown by ${framesText(repeatFrames)}`);
  if (answerFrame !== null) parts.push(`went on with ${framesText([answerFrame])}`);
  return parts.join(", ");
}

const LOST = { "syn-lost": "SYN", "syn-ack-lost": "SYN-ACK", "handshake-ack-lost": "ACK" } as const;

function framesText(frames: readonly Frame[]): string {
  return `${frames.length === 1 ? "frame" : "frames"} ${frames.join(", ")}`;
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
export function opening(record: ConnectionRecord): string[] {
  const { outcome, connectTimeMs, serverLegMs, clientLegMs } = record;
  const took = connectTimeMs === null ? "" : ` in ${formatDuration(connectTimeMs)}`;
  if (isToItself(record)) return [`connected to itself${took}: one socket is both ends`];
  if (outcome === "simultaneous")
    return [`opened by both sides at once${took}: each sent a SYN (simultaneous open), one connection`];
  if (outcome === "mid-stream") return ["open before the capture began"];
  if (isAwaitingAnswer(record)) return ["its SYN was not answered yet when the capture ended"];
  if (outcome !== "completed") return [];
  const isSlow = connectTimeMs !== null && connectTimeMs >= SLOW_OPEN_MS;
  if (!isSlow || serverLegMs === null || clientLegMs === null || record.legsAmbiguous)
    return [`opened${took}`, ...lateSynAck(record)];
  const seen = record.capturePoint === null ? "" : `, ${whereSeen(record.capturePoint)}`;
  return [
    `opened${took}: ${formatDuration(serverLegMs)} to the server and back, ${formatDuration(clientLegMs)} to the client and back${seen}`,
    ...lateSynAck(record),
  ];
}

/** The first SYN was answered, though only after the client had sent it again. */
function lateSynAck({ losses, retryWaitMs, legsAmbiguous, synCount, client }: ConnectionRecord): string[] {
  const repeats = client.synRetransmissions;
  if (synCount < 2 || repeats === 0 || losses.length > 0 || retryWaitMs !== 0 || legsAmbiguous) return [];
  return [`its SYN was sent again${times(repeats)}, needlessly: the answer to the first was late, not lost`];
}

/** Whether both ends are one address and port: what it sent is what it received. */
export function isToItself({ client, server }: ConnectionRecord): boolean {
  return client.address === server.address && client.port === server.port;
}

/** A SYN so close to the end of the capture that its answer may simply have come later. */
export function isAwaitingAnswer(record: ConnectionRecord): boolean {
  return (
    record.outcome === null && record.captured === "both" && record.synCount > 0 && record.synAckCount === 0
  );
}

/** Why the reset may not come from the side in whose name it was sent. */
export function suspicion(reset: ResetRecord | null): string[] {
  if (reset === null || reset.suspicion !== "middlebox") return [];
  return [`the reset may come from a box on the way: ${reset.signs.join(", ")}`];
}
