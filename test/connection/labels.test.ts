/** What each segment is called, and the bytes that are kept account of. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, labelsOf, type Options, recordsOf, type Step, s } from "./conversation.js";

type Row = readonly [name: string, steps: readonly Step[], labels: readonly string[], options?: Options];

// biome-ignore format: a row a line, to be read as a table
const LABELS: readonly Row[] = [
  ["in order", [c("ACK", { bytes: 10 }), c("ACK", { bytes: 10 }), s("ACK")], ["new", "new", ""]],
  ["a gap, filled by what was overtaken", [c("ACK", { seq: 11, bytes: 10, id: 202 }), c("ACK", { seq: 1, bytes: 10, id: 201 })], ["after-gap", "reordered"]],
  ["a gap, filled by what was sent again", [c("ACK", { seq: 11, bytes: 10, id: 202 }), s("ACK", { sack: [[11, 21]], ack: 1 }), c("ACK", { seq: 1, bytes: 10, id: 205, after: 50 })], ["after-gap", "", "retransmission"]],
  ["a gap, by TSval: overtaken", [c("ACK", { seq: 11, bytes: 10, id: 0, ts: [20_001, 1] }), c("ACK", { seq: 1, bytes: 10, id: 0, ts: [20_000, 1] })], ["after-gap", "reordered"], { timestamps: true }],
  ["a gap without IDs or timestamps, soon", [c("ACK", { seq: 11, bytes: 10, id: 0 }), c("ACK", { seq: 1, bytes: 10, id: 0, after: 1 })], ["after-gap", "reordered"]],
  ["a gap without IDs or timestamps, late", [c("ACK", { seq: 11, bytes: 10, id: 0 }), c("ACK", { seq: 1, bytes: 10, id: 0, after: 100 })], ["after-gap", "retransmission"]],
  ["below a pure ACK: sent again", [c("ACK", { seq: 11, id: 203 }), c("ACK", { seq: 1, bytes: 10, id: 204, after: 5 }), c("ACK", { seq: 11, bytes: 10, id: 205 })], ["", "retransmission", "new"]],
  ["below a pure ACK: overtaken", [c("ACK", { seq: 11, id: 203 }), c("ACK", { seq: 1, bytes: 10, id: 202, after: 5 }), c("ACK", { seq: 11, bytes: 10, id: 204 })], ["", "reordered", "new"]],
  ["below a pure ACK, by TSval: sent again", [c("ACK", { seq: 11, id: 0, ts: [20_000, 1] }), c("ACK", { seq: 1, bytes: 10, id: 0, ts: [20_005, 1], after: 5 })], ["", "retransmission"], { timestamps: true }],
  ["below a pure ACK: a FIN sent again", [c("ACK", { seq: 2, id: 203 }), c("FIN ACK", { seq: 1, id: 204, after: 5 })], ["", "retransmission"]],
  ["a pure ACK above the byte of a probe", [s("ACK", { window: 0 }), c("ACK", { seq: 1, bytes: 1, after: 300 }), s("ACK", { ack: 1, window: 0 }), c("ACK", { seq: 2 }), s("ACK", { ack: 1, window: 500 }), c("ACK", { seq: 1, bytes: 10 })], ["", "zero-window-probe", "zero-window-probe-ack", "", "", "new"]],
  ["a pure ACK with a number of elsewhere", [c("ACK", { seq: 500_000_000 }), c("ACK", { seq: 1, bytes: 10 })], ["", "new"]],
  ["a number missing after a silence", [c("ACK", { bytes: 10 }), s("ACK", { bytes: 10, id: 7002 }), c("ACK"), s("ACK", { bytes: 10, id: 7003, after: 300 }), c("ACK"), s("ACK", { bytes: 10, id: 7005, after: 300 })], ["new", "new", "", "new", "", "retransmission"]],
  ["numbers that a packet of two segments used", [c("ACK", { bytes: 10 }), s("ACK", { bytes: 2920, id: 7002 }), c("ACK"), s("ACK", { bytes: 2920, id: 7004, after: 300 }), c("ACK"), s("ACK", { bytes: 10, id: 7006, after: 300 })], ["new", "new", "", "new", "", "new"]],
  ["a number missing behind a packet of two segments", [c("ACK", { bytes: 10 }), s("ACK", { bytes: 2920, id: 7002 }), c("ACK"), s("ACK", { bytes: 2920, id: 7004, after: 300 }), c("ACK"), s("ACK", { bytes: 10, id: 7007, after: 300 })], ["new", "new", "", "new", "", "retransmission"]],
  ["sent again", [c("ACK", { bytes: 10 }), c("ACK", { seq: 1, bytes: 10, after: 300 })], ["new", "retransmission"]],
  ["sent again with new bytes behind", [c("ACK", { bytes: 10 }), c("ACK", { seq: 1, bytes: 20, after: 300 })], ["new", "retransmission"]],
  ["a copy made by the capture", [c("ACK", { bytes: 10 }), c("", { copyOf: 3, after: 0.1, ttl: 63 })], ["new", "capture-duplicate"]],
  ["a copy made by the network", [c("ACK", { bytes: 10 }), c("", { copyOf: 3, after: 30 })], ["new", "network-duplicate"]],
  ["a copy that its receiver complains of was made by the network", [c("ACK", { bytes: 10 }), c("", { copyOf: 3, after: 2 }), s("ACK", { sack: [[1, 11]] })], ["new", "network-duplicate", ""]],
  ["a pure ACK that was overtaken", [c("ACK", { bytes: 20 }), s("ACK", { id: 7010 }), s("ACK", { ack: 11, id: 7009 })], ["new", "", "reordered"]],
  ["a copy of a pure ACK, by a host with one IP ID for all", [c("ACK", { bytes: 10 }), s("ACK", { id: 7 }), c("ACK", { bytes: 10 }), s("ACK", { id: 7 }), s("", { copyOf: 4, after: 30 })], ["new", "", "new", "", "network-duplicate"], { timestamps: true }],
  ["a pure ACK that was overtaken, by a host with one IP ID for all", [c("ACK", { bytes: 10 }), c("ACK", { bytes: 10 }), c("ACK", { bytes: 10 }), s("ACK", { id: 7, ack: 21 }), s("ACK", { id: 7, ack: 31 }), s("ACK", { id: 7, ack: 11, ts: [1, 1] })], ["new", "new", "new", "", "", "reordered"], { timestamps: true }],
  ["a copy of a pure ACK, by a host with random IP IDs", [c("ACK", { bytes: 10 }), s("ACK", { id: 41007 }), c("ACK", { bytes: 10 }), s("ACK", { id: 217 }), c("ACK", { bytes: 10 }), s("ACK", { id: 9000 }), s("", { copyOf: 8, after: 30 })], ["new", "", "new", "", "new", "", "network-duplicate"]],
  ["the same ACK twice, by a host with one IP ID for all", [c("ACK", { bytes: 10 }), s("ACK", { id: 7 }), c("ACK", { bytes: 10 }), s("ACK", { id: 7 }), s("", { copyOf: 6, after: 30 })], ["new", "", "new", "", ""], { timestamps: true }],
  ["keep-alive, empty", [c("ACK", { bytes: 10 }), s("ACK"), c("ACK", { seq: 10, after: 1000 }), s("ACK")], ["new", "", "keep-alive", "keep-alive-ack"]],
  ["keep-alive with one byte", [c("ACK", { bytes: 10 }), s("ACK"), c("ACK", { seq: 10, bytes: 1, after: 1000 }), s("ACK", { ack: 11 })], ["new", "", "keep-alive", "keep-alive-ack"]],
  ["a keystroke sent again is no keep-alive", [c("ACK", { bytes: 1 }), s("ACK", { ack: 1 }), c("ACK", { seq: 1, bytes: 1, after: 300 })], ["new", "", "retransmission"]],
  ["zero-window probes", [c("ACK", { bytes: 10 }), s("ACK", { window: 0 }), c("ACK", { seq: 10, after: 300 }), s("ACK", { window: 0 }), c("ACK", { seq: 10, after: 600 }), s("ACK", { window: 500 })], ["new", "", "zero-window-probe", "zero-window-probe-ack", "zero-window-probe", "zero-window-probe-ack"]],
  ["garbage far away", [c("ACK", { bytes: 10 }), c("ACK", { seq: 1_500_000_000, bytes: 10 }), c("ACK", { seq: 11, bytes: 10 })], ["new", "out-of-window", "new"]],
  ["a FIN again", [c("FIN ACK"), c("FIN ACK", { seq: 1, after: 300 })], ["new", "retransmission"]],
  ["a hole across the wrap", [c("ACK", { seq: 11, bytes: 10, id: 202 }), c("ACK", { seq: 1, bytes: 10, id: 201 }), c("ACK", { seq: 21, bytes: 5, id: 203 })], ["after-gap", "reordered", "new"], { clientIsn: -8 }],
];

describe("SYNs", () => {
  const syn = (ts: number, id: number, after: number) => c("SYN", { seq: 0, ts: [ts, 0], id, after });

  it.each([
    ["the first after the second", [syn(2000, 102, 0), syn(1000, 101, 200)], "reordered"],
    ["a repeat", [syn(1000, 101, 0), syn(2000, 102, 1000)], "retransmission"],
    ["a copy", [syn(1000, 101, 0), c("", { copyOf: 0, after: 30 })], "network-duplicate"],
  ] as const)("with a clock: %s", async (_, steps, label) => {
    expect((await labelsOf(steps)).at(-1)).toBe(label);
  });
});

describe("labels", () => {
  it.each(LABELS.map(([name, steps, labels, options]) => ({ name, steps, labels, options })))(
    "$name",
    async ({ steps, labels, options }) => {
      const all = await labelsOf([...HANDSHAKE, ...steps], options);
      expect(all.slice(HANDSHAKE.length)).toEqual(labels);
    },
  );
});

describe("counts", () => {
  it("leaves copies out of everything but their own counters", async () => {
    const steps = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK")];
    const doubled = steps.flatMap((step, i) => [
      { ...step, after: 10 },
      { ...c("", { copyOf: i * 2, after: 0.05, ttl: 63 }), side: step.side },
    ]);
    const [plain] = await recordsOf(steps);
    const [copied] = await recordsOf(doubled);
    expect(copied!.client.captureDuplicates + copied!.server.captureDuplicates).toBe(steps.length);
    expect(copied).toMatchObject({
      packets: plain!.packets,
      bytes: plain!.bytes,
      retransmissions: 0,
      synCount: 1,
      outcome: "completed",
    });
  });

  it("counts the bytes that were acknowledged and never captured", async () => {
    const [record] = await recordsOf([
      ...HANDSHAKE,
      c("ACK", { seq: 101, bytes: 10 }),
      s("ACK", { ack: 111 }),
      s("ACK", { ack: 211 }),
    ]);
    expect(record!.client).toMatchObject({ bytes: 10, missingBytes: 200 });
  });

  it("keeps a bound on holes and goes on", async () => {
    const steps: Step[] = [...HANDSHAKE];
    for (let i = 0; i < 200; i++) steps.push(c("ACK", { seq: 11 + i * 20, bytes: 10, after: 0.01 }));
    for (let i = 0; i < 200; i++) steps.push(c("ACK", { seq: 1 + i * 20, bytes: 10, after: 0.01 }));
    const [record] = await recordsOf(steps);
    expect(record!.client.bytes).toBe(4000);
    expect(record!.client.packets).toBe(402);
  });

  it("tells duplicate ACKs from window updates, keep-alives and DSACKs", async () => {
    const data = [c("ACK", { bytes: 100 }), c("ACK", { bytes: 100 }), c("ACK", { bytes: 100 })];
    const count = async (...steps: Step[]) =>
      (await recordsOf([...HANDSHAKE, ...data, s("ACK", { ack: 101 }), ...steps]))[0]!.server.duplicateAcks;
    expect(await count(s("ACK", { ack: 101 }), s("ACK", { ack: 101 }))).toBe(2);
    expect(await count(s("ACK", { ack: 101, window: 2000 }))).toBe(0);
    expect(await count(s("ACK", { ack: 101, sack: [[201, 301]] }))).toBe(1);
    expect(await count(s("ACK", { ack: 101, sack: [[1, 101]] }))).toBe(0);
    expect(
      await count(
        s("ACK", {
          ack: 101,
          sack: [
            [201, 251],
            [201, 301],
          ],
        }),
      ),
    ).toBe(0);
  });

  it("scales windows only where both offered it", async () => {
    const [record] = await recordsOf([
      c("SYN", { windowScale: 7 }),
      s("SYN ACK", { windowScale: 3 }),
      c("ACK"),
    ]);
    expect(record).toMatchObject({
      client: { offered: { windowScale: 7 } },
      server: { offered: { windowScale: 3 } },
    });
  });

  it("counts how often a window closed", async () => {
    const [record] = await recordsOf([
      ...HANDSHAKE,
      c("ACK", { bytes: 9 }),
      s("ACK", { window: 0 }),
      s("ACK", { window: 0 }),
      s("ACK", { window: 5 }),
      s("ACK", { window: 0 }),
    ]);
    expect(record!.server.zeroWindows).toBe(2);
  });
});
