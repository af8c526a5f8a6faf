/** Senders whose retransmission timer runs out sooner than Linux's: how that is shown, and what it changes. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, recordsOf, type Step, s, segmentsOf } from "./conversation.js";

/** The round trip takes 20 ms, half of it on each side of the capture point. */
const WITH_SACK: readonly Step[] = [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { sackPermitted: true }),
  c("ACK"),
];
const data = (count: number): Step[] =>
  Array.from({ length: count }, () => c("ACK", { bytes: 100, after: 1 }));
const again = (seq: number, after: number) => c("ACK", { seq, bytes: 100, after });
const acked = (ack: number, after = 10) => s("ACK", { ack, after });
/** Sent again after 60 and, doubled, after 120 ms. */
const SHOWN: readonly Step[] = [...HANDSHAKE, ...data(1), again(1, 60), again(1, 120), acked(101)];
/** Of two more segments the older comes again 65 ms after it was sent, 15 ms after an ACK of nothing new. */
const LATER: readonly Step[] = [...data(1), acked(201), ...data(2), acked(201, 49), again(201, 15)];

// biome-ignore format: a row a line, to be read as a table
const TIMERS: readonly (readonly [name: string, steps: readonly Step[], cause: string])[] = [
  ["nothing heard since it was last sent, for longer than an ACK can take", [...HANDSHAKE, ...data(1), again(1, 60)], "rto"],
  ["doubled", SHOWN.slice(0, -1), "rto"],
  ["the second of a tail, after the probe", [...WITH_SACK, ...data(1), again(1, 60), again(1, 60)], "rto"],
  ["the first of a tail may be a probe", [...WITH_SACK, ...data(1), again(1, 60)], "tail-loss-probe"],
  ["an ACK may still be on its way", [...HANDSHAKE, ...data(2), again(1, 40)], "fast"],
  ["SACK told of bytes above it", [...WITH_SACK, ...data(3), s("ACK", { ack: 1, sack: [[101, 201]], after: 10 }), again(1, 60)], "fast"],
  ["not the oldest bytes", [...HANDSHAKE, ...data(3), again(101, 60)], "fast"],
  ["shown twice, it holds from then on", [...SHOWN, ...LATER], "rto"],
  ["shown once, it does not", [...HANDSHAKE, ...data(1), again(1, 60), acked(101), ...LATER], "fast"],
  ["never shown", [...HANDSHAKE, ...data(1), acked(101), ...LATER], "fast"],
];

describe("a timer that runs out soon", () => {
  it.each(TIMERS.map(([name, steps, cause]) => ({ name, steps, cause })))(
    "$name: $cause",
    async ({ steps, cause }) => {
      const all = await segmentsOf(steps);
      expect(all.at(-1)).toBe(cause);
      expect(await segmentsOf(steps, { predictsHeaders: false })).toEqual(all);
    },
  );

  it.each<[name: string, steps: readonly Step[], ms: number | null]>([
    ["the shortest of several", SHOWN, 60],
    ["one of Linux's length", [...HANDSHAKE, ...data(1), again(1, 260), acked(101)], 260],
    ["none by a probe", [...WITH_SACK, ...data(1), again(1, 240), acked(101)], null],
    [
      "none by a fast retransmission",
      [...HANDSHAKE, ...data(3), acked(1), acked(1), acked(1), acked(1), again(1, 1)],
      null,
    ],
    ["none without a repeat", [...HANDSHAKE, ...data(1), acked(101)], null],
  ])("stands in the record: %s", async (_, steps, ms) => {
    const [record] = await recordsOf(steps);
    expect(record?.client.timeoutMinMs).toBe(ms);
    expect(record?.server.timeoutMinMs).toBeNull();
  });
});
