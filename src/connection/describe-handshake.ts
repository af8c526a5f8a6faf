/**
 * How the attempt to connect went, how long its parts took, and which packet of it was lost: from the columns.
 *
 * Which SYN a late SYN-ACK answers may only be told by what that server usually takes (`usualLegNs`): decided here,
 * when somebody looks, so that it does not depend on the order in which connections ended.
 */
import { OUTCOMES, type Outcome, RESET_REFUSED } from "../report/verdicts.js";
import { distance } from "../tcp/sequence.js";
import {
  firstDataAt,
  MARK_HAS_TIMESTAMPS,
  MARK_LEG_AMBIGUOUS,
  MARK_SEEN,
  MARK_SYN_ACKED,
  MARK_SYN_LOST,
  MARK_UNSEEN_BUT_ACKED,
  STRIDE,
} from "./columns.js";
import {
  IS_MID_STREAM,
  IS_SELF,
  IS_SIMULTANEOUS,
  RESET_BY_SERVER,
  WAS_RESET,
  WAS_UNREACHABLE,
} from "./connections.js";
import type { DescribeContext } from "./describe.js";
import { resetKindOf } from "./reset.js";

/** Everything about one handshake; times in nanoseconds, NaN where unknown. */
export interface HandshakeFacts {
  /** Index into OUTCOMES, or -1 where the capture cannot tell. */
  outcome: number;
  connectNs: number;
  serverLegNs: number;
  clientLegNs: number;
  retryWaitNs: number;
  isAmbiguous: boolean;
}

/** Facts to be filled, again and again. */
export function newFacts(): HandshakeFacts {
  return { outcome: -1, connectNs: 0, serverLegNs: 0, clientLegNs: 0, retryWaitNs: 0, isAmbiguous: false };
}

const COMPLETED = OUTCOMES.indexOf("completed");
const SIMULTANEOUS = OUTCOMES.indexOf("simultaneous");
const REFUSED = OUTCOMES.indexOf("refused");
const UNANSWERED = OUTCOMES.indexOf("unanswered");
const EMBRYONIC = OUTCOMES.indexOf("embryonic");
const ABORTED = OUTCOMES.indexOf("aborted");
const UNREACHABLE = OUTCOMES.indexOf("unreachable");
const MID_STREAM = OUTCOMES.indexOf("mid-stream");

/** A single SYN, or SYN-ACK, younger than this at the end of the capture has simply not been answered yet. */
const PATIENCE_NS = 1e9;

/** Fills `facts` for the connection; returns it. */
export function handshakeFacts(
  context: DescribeContext,
  connection: number,
  facts: HandshakeFacts,
): HandshakeFacts {
  const e = context.connections.endpoints;
  const client = connection;
  const server = client + STRIDE;
  facts.outcome = outcomeOf(context, connection);
  facts.isAmbiguous = (e.marks[client]! & MARK_LEG_AMBIGUOUS) !== 0;
  facts.connectNs = positive(e.establishedAt[client]! - e.synAt[client]!);
  const isSimultaneous = facts.outcome === SIMULTANEOUS;
  facts.clientLegNs = isSimultaneous ? Number.NaN : positive(e.establishedAt[client]! - e.lastSynAt[server]!);
  let answeredAt = e.answeredAt[client]!;
  if (facts.isAmbiguous && isLateFirstAnswer(context, connection)) {
    answeredAt = e.synAt[client]!;
    facts.isAmbiguous = false;
  }
  facts.serverLegNs = isSimultaneous ? Number.NaN : positive(e.synAt[server]! - answeredAt);
  facts.retryWaitNs = positive(answeredAt - e.synAt[client]!);
  return facts;
}

/** The first SYN was heard (its timestamp is echoed), and the answer comes too late to be one to the repeat. */
function isLateFirstAnswer(context: DescribeContext, connection: number): boolean {
  const e = context.connections.endpoints;
  const client = connection;
  if (e.marks[client]! & MARK_SYN_LOST) return false;
  if (wasHeld(context, connection)) return true;
  const usual = context.scene.usualLegNs(context.connections, connection);
  return usual !== null && e.synAt[client + STRIDE]! - e.lastSynAt[client]! > 3 * usual;
}

/**
 * By the server's own clock (RFC 7323, milliseconds) the first SYN-ACK was sent long before it was captured: what the
 * clock went on until the server's newest segment exceeds what the capture saw pass. Other ticks fall outside the bounds.
 */
function wasHeld(context: DescribeContext, connection: number): boolean {
  const e = context.connections.endpoints;
  const server = connection + STRIDE;
  if (!(e.marks[server]! & MARK_HAS_TIMESTAMPS)) return false;
  const waitedNs = e.synAt[server]! - e.synAt[connection]!;
  const heldNs =
    distance(e.tsVal[server]!, e.synTsVal[server]!) * 1e6 - (e.lastAt[server]! - e.synAt[server]!);
  return heldNs > waitedNs / 2 && heldNs <= waitedNs * 1.05;
}

/** Index into OUTCOMES, or -1. */
export function outcomeOf(context: DescribeContext, connection: number): number {
  const { endpoints: e, columns } = context.connections;
  const marks = columns.marks[connection]!;
  const client = connection;
  const server = client + STRIDE;
  if (marks & IS_MID_STREAM) return MID_STREAM;
  if (marks & WAS_RESET && resetKindOf(context.connections, connection) === RESET_REFUSED) return REFUSED;
  const isEstablished = e.establishedAt[client]! === e.establishedAt[client]!;
  if (marks & IS_SIMULTANEOUS && isEstablished) return SIMULTANEOUS;
  if (isEstablished) return COMPLETED;
  // Of the client nothing was captured, but the server went on: it was acknowledged.
  if (!(e.marks[client]! & MARK_SEEN) && e.marks[server]! & MARK_SYN_ACKED) return COMPLETED;
  const isResetByClient = (marks & WAS_RESET) !== 0 && !(marks & RESET_BY_SERVER);
  if (isResetByClient) return ABORTED;
  const isAnswered = e.synCount[server]! > 0 || (e.marks[server]! & MARK_UNSEEN_BUT_ACKED) !== 0;
  if (isAnswered) {
    if (isAckUncaptured(context, connection)) return -1;
    if (marks & WAS_RESET) return ABORTED;
    return isYoung(context, connection) ? -1 : EMBRYONIC;
  }
  if (marks & WAS_UNREACHABLE) return UNREACHABLE;
  if (context.scene.pairs.isUncaptured(context.connections, connection, 1)) return -1;
  return isYoung(context, connection) ? -1 : UNANSWERED;
}

/** Whether the capture ends so soon that nobody had to answer yet. Of an evicted one nothing will be heard any more. */
function isYoung({ connections, scene }: DescribeContext, client: number): boolean {
  const { endpoints: e, rare } = connections;
  if (rare.evictedAt[e.rareRow[client]!]! > 0) return false;
  return (
    e.synCount[client]! <= 1 &&
    e.synCount[client + STRIDE]! <= 1 &&
    scene.nowNs - e.synAt[client]! < PATIENCE_NS
  );
}

/** Where nothing of the server is seen: the capture ends so soon after the SYN that it tells no outcome by that. */
export function isUnderWay(
  context: DescribeContext,
  connection: number,
  { outcome }: HandshakeFacts,
): boolean {
  return outcome < 0 && !context.scene.pairs.isUncaptured(context.connections, connection, 1);
}

/** One SYN-ACK whose ACK may have come: of the client nothing is captured as such. A repeat says that none came. */
function isAckUncaptured(context: DescribeContext, connection: number): boolean {
  const { endpoints: e, columns } = context.connections;
  if (columns.marks[connection]! & WAS_RESET || e.marks[connection]! & MARK_SEEN) return false;
  return (
    e.synCount[connection + STRIDE]! <= 1 &&
    context.scene.pairs.isUncaptured(context.connections, connection, 0)
  );
}

/** When the handshake's packets, and the first request, were captured, since `startNs`; null where that is unknown. */
export function handshakeTimes(context: DescribeContext, connection: number, startNs: number) {
  const { endpoints: e, columns } = context.connections;
  const isSimultaneous = (columns.marks[connection]! & IS_SIMULTANEOUS) !== 0;
  const since = (atNs: number) => (atNs >= startNs ? (atNs - startNs) / 1e6 : null);
  return {
    synAtMs: since(e.synAt[connection]!),
    // Of two SYNs that crossed each is answered by a SYN-ACK: neither opened the connection.
    synAckAtMs: isSimultaneous ? null : since(e.synAt[connection + STRIDE]!),
    ackAtMs: isSimultaneous ? null : since(e.establishedAt[connection]!),
    requestAtMs: since(firstDataAt(columns, connection)),
  };
}

/** The direction was captured, or not: told by acknowledgments for what was never seen. */
export function capturedSides(
  context: DescribeContext,
  connection: number,
): "both" | "client-only" | "server-only" {
  const { connections } = context;
  const { pairs } = context.scene;
  const { marks } = connections.endpoints;
  const client = connection;
  const server = client + STRIDE;
  const isMissing = (row: number, side: number) =>
    !(marks[row]! & MARK_SEEN) &&
    ((marks[row]! & MARK_UNSEEN_BUT_ACKED) !== 0 || pairs.isUncaptured(connections, connection, side));
  if (connections.columns.marks[connection]! & IS_SELF) return "both";
  if (isMissing(server, 1)) return "client-only";
  return isMissing(client, 0) ? "server-only" : "both";
}

export function outcomeName(index: number): Outcome | null {
  return index < 0 ? null : OUTCOMES[index]!;
}

/** A span, or NaN where it is unknown or where a clock step made it negative. */
function positive(ns: number): number {
  return ns >= 0 ? ns : Number.NaN;
}
