/**
 * THE field table: every leaf of a ConnectionRecord once, with name, heading, unit and description.
 *
 * A name is the leaf's path in the JSON document. Columns of every report, flattened rows and docs/fields.md are made
 * from this table; a field that is not listed here is shown nowhere. Reading never computes: it only looks up.
 */
import { STATE_NAMES, type StateName } from "../tcp/states.js";
import type {
  ConnectionRecord,
  EndpointRecord,
  GaveUpRecord,
  HeartbeatRecord,
  OfferedOptions,
  ResetRecord,
  RoundTripRecord,
  Side,
  TimesRecord,
  TlsRecord,
  UnreachableRecord,
} from "./record.js";
import type {
  BlackHoleRecord,
  LimitsRecord,
  LostRecord,
  RecoveryRecord,
  RepeatedBytesRecord,
  StallRecord,
} from "./transfer-record.js";

export type FieldUnit = "ms" | "bytes" | "bits/s" | "share" | "count" | "text" | "time" | "flag" | "list";

/** A leaf as it stands in the record: plain values, and lists where a connection can have several. */
export type FieldValue = string | number | boolean | readonly unknown[] | null;

export interface Field {
  /** Path of the leaf in the JSON document, with dots. */
  readonly name: string;
  /** Short heading of a column. */
  readonly title: string;
  readonly unit: FieldUnit;
  /** One full sentence, with the section of the RFC where there is one. */
  readonly description: string;
  /** The value, or null where it is unknown or does not apply; never undefined. */
  read(record: ConnectionRecord): FieldValue;
  /** Characters that an ordinary value takes in a column. */
  readonly width: number;
  readonly align: "left" | "right";
}

const WIDTHS: Readonly<Record<FieldUnit, number>> = {
  ms: 8,
  bytes: 7,
  "bits/s": 11,
  share: 7,
  count: 6,
  text: 12,
  time: 30,
  flag: 3,
  list: 16,
};

/** One line of the table below: name, title, unit, description, and a width where the unit's does not fit. */
type Row<T> = readonly [
  name: Extract<keyof T, string>,
  title: string,
  unit: FieldUnit,
  text: string,
  width?: number,
];

/** Fields from lines, for a part of the record that `part` finds (null where the connection has none). */
function fieldsOf<T>(
  prefix: string,
  part: (record: ConnectionRecord) => T | null,
  rows: readonly Row<T>[],
): Field[] {
  return rows.map(([name, title, unit, description, width]) => ({
    name: `${prefix}${name}`,
    title,
    unit,
    description,
    read: (record) => (part(record)?.[name] as FieldValue | undefined) ?? null,
    width: width ?? WIDTHS[unit],
    align: unit === "text" || unit === "time" || unit === "list" ? "left" : "right",
  }));
}

const identity: readonly Row<ConnectionRecord>[] = [
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

const opening: readonly Row<ConnectionRecord>[] = [
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

const unreachable: readonly Row<UnreachableRecord>[] = [
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

const close: readonly Row<ConnectionRecord>[] = [
  ["close", "close", "text", "How the connection stood when it was last seen (RFC 9293 §3.6).", 19],
  [
    "closedFirst",
    "closed by",
    "text",
    "The side that sent the first FIN, or, without one, the reset; both where the FINs crossed.",
    9,
  ],
];

const reset: readonly Row<ResetRecord>[] = [
  ["kind", "reset", "text", "What the reset says about its sender (RFC 9293 §3.5.2, RFC 9293 §3.10.7).", 20],
  ["by", "reset by", "text", "The side that sent the reset.", 8],
  ["atMs", "reset at", "ms", "Time of the reset since the connection's first packet."],
  ["frame", "RST frame", "count", "Frame of the reset, as file:frame where several files were read."],
  [
    "provokedByFrame",
    "answers",
    "count",
    "Frame of the segment that the reset answers, as far as that can be told; named like the reset's.",
  ],
  [
    "anatomy",
    "anatomy",
    "text",
    "The reset's bits, window and place in sequence space, and what kind of sender they point to.",
    40,
  ],
  [
    "unreadData",
    "unread",
    "text",
    "Whether that side had received data that its application may not have read: likely or possible.",
    8,
  ],
  [
    "idleMs",
    "idle before",
    "ms",
    "Of a host that knows no such connection: how long it had been silent before the segment that it answers.",
  ],
  [
    "refusedBytes",
    "refused",
    "bytes",
    "After a close: payload of the other side that came too late, and was never acknowledged (RFC 9293 §3.6).",
  ],
  [
    "suspicion",
    "suspicion",
    "text",
    "Says middlebox where at least two independent signs point to a box on the way as the reset's maker.",
    9,
  ],
  ["signs", "signs", "list", "The signs that the reset was made by a box on the way."],
];

const gaveUp: readonly Row<GaveUpRecord>[] = [
  ["side", "gave up", "text", "The side that repeated without an answer and stopped (RFC 9293 §3.8.3).", 7],
  ["what", "of", "text", "What it had sent: SYN, SYN-ACK, segment or probe.", 7],
  ["repeats", "repeats", "count", "Repeats and probes of that side since it last heard its peer."],
  ["silentMs", "silent", "ms", "Time from the last of those repeats to the end of the capture."],
  [
    "leastMs",
    "not before",
    "ms",
    "Time from what it first sent without an answer to its last repeat: it gave up after that.",
  ],
  [
    "mostMs",
    "not after",
    "ms",
    "Time from what it first sent without an answer to when the next repeat was overdue: it gave up before that.",
  ],
  [
    "timetable",
    "timetable",
    "text",
    "When its repeats came: linear-then-doubling (SYNs of Linux since 6.5) or doubling (RFC 6298 §5.5); null where neither shows.",
    20,
  ],
  [
    "limit",
    "limit",
    "text",
    "Says default where all repeats were made that Linux makes by itself, earlier where it stopped before: a timeout of the application's, or a lower limit.",
    8,
  ],
];

const rest: readonly Row<ConnectionRecord>[] = [
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
    "Names of the findings (docs/findings.md) that this connection stands behind, or would with others like it, the worst first.",
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

const heartbeat: readonly Row<HeartbeatRecord>[] = [
  ["by", "heartbeat", "text", "The side that sends small messages at even intervals.", 9],
  ["count", "beats", "count", "How many of them came when they were due."],
  ["intervalMs", "interval", "ms", "The time between two of them."],
  ["missed", "missed", "count", "How many did not come."],
];

/** Times of one kind; `what` says which, in the middle of a sentence, `title` in a word. */
function timesRows(title: string, what: string): Row<TimesRecord>[] {
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

const RESPONSE =
  "the last byte of a request to the first byte of its response, as the capture point saw both";
const THOUGHT =
  "the last byte of a response to the first byte of the next request, as the capture point saw both";
const ROUND_TRIP =
  "a segment of this side to the acknowledgment that covers it (no repeats: RFC 6298 §3), by way of the peer";

const roundTrip: readonly Row<RoundTripRecord>[] = [
  ...timesRows("round trip", ROUND_TRIP),
  ["smoothedMs", "SRTT", "ms", "Those times smoothed, as they were at the end (RFC 6298 §2)."],
  ["variationMs", "RTTVAR", "ms", "The mean deviation of those times, smoothed likewise (RFC 6298 §2)."],
];

const tls: readonly Row<TlsRecord>[] = [
  [
    "sni",
    "server name",
    "text",
    "Host name that the client asks for in the clear (RFC 6066 §3), bytes that are not printable ASCII escaped; null where it names none, or where isTruncated is true perhaps not captured. With Encrypted ClientHello it is the outer name.",
    24,
  ],
  [
    "isTruncated",
    "cut",
    "flag",
    "True where the ClientHello was not captured whole, is longer than the 4 kB that are kept, or has a name of more than 255 bytes.",
    4,
  ],
  [
    "versionOffered",
    "TLS offered",
    "text",
    "Highest version of TLS that the client offers (RFC 8446 §4.2.1); null where the capture cut that part.",
    11,
  ],
  [
    "version",
    "TLS",
    "text",
    "Version of TLS that the server chose (RFC 8446 §4.2.1); null where its ServerHello was not captured.",
    8,
  ],
  [
    "alpnOffered",
    "ALPN offered",
    "list",
    "Application protocols that the client offers, its favourite first (RFC 7301 §3.1).",
  ],
  [
    "alpn",
    "ALPN",
    "text",
    "Application protocol that the server chose (RFC 7301 §3.1); null in TLS 1.3, where the choice is encrypted.",
    8,
  ],
  ["cipher", "cipher", "count", "Number of the cipher suite that the server chose (RFC 8446 §4.1.3)."],
  [
    "cipherName",
    "cipher suite",
    "text",
    "Name of that cipher suite in the registry of the IANA; null for one that is rarely used.",
    28,
  ],
  [
    "helloAtMs",
    "hello at",
    "ms",
    "Time of the last byte of the ClientHello (RFC 8446 §4.1.2) since the connection's first packet; the TLS times below count from it.",
  ],
  [
    "helloFrame",
    "hello frame",
    "count",
    "Packet with that byte, as file:frame where several files were read.",
  ],
  [
    "serverHelloMs",
    "ServerHello",
    "ms",
    "ClientHello to the first byte of the ServerHello (RFC 8446 §4.1.3): a round trip from the capture point to the server, and the server's thinking; one more round trip for each HelloRetryRequest.",
    11,
  ],
  [
    "handshakeMs",
    "TLS time",
    "ms",
    "ClientHello to the end of the handshake: in TLS 1.3 the client's Finished, told by its length (RFC 8446 §4.4.4), before it the later of both Finished (RFC 5246 §7.4.9).",
  ],
  [
    "clientDataMs",
    "client data",
    "ms",
    "ClientHello to the client's first record of application data (RFC 8446 §5.1): in TLS 1.3 the first behind its Finished, or its early data; null where none was seen.",
    11,
  ],
  [
    "serverDataMs",
    "server data",
    "ms",
    "ClientHello to the server's first record of application data (RFC 8446 §5.1): in TLS 1.3 the first after the client's Finished, which may be a session ticket, so the data itself may be later; null where none was seen.",
    11,
  ],
  [
    "requestMs",
    "request",
    "ms",
    "ClientHello to the client's last record of application data before the server's answer (RFC 8446 §5.1); null where none was seen.",
    11,
  ],
  [
    "sessionTickets",
    "tickets",
    "count",
    "Session tickets of the server (RFC 8446 §4.6.1): two or more records of one length, its first behind the handshake; 0 before TLS 1.3, and where they cannot be told from data (one alone).",
    7,
  ],
  [
    "answerMs",
    "answer",
    "ms",
    "ClientHello to the server's first record of application data that is none of those tickets (RFC 8446 §5.1); null where none was seen.",
    11,
  ],
  ["hasEarlyData", "0-RTT", "flag", "Whether the client announces early data (RFC 8446 §4.2.10).", 5],
  [
    "helloRetryRequests",
    "retries",
    "count",
    "HelloRetryRequests of the server (RFC 8446 §4.1.4): each cost a round trip.",
    7,
  ],
  [
    "alerts",
    "alerts",
    "list",
    "Alerts up to the first application data that is no session ticket (RFC 8446 §6): who sent it, level and description where it was in the clear, protected where it is encrypted, possible where a record of TLS 1.3 has an alert's size.",
  ],
  ["alertsOmitted", "more alerts", "count", "Alerts beyond the four that are listed.", 11],
];

const endpoint: readonly Row<EndpointRecord>[] = [
  ["address", "address", "text", "IP address; IPv6 in its canonical form (RFC 5952 §4).", 15],
  ["port", "port", "count", "TCP port (RFC 9293 §3.1).", 5],
  [
    "state",
    "state",
    "text",
    "State at the end of the capture, or when the connection was over (RFC 9293 §3.3.2).",
    12,
  ],
  ["packets", "packets", "count", "Packets that this side sent, copies left out."],
  [
    "segments",
    "segments",
    "count",
    "Segments in this side's packets: more than packets where the capture holds several in one (segmentation offload); null where the MSS is unknown (RFC 9293 §3.7.1).",
  ],
  ["bytes", "bytes", "bytes", "Payload bytes that this side sent, repeats included."],
  [
    "retransmissions",
    "retr",
    "count",
    "Segments that this side sent again, SYN and FIN included (RFC 9293 §3.8.1).",
  ],
  ["retransmittedBytes", "retr bytes", "bytes", "Payload bytes that this side sent again."],
  ["synRetransmissions", "SYN retr", "count", "Repeats of this side's SYN, or SYN-ACK (RFC 9293 §3.8.1)."],
  ["finRetransmissions", "FIN retr", "count", "Repeats of this side's FIN (RFC 9293 §3.8.1)."],
  [
    "finAckGapMs",
    "FIN ACK gap",
    "ms",
    "Time from the last of those to the acknowledgment of the FIN: where it is shorter than a round trip, the first FIN's, which was late; null without.",
  ],
  [
    "finCameTwice",
    "FIN twice",
    "flag",
    "True where that acknowledgment says that the FIN had come twice (RFC 2883 §4): the one of the first was lost.",
    9,
  ],
  [
    "fastRetransmissions",
    "fast",
    "count",
    "Retransmissions that acknowledgments called for (RFC 5681 §3.2, RFC 6675, RFC 8985).",
  ],
  ["timeouts", "timeouts", "count", "Retransmissions whose timer had run out (RFC 6298 §5)."],
  [
    "timeoutRepeats",
    "after timeout",
    "count",
    "Retransmissions after a timeout, as acknowledgments came in.",
  ],
  [
    "tailLossProbes",
    "probes",
    "count",
    "Retransmissions that probed whether the last bytes were lost (RFC 8985 §7).",
  ],
  [
    "pathMtuRetransmissions",
    "too big",
    "count",
    "Retransmissions of what was too big for the path (RFC 1191 §6, RFC 8899 §4).",
  ],
  [
    "fastOpenRetransmissions",
    "not taken",
    "count",
    "Retransmissions of the SYN's data that the SYN-ACK did not take (RFC 7413 §4.2).",
  ],
  [
    "unexplainedRetransmissions",
    "unexplained",
    "count",
    "Retransmissions of data and FIN whose cause cannot be told.",
  ],
  [
    "retransmissionShare",
    "retr share",
    "share",
    "Payload bytes that this side sent again, as a share of all that it sent; null where it sent none.",
  ],
  [
    "lostAcks",
    "lost ACKs",
    "count",
    "Times that this side's acknowledgments had passed the capture point for longer than they take, and its peer's timer ran out all the same (RFC 6298 §5): they were lost after it, or held up for long.",
  ],
  [
    "spuriousRetransmissions",
    "needless",
    "count",
    "Retransmissions of bytes that had arrived, or were about to (RFC 2883, RFC 3522).",
  ],
  [
    "inferredRetransmissions",
    "inferred",
    "count",
    "Retransmissions told by missing packet numbers alone: no earlier copy reached the capture point.",
  ],
  [
    "forgottenRanges",
    "forgotten",
    "count",
    "Holes in this side's bytes (64 are remembered at a time) and ranges that SACK reported of them (16) that were forgotten: what fills them later may be judged wrongly.",
  ],
  ["reordered", "reordered", "count", "Segments of this side that others overtook on the way."],
  [
    "networkDuplicates",
    "net copies",
    "count",
    "Copies of this side's packets that were made on the way; they stand in no other count.",
  ],
  [
    "captureDuplicates",
    "capt copies",
    "count",
    "Copies of this side's packets that the capture made; they stand in no other count.",
  ],
  ["duplicateAcks", "dup ACKs", "count", "Duplicate acknowledgments that this side sent (RFC 5681 §2)."],
  [
    "unansweredRepeats",
    "unanswered",
    "count",
    "Repeats and probes that this side sent since it last heard its peer.",
  ],
  [
    "unansweredMs",
    "unanswered for",
    "ms",
    "Time from when this side last heard its peer to the last of those repeats.",
  ],
  ["unansweredGapMs", "last gap", "ms", "Time between the last two of those repeats."],
  [
    "unansweredBackoffs",
    "backoffs",
    "count",
    "How often the time between those repeats doubled (RFC 6298 §5.5).",
  ],
  [
    "timeoutMinMs",
    "shortest timeout",
    "ms",
    "The shortest time after which this side's retransmission timer was seen to run out (RFC 6298 §2).",
  ],
  ["keepAlives", "keep-alives", "count", "Keep-alive probes that this side sent (RFC 9293 §3.8.4)."],
  [
    "keepAliveIdleMs",
    "idle before",
    "ms",
    "The peer's shortest silence before this side probed it (7,200 s where nobody set another, RFC 9293 §3.8.4); null without keep-alives.",
  ],
  [
    "keepAliveGapMs",
    "probe gap",
    "ms",
    "The shortest time between two keep-alives of this side of which the first was not answered (75 s is Linux's default); null without.",
  ],
  [
    "keepAlivesUnanswered",
    "unanswered",
    "count",
    "Keep-alives of this side since its peer was last heard (Linux gives up after 9).",
  ],
  [
    "heldBackSegments",
    "held back",
    "count",
    "Small segments of this side that went as soon as an acknowledgment came which had been delayed (RFC 9293 §3.7.4 against RFC 9293 §3.8.6.3).",
  ],
  [
    "heldBackMs",
    "held for",
    "ms",
    "How long those acknowledgments were delayed, in all; null where there were none.",
  ],
  [
    "zeroWindows",
    "zero windows",
    "count",
    "Times that this side closed its receive window (RFC 9293 §3.8.6).",
  ],
  [
    "zeroWindowMs",
    "window closed",
    "ms",
    "How long this side's receive window was closed in all, until now or the connection's end where it still is (RFC 9293 §3.8.6); null where it never was.",
  ],
  ["longestZeroWindowMs", "longest", "ms", "The longest time that this side's receive window was closed."],
  [
    "zeroWindowAtEnd",
    "closed",
    "flag",
    "True where this side's receive window was closed when it was last heard (RFC 9293 §3.8.6).",
    6,
  ],
  [
    "windowUpdatesLost",
    "updates lost",
    "count",
    "How often this side opened its window again and its peer went on probing for more than a round trip: it did not hear of it (RFC 9293 §3.8.6.1).",
  ],
  [
    "zeroWindowProbes",
    "probes",
    "count",
    "Probes of the peer's closed window that this side sent (RFC 9293 §3.8.6.1).",
  ],
  [
    "mostInFlightBytes",
    "in flight",
    "bytes",
    "Most of this side's payload bytes that were on the way at once, by the acknowledgments that had passed the capture point (RFC 5681 §2); null where it sent none.",
  ],
  [
    "initialWindowBytes",
    "first flight",
    "bytes",
    "Payload bytes that this side sent before it could have heard an acknowledgment of any (RFC 6928 §2); null where it had too little to send for that to tell of a window.",
  ],
  [
    "windowFulls",
    "window full",
    "count",
    "Segments of this side that left less than a full one of the window that its peer had advertised (RFC 9293 §3.8.6).",
  ],
  [
    "filledWindowBytes",
    "filled window",
    "bytes",
    "The largest receive window of its peer that this side filled, as it knew it then (RFC 9293 §3.8.6); null where it filled none.",
  ],
  [
    "transferMs",
    "transfer",
    "ms",
    "Time from this side's first payload to its last; null where it sent none.",
  ],
  [
    "throughput",
    "throughput",
    "bits/s",
    "Payload bits a second over that time, repeats included; null where there is no such time.",
  ],
  ["goodput", "goodput", "bits/s", "Likewise without repeats (RFC 2647 §3.17)."],
  [
    "busyMs",
    "busy",
    "ms",
    "The part of that time in which this side had bytes on the way, as it knew itself; null where it was not followed as a sender from its first data.",
  ],
  [
    "missingBytes",
    "missing",
    "bytes",
    "Bytes of this side that its peer acknowledged and that the capture does not hold.",
  ],
  [
    "reportedGaps",
    "gaps told",
    "count",
    "Gaps in this side's bytes that its receiver told of by SACK (RFC 2018 §3) or three duplicate acknowledgments (RFC 5681 §3.2), where nothing of this side was captured; else null.",
  ],
  ["resets", "resets", "count", "Segments with RST that this side sent (RFC 9293 §3.5.2)."],
  [
    "unexpectedEvents",
    "unexpected",
    "count",
    "Events that the state machine does not list for the state this side was in (RFC 9293 §3.10).",
  ],
  [
    "isn",
    "ISN",
    "count",
    "Initial sequence number (RFC 9293 §3.4.1); null where this side's SYN was not captured.",
    10,
  ],
  [
    "rewrittenMss",
    "rewritten MSS",
    "bytes",
    "Maximum segment size on a copy of this side's SYN from another capture point, where a box between the two changed it (RFC 9293 §3.7.1); null where none is known to.",
  ],
  ["ttl", "TTL", "count", "IP time to live, or hop limit, of this side's last packet that was no reset.", 4],
  [
    "synTtl",
    "SYN TTL",
    "count",
    "IP time to live, or hop limit, of this side's SYN or SYN-ACK, where its answers had another (answerTtl).",
  ],
  [
    "answerTtl",
    "answer TTL",
    "count",
    "That of this side's first packet by which the other side's round trip was measured, where its SYN had another: maybe of a host on the way that answers in its place.",
  ],
  ["synPayloadBytes", "SYN bytes", "bytes", "Payload bytes on this side's SYN (RFC 7413 §2)."],
  [
    "userTimeoutMs",
    "UTO",
    "ms",
    "User timeout that this side announced last (RFC 5482 §3); null where it announced none.",
  ],
  [
    "badChecksums",
    "damaged",
    "count",
    "Segments of this side whose checksum is wrong (RFC 9293 §3.1); they were damaged on the way and stand in no other figure, unless there are too many of them for that. Null without --checksums.",
    7,
  ],
  [
    "badChecksumFrame",
    "damaged frame",
    "count",
    "The first of those packets, as file:frame where several files were read.",
  ],
  [
    "congestionMarks",
    "CE",
    "count",
    "Packets of this side that arrived with the congestion-experienced mark (RFC 3168 §5).",
    4,
  ],
  [
    "congestionEchoes",
    "ECE",
    "count",
    "Segments of this side with ECE: it got congestion marks (RFC 3168 §6.1.3); SYNs and accurate ECN (RFC 9768 §3.2) left out.",
    4,
  ],
  [
    "windowReductions",
    "CWR",
    "count",
    "Segments of this side with CWR: it reduced its congestion window (RFC 3168 §6.1.2); counted likewise.",
    4,
  ],
  [
    "lastFrame",
    "last frame",
    "count",
    "Frame of this side's last packet, as file:frame where several files were read; null without one.",
  ],
];

const repeatedBytes: readonly Row<RepeatedBytesRecord>[] = [
  [
    "fastBytes",
    "fast bytes",
    "bytes",
    "Payload bytes sent again as acknowledgments called for them (RFC 6675 §5).",
  ],
  [
    "timeoutBytes",
    "timeout bytes",
    "bytes",
    "Payload bytes sent again when the timer had run out (RFC 6298 §5).",
  ],
  [
    "timeoutRepeatBytes",
    "after timeout bytes",
    "bytes",
    "Payload bytes sent again after a timeout, as acknowledgments came in.",
  ],
  [
    "tailLossProbeBytes",
    "probe bytes",
    "bytes",
    "Payload bytes sent again as probes of the tail (RFC 8985 §7).",
  ],
  ["pathMtuBytes", "too big bytes", "bytes", "Payload bytes sent again in smaller packets (RFC 8899 §4)."],
  ["fastOpenBytes", "not taken bytes", "bytes", "Payload bytes of the SYN sent again (RFC 7413 §4.2)."],
  ["unexplainedBytes", "unexplained bytes", "bytes", "Payload bytes sent again whose cause cannot be told."],
];

const lost: readonly Row<LostRecord>[] = [
  [
    "beforeCapture",
    "lost before",
    "count",
    "Segments that were lost before the capture point: a hole told of them, or a missing packet number, and a repeat filled it.",
  ],
  ["beforeCaptureBytes", "bytes before", "bytes", "Payload bytes of those."],
  [
    "afterCapture",
    "lost after",
    "count",
    "Segments that were lost after the capture point: they were captured, sent again, and no sign came that this was needless.",
  ],
  ["afterCaptureBytes", "bytes after", "bytes", "Payload bytes of those."],
];

const recovery: readonly Row<RecoveryRecord>[] = [
  [
    "episodes",
    "recoveries",
    "count",
    "Times that this side repaired losses: from the first repeat until all was acknowledged that was on the way then (RFC 6675 §2).",
  ],
  ["totalMs", "recovering", "ms", "How long that took in all."],
  ["longestMs", "longest recovery", "ms", "The longest of those times."],
  ["fromFrame", "from", "count", "Frame of the first repeat of the longest."],
  ["toFrame", "to", "count", "Frame of the acknowledgment that ended it; null where none did."],
  [
    "flightRatio",
    "flight ratio",
    "share",
    "Bytes on the way a round trip after fast recoveries, beside those when the loss was found: about 0.5 with Reno (RFC 5681 §3), 0.7 with CUBIC (RFC 9438 §4), 1 with BBR; null where none was measured.",
  ],
  ["flightsMeasured", "flights", "count", "Recoveries that this was measured of."],
];

const stall: readonly Row<StallRecord>[] = [
  [
    "count",
    "stalls",
    "count",
    "Times that nothing was delivered until the timer of this side ran out, and for how long its repeat took (RFC 6298 §5).",
  ],
  ["totalMs", "stalled", "ms", "How long that took in all."],
  ["longestMs", "longest stall", "ms", "The longest of those times."],
  ["fromFrame", "from", "count", "Frame of the first repeat in the longest."],
  ["toFrame", "to", "count", "Frame of the acknowledgment that ended it; null where none did."],
];

const blackHole: readonly Row<BlackHoleRecord>[] = [
  [
    "tooBigBytes",
    "too big",
    "bytes",
    "Payload of this side's segments that its timer sent again and again and that never arrived, where smaller ones did (RFC 2923 §2.1).",
  ],
  ["fittingBytes", "fitting", "bytes", "Payload of the smaller ones."],
];

const limitedBy: readonly Row<LimitsRecord>[] = [
  [
    "application",
    "by application",
    "share",
    "Share of the transfer time in which this side's application gave it nothing more to send.",
  ],
  [
    "receiveWindow",
    "by window",
    "share",
    "Share of the transfer time in which the peer's window was full (RFC 9293 §3.8.6).",
  ],
  [
    "network",
    "by losses",
    "share",
    "Share of the transfer time in which losses were repaired (RFC 6675 §5).",
  ],
  [
    "congestionWindow",
    "by congestion",
    "share",
    "The rest of the transfer time: the congestion window (RFC 5681 §3), pacing or the send buffer held it.",
  ],
];

const offered: readonly Row<OfferedOptions>[] = [
  ["mss", "MSS", "bytes", "Maximum segment size that this side offered (RFC 9293 §3.7.1)."],
  [
    "windowScale",
    "scale",
    "count",
    "Window scale shift that this side offered; null where it offered none (RFC 7323 §2.2).",
    5,
  ],
  ["sack", "SACK", "flag", "Whether this side permitted selective acknowledgments (RFC 2018 §2).", 4],
  ["timestamps", "TS", "flag", "Whether this side offered timestamps (RFC 7323 §3.2)."],
  [
    "ecn",
    "ECN",
    "text",
    "Explicit congestion notification that this side offered: no, ecn (RFC 3168 §6.1.1) or accecn.",
    6,
  ],
  [
    "fastOpen",
    "TFO",
    "text",
    "TCP Fast Open on this side's SYN: no, requested or cookie (RFC 7413 §4.1).",
    9,
  ],
  ["mptcp", "MPTCP", "flag", "Whether this side offered Multipath TCP (RFC 8684 §3.1).", 5],
  ["md5", "MD5", "flag", "Whether this side's SYN carried an MD5 signature (RFC 2385 §2)."],
  [
    "authentication",
    "AO",
    "flag",
    "Whether this side's SYN carried the authentication option (RFC 5925 §2.2).",
  ],
];

function sideFields(side: Side): Field[] {
  const prefix = `${side}.`;
  return [
    ...fieldsOf(prefix, (record) => record[side], endpoint),
    ...fieldsOf(`${prefix}roundTrip.`, (record) => record[side].roundTrip, roundTrip),
    ...fieldsOf(`${prefix}repeatedBytes.`, (record) => record[side].repeatedBytes, repeatedBytes),
    ...fieldsOf(`${prefix}lost.`, (record) => record[side].lost, lost),
    ...fieldsOf(`${prefix}recovery.`, (record) => record[side].recovery, recovery),
    ...fieldsOf(`${prefix}stall.`, (record) => record[side].stall, stall),
    ...fieldsOf(`${prefix}blackHole.`, (record) => record[side].blackHole, blackHole),
    ...fieldsOf(`${prefix}limitedBy.`, (record) => record[side].limitedBy, limitedBy),
    ...fieldsOf(`${prefix}offered.`, (record) => record[side].offered, offered),
    // Nobody is timed in CLOSED: it has neither a beginning nor an end.
    ...STATE_NAMES.filter((state) => state !== "CLOSED").map((state) => stateTimeField(side, state)),
  ];
}

function stateTimeField(side: Side, state: StateName): Field {
  return {
    name: `${side}.stateTimesMs.${state}`,
    title: `in ${state}`,
    unit: "ms",
    description: `Time that the ${side} spent in ${state} (RFC 9293 §3.3.2); null where it never was in that state.`,
    read: (record) => record[side].stateTimesMs[state] ?? null,
    width: WIDTHS.ms,
    align: "right",
  };
}

const whole = (record: ConnectionRecord): ConnectionRecord => record;

/** Every field of a connection, in the order in which rows and documents list them. */
export const FIELDS: readonly Field[] = [
  ...fieldsOf("", whole, identity),
  ...sideFields("client"),
  ...sideFields("server"),
  ...fieldsOf("", whole, opening),
  ...fieldsOf("unreachable.", (record) => record.unreachable, unreachable),
  ...fieldsOf("", whole, close),
  ...fieldsOf("reset.", (record) => record.reset, reset),
  ...fieldsOf("gaveUp.", (record) => record.gaveUp, gaveUp),
  ...fieldsOf("responseTime.", (record) => record.responseTime, timesRows("response", RESPONSE)),
  ...fieldsOf("thinkTime.", (record) => record.thinkTime, timesRows("thought", THOUGHT)),
  ...fieldsOf("heartbeat.", (record) => record.heartbeat, heartbeat),
  ...fieldsOf("tls.", (record) => record.tls, tls),
  ...fieldsOf("", whole, rest),
];
