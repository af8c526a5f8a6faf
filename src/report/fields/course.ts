/** Fields of a connection: what it follows on, what it exchanged and how long that took. */

import type { ConnectionRecord, HeartbeatRecord, RoundTripRecord, TimesRecord } from "../record.js";
import type { Row } from "./field.js";

export const rest: readonly Row<ConnectionRecord>[] = [
  [
    "reuse",
    "reuse",
    "text",
    "How the four-tuple came to be used again (RFC 6191 §2, RFC 9293 §3.6.1); null for the first use.",
    15,
  ],
  ["reusedAfterMs", "reused", "ms", "Time from the previous connection's last packet to this one's first."],
  [
    "reuseProven",
    "proven",
    "flag",
    "True where the new initial sequence number is the old SND.NXT + 65537, as Linux sets it only when it takes up a TIME_WAIT (RFC 6191 §2).",
    6,
  ],
  [
    "reuseRefused",
    "refused",
    "flag",
    "True where the SYN met a TIME_WAIT that must not yield to it: neither a newer TSval nor a higher sequence number (RFC 6191 §2).",
    7,
  ],
  ["previousId", "previous", "text", "Id of the previous connection of the same four-tuple.", 8],
  [
    "firstByteMs",
    "first byte",
    "ms",
    "First SYN to the first payload byte of the server, as the capture point saw both; null where one of them was not captured.",
  ],
  [
    "pathRoundTripMs",
    "path",
    "ms",
    "The shortest round trip of the whole path: both sides' shortest ones together, or the handshake's where that is shorter or all there is (RFC 6298 §2).",
  ],
  [
    "slowAnswerFrame",
    "slow answer",
    "count",
    "The packet in which the slowest response began (as file:frame where several files were read); null where none took a second.",
  ],
  [
    "overlappingTurns",
    "overlaps",
    "count",
    "Turns that began while the other side's bytes were still on the way, as with HTTP/2: they are not timed, and with more than one in ten no turn is.",
    8,
  ],
  [
    "synProxy",
    "SYN proxy",
    "flag",
    "True where the SYN-ACK allowed no bytes until an acknowledgment without payload opened the window: a SYN proxy held the client meanwhile (RFC 4987 §3.8).",
    9,
  ],
  ["packets", "packets", "count", "Packets of both sides together, copies left out."],
  ["bytes", "bytes", "bytes", "Payload bytes of both sides together, repeats included."],
  [
    "retransmissions",
    "retr",
    "count",
    "Segments of both sides together that were sent again, SYN and FIN included (RFC 9293 §3.8.1).",
  ],
  [
    "hasFragments",
    "frag",
    "flag",
    "True where packets came in IP fragments (RFC 791 §3.2): the first one was read, what the others held is not counted missing.",
    4,
  ],
  [
    "refusedSyns",
    "SYNs refused",
    "count",
    "SYNs with another initial sequence number that the open connection did not yield to (RFC 5961 §4).",
  ],
  [
    "sameAs",
    "same as",
    "text",
    "Id of the connection that this one shows again under another four-tuple (RFC 3022 §2); only that one is counted.",
    8,
  ],
  [
    "findings",
    "findings",
    "list",
    "Names of the findings (docs/findings.md) that this connection stands behind, the worst first; while the capture is read, of those that can be told by then.",
  ],
  [
    "transitions",
    "transitions",
    "list",
    "Every change of state, in order, with time, frame (as file:frame where several files were read), side and event (RFC 9293 §3.3.2).",
  ],
  ["transitionsDropped", "dropped", "count", "Changes of state beyond the bound on kept ones, counted only."],
  [
    "evicted",
    "evicted",
    "flag",
    "It was still open when its record was made final, for too many connections were (--max-connections).",
  ],
];

export const heartbeat: readonly Row<HeartbeatRecord>[] = [
  ["by", "heartbeat", "text", "The side that sends small messages at even intervals.", 9],
  ["count", "beats", "count", "How many of them came when they were due."],
  ["intervalMs", "interval", "ms", "The time between two of them."],
  ["missed", "missed", "count", "How many did not come."],
];

/** Times of one kind; `what` says which, in the middle of a sentence, `title` in a word. */
export function timesRows(title: string, what: string): Row<TimesRecord>[] {
  return [
    ["count", `${title}s`, "count", `How many times were measured from ${what}.`],
    ["minMs", `${title} min`, "ms", `The shortest time from ${what}.`],
    ["meanMs", `${title} mean`, "ms", `The mean of the times from ${what}.`],
    [
      "p50Ms",
      `${title} p50`,
      "ms",
      `The median of the times from ${what}, within 9 % while they lie within a factor of 16.`,
    ],
    ["p95Ms", `${title} p95`, "ms", `The 95th percentile of the times from ${what}, as exact as the median.`],
    ["maxMs", `${title} max`, "ms", `The longest time from ${what}.`],
  ];
}

export const RESPONSE =
  "the last byte of a request to the first byte of its response, as the capture point saw both";

export const THOUGHT =
  "the last byte of a response to the first byte of the next request, as the capture point saw both";

const ROUND_TRIP =
  "a segment of this side to the acknowledgment that covers it (no repeats: RFC 6298 §3), by way of the peer";

export const roundTrip: readonly Row<RoundTripRecord>[] = [
  ...timesRows("round trip", ROUND_TRIP),
  ["smoothedMs", "SRTT", "ms", "Those times smoothed, as they were at the end (RFC 6298 §2)."],
  ["variationMs", "RTTVAR", "ms", "The mean deviation of those times, smoothed likewise (RFC 6298 §2)."],
];
