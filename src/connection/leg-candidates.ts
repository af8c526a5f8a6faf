/**
 * Handshakes of which only the server's usual leg tells which SYN was answered. They wait, bounded, until somebody asks
 * for the summary: by then more of that server's handshakes are known.
 */
import type { Host } from "./host-table.js";

export interface LegCandidate {
  readonly server: Host;
  readonly client: Host;
  readonly startNs: number;
  /** From the first SYN, and from the last one, to the SYN-ACK. */
  readonly fromFirstNs: number;
  readonly fromLastNs: number;
  /** NaN where the ACK carried data: it may have been held back. */
  readonly clientLegNs: number;
  readonly retryWaitNs: number;
}

const MOST_CANDIDATES = 100_000;

export class LegCandidates {
  #waiting: LegCandidate[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  /** Keeps the candidate (weight -1: forgets one like it); beyond the bound it is not kept. */
  add(candidate: LegCandidate, weight: 1 | -1): void {
    if (weight > 0) {
      if (this.#waiting.length < MOST_CANDIDATES) this.#waiting.push(candidate);
      return;
    }
    const at = this.#waiting.findLastIndex(
      (one) =>
        one.server.every((word, i) => word === candidate.server[i]) &&
        one.startNs === candidate.startNs &&
        one.fromFirstNs === candidate.fromFirstNs,
    );
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  merge(other: LegCandidates): void {
    this.#waiting = this.#waiting.concat(other.#waiting);
  }

  forEach(visit: (candidate: LegCandidate) => void): void {
    this.#waiting.forEach(visit);
  }
}
