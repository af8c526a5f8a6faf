/**
 * What is said of one connection: a plain readonly object, made when somebody looks.
 *
 * Unknown is `null`, never 0. Times are milliseconds as numbers that keep the nanosecond; `start` is the time of day.
 * Every leaf stands in the field table (fields.ts), from which every report takes its names and units.
 */

import type { StateName } from "../tcp/states.js";
import type { EventName } from "../tcp/transitions.js";
import type { CapturePoint } from "./summary.js";
import type { Close, Outcome, ResetKind, Reuse } from "./verdicts.js";

export type Side = "client" | "server";

/** A packet as a report names it: its number in its file, or "file:number" where several files were read. */
export type Frame = number | string;

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
  readonly reordered: number;
  readonly networkDuplicates: number;
  readonly captureDuplicates: number;
  readonly duplicateAcks: number;
  /** Repeats and probes since the peer was last heard. */
  readonly unansweredRepeats: number;
  /** From when the peer was last heard to the last of them, in milliseconds; null where there are none. */
  readonly unansweredMs: number | null;
  readonly keepAlives: number;
  readonly zeroWindows: number;
  readonly zeroWindowProbes: number;
  /** Bytes of this side that were acknowledged and never captured. */
  readonly missingBytes: number;
  /** Gaps in this side's bytes that its receiver's acknowledgments tell of; null where this side was captured. */
  readonly reportedGaps: number | null;
  readonly resets: number;
  readonly unexpectedEvents: number;
  /** Initial sequence number, or null where the handshake was not seen. */
  readonly isn: number | null;
  readonly offered: OfferedOptions | null;
  readonly ttl: number | null;
  /** Payload bytes on the SYN (TCP Fast Open). */
  readonly synPayloadBytes: number;
  readonly congestionMarks: number;
  /** Its last packet; null where it sent none. */
  readonly lastFrame: Frame | null;
}

/** Which packet of a handshake was lost, as the repeats show. */
export type HandshakeLoss = "syn-lost" | "syn-ack-lost" | "handshake-ack-lost";

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
  readonly suspicion: "middlebox" | null;
  readonly signs: readonly string[];
}

export interface UnreachableRecord {
  readonly reason: string;
  readonly sender: string;
  readonly frame: Frame;
  readonly atMs: number;
}

/** A sender that repeated into silence and stopped. */
export interface GaveUpRecord {
  readonly side: Side;
  readonly repeats: number;
  readonly silentMs: number;
}

export interface TransitionRecord {
  readonly atMs: number;
  readonly frame: Frame;
  readonly side: Side;
  readonly event: EventName;
  readonly from: StateName;
  readonly to: StateName;
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
  readonly unreachable: UnreachableRecord | null;
  readonly close: Close;
  readonly closedFirst: Side | "both" | null;
  readonly reset: ResetRecord | null;
  readonly gaveUp: GaveUpRecord | null;
  readonly reuse: Reuse | null;
  readonly reusedAfterMs: number | null;
  /** Id of the connection before it on the same four-tuple. */
  readonly previousId: string | null;
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
  readonly transitions: readonly TransitionRecord[];
  /** Transitions beyond the bound, counted only. */
  readonly transitionsDropped: number;
}
