/**
 * What ordinary work of real programs must lead to and must not, by how it was made (test/lab/work): nothing went wrong in
 * it, so that no finding is a problem, and no other warning may appear than those here, each of which is true.
 */

/** What is told of a work besides notes on the capture itself, in any recording of it. */
export interface WorkFindings {
  /** Warnings that must appear. */
  readonly warnings?: readonly string[];
  /** Warnings that may: programs do not do the same each time. */
  readonly mayWarn?: readonly string[];
  /** Notes that must appear. */
  readonly notes?: readonly string[];
  /** Notes that may. */
  readonly mayNote?: readonly string[];
}

/** By the name of the work; one that is not listed leads to nothing. */
export const WORK_FINDINGS: Readonly<Record<string, WorkFindings>> = {
  // The browser ends with the page: what it had asked for last (its icon) comes to a closed socket.
  "page-http1": { mayWarn: ["reset-after-close", "abortive-close"] },
  "page-tls": { mayWarn: ["reset-after-close", "abortive-close"] },
  "page-http2": { mayWarn: ["reset-after-close", "abortive-close"] },
  // 30 requests, a connection each.
  "one-request-each": { notes: ["short-connections"] },
  // One answer that takes twelve seconds, of a database that works so long.
  "long-query": { warnings: ["slow-server"] },
  // Waits of 25, 12 and 4 seconds that are meant, as long each time.
  "long-poll": { notes: ["slow-server"] },
  "fresh-poll": { notes: ["slow-server"] },
  "redis-pool": { notes: ["slow-server"] },
  // The server pings when four seconds have passed, whatever was said before; it does not while it has other things to say.
  websocket: { mayNote: ["slow-server", "heartbeat-missed"] },
  // The readers leave while the events go on; one stream pauses for three periods.
  events: { warnings: ["reset-after-close"], notes: ["heartbeat-missed"] },
};

/** Notes on how was captured: both hosts hand over large segments. */
export const OFFLOADED: readonly string[] = ["download-offloaded"];
