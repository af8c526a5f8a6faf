/** What happens to connections that are kept, and to clients that come back; and what only looks like it. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { findingIn, idsIn } from "./told.js";

/** The same steps on a port of their own, beginning so many milliseconds after what went before. */
function on(clientPort: number, steps: readonly Step[], after = 10): Step[] {
  return steps.map((step, i) => ({
    ...step,
    clientPort,
    ...(i === 0 && { isn: clientPort * 100_000, after }),
    ...(step.side === 1 && step.flags & 2 && { isn: clientPort * 70_000 }),
  }));
}

const ask = (after = 10): Step[] => [
  c("PSH ACK", { bytes: 100, after }),
  s("PSH ACK", { bytes: 500 }),
  c("ACK"),
];
const FORGOTTEN: Step[] = [s("RST", { seq: 1001, after: 20 })];

/** Two exchanges two seconds apart, and a third request after `silence` milliseconds. */
const idle = (silence: number, end: readonly Step[] = FORGOTTEN): Step[] => [
  ...HANDSHAKE,
  ...ask(),
  ...ask(2000),
  c("PSH ACK", { bytes: 100, after: silence }),
  ...end,
];

describe("connections that die of silence", () => {
  const three = (...silences: number[]) => silences.flatMap((silence, i) => on(41_000 + i, idle(silence)));

  it("tell of a box on the way", async () => {
    const told = await findingIn("idle-timeout-middlebox", three(60_000, 60_500, 61_000));
    expect(told).toMatchObject({ where: "10.0.0.2:80", connections: 3, confidence: "likely" });
    expect(told?.sentence).toContain("silence of 60");
    expect(told?.sentence).toContain("pauses of 2.0");
  });

  it.each<[string, Step[]]>([
    ["two of them", three(60_000, 60_000)],
    ["silences that differ", three(60_000, 90_000, 40_000)],
    ["short ones", three(2000, 2000, 2000)],
    [
      "idle connections that the server closes in order",
      [0, 1, 2].flatMap((i) =>
        on(41_000 + i, [...HANDSHAKE, ...ask(), s("FIN ACK", { after: 60_000 }), c("FIN ACK"), s("ACK")]),
      ),
    ],
    [
      "connections that live on",
      [0, 1, 2].flatMap((i) => on(41_000 + i, idle(60_000, [s("PSH ACK", { bytes: 500 }), ...CLOSE]))),
    ],
  ])("%s do not", async (_, steps) => {
    expect(await idsIn(steps)).not.toContain("idle-timeout-middlebox");
  });

  it("all at one time are those of a host that was restarted", async () => {
    const kept = [0, 1, 2].map((i) => on(41_000 + i, idle(60_000)));
    // Each opens when the one before has asked its second time; their last requests come within a second.
    const early = kept.flatMap((steps) => steps.slice(0, 9));
    expect(early).toHaveLength(27);
    const late = kept.flatMap((_, i) => [
      c("PSH ACK", { clientPort: 41_000 + i, bytes: 100, seq: 201, ack: 1001, after: i === 0 ? 60_000 : 10 }),
      s("RST", { clientPort: 41_000 + i, seq: 1001 }),
    ]);
    const isns = (i: number) => ({ c: (41_000 + i) * 100_000, s: (41_000 + i) * 70_000 });
    // Sequence numbers of the builder count from the last connection's: brought to each one's own.
    const own = late.map((step) => {
      const i = (step.clientPort ?? 0) - 41_000;
      const shift = step.side === 0 ? isns(i).c - isns(2).c : isns(i).s - isns(2).s;
      const back = step.side === 0 ? isns(i).s - isns(2).s : 0;
      return { ...step, seq: step.seq! + shift, ...(step.ack !== undefined && { ack: step.ack + back }) };
    });
    const ids = await idsIn([...early, ...own]);
    expect(ids).toContain("reset-unknown-connection");
    expect(ids).not.toContain("idle-timeout-middlebox");
  });
});

describe("a request that crosses the server's FIN", () => {
  const race = (idleMs: number, requestAfter: number, resetAfter: number): Step[] => [
    ...HANDSHAKE,
    ...ask(),
    s("FIN ACK", { after: idleMs }),
    c("PSH ACK", { bytes: 100, ack: 501, after: requestAfter }),
    s("RST", { seq: 502, after: resetAfter }),
  ];

  it("is a race, not data after a close", async () => {
    const ids = await idsIn(race(5000, 5, 5));
    expect(ids).toContain("keep-alive-race");
    expect(ids).not.toContain("reset-after-close");
    const told = await findingIn("keep-alive-race", race(5000, 5, 5));
    expect(told).toMatchObject({ where: "10.0.0.2:80", actor: "client", connections: 1 });
  });

  it.each<[string, Step[]]>([
    ["that was seen long before", race(5000, 3000, 10)],
    ["of a server that was not idle", race(10, 5, 5)],
  ])("%s is data after a close", async (_, steps) => {
    const ids = await idsIn(steps);
    expect(ids).not.toContain("keep-alive-race");
    expect(ids).toContain("reset-after-close");
  });
});

describe("attempts that fail", () => {
  const attempts = (...waits: number[]) =>
    waits.flatMap((after, i) => on(42_000 + i, [c("SYN"), s("RST ACK", { seq: 0 })], after));
  const answered = (port: number) => on(port, [...HANDSHAKE, ...ask(), ...CLOSE]);

  it.each<[string, boolean, Step[]]>([
    ["at one pace are a storm", true, attempts(0, 500, 500, 500, 500, 500)],
    ["faster and faster are a storm", true, attempts(0, 2000, 1000, 500, 250, 125)],
    ["at one pace, before it comes back", true, [...attempts(...Array(12).fill(500)), ...answered(43_000)]],
    ["later each time are none", false, attempts(0, 500, 750, 1125, 1690, 2530)],
    ["and wait twice as long each time are none", false, attempts(0, 200, 400, 800, 1600, 3200)],
    [
      "at once are none",
      false,
      [...Array(8).keys()]
        .map((i) => c("SYN", { clientPort: 42_000 + i, isn: i, after: 1 }))
        .concat(
          [...Array(8).keys()].map((i) =>
            s("RST ACK", { clientPort: 42_000 + i, seq: 0, ack: i - 6, after: i > 0 ? 1 : 60 }),
          ),
        ),
    ],
    ["four times are none", false, attempts(0, 500, 500, 500)],
    ["now and then are none", false, attempts(0, 30_000, 30_000, 30_000, 30_000, 30_000)],
    [
      "between others that succeed are none",
      false,
      [0, 1, 2, 3, 4, 5].flatMap((i) => [
        ...on(42_000 + i, [c("SYN"), s("RST ACK", { seq: 0 })], 500),
        ...answered(43_000 + i),
      ]),
    ],
  ])("%s", async (_, isStorm, steps) => {
    expect((await idsIn(steps)).includes("reconnect-storm")).toBe(isStorm);
  });
});

describe("a port that is used again", () => {
  const closed = [...HANDSHAKE, ...ask(), s("FIN ACK"), c("FIN ACK"), s("ACK")];
  const again = (isn: number, ...answer: readonly Step[]): Step[] => [
    ...closed,
    c("SYN", { isn, after: 500 }),
    ...answer,
  ];

  it("too early costs a repeat of the SYN, which was not lost", async () => {
    const challenged = again(
      5,
      s("ACK", { ack: 1102 - 5 }),
      c("RST", { seq: 502 + 1000 }),
      c("SYN", { seq: 0, after: 980 }),
      s("SYN ACK", { isn: 8_000_000 }),
      c("ACK"),
      ...ask(),
    );
    const told = await findingIn("port-reuse-dropped", challenged);
    expect(told).toMatchObject({ where: "10.0.0.2:80", connections: 1, actor: "client" });
    expect(told?.lostMs).toBeGreaterThan(900);
    expect(await idsIn(challenged)).not.toContain("syn-lost");
  });

  it("as the rules allow is nothing", async () => {
    const taken = again(9_000_000, s("SYN ACK", { isn: 8_000_000 }), c("ACK"), ...ask());
    expect(await idsIn(taken)).not.toContain("port-reuse-dropped");
  });

  it("and whose SYN was lost is a lost SYN", async () => {
    const lost = again(
      9_000_000,
      c("SYN", { seq: 0, after: 1000 }),
      s("SYN ACK", { isn: 8_000_000 }),
      c("ACK"),
      ...ask(),
    );
    const ids = await idsIn(lost);
    expect(ids).not.toContain("port-reuse-dropped");
    expect(ids).toContain("syn-lost");
  });
});

describe("heartbeats", () => {
  const beat = (after: number): Step[] => [
    c("PSH ACK", { bytes: 4, after }),
    s("PSH ACK", { bytes: 4 }),
    c("ACK"),
  ];
  const beats = (...waits: number[]): Step[] => [...HANDSHAKE, ...waits.flatMap(beat)];
  const TEN = Array<number>(10).fill(2000);

  it("that did not come are told of the side that sends them", async () => {
    const told = await findingIn("heartbeat-missed", beats(...TEN, 8000, ...TEN));
    expect(told).toMatchObject({ where: "10.0.0.1 to 10.0.0.2:80", actor: "client", connections: 1 });
    expect(told?.sentence).toContain("3 heartbeats");
  });

  it.each<[string, Step[]]>([
    ["that all came", beats(...TEN, ...TEN)],
    ["of which one was left out", beats(...TEN, 4020, ...TEN)],
    ["that were too few to know", beats(2000, 2000, 2000, 8000)],
  ])("%s are not", async (_, steps) => {
    expect(await idsIn(steps)).not.toContain("heartbeat-missed");
  });
});

describe("a peer that is gone", () => {
  const probe = (after: number) => c("ACK", { seq: 100, after });
  const dead = (first: number, gap: number): Step[] => [
    ...HANDSHAKE,
    ...ask(),
    probe(first),
    ...Array.from({ length: 8 }, () => probe(gap)),
    c("RST ACK", { seq: 101, after: gap }),
  ];

  it("is noticed late by keep-alives as systems send them", async () => {
    const told = await findingIn("keep-alive-late", dead(7_200_000, 75_000));
    expect(told).toMatchObject({ where: "10.0.0.2:80", actor: "client", connections: 1 });
    expect(told?.sentence).toContain("2 h");
  });

  it("is noticed soon by keep-alives of a minute", async () => {
    const ids = await idsIn(dead(60_000, 10_000));
    expect(ids).toContain("keep-alive-dead");
    expect(ids).not.toContain("keep-alive-late");
  });
});
