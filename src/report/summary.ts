/**
 * What is said of a capture as a whole. Plain readonly objects; may be asked for at any time while the file is read.
 */
import type { StateName } from "../tcp/states.js";
import type { Finding, OmittedSightings } from "./finding.js";
import type { Frame } from "./frame.js";
import type { Side } from "./record.js";
import type { Timeline } from "./timeline.js";
import type { Close, Outcome, ResetKind } from "./verdicts.js";

/** Percentiles over finished handshakes, in milliseconds; null where there was none. */
export interface Distribution {
  readonly count: number;
  readonly minMs: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/**
 * What is measured of a completed handshake, by the names of the record's fields; with the name of its histogram and
 * its title in tables. `retryWait` counts only handshakes that had to repeat a SYN.
 */
export const HANDSHAKE_TIMES = [
  { name: "connectTime", histogram: "connectTimes", title: "connect", sentence: "Time to connect" },
  { name: "serverLeg", histogram: "serverLegs", title: "server leg", sentence: "Server leg: SYN to SYN-ACK" },
  { name: "clientLeg", histogram: "clientLegs", title: "client leg", sentence: "Client leg: SYN-ACK to ACK" },
  { name: "initialRtt", histogram: "initialRtts", title: "initial RTT", sentence: "Initial RTT: both legs" },
  {
    name: "retryWait",
    histogram: "retryWaits",
    title: "retry wait",
    sentence: "Wait until the answered SYN",
  },
] as const;

export type HandshakeTime = (typeof HANDSHAKE_TIMES)[number]["name"];

/** Percentiles of every time of a handshake. */
export type HandshakeTimes = Readonly<Record<HandshakeTime, Distribution>>;

/** How every time of a handshake is spread. */
export type HandshakeHistograms = Readonly<Record<(typeof HANDSHAKE_TIMES)[number]["histogram"], Histogram>>;

/** The times of all handshakes, and what was lost of them. */
export interface HandshakeSummary extends HandshakeTimes {
  /** Handshakes whose legs could not be told apart. */
  readonly ambiguous: number;
  readonly synLost: number;
  readonly synAckLost: number;
  readonly handshakeAckLost: number;
}

/** Counts over logarithmic classes: `counts[i]` handshakes took edgesMs[i] ≤ t < edgesMs[i + 1]. */
export interface Histogram {
  readonly edgesMs: readonly number[];
  readonly counts: readonly number[];
  /** The times themselves, ascending, where there are at most four of a whole capture; else absent. */
  readonly timesMs?: readonly number[];
}

export type CapturePoint = "near-client" | "near-server" | "middle" | "unknown";

/**
 * One line of the server or client tables. A host among very many may have its times' percentiles over its later
 * handshakes only: their `count` says over how many.
 */
export interface HostSummary extends HandshakeTimes, HandshakeHistograms, HostStates {
  /** `address:port` of a server, address of a client. */
  readonly name: string;
  readonly connections: number;
  readonly completed: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly resets: number;
  readonly retransmissions: number;
  readonly bytes: number;
  /** Lost between the capture point and the clients, and between it and the servers, as repeats show. */
  readonly lostClientSide: HostLosses;
  readonly lostServerSide: HostLosses;
  /** Completed ones that carried one request and its response, and no more. */
  readonly oneTurn: number;
  /** How many it closed first by a FIN, and how many its peers did; in no number where the FINs crossed, or none came. */
  readonly closedFirst: number;
  readonly closedByPeers: number;
  /** How many it closed first in the worst minute of the capture: at least so many stood in TIME_WAIT at once (Linux). */
  readonly timeWaitPeak: number;
  /**
   * Most requests that one connection had answered, where that can be told; connections that their server closed first, as
   * soon as it had answered; those of them that had so many answered.
   */
  readonly mostExchanges: number;
  readonly closedWithAnswer: number;
  readonly closedAtMostExchanges: number;
  /**
   * Completed handshakes of a server whose SYN-ACKs can be judged by their timestamps, those of them that were SYN cookies
   * for certain, and those without timestamps whose SYN-ACK granted neither window scale nor SACK. 0 for clients.
   */
  readonly clockedHandshakes: number;
  readonly synCookies: number;
  readonly withoutOptions: number;
}

/** States of which it is counted over time how many ends stood in them (RFC 9293 §3.3.2). */
export const COUNTED_STATES = [
  "SYN_RECEIVED",
  "ESTABLISHED",
  "FIN_WAIT_2",
  "CLOSE_WAIT",
  "TIME_WAIT",
] as const satisfies readonly StateName[];

export type CountedState = (typeof COUNTED_STATES)[number];

/** How many ends, or ports, stood at once, at the end of each step of `CaptureSummary.states.stepMs`. */
export interface Standing {
  /** Up to the end of the capture. What began and ended within a step is in none. */
  readonly counts: readonly number[];
  /** The most of them, when that was first, in milliseconds from the capture's beginning, and the last. */
  readonly peak: number;
  readonly peakAtMs: number;
  readonly atEnd: number;
}

/** States in which no end ever stood at the end of a step are left out. */
export type StandingByState = Readonly<Partial<Record<CountedState, Standing>>>;

/**
 * Ends of connections by state over time, as the transitions of their records tell. Assumed is what no packet shows:
 * TIME_WAIT lasts 2MSL (60 s, or what `--msl` says) unless its port is used again before; SYN_RECEIVED at most 63 s, when
 * Linux has given up its SYN-ACK.
 */
export interface StatesOverTime {
  /** A second in short captures; it doubles as the capture grows. */
  readonly stepMs: number;
  /** The clients' ends, and the servers'. */
  readonly client: StandingByState;
  readonly server: StandingByState;
}

/** Ports that a client held at once towards one server, those in TIME_WAIT among them. */
export interface PortUse {
  /** `address:port`. */
  readonly server: string;
  readonly inUse: Standing;
  /** Those of them in TIME_WAIT; null where none was. */
  readonly timeWait: Standing | null;
  /** Connections of the two that may be missing here, as in `HostStates.statesMissing`. */
  readonly missing: number;
}

/** How the ends of one host stood over time. */
export interface HostStates {
  /** Of its own ends; null where it is not known, for too many other hosts had more connections. */
  readonly states: StandingByState | null;
  /** Connections before those that `states` holds for certain: then the numbers are the least there were. 0: none is missing. */
  readonly statesMissing: number;
  /** Of a client, towards the server for which it held most; null for a server, and where none is known. */
  readonly ports: PortUse | null;
}

/** Segments that clients and servers sent and that were lost, their payload bytes, how many connections lost any. */
export interface HostLosses {
  readonly clientSegments: number;
  readonly serverSegments: number;
  readonly bytes: number;
  readonly connections: number;
}

/** Options that hold only where the SYN offers them and the SYN-ACK does too. */
export const NEGOTIATED = ["windowScale", "sack", "timestamps"] as const;
export type Negotiated = (typeof NEGOTIATED)[number];

/** A client's address and a server, between which options are lost that the same server grants to other clients. */
export interface StrippedPath {
  /** `address:port`. */
  readonly server: string;
  readonly client: string;
  readonly options: readonly Negotiated[];
  /** Completed handshakes that lack one of them. */
  readonly handshakes: number;
  /** The first such connection, and its first packet. */
  readonly firstId: string;
  readonly firstFrame: Frame;
}

/** A host whose initial sequence numbers can be guessed: so many more with each handshake, and with each second. */
export interface GuessableIsns {
  /** `address:port` of a server, address of a client. */
  readonly host: string;
  readonly side: Side;
  /** The first ones of the host, on different four-tuples: all that were looked at. */
  readonly handshakes: number;
  readonly perHandshake: number;
  readonly perSecond: number;
  /** No number lies farther off the one that these and the one before tell. */
  readonly within: number;
}

/** Packets that were not TCP, or not readable, by name. */
export interface SkippedPackets {
  readonly reason: string;
  readonly title: string;
  readonly packets: number;
  /** True where it is a defect a person should hear of, false for ordinary other traffic. */
  readonly isDefect: boolean;
  /** Id of the first such packet, where one is known. */
  readonly firstId: string | null;
}

export interface InterfaceSummary {
  readonly name: string;
  readonly linkType: number;
  readonly snapLength: number;
  /** Unit of its timestamps in nanoseconds: 1000 for microseconds, 1 for nanoseconds. */
  readonly timestampUnitNs: number;
  readonly capturePoint: CapturePoint;
  readonly droppedPackets: number | null;
}

export interface ProblemSummary {
  readonly kind: string;
  readonly sentence: string;
  readonly count: number;
  readonly isFatal: boolean;
  /** Where it is, or the first of them: byte in the file after decompression, id of the packet; null where none applies. */
  readonly offset: number | null;
  readonly firstId: string | null;
}

/** A moment of 100 ms in which many connections lost something, far more than around it. */
export interface LossBurstSummary {
  /** Since the beginning of the capture, to 50 ms. */
  readonly atMs: number;
  /** How long it lasted, to 50 ms: 100 at least. */
  readonly spanMs: number;
  /** Connections that lost segments which they had sent then, those segments, and how many connections were sending. */
  readonly connections: number;
  readonly segments: number;
  readonly senders: number;
  /** At most 20 of them, each with the packet that sent a lost segment again. */
  readonly examples: readonly { readonly connection: string; readonly frame: Frame }[];
}

/** How many open connections of one server were made final early. */
export interface ServerEvictions {
  /** `address:port`. */
  readonly name: string;
  readonly connections: number;
  /** Those of them of which only SYNs were seen. */
  readonly unanswered: number;
}

/** Segments by what their checksum says (RFC 9293 §3.1). */
export interface ChecksumSummary {
  readonly right: number;
  /** Left to the capturing host's network card. */
  readonly uncomputed: number;
  readonly wrong: number;
  /** Those of the wrong ones that count as damaged on the way, and as nothing else. */
  readonly leftOut: number;
}

/** The connections that were asked for. */
export interface FilterSummary {
  readonly where: string;
  /** All connections, whether they match or not. */
  readonly connections: number;
}

export interface CaptureSummary extends HandshakeHistograms {
  readonly files: readonly string[];
  readonly format: string;
  /** Time of day of the first packet, UTC; null before the first. */
  readonly start: string | null;
  readonly durationMs: number;
  readonly packets: number;
  /** Bytes of the packets on the wire. */
  readonly wireBytes: number;
  readonly segments: number;
  /** Segments beyond one a packet, where packets hold several of them (offload at the capturing host). */
  readonly extraSegments: number;
  /** Null where checksums were not verified. Segments that the capture does not hold whole are not in it. */
  readonly checksums: ChecksumSummary | null;
  /** Packets whose time lies more than a second before that of the one in front, or an hour ahead of all others. */
  readonly clockSteps: number;
  readonly skipped: readonly SkippedPackets[];
  readonly interfaces: readonly InterfaceSummary[];
  readonly capturePoint: CapturePoint;
  readonly connections: number;
  /** Where connections were asked for by a filter, all figures of connections are of those; null where all count. */
  readonly filter: FilterSummary | null;
  /** Those of which only one direction was captured. */
  readonly oneDirection: number;
  /** Connections listed a second time under another four-tuple (NAT, a tunnel): they stand in no other figure. */
  readonly seenTwice: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Connections of which the capture cannot tell how the attempt went. */
  readonly outcomesUnknown: number;
  readonly closes: Readonly<Record<Close, number>>;
  readonly resetKinds: Readonly<Record<ResetKind, number>>;
  readonly handshake: HandshakeSummary;
  readonly payloadBytes: number;
  readonly retransmissions: number;
  readonly retransmittedBytes: number;
  readonly synRetransmissions: number;
  readonly synAckRetransmissions: number;
  readonly finRetransmissions: number;
  /** Of the retransmissions of data and FIN, by cause; those that were needless. */
  readonly fastRetransmissions: number;
  readonly timeouts: number;
  readonly timeoutRepeats: number;
  readonly tailLossProbes: number;
  readonly spuriousRetransmissions: number;
  /** Repairs of losses; times that nothing was delivered until a timer ran out, and how long those that ended took. */
  readonly recoveries: number;
  readonly stalls: number;
  readonly stallMs: number;
  /** Segments lost before and after the capture point, and acknowledgments lost after it, as repeats show. */
  readonly lostBeforeCapture: number;
  readonly lostAfterCapture: number;
  readonly lostAcks: number;
  readonly reordered: number;
  readonly networkDuplicates: number;
  readonly captureDuplicates: number;
  /** Bytes that were acknowledged and never captured: loss in the capture itself. */
  readonly missingBytes: number;
  /** Bytes acknowledged of directions of which nothing was captured, and gaps in them that their receivers told of. */
  readonly unseenBytes: number;
  readonly reportedGaps: number;
  /** Resets that their receiver had to ignore or to challenge (RFC 5961 §3), or that were taken back. */
  readonly resetsNotTaken: number;
  /** Connections still open of which a side's last repeats or probes, more than one, were never answered. */
  readonly silentPeers: number;
  /** Segments that came after their connection had ended; ICMP errors for no known connection. */
  readonly lateSegments: number;
  readonly strayErrors: number;
  /** Streamed records that other connections may have changed since and that are not followed: no amendment is told. */
  readonly unfollowedRecords: number;
  /** Open connections that were made final early, for too many were open; those of which only SYNs were seen. */
  readonly evictedConnections: number;
  readonly evictedUnanswered: number;
  /** The servers that lost most of them, and how many servers are not listed. */
  readonly evictedByServer: readonly ServerEvictions[];
  readonly evictedServersOmitted: number;
  readonly servers: readonly HostSummary[];
  readonly clients: readonly HostSummary[];
  readonly serversOmitted: number;
  readonly clientsOmitted: number;
  /** Those with the most handshakes first, and how many more there are. */
  readonly strippedPaths: readonly StrippedPath[];
  readonly strippedPathsOmitted: number;
  /** At most 100, those with the most handshakes first. */
  readonly guessableIsns: readonly GuessableIsns[];
  readonly timeline: Timeline;
  readonly states: StatesOverTime;
  /** At most 100, those with the most connections first. */
  readonly lossBursts: readonly LossBurstSummary[];
  /** What is concluded, the worst first. */
  readonly findings: readonly Finding[];
  /** By rule, connections that are counted and stand in no finding, for they are of too many servers or clients. */
  readonly findingsOmitted: readonly OmittedSightings[];
  readonly problems: readonly ProblemSummary[];
  /** Plain sentences about the capture as a whole: several capture points, one direction only, VLANs kept apart. */
  readonly notes: readonly string[];
  /** False while the file is still being read, or where reading was stopped. */
  readonly isComplete: boolean;
}
