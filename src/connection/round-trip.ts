/**
 * The path's round trip, both halves, as far as it has been measured.
 */
import { connectionOf } from "./columns.js";
import type { Connections } from "./connections.js";
import { fullRttNs, UNKNOWN_RTT_NS } from "./senders.js";

/** In nanoseconds: as the endpoint at `row` lives it where it is followed as a sender, else as the handshake took. */
export function roundTripNs(connections: Connections, row: number): number {
  const { endpoints: e, senders } = connections;
  return e.sender[row]! > 0 ? fullRttNs(senders, e.sender[row]!) : handshakeRttNs(connections, row);
}

/** In nanoseconds, as the handshake of the connection of `row` took; a guess where it was not captured. */
export function handshakeRttNs({ endpoints: e }: Connections, row: number): number {
  const client = connectionOf(row);
  const legs = e.establishedAt[client]! - e.answeredAt[client]!;
  return legs > 0 ? legs : UNKNOWN_RTT_NS;
}
