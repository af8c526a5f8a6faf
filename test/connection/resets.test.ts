/** Resets: which its receiver must take (RFC 9293 §3.10.7.4, RFC 5961 §3), what each says of its sender. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, recordsOf, type Step, s } from "./conversation.js";

type Row = readonly [name: string, steps: readonly Step[], expected: object];

const OPEN = [...HANDSHAKE, c("ACK", { bytes: 100 }), s("ACK"), s("ACK", { bytes: 1000 }), c("ACK")];
const GOES_ON = {
  close: "open",
  reset: null,
  client: { state: "ESTABLISHED" },
  server: { state: "ESTABLISHED" },
};

// biome-ignore format: a row a line, to be read as a table
const VALIDITY: readonly Row[] = [
  ["exact", [...OPEN, s("RST ACK")], { close: "reset", client: { state: "CLOSED" }, server: { state: "CLOSED" } }],
  ["between what is acknowledged and what was sent", [...OPEN, s("ACK", { bytes: 500 }), s("RST ACK", { seq: 1001 })], { close: "reset" }],
  ["in the window: challenged", [...OPEN, s("RST", { seq: 1101 }), c("ACK")], GOES_ON],
  ["outside the window: ignored", [...OPEN, s("RST", { seq: 500_000 })], GOES_ON],
  ["below the window: ignored", [...OPEN, s("RST", { seq: -700 })], GOES_ON],
  ["the right edge of a SACK block, its bytes not captured", [...OPEN, c("ACK", { ack: 1001, sack: [[1501, 1701]] }), s("RST", { seq: 1701 })], { close: "reset" }],
  ["one below the next after its own FIN", [...OPEN, s("FIN ACK"), c("ACK"), s("RST", { seq: 1001 })], { close: "reset" }],
  ["in SYN_SENT without ACK: ignored", [c("SYN"), s("RST", { seq: 0 }), s("SYN ACK"), c("ACK")], { outcome: "completed", reset: null }],
  ["in SYN_SENT, the SYN acknowledged", [c("SYN"), s("RST ACK", { seq: -500_000, ack: 1 })], { outcome: "refused" }],
  ["RST with SYN is nothing", [...OPEN, s("SYN RST", { seq: 1001 })], GOES_ON],
];

const idle = (ms: number): Step[] => [c("ACK", { bytes: 10, after: ms }), s("RST", { seq: 1001 })];

// biome-ignore format: a row a line, to be read as a table
const KINDS: readonly Row[] = [
  ["refused", [c("SYN"), s("RST ACK", { seq: -500_000, window: 0 })], { kind: "refused", by: "server", frame: 2, provokedByFrame: 1, anatomy: "RST,ACK with sequence 0 and window 0: it answers a SYN" }],
  ["handshake-abort", [c("SYN"), s("SYN ACK"), c("RST", { seq: 1 })], { kind: "handshake-abort", by: "client", frame: 3 }],
  ["stale-syn-ack", [c("SYN"), s("SYN ACK", { ack: -700 }), c("RST", { seq: -700 })], { kind: "stale-syn-ack", by: "client" }],
  ["abort, unread data likely", [...OPEN, c("RST ACK")], { kind: "abort", by: "client", unreadData: "likely" }],
  ["abort, unread data possible", [...OPEN, s("RST ACK")], { kind: "abort", by: "server", unreadData: "possible" }],
  ["after-close", [...OPEN, c("FIN ACK"), s("ACK"), s("ACK", { bytes: 50 }), c("RST", { seq: 102 })], { kind: "after-close", by: "client", provokedByFrame: 10 }],
  ["instead-of-time-wait", [...OPEN, c("FIN ACK"), s("FIN ACK"), c("RST", { seq: 102 })], { kind: "instead-of-time-wait", by: "client" }],
  ["unknown-connection", [...OPEN, ...idle(20_000)], { kind: "unknown-connection", by: "server", anatomy: "bare RST with window 0: it comes from a host without that socket" }],
  ["fin-wait-2-expired by data", [...OPEN, c("FIN ACK"), s("ACK"), s("ACK", { bytes: 50, after: 61_000 }), c("RST", { seq: 102 })], { kind: "fin-wait-2-expired", by: "client" }],
  ["fin-wait-2-expired by a FIN", [...OPEN, c("FIN ACK"), s("ACK"), s("FIN ACK", { after: 61_000 }), c("RST", { seq: 102 })], { kind: "fin-wait-2-expired", by: "client" }],
  ["keep-alive-expired", [...OPEN, ...[1, 2, 3].map(() => c("ACK", { seq: 100, after: 1000 })), c("RST ACK", { after: 1000 })], { kind: "keep-alive-expired", by: "client" }],
  ["challenge", [...OPEN, c("SYN", { isn: 77, after: 1000 }), s("ACK", { seq: 1001, ack: 1024 }), c("RST", { isn: 1000, seq: 101 }), c("ACK", { clientPort: 9 })], { kind: "challenge", by: "client" }],
];

describe("validity", () => {
  it.each(VALIDITY.map(([name, steps, expected]) => ({ name, steps, expected })))(
    "$name",
    async ({ steps, expected }) => {
      const [record] = await recordsOf(steps);
      expect(record).toMatchObject(expected);
    },
  );
});

describe("kinds", () => {
  it.each(KINDS.map(([name, steps, expected]) => ({ name, steps, expected })))(
    "$name",
    async ({ steps, expected }) => {
      const [record] = await recordsOf(steps);
      expect(record!.reset).toMatchObject(expected);
    },
  );
});

describe("more about resets", () => {
  it("is no reset where its receiver goes on and is answered", async () => {
    const [record] = await recordsOf([
      ...OPEN,
      s("RST", { seq: 1001, ttl: 50 }),
      s("ACK", { bytes: 100, after: 200 }),
      c("ACK", { bytes: 10 }),
      s("ACK"),
      c("ACK", { bytes: 10 }),
      s("ACK"),
    ]);
    expect(record).toMatchObject({
      reset: null,
      close: "open",
      client: { state: "ESTABLISHED" },
      server: { state: "ESTABLISHED", resets: 1 },
    });
    expect(record!.transitions.map(({ event }) => event)).toContain("retractedRst");
  });

  it("proves that the ACK it answers had arrived", async () => {
    const [record] = await recordsOf([
      ...OPEN,
      c("FIN ACK"),
      s("ACK", { bytes: 50 }),
      c("RST", { seq: 102 }),
    ]);
    const path = record!.transitions.filter(({ side }) => side === "client").map(({ to }) => to);
    expect(path).toEqual(["SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSED"]);
  });

  it("counts every reset of a dead host, none as a copy", async () => {
    const flight = [s("ACK", { bytes: 10 }), s("ACK", { bytes: 10 })];
    const resets = [c("RST", { seq: 101, id: 0 }), c("RST", { seq: 101, id: 0 })];
    const [record] = await recordsOf([...OPEN, c("RST ACK"), ...flight, ...resets]);
    expect(record!.client).toMatchObject({ resets: 3, networkDuplicates: 0, captureDuplicates: 0 });
  });

  it("suspects a box on the way only by two signs", async () => {
    const one = await recordsOf([...OPEN, s("RST ACK", { ttl: 50 })]);
    expect(one[0]!.reset).toMatchObject({
      suspicion: null,
      signs: ["its TTL differs from that side's other packets"],
    });
    const two = await recordsOf([...OPEN, s("RST ACK", { ttl: 50, id: 40_000 })]);
    expect(two[0]!.reset).toMatchObject({ suspicion: "middlebox" });
    const none = await recordsOf([...OPEN, s("RST ACK", { ttl: 63, id: 0 })]);
    expect(none[0]!.reset).toMatchObject({ suspicion: null, signs: [] });
  });

  it("begins a connection that nobody knows", async () => {
    const [record] = await recordsOf([s("RST ACK", { seq: 10, ack: 20 })]);
    expect(record).toMatchObject({
      close: "reset",
      client: { state: "CLOSED" },
      server: { state: "CLOSED" },
    });
  });

  it.each(["SYN RST", "SYN RST ACK", "RST"])("has a beginning even where all of it is %s", async (flags) => {
    const [record] = await recordsOf([c(flags), c(flags, { after: 50 })]);
    expect(record!.startMs).toBe(0);
    expect(record!.durationMs).toBe(50);
  });
});
