/**
 * The times of handshakes by host: for every one of `HANDSHAKE_TIMES` its ends, exact, and its counts over coarse
 * classes.
 *
 * A host's first two times are its ends and need no classes; from the third on they stand in a block of a pool. The
 * pool is bounded: when it is full, a host needs twice as many connections as before to have blocks; those with fewer
 * give theirs back, and keep their ends. Most hosts of a large capture have one or two connections: a table of 16,384 of
 * them takes 3 MB, and never above 7.
 */
import {
  type Distribution,
  HANDSHAKE_TIMES,
  type HandshakeHistograms,
  type HandshakeTimes,
  type Histogram,
} from "../report/summary.js";
import { COARSE_CLASSES, coarseClass, coarseHistogram, distributionOf } from "./distribution.js";

const TIMES = HANDSHAKE_TIMES.length;
/** Integers of a host: the place of each time's counts. */
const PLACES = 8;
/** Doubles of a host: shortest and longest of each time. */
const ENDS = 16;

/** Places that are no block: nothing seen, one time (both ends), two times (the ends), or a block given back. */
const [NONE, ONE, TWO, GIVEN_BACK] = [0, -1, -2, -3];

/** Blocks in a pool at most, of 1 kB each. */
const MOST_BLOCKS = 4096;
/** A host with so many connections may have blocks, at first. */
const FEW = 3;

const few = new Uint32Array(COARSE_CLASSES);

export class HostTimes {
  #places: Int32Array;
  #ends: Float64Array;
  /** Block 0 is nobody's. */
  #classes = new Uint32Array(64 * COARSE_CLASSES);
  #blocks = 1;
  readonly #free: number[] = [];
  readonly #mostBlocks: number;
  /** Connections that a host must have for blocks now. */
  #least = FEW;

  constructor(capacity: number, mostBlocks = MOST_BLOCKS) {
    this.#places = new Int32Array(capacity * PLACES);
    this.#ends = new Float64Array(capacity * ENDS);
    this.#mostBlocks = mostBlocks;
  }

  grow(capacity: number): void {
    const places = new Int32Array(capacity * PLACES);
    places.set(this.#places);
    const ends = new Float64Array(capacity * ENDS);
    ends.set(this.#ends);
    this.#places = places;
    this.#ends = ends;
  }

  /** The host at this row is new. */
  clear(host: number): void {
    this.#places.fill(NONE, host * PLACES, (host + 1) * PLACES);
    for (let time = 0; time < TIMES; time++) this.#setEnds(host, time, Infinity, -Infinity);
  }

  /** Gives the blocks of the host back. */
  release(host: number): void {
    for (let time = 0; time < TIMES; time++) {
      const place = this.#places[host * PLACES + time]!;
      if (place > 0) this.#free.push(place);
      this.#places[host * PLACES + time] = place > 0 ? GIVEN_BACK : place;
    }
  }

  /** The host stands at row `to` from now on. */
  move(to: number, from: number): void {
    this.#places.copyWithin(to * PLACES, from * PLACES, (from + 1) * PLACES);
    this.#ends.copyWithin(to * ENDS, from * ENDS, (from + 1) * ENDS);
  }

  /** Whether a host may need a block that is not there: the caller then raises the bar until there is room. */
  get isFull(): boolean {
    return this.#free.length + this.#mostBlocks - this.#blocks < TIMES;
  }

  /** Twice as many connections as before are needed for blocks; returns how many. */
  raise(): number {
    this.#least *= 2;
    return this.#least;
  }

  /** Counts one time of a host with so many connections in, in nanoseconds; with weight -1 takes it out again. */
  add(host: number, time: number, ns: number, weight: 1 | -1, connections: number): void {
    const at = host * PLACES + time;
    const place = this.#places[at]!;
    if (place > 0) {
      const counted = place * COARSE_CLASSES + coarseClass(ns);
      // What is taken out may have been counted in a block that was given back.
      if (weight > 0 || this.#classes[counted]! > 0) this.#classes[counted]! += weight;
      this.#stretch(host, time, ns);
    } else if (weight > 0) this.#addFew(host, time, ns, connections >= this.#least);
    else this.#takeFew(host, time, ns);
  }

  /** `connections`: of both. */
  merge(own: number, other: HostTimes, theirs: number, connections: number): void {
    for (let time = 0; time < TIMES; time++) {
      const place = other.#places[theirs * PLACES + time]!;
      const shortest = other.#ends[theirs * ENDS + time * 2]!;
      const longest = other.#ends[theirs * ENDS + time * 2 + 1]!;
      if (place === ONE || place === TWO) this.add(own, time, shortest, 1, connections);
      if (place === TWO) this.add(own, time, longest, 1, connections);
      if (place > 0 && connections >= this.#least) {
        const [to, from] = [this.#blockOf(own, time) * COARSE_CLASSES, place * COARSE_CLASSES];
        for (let i = 0; i < COARSE_CLASSES; i++) this.#classes[to + i]! += other.#classes[from + i]!;
      } else if (place <= 0 && place !== GIVEN_BACK) continue;
      else if (this.#places[own * PLACES + time]! <= 0) this.#places[own * PLACES + time] = GIVEN_BACK;
      this.#stretch(own, time, shortest);
      this.#stretch(own, time, longest);
    }
  }

  /** Percentiles and histograms of the host's times. */
  summary(host: number): HandshakeTimes & HandshakeHistograms {
    const entries: [string, Distribution | Histogram][] = [];
    HANDSHAKE_TIMES.forEach(({ name, histogram }, time) => {
      const counts = this.#counts(host, time);
      const at = host * ENDS + time * 2;
      entries.push([name, distributionOf(counts, this.#ends[at]!, this.#ends[at + 1]!)]);
      entries.push([histogram, coarseHistogram(counts)]);
    });
    return Object.fromEntries(entries) as unknown as HandshakeTimes & HandshakeHistograms;
  }

  #counts(host: number, time: number): Uint32Array {
    const place = this.#places[host * PLACES + time]!;
    if (place > 0) return this.#classes.subarray(place * COARSE_CLASSES, (place + 1) * COARSE_CLASSES);
    few.fill(0);
    const at = host * ENDS + time * 2;
    if (place === ONE || place === TWO) few[coarseClass(this.#ends[at]!)]!++;
    if (place === TWO) few[coarseClass(this.#ends[at + 1]!)]!++;
    return few;
  }

  #addFew(host: number, time: number, ns: number, mayHaveBlock: boolean): void {
    const at = host * PLACES + time;
    const place = this.#places[at]!;
    if (place === NONE || place === ONE) this.#places[at] = place === NONE ? ONE : TWO;
    else if (!mayHaveBlock) this.#places[at] = GIVEN_BACK;
    else {
      // The block first: the pool may have to grow for it.
      const block = this.#blockOf(host, time);
      this.#classes[block * COARSE_CLASSES + coarseClass(ns)]! += 1;
    }
    this.#stretch(host, time, ns);
  }

  #takeFew(host: number, time: number, ns: number): void {
    const at = host * PLACES + time;
    const place = this.#places[at]!;
    if (place === ONE) {
      this.#places[at] = NONE;
      this.#setEnds(host, time, Infinity, -Infinity);
    } else if (place === TWO) {
      const [shortest, longest] = [
        this.#ends[host * ENDS + time * 2]!,
        this.#ends[host * ENDS + time * 2 + 1]!,
      ];
      const left = ns === shortest ? longest : shortest;
      this.#places[at] = ONE;
      this.#setEnds(host, time, left, left);
    }
  }

  /** The block of the time's counts, made from the first two where there is none yet. */
  #blockOf(host: number, time: number): number {
    const at = host * PLACES + time;
    const place = this.#places[at]!;
    if (place > 0) return place;
    const block = this.#take();
    const counts = place === GIVEN_BACK ? null : this.#counts(host, time);
    if (counts) this.#classes.set(counts, block * COARSE_CLASSES);
    this.#places[at] = block;
    return block;
  }

  #take(): number {
    const known = this.#free.pop();
    const block = known ?? this.#blocks++;
    const end = (block + 1) * COARSE_CLASSES;
    if (end > this.#classes.length) {
      const classes = new Uint32Array(this.#classes.length * 2);
      classes.set(this.#classes);
      this.#classes = classes;
    }
    if (known !== undefined) this.#classes.fill(0, block * COARSE_CLASSES, end);
    return block;
  }

  #stretch(host: number, time: number, ns: number): void {
    const at = host * ENDS + time * 2;
    if (ns < this.#ends[at]!) this.#ends[at] = ns;
    if (ns > this.#ends[at + 1]!) this.#ends[at + 1] = ns;
  }

  #setEnds(host: number, time: number, shortest: number, longest: number): void {
    const at = host * ENDS + time * 2;
    this.#ends[at] = shortest;
    this.#ends[at + 1] = longest;
  }
}
