/** Why segments were sent again, which repeats were needless, and what only looks like a repeat. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Options, observe, recordsOf, type Step, s, segmentsOf } from "./conversation.js";

/** Both sides agree on SACK; the round trip takes 20 ms, half of it on each side of the capture point. */
const WITH_SACK: readonly Step[] = [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { sackPermitted: true }),
  c("ACK"),
];
/** The same with a clock. */
const stamped = (steps: readonly Step[]): Step[] =>
  steps.map((step, i) => ({ ...step, ts: [i, i] as const }));
/** 100 bytes each, one after the other. */
const data = (count: number): Step[] =>
  Array.from({ length: count }, () => c("ACK", { bytes: 100, after: 1 }));
const again = (seq: number, after: number, more: Parameters<typeof c>[1] = {}) =>
  c("ACK", { seq, bytes: 100, after, ...more });
const sacks = (ack: number, left: number, right: number, after = 1) =>
  s("ACK", { ack, sack: [[left, right]], after });

/**
 * Both clocks tick once in `tickMs`. An ACK is echoed by what follows it, or, by stacks older than that rule of RFC 7323 §4.3, only where it
 * brings data.
 */
function ticking(tickMs: number, steps: readonly Step[], echoesAcks = true): Step[] {
  let now = 0;
  const echo = [0, 0];
  return steps.map((step) => {
    now += step.after ?? 10;
    const tsVal = 1 + Math.floor(now / tickMs);
    const ts = [tsVal, echo[step.side]!] as const;
    if (echoesAcks || step.flags & 2 || step.bytes) echo[step.side ^ 1] = tsVal;
    return { ...step, ts };
  });
}
/**
 * A timeout, from which on both ends are followed; a segment every 300 ms, each answered; five at once, of which the first
 * is lost, and three duplicate ACKs.
 */
const LOST_LATER: readonly Step[] = [
  ...HANDSHAKE,
  ...data(1),
  again(1, 1300),
  s("ACK", { ack: 101, after: 20 }),
  ...Array.from({ length: 12 }, (_, i) => [
    c("ACK", { bytes: 100, seq: i * 100 + 101, after: 300 }),
    s("ACK", { ack: i * 100 + 201, after: 20 }),
  ]).flat(),
  ...data(5),
  s("ACK", { ack: 1401, after: 20 }),
  ...Array.from({ length: 3 }, () => s("ACK", { ack: 1401, after: 1 })),
];

/** A client that knows SACK and sends so many segments; nothing of the server was captured. */
const alone = (count: number): Step[] => [
  c("SYN", { sackPermitted: true }),
  c("ACK", { ack: 1, after: 20 }),
  ...data(count),
];

/** Senders that do not number their packets. */
const unnumbered = (steps: readonly Step[]): Step[] => steps.map((step) => ({ ...step, id: 0 }));
/** Likewise, with its clock and the peer's, whose ACK of the SYN said 1000. */
const aloneWithClock: readonly Step[] = alone(4).map((step, i) => ({
  ...step,
  ts: i === 0 ? [0, 0] : [20, 1000],
}));
/** Five segments that come 400 ms late. */
const held: readonly Step[] = [
  ...stamped(HANDSHAKE),
  ...data(5).map((step, i) => ({ ...step, after: i === 0 ? 400 : 0.1, ts: [10, 1] as const })),
];

type Row = readonly [name: string, steps: readonly Step[], told: string, options?: Options];

// biome-ignore format: a row a line, to be read as a table
const CAUSES: readonly Row[] = [
  ["three duplicate ACKs", [...HANDSHAKE, ...data(5), s("ACK", { ack: 1, after: 20 }), s("ACK", { ack: 1, after: 1 }), s("ACK", { ack: 1, after: 1 }), s("ACK", { ack: 1, after: 1 }), again(1, 1)], "fast"],
  ["one direction, its last bytes, soon", [...alone(3), again(201, 90)], "tail-loss-probe"],
  ["one direction, bytes below others, soon", [...alone(3), again(101, 90)], "fast"],
  ["one direction, what goes on upwards after a timeout", [...alone(4), again(1, 300), again(101, 20)], "rto-recovery"],
  ["one direction, likewise after two segments that ask whether it was needless", [...alone(4), again(1, 300), again(401, 20), again(501, 1), again(101, 20)], "rto-recovery"],
  ["one direction, after more new ones", [...alone(4), again(1, 300), again(401, 20), again(501, 1), again(601, 1), again(101, 20)], "fast"],
  ["one direction, likewise without SACK", [c("SYN"), ...alone(4).slice(1), again(1, 300), again(401, 20), again(501, 1), again(601, 1), again(101, 20)], "rto-recovery"],
  ["one direction, pieces of a large segment after a timeout", [...alone(0), c("ACK", { bytes: 400, after: 1 }), ...data(1), again(1, 300), again(101, 20), again(201, 0.1)], "rto-recovery"],
  ["one direction, after a silence in which the peer's clock went on", [...aloneWithClock, again(1, 300, { ts: [320, 1300] })], "fast"],
  ["one direction, after a silence in which it went on for a while only", [...aloneWithClock, again(1, 300, { ts: [320, 1080] })], "rto"],
  ["one direction, where it had thought for long over what it echoed", [...aloneWithClock.slice(0, 2), ...aloneWithClock.slice(2).map((step, i) => ({ ...step, after: i === 0 ? 100 : 1 })), again(1, 300, { ts: [420, 1400] })], "fast"],
  ["held up on the way with what it repeats: by its clock", [...held, again(1, 0.1, { ts: [310, 1] })], "rto"],
  ["held up likewise, and sent soon", [...held, again(1, 0.1, { ts: [15, 1] })], "unknown"],
  ["SACK above it", [...WITH_SACK, ...data(4), sacks(1, 101, 201, 20), sacks(1, 101, 301), sacks(1, 101, 401), again(1, 1)], "fast"],
  ["SACK above it in a hole of the capture", [...WITH_SACK, c("ACK", { seq: 101, bytes: 100, id: 105 }), sacks(1, 101, 201, 20), again(1, 5, { id: 106 })], "fast"],
  ["nothing came back for long, without SACK", [...HANDSHAKE, ...data(1), again(1, 260)], "rto"],
  ["the tail, with SACK", [...WITH_SACK, ...data(1), again(1, 240)], "tail-loss-probe"],
  ["the tail for the second time", [...WITH_SACK, ...data(1), again(1, 240), again(1, 260)], "rto"],
  ["the head of a flight, not its tail", [...WITH_SACK, ...data(3), again(1, 300)], "rto"],
  ["after a timeout, as ACKs come in", [...HANDSHAKE, ...data(4), again(1, 300), s("ACK", { ack: 101, after: 20 }), again(101, 1)], "rto-recovery"],
  ["after a timeout the timer runs out again", [...HANDSHAKE, ...data(4), again(1, 300), again(1, 600)], "rto"],
  ["the timer runs out again while the peer's data comes in", [...WITH_SACK, ...data(4), again(1, 300), ...Array.from({ length: 5 }, () => s("ACK", { bytes: 10, ack: 1, after: 100 })), again(1, 40)], "rto"],
  ["SACK long ago: the repeat that it drew was lost before the capture point", [...WITH_SACK, ...data(3), sacks(1, 101, 301, 20), s("ACK", { bytes: 10, ack: 1, after: 250, sack: [[101, 301]] }), again(1, 5)], "rto"],
  ["a needless timeout is taken back (F-RTO): what follows is a loss of its own", [...WITH_SACK, ...data(8), again(1, 300), s("ACK", { ack: 401, after: 20 }), c("ACK", { bytes: 100, after: 1 }), sacks(401, 501, 601, 20), sacks(401, 501, 701), sacks(401, 501, 901), again(401, 1)], "fast"],
  ["what was reported before the timeout takes nothing back", [...WITH_SACK, ...data(8), sacks(1, 101, 401, 20), again(1, 300), s("ACK", { ack: 401, after: 20 }), again(401, 1)], "rto-recovery"],
  ["what was sent after the timeout takes nothing back", [...WITH_SACK, ...data(4), again(1, 300), s("ACK", { ack: 101, after: 20 }), c("ACK", { seq: 401, bytes: 100, after: 1 }), sacks(101, 401, 501, 20), again(101, 1)], "rto-recovery"],
  ["a needless timeout is taken back (Eifel)", [...stamped(WITH_SACK), c("ACK", { bytes: 100, ts: [10, 1] }), c("ACK", { bytes: 100, ts: [11, 1] }), c("ACK", { bytes: 100, ts: [11, 1] }), again(1, 300, { ts: [310, 1] }), s("ACK", { ack: 101, after: 20, ts: [330, 10] }), c("ACK", { seq: 301, bytes: 100, ts: [331, 330], after: 1 }), s("ACK", { ack: 101, after: 20, ts: [350, 10], sack: [[201, 401]] }), again(101, 1, { ts: [352, 350] })], "fast"],
  ["a sender that goes on all the same", [...WITH_SACK, ...data(8), again(1, 300), s("ACK", { ack: 401, after: 5 }), again(401, 1)], "rto-recovery"],
  ["a FIN again", [...HANDSHAKE, c("FIN ACK"), c("FIN ACK", { seq: 1, after: 260 })], "rto"],
  ["data and FIN in one", [...HANDSHAKE, ...data(1), c("FIN ACK"), c("FIN ACK", { seq: 1, bytes: 100, after: 300 })], "rto"],
  ["other boundaries", [...HANDSHAKE, ...data(2), c("ACK", { seq: 1, bytes: 200, after: 300 })], "rto"],
  ["a SYN has no cause", [c("SYN"), c("SYN", { seq: 0, after: 1000 })], "syn"],
  ["across the wrap of sequence numbers", [...WITH_SACK, ...data(4), sacks(1, 101, 201, 20), sacks(1, 101, 301), sacks(1, 101, 401), again(1, 1)], "fast", { clientIsn: -150 }],
  ["IPv6", [...HANDSHAKE, ...data(1), again(1, 260)], "rto", { version: 6 }],
  ["the same packet, number and all, a timer later", [...HANDSHAKE, ...data(1), c("", { copyOf: 3, after: 260 })], "rto"],
  ["the same packet too soon for a timer: a copy", [...HANDSHAKE, ...data(1), c("", { copyOf: 3, after: 60 })], "network-duplicate"],
  ["without number or clock, soon after its first sending, in a run of repeats", unnumbered([...HANDSHAKE, ...data(2), again(1, 300), c("ACK", { seq: 201, bytes: 100, after: 1 }), again(101, 1), again(201, 1)]), "rto-recovery"],
  ["likewise out of that run: a copy", unnumbered([...HANDSHAKE, ...data(2), again(1, 300), again(101, 1), c("ACK", { seq: 201, bytes: 100, after: 1 }), again(201, 1)]), "network-duplicate"],
  ["the last bytes, with nothing sent behind them, two round trips later", [...HANDSHAKE, ...data(1), again(1, 40)], "rto"],
  ["bytes below others, likewise", [...HANDSHAKE, ...data(2), again(1, 40)], "fast"],
  ["too soon for any of them", [...HANDSHAKE, ...data(2), again(1, 2)], "unknown"],
  ["three duplicate ACKs, by a clock of two ticks a second", ticking(500, [...LOST_LATER, again(1401, 1)]), "fast"],
  ["long after them, by a clock of two ticks a second", ticking(500, [...LOST_LATER, again(1401, 1), again(1401, 900)]), "rto"],
  ["a minute later, by a sender that echoes no bare ACK", ticking(500, [...LOST_LATER, again(1401, 1), again(1401, 60_000)], false), "rto"],
  ["only this side was captured: after silence", [c("ACK", { bytes: 100, ack: 1 }), c("ACK", { bytes: 100 }), again(1, 260)], "rto"],
  ["only this side was captured: soon", [c("ACK", { bytes: 100, ack: 1 }), c("ACK", { bytes: 100 }), c("ACK", { bytes: 100 }), again(101, 60)], "fast"],
];

describe("causes", () => {
  it.each(CAUSES.map(([name, steps, told, options]) => ({ name, steps, told, options })))(
    "$name: $told",
    async ({ steps, told, options }) => {
      const all = await segmentsOf(steps, options);
      expect(all.at(-1)).toBe(told);
      const general = await segmentsOf(steps, { ...options, predictsHeaders: false });
      expect(general).toEqual(all);
    },
  );

  it("stand in the record, by side", async () => {
    const [record] = await recordsOf([
      ...HANDSHAKE,
      ...data(4),
      again(1, 300),
      s("ACK", { ack: 101, after: 20 }),
      again(101, 1),
    ]);
    expect(record).toMatchObject({
      retransmissions: 2,
      client: { retransmissions: 2 },
      server: { retransmissions: 0 },
    });
  });
});

/** Bytes from 1 on that the sender alone was captured sending, and of those one that came late. */
const oneWay = (late: number): Step[] => [
  c("ACK", { bytes: 100, ack: 1, id: 101 }),
  c("ACK", { seq: 201, bytes: 100, id: 103, after: 1 }),
  c("ACK", { seq: 101, bytes: 100, id: late, after: 1 }),
];

// biome-ignore format: a row a line, to be read as a table
const SPURIOUS: readonly (readonly [name: string, steps: readonly Step[], repeat: number, isSpurious: boolean, options?: Options])[] = [
  ["acknowledged before", [...HANDSHAKE, ...data(1), s("ACK", { ack: 101, after: 250 }), again(1, 5)], 5, true],
  ["reported by SACK before", [...WITH_SACK, ...data(3), sacks(1, 101, 201, 300), again(101, 5)], 7, true],
  ["DSACK", [...WITH_SACK, ...data(1), again(1, 240), s("ACK", { ack: 101, after: 5 }), sacks(101, 1, 101, 15)], 4, true],
  ["no DSACK", [...WITH_SACK, ...data(1), again(1, 240), s("ACK", { ack: 101, after: 15 })], 4, false],
  ["a keep-alive's byte comes back as a DSACK", [...WITH_SACK, ...data(1), again(1, 240), s("ACK", { ack: 101 }), c("ACK", { seq: 100, bytes: 1, after: 9000 }), sacks(101, 100, 101, 20)], 4, false],
  ["a DSACK of one byte that was no probe's", [...WITH_SACK, c("ACK", { bytes: 1, after: 1 }), c("ACK", { seq: 1, bytes: 1, after: 240 }), s("ACK", { ack: 2, after: 5 }), sacks(2, 1, 2, 15)], 4, true],
  ["its ACK echoes the original (Eifel)", [...stamped(HANDSHAKE), c("ACK", { bytes: 100, ts: [10, 1] }), again(1, 300, { ts: [310, 1] }), s("ACK", { ack: 101, after: 15, ts: [320, 10] })], 4, true],
  ["its ACK echoes the repeat", [...stamped(HANDSHAKE), c("ACK", { bytes: 100, ts: [10, 1] }), again(1, 300, { ts: [310, 1] }), s("ACK", { ack: 101, after: 15, ts: [320, 310] })], 4, false],
  ["only its direction was captured, and the original came late", [...oneWay(102), again(101, 40, { id: 104 })], 3, true],
  ["only its direction was captured, and the original came in order", [...oneWay(102), again(201, 40, { id: 104 })], 3, false],
  ["below the first byte of the capture", [c("ACK", { seq: 201, ack: 1, bytes: 100, id: 5 }), s("ACK", { ack: 101, sack: [[201, 301]] }), c("ACK", { seq: 101, ack: 1, bytes: 100, id: 6, after: 20 }), s("ACK", { ack: 301 })], 2, false],
];

describe("needless repeats", () => {
  it.each(
    SPURIOUS.map(([name, steps, repeat, isSpurious, options]) => ({
      name,
      steps,
      repeat,
      isSpurious,
      options,
    })),
  )("$name", async ({ steps, repeat, isSpurious, options }) => {
    const all = await segmentsOf(steps, options);
    expect(all[repeat]!.endsWith("spurious")).toBe(isSpurious);
  });

  it("tells an original that comes after its repeat: that was a probe", async () => {
    const opened = [...WITH_SACK, c("ACK", { bytes: 100, id: 103 }), s("ACK", { ack: 101 })];
    const repeat = c("ACK", { bytes: 100, id: 105, after: 230 });
    const original = again(101, 5, { id: 104 });
    const all = await segmentsOf([...opened, repeat, s("ACK", { ack: 201 }), original]);
    expect(all.slice(-3)).toEqual(["tail-loss-probe inferred spurious", "", "reordered"]);
  });
});

describe("rows of segments", () => {
  const needless = (after: number): Step[] => [
    ...stamped(HANDSHAKE),
    c("ACK", { bytes: 100, ts: [10, 1] }),
    again(1, 300, { ts: [310, 1] }),
    s("ACK", { ack: 1, after, ts: [315, 2] }),
    s("ACK", { ack: 101, after: 5, ts: [320, 10] }),
  ];

  it.each([
    [15, 0],
    [2500, 1],
  ])("wait two seconds for what comes to light %i ms later: %i come late", async (after, late) => {
    const analysis = await observe(needless(after), { onSegment: () => undefined });
    expect(analysis.lateAmendments).toBe(late);
  });

  it("that nobody asked for miss nothing", async () => {
    expect((await observe(needless(2500))).lateAmendments).toBe(0);
  });
});

describe("repeats whose every earlier copy was lost before the capture point", () => {
  const request = (id: number, after: number) => c("ACK", { bytes: 100, id, after });
  const opened = [
    ...WITH_SACK,
    request(103, 1),
    s("ACK", { ack: 101 }),
    request(104, 50),
    s("ACK", { ack: 201 }),
  ];

  it("are told by the missing packet number after a silence as long as a probe waits", async () => {
    expect((await segmentsOf([...opened, request(106, 260)])).at(-1)).toBe("tail-loss-probe inferred");
  });

  it.each([
    ["no number is missing", request(105, 260)],
    ["the silence is too short", request(106, 50)],
    ["the silence is too long for a probe, and nothing else shows a loss", request(106, 5000)],
    ["the sender does not count", request(0, 260)],
  ])("are not told where %s", async (_, step) => {
    expect((await segmentsOf([...opened, step])).at(-1)).toBe("new");
  });

  it("are not told where its sender has heard more than was captured", async () => {
    const steps = ticking(1, [...opened, request(106, 260)]);
    expect((await segmentsOf(steps)).at(-1)).toBe("tail-loss-probe inferred");
    const [own, echo] = steps.at(-1)!.ts!;
    const ahead = { ...steps.at(-1)!, ts: [own, echo + 5] as const };
    expect((await segmentsOf([...steps.slice(0, -1), ahead])).at(-1)).toBe("new");
  });

  it.each([
    ["whose numbers are all those that are missing", 4381, 106, "after-gap"],
    ["where one more is missing", 4381, 107, "tail-loss-probe inferred"],
    // A probe of that piece may have been lost.
    ["of a piece that was all there was, where one more is missing", 2922, 107, "after-gap"],
  ])("behind a hole %s", async (_, seq, id, told) => {
    const full = (number: number) => c("ACK", { bytes: 1460, id: number, after: 50 });
    const sent = [full(103), s("ACK", { ack: 1461 }), full(104), s("ACK", { ack: 2921 })];
    const step = c("ACK", { seq, bytes: 1, id, after: 260 });
    expect((await segmentsOf([...WITH_SACK, ...sent, step])).at(-1)).toBe(told);
  });

  it("are not told of a host whose numbers belong to many connections", async () => {
    const steps = [request(110, 1), request(130, 1), request(155, 1), s("ACK", { ack: 301 })];
    expect((await segmentsOf([...WITH_SACK, ...steps, request(170, 260)])).at(-1)).toBe("new");
  });
});

describe("segments that are too big for the path", () => {
  const big = (more: Parameters<typeof c>[1] = {}) => c("ACK", { bytes: 1400, after: 1, ...more });
  const small = (seq: number, after = 5, bytes = 1000) => c("ACK", { seq, bytes, after });
  const tooBig = (copyOf: number, version: 4 | 6, more: Parameters<typeof c>[1] = {}) =>
    s("", { copyOf, after: 5, ...(version === 4 ? { icmpCode: 4 } : { icmpType: 2, icmpCode: 0 }), ...more });
  const flight = [...WITH_SACK, big(), big()];

  it.each([4, 6] as const)("are sent again, cut smaller, once a router told so (IPv%i)", async (version) => {
    const pieces = [small(1), small(1001, 1), small(2001, 1, 800)];
    const told = await segmentsOf([...flight, tooBig(3, version), tooBig(4, version), ...pieces], {
      version,
    });
    expect(told.slice(5)).toEqual(["path-mtu", "path-mtu", "path-mtu"]);
    // What is lost of the pieces is lost for another reason.
    const lost = [s("ACK", { ack: 1001, after: 20 }), small(1001, 400)];
    const all = await segmentsOf([...flight, tooBig(3, version), ...pieces, ...lost], { version });
    expect(all.at(-1)).toBe("rto");
    const [record] = await recordsOf([...flight, tooBig(3, version), ...pieces], { version });
    expect(record!.client).toMatchObject({ retransmissions: 3, retransmittedBytes: 2800 });
  });

  it.each<readonly [name: string, steps: readonly Step[], told: string]>([
    ["nobody told so", [...flight, small(1, 300)], "rto"],
    [
      "its sender did not listen",
      [...flight, tooBig(3, 4), c("ACK", { seq: 1, bytes: 1400, after: 300 })],
      "rto",
    ],
    [
      "told of another connection",
      [...flight, c("SYN", { clientPort: 9999, seq: 0 }), tooBig(5, 4), small(1, 300)],
      "rto",
    ],
    [
      "told of what was acknowledged",
      [...flight, s("ACK", { ack: 1401 }), tooBig(3, 4), small(1401, 300, 1000)],
      "rto",
    ],
    ["the network was out of reach", [...flight, s("", { copyOf: 3, icmpCode: 0 }), small(1, 300)], "rto"],
    [
      "the lost one was small before",
      [
        ...WITH_SACK,
        big(),
        c("ACK", { bytes: 100, after: 1 }),
        tooBig(3, 4),
        small(1),
        small(1001, 1, 400),
        s("ACK", { ack: 1401, after: 20 }),
        c("ACK", { seq: 1401, bytes: 100, after: 300 }),
      ],
      "rto",
    ],
  ])("not where %s", async (_, steps, told) => {
    expect((await segmentsOf(steps)).at(-1)).toBe(told);
  });
});

describe("data of a SYN", () => {
  const opening = (ack: number) => [
    c("SYN", { bytes: 100, cookie: 8 }),
    s("SYN ACK", { ack }),
    c("ACK", { ack: 1 }),
  ];

  it("is sent again where the SYN-ACK left it out", async () => {
    const left = [...opening(1), c("ACK", { seq: 1, bytes: 100, after: 1 })];
    expect(await segmentsOf(left)).toEqual(["new", "new", "", "fast-open"]);
    expect((await segmentsOf([...left, c("ACK", { seq: 1, bytes: 100, after: 300 })])).at(-1)).not.toBe(
      "fast-open",
    );
  });

  it("is sent again for its timer where the SYN was, or the SYN-ACK had taken it", async () => {
    const twice = [
      c("SYN", { bytes: 100, cookie: 8 }),
      c("SYN", { seq: 0, after: 1000 }),
      s("SYN ACK", { ack: 1 }),
    ];
    const data = c("ACK", { seq: 1, ack: 1, bytes: 100 });
    expect((await segmentsOf([...twice, data])).at(-1)).toBe("rto-recovery");
    expect((await segmentsOf([...opening(101), { ...data, after: 300 }])).at(-1)).not.toBe("fast-open");
  });
});

describe("a repeat with new bytes behind it", () => {
  it.each([
    ["old bytes alone", 101, 100, 100],
    ["half of them new", 101, 200, 100],
    ["and the first of a gap", 1, 300, 200],
  ])("%s", async (_, seq, bytes, repeated) => {
    const [record] = await recordsOf([...HANDSHAKE, ...data(2), c("ACK", { seq, bytes, after: 300 })]);
    expect(record!.client).toMatchObject({ retransmissions: 1, retransmittedBytes: repeated });
  });

  it("counts the bytes before a new FIN as they are", async () => {
    const [record] = await recordsOf([
      ...HANDSHAKE,
      ...data(2),
      c("FIN ACK", { seq: 101, bytes: 150, after: 300 }),
    ]);
    expect(record!.client).toMatchObject({ retransmissions: 1, retransmittedBytes: 100 });
  });
});
