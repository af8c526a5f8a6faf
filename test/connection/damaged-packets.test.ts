/** Packets that are not whole or not right: named where they are, and not held against their connections. */
import { expect, it } from "vitest";
import { c, HANDSHAKE, observePackets, packetsOf, recordsOf, type Step, s } from "./conversation.js";

/** Ethernet and IPv4 headers in front of TCP's. */
const IP = 14;
const TCP = IP + 20;

async function observeChanged(steps: readonly Step[], change: (packets: Uint8Array[]) => void) {
  const [packets] = packetsOf(steps);
  change(packets!.map(({ data }) => data));
  return observePackets([packets!]);
}

/** The second packet of data leaves 400 bytes out. */
const GAP = [...HANDSHAKE, c("ACK", { bytes: 100 }), c("ACK", { seq: 501, bytes: 100 }), s("ACK")];

it("holds no bytes in later fragments against the connection", async () => {
  const whole = await observeChanged(GAP, () => {});
  expect(whole.worst("all")[0]!.client.missingBytes).toBe(400);
  const fragmented = await observeChanged(GAP, (packets) => {
    packets[3]![IP + 6] = 0x20;
  });
  expect(fragmented.worst("all")[0]).toMatchObject({
    hasFragments: true,
    client: { missingBytes: 0, bytes: 200 },
  });
  expect(whole.worst("all")[0]!.hasFragments).toBe(false);
});

it("names the first segment with options of impossible length", async () => {
  const steps = [...HANDSHAKE, ...HANDSHAKE.map((step) => ({ ...step, clientPort: 40_001 }))];
  const analysis = await observeChanged(steps, (packets) => {
    packets[1]![TCP + 21] = 77;
    packets[4]![TCP + 21] = 77;
  });
  expect(analysis.summary().problems).toEqual([
    {
      kind: "bad-option-length",
      sentence: "packet 2 has TCP options of impossible length: what stands before them was read",
      count: 2,
      isFatal: false,
      offset: null,
      firstId: "2",
    },
  ]);
});

it("names the first packet of each kind that is not read", async () => {
  const analysis = await observeChanged(GAP, (packets) => {
    for (const at of [1, 3]) packets[at]![TCP + 12] = 0x10;
  });
  expect(analysis.summary().skipped).toMatchObject([{ packets: 2, isDefect: true, firstId: "2" }]);
});

it("tells no time that is negative where the clock runs backwards", async () => {
  const records = await recordsOf([
    ...HANDSHAKE,
    c("RST ACK"),
    c("SYN", { isn: 9_000_000, after: -500 }),
    c("SYN", { after: -100 }),
  ]);
  const again = records.find(({ id }) => id === "5");
  expect(again).toMatchObject({ durationMs: 0, reusedAfterMs: null, previousId: "1" });
});
