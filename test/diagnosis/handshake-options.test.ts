/** Options that one client never gets, on made-up handshakes of several clients, and what looks like it. */
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/report/finding.js";
import {
  CLOSE,
  c,
  type Fields,
  observePackets,
  packetsOf,
  type Step,
  s,
} from "../connection/conversation.js";

const ALL: Fields = { windowScale: 7, sackPermitted: true, ts: [1, 1] };
const NO_TIMESTAMPS: Fields = { windowScale: 7, sackPermitted: true };

/** One connection of the client with that last byte of its address. */
interface Made {
  readonly client: number;
  readonly steps: readonly Step[];
}

/** So many handshakes of a client: what it offers, what it is granted. */
function handshakes(client: number, n: number, offered: Fields, granted: Fields): Made[] {
  return Array.from({ length: n }, () => ({
    client,
    steps: [
      c("SYN", offered),
      s("SYN ACK", granted),
      c("ACK"),
      c("PSH ACK", { bytes: 40 }),
      s("PSH ACK", { bytes: 100 }),
      ...CLOSE,
    ],
  }));
}

/** Where the addresses of client and server end in an Ethernet frame of IPv4. */
const [SOURCE_END, DESTINATION_END] = [14 + 15, 14 + 19];

async function told(made: readonly Made[]): Promise<Finding | undefined> {
  const steps = made.flatMap(({ steps }, i) =>
    steps.map((step, at) => ({
      ...step,
      clientPort: 20_000 + i,
      ...(at < 2 && { isn: 1_000_000 * (i + 1) }),
    })),
  );
  const clients = made.flatMap(({ client, steps }) => steps.map(() => client));
  const [packets] = packetsOf(steps);
  packets!.forEach(({ data }, i) => {
    data[steps[i]!.side === 0 ? SOURCE_END : DESTINATION_END] = clients[i]!;
  });
  const { findings } = (await observePackets([packets!])).summary();
  return findings.find(({ id }) => id === "handshake-options-stripped");
}

const OTHERS = [11, 12, 13].flatMap((client) => handshakes(client, 1, ALL, ALL));

describe("options that one client never gets", () => {
  it("are named, with the client and its first connection", async () => {
    const finding = await told([...OTHERS, ...handshakes(20, 3, ALL, { windowScale: 7 })]);
    expect(finding).toMatchObject({ where: "10.0.0.2:80", actor: "middlebox", connections: 3 });
    expect(finding?.sentence).toBe(
      "10.0.0.2:80 grants other clients what is lost on the way of 10.0.0.20 (SACK and timestamps, in 3 handshakes)",
    );
    expect(finding?.examples).toEqual([{ connection: "25", frames: [25], lostMs: null }]);
  });

  it("are told without timestamps too, where others of them are granted", async () => {
    const finding = await told([...OTHERS, ...handshakes(20, 3, NO_TIMESTAMPS, { sackPermitted: true })]);
    expect(finding?.sentence).toContain("10.0.0.20 (window scale, in 3 handshakes)");
  });

  it.each<[string, Made[]]>([
    ["in two handshakes", [...OTHERS, ...handshakes(20, 2, ALL, {})]],
    ["where two others have them", [...OTHERS.slice(1), ...handshakes(20, 3, ALL, {})]],
    [
      "where one client has them again and again",
      [...handshakes(11, 5, ALL, ALL), ...handshakes(20, 3, ALL, {})],
    ],
    ["where nobody does", [11, 12, 13, 20].flatMap((client) => handshakes(client, 3, ALL, {}))],
    [
      "where it has them now and then",
      [...OTHERS, ...handshakes(20, 3, ALL, {}), ...handshakes(20, 1, ALL, ALL)],
    ],
    ["where it never asks", [...OTHERS, ...handshakes(20, 3, {}, {})]],
    [
      "of SYN cookies, which have no room without timestamps",
      [...OTHERS, ...handshakes(20, 4, NO_TIMESTAMPS, {})],
    ],
    [
      "that it left out itself when it repeated its SYN",
      [
        ...OTHERS,
        ...handshakes(20, 4, ALL, {}).map(({ client, steps: [syn, ...rest] }) => ({
          client,
          steps: [syn!, c("SYN", { after: 1000 }), ...rest],
        })),
      ],
    ],
  ])("are not told %s", async (_, made) => {
    expect(await told(made)).toBeUndefined();
  });
});
