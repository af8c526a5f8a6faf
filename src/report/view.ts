/**
 * What a screen may ask of a running or finished analysis. Nothing large crosses: a page at a time.
 */

import type { StateName } from "../tcp/states.js";
import type { ConnectionFinding } from "./finding.js";
import type { Frame } from "./frame.js";
import type { CauseName, LabelName } from "./labels.js";
import type { ConnectionRecord, Side } from "./record.js";
import type { Sockets } from "./socket.js";
import type { CaptureSummary } from "./summary.js";
import type { Traffic } from "./traffic.js";

export interface Progress {
  /** Bytes read from the file or pipe, and in all where that is known. */
  readonly bytesRead: number;
  readonly bytesTotal: number | null;
  readonly packets: number;
  readonly packetsPerSecond: number;
  readonly connections: number;
  readonly isDone: boolean;
  /** One sentence where reading ended early, or null. */
  readonly problem: string | null;
  /** The interface that packets are captured from, with what its system dropped; null for files and pipes. */
  readonly capturing: { readonly name: string; readonly droppedPackets: number } | null;
}

/** Names of the fields by which connections can be sorted at once, whatever their number. */
export const SORT_KEYS = [
  "start",
  "client",
  "server",
  "clientState",
  "serverState",
  "connectTime",
  "initialRtt",
  "retransmissions",
  "bytes",
  "duration",
  "outcome",
  "close",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** A test of connections, and how it was written. */
export interface ConnectionFilter {
  readonly text: string;
  /** False where it does not hang on `findings`, which are known only once the whole capture was read. */
  readonly readsFindings?: boolean;
  matches(record: ConnectionRecord): boolean;
}

export interface PageQuery {
  readonly sort: SortKey;
  readonly isDescending: boolean;
  /**
   * A filter over the field table, or words that must all occur in a connection's addresses, ports, states, outcome, close,
   * reset kind, TLS name or names of findings; "" for all.
   */
  readonly search: string;
  readonly offset: number;
  readonly limit: number;
}

export interface Page {
  /** Connections that match, and all there are so far. */
  readonly matching: number;
  readonly total: number;
  readonly rows: readonly ConnectionRecord[];
}

/**
 * What a TCP checksum says (RFC 9293 §3.1): it fits; it is the sum of the pseudo-header alone, which a network card computes to
 * its end after the capture; or it fits nothing. null where that cannot be told: a fragment, or cut by the capture.
 */
export type ChecksumVerdict = "right" | "uncomputed" | "wrong" | null;

/** One segment in a ladder diagram. Sequence numbers are relative to the sender's ISN (or first byte). */
export interface LadderRow {
  readonly frame: Frame;
  /** Since the connection's first packet, and since the row before. */
  readonly atMs: number;
  readonly deltaMs: number;
  readonly from: Side;
  /** "SYN", "SYN ACK", "ACK", "PSH ACK", "FIN ACK", "RST" … */
  readonly flags: string;
  readonly sequence: number;
  /** One above the last byte, SYN and FIN counted; equal to `sequence` for a pure acknowledgment. */
  readonly end: number;
  readonly acknowledgment: number | null;
  readonly payloadBytes: number;
  /** Receive window in bytes where the scale is known, else as sent. */
  readonly window: number;
  readonly sack: readonly (readonly [left: number, right: number])[];
  readonly label: LabelName;
  /** Why it was sent again; "" for what was not, and for handshakes. */
  readonly cause: CauseName;
  /** A retransmission that was needless; one told by missing packet numbers alone. */
  readonly isSpurious: boolean;
  readonly isInferred: boolean;
  readonly checksum: ChecksumVerdict;
  /** Short remarks in words: "hole 1:1449", "fills the hole", "handshake 1.40 ms", "duplicate ACK 2", "cut by snaplen". */
  readonly remarks: readonly string[];
  /** States after this segment; null where it changed nothing. */
  readonly clientState: StateName | null;
  readonly serverState: StateName | null;
}

export interface Ladder {
  readonly record: ConnectionRecord;
  /** Behind which it stands, the worst first. */
  readonly findings: readonly ConnectionFinding[];
  readonly rows: readonly LadderRow[];
  /** Segments beyond the bound that are not among the rows. */
  readonly omitted: number;
  /** Why there are no rows, in a sentence ("the input was a pipe: its packets were not kept"), or null. */
  readonly absent: string | null;
}

export interface AnalysisView {
  progress(): Progress;
  summary(): CaptureSummary;
  /** What comes second by second, where the input comes as time passes; null for files that are written. */
  traffic(): Traffic | null;
  /** The sockets of this host, as its kernel told of them last; null where it is not asked. */
  sockets(): Sockets | null;
  page(query: PageQuery): Promise<Page>;
  /** The segments of one connection, read again from the file. */
  ladder(id: string): Promise<Ladder>;
}
