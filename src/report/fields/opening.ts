/** Fields of a connection: who, when, and how it came about. */

import type { ConnectionRecord, UnreachableRecord } from "../record.js";
import type { Row } from "./field.js";

export const identity: readonly Row<ConnectionRecord>[] = [
  [
    "id",
    "id",
    "text",
    "The connection's name in this capture: its first frame, as file:frame where several files were read.",
    8,
  ],
  ["frame", "frame", "count", "Number of the first packet in its file, counted from 1."],
  ["file", "file", "count", "Number of the input file that holds the first packet, counted from 0.", 4],
  ["start", "start", "time", "Time of day of the first packet, UTC, ISO 8601 with nanoseconds."],
  ["startMs", "start", "ms", "Time of the first packet since the beginning of the capture.", 10],
  ["durationMs", "duration", "ms", "Time from the first packet of the connection to its last."],
];

export const opening: readonly Row<ConnectionRecord>[] = [
  [
    "clientGuessed",
    "guess",
    "flag",
    "True where no SYN was captured, so that the ports tell which side is the client.",
  ],
  [
    "captured",
    "captured",
    "text",
    "Which sides' packets the capture holds: both, client-only or server-only.",
    11,
  ],
  [
    "overlay",
    "overlay",
    "count",
    "Network identifier of the VXLAN (RFC 7348 §5) or Geneve (RFC 8926 §3.4) overlay that carried it.",
  ],
  ["vlans", "vlan", "list", "VLAN identifiers (IEEE 802.1Q) of the first packet, the outer one first."],
  ["outcome", "outcome", "text", "How the attempt to connect went; null where the capture cannot tell.", 12],
  [
    "losses",
    "lost",
    "list",
    "Which packets of the handshake were lost: syn-lost, syn-ack-lost, handshake-ack-lost.",
  ],
  [
    "lossEvidence",
    "lost frames",
    "list",
    "Of each of those: where it was lost, seen from the capture point, the frames (as file:frame where several files were read) that were lost, that repeat and that answered.",
  ],
  ["synAtMs", "SYN at", "ms", "Time of the first SYN since the connection's first packet (RFC 9293 §3.5)."],
  [
    "synAckAtMs",
    "SYN-ACK at",
    "ms",
    "Time of the first SYN-ACK since the connection's first packet (RFC 9293 §3.5).",
  ],
  [
    "ackAtMs",
    "ACK at",
    "ms",
    "Time of the client's first segment that acknowledges the server's SYN (RFC 9293 §3.5).",
  ],
  [
    "requestAtMs",
    "request at",
    "ms",
    "Time of the client's first payload byte, since the connection's first packet; null where none was captured.",
  ],
  [
    "connectTimeMs",
    "connect",
    "ms",
    "First SYN to the ACK that completes the handshake (RFC 9293 §3.5): about what connect() waited; where capturePoint is near-server a lower bound.",
  ],
  [
    "serverLegMs",
    "server leg",
    "ms",
    "The SYN that was answered to the first SYN-ACK: from the capture point to the server and back.",
  ],
  [
    "clientLegMs",
    "client leg",
    "ms",
    "The last SYN-ACK before the ACK to that ACK: from the capture point to the client and back.",
  ],
  ["initialRttMs", "rtt", "ms", "Both legs of the handshake together: the round trip of the whole path."],
  [
    "retryWaitMs",
    "retry wait",
    "ms",
    "First SYN to the SYN that was answered: time spent waiting for repeats (RFC 6298 §5).",
  ],
  [
    "legsAmbiguous",
    "ambig",
    "flag",
    "True where it cannot be told which SYN was answered; such legs stay out of the percentiles.",
    5,
  ],
  [
    "capturePoint",
    "seen",
    "text",
    "Where the interface of its first packet listens, by all handshakes seen there: near-client, near-server, middle or unknown; null where no leg was measured.",
    11,
  ],
  [
    "ackCarriedData",
    "data",
    "flag",
    "True where the handshake's ACK carried data and may have been held back for it.",
    4,
  ],
  [
    "synCount",
    "SYNs",
    "count",
    "SYN segments captured from the client, repeats included (RFC 9293 §3.5).",
    4,
  ],
  [
    "synAckCount",
    "SYN-ACKs",
    "count",
    "SYN-ACK segments captured from the server, repeats included (RFC 9293 §3.5).",
    8,
  ],
  [
    "fastOpenData",
    "early data",
    "text",
    "Whether the SYN-ACK acknowledges the payload on the SYN: accepted or not-accepted (RFC 7413 §4.2.2); null where there was none.",
    12,
  ],
];

export const unreachable: readonly Row<UnreachableRecord>[] = [
  [
    "reason",
    "unreachable",
    "text",
    "What the ICMP error about the attempt said (RFC 792, RFC 4443 §3.1).",
    28,
  ],
  ["sender", "reported by", "text", "Address of the host that sent the ICMP error.", 15],
  ["frame", "ICMP frame", "count", "Frame of the ICMP error, as file:frame where several files were read."],
  ["atMs", "ICMP at", "ms", "Time of the ICMP error since the connection's first packet."],
];
