/** The bounded table: rows are found again, and where a set is full the quietest one goes. */
import { expect, it } from "vitest";
import { BoundedRows, FIRST } from "../../src/connection/bounded-rows.js";

const rowOf = (rows: BoundedRows, key: number): number => {
  rows.key.fill(0);
  rows.key[0] = key;
  return rows.take();
};

it("finds a row again, and the quietest one of a full set makes room", () => {
  const rows = new BoundedRows(1, 2);
  expect(rows.find()).toBe(-1);
  for (const key of [1, 2, 3, 4, 1, 2, 4]) {
    const own = rowOf(rows, key) + FIRST;
    rows.ints[own]! += key;
  }
  rowOf(rows, 5);
  // The third was asked for once, the others twice.
  const kept: [number, number][] = [];
  rows.forEach((place) => {
    kept.push([rows.ints[place]!, rows.ints[place + FIRST]!]);
  });
  expect(kept).toEqual([
    [1, 2],
    [2, 4],
    [5, 0],
    [4, 8],
  ]);
  rows.key[0] = 3;
  expect(rows.find()).toBe(-1);
});

it("keeps as many rows as it has room for, whatever comes", () => {
  const rows = new BoundedRows(64, 1);
  for (let key = 1; key <= 10_000; key++) rowOf(rows, key);
  let count = 0;
  rows.forEach(() => {
    count++;
  });
  expect(count).toBe(256);
});
