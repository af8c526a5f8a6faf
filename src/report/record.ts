/**
 * What is said of one connection: a plain readonly object, made when somebody looks.
 *
 * Unknown is `null`, never 0. Times are milliseconds as numbers that keep the nanosecond; `start` is the time of day.
 * Every leaf stands in the field table (fields.ts), from which every report takes its names and units.
 */

import type { StateName } from "../tcp/states.js";
import type { EventName } from "../tcp/transitions.js";
import type { Frame } from "./frame.js";
import type { SocketRecord } from "./socket.js";
import type { CapturePoint } from "./summary.js";
import type { TlsRecord } from "./tls-record.js";
import type {
  BlackHoleRecord,
  LimitsRecord,
  LostRecord,
  RecoveryRecord,
  RepeatedBytesRecord,
  StallRecord,
} from "./transfer-record.js";
import type { Close, FastOpenFate, Outcome, ResetKind, Reuse } from "./verdicts.js";

export const SIDES = ["client", "server"] as const;
export type Side = (typeof SIDES)[number];

/** What one side offered on its SYN or SYN-ACK; null where that was not captured (whole). */
export interface OfferedOptions {
  readonly mss: number | null;
  /** Shift, or null where the option was not offered. */
  readonly windowScale: number | null;
  readonly sack: boolean;
  readonly timestamps: boolean;
  readonly ecn: "no" | "ecn" | "accecn";
  /** TCP Fast Open: asked for a cookie (client), gave one (server) or sent one along. */
  readonly fastOpen: "no" | "requested" | "cookie";
  readonly mptcp: boolean;
  readonly md5: boolean;
  readonly authentication: boolean;
}

/** Times of one kind, in milliseconds: ends and mean exact, percentiles as classes of a histogram give them. */
export interface TimesRecord {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** Likewise, smoothed as the sender's timer does it (RFC 6298 §2). */
export interface RoundTripRecord extends TimesRecord {
  readonly smoothedMs: number;
  readonly variationMs: number;
}

export interface EndpointRecord {
  readonly address: string;
  readonly port: number;
  /** State at the end of the capture, or when the connection was final. */
  readonly state: StateName;
  /** Milliseconds in each state that it was in. */
  readonly stateTimesMs: Readonly<Partial<Record<StateName, number>>>;
  readonly packets: number;
  /** Segments in those packets; null where no MSS tells how many one holds. */
  readonly segments: number | null;
  /** Payload bytes sent, repeats included. */
  readonly bytes: number;
  readonly retransmissions: number;
  readonly retransmittedBytes: number;
  readonly synRetransmissions: number;
  readonly finRetransmissions: number;
  /** From the last of those to the acknowledgment of its FIN; null where there are none, or it was not acknowledged. */
  readonly finAckGapMs: number | null;
  /** That acknowledgment says so (RFC 2883): the one of the first FIN was lost. */
  readonly finCameTwice: boolean;
  /** Of the retransmissions of data and FIN, by cause (labels.ts); the rest have an unknown one. */
  readonly fastRetransmissions: number;
  readonly timeouts: number;
  readonly timeoutRepeats: number;
  readonly tailLossProbes: number;
  readonly pathMtuRetransmissions: number;
  readonly fastOpenRetransmissions: number;
  readonly unexplainedRetransmissions: number;
  /** Payload bytes sent again, beside all that were sent; null where none were. */
  readonly retransmissionShare: number | null;
  readonly repeatedBytes: RepeatedBytesRecord | null;
  /** Null where nothing was lost. */
  readonly lost: LostRecord | null;
  /** Acknowledgments of this side that were captured and did not reach the other, as far as its repeats tell. */
  readonly lostAcks: number;
  readonly recovery: RecoveryRecord | null;
  readonly stall: StallRecord | null;
  /** Its large segments vanish on the path and its small ones do not; null where nothing shows that. */
  readonly blackHole: BlackHoleRecord | null;
  /** Those that were needless; those told by missing packet numbers alone. */
  readonly spuriousRetransmissions: number;
  readonly inferredRetransmissions: number;
  readonly reordered: number;
  /** Holes in its bytes, and ranges that SACK reported of them, beyond those that are remembered at a time. */
  readonly forgottenRanges: number;
  readonly networkDuplicates: number;
  readonly captureDuplicates: number;
  readonly duplicateAcks: number;
  /** Repeats and probes since the peer was last heard. */
  readonly unansweredRepeats: number;
  /** From when the peer was last heard to the last of them, in milliseconds; null where there are none. */
  readonly unansweredMs: number | null;
  /** Time between the last two of them; null where there are not two. */
  readonly unansweredGapMs: number | null;
  /** How often that time doubled. */
  readonly unansweredBackoffs: number;
  /** The shortest time after which its retransmission timer was seen to run out; null where it never was. */
  readonly timeoutMinMs: number | null;
  readonly keepAlives: number;
  /** The shortest silence before a keep-alive, and between two without an answer; null where there was none. */
  readonly keepAliveIdleMs: number | null;
  readonly keepAliveGapMs: number | null;
  /** Keep-alives since the peer was last heard. */
  readonly keepAlivesUnanswered: number;
  /** Small segments that waited for a delayed acknowledgment, and how long in all; null where none did. */
  readonly heldBackSegments: number;
  readonly heldBackMs: number | null;
  readonly heldBackFrame: Frame | null;
  readonly zeroWindows: number;
  /** How long its window was closed, in all and at the longest; null where it never was. */
  readonly zeroWindowMs: number | null;
  readonly longestZeroWindowMs: number | null;
  /** It was closed when this side was last heard. */
  readonly zeroWindowAtEnd: boolean;
  /** How often it opened its window, and the peer went on probing. */
  readonly windowUpdatesLost: number;
  readonly zeroWindowProbes: number;
  /** From its data to the acknowledgment: from the capture point to the peer and back. Null without samples. */
  readonly roundTrip: RoundTripRecord | null;
  /** Most of its bytes on the way at once; null where it sent none, or nothing of its peer was captured. */
  readonly mostInFlightBytes: number | null;
  /** Payload bytes of its first flight; null where that was too little to tell of a window. */
  readonly initialWindowBytes: number | null;
  /** Its segments that left less than a full one of the window that its peer had advertised. */
  readonly windowFulls: number;
  /** The largest window of its peer that it filled; null where it filled none. */
  readonly filledWindowBytes: number | null;
  /** From its first payload to its last; null where it sent none. */
  readonly transferMs: number | null;
  /** Payload bits a second over that time, with and without repeats; null where there is no such time. */
  readonly throughput: number | null;
  readonly goodput: number | null;
  /** The part of that time in which it had bytes on the way; null where it was not looked at from the beginning. */
  readonly busyMs: number | null;
  readonly limitedBy: LimitsRecord | null;
  /** Bytes of this side that were acknowledged and never captured. */
  readonly missingBytes: number;
  /** Gaps in this side's bytes that its receiver's acknowledgments tell of; null where this side was captured. */
  readonly reportedGaps: number | null;
  readonly resets: number;
  readonly unexpectedEvents: number;
  /** Initial sequence number, or null where the handshake was not seen. */
  readonly isn: number | null;
  readonly offered: OfferedOptions | null;
  /** MSS on a copy of its SYN from another capture point, where that is not the one offered. */
  readonly rewrittenMss: number | null;
  readonly ttl: number | null;
  /** Of its SYN, and of its first packet by which its peer's round trip was measured, where these are different. */
  readonly synTtl: number | null;
  readonly answerTtl: number | null;
  /** Payload bytes on the SYN (TCP Fast Open). */
  readonly synPayloadBytes: number;
  /** User timeout option that it sent last (RFC 5482); null where it sent none. */
  readonly userTimeoutMs: number | null;
  /** Its segments whose checksum is wrong, and the first of them; null where checksums were not verified. */
  readonly badChecksums: number | null;
  readonly badChecksumFrame: Frame | null;
  readonly congestionMarks: number;
  /** Its segments with ECE, and with CWR, where those are no counter (accurate ECN). */
  readonly congestionEchoes: number;
  readonly windowReductions: number;
  /** Its last packet; null where it sent none. */
  readonly lastFrame: Frame | null;
  /** Its socket as the kernel of the capturing host saw it last; absent where that is not asked, or it is another host's. */
  readonly socket?: SocketRecord;
}

/** Which packet of a handshake was lost, as the repeats show. */
export type HandshakeLoss = "syn-lost" | "syn-ack-lost" | "handshake-ack-lost";

/** What shows that a packet of the handshake was lost; a few frames of each kind. */
export interface HandshakeLossRecord {
  readonly loss: HandshakeLoss;
  /** Before this capture point, so that it was never captured, or after it. A SYN that a listener drops is lost after it. */
  readonly where: "before-capture" | "after-capture";
  /** The captured packets that were lost. */
  readonly frames: readonly Frame[];
  /** The packets that show it: repeats that came because of it. */
  readonly repeatFrames: readonly Frame[];
  /** The packet by which the handshake went on: the SYN-ACK, or the ACK that came through. */
  readonly answerFrame: Frame | null;
}

export interface ResetRecord {
  readonly kind: ResetKind;
  readonly by: Side;
  readonly atMs: number;
  readonly frame: Frame;
  /** Frame of the segment that it answers, as far as that can be told. */
  readonly provokedByFrame: Frame | null;
  /** One line: which bits, which window, where it stands in sequence space, and what that means. */
  readonly anatomy: string;
  readonly unreadData: "likely" | "possible" | null;
  /** Of an unknown connection: how long its sender had been silent before the segment that it answers. */
  readonly idleMs: number | null;
  /** After a close: payload of the other side that was never acknowledged. */
  readonly refusedBytes: number | null;
  readonly suspicion: "middlebox" | null;
  readonly signs: readonly string[];
}

export interface UnreachableRecord {
  readonly reason: string;
  readonly sender: string;
  readonly frame: Frame;
  readonly atMs: number;
}

/** By which timetable repeats come: Linux since 6.5 waits a second five times before it doubles. */
export type Timetable = "linear-then-doubling" | "doubling";

/** A sender that sent into silence and stopped, told by the repeat that did not come. */
export interface GaveUpRecord {
  readonly side: Side;
  readonly what: "SYN" | "SYN-ACK" | "segment" | "probe";
  readonly repeats: number;
  /** From the last of them to the end of the capture. */
  readonly silentMs: number;
  /** It gave up between these, since it first sent what nobody answered: its last repeat, and the next one due. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** Null where both fit, or none shows. */
  readonly timetable: Timetable | null;
  /** All repeats that Linux makes by default were made, or it stopped earlier; null where there is no such number. */
  readonly limit: "default" | "earlier" | null;
}

export interface TransitionRecord {
  readonly atMs: number;
  readonly frame: Frame;
  readonly side: Side;
  readonly event: EventName;
  readonly from: StateName;
  readonly to: StateName;
}

/** Small exchanges of the application, one as long after the other. */
export interface HeartbeatRecord {
  readonly by: Side;
  readonly count: number;
  readonly intervalMs: number;
  /** Those that did not come when it was their time. */
  readonly missed: number;
}

export interface ConnectionRecord {
  /** First frame: "n", or "file:n" where several files were read. */
  readonly id: string;
  readonly frame: number;
  readonly file: number;
  /** Time of day of the first packet, UTC, ISO 8601 with nanoseconds. */
  readonly start: string;
  /** The same since the beginning of the capture. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly client: EndpointRecord;
  readonly server: EndpointRecord;
  /** No SYN was seen: which side is the client is told by the ports. */
  readonly clientGuessed: boolean;
  readonly captured: "both" | "client-only" | "server-only";
  /** Network identifier of a VXLAN or Geneve overlay, or null. */
  readonly overlay: number | null;
  /** VLAN identifiers of the first packet, the outer one first. */
  readonly vlans: readonly number[];
  readonly outcome: Outcome | null;
  readonly losses: readonly HandshakeLoss[];
  readonly lossEvidence: readonly HandshakeLossRecord[];
  /** First SYN, first SYN-ACK and the client's first ACK of that one, since the connection's first packet. */
  readonly synAtMs: number | null;
  readonly synAckAtMs: number | null;
  readonly ackAtMs: number | null;
  /** The client's first payload byte, likewise. */
  readonly requestAtMs: number | null;
  /** First SYN to the client's ACK: about what connect() waited. */
  readonly connectTimeMs: number | null;
  /** Answered SYN to the first SYN-ACK. */
  readonly serverLegMs: number | null;
  /** Last SYN-ACK before the ACK to the ACK. */
  readonly clientLegMs: number | null;
  /** Both legs: the path's round trip. */
  readonly initialRttMs: number | null;
  /** First SYN to the SYN that was answered. */
  readonly retryWaitMs: number | null;
  /** Which SYN was answered cannot be told: the legs are left out of the percentiles. */
  readonly legsAmbiguous: boolean;
  /**
   * Where its interface listens, by all handshakes that it shows; null where no time of this handshake was measured. Near
   * the server `connectTime` is a lower bound: the SYN's way there and the ACK's delay are not in it.
   */
  readonly capturePoint: CapturePoint | null;
  /** The ACK carried data and may have been held back: `clientLeg` is left out of the percentiles. */
  readonly ackCarriedData: boolean;
  readonly synCount: number;
  readonly synAckCount: number;
  /** Whether the server took the payload on the SYN; null where there was none, or no answer. */
  readonly fastOpenData: FastOpenFate | null;
  readonly unreachable: UnreachableRecord | null;
  readonly close: Close;
  readonly closedFirst: Side | "both" | null;
  readonly reset: ResetRecord | null;
  readonly gaveUp: GaveUpRecord | null;
  readonly reuse: Reuse | null;
  readonly reusedAfterMs: number | null;
  /** The new ISN is the old SND.NXT + 65537: Linux sets it so when it takes up a TIME_WAIT, and never else. */
  readonly reuseProven: boolean;
  /** The SYN met a TIME_WAIT that must not yield to it (RFC 6191 §2). */
  readonly reuseRefused: boolean;
  /** Id of the connection before it on the same four-tuple. */
  readonly previousId: string | null;
  /** First SYN to the first payload byte of the server. */
  readonly firstByteMs: number | null;
  /** Last byte of a request to the first of its response; null where there is none, or turns overlap. */
  readonly responseTime: TimesRecord | null;
  /** Where the slowest response began, if it took a second or more. */
  readonly slowAnswerFrame: Frame | null;
  /** Last byte of a response to the first of the next request. */
  readonly thinkTime: TimesRecord | null;
  readonly heartbeat: HeartbeatRecord | null;
  /** Both sides' shortest round trips together, the whole path; without samples of both, the handshake's. */
  readonly pathRoundTripMs: number | null;
  /** Turns that began while the other side's bytes were on the way. */
  readonly overlappingTurns: number;
  /** Null where the client's first bytes are no ClientHello, or were not captured. */
  readonly tls: TlsRecord | null;
  /** The SYN-ACK allowed nothing until an update came: a SYN proxy held the client. */
  readonly synProxy: boolean;
  /** Both sides together. */
  readonly packets: number;
  readonly bytes: number;
  readonly retransmissions: number;
  /** Some of its packets came in IP fragments, of which the first was read: nothing is held against their holes. */
  readonly hasFragments: boolean;
  /** SYNs with another ISN that the open connection did not yield to. */
  readonly refusedSyns: number;
  /** Id of the connection that this one shows again under another four-tuple (NAT, a tunnel); that one is counted. */
  readonly sameAs: string | null;
  /** Names of the findings that it stands behind, as far as they are told by now, the worst first (finding.ts). */
  readonly findings: readonly string[];
  readonly transitions: readonly TransitionRecord[];
  /** Transitions beyond the bound, counted only. */
  readonly transitionsDropped: number;
  /** It was open when its record was made final, for more connections were than may be (`--max-connections`). */
  readonly evicted: boolean;
}
