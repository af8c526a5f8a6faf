/**
 * The last retransmissions and copies of each sender, a ring: what later packets may show to have been needless
 * (spurious.ts, needless-without-sack.ts). Sixteen; without SACK more, for then everything that was on the way is
 * sent again after a timeout.
 */
import type { Connections } from "./connections.js";
import { FEW_REPEATS, MANY_REPEATS, repeatsRoom, SENDER_REPEATS_MANY, type Senders } from "./senders.js";

// ---- words of an entry
export const REPEAT_INTS = 4;
export const START = 0;
export const END = 1;
export const TSVAL = 2;
export const MARKS = 3;
export const REPEAT_WIDES = 4;
export const AT = 0;
export const FRAME = 1;
/** When its original had been sent that was taken for lost, NaN unknown. */
export const LOST_AT = 2;
/** Up to when a duplicate acknowledgment is this one's (IS_PASSED). */
export const DUPLICATE_DUE = 3;

// ---- bits of MARKS
export const HAS_TSVAL = 1 << 0;
export const IS_COPY = 1 << 1;
export const IS_NEEDLESS = 1 << 2;
export const IS_ACKNOWLEDGED = 1 << 3;
export const HAS_DSACK = 1 << 4;
/** Its own ACK number is not its sender's newest: a receiver does not echo its TSval. */
export const IS_OVERTAKEN = 1 << 5;
export const AFTER_TIMEOUT = 1 << 6;
/** An acknowledgment went beyond it for the sake of one that was sent before it. */
export const IS_PASSED = 1 << 7;
/** From this bit on: where its original was taken for lost (losses.ts). */
const LOSS_SIDE = 8;

/** How many of the sender are remembered, from `repeatsAt` on. */
export function remembered(senders: Senders, sender: number): number {
  return Math.min(senders.columns.repeatsCount[sender]!, repeatsRoom(senders, sender));
}

/** Entry of the `nth` that was noted. */
export function repeatEntry(senders: Senders, sender: number, nth: number): number {
  return senders.columns.repeatsAt[sender]! + (nth & (repeatsRoom(senders, sender) - 1));
}

/** The entry for one more, in place of the oldest; its words hold anything. */
export function takeRepeat(senders: Senders, sender: number, usesSack: boolean): number {
  const { columns: c, repeats } = senders;
  const count = c.repeatsCount[sender]!;
  if (count === 0) c.repeatsAt[sender] = repeats.take(FEW_REPEATS);
  else if (!usesSack && count >= FEW_REPEATS && !(c.marks[sender]! & SENDER_REPEATS_MANY))
    widen(senders, sender);
  return repeatEntry(senders, sender, c.repeatsCount[sender]!++);
}

function widen({ columns: c, repeats }: Senders, sender: number): void {
  const few = c.repeatsAt[sender]!;
  const many = repeats.take(MANY_REPEATS);
  const count = c.repeatsCount[sender]!;
  for (let nth = 0; nth < FEW_REPEATS; nth++)
    repeats.move(few + ((count + nth) & (FEW_REPEATS - 1)), many + nth, 1);
  // What was forgotten counts no more.
  c.repeatsCount[sender] = FEW_REPEATS;
  repeats.release(few, FEW_REPEATS);
  c.repeatsAt[sender] = many;
  c.marks[sender]! |= SENDER_REPEATS_MANY;
}

/** Whether the newest of the sender ends at `sequence` and was captured after `sinceNs`. */
export function hasJustRepeatedUpTo(
  senders: Senders,
  sender: number,
  sequence: number,
  sinceNs: number,
): boolean {
  const count = senders.columns.repeatsCount[sender]!;
  if (count === 0) return false;
  const entry = repeatEntry(senders, sender, count - 1);
  const { ints, wides } = senders.repeats;
  return ints[entry * REPEAT_INTS + END] === sequence && wides[entry * REPEAT_WIDES + AT]! > sinceNs;
}

export function withLossSide(marks: number, side: number): number {
  return marks | (side << LOSS_SIDE);
}

/** The repeat at `entry` of the endpoint at `row` is shown to be needless; it may have been before. */
export function markNeedless(connections: Connections, row: number, entry: number): void {
  const { ints, wides } = connections.senders.repeats;
  const at = entry * REPEAT_INTS;
  if (ints[at + MARKS]! & IS_NEEDLESS) return;
  ints[at + MARKS]! |= IS_NEEDLESS;
  const side = ints[at + MARKS]! >> LOSS_SIDE;
  connections.bursts.takeBack(connections, row, wides[entry * REPEAT_WIDES + LOST_AT]!);
  connections.noteSpurious(
    row,
    wides[entry * REPEAT_WIDES + FRAME]!,
    side,
    ints[at + START]!,
    ints[at + END]!,
  );
}
