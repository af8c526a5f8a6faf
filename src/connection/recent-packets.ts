/**
 * The last four packets of each connection, from both sides, as numbers: two cache lines.
 *
 * A connection that goes undisturbed needs no more: copies are told by comparison, and at the first disturbance the two
 * are followed as senders from what stands here (undisturbed.ts). Entries lie in the order of their coming; a count of the
 * connection's says where the next one goes. Copies are not among them.
 */
import type { Segment } from "../wire/segment.js";

export const RECENT = 4;
/** Words of an entry: time (a double), sequence, acknowledgment, TSval, TSecr, IP ID and window, bytes with flags and side. */
const WORDS = 8;
export const RECENT_WORDS = RECENT * WORDS;
const SEQUENCE = 2;
const ACKNOWLEDGMENT = 3;
const TSVAL = 4;
const TSECR = 5;
const ID_AND_WINDOW = 6;
const REST = 7;

/** Payload bytes stand in the high half; nine flags, and these, in the low one. A packet with more payload is not noted. */
export const MOST_RECENT_PAYLOAD = 0xffff;
const FLAGS = 0x1ff;
const HAS_TIMESTAMPS = 1 << 9;
const IS_FROM_SERVER = 1 << 10;
const IS_REPEAT = 1 << 11;

/** SYN and FIN take a sequence number each. */
const SYN_FLAG = 2;
const FIN_FLAG = 1;

export class RecentPackets {
  /** `RECENT_WORDS` words a connection. */
  words: Int32Array;
  #doubles: Float64Array;

  /** Room for `capacity` connections. */
  constructor(capacity: number) {
    this.words = new Int32Array(capacity * RECENT_WORDS);
    this.#doubles = new Float64Array(this.words.buffer);
  }

  grow(capacity: number): void {
    const words = new Int32Array(capacity * RECENT_WORDS);
    words.set(this.words);
    this.words = words;
    this.#doubles = new Float64Array(words.buffer);
  }

  /** Where the connection at `place` has its words. */
  static at(place: number): number {
    return place * RECENT_WORDS;
  }

  /** Takes the segment in as the connection's `nth` packet. */
  add(place: number, nth: number, isFromServer: boolean, isRepeat: boolean, segment: Segment): void {
    const at = place * RECENT_WORDS + (nth & (RECENT - 1)) * WORDS;
    const { words } = this;
    this.#doubles[at >> 1] = segment.timeNs;
    words[at + SEQUENCE] = segment.sequence;
    words[at + ACKNOWLEDGMENT] = segment.acknowledgment;
    words[at + TSVAL] = segment.tsVal;
    words[at + TSECR] = segment.tsEcr;
    words[at + ID_AND_WINDOW] = (segment.ipId << 16) | segment.window;
    words[at + REST] =
      (segment.payloadLength << 16) |
      segment.flags |
      (segment.hasTimestamps ? HAS_TIMESTAMPS : 0) |
      (isFromServer ? IS_FROM_SERVER : 0) |
      (isRepeat ? IS_REPEAT : 0);
  }

  /** Whether the connection's `nth` packet was sent again. */
  isRepeat(place: number, nth: number): boolean {
    return (this.words[place * RECENT_WORDS + (nth & (RECENT - 1)) * WORDS + REST]! & IS_REPEAT) !== 0;
  }

  /** Reads the connection's `nth` packet into `segment`, without its number; returns whether the server sent it. */
  read(place: number, nth: number, segment: Segment): boolean {
    const at = place * RECENT_WORDS + (nth & (RECENT - 1)) * WORDS;
    const { words } = this;
    const flags = words[at + REST]!;
    segment.timeNs = this.#doubles[at >> 1]!;
    segment.sequence = words[at + SEQUENCE]!;
    segment.acknowledgment = words[at + ACKNOWLEDGMENT]!;
    segment.tsVal = words[at + TSVAL]!;
    segment.tsEcr = words[at + TSECR]!;
    segment.ipId = words[at + ID_AND_WINDOW]! >>> 16;
    segment.window = words[at + ID_AND_WINDOW]! & 0xffff;
    segment.flags = flags & FLAGS;
    segment.hasTimestamps = (flags & HAS_TIMESTAMPS) !== 0;
    segment.payloadLength = flags >>> 16;
    segment.length = segment.payloadLength + ((flags & SYN_FLAG) >> 1) + (flags & FIN_FLAG);
    segment.number = 0;
    return (flags & IS_FROM_SERVER) !== 0;
  }

  /** Whether the very same packet stands among the last ones of its side; `count`: packets so far. */
  has(place: number, count: number, isFromServer: boolean, segment: Segment): boolean {
    const start = place * RECENT_WORDS;
    const end = start + Math.min(count, RECENT) * WORDS;
    for (let at = start; at < end; at += WORDS) {
      if (this.#isSame(at, isFromServer, segment)) return true;
    }
    return false;
  }

  /** Whether the very same packet is the newest of its side. */
  isNewest(place: number, count: number, isFromServer: boolean, segment: Segment): boolean {
    for (let nth = count - 1; nth >= Math.max(0, count - RECENT); nth--) {
      const at = place * RECENT_WORDS + (nth & (RECENT - 1)) * WORDS;
      if (((this.words[at + REST]! & IS_FROM_SERVER) !== 0) === isFromServer)
        return this.#isSame(at, isFromServer, segment);
    }
    return false;
  }

  /** Same header in all that a copy keeps. */
  #isSame(at: number, isFromServer: boolean, segment: Segment): boolean {
    const { words } = this;
    return (
      words[at + SEQUENCE] === segment.sequence &&
      words[at + ACKNOWLEDGMENT] === segment.acknowledgment &&
      words[at + ID_AND_WINDOW] === ((segment.ipId << 16) | segment.window) &&
      words[at + TSVAL] === segment.tsVal &&
      words[at + TSECR] === segment.tsEcr &&
      (words[at + REST]! & ~(HAS_TIMESTAMPS | IS_REPEAT)) ===
        ((segment.payloadLength << 16) | segment.flags | (isFromServer ? IS_FROM_SERVER : 0))
    );
  }
}
