/**
 * What one side did as a sender of data, and what it knows: the ground on which causes of retransmissions are told.
 *
 * A capture point sees acknowledgments before or after their receiver does. `heard…` columns hold what has reached the
 * sender by the time of its newest packet (hearing.ts); `e.sndUna` is what passed the capture point. Times are
 * nanoseconds since the first packet; "sent" times have been corrected by the sender's own clock (sender-clock.ts).
 * Row 0 belongs to nobody.
 */
import { ColumnMemory } from "./column-memory.js";
import { EntryPool } from "./entry-pool.js";
import { printsRoom } from "./recent-prints.js";
import { withMoreRoom } from "./room.js";

export const SENDER_STRIDE = 32;

const INTS = {
  marks: "Facts that are true or not: the SENDER_… bits below.",
  mode: "MODE_OPEN, MODE_RECOVERY or MODE_LOSS: whether it repairs a loss, and what made it begin.",
  point: "SND.NXT when it entered that mode: once this is acknowledged the loss is repaired (RFC 6675 §2).",
  heardUna: "Highest acknowledgment that has reached it (SENDER_HAS_HEARD).",
  heardSackHigh: "Highest SACK edge above that (SENDER_HEARD_SACK).",
  heardWindow: "Window last heard, unscaled; -1 none.",
  heardDuplicates: "Duplicate acknowledgments heard since the last advance.",
  probeEnd: "SND.NXT of its last tail-loss probe (RFC 8985 §7.2).",
  timeoutEnd: "`point` of its last timeout (SENDER_HAS_TIMED_OUT).",
  repeatedEnd: "End of the highest bytes sent again since the mode was last open (SENDER_HAS_REPEATED).",
  lastRepeatStart: "First sequence number of its last retransmission (SENDER_GOES_UP).",
  largestPayload: "Most payload in one of its packets, at most 1,460.",
  clockStart: "TSval from which its clock is counted (SENDER_HAS_CLOCK).",
  lastEcho: "TSecr of its newest packet that was no repeat.",
  lastEchoAtMs: "When it echoed that first, in milliseconds since the first packet.",
  segmentsAt: "First entry of what it sent lately (sent-segments.ts), in order of sequence numbers; 0 none.",
  segmentsSize: "Entries there is room for.",
  segmentsFrom: "Those at the beginning that are in use no more.",
  segmentsCount: "Those in use.",
  acksAt: "First entry of acknowledgments on the way to it (hearing.ts); 0 none.",
  acksSize: "Entries there is room for: a ring.",
  acksFrom: "Its oldest, counted from the beginning of time.",
  acksCount: "How many are on the way.",
  echoesAt: "First entry of the TSvals it sent lately (sender-clock.ts); 0 none.",
  echoesCount: "TSvals noted so far.",
  repeatsAt: "First entry of its last retransmissions and copies (repeats.ts); 0 none.",
  repeatsCount: "How many were noted so far.",
  repeatsEnd: "End of the highest of them.",
  printsAt: "First of the fingerprints of its last packets (recent-prints.ts).",
  printsCount: "How many were noted so far.",
  sacksAt: "First entry of the ranges above `sndUna` that were reported by SACK (sack-ranges.ts); 0 none.",
  sacksCount: "How many there are.",
} as const;

/** Times, and counts. */
const WIDES = {
  elicited: "Its segments with sequence numbers: each may draw an acknowledgment.",
  elicitedThen: "The peer's `elicited` when it last sent.",
  heardAckAt: "When the newest acknowledgment that reached it passed; -Infinity none.",
  heardAdvanceAt: "Likewise the newest that acknowledged something new.",
  thirdDuplicateAt: "Likewise the third duplicate.",
  heardSackAt: "Likewise the first SACK above `heardUna` (SENDER_HEARD_SACK).",
  heardSentAt: "Latest sending among the segments known as delivered (RFC 8985 §6.2); -Infinity none.",
  timeoutAt: "Its last timeout; -Infinity none.",
  repairSince: "First repeat since the mode was last open.",
  repairTsVal: "TSval of that; NaN none.",
  lastSentAt: "Sending of its newest packet.",
  lastDataSentAt: "Sending of its newest data, repeats included; -Infinity none.",
  highestSentAt: "Sending of its highest data.",
  clockStartAt: "Time of the packet with `clockStart`.",
  clockTickNs: "Length of a tick.",
  clockOffset: "Smallest (time - ticks) of the running window and the one before.",
  clockNextOffset: "Smallest of the running window.",
  clockRenewedAt: "When that began.",
  minRttNs: "Least time from its data to the acknowledgment at the capture point; Infinity unknown.",
  loopNs: "Least time from the peer's packet to its own answer at the capture point; Infinity unknown.",
  srttNs: "Smoothed round-trip time from here to the peer (RFC 6298 §2); 0 before the first sample.",
  rttvarNs: "Its variation.",
  shownOnceNs: "The shortest silence so far that only its timer explains (sender-timer.ts); 0 none.",
  // ---- what limits it (limits.ts); 0 where there is none
  advancedAt: "When an acknowledgment of something new passed the capture point last.",
  countedTo: "Up to when its time has been shared out.",
  windowFilledAt: "When it filled the peer's window, until it sends new data.",
  windowOpenedAt: "When that window had room again.",
  firstFlightUntil: "When what it sends was called for by the first acknowledgment of its data.",
  settledAt: "A round trip after its last recovery: then its flight is measured.",
  // ---- numbers (path-mtu.ts)
  tooBigStart: "First byte on the way that was told to be too big and has not come again (SENDER_MET_MTU).",
  tooBigEnd: "SND.NXT when that was told.",
  tooBigBytes: "Payload of the segment that was told of.",
} as const;

export const MODE_OPEN = 0;
export const MODE_RECOVERY = 1;
export const MODE_LOSS = 2;

// ---- bits of `marks`
export const SENDER_HAS_HEARD = 1 << 0;
export const SENDER_HEARD_SACK = 1 << 1;
export const SENDER_HAS_TIMED_OUT = 1 << 2;
export const SENDER_HAS_REPEATED = 1 << 3;
/** `lastRepeatStart` holds: repeats after a timeout go upwards from there. */
export const SENDER_GOES_UP = 1 << 4;
/** A tail-loss probe has not been answered (Linux's tlp_high_seq). */
export const SENDER_PROBE_OPEN = 1 << 5;
export const SENDER_HAS_CLOCK = 1 << 6;
export const SENDER_TICK_KNOWN = 1 << 7;
/** An acknowledgment of it passed the capture point. */
export const SENDER_IS_ACKED = 1 << 8;
/** Its last repeat in a capture of one direction was a timeout's. */
export const SENDER_ONE_WAY_TIMEOUT = 1 << 9;
/** Bytes of it were acknowledged that the capture lacks, and it has not sent since. */
export const SENDER_UNSEEN = 1 << 10;
/** It has sent keep-alives. */
export const SENDER_KEPT_ALIVE = 1 << 11;
/** Its last probe was one of a zero window, and it has sent no data since. */
export const SENDER_PROBES_WINDOW = 1 << 12;
/** `probeEnd` holds. */
export const SENDER_HAS_PROBED = 1 << 13;
/** A timeout is taken back should it show that nothing was lost (RFC 5682 §3.1). */
export const SENDER_MAY_UNDO = 1 << 15;
/** It was told that what it sends is too big for the path: `tooBig…` hold. */
export const SENDER_MET_MTU = 1 << 14;
/** Of both ends: a missing packet number alone made them be followed, and has proved nothing so far (undisturbed.ts). */
export const SENDER_ON_TRIAL = 1 << 16;
/** Its newest data was less than a full segment: it had no more to send. */
export const SENDER_SENT_ALL = 1 << 20;
/** Many of its repeats are remembered (repeats.ts). */
export const SENDER_REPEATS_MANY = 1 << 17;

type IntName = keyof typeof INTS;
type WideName = keyof typeof WIDES;
type SenderColumns = { readonly [name in IntName]: Int32Array } & {
  readonly [name in WideName]: Float64Array;
};

const intNames = Object.keys(INTS);
const wideNames = Object.keys(WIDES);
if (intNames.length > SENDER_STRIDE || wideNames.length > SENDER_STRIDE)
  throw new Error("a sender has more columns than words");

export class Senders {
  columns: SenderColumns;
  /** What was sent lately: sent-segments.ts says what the words are. */
  readonly segments = new EntryPool(8, 4);
  /** Acknowledgments on the way: hearing.ts. */
  readonly acks = new EntryPool(6, 2);
  /** TSvals sent lately: sender-clock.ts. */
  readonly echoes = new EntryPool(1, 1);
  /** Retransmissions and copies: repeats.ts. */
  readonly repeats = new EntryPool(4, 4);
  /** Fingerprints of recent packets: recent-prints.ts. */
  readonly prints = new EntryPool(1, 0);
  /** Ranges reported by SACK: sack-ranges.ts. */
  readonly sacks = new EntryPool(2, 0);
  #memory = new ColumnMemory(SENDER_STRIDE, 1, 1, 16);
  #capacity = 16;
  #used = 1;
  readonly #free: number[] = [];

  constructor() {
    this.columns = columnsOf(this.#memory);
  }

  /** Two rows side by side for the ends of a connection; returns the first. `columns` may be others from here on. */
  take(): number {
    let sender = this.#free.pop();
    if (sender === undefined) {
      if (this.#used + 2 > this.#capacity) this.#grow();
      sender = this.#used * SENDER_STRIDE;
      this.#used += 2;
    }
    this.#begin(sender);
    this.#begin(sender + SENDER_STRIDE);
    return sender;
  }

  #begin(sender: number): void {
    const c = this.columns;
    c.heardWindow[sender] = -1;
    c.heardAckAt[sender] = Number.NEGATIVE_INFINITY;
    c.heardAdvanceAt[sender] = Number.NEGATIVE_INFINITY;
    c.heardSentAt[sender] = Number.NEGATIVE_INFINITY;
    c.timeoutAt[sender] = Number.NEGATIVE_INFINITY;
    c.repairTsVal[sender] = Number.NaN;
    c.lastDataSentAt[sender] = Number.NEGATIVE_INFINITY;
    c.minRttNs[sender] = Number.POSITIVE_INFINITY;
    c.loopNs[sender] = Number.POSITIVE_INFINITY;
  }

  /** Gives both rows back. */
  release(sender: number): void {
    this.#end(sender);
    this.#end(sender + SENDER_STRIDE);
    this.#free.push(sender);
  }

  #end(sender: number): void {
    const c = this.columns;
    if (c.segmentsAt[sender]! > 0) this.segments.release(c.segmentsAt[sender]!, c.segmentsSize[sender]!);
    if (c.acksAt[sender]! > 0) this.acks.release(c.acksAt[sender]!, c.acksSize[sender]!);
    if (c.echoesAt[sender]! > 0) this.echoes.release(c.echoesAt[sender]!, ECHOES);
    if (c.repeatsAt[sender]! > 0) this.repeats.release(c.repeatsAt[sender]!, repeatsRoom(this, sender));
    if (c.printsCount[sender]! > 0)
      this.prints.release(c.printsAt[sender]!, printsRoom(c.printsCount[sender]!));
    if (c.sacksAt[sender]! > 0) this.sacks.release(c.sacksAt[sender]!, SACK_RANGES);
    this.#memory.clear(sender);
  }

  #grow(): void {
    withMoreRoom(this.#capacity, SENDER_STRIDE * (4 + 8), (capacity) => {
      this.#memory = new ColumnMemory(SENDER_STRIDE, 1, 1, capacity, this.#memory);
      this.#capacity = capacity;
    });
    this.columns = columnsOf(this.#memory);
  }
}

/** Places of the ring of the sender's repeats. */
export function repeatsRoom({ columns: c }: Senders, sender: number): number {
  return c.marks[sender]! & SENDER_REPEATS_MANY ? MANY_REPEATS : FEW_REPEATS;
}

export const FEW_REPEATS = 16;
export const MANY_REPEATS = 64;

/** Entries of the lists that do not grow. */
export const ECHOES = 8;
export const SACK_RANGES = 16;

function columnsOf(memory: ColumnMemory): SenderColumns {
  return Object.fromEntries([
    ...intNames.map((name, word) => [name, memory.ints[0]!.subarray(word)]),
    ...wideNames.map((name, word) => [name, memory.wides[0]!.subarray(word)]),
  ]) as unknown as SenderColumns;
}

/** Largest payload of a single segment on ordinary links. */
export const ETHERNET_PAYLOAD = 1460;

/** Payload bytes of a full segment of this sender, as far as it has sent one. */
export function fullPayload(senders: Senders, sender: number): number {
  return senders.columns.largestPayload[sender]! || ETHERNET_PAYLOAD;
}

/** Whether the end at that row is followed for a missing packet number alone; 0 is followed for nothing. */
export function isOnTrial(senders: Senders, sender: number): boolean {
  return (senders.columns.marks[sender]! & SENDER_ON_TRIAL) !== 0;
}

/** Its timer has run out: what was sent up to `point` is sent again (RFC 6298 §5). */
export function enterLoss(senders: Senders, sender: number, point: number): void {
  const c = senders.columns;
  c.mode[sender] = MODE_LOSS;
  c.point[sender] = point;
  c.timeoutEnd[sender] = point;
  c.marks[sender]! |= SENDER_HAS_TIMED_OUT;
}

/** A round trip where none has been measured. */
export const UNKNOWN_RTT_NS = 3e6;

/** The path's round trip as this sender lives it: both halves of the way, from the capture point and back. */
export function fullRttNs(senders: Senders, sender: number): number {
  const { minRttNs, loopNs } = senders.columns;
  const rtt = orNothing(minRttNs[sender]!) + orNothing(loopNs[sender]!);
  return rtt > 0 ? rtt : UNKNOWN_RTT_NS;
}

/** The retransmission timeout as RFC 6298 §2 makes it, with Linux's minimum of 200 ms for the variation. */
export function timeoutNs(senders: Senders, sender: number): number {
  const { srttNs, rttvarNs, loopNs } = senders.columns;
  return srttNs[sender]! + orNothing(loopNs[sender]!) + Math.max(200e6, 4 * rttvarNs[sender]!);
}

/** From the capture point to the sender and back, the least that was measured; 0 where none was. */
export function knownLoopNs(senders: Senders, sender: number): number {
  return orNothing(senders.columns.loopNs[sender]!);
}

/** The time, or 0 where it is unknown. */
function orNothing(ns: number): number {
  return ns < Number.POSITIVE_INFINITY ? ns : 0;
}
