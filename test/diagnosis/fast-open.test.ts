/** Fast Open that had to fall back, on made-up conversations: what became of the SYN's data, and look-alikes. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, type Fields, type Step, s } from "../connection/conversation.js";
import { findingIn } from "./told.js";

const COOKIE = 8;
const REST = [s("PSH ACK", { bytes: 500 }), c("ACK"), ...CLOSE];

/** A SYN with data whose SYN-ACK leaves the data out, so that it is sent again. */
const leftOut = (syn: Fields = { cookie: COOKIE }, synAck: Fields = {}): Step[] => [
  c("SYN", { bytes: 100, ...syn }),
  s("SYN ACK", { ack: 1, ...synAck }),
  c("PSH ACK", { seq: 1, bytes: 100 }),
  ...REST,
];
/** A SYN with data that nobody answers, and its repeat without data. */
const lost = (fields: Fields = {}): Step[] => [
  c("SYN", { bytes: 100, cookie: COOKIE, ...fields }),
  c("SYN", { after: 1000 }),
  s("SYN ACK", { ack: 1 }),
  c("PSH ACK", { seq: 1, bytes: 100 }),
  ...REST,
];
const onPort = (port: number, steps: readonly Step[]): Step[] =>
  steps.map((step) => ({ ...step, clientPort: port }));

const told = (steps: readonly Step[]) => findingIn("fast-open-fallback", steps);

describe("data in a SYN", () => {
  it.each<[string, Step[], RegExp]>([
    [
      "that the server leaves out for an old cookie",
      leftOut({ cookie: COOKIE }, { cookie: COOKIE }),
      /gave a new one/,
    ],
    ["that it leaves out without a word", leftOut(), /no new cookie/],
    ["whose cookie was taken off the SYN", leftOut({}), /no cookie stood/],
  ])("%s is told of the server, with a round trip", async (_, steps, words) => {
    const finding = await told(steps);
    expect(finding).toMatchObject({ where: "10.0.0.2:80", actor: "server", connections: 1, lostMs: 20 });
    expect(finding?.sentence).toMatch(words);
  });

  it("that is lost once may be chance, and twice is a box's doing", async () => {
    expect(await told(lost())).toMatchObject({ actor: "network", confidence: "possible", lostMs: 1000 });
    const twice = [...onPort(40_001, lost()), ...onPort(40_002, lost({ isn: 90_000 }))];
    expect(await told(twice)).toMatchObject({ actor: "middlebox", confidence: "likely", connections: 2 });
  });

  it.each<[string, Step[]]>([
    [
      "that the server took",
      [c("SYN", { bytes: 100, cookie: COOKIE }), s("SYN ACK", { ack: 101 }), c("ACK"), ...REST],
    ],
    [
      "that a first connection does not send yet",
      [c("SYN", { cookie: 0 }), s("SYN ACK"), c("PSH ACK", { bytes: 100 }), ...REST],
    ],
    [
      "that was taken, and the SYN-ACK lost",
      [
        c("SYN", { bytes: 100, cookie: COOKIE }),
        c("SYN", { after: 1000 }),
        s("SYN ACK", { ack: 101 }),
        c("ACK"),
        ...REST,
      ],
    ],
    [
      "of a handshake that nobody completes",
      [c("SYN", { bytes: 100 }), s("SYN ACK", { ack: 1 }), s("SYN ACK", { ack: 1, after: 1000 })],
    ],
    [
      "of which there was none in a SYN that was lost",
      [c("SYN", { cookie: 0 }), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK"), ...REST],
    ],
  ])("%s is nothing to tell", async (_, steps) => {
    expect(await told(steps)).toBeUndefined();
  });
});
