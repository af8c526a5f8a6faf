/**
 * Copies without an IP identification (IPv6, or an identification of 0): made by the capture, or on the way?
 *
 * A mirror port or a capture of all interfaces copies whatever passes, with the same delay; a network copies now and
 * then. So the copies are counted for each pair of interfaces (that of the original, that of the copy; the same one
 * twice is a pair too), beside the segments that could have been copied, and the pair tells in the end. Until then they
 * are candidates of their endpoint. Pure acknowledgments never count: duplicate ACKs look the same (RFC 5681 §2).
 *
 * Ordinary segments are not counted, and pay nothing: every SYN and FIN is, and segments with payload only of endpoints
 * of which a copy was seen, from then on (MARK_COPIED takes those down the general path).
 */
import { FIN, RST, type Segment, SYN } from "../wire/segment.js";
import { INTERFACE, MARK_COPIED } from "./columns.js";
import type { Connections } from "./connections.js";
import type { RareColumns } from "./rare-columns.js";

/** Copies of originals on more interfaces than these are not judged: they count as made on the way. */
const MOST_INTERFACES = 64;
/** A copy made by the capture follows its original within this. */
const LONGEST_LAG_NS = 10e6;
/** Lag classes grow by a factor of 4, from below 4 µs up. */
const LAGS = 8;
/** A pair whose copies at one lag are more than this share of what could be copied shows them systematically. */
const SYSTEMATIC_SHARE = 0.2;
/** Fewer copies than these show no pattern, whatever their share. */
const FEWEST_COPIES = 3;

/** Who hears of each count, where the connections of a capture are followed in parts. */
export interface CopyJournal {
  original(interfaceId: number, weight: 1 | -1): void;
  copy(cell: number, weight: 1 | -1): void;
}

export class SystematicCopies {
  journal: CopyJournal | null = null;
  /** Segments that could have been copied, by the interface on which they came. */
  readonly #segments = new Float64Array(MOST_INTERFACES);
  /** Copies by pair of interfaces and lag; no memory before the first one. */
  #copies = new Float64Array(0);

  /** A segment with payload, SYN or FIN and without an IP identification that is no copy. General path only. */
  noteOriginal(connections: Connections, row: number, segment: Segment): void {
    if (segment.flags & RST) return;
    const { marks, originalInterface } = connections.endpoints;
    const counts = (segment.flags & (SYN | FIN)) !== 0 || (marks[row]! & MARK_COPIED) !== 0;
    if (!counts && (originalInterface[row]! & INTERFACE) !== 0) return;
    originalInterface[row] = (originalInterface[row]! & ~INTERFACE) | (segment.interfaceId + 1);
    if (counts) this.countOriginal(segment.interfaceId, 1);
  }

  /** Counts one of those on the interface; with weight -1 takes it back. */
  countOriginal(interfaceId: number, weight: 1 | -1): void {
    if (interfaceId >= MOST_INTERFACES) return;
    this.#segments[interfaceId]! += weight;
    this.journal?.original(interfaceId, weight);
  }

  /** Counts one copy in its cell; with weight -1 takes it back. */
  countCopy(cell: number, weight: 1 | -1): void {
    if (this.#copies.length === 0) this.#copies = emptyTable();
    this.#copies[cell]! += weight;
    this.journal?.copy(cell, weight);
  }

  /**
   * The very same packet again, without an IP identification, soon after its original: a candidate. The lag counts from
   * the newest segment of that side, as a burst may lie between (counters.ts sees to it that nothing more does).
   */
  noteCopy(connections: Connections, row: number, segment: Segment): void {
    const { marks, originalInterface, lastAt } = connections.endpoints;
    if (segment.flags & RST) return;
    const lagNs = segment.timeNs - lastAt[row]!;
    if (!(lagNs >= 0 && lagNs < LONGEST_LAG_NS)) return;
    const original = originalInterface[row]! & INTERFACE;
    const from = original === 0 ? segment.interfaceId : original - 1;
    if (from >= MOST_INTERFACES || segment.interfaceId >= MOST_INTERFACES) return;
    // The original of the first copy with payload was not counted when it passed.
    if (!(segment.flags & (SYN | FIN)) && !(marks[row]! & MARK_COPIED)) this.countOriginal(from, 1);
    marks[row]! |= MARK_COPIED;
    const cell = (from * MOST_INTERFACES + segment.interfaceId) * LAGS + lagClass(lagNs);
    this.countCopy(cell, 1);
    const at = connections.rareRow(row);
    connections.rare.copyCandidates[at]!++;
    connections.rare.candidateCell[at] = cell;
  }

  /** The receiver got the newest candidate of that rare row as well: it was made on the way. */
  retract(rare: RareColumns, at: number): void {
    if (rare.copyCandidates[at] === 0) return;
    rare.copyCandidates[at]!--;
    this.countCopy(rare.candidateCell[at]!, -1);
  }

  /** The pair of interfaces of the candidates of a rare row: they come one way, so that the newest stands for all. */
  pairOf(rare: RareColumns, at: number): number {
    return Math.floor(rare.candidateCell[at]! / LAGS);
  }

  /** Whether the capture shows such copies systematically: at one lag, which may lie on the border of two classes. */
  isSystematic(pair: number): boolean {
    const first = pair * LAGS;
    let most = 0;
    for (let lag = 0; lag + 1 < LAGS; lag++) {
      const near = (this.#copies[first + lag] ?? 0) + (this.#copies[first + lag + 1] ?? 0);
      if (near > most) most = near;
    }
    const segments = this.#segments[Math.floor(pair / MOST_INTERFACES)]!;
    return most >= FEWEST_COPIES && most > SYSTEMATIC_SHARE * segments;
  }

  /** Copies of a rare row that the capture made: the certain ones, and the candidates where their pair shows it. */
  captureCopies(rare: RareColumns, at: number): number {
    const candidates = rare.copyCandidates[at]!;
    const isTheirs = candidates > 0 && this.isSystematic(this.pairOf(rare, at));
    return rare.captureCopies[at]! + (isTheirs ? candidates : 0);
  }

  /** Adds what another part of the same capture counted. */
  merge(other: SystematicCopies): void {
    other.#segments.forEach((n, i) => {
      this.#segments[i]! += n;
    });
    if (other.#copies.length === 0) return;
    if (this.#copies.length === 0) this.#copies = emptyTable();
    other.#copies.forEach((n, i) => {
      this.#copies[i]! += n;
    });
  }
}

function emptyTable(): Float64Array<ArrayBuffer> {
  return new Float64Array(MOST_INTERFACES * MOST_INTERFACES * LAGS);
}

/** 0 below 4 µs, 1 below 16 µs, 2 below 64 µs …, 6 below 16 ms. */
function lagClass(lagNs: number): number {
  const quarters = Math.floor(lagNs / 4000);
  return (33 - Math.clz32(quarters)) >> 1;
}
