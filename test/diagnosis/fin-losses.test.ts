/** Repeated FINs: which packet was lost, and which FINs nobody answers (RFC 9293 §3.6). */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { findingIn, idsIn } from "./told.js";

const OPEN: readonly Step[] = [...HANDSHAKE, c("PSH ACK", { bytes: 100 }), s("PSH ACK", { bytes: 500 })];
const FIN = { seq: 101 };
const repeat = (after: number) => c("FIN ACK", { ...FIN, after });

describe("a FIN that is sent twice", () => {
  it.each<[string, string[], Step[]]>([
    ["nothing acknowledged the first one", ["fin-lost"], [c("FIN ACK"), repeat(230), s("FIN ACK"), c("ACK")]],
    [
      "its acknowledgment was captured before the repeat",
      ["fin-ack-lost"],
      [c("FIN ACK"), s("ACK"), repeat(230), s("ACK"), s("FIN ACK"), c("ACK")],
    ],
    [
      "the second FIN, its acknowledgment captured",
      ["last-ack-lost"],
      [c("FIN ACK"), s("FIN ACK"), c("ACK"), s("FIN ACK", { seq: 501, after: 230 }), c("ACK")],
    ],
    [
      "the second FIN, nothing between",
      ["fin-lost"],
      [c("FIN ACK"), s("ACK"), s("FIN ACK"), s("FIN ACK", { seq: 501, after: 230 }), c("ACK")],
    ],
    [
      "its acknowledgment came too soon after the repeat to be of that: it was late",
      [],
      [c("FIN ACK"), repeat(230), s("FIN ACK", { after: 5 }), c("ACK")],
    ],
    [
      "the repeat was under way when its acknowledgment was captured",
      [],
      [c("FIN ACK"), s("ACK", { after: 230 }), repeat(5), s("FIN ACK"), c("ACK")],
    ],
    ["an ordinary close", [], [c("FIN ACK"), s("FIN ACK"), c("ACK")]],
    [
      "a copy made by the network",
      [],
      [c("FIN ACK", { id: 300 }), c("FIN ACK", { ...FIN, id: 300, after: 1 }), s("FIN ACK"), c("ACK")],
    ],
  ])("%s", async (_, expected, close) => {
    const ids = await idsIn([...OPEN, ...close]);
    expect(ids.filter((id) => id.includes("fin-") || id.includes("last-ack"))).toEqual(expected);
  });

  it("costs the time from the FIN to its acknowledgment, a round trip left out", async () => {
    const told = await findingIn("fin-lost", [...OPEN, c("FIN ACK"), repeat(230), s("FIN ACK"), c("ACK")]);
    expect(told?.where).toBe("10.0.0.2:80");
    expect(told?.lostMs).toBeCloseTo(230, 0);
    expect(told?.examples[0]?.frames).toEqual([6, 9]);
  });
});

describe("FINs without an answer", () => {
  const silent = [c("FIN ACK"), repeat(230), repeat(460), repeat(920)];
  it("are told of the peer, and not as a peer that vanished", async () => {
    const told = await findingIn("fin-unanswered", [...OPEN, ...silent]);
    expect(told).toMatchObject({ where: "10.0.0.2:80", connections: 1, actor: "network" });
    expect(told?.sentence).toContain("3 repeats over 1.6");
    expect(await idsIn([...OPEN, ...silent])).not.toContain("vanished-peer");
  });

  it.each<[string, Step[]]>([
    ["the capture ends soon after", [...OPEN, ...silent.slice(0, 3)]],
    ["the answer comes in the end", [...OPEN, ...silent, s("FIN ACK"), c("ACK")]],
    [
      "it was data that went into silence",
      [...OPEN, ...[0, 230, 460, 920].map((after) => c("PSH ACK", { bytes: 50, seq: 101, after }))],
    ],
    ["one direction was captured", [...OPEN, ...silent].filter(({ side }) => side === 0)],
  ])("not where %s", async (_, steps) => {
    expect(await idsIn(steps)).not.toContain("fin-unanswered");
  });
});
