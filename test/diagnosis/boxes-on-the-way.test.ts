/** Boxes on the way that take part in connections; and what only looks like one. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, type Step, s } from "../connection/conversation.js";
import { findingIn } from "./told.js";

const SYN = 2;

interface Upload {
  /** TTL of the SYN-ACK and of the acknowledgments. */
  readonly synTtl?: number;
  readonly ackTtl?: number;
  /** How long the SYN-ACK takes, and an acknowledgment. */
  readonly leg?: number;
  readonly ack?: number;
  readonly segments?: number;
  readonly again?: readonly Step[];
}

/** A client sends, each segment is acknowledged. */
function upload({ synTtl = 54, ackTtl = 61, leg = 150, ack = 1, segments = 30, again = [] }: Upload): Step[] {
  return [
    c("SYN"),
    ...again,
    s("SYN ACK", { after: leg, ttl: synTtl }),
    c("ACK", { after: 0.1 }),
    ...Array.from({ length: segments }, () => [
      c("PSH ACK", { bytes: 400 }),
      s("ACK", { after: ack, ttl: ackTtl }),
    ]).flat(),
    ...CLOSE.map((step) => (step.side === 1 ? { ...step, after: leg, ttl: synTtl } : step)),
  ];
}

/** Two of them one after the other, each with its own sequence numbers. */
const twice = (one: Upload): Step[] =>
  [1, 2].flatMap((n) =>
    upload(one).map((step) => ({
      ...step,
      clientPort: 40_000 + n,
      ...((step.flags & SYN) !== 0 && { isn: 1_000_000 * n + 10_000 * step.side }),
    })),
  );

describe("acknowledgments that come sooner than the handshake, and over fewer hops", () => {
  it("are told with both times and both distances", async () => {
    const told = await findingIn("local-ack-proxy", twice({}));
    expect(told).toMatchObject({
      where: "10.0.0.1 to 10.0.0.2:80",
      actor: "middlebox",
      confidence: "likely",
    });
    expect(told?.sentence).toContain(
      "in the server's place by a box on the way, after 1.00 ms and over 3 hops",
    );
    expect(told?.sentence).toContain("the handshake took 150 ms or more over 10 hops (2 connections)");
  });

  it("are possible on one connection", async () => {
    expect((await findingIn("local-ack-proxy", upload({})))?.confidence).toBe("possible");
  });

  it.each<[string, Upload]>([
    ["of a host that was slow to accept: the TTL stays", { ackTtl: 54 }],
    ["over more hops: a load balancer answered the SYN", { synTtl: 61, ackTtl: 54 }],
    ["from another kind of sender, as near as that one", { synTtl: 54, ackTtl: 245 }],
    ["not much sooner", { ack: 60 }],
    ["where all is near", { leg: 15 }],
    ["of a SYN that was sent again", { again: [c("SYN", { after: 1000, seq: 0 })] }],
    ["on a connection too short for round trips", { segments: 5 }],
  ])("are not told %s", async (_, one) => {
    expect(await findingIn("local-ack-proxy", twice(one))).toBeUndefined();
  });
});

describe("the segment size in a SYN that is captured twice", () => {
  /** Each packet comes twice, a millisecond apart; `size`: the MSS on the client's SYN the second time. */
  const atTwoPoints = (size: number, id = 7): Step[] => [
    c("SYN", { id: 7 }),
    c("SYN", { id, mss: size, after: 1, seq: 0 }),
    s("SYN ACK", { id: 9 }),
    s("SYN ACK", { id: 9, after: 1, seq: 0, ack: 1 }),
    c("ACK"),
    c("PSH ACK", { bytes: 100 }),
    s("PSH ACK", { bytes: 500 }),
    ...CLOSE,
  ];

  it("is told where a box changed it", async () => {
    const told = await findingIn("mss-clamped", atTwoPoints(1360));
    expect(told).toMatchObject({
      where: "client MSS 1460 to 1360",
      actor: "middlebox",
      confidence: "certain",
    });
    expect(told?.sentence).toContain("of 1 connection between 1 client and 1 server");
  });

  it.each<[string, Step[]]>([
    ["where both are alike", atTwoPoints(1460)],
    ["where it is another packet: the sender tries a smaller one", atTwoPoints(1360, 8)],
    ["of a host that offers less", atTwoPoints(1360).filter((_, i) => i !== 0)],
  ])("is not told %s", async (_, steps) => {
    expect(await findingIn("mss-clamped", steps)).toBeUndefined();
  });
});
