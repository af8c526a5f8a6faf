/**
 * When a host sends its SYN, or its SYN-ACK, again as long as nobody answers (RFC 6298 §5, RFC 9293 §3.8.1).
 *
 * Linux since 6.5 waits a second five times before it doubles, older ones double from the first second on; SYN-ACKs
 * always double. Which of them a series keeps shows in its gaps: what fits neither is told by nobody, and nothing is
 * concluded from it. Only whole gaps are compared here, no segment is looked at.
 */
import type { Timetable } from "../report/record.js";

interface Schedule {
  readonly name: Timetable;
  /** Seconds from each packet of the series to the next, as many as there are repeats by default. */
  readonly gaps: readonly number[];
}

/** A repeat comes up to an eighth late: a timer wheel's levels are as coarse as that. */
export const TIMER_SLACK = 1 / 8;
/** What the way to the capture point may add to a gap, or take from it. */
const JITTER_NS = 50e6;
/** A series of one packet shows no timetable: its sender may be one that waits 3 s first (RFC 1122 §4.2.3.1). */
const FIRST_PATIENCE_NS = 3.5e9;

const LINEAR: Schedule = { name: "linear-then-doubling", gaps: [1, 1, 1, 1, 1, 2, 4, 8, 16, 32] };
const DOUBLING: Schedule = { name: "doubling", gaps: [1, 2, 4, 8, 16, 32] };
const SYN_ACKS: Schedule = { name: "doubling", gaps: [1, 2, 4, 8, 16] };

/** Timetables of SYNs; bit `1 << place` stands for one. */
const SYN_SCHEDULES = [LINEAR, DOUBLING] as const;
const SYN_ACK_SCHEDULES = [SYN_ACKS] as const;

/** The bits of `unkept`, and those of timetables that do not have repeat number `repeat` (from 1) after such a gap. */
export function withUnkept(unkept: number, repeat: number, gapNs: number): number {
  let bits = unkept;
  for (let place = 0; place < SYN_SCHEDULES.length; place++) {
    const dueNs = (SYN_SCHEDULES[place]!.gaps[repeat - 1] ?? Number.NaN) * 1e9;
    if (!(Math.abs(gapNs - dueNs) <= dueNs * TIMER_SLACK + JITTER_NS)) bits |= 1 << place;
  }
  return bits;
}

/** What is known of a series after so many repeats. */
export interface NextDue {
  readonly timetable: Timetable | null;
  /** From the last packet until the next is overdue, in nanoseconds, the timer's slack included. */
  readonly afterNs: number;
  /** Silence by which a next one would surely have been seen. */
  readonly patienceNs: number;
  /** All repeats that are made by default were made. */
  readonly isComplete: boolean;
}

/** When the next packet is due, or null where the series keeps no known timetable. `unkept` as withUnkept gives it. */
export function nextDue(unkept: number, repeats: number, isSynAck: boolean): NextDue | null {
  const all: readonly Schedule[] = isSynAck ? SYN_ACK_SCHEDULES : SYN_SCHEDULES;
  const doubling = SYN_SCHEDULES.indexOf(DOUBLING);
  const kept = all.filter(
    ({ gaps }, place) => !(unkept & (1 << (isSynAck ? doubling : place))) && repeats <= gaps.length,
  );
  if (kept.length === 0) return null;
  const gaps = kept.map((schedule) => schedule.gaps[repeats] ?? 2 * schedule.gaps.at(-1)!);
  const afterNs = Math.max(...gaps) * 1e9 * (1 + TIMER_SLACK);
  return {
    timetable: kept.length === 1 ? kept[0]!.name : null,
    afterNs,
    patienceNs: Math.max(afterNs + JITTER_NS, repeats === 0 ? FIRST_PATIENCE_NS : 0),
    isComplete: kept.every((schedule) => repeats === schedule.gaps.length),
  };
}
