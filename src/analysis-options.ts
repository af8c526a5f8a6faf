/** What an analysis is told: which connections to keep, where to put them, whom to call, when to stop. */
import type { Capture } from "./capture/packet.js";
import type { SpillFile } from "./connection/record-store.js";
import { DEFAULT_MSL_NS } from "./connection/sink.js";
import type { Amendment } from "./report/amendment.js";
import type { ConnectionRecord } from "./report/record.js";
import type { SegmentRow } from "./report/segment-row.js";
import type { ConnectionFilter } from "./report/view.js";

export interface AnalysisOptions {
  /** Which finished connections can be asked for later: all, the worst so many, or none. */
  readonly keep: "all" | "none" | number;
  /** Of those, how many records stand in memory; more go to the file that `openSpill` opens. */
  readonly keptInMemory: number;
  /** Of all finished connections the latest so many are kept; absent, all. */
  readonly keepsLatest?: number;
  /** Opens the file for records that memory has no room for; absent, all stay in memory. */
  readonly openSpill?: () => SpillFile;
  /** Silence after which an open connection counts as idle, in nanoseconds. */
  readonly idleNs: number;
  /** Maximum segment lifetime in nanoseconds (RFC 9293 §3.4.2). */
  readonly mslNs: number;
  /** The interface that is captured from, safe to print; absent for files. */
  readonly capturing?: string;
  /** Whether the input comes as time passes: it is watched second by second, and nothing is known of it first. */
  readonly isLive?: boolean;
  /** Names of the inputs, in the order of their numbers. */
  readonly fileNames: readonly string[];
  /** Which connections are told of; absent, all. */
  readonly where?: ConnectionFilter;
  /** Called with each connection as it becomes final; reading waits for what it returns. */
  readonly onFinished?: (record: ConnectionRecord) => void | Promise<void>;
  /** Called with what came to light of a connection after `onFinished` had it; reading waits likewise. */
  readonly onAmended?: (amendment: Amendment) => void | Promise<void>;
  /** Called with each segment, in the order of packets, held back for two seconds of capture time. */
  readonly onSegment?: (row: SegmentRow) => void | Promise<void>;
  /** Connections that may be open at once; one more makes the one final that was silent longest. 0: any number. */
  readonly mostConnections: number;
  /** With so many open, connections of which only a SYN was seen take less memory: the same in every figure. */
  readonly holdsSynsFrom?: number;
  /** False sends every segment down the tracker's general path: slower, and the same in every figure. */
  readonly predictsHeaders?: boolean;
  /** Whether checksums are verified, and segments that were damaged left out (checksums.ts). */
  readonly checksums?: boolean;
  /** Reads the input again, for a ladder or to know first what is told of it; absent where it cannot be read twice. */
  readonly reopen?: () => Promise<Capture>;
}

/** With fewer connections open their memory is of no account. */
export const HOLDS_SYNS_FROM = 50_000;

export const DEFAULT_OPTIONS = {
  keep: "all",
  keptInMemory: 2_000_000,
  idleNs: 300e9,
  mslNs: DEFAULT_MSL_NS,
  mostConnections: 500_000,
  fileNames: [],
} as const satisfies AnalysisOptions;
