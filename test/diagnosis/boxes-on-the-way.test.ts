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
