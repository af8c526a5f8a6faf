/** Room for pools that are full: doubled while they are small, then for good, and doubled again where that is not to be had. */
import { describe, expect, it } from "vitest";
import { Connections, PAIR } from "../../src/connection/connections.js";
import { withMoreRoom } from "../../src/connection/room.js";
import { Segment } from "../../src/wire/segment.js";

describe("more room", () => {
  it.each([
    ["little", 1000, 100, 2000],
    ["just below what is little", 2 ** 16 - 1, 128, 2 ** 17 - 2],
    ["more than little: half a gigabyte", 2 ** 16, 128, 2 ** 22],
    ["no power of two: at least that", 3 * 2 ** 16, 128, 3 * 2 ** 21],
    ["half a gigabyte", 2 ** 22, 128, 2 ** 23],
  ])("for a pool of %s", (_, rows, bytesEach, more) => {
    expect(withMoreRoom(rows, bytesEach, (wanted) => wanted)).toBe(more);
  });

  it("is twice as much where addresses are few", () => {
    const asked: number[] = [];
    const made = withMoreRoom(2 ** 16, 128, (rows) => {
      asked.push(rows);
      if (rows > 2 ** 17) throw new RangeError("Array buffer allocation failed");
      return rows;
    });
    expect(asked).toEqual([2 ** 22, 2 ** 17]);
    expect(made).toBe(2 ** 17);
  });

  it("hides no other error", () => {
    const make = () => {
      throw new TypeError("another one");
    };
    expect(() => withMoreRoom(2 ** 16, 128, make)).toThrow("another one");
  });

  it("keeps what connections hold, and which tuples are theirs", () => {
    const connections = new Connections(4096);
    const segment = Object.assign(new Segment(), { ipVersion: 4, destination0: 1, destinationPort: 443 });
    const set = (number: number) => {
      segment.source0 = 2 + number;
      segment.sourcePort = number & 0xffff;
    };
    const before = process.memoryUsage.rss();
    for (let number = 0; number < 40_000; number++) {
      set(number);
      const row = connections.create(segment, 0, false);
      connections.endpoints.sndNxt[row] = number;
      connections.recent.add(row / PAIR, number, false, false, segment);
    }
    for (let number = 0; number < 40_000; number++) {
      set(number);
      const row = connections.find(segment, 0);
      expect(connections.endpoints.sndNxt[row]).toBe(number);
      expect(connections.port(row, 0)).toBe(number & 0xffff);
      expect(connections.recent.isNewest(row / PAIR, number + 1, false, segment)).toBe(true);
    }
    // Addresses for a million, pages for these.
    expect(connections.endpoints.sndNxt.length).toBeGreaterThan(30e6);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150e6);
  });
});
