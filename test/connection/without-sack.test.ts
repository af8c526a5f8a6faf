/** What senders and receivers without SACK show by what they do: which repeats were needless, and that a timer ran out. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Step, s, segmentsOf } from "./conversation.js";

const SOON = 0.1;
/** 100 bytes each, one after the other. */
const data = (count: number): Step[] =>
  Array.from({ length: count }, () => c("ACK", { bytes: 100, after: SOON }));
const again = (seq: number, after = SOON) => c("ACK", { seq, bytes: 100, after });
const ack = (number: number, after = SOON) => s("ACK", { ack: number, after });
const acks = (number: number, count: number, after = SOON): Step[] =>
  Array.from({ length: count }, () => ack(number, after));
/** From one sequence number up to another, all of them again. */
const allAgain = (from: number, to: number): Step[] =>
  Array.from({ length: (to - from) / 100 }, (_, i) => again(from + i * 100, i === 0 ? 1 : SOON));

/** So many segments at once; after a timeout the oldest is acknowledged, 20 ms later. */
const timedOut = (count: number): Step[] => [...HANDSHAKE, ...data(count), again(1, 300), ack(101, 20)];
const needlessOf = async (steps: readonly Step[]): Promise<number[]> => {
  const all = await segmentsOf(steps);
  return all.flatMap((words, i) => (words.endsWith("spurious") ? [steps[i]!.seq!] : []));
};

describe("repeats of a sender without SACK are needless", () => {
  it("where an acknowledgment passes them, and a duplicate comes for each", async () => {
    const steps = [...timedOut(8), ...allAgain(101, 401), ack(401, 20), ...acks(401, 2)];
    expect(await needlessOf(steps)).toEqual([201, 301]);
  });

  it("one for each duplicate, and no more", async () => {
    const steps = [...timedOut(8), ...allAgain(101, 401), ack(401, 20), ack(401)];
    expect(await needlessOf(steps)).toEqual([201]);
  });

  it("also where the duplicates come when all is acknowledged", async () => {
    const steps = [...timedOut(5), ...allAgain(101, 501), ack(501, 20), ...acks(501, 3)];
    expect(await needlessOf(steps)).toEqual([201, 301, 401]);
  });

  it("also where more of them are on the way than sixteen", async () => {
    const steps = [...timedOut(40), ...allAgain(101, 3101), ack(3101, 20), ...acks(3101, 29)];
    expect((await needlessOf(steps)).length).toBe(29);
  });

  it.each<readonly [name: string, steps: readonly Step[]]>([
    ["no duplicate comes", [ack(401, 20)]],
    ["the duplicates come a round trip later: for what was sent then", [ack(401, 20), ...acks(401, 2, 15)]],
    ["the acknowledgment may be a delayed one, of two segments", [ack(301, 20), ...acks(301, 2)]],
    ["the duplicates came before", [...acks(101, 3), ack(401, 20)]],
  ])("not where %s", async (_, steps) => {
    expect(await needlessOf([...timedOut(8), ...allAgain(101, 401), ...steps])).toEqual([]);
  });

  it("not by a first round trip that waited for a gap to be filled", async () => {
    const opened = [
      s("ACK", { ack: 101, seq: 1 }),
      c("ACK", { seq: 201, bytes: 100, ack: 1 }),
      ...acks(101, 4),
      again(101, 20),
      ack(301, 40),
      ...[301, 401, 501, 601, 701].map((seq) => again(seq)),
      ...acks(301, 3, 1),
      again(301, 1),
      ack(801, 20),
    ];
    expect(await needlessOf(opened)).toEqual([]);
  });
});

/** The capture begins while a sender is at work; the number acknowledged is 101, and stays so. */
const begun = (block?: readonly [number, number]): Step[] => [
  s("ACK", { ack: 101, seq: 1 }),
  c("ACK", { seq: 901, bytes: 100, ack: 1 }),
  ...Array.from({ length: 4 }, () => s("ACK", { ack: 101, after: 1, ...(block ? { sack: [block] } : {}) })),
];

describe("where the capture begins after a timeout", () => {
  it("several repeats in a row in one round trip belong to it", async () => {
    expect((await segmentsOf([...begun(), ...allAgain(101, 401)])).slice(-2)).toEqual([
      "rto-recovery",
      "rto-recovery",
    ]);
  });

  it.each<readonly [name: string, steps: readonly Step[]]>([
    ["SACK is in use", [...begun([901, 1001]), ...allAgain(101, 401)]],
    [
      "each follows an acknowledgment of the one before",
      [...begun(), again(101, 1), ack(201, 20), again(201)],
    ],
    ["they are not in a row", [...begun(), again(101, 1), again(501)]],
  ])("not where %s", async (_, steps) => {
    expect((await segmentsOf(steps)).at(-1)).toBe("fast");
  });
});
