/**
 * How the connection ended, who ended it first, and what a reset says: from the columns.
 */
import type { ResetRecord, Side } from "../report/record.js";
import {
  CLOSES,
  type Close,
  OUTCOMES,
  RESET_ABORT,
  RESET_AFTER_CLOSE,
  RESET_INSTEAD_OF_TIME_WAIT,
  RESET_KINDS,
  RESET_REFUSED,
  RESET_SIGNS,
  RESET_STALE_SYN_ACK,
  RESET_UNKNOWN_CONNECTION,
} from "../report/verdicts.js";
import { after, distance } from "../tcp/sequence.js";
import { type Endpoints, lastPacketAt, MARK_FIN_CROSSED, MARK_FIN_SENT, STRIDE } from "./columns.js";
import { peerOf, RESET_ACK, RESET_BY_SERVER, WAS_RESET } from "./connections.js";
import type { DescribeContext } from "./describe.js";
import { gaveUpRow } from "./describe-giving-up.js";
import { frameOf } from "./packet-names.js";
import { resetKindOf } from "./reset.js";

const NEVER_ESTABLISHED_OUTCOMES = ["unanswered", "embryonic", "unreachable"].map((name) =>
  (OUTCOMES as readonly string[]).indexOf(name),
);
const [GRACEFUL, UNFINISHED, HALF_CLOSED, RESET, TIMED_OUT, OPEN, IDLE, NEVER_ESTABLISHED] = CLOSES.map(
  (_, i) => i,
) as [number, number, number, number, number, number, number, number];

/** Index into CLOSES. `outcome` as outcomeOf gives it. */
export function closeOf(context: DescribeContext, connection: number, outcome: number): number {
  const { endpoints: e, columns } = context.connections;
  const client = connection;
  const server = peerOf(columns, client);
  const fins = (e.marks[client]! & MARK_FIN_SENT ? 1 : 0) + (e.marks[server]! & MARK_FIN_SENT ? 1 : 0);
  const isReset = isEndedByReset(context, connection);
  if (isReset && !(fins === 2 && resetKindOf(context.connections, connection) === RESET_INSTEAD_OF_TIME_WAIT))
    return RESET;
  if (NEVER_ESTABLISHED_OUTCOMES.includes(outcome)) return NEVER_ESTABLISHED;
  if (fins === 2) return isFinAcked(e, client) && isFinAcked(e, server) ? GRACEFUL : UNFINISHED;
  if (gaveUpRow(context, client) >= 0) return TIMED_OUT;
  if (fins === 1 && isFinAcked(e, e.marks[client]! & MARK_FIN_SENT ? client : server)) return HALF_CLOSED;
  return context.scene.nowNs - lastPacketAt(e, client) > context.scene.idleNs ? IDLE : OPEN;
}

export function closeName(index: number): Close {
  return CLOSES[index]!;
}

function isFinAcked(e: Endpoints, row: number): boolean {
  return after(e.sndUna[row]!, e.finSequence[row]!);
}

/** Whether a reset made an end: one that only rejects an old SYN-ACK does not, where the attempt went on to succeed. */
function isEndedByReset(context: DescribeContext, connection: number): boolean {
  const { endpoints, columns } = context.connections;
  if (!(columns.marks[connection]! & WAS_RESET)) return false;
  const isEstablished = !Number.isNaN(endpoints.establishedAt[connection]!);
  return resetKindOf(context.connections, connection) !== RESET_STALE_SYN_ACK || !isEstablished;
}

/** Who sent the first FIN, or, without one, the reset. */
export function closedFirst(context: DescribeContext, connection: number): Side | "both" | null {
  const { endpoints: e, columns } = context.connections;
  const client = connection;
  const server = peerOf(columns, client);
  const isClientFin = (e.marks[client]! & MARK_FIN_SENT) !== 0;
  const isServerFin = (e.marks[server]! & MARK_FIN_SENT) !== 0;
  if (isClientFin && isServerFin) {
    const isCrossed = ((e.marks[client]! | e.marks[server]!) & MARK_FIN_CROSSED) !== 0;
    if (isCrossed || client === server) return "both";
    return e.finAt[client]! <= e.finAt[server]! ? "client" : "server";
  }
  if (isClientFin) return "client";
  if (isServerFin) return "server";
  if (!isEndedByReset(context, connection) || resetKindOf(context.connections, connection) === RESET_REFUSED)
    return null;
  return columns.marks[connection]! & RESET_BY_SERVER ? "server" : "client";
}

/** The reset that ended the connection, or null. */
export function resetRecord(
  context: DescribeContext,
  connection: number,
  startNs: number,
): ResetRecord | null {
  const { columns, endpoints, rare } = context.connections;
  const marks = columns.marks[connection]!;
  if (!(marks & WAS_RESET)) return null;
  const at = endpoints.rareRow[connection]!;
  const found = rare.resetSigns[at]!;
  const isServer = (marks & RESET_BY_SERVER) !== 0;
  const kind = resetKindOf(context.connections, connection);
  const signs = RESET_SIGNS.filter(({ bit }) => (found & bit) !== 0);
  const idleNs = rare.resetIdleNs[at]!;
  const { fileNames } = context.scene;
  return {
    kind: RESET_KINDS[kind]!.name,
    by: isServer ? "server" : "client",
    atMs: (rare.resetAt[at]! - startNs) / 1e6,
    frame: frameOf(fileNames, rare.resetFrame[at]!)!,
    provokedByFrame: frameOf(fileNames, rare.provokedByFrame[at]!),
    anatomy: anatomy(context, connection),
    unreadData: kind === RESET_ABORT ? unreadData(endpoints, connection, isServer) : null,
    idleMs: kind === RESET_UNKNOWN_CONNECTION && idleNs > 0 ? idleNs / 1e6 : null,
    refusedBytes: kind === RESET_AFTER_CLOSE ? refusedBytes(endpoints, connection, isServer) : null,
    suspicion: new Set(signs.map(({ of }) => of)).size >= 2 ? "middlebox" : null,
    signs: signs.map(({ meaning }) => meaning),
  };
}

/** Payload that came after this side's own last payload may still have been unread when it closed. */
function unreadData(e: Endpoints, connection: number, isServer: boolean): "likely" | "possible" {
  const row = connection + (isServer ? STRIDE : 0);
  const peer = row ^ STRIDE;
  const cameLast = e.bytes[peer]! > 0 && !(e.lastDataAt[row]! > e.lastDataAt[peer]!);
  return cameLast ? "likely" : "possible";
}

/** Payload that the other side sent and that was never acknowledged. */
function refusedBytes(e: Endpoints, connection: number, isServer: boolean): number {
  const row = connection + (isServer ? 0 : STRIDE);
  const unacknowledged = distance(e.sndNxt[row]!, e.sndUna[row]!);
  return unacknowledged > 0 && e.marks[row]! & MARK_FIN_SENT ? unacknowledged - 1 : unacknowledged;
}

/** One line: the reset's bits and window, and what kind of sender such a reset comes from. */
function anatomy(context: DescribeContext, connection: number): string {
  const { columns, endpoints: e, rare } = context.connections;
  const hasAck = (columns.marks[connection]! & RESET_ACK) !== 0;
  const window = rare.resetWindow[e.rareRow[connection]!]!;
  const sequence = rare.resetSequence[e.rareRow[connection]!]!;
  const row = connection + (columns.marks[connection]! & RESET_BY_SERVER ? STRIDE : 0);
  if (hasAck && sequence === 0 && window === 0)
    return "RST,ACK with sequence 0 and window 0: it answers a SYN";
  if (hasAck && window !== 0) {
    const where = sequence === e.sndNxt[row] ? "at its next byte" : "inside its stream";
    return `RST,ACK ${where}, window ${window}: it comes from a live socket`;
  }
  if (!hasAck && window === 0) return "bare RST with window 0: it comes from a host without that socket";
  return `${hasAck ? "RST,ACK" : "bare RST"} with window ${window}`;
}
