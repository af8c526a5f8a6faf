/** Segments at the edges of the rules, each called what it is. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Options, recordsOf, type Step, s, segmentsOf } from "./conversation.js";

const WITH_SACK: readonly Step[] = [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { sackPermitted: true }),
  c("ACK"),
];
/** Segment number `n` of the client, 100 bytes each, at once behind the one before. */
const data = (n: number, more: Parameters<typeof c>[1] = {}) =>
  c("ACK", { seq: 1 + (n - 1) * 100, bytes: 100, after: 0.05, ...more });
const ack = (n: number, more: Parameters<typeof s>[1] = {}) => s("ACK", { ack: 1 + n * 100, ...more });
/** Acknowledges `n` segments and reports those from `from` to `to`. */
const sack = (n: number, from: number, to: number) =>
  ack(n, { sack: [[1 + (from - 1) * 100, 1 + to * 100]] });

type Row = readonly [name: string, steps: readonly Step[], words: readonly string[], options?: Options];

// biome-ignore format: a row a line, to be read as a table
const CASES: readonly Row[] = [
  ["a sequence wrap inside a hole", [...WITH_SACK, data(1), data(3), sack(1, 3, 3), data(4), sack(1, 3, 4), data(5), sack(1, 3, 5), data(2, { after: 10 })], ["new", "after-gap", "", "new", "", "new", "", "fast"], { clientIsn: -150 }],
  ["a sequence wrap inside a SACK block", [...WITH_SACK, data(1), data(2), data(3), data(4), sack(0, 2, 2), sack(0, 2, 3), sack(0, 2, 4), data(1, { after: 10 })], ["new", "new", "new", "new", "", "", "", "fast"], { clientIsn: -250 }],
  ["a sequence wrap at the handshake", [...HANDSHAKE, data(1), ack(1)], ["new", ""], { clientIsn: -1 }],
  ["a typed key sent again is no keep-alive", [...HANDSHAKE, c("PSH ACK", { bytes: 1 }), c("PSH ACK", { seq: 1, bytes: 1, after: 400 })], ["new", "rto"]],
  ["repeats with other boundaries", [...HANDSHAKE, data(1), data(2), data(3), c("ACK", { seq: 1, bytes: 150, after: 400 }), c("ACK", { seq: 151, bytes: 150, after: 1 })], ["new", "new", "new", "rto", "rto-recovery"]],
  ["packets of several segments (TSO)", [...HANDSHAKE, c("ACK", { bytes: 14_600 }), c("ACK", { bytes: 14_600, id: 120 }), ack(0, { ack: 29_201 })], ["new", "new", ""]],
  ["a repeat 20 ms after its captured original on a path of 50 ms", [c("SYN", { sackPermitted: true }), s("SYN ACK", { sackPermitted: true, after: 25 }), c("ACK", { after: 25 }), data(1), data(2), data(3), data(4), sack(0, 2, 2), sack(0, 2, 3), sack(0, 2, 4), data(1, { after: 20 })], ["new", "new", "new", "new", "", "", "", "fast"]],
  ["copies of a mirror port 20 µs apart", [...HANDSHAKE, data(1), c("", { copyOf: 3, after: 0.02 }), ack(1), s("", { copyOf: 5, after: 0.02 })], ["new", "capture-duplicate", "", "capture-duplicate"]],
  ["a DSACK after reordering is no loss", [...WITH_SACK, data(1), data(3, { id: 105 }), data(2, { id: 104 }), ack(3), ack(3, { sack: [[101, 201]] }), data(4, { id: 106 })], ["new", "after-gap", "reordered", "", "", "new"]],
  ["a closed window with probes", [...HANDSHAKE, data(1), ack(1, { window: 0 }), c("ACK", { seq: 100, after: 300 }), ack(1, { window: 0 }), c("ACK", { seq: 100, after: 600 }), ack(1, { window: 500 })], ["new", "", "zero-window-probe", "zero-window-probe-ack", "zero-window-probe", "zero-window-probe-ack"]],
  ["probes of a closed window with the next byte, which is taken in the end", [...HANDSHAKE, data(1), ack(1, { window: 0 }), c("ACK", { seq: 101, bytes: 1, after: 300 }), ack(1, { window: 0 }), c("ACK", { seq: 101, bytes: 1, after: 600 }), s("ACK", { ack: 102, window: 500 }), c("ACK", { seq: 102, bytes: 100 })], ["new", "", "zero-window-probe", "zero-window-probe-ack", "zero-window-probe", "zero-window-probe-ack", "new"]],
  ["probes of a closed window with the next byte, which is not taken", [...HANDSHAKE, data(1), ack(1, { window: 0 }), c("ACK", { seq: 101, bytes: 1, after: 300 }), ack(1, { window: 500 }), data(2)], ["new", "", "zero-window-probe", "zero-window-probe-ack", "new"]],
  ["an injected reset out of the window, then data", [...HANDSHAKE, data(1), s("RST", { seq: 900_000_000 }), ack(1), data(2)], ["new", "", "", "new"]],
];

describe("at the edges", () => {
  it.each(CASES.map(([name, steps, words, options]) => ({ name, steps, words, options })))(
    "$name",
    async ({ steps, words, options }) => {
      const handshake = 3;
      expect((await segmentsOf(steps, options)).slice(handshake)).toEqual(words);
      const general = await segmentsOf(steps, { ...options, predictsHeaders: false });
      expect(general.slice(handshake)).toEqual(words);
    },
  );

  it("a delay makes a timeout needless", async () => {
    const steps = [
      ...HANDSHAKE,
      data(1),
      ack(1),
      data(2),
      c("ACK", { seq: 101, bytes: 100, after: 300 }),
      ack(2, { after: 5 }),
    ];
    const stamped = await segmentsOf([...steps.slice(0, 7), ack(2, { after: 5, ts: [90_400, 10_040] })], {
      timestamps: true,
    });
    expect(stamped.slice(5)).toEqual(["new", "rto spurious", ""]);
  });

  it("a SYN sent again: the path's round trip is not the time to connect", async () => {
    const [record] = await recordsOf([
      c("SYN"),
      c("SYN", { after: 1000 }),
      s("SYN ACK", { after: 20 }),
      c("ACK"),
    ]);
    expect(record).toMatchObject({
      connectTimeMs: 1030,
      serverLegMs: 20,
      initialRttMs: 30,
      retryWaitMs: 1000,
    });
  });

  it("the last ACK of the handshake missing, and a banner three seconds later", async () => {
    const steps = [c("SYN"), s("SYN ACK"), s("PSH ACK", { bytes: 50, after: 3000 }), c("ACK", { ack: 51 })];
    const [record] = await recordsOf(steps);
    expect(record).toMatchObject({ outcome: "completed", server: { bytes: 50 } });
  });

  it("one direction only", async () => {
    const [record] = await recordsOf([
      c("SYN"),
      c("ACK", { ack: 1, after: 20 }),
      data(1),
      data(2),
      c("ACK", { seq: 201, ack: 301 }),
    ]);
    expect(record).toMatchObject({ captured: "client-only", client: { bytes: 200, retransmissions: 0 } });
  });

  it("an injected reset out of the window changes no state", async () => {
    const [record] = await recordsOf([
      ...HANDSHAKE,
      data(1),
      s("RST", { seq: 900_000_000 }),
      ack(1),
      data(2),
      ack(2),
    ]);
    expect(record).toMatchObject({
      close: "open",
      client: { state: "ESTABLISHED" },
      server: { state: "ESTABLISHED" },
    });
  });

  it("a beginning in the middle of a loss", async () => {
    const words = await segmentsOf([
      data(3),
      sack(1, 3, 3),
      data(4),
      sack(1, 3, 4),
      data(5),
      sack(1, 3, 5),
      data(2, { after: 30 }),
      ack(5),
    ]);
    expect(words.slice(-2)).toEqual(["fast", ""]);
  });

  it("the byte of a probe is missing nowhere", async () => {
    const probed = [data(1), ack(1, { window: 0 }), c("ACK", { seq: 101, bytes: 1, after: 300 })];
    const taken = s("ACK", { ack: 102, window: 500 });
    const [record] = await recordsOf([
      ...HANDSHAKE,
      ...probed,
      taken,
      c("ACK", { seq: 102, bytes: 100 }),
      s("ACK", { ack: 202 }),
    ]);
    expect(record!.client).toMatchObject({ zeroWindowProbes: 1, missingBytes: 0, retransmissions: 0 });
  });

  it("holes and SACK ranges beyond the bounds are counted and said", async () => {
    const holes = Array.from({ length: 70 }, (_, i) => data(2 * i + 3));
    const [record] = await recordsOf([...WITH_SACK, data(1), ...holes]);
    expect(record!.client.forgottenRanges).toBe(6);
    const ranges = Array.from({ length: 20 }, (_, i) => sack(1, 3 + 2 * i, 3 + 2 * i));
    const all = Array.from({ length: 45 }, (_, i) => data(i + 1));
    const [other] = await recordsOf([...WITH_SACK, ...all, ...ranges]);
    expect(other!.client.forgottenRanges).toBe(4);
  });
});
