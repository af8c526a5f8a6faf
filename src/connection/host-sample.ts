/**
 * What one connection adds to its hosts (host-table.ts): one object a user, filled again and again.
 */
import { HANDSHAKE_TIMES } from "../report/summary.js";
import { type Endpoints, MARK_FIN_CROSSED, MARK_FIN_SENT, STRIDE } from "./columns.js";
import { UNCLOCKED } from "./syn-cookies.js";

/** Of which direction and side of the capture point segments were lost: four kinds. */
export const LOSSES = 4;

/** Times in nanoseconds, NaN where unknown. */
export interface HostSample {
  /** Index into OUTCOMES, or -1. */
  outcome: number;
  wasReset: boolean;
  repeats: number;
  bytes: number;
  /**
   * Segments lost, and their payload bytes: the client's and the server's on the client's side of the capture point, then
   * on the other.
   */
  readonly lost: Int32Array;
  readonly lostBytes: Float64Array;
  /** One request and its response, and no more. */
  isOneTurn: boolean;
  /** Requests that were answered, -1 unknown; the server closed it first, as soon as it had answered. */
  exchanges: number;
  isClosedWithAnswer: boolean;
  /** What its SYN-ACK was (syn-cookies.ts). */
  answer: number;
  /** Side of the first FIN, -1 for none, and when it came. */
  closer: number;
  closedAtNs: number;
  /** Of the completed handshake, in the order of `HANDSHAKE_TIMES`. */
  readonly times: Float64Array;
  /** From SYN to SYN-ACK, of any handshake whose answered SYN is known. */
  legNs: number;
}

/** Of a connection of which nothing is known. */
export function newSample(): HostSample {
  return {
    outcome: -1,
    wasReset: false,
    repeats: 0,
    // Halves, so that V8 keeps these fields as doubles from the beginning.
    bytes: 0.5,
    lost: new Int32Array(LOSSES),
    lostBytes: new Float64Array(LOSSES),
    isOneTurn: false,
    exchanges: -1,
    isClosedWithAnswer: false,
    answer: UNCLOCKED,
    closer: -1,
    closedAtNs: 0.5,
    times: new Float64Array(HANDSHAKE_TIMES.length).fill(Number.NaN),
    legNs: Number.NaN,
  };
}

/** Fills in who closed first: neither where their FINs crossed, or where none came. */
export function noteCloser(sample: HostSample, e: Endpoints, client: number): void {
  const server = client + STRIDE;
  const [theirs, own] = [e.marks[client]!, e.marks[server]!];
  const isClients =
    (theirs & MARK_FIN_SENT) !== 0 && !(own & MARK_FIN_SENT && e.finAt[server]! < e.finAt[client]!);
  const isNone = !((theirs | own) & MARK_FIN_SENT) || ((theirs | own) & MARK_FIN_CROSSED) !== 0;
  sample.closer = isNone ? -1 : isClients ? 0 : 1;
  sample.closedAtNs = e.finAt[isClients ? client : server]!;
}
