/**
 * How the kernel of the capturing host sees its own sockets, beside what the wire shows of their connections.
 *
 * Plain readonly objects; unknown is null. Linux alone tells so much of them.
 */
import type { StateName } from "../tcp/states.js";

/** A socket as its kernel saw it when it was last looked at. */
export interface SocketRecord {
  readonly state: StateName;
  /** Who has it open; null where nobody has any more, or it may not be known. */
  readonly process: string | null;
  readonly pid: number | null;
  /** Bytes that the application has not read, and that the peer has not acknowledged. */
  readonly receiveQueueBytes: number;
  readonly sendQueueBytes: number;
  /** The kernel's smoothed round-trip time (RFC 6298 §2). */
  readonly roundTripMs: number | null;
  readonly congestionWindow: number | null;
  /** Segments on their way, those of them sent again, all that were ever sent again, and doublings of its timer. */
  readonly unacknowledged: number | null;
  readonly retransmitsInFlight: number | null;
  readonly retransmits: number | null;
  readonly backoffs: number | null;
  /**
   * The state that the wire showed at the same time, where that was another one for longer than a round trip; null where
   * they agree. Either packets were not captured, or one of the two is wrong.
   */
  readonly wireState: StateName | null;
}

/** A socket of this host beside the connection on the wire. */
export interface LocalSocket {
  /** `address:port` of the socket and of its peer. */
  readonly local: string;
  readonly remote: string;
  readonly socket: SocketRecord;
  /** This end as the wire shows it; null where no packet of it was captured. */
  readonly wire: StateName | null;
}

/** A socket that listens. */
export interface Listener {
  readonly local: string;
  readonly process: string | null;
  readonly pid: number | null;
  /** Connections that wait to be accepted, and how many may. */
  readonly acceptQueue: number;
  readonly acceptQueueMost: number;
}

/** This host's sockets, as the kernel told of them last. */
export interface Sockets {
  /** Those in states that are worth a look first; at most 100. */
  readonly sockets: readonly LocalSocket[];
  /** All of them, by state. */
  readonly states: Readonly<Partial<Record<StateName, number>>>;
  /** Those whose accept queue is longest first; at most 20. */
  readonly listeners: readonly Listener[];
  /** Why there is less to see than could be, in a sentence; null where all is seen. */
  readonly lacking: string | null;
}
