/** Resets: which its receiver must take (RFC 9293 §3.10.7.4, RFC 5961 §3), what each says of its sender. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Options, recordsOf, type Step, s } from "./conversation.js";

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

const CLOSED_HALF = [...OPEN, c("FIN ACK"), s("ACK")];

// biome-ignore format: a row a line, to be read as a table
const LOOK_ALIKES: readonly Row[] = [
  ["refused by a box that resets the SYN-ACK's sender: not refused", [c("SYN"), s("SYN ACK"), s("RST ACK", { seq: 1, ack: 1 })], { kind: "abort", by: "server" }],
  ["a client that takes its SYN back without an answer", [c("SYN"), c("RST", { seq: 1 })], { kind: "handshake-abort", by: "client" }],
  ["after the last ACK it is no handshake-abort", [...HANDSHAKE, c("RST ACK")], { kind: "abort", by: "client" }],
  ["a good SYN-ACK is not stale", [c("SYN"), s("SYN ACK"), c("RST", { seq: 1 })], { kind: "handshake-abort" }],
  ["a live socket after its FIN: abort, not after-close", [...CLOSED_HALF, s("ACK", { bytes: 50 }), c("RST ACK")], { kind: "abort", by: "client" }],
  ["bare after its FIN, but nothing came since: not after-close", [...CLOSED_HALF, s("ACK", { after: 2000 }), c("RST", { seq: 102 })], { kind: "unknown-connection", by: "client" }],
  ["bare after its FIN, and what came was acknowledged: not after-close", [...CLOSED_HALF, s("ACK", { bytes: 50 }), c("ACK"), s("ACK", { after: 2000 }), c("RST", { seq: 102 })], { kind: "unknown-connection" }],
  ["late data with the peer's FIN on it: after-close, not harmless", [...CLOSED_HALF, s("FIN ACK", { bytes: 50 }), c("RST", { seq: 102 })], { kind: "after-close" }],
  ["a live socket before its FIN: abort", [...OPEN, s("FIN ACK"), c("ACK"), c("RST ACK")], { kind: "abort", by: "client" }],
  ["one FIN only: not instead-of-time-wait", [...CLOSED_HALF, s("ACK", { bytes: 50 }), c("RST", { seq: 102 })], { kind: "after-close" }],
  ["59 s after its FIN: not expired", [...CLOSED_HALF, s("ACK", { bytes: 50, after: 59_000 }), c("RST", { seq: 102 })], { kind: "after-close" }],
  ["an ACK alone, 61 s after its FIN: neither data nor FIN", [...CLOSED_HALF, s("ACK", { after: 61_000 }), c("RST", { seq: 102 })], { kind: "unknown-connection", idleMs: 61_010 }],
  ["keep-alives that were answered: not expired", [...OPEN, c("ACK", { seq: 100, after: 1000 }), s("ACK"), c("RST ACK", { after: 1000 })], { kind: "abort" }],
  ["a bare reset is no socket's that probes", [...OPEN, ...[1, 2, 3].map(() => c("ACK", { seq: 100, after: 1000 })), c("RST", { seq: 101, after: 1000 })], { kind: "unknown-connection" }],
  ["after another SYN, but from the side that did not send it: no challenge", [...OPEN, c("SYN", { isn: 77, after: 1000 }), s("RST", { seq: 1001 }), c("ACK", { clientPort: 9 })], { kind: "unknown-connection", by: "server" }],
  ["RST,ACK is of a live socket: not unknown", [...OPEN, c("ACK", { bytes: 10, after: 20_000 }), s("RST ACK")], { kind: "abort", idleMs: null }],
  ["idle before the segment that it answers", [...OPEN, ...idle(20_000)], { kind: "unknown-connection", idleMs: 20_010 }],
  ["idle before the first of several that it answers late", [...OPEN, c("ACK", { bytes: 10, after: 20_000 }), c("ACK", { seq: 101, bytes: 10, after: 300 }), c("ACK", { seq: 101, bytes: 10, after: 600 }), s("RST", { seq: 1001, after: 30 })], { idleMs: 20_010 }],
];

const stamped: Options = { timestamps: true };
const TTL = "its TTL differs from that side's other packets";
const OUT_OF_RUN = "its IP identification is out of that side's run";
const COPIED = "its IP identification is copied from the other side";
const WENT_ON = "the same side went on sending at or beyond it";
const WINDOW = "its window is 0, unlike the resets of that kind of host";
const TIMESTAMPS = "its timestamps are not that side's";
const BOTH = "both sides were reset within one round trip with foreign TTLs";
const suspect = (...signs: string[]) => ({ suspicion: "middlebox", signs });
const single = (...signs: string[]) => ({ suspicion: null, signs });
/** The packet number of the client's newest segment in OPEN. */
const CLIENT_ID = 104;

// biome-ignore format: a row a line, to be read as a table
const SIGNS: readonly (readonly [name: string, steps: readonly Step[], expected: object, options?: Options])[] = [
  ["TTL", [...OPEN, s("RST ACK", { ttl: 50 })], single(TTL)],
  ["TTL off by two is the same host", [...OPEN, s("RST ACK", { ttl: 62 })], single()],
  ["packet number out of the run", [...OPEN, s("RST ACK", { id: 40_000 })], single(OUT_OF_RUN)],
  ["packet number 0 is no evidence", [...OPEN, s("RST ACK", { id: 0 })], single()],
  ["packet number of the other side", [...OPEN, s("RST ACK", { id: CLIENT_ID })], single(COPIED)],
  ["the other side's number, but in the own run too", [...HANDSHAKE, c("ACK", { bytes: 10, id: 7002 }), s("ACK"), c("ACK", { bytes: 10, id: 7003 }), s("RST ACK", { id: 7003 })], single()],
  ["two signs of one thing are one: number and window", [...OPEN, s("RST ACK", { id: CLIENT_ID, window: 0 })], suspect(COPIED, WINDOW)],
  ["window", [...OPEN, s("RST ACK", { window: 0 })], single(WINDOW)],
  ["a bare reset has window 0", [...OPEN, s("RST", { seq: 1001 })], single()],
  ["timestamps of a side that sends none", [...OPEN, s("RST ACK", { ts: [5, 5] })], single(TIMESTAMPS)],
  ["timestamps from before", [...OPEN, s("RST ACK", { ts: [100_001, 10_060] })], single(TIMESTAMPS), stamped],
  ["timestamps as they should be", [...OPEN, s("RST ACK")], single(), stamped],
  ["window and timestamps both tell of the stack: one sign", [...OPEN, s("RST ACK", { window: 0, ts: [5, 5] })], single(WINDOW, TIMESTAMPS)],
  ["newer data beyond it, by packet number", [...OPEN, s("RST ACK", { id: 0 }), s("ACK", { bytes: 10 })], single(WENT_ON)],
  ["newer data beyond it, by clock", [...OPEN, s("RST ACK", { id: 0, ttl: 50 }), s("ACK", { bytes: 10, id: 0 })], suspect(TTL, WENT_ON), stamped],
  ["data beyond it that is not newer was on its way", [...OPEN, s("RST ACK", { id: 0 }), s("ACK", { bytes: 10, id: 6990 })], single()],
  ["newer, but no data", [...OPEN, s("RST ACK", { id: 0 }), s("ACK")], single()],
  ["newer, but below it", [...OPEN, s("RST ACK", { id: 0 }), s("ACK", { seq: 1, bytes: 1000 })], single()],
  ["both sides at once", [...OPEN, s("RST ACK", { ttl: 50 }), c("RST ACK", { ttl: 49, after: 1 })], suspect(TTL, BOTH)],
  ["both sides, the second with its own TTL", [...OPEN, s("RST ACK", { ttl: 50 }), c("RST ACK", { after: 1 })], single(TTL)],
  ["both sides, but long apart", [...OPEN, s("RST ACK", { ttl: 50 }), c("RST ACK", { ttl: 49, after: 500 })], single(TTL)],
  ["resets that answer several segments in flight are no sign", [...OPEN, c("ACK", { bytes: 10 }), c("ACK", { bytes: 10 }), s("RST", { seq: 1001, id: 0 }), s("RST", { seq: 1001, id: 0 })], single()],
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

describe("look-alikes", () => {
  it.each(LOOK_ALIKES.map(([name, steps, expected]) => ({ name, steps, expected })))(
    "$name",
    async ({ steps, expected }) => {
      const [record] = await recordsOf(steps);
      expect(record!.reset).toMatchObject(expected);
    },
  );
});

describe("signs of a box on the way", () => {
  it.each(SIGNS.map(([name, steps, expected, options]) => ({ name, steps, expected, options })))(
    "$name",
    async ({ steps, expected, options }) => {
      const [record] = await recordsOf(steps, options);
      expect(record!.reset).toMatchObject(expected);
    },
  );
});

describe("more about resets", () => {
  it("ends nothing where it rejects an old SYN-ACK and the attempt goes on", async () => {
    const [record] = await recordsOf([
      c("SYN"),
      s("SYN ACK", { ack: -700 }),
      c("RST", { seq: -700 }),
      c("SYN", { after: 1000 }),
      s("SYN ACK"),
      c("ACK"),
      c("ACK", { bytes: 10 }),
      s("ACK"),
    ]);
    expect(record).toMatchObject({
      outcome: "completed",
      close: "open",
      closedFirst: null,
      reset: { kind: "stale-syn-ack", signs: [] },
      client: { state: "ESTABLISHED" },
    });
  });

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
