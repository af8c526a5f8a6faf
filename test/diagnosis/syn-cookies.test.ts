/** SYN cookies, on made-up conversations: what the timestamps of SYN-ACKs show, and clocks that look alike. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, type Fields, observe, type Step, s } from "../connection/conversation.js";
import { findingIn } from "./told.js";

const OFFERS: Fields = { windowScale: 7, sackPermitted: true };
/** What a cookie puts into the last six bits: window scale 7 and SACK. */
const KEPT = 7 + 16;
/** The SYN to the SYN-ACK, and the answer's wait, in milliseconds. */
const LEG = 1;
const THINKS = 100;

/** How a server stamps its SYN-ACK and its other segments at a time of its clock, in milliseconds. */
interface Clock {
  readonly synAck: (ms: number) => number;
  readonly other: (ms: number) => number;
}

const honest: Clock = { synAck: (ms) => ms, other: (ms) => ms };
/** Rounded down to a time that ends in the options, then moved as all TSvals of the connection are. */
const SECRET = 12_345_679;
const COOKIES: Clock = { synAck: (ms) => ms - ((ms - KEPT) & 63) + SECRET, other: (ms) => ms + SECRET };

/** n connections, 150 ms and some apart, the server's segments stamped by its clock. */
function connections(n: number, { synAck, other }: Clock, leg = LEG, thinks = THINKS): Step[] {
  let now = 1_000_000;
  return Array.from({ length: n }, (_, i) => {
    const gap = 150 + ((i * 37) % 64);
    now += gap + leg;
    const answered = now;
    now += 1 + 1 + thinks;
    const later = now;
    now += 30;
    const steps: Step[] = [
      c("SYN", { ...OFFERS, isn: 5000 * i, after: gap, ts: [100 + i, 0] }),
      s("SYN ACK", { ...OFFERS, isn: 90_000 * i, after: leg, ts: [synAck(answered), 100 + i] }),
      c("ACK", { after: 1, ts: [101 + i, synAck(answered)] }),
      c("PSH ACK", { bytes: 40, after: 1, ts: [101 + i, synAck(answered)] }),
      s("PSH ACK", { bytes: 100, after: thinks, ts: [other(later), 101 + i] }),
      ...CLOSE.map((step) => ({ ...step, ts: [other(later + 10), 101 + i] as const })),
    ];
    return steps.map((step) => ({ ...step, clientPort: 20_000 + i }));
  }).flat();
}

/** Without timestamps, and nothing granted. */
const bare = (n: number): Step[] =>
  Array.from({ length: n }, (_, i) =>
    [
      c("SYN", { ...OFFERS, isn: 7000 * i, after: 100 }),
      s("SYN ACK", { isn: 70_000 * i }),
      c("ACK"),
      c("PSH ACK", { bytes: 40 }),
      s("PSH ACK", { bytes: 100 }),
      ...CLOSE,
    ].map((step) => ({ ...step, clientPort: 30_000 + i })),
  ).flat();

const told = (steps: readonly Step[]) => findingIn("syn-cookies", steps);

describe("SYN cookies", () => {
  it("are told by SYN-ACKs that are older than their SYNs", async () => {
    const finding = await told(connections(30, COOKIES));
    expect(finding).toMatchObject({ where: "10.0.0.2:80", actor: "server", severity: "warning" });
    expect(finding?.sentence).toMatch(
      /^10\.0\.0\.2:80 answered at least 2\d handshakes of 30 with SYN cookies$/,
    );
  });

  it("take window scale and SACK from clients without timestamps", async () => {
    expect((await told([...connections(30, COOKIES), ...bare(4)]))?.sentence).toContain(
      "4 that came without timestamps got neither window scale nor SACK",
    );
  });

  it.each<[string, Step[]]>([
    ["on few connections", connections(19, COOKIES)],
    ["where the clock is kept to", connections(40, honest)],
    ["where only options are missing, as at a server that has none", bare(40)],
    [
      "of a clock that goes on in steps of 10 ms",
      connections(40, { synAck: (ms) => ms - (ms % 10), other: (ms) => ms }),
    ],
    [
      "of a clock of ten ticks a second",
      connections(40, { synAck: (ms) => Math.floor(ms / 100), other: (ms) => Math.floor(ms / 100) }),
    ],
    ["of a clock of microseconds", connections(40, { synAck: (ms) => ms * 1000, other: (ms) => ms * 1000 })],
    [
      "of SYN-ACKs made by somebody else's clock",
      connections(40, { synAck: (ms) => (ms * 7919) | 0, other: (ms) => ms }),
    ],
    ["where the way is so long that nothing is older than its SYN", connections(40, COOKIES, 70)],
    ["of connections that are over before clocks can be told", connections(40, COOKIES, LEG, 20)],
  ])("are not told %s", async (_, steps) => {
    expect(await told(steps)).toBeUndefined();
  });

  it("are no SYN-ACKs that were held up on their way", async () => {
    // Stamped when the SYN came, captured 40 ms later.
    const held = connections(40, { synAck: (ms) => ms - 40, other: (ms) => ms }, 41);
    const [server] = (await observe(held)).summary().servers;
    expect([server!.clockedHandshakes, server!.synCookies]).toEqual([40, 0]);
  });
});
