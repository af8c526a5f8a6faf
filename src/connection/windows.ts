/**
 * Receive windows that close (RFC 9293 §3.8.6): how long they stay so, and whether the sender hears that they opened.
 */
import { type Segment, SYN } from "../wire/segment.js";
import { MARK_SEEN, MARK_WINDOW_ZERO, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { roundTripNs } from "./round-trip.js";

/** The endpoint at `row` advertises no window, and had one before. */
export function closeWindow(connections: Connections, row: number, timeNs: number): void {
  const at = connections.rareRow(row);
  const { rare } = connections;
  rare.zeroWindows[at]!++;
  rare.zeroWindowAt[at] = timeNs;
  rare.windowOpenedAt[at] = 0;
  connections.endpoints.marks[row]! |= MARK_WINDOW_ZERO;
}

/** It advertises one again. */
export function openWindow(connections: Connections, row: number, timeNs: number): void {
  const { rare, endpoints } = connections;
  const at = endpoints.rareRow[row]!;
  const closedNs = Math.max(0, timeNs - rare.zeroWindowAt[at]!);
  rare.zeroWindowNs[at]! += closedNs;
  if (closedNs > rare.longestZeroWindowNs[at]!) rare.longestZeroWindowNs[at] = closedNs;
  rare.windowOpenedAt[at] = timeNs;
  endpoints.marks[row]! &= ~MARK_WINDOW_ZERO;
}

/**
 * The first window of an endpoint that advertised none so far: after a SYN-ACK without one, in an acknowledgment without
 * payload, it is that of a SYN proxy, which holds the client until the server has answered.
 */
export function noteOpening(connections: Connections, row: number, segment: Segment): void {
  const e = connections.endpoints;
  const isProxied =
    (row & STRIDE) !== 0 &&
    e.synCount[row]! > 0 &&
    (e.marks[row]! & MARK_SEEN) !== 0 &&
    !(segment.flags & SYN) &&
    segment.length === 0;
  if (isProxied) connections.rare.proxiedSyns[connections.rareRow(row)]!++;
}

/** The endpoint at `row` probes a closed window: one that opened a round trip ago did so unheard. */
export function noteWindowProbe(connections: Connections, row: number, timeNs: number): void {
  const { rare, endpoints: e } = connections;
  const peer = row ^ STRIDE;
  const at = e.rareRow[peer]!;
  const openedAt = rare.windowOpenedAt[at]!;
  if (openedAt === 0 || timeNs - openedAt <= roundTripNs(connections, row)) return;
  rare.windowUpdatesLost[at]!++;
  rare.windowOpenedAt[at] = 0;
}
