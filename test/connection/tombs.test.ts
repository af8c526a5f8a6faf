/** Tombs: 32 bytes each, and everything that is asked of one comes back whole. */
import { describe, expect, it } from "vitest";
import {
  CHAIN,
  CHECK,
  CLIENT_IS_LOWER,
  CLIENT_NEXT,
  CLIENT_WAITS,
  EPITAPH,
  HAS_TSVAL,
  SERVER_NEXT,
  SERVER_WAITS,
  Tombs,
  TSVAL,
} from "../../src/connection/tombs.js";

/** The epitaph of a connection whose tuple has this hash. */
function epitaph(hash: number, facts: number, check = hash * 7): Int32Array {
  const words = new Int32Array(EPITAPH);
  words[CHAIN] = hash | facts;
  words[CHECK] = check;
  words[CLIENT_NEXT] = 1000 + hash;
  words[SERVER_NEXT] = -5;
  words[TSVAL] = -77;
  return words;
}

describe("a tomb", () => {
  it.each([
    [0, 1],
    [1, 2 ** 31],
    [2 ** 32 + 1, 2 ** 33 + 7],
    [86_400e9 * 6 + 123_456_789, 2 ** 50 + 3],
    [-5e9, 12],
  ])("gives back a time of %d ns and the name %d", (endedAt, name) => {
    const tombs = new Tombs();
    tombs.add(epitaph(9, CLIENT_WAITS | HAS_TSVAL | CLIENT_IS_LOWER), 0, endedAt, name);
    const tomb = tombs.find(9, 63);
    expect([tombs.endedAt(tomb), tombs.name(tomb)]).toEqual([endedAt, name]);
    expect([tombs.next(tomb, true), tombs.next(tomb, false), tombs.tsVal(tomb)]).toEqual([1009, -5, -77]);
    expect([tombs.isWaiting(tomb, true), tombs.isWaiting(tomb, false)]).toEqual([true, false]);
    expect([tombs.isClient(tomb, true), tombs.isClient(tomb, false)]).toEqual([true, false]);
  });

  it("tells a side without timestamps, and the other one in TIME_WAIT", () => {
    const tombs = new Tombs();
    tombs.add(epitaph(9, SERVER_WAITS), 0, 1, 1);
    const tomb = tombs.find(9, 63);
    expect(tombs.tsVal(tomb)).toBeNull();
    expect([tombs.isWaiting(tomb, true), tombs.isWaiting(tomb, false)]).toEqual([false, true]);
    expect(tombs.isClient(tomb, true)).toBe(false);
  });

  it("is found among others of its chain, the newest first, through growth", () => {
    const tombs = new Tombs();
    for (let i = 1; i <= 5000; i++) tombs.add(epitaph(i % 7, 0, i % 50), 0, i * 1e6, i);
    // The newest whose remainders by 7 and by 50 are 3 and 17.
    let newest = 5000;
    while (newest % 7 !== 3 || newest % 50 !== 17) newest--;
    expect(tombs.name(tombs.find(3, 17))).toBe(newest);
    expect(tombs.find(3, 50)).toBe(-1);
    expect(tombs.find(8, 17)).toBe(-1);
  });

  it("is forgotten after its time, and none before", () => {
    const tombs = new Tombs();
    for (let i = 1; i <= 100; i++) tombs.add(epitaph(i, 0), 0, i * 1e9, i);
    tombs.expire(50e9);
    expect(tombs.find(49, 343)).toBe(-1);
    expect(tombs.endedAt(tombs.find(50, 350))).toBe(50e9);
    expect(tombs.evicted).toBe(0);
  });
});
