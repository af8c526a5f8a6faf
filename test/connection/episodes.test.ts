/** Where packets were lost, how long repairs took, and how long nothing came through: conversations, and their look-alikes. */
import { describe, expect, it } from "vitest";
import type { EndpointRecord } from "../../src/report/record.js";
import { c, HANDSHAKE, type Options, recordsOf, type Step, s } from "./conversation.js";

const WITH_SACK: readonly Step[] = [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { sackPermitted: true }),
  c("ACK"),
];
/** 100 bytes each, one after the other. */
const data = (count: number): Step[] =>
  Array.from({ length: count }, () => c("ACK", { bytes: 100, after: 1 }));
const again = (seq: number, after: number, more: Parameters<typeof c>[1] = {}) =>
  c("ACK", { seq, bytes: 100, after, ...more });
const ack = (number: number, after: number) => s("ACK", { ack: number, after });
const sacks = (number: number, left: number, right: number, after = 1) =>
  s("ACK", { ack: number, sack: [[left, right]], after });

async function client(steps: readonly Step[], options: Options = {}): Promise<EndpointRecord> {
  const [record] = await recordsOf(steps, options);
  const [general] = await recordsOf(steps, { ...options, predictsHeaders: false });
  expect(general).toEqual(record);
  return record!.client;
}

const FAST = [
  ...WITH_SACK,
  ...data(4),
  sacks(1, 101, 201, 20),
  sacks(1, 101, 301),
  sacks(1, 101, 401),
  again(1, 1),
];
/** Four requests and their answers, so that the two need not be followed. */
const CHATTER = Array.from({ length: 4 }, (_, i): Step[] => [
  c("ACK", { bytes: 100, ack: 1 + 50 * i }),
  s("ACK", { bytes: 50, ack: 101 + 100 * i }),
]).flat();

describe("losses", () => {
  it.each([
    ["sent again after it was seen", [...FAST, ack(401, 20)], [0, 1]],
    [
      "a hole that a repeat fills",
      [
        ...WITH_SACK,
        c("ACK", { seq: 101, bytes: 100, id: 105 }),
        sacks(1, 101, 201, 20),
        again(1, 5, { id: 106 }),
        ack(201, 20),
      ],
      [1, 0],
    ],
    [
      "a missing packet number and silence",
      [
        ...WITH_SACK,
        c("ACK", { bytes: 100, id: 103, after: 1 }),
        ack(101, 10),
        c("ACK", { bytes: 100, id: 104, after: 50 }),
        ack(201, 10),
        c("ACK", { bytes: 100, id: 106, after: 260 }),
        ack(301, 10),
      ],
      [1, 0],
    ],
    ["the same bytes twice", [...HANDSHAKE, ...data(1), again(1, 300), again(1, 600), ack(101, 20)], [0, 2]],
  ] as const)("%s", async (_, steps, [before, after]) => {
    expect((await client(steps)).lost).toEqual({
      beforeCapture: before,
      beforeCaptureBytes: 100 * before,
      afterCapture: after,
      afterCaptureBytes: 100 * after,
    });
  });

  it.each([
    [
      "overtaken on the way",
      [
        ...WITH_SACK,
        c("ACK", { seq: 101, bytes: 100, id: 105 }),
        c("ACK", { seq: 1, bytes: 100, id: 104, after: 1 }),
        ack(201, 20),
      ],
      0,
    ],
    [
      "a repeat that was needless: DSACK",
      [...WITH_SACK, ...data(1), again(1, 240), ack(101, 5), sacks(101, 1, 101, 15)],
      1,
    ],
    ["a repeat of what was acknowledged", [...HANDSHAKE, ...data(1), ack(101, 250), again(1, 5)], 1],
    [
      "a repeat whose original comes late",
      [
        ...WITH_SACK,
        c("ACK", { seq: 101, bytes: 100, id: 106 }),
        sacks(1, 101, 201, 20),
        again(1, 1, { id: 107 }),
        again(1, 1, { id: 105 }),
        ack(201, 20),
      ],
      1,
    ],
  ] as const)("none: %s", async (_, steps, repeats) => {
    const told = await client(steps);
    expect(told.lost).toBeNull();
    expect(told.retransmissions).toBe(repeats);
  });

  it("of acknowledgments: they passed, and the timer ran out", async () => {
    const opened = [...HANDSHAKE, ...data(2)];
    const [lost] = await recordsOf([...opened, ack(201, 20), again(101, 400), ack(201, 20)]);
    expect(lost!.server.lostAcks).toBe(1);
    expect(lost!.client.recovery).toBeNull();
    const [crossing] = await recordsOf([...opened, ack(201, 400), again(101, 5), ack(201, 20)]);
    expect(crossing!.server.lostAcks).toBe(0);
  });

  it("by cause, in bytes, and as a share of all that was sent", async () => {
    const told = await client([
      ...FAST,
      ack(401, 20),
      ...data(1),
      again(401, 400),
      again(401, 800),
      ack(501, 20),
    ]);
    expect(told.retransmissionShare).toBeCloseTo(300 / 800);
    expect(told.repeatedBytes).toMatchObject({
      fastBytes: 100,
      timeoutBytes: 100,
      tailLossProbeBytes: 100,
      unexplainedBytes: 0,
    });
  });
});

describe("recovery", () => {
  it("lasts from the first repeat until what was on the way then is acknowledged", async () => {
    const told = await client([
      ...FAST,
      c("ACK", { bytes: 100, after: 1 }),
      ack(301, 19),
      ack(401, 5),
      ack(501, 5),
    ]);
    expect(told.recovery).toMatchObject({ episodes: 1, fromFrame: 11, toFrame: 14 });
    expect(told.recovery!.longestMs).toBeGreaterThanOrEqual(25);
    expect(told.recovery!.longestMs).toBeLessThan(40);
    expect(told.stall).toBeNull();
  });

  it("is under way at the end where nothing acknowledges it", async () => {
    const told = await client([...HANDSHAKE, ...data(4), again(1, 300), ack(101, 20), again(101, 1)]);
    expect(told.recovery).toMatchObject({ episodes: 1, totalMs: 21 + 303 - 303, toFrame: null });
  });

  it("counts each of several, and tells the longest", async () => {
    const second = [
      ...data(4),
      sacks(401, 501, 601, 20),
      sacks(401, 501, 701),
      sacks(401, 501, 801),
      again(401, 1),
    ];
    const told = await client([...FAST, ack(401, 20), ...second, ack(801, 90)]);
    expect(told.recovery).toMatchObject({ episodes: 2, fromFrame: 20, toFrame: 21 });
  });

  it("of a connection that is not followed lasts from the original to its acknowledgment", async () => {
    const steps = [
      ...HANDSHAKE,
      ...CHATTER,
      c("ACK", { bytes: 100, ack: 201 }),
      c("ACK", { seq: 401, bytes: 100, after: 260 }),
      s("ACK", { ack: 501, after: 15 }),
    ];
    const told = await client(steps, { timestamps: true });
    expect(told.timeouts).toBe(1);
    expect(told.recovery).toMatchObject({ episodes: 1, totalMs: 275, fromFrame: 13, toFrame: 14 });
    expect(told.stall).toEqual({ count: 1, totalMs: 275, longestMs: 275, fromFrame: 13, toFrame: 14 });
    expect(told.limitedBy!.network).toBeGreaterThan(0.5);
  });

  it.each([
    ["nothing was sent again", [...HANDSHAKE, ...data(4), ack(401, 20)]],
    ["only the SYN was", [c("SYN"), c("SYN", { seq: 0, after: 1000 }), s("SYN ACK"), c("ACK")]],
    ["too soon for any cause", [...HANDSHAKE, ...data(2), again(1, 2), ack(201, 20)]],
    [
      "the peer was not captured",
      [c("ACK", { bytes: 100, ack: 1 }), c("ACK", { bytes: 100 }), again(1, 260)],
    ],
  ] as const)("is none where %s", async (_, steps) => {
    const told = await client(steps);
    expect([told.recovery, told.stall]).toEqual([null, null]);
  });
});

describe("stalls", () => {
  it("last from the oldest byte on the way to what is delivered next, over all repeats of it", async () => {
    const told = await client([
      ...HANDSHAKE,
      ...data(4),
      again(1, 300),
      again(1, 600),
      ack(101, 20),
      ack(401, 5),
    ]);
    expect(told.stall).toEqual({ count: 1, totalMs: 923, longestMs: 923, fromFrame: 8, toFrame: 10 });
  });

  it("begin with the last delivery where that came later", async () => {
    const told = await client([...HANDSHAKE, ...data(4), ack(201, 50), again(201, 300), ack(401, 20)]);
    expect(told.stall).toMatchObject({ count: 1, totalMs: 320 });
  });

  it("are told the longest of, with its frames", async () => {
    const told = await client([
      ...HANDSHAKE,
      ...data(1),
      again(1, 300),
      ack(101, 20),
      ...data(1),
      again(101, 700),
      ack(201, 20),
    ]);
    expect(told.stall).toEqual({ count: 2, totalMs: 1040, longestMs: 720, fromFrame: 8, toFrame: 9 });
  });

  it("are none where acknowledgments called for the repeat", async () => {
    expect((await client([...FAST, ack(401, 300)])).stall).toBeNull();
  });
});
