/** Health checks: told as such, and left out of what resets, closes and failed attempts would else mean. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { findingIn, idsIn } from "./told.js";

/** Connections with these steps, each so many milliseconds after the one before. */
function every(waits: readonly number[], steps: readonly Step[], port = (_: number) => 80): Step[] {
  return waits.flatMap((after, i) =>
    steps.map((step, at) => ({
      ...step,
      clientPort: 41_000 + i,
      serverPort: port(i),
      ...(at === 0 && { isn: 100_000 * i, after }),
      ...(at === 1 && { isn: 70_000 * i }),
    })),
  );
}

const EVEN = [0, 2000, 2000, 2000, 2000, 2000];
const UNEVEN = [0, 2000, 150, 4500, 700, 9000];

const CLOSED: readonly Step[] = [...HANDSHAKE, c("FIN ACK"), s("FIN ACK"), c("ACK")];
const ABORTED: readonly Step[] = [...HANDSHAKE, c("RST ACK")];
const HALF_OPEN: readonly Step[] = [c("SYN"), s("SYN ACK"), c("RST", { seq: 1, window: 0 })];
/** The monitor makes its own packets; the reset is its host's, or a box', by TTL and window. */
const FOREIGN_RESET: readonly Step[] = [...HANDSHAKE, c("RST ACK", { window: 0, ttl: 200 })];
const FORGOTTEN: readonly Step[] = [...HANDSHAKE, c("RST", { seq: 1, window: 0 })];
/** The server's system answers the client's FIN with a reset. */
const RESET_BACK: readonly Step[] = [...HANDSHAKE, c("FIN ACK"), s("RST ACK")];

describe("connections without a byte at even intervals", () => {
  it.each<[string, readonly Step[]]>([
    ["closed in order", CLOSED],
    ["dropped by a reset", ABORTED],
    ["given up half-way", HALF_OPEN],
    ["dropped by a reset that is not like the host's others", FOREIGN_RESET],
    ["dropped by a bare reset", FORGOTTEN],
    ["closed, and reset in return", RESET_BACK],
  ])("%s are health checks, and nothing else", async (_, steps) => {
    expect(await idsIn(every(EVEN, steps))).toEqual(["health-check"]);
    const told = await findingIn("health-check", every(EVEN, steps));
    expect(told).toMatchObject({ where: "10.0.0.1 to 10.0.0.2:80", severity: "note", connections: 6 });
    expect(told?.sentence).toMatch(/6 connections without a byte, about every 2\.0\d\d s$/);
  });

  it("bear one that comes late, and one that was left out", async () => {
    expect(await idsIn(every([0, 2000, 2300, 4000, 2000, 2000, 2000], CLOSED))).toEqual(["health-check"]);
  });

  it.each<[string, Step[]]>([
    ["unevenly", every(UNEVEN, CLOSED)],
    ["faster than anybody checks", every(Array<number>(12).fill(1), CLOSED)],
    ["twice", every(EVEN.slice(0, 2), CLOSED)],
    ["and last longer", every(EVEN, [...HANDSHAKE, c("FIN ACK", { after: 6000 }), s("FIN ACK"), c("ACK")])],
    ["with a byte", every(EVEN, [...HANDSHAKE, c("PSH ACK", { bytes: 1 }), ...CLOSED.slice(3)])],
    ["and are closed by the server", every(EVEN, [...HANDSHAKE, s("FIN ACK"), c("FIN ACK"), s("ACK")])],
  ])("are none that come %s", async (_, steps) => {
    expect(await idsIn(steps)).not.toContain("health-check");
  });
});

describe("a reset that its side did not send", () => {
  it.each<[string, Step[]]>([
    ["of connections that come unevenly", every(UNEVEN, FOREIGN_RESET)],
    ["of one connection", every([0], FOREIGN_RESET)],
    [
      "of connections that carry something",
      every(EVEN, [...HANDSHAKE, c("PSH ACK", { bytes: 9 }), ...FOREIGN_RESET.slice(3)]),
    ],
  ])("is told %s", async (_, steps) => {
    expect(await idsIn(steps)).toContain("reset-injected");
  });
});

describe("many ports in a short time", () => {
  const waits = (n: number) => Array.from({ length: n }, () => 10);

  it("are a scan", async () => {
    expect(await idsIn(every(waits(25), HALF_OPEN, (i) => 1 + i))).toContain("port-scan");
  });

  it("are none where each is tried again and again, as monitors do", async () => {
    expect(await idsIn(every(waits(75), HALF_OPEN, (i) => 1 + (i % 25)))).not.toContain("port-scan");
  });
});
