/** Fields of a socket of the capturing host, as its kernel saw it; all null in files. */
import type { SocketRecord } from "../socket.js";
import type { Row } from "./field.js";

export const socket: readonly Row<SocketRecord>[] = [
  [
    "state",
    "kernel state",
    "text",
    "State of this side's socket by the kernel of the capturing host when it was last looked at (RFC 9293 §3.3.2); null where it is another host's, or of a file.",
    12,
  ],
  ["process", "process", "text", "Name of the process that has, or had last, the socket open.", 15],
  ["pid", "pid", "count", "Number of that process.", 7],
  [
    "receiveQueueBytes",
    "unread",
    "bytes",
    "Bytes that the socket has received and its application has not read.",
  ],
  ["sendQueueBytes", "unacked", "bytes", "Bytes in the socket that the peer has not acknowledged."],
  ["roundTripMs", "kernel RTT", "ms", "The kernel's smoothed round-trip time (RFC 6298 §2)."],
  ["congestionWindow", "cwnd", "count", "The kernel's congestion window in segments (RFC 5681 §2)."],
  ["unacknowledged", "in flight", "count", "Segments that the kernel has sent and nobody has acknowledged."],
  ["retransmitsInFlight", "retr out", "count", "Those of them that were sent again."],
  ["retransmits", "kernel retr", "count", "Segments that the kernel has sent again in all."],
  [
    "backoffs",
    "backoffs",
    "count",
    "How often the kernel has doubled its timer since it was last answered (RFC 6298 §5.5).",
  ],
  [
    "wireState",
    "wire state",
    "text",
    "The state that the wire showed meanwhile, where that was another one for longer than a round trip; null where they agree.",
    12,
  ],
];
