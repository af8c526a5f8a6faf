/**
 * The path's round trip, both halves, as far as it has been measured.
 */
import { connectionOf } from "./columns.js";
import type { Connections } from "./connections.js";
import { fullRttNs, UNKNOWN_RTT_NS } from "./senders.js";

/** In nanoseconds: as the endpoint at `row` lives it where it is followed as a sender, else as the handshake took. */
export function roundTripNs(connections: Connections, row: number): number {
  const { endpoints: e, senders } = connections;
  if (e.sender[row]! > 0) return fullRttNs(senders, e.sender[row]!);
  const client = connectionOf(row);
  const legs = e.establishedAt[client]! - e.answeredAt[client]!;
  return legs > 0 ? legs : UNKNOWN_RTT_NS;
}
