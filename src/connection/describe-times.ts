/**
 * What a record says of times once a connection stands: turns, round trips, closed windows.
 */
import { LABEL_KEEP_ALIVE } from "../report/labels.js";
import type { HeartbeatRecord, RoundTripRecord, TimesRecord } from "../report/record.js";
import { connectionOf, lastPacketAt, MARK_WINDOW_ZERO, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import type { DescribeContext } from "./describe.js";
import { frameOf } from "./packet-names.js";
import { heartbeatsOf } from "./pauses.js";
import type { Spread } from "./spreads.js";
import { answerTtlsOf, onlyResponseNs, overlapsOf, roundTripsOf } from "./turns.js";

/** With more overlapping turns than one in so many, the sides do not wait for each other: no exchange is told apart. */
const TURNS_FOR_AN_OVERLAP = 10;

/** Exchanges of request and response. */
export function turnTimes({ connections, scene }: DescribeContext, connection: number, initialRttNs: number) {
  const { columns, endpoints: e, spreads } = connections;
  const turns = columns.turns[connection]!;
  const only = onlyResponseNs(connections, connection);
  const overlappingTurns = overlapsOf(connections, connection);
  const timed = turns > 0 ? spreads.count(turns) + spreads.count(turns + 1) : 0;
  const isTold = overlappingTurns * TURNS_FOR_AN_OVERLAP <= timed;
  const responses = only >= 0 ? single(only) : turns > 0 ? spreads.summary(turns + 1) : null;
  const firstAt = columns.firstResponseAt[connection]!;
  const firstByteNs = firstAt >= 0 ? firstAt - e.synAt[connection]! : Number.NaN;
  return {
    firstByteMs: firstByteNs >= 0 ? firstByteNs / 1e6 : null,
    responseTime: isTold ? timesRecord(responses) : null,
    slowAnswerFrame: isTold
      ? frameOf(scene.fileNames, connections.rare.slowAnswer[e.rareRow[connection + STRIDE]!]!)
      : null,
    thinkTime: isTold && turns > 0 ? timesRecord(spreads.summary(turns)) : null,
    overlappingTurns,
    heartbeat: heartbeatRecord(connections, connection),
    pathRoundTripMs: pathRoundTripMs(connections, connection, initialRttNs),
    synProxy: connections.rare.proxiedSyns[e.rareRow[connection + STRIDE]!]! > 0,
  };
}

function single(ns: number): Spread {
  return { count: 1, leastNs: ns, meanNs: ns, medianNs: ns, p95Ns: ns, mostNs: ns };
}

function timesRecord(spread: Spread | null): TimesRecord | null {
  if (spread === null) return null;
  return {
    count: spread.count,
    minMs: spread.leastNs / 1e6,
    meanMs: spread.meanNs / 1e6,
    p50Ms: spread.medianNs / 1e6,
    p95Ms: spread.p95Ns / 1e6,
    maxMs: spread.mostNs / 1e6,
  };
}

/** Of the endpoint at `row`: what its acknowledged data tells. */
export function flightFacts({ connections }: DescribeContext, row: number) {
  const { endpoints: e, spreads } = connections;
  const pair = roundTripsOf(connections, connectionOf(row));
  const entry = pair + (row & STRIDE ? 1 : 0);
  const times = pair > 0 ? timesRecord(spreads.summary(entry)) : null;
  const roundTrip: RoundTripRecord | null = times && {
    ...times,
    smoothedMs: spreads.smoothedNs(entry) / 1e6,
    variationMs: spreads.variationNs(entry) / 1e6,
  };
  const isTold = e.mostInFlight[row]! > 0 && e.packets[row ^ STRIDE]! > 0;
  const { synTtl, answerTtl } = answerTtlsOf(connections, row);
  return {
    roundTrip,
    synTtl: synTtl || null,
    answerTtl: answerTtl || null,
    mostInFlightBytes: isTold ? e.mostInFlight[row]! : null,
  };
}

/** Of the endpoint at `row`: its closed windows. One that is closed still is so until now, or the connection's end. */
export function windowFacts(context: DescribeContext, row: number) {
  const { connections } = context;
  const { endpoints: e, rare } = connections;
  const at = e.rareRow[row]!;
  const isClosed = (e.marks[row]! & MARK_WINDOW_ZERO) !== 0;
  const lastNs = isClosed ? Math.max(0, endOf(context, row) - rare.zeroWindowAt[at]!) : 0;
  const wasClosed = rare.zeroWindows[at]! > 0;
  return {
    zeroWindows: rare.zeroWindows[at]!,
    zeroWindowMs: wasClosed ? (rare.zeroWindowNs[at]! + lastNs) / 1e6 : null,
    longestZeroWindowMs: wasClosed ? Math.max(rare.longestZeroWindowNs[at]!, lastNs) / 1e6 : null,
    zeroWindowAtEnd: isClosed,
    windowUpdatesLost: rare.windowUpdatesLost[at]!,
  };
}

function endOf({ connections, scene }: DescribeContext, row: number): number {
  if (!connections.isFinished(connectionOf(row))) return scene.nowNs;
  return lastPacketAt(connections.endpoints, row);
}

function heartbeatRecord(connections: Connections, connection: number): HeartbeatRecord | null {
  const beats = heartbeatsOf(connections, connection);
  if (!beats) return null;
  const { isFromServer, count, intervalMs, missed } = beats;
  return { by: isFromServer ? "server" : "client", count, intervalMs, missed };
}

/** The whole path's shortest round trip: both sides' ways from the capture point and back. */
function pathRoundTripMs(connections: Connections, connection: number, initialRttNs: number): number | null {
  const pair = roundTripsOf(connections, connection);
  const leastNs = (entry: number) => connections.spreads.summary(entry)?.leastNs ?? Number.NaN;
  const bothNs = pair > 0 ? leastNs(pair) + leastNs(pair + 1) : Number.NaN;
  const known = [bothNs, initialRttNs].filter((ns) => ns === ns);
  return known.length > 0 ? Math.min(...known) / 1e6 : null;
}

/** Of the endpoint at `row`: its keep-alives, and what a delayed acknowledgment held back. */
export function pauseFacts({ connections, scene }: DescribeContext, row: number) {
  const { endpoints: e, rare } = connections;
  const at = e.rareRow[row]!;
  const known = (ns: number) => (ns > 0 ? ns / 1e6 : null);
  const isProbing = rare.lastProbe[at] === LABEL_KEEP_ALIVE;
  return {
    keepAlives: rare.keepAlives[at]!,
    keepAliveIdleMs: known(rare.keepAliveIdleNs[at]!),
    keepAliveGapMs: known(rare.keepAliveGapNs[at]!),
    keepAlivesUnanswered: isProbing ? rare.repeatsSincePeer[at]! : 0,
    heldBackSegments: rare.heldBack[at]!,
    heldBackMs: known(rare.heldBackNs[at]!),
    heldBackFrame: frameOf(scene.fileNames, rare.firstHeldBack[at]!),
  };
}
