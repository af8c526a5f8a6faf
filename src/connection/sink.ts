/**
 * What stands around a tracker: who is told how connections end, and what it is told itself.
 */
import type { Segment } from "../wire/segment.js";

/** Who is told how connections end. */
export interface Sink {
  /** The connection is done: it counts. With weight -1 that is taken back, for it goes on or a straggler came. */
  count(connection: number, weight: 1 | -1): void;
  /** A segment of the connection was sent again, for a reason of `REPEAT_REASONS`, by its index. */
  repeat(connection: number, timeNs: number, reason: number): void;
  /** The connection's handshake is complete, or over: is it one that was seen under another tuple (second-sights.ts)? */
  handshake(connection: number): void;
  /** Whether the record of a connection that is done will be asked for: `finish` need not be called otherwise. */
  wants(connection: number): boolean;
  /** The connection's record is final; its memory is given back right after. */
  finish(connection: number): void;
  /** A segment came for a connection that ended at `endedAt`; `name` is its first packet's (packet-names.ts). */
  late?(name: number, endedAt: number, segment: Segment): void;
}

export interface TrackerOptions {
  /** Maximum segment lifetime in nanoseconds (RFC 9293 §3.4.2); TIME_WAIT lasts twice as long. */
  readonly mslNs: number;
  /** False sends every segment down the general path (for tests: the records must be the same). */
  readonly predictsHeaders?: boolean;
  /** Connections that may be open at once, 0 or absent any number: one more makes one of them final (eviction.ts). */
  readonly mostConnections?: number;
  /**
   * With so many open, or half of those that may be, a connection of which only a SYN was seen is its SYN alone
   * (held-syns.ts); absent, none is.
   */
  readonly holdsSynsFrom?: number;
}

export const DEFAULT_MSL_NS = 30e9;
