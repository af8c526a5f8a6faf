/**
 * ICMP errors that answer a connection attempt (RFC 792, RFC 4443; RFC 9293 §3.9.2.2).
 *
 * Only destination-unreachable messages end an attempt in the eyes of a user; "fragmentation needed" is path MTU
 * discovery, not a dead end (path-mtu.ts); everything else is counted elsewhere.
 */
import type { Segment } from "../wire/segment.js";
import { connectionOf, MARK_SEEN, STRIDE } from "./columns.js";
import { WAS_UNREACHABLE } from "./connections.js";
import { packetName } from "./packet-names.js";
import { isOnTheWay, isTooBig, noteTooBig } from "./path-mtu.js";
import type { Tracker } from "./tracker.js";
import { beginFollowing } from "./undisturbed.js";

export interface Unreachable {
  readonly ipVersion: number;
  readonly type: number;
  readonly code: number;
  /** Who sent it, as address words. */
  readonly sender: readonly [number, number, number, number];
  readonly atNs: number;
  /** Its packet (packet-names.ts). */
  readonly name: number;
}

/** Attempts of which the error is remembered; the connection's mark stays beyond it. */
export const MOST_KEPT = 100_000;
const DESTINATION_UNREACHABLE_V4 = 3;
const DESTINATION_UNREACHABLE_V6 = 1;

/** Notes the error if it quotes the attempt of the connection's opener; false where it says nothing about it. */
export function noteUnreachable(tracker: Tracker, row: number, quoted: Segment): boolean {
  const { endpoints, columns } = tracker.connections;
  const connection = connectionOf(row);
  const isV4 = quoted.ipVersion === 4;
  const type = isV4 ? DESTINATION_UNREACHABLE_V4 : DESTINATION_UNREACHABLE_V6;
  if (isTooBig(quoted)) {
    if (!isOnTheWay(tracker.connections, row, quoted)) return true;
    beginFollowing(tracker.connections, connection);
    noteTooBig(tracker.connections, row, quoted);
    return true;
  }
  if (quoted.icmpType !== type) return true;
  if (row & STRIDE || endpoints.marks[row + STRIDE]! & MARK_SEEN) return true;
  columns.marks[connection]! |= WAS_UNREACHABLE;
  tracker.connections.forgetRepeats(row);
  if (tracker.unreachable.has(connection) || tracker.unreachable.size >= MOST_KEPT) return true;
  tracker.unreachable.set(connection, {
    ipVersion: quoted.ipVersion,
    type: quoted.icmpType,
    code: quoted.icmpCode,
    sender: [quoted.icmpSource0, quoted.icmpSource1, quoted.icmpSource2, quoted.icmpSource3],
    atNs: quoted.timeNs,
    name: packetName(quoted.file, quoted.number),
  });
  return true;
}
