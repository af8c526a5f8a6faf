/**
 * What a record says of times once a connection stands: turns, round trips, closed windows.
 */
import type { RoundTripRecord, TimesRecord } from "../report/record.js";
import { connectionOf, MARK_WINDOW_ZERO, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import type { DescribeContext } from "./describe.js";
import type { Spread } from "./spreads.js";
import { onlyResponseNs, overlapsOf, roundTripsOf } from "./turns.js";

/** With more overlapping turns than one in so many, the sides do not wait for each other: no exchange is told apart. */
const TURNS_FOR_AN_OVERLAP = 10;

/** Exchanges of request and response. */
export function turnTimes({ connections }: DescribeContext, connection: number) {
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
    thinkTime: isTold && turns > 0 ? timesRecord(spreads.summary(turns)) : null,
    overlappingTurns,
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
  return { roundTrip, mostInFlightBytes: isTold ? e.mostInFlight[row]! : null };
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
  return lastPacketAt(connections, row);
}

function lastPacketAt({ endpoints: e }: Connections, row: number): number {
  return Math.max(e.lastAt[row] || 0, e.lastAt[row ^ STRIDE] || 0);
}
