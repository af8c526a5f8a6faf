/** A flood of SYNs is told by how many come within a second, whatever else the capture holds; and what only adds up is none. */
import { describe, expect, it } from "vitest";
import { BusiestSecond } from "../../src/diagnosis/busiest-second.js";
import { c, type Step, s } from "../connection/conversation.js";
import { findingIn, idsIn } from "./told.js";

/** One SYN each from so many ports of 50 addresses, `after` ms apart; answered, where they are, by a SYN-ACK that stays alone. */
function syns(count: number, after: number, isAnswered = false, firstPort = 1024): Step[] {
  return Array.from({ length: count }, (_, n) => {
    const from = { clientHost: 10 + (n % 50), clientPort: firstPort + n };
    const syn = c("SYN", { ...from, after, isn: firstPort + n * 999 });
    return isAnswered ? [syn, s("SYN ACK", { ...from, after: 0, isn: firstPort + n * 777 })] : [syn];
  }).flat();
}

/** So many connections with a request and its answer, closed in good order, 10 ms each. */
function served(count: number, firstPort = 20_000): Step[] {
  return Array.from({ length: count }, (_, n) => {
    const from = { clientPort: firstPort + n, after: 1 };
    return [
      ...[c("SYN", { ...from, isn: n * 999 }), s("SYN ACK", { ...from, isn: n * 777 }), c("ACK", from)],
      ...[c("PSH ACK", { ...from, bytes: 9 }), s("PSH ACK", { ...from, bytes: 9 })],
      ...[c("FIN ACK", from), s("FIN ACK", from), c("ACK", from)],
    ];
  }).flat();
}

/** Ends the capture so much later that nothing of what was before is under way. */
const LATER = [c("SYN", { clientPort: 60_000, after: 5000 })];
const HOUR = 3_600_000;

describe("a flood", () => {
  it.each<[string, Step[]]>([
    ["by itself", [...syns(300, 5), ...LATER]],
    ["that is answered", [...syns(300, 5, true), ...LATER]],
    ["among many connections that are served", [...served(1000), ...syns(300, 5), ...served(1000, 22_000)]],
    [
      "before a stray SYN of an hour later",
      [...served(50), ...syns(300, 5), ...syns(1, HOUR, false, 50_000), ...LATER],
    ],
    [
      "after a trickle of hours",
      [...served(100), ...syns(150, HOUR / 10), ...syns(300, 5, false, 9000), ...LATER],
    ],
    ["of 25 a second, where nothing else is", [...syns(300, 40), ...LATER]],
  ])("%s is told", async (_, steps) => {
    expect((await findingIn("syn-flood", steps))?.sentence).toMatch(/up to (200|201|199|25|26) a second/);
  });

  it.each<[string, Step[]]>([
    ["a busy server that answers many SYNs", served(2000)],
    [
      "one whose last handshakes are under way when the capture ends",
      [...served(500), ...syns(300, 1, true)],
    ],
    ["a trickle of unanswered SYNs, however many they come to be", [...syns(400, 500), ...LATER]],
    ["a trickle of half-open handshakes", [...syns(400, 500, true), ...LATER]],
    ["as many beside ten times as many that are served", [...syns(90, 5), ...served(900), ...LATER]],
  ])("is not %s", async (_, steps) => {
    expect(await idsIn(steps)).not.toContain("syn-flood");
  });

  it("that is none leaves what it left behind to be told", async () => {
    expect(await idsIn([...syns(400, 500, true), ...LATER])).toContain("embryonic");
    expect(await idsIn([...syns(300, 5, true), ...LATER])).not.toContain("embryonic");
  });
});

describe("the busiest second", () => {
  const of = (times: readonly number[]): BusiestSecond => {
    const busiest = new BusiestSecond();
    for (const atMs of times) busiest.add(atMs, 1);
    return busiest;
  };

  it("may begin at any tenth of a second", () => {
    expect(of([]).most).toBe(0);
    expect(of([950, 990, 1050, 1890]).most).toBe(4);
    expect(of([850, 990, 1050, 1890]).most).toBe(3);
    expect(of([500, 2500]).most).toBe(1);
  });

  it("forgets what is taken back", () => {
    const busiest = of([100, 200, 5000]);
    busiest.add(200, -1);
    busiest.add(90_000, -1);
    expect(busiest.most).toBe(1);
  });

  it("is found among more seconds than are kept, in whatever order they come", () => {
    const trickle = Array.from({ length: 10_000 }, (_, n) => n * 1000);
    const burst = Array.from({ length: 40 }, (_, n) => 5_000_700 + n * 10);
    const both = of(trickle);
    both.merge(of(burst));
    // With the one of the trickle that falls into the same second, or without.
    for (const { most } of [of([...trickle, ...burst]), of([...burst, ...trickle]), both])
      expect([40, 41]).toContain(most);
  });
});
