/**
 * The pool of transitions: what is put comes back, over block borders, for frames of any size, and after a move.
 */
import { describe, expect, it } from "vitest";
import { BLOCK_WORDS, TransitionLog } from "../../src/connection/transition-log.js";

type Entry = [at: number, frame: number, side: number, event: number, from: number, to: number];

function putAll(log: TransitionLog, entries: readonly Entry[]): { first: number; last: number } {
  let first = -1;
  let last = -1;
  entries.forEach((entry, count) => {
    if (log.isFull(count)) {
      last = log.open(last);
      if (count === 0) first = last;
    }
    log.put(last, count, ...entry);
  });
  return { first, last };
}

function all(log: TransitionLog, first: number, count: number): Entry[] {
  const entries: Entry[] = [];
  log.forEach(first, count, (...entry) => entries.push(entry));
  return entries;
}

describe("the transition log", () => {
  const frames = [1, 131_072, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 40 + 7];
  const entries = Array.from({ length: 40 }, (_, i): Entry => {
    return [i * 1e9 + 0.5, frames[i % frames.length]!, i % 2, i % 32, i % 11, (i * 3) % 11];
  });

  it("gives back every entry in order, with frames of any size", () => {
    const log = new TransitionLog();
    const { first } = putAll(log, entries);
    expect(all(log, first, entries.length)).toEqual(entries);
  });

  it("keeps connections apart, and serves blocks again that were given back", () => {
    const log = new TransitionLog();
    const one = putAll(log, entries);
    const other = putAll(log, entries.slice().reverse());
    log.release(one.first, one.last);
    const third = putAll(log, entries.slice(5, 9));
    expect(all(log, other.first, entries.length)).toEqual(entries.slice().reverse());
    expect(all(log, third.first, 4)).toEqual(entries.slice(5, 9));
  });

  it("moves a block out and into another one", () => {
    const log = new TransitionLog();
    const few = entries.slice(0, 11);
    const { first, last } = putAll(log, few);
    const words = new Int32Array(3 * BLOCK_WORDS);
    log.moveOut(first, words, BLOCK_WORDS);
    log.release(first, last);
    putAll(log, entries.slice(20, 31));
    const block = log.open(-1);
    log.moveIn(block, words, BLOCK_WORDS);
    expect(all(log, block, 11)).toEqual(few);
  });
});
