/**
 * Holes: byte ranges below the highest byte sent that the capture has not seen, in order, a list a direction.
 *
 * All lists share one pool of typed arrays; a direction without a hole costs one word. A hole remembers who opened it
 * (IP identification, TSval, time): that decides whether what fills it was overtaken or sent again. At most
 * `HOLES_PER_DIRECTION` are kept; the lowest is dropped beyond, and the caller counts it.
 */
import { after, before, distance } from "../tcp/sequence.js";

export const HOLES_PER_DIRECTION = 64;

export class HolePool {
  start = new Int32Array(64);
  /** One above the last byte. */
  end = new Int32Array(64);
  /** What opened the hole: the first segment above it. */
  openerIpId = new Int32Array(64);
  openerTsVal = new Int32Array(64);
  openedAt = new Float64Array(64);
  /** When that was sent (sender-clock.ts), and when what stands below the hole was; NaN where unknown. */
  openerSentAt = new Float64Array(64);
  belowSentAt = new Float64Array(64);
  /** 1 where the opener had a TSval. */
  openerHasTsVal = new Uint8Array(64);
  /** 1 where the capture began inside: the bytes were sent before it. */
  isBeforeCapture = new Uint8Array(64);
  /** 1 once an acknowledgment covered it and its bytes were counted as missing in the capture. */
  isAcked = new Uint8Array(64);
  /** Next hole of the direction, higher up, or -1. */
  next = new Int32Array(64);
  #free = -1;
  #used = 0;

  /** A new hole [start, end) before `next`; returns its number. */
  open(start: number, end: number, openedAt: number, ipId: number, tsVal: number, next: number): number {
    let hole = this.#free;
    if (hole >= 0) this.#free = this.next[hole]!;
    else {
      if (this.#used === this.start.length) this.#grow();
      hole = this.#used++;
    }
    this.start[hole] = start;
    this.end[hole] = end;
    this.openedAt[hole] = openedAt;
    this.openerSentAt[hole] = openedAt;
    this.belowSentAt[hole] = Number.NaN;
    this.openerHasTsVal[hole] = 0;
    this.openerIpId[hole] = ipId;
    this.openerTsVal[hole] = tsVal;
    this.isBeforeCapture[hole] = 0;
    this.isAcked[hole] = 0;
    this.next[hole] = next;
    return hole;
  }

  release(hole: number): void {
    this.next[hole] = this.#free;
    this.#free = hole;
  }

  /** Gives a whole list back. */
  releaseAll(head: number): void {
    for (let hole = head; hole >= 0; ) {
      const next = this.next[hole]!;
      this.release(hole);
      hole = next;
    }
  }

  /** The first hole of the list that shares a byte with [start, end), or -1. */
  touching(head: number, start: number, end: number): number {
    for (let hole = head; hole >= 0; hole = this.next[hole]!) {
      if (!before(this.start[hole]!, end)) return -1;
      if (after(this.end[hole]!, start)) return hole;
    }
    return -1;
  }

  /** Takes [start, end) out of the list; returns its new head. `filled` then holds how many bytes were in holes. */
  fill(head: number, start: number, end: number): number {
    this.filled = 0;
    this.change = 0;
    let first = head;
    let previous = -1;
    for (let hole = head; hole >= 0 && before(this.start[hole]!, end); ) {
      const next = this.next[hole]!;
      const holeStart = this.start[hole]!;
      const holeEnd = this.end[hole]!;
      if (!after(holeEnd, start)) {
        previous = hole;
        hole = next;
        continue;
      }
      const low = before(holeStart, start) ? start : holeStart;
      const high = after(holeEnd, end) ? end : holeEnd;
      this.filled += distance(high, low);
      const keepsLow = before(holeStart, low);
      const keepsHigh = after(holeEnd, high);
      if (keepsLow && keepsHigh) {
        const rest = this.open(
          high,
          holeEnd,
          this.openedAt[hole]!,
          this.openerIpId[hole]!,
          this.openerTsVal[hole]!,
          next,
        );
        this.openerSentAt[rest] = this.openerSentAt[hole]!;
        this.belowSentAt[rest] = this.belowSentAt[hole]!;
        this.openerHasTsVal[rest] = this.openerHasTsVal[hole]!;
        this.isBeforeCapture[rest] = this.isBeforeCapture[hole]!;
        this.isAcked[rest] = this.isAcked[hole]!;
        this.end[hole] = low;
        this.next[hole] = rest;
        this.change++;
        return first;
      }
      if (keepsLow) this.end[hole] = low;
      else if (keepsHigh) this.start[hole] = high;
      else {
        if (previous < 0) first = next;
        else this.next[previous] = next;
        this.release(hole);
        this.change--;
        hole = next;
        continue;
      }
      previous = hole;
      hole = next;
    }
    return first;
  }

  /** After `fill`: bytes that were in holes, and by how much the number of holes changed. */
  filled = 0;
  change = 0;

  #grow(): void {
    const grown = <T extends Int32Array | Float64Array | Uint8Array>(column: T, bigger: T): T => {
      bigger.set(column);
      return bigger;
    };
    const size = this.start.length * 2;
    this.start = grown(this.start, new Int32Array(size));
    this.end = grown(this.end, new Int32Array(size));
    this.openerIpId = grown(this.openerIpId, new Int32Array(size));
    this.openerTsVal = grown(this.openerTsVal, new Int32Array(size));
    this.openedAt = grown(this.openedAt, new Float64Array(size));
    this.openerSentAt = grown(this.openerSentAt, new Float64Array(size));
    this.belowSentAt = grown(this.belowSentAt, new Float64Array(size));
    this.openerHasTsVal = grown(this.openerHasTsVal, new Uint8Array(size));
    this.isBeforeCapture = grown(this.isBeforeCapture, new Uint8Array(size));
    this.isAcked = grown(this.isAcked, new Uint8Array(size));
    this.next = grown(this.next, new Int32Array(size));
  }
}
