/** Copies without an IP identification: made by the capture where a pair of interfaces shows them all the time. */
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { Connections } from "../../src/connection/connections.js";
import type { SystematicCopies } from "../../src/connection/systematic-copies.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { Segment, SYN } from "../../src/wire/segment.js";
import { PcapngWriter } from "../capture/pcapng-writer.js";
import {
  CLOSE,
  c,
  HANDSHAKE,
  type Options,
  packetsOf,
  type Step,
  s,
  withTimestamps,
} from "./conversation.js";

const NANOSECONDS = [{ code: 9, value: Uint8Array.of(9) }];

/** Reads the conversation from one file in which `file` of a step stands for its interface. */
async function observe(steps: readonly Step[], options: Options = {}, predictsHeaders = true) {
  const stamped = options.timestamps ? withTimestamps(steps) : steps;
  const ofInterface = packetsOf(stamped, { version: 6, ...options });
  const writer = new PcapngWriter().section();
  ofInterface.forEach(() => {
    writer.interface(1, 0, NANOSECONDS);
  });
  ofInterface
    .flatMap((packets, index) =>
      packets.map(({ seconds, fraction, data }) => ({
        index,
        ns: BigInt(seconds) * 1_000_000_000n + BigInt(fraction),
        data,
      })),
    )
    .sort((a, b) => Number(a.ns - b.ns))
    .forEach(({ index, ns, data }) => {
      writer.enhanced(index, ns, Uint8Array.from(data));
    });
  const open = () => openCapture([new MemorySource(writer.bytes(), "made.pcapng")]);
  const analysis = new Analysis(await open(), { ...DEFAULT_OPTIONS, predictsHeaders, reopen: open });
  await analysis.run();
  return analysis;
}

/** Every step and, where `isCopied` says so, its copy a moment later. */
function copied(
  steps: readonly Step[],
  isCopied: (step: Step, i: number) => boolean,
  change: Partial<Step> = {},
): Step[] {
  const all: Step[] = [];
  steps.forEach((step, i) => {
    const original = all.push(step) - 1;
    if (isCopied(step, i)) all.push({ side: step.side, flags: 0, copyOf: original, after: 0.02, ...change });
  });
  return all;
}

function exchanges(count: number): Step[] {
  return Array.from({ length: count }, () => [c("ACK", { bytes: 10 }), s("ACK", { bytes: 20 })]).flat();
}

const CONVERSATION = [...HANDSHAKE, ...exchanges(3), ...CLOSE];
/** SYN, payload, FIN of each side. */
const OF_A_SIDE = 5;
const isPureAck = (step: Step) => step.flags === 16 && step.bytes === undefined;

async function told(steps: readonly Step[], options: Options = {}) {
  const analysis = await observe(steps, options);
  const [record] = analysis.worst("all");
  const { client, server } = record!;
  const summary = analysis.summary();
  const ladder = await analysis.ladder(record!.id);
  const labels = (name: string) => ladder.rows.filter(({ label }) => label === name).length;
  // The ladder and the summary say the same as the records.
  const all = analysis.worst("all");
  const total = (name: "captureDuplicates" | "networkDuplicates") =>
    all.reduce((sum, one) => sum + one.client[name] + one.server[name], 0);
  expect(summary.captureDuplicates).toBe(total("captureDuplicates"));
  expect(summary.networkDuplicates).toBe(total("networkDuplicates"));
  expect(labels("capture-duplicate")).toBe(client.captureDuplicates + server.captureDuplicates);
  expect(labels("network-duplicate")).toBe(client.networkDuplicates + server.networkDuplicates);
  return {
    capture: [client.captureDuplicates, server.captureDuplicates],
    network: [client.networkDuplicates, server.networkDuplicates],
    record: record!,
  };
}

describe.each([{ timestamps: false }, { timestamps: true }])(
  "without an IP identification, timestamps $timestamps",
  (options) => {
    it("copies of everything on one interface are the capture's", async () => {
      const { capture, network, record } = await told(
        copied(CONVERSATION, (step) => !isPureAck(step)),
        options,
      );
      expect({ capture, network }).toEqual({ capture: [OF_A_SIDE, OF_A_SIDE], network: [0, 0] });
      expect(record).toMatchObject({ packets: CONVERSATION.length, retransmissions: 0, close: "graceful" });
    });

    it("so are copies from one interface to another, each direction a pair of its own", async () => {
      const steps = copied(
        CONVERSATION.map((step) => ({ ...step, file: step.side })),
        (step) => !isPureAck(step),
      ).map((step) => (step.copyOf === undefined ? step : { ...step, file: 1 - step.side }));
      const { capture, network } = await told(steps, options);
      expect({ capture, network }).toEqual({ capture: [OF_A_SIDE, OF_A_SIDE], network: [0, 0] });
    });

    it("a few of many are the network's", async () => {
      const steps = [...HANDSHAKE, ...exchanges(30), ...CLOSE];
      const few = [5, 14, 25, 34];
      const { capture, network } = await told(
        copied(steps, (_, i) => few.includes(i)),
        options,
      );
      expect({ capture, network }).toEqual({ capture: [0, 0], network: [2, 2] });
    });

    it("no more than two show no pattern", async () => {
      const { capture } = await told(
        copied([...HANDSHAKE, ...exchanges(1)], (step) => step.flags === 2 || step.flags === 18),
        options,
      );
      expect(capture).toEqual([0, 0]);
    });
  },
);

describe("the pattern of a pair of interfaces", () => {
  it.each([
    { name: "of another pair", from: 2 },
    { name: "of another interface on which the same originals are copied", from: 0 },
  ])("says nothing $name", async ({ from }) => {
    const other = (step: Step): Step => ({ ...step, clientPort: 50_000, file: from });
    const first = copied(CONVERSATION, (step) => !isPureAck(step), { file: 1 });
    const place = first.length + 4;
    const second = [...HANDSHAKE, ...exchanges(10), ...CLOSE].map(other);
    // New initial sequence numbers: it is no second sight of the first.
    second[0] = { ...second[0]!, isn: 77, after: 100 };
    second[1] = { ...second[1]!, isn: 88 };
    const copy: Step = { side: 1, flags: 0, copyOf: place, after: 0.02, file: 2 };
    const steps = [...first, ...second.slice(0, 5), copy, ...second.slice(5)];
    const records = (await observe(steps)).worst("all");
    expect(
      records.map(({ client, server }) => [
        client.captureDuplicates + server.captureDuplicates,
        client.networkDuplicates + server.networkDuplicates,
      ]),
    ).toEqual([
      [2 * OF_A_SIDE, 0],
      [0, 1],
    ]);
  });

  it("is decided by what comes later too", async () => {
    // Two copies in a connection that is long final when the others show the pattern.
    const early = copied(CONVERSATION, (step) => (step.flags & 2) !== 0);
    const again = CONVERSATION.map((step, i) => (i < 2 ? { ...step, isn: 77 } : step));
    const late = copied(again, (step) => !isPureAck(step)).map((step, i) => ({
      ...step,
      clientPort: 50_000,
      ...(step.copyOf === undefined ? {} : { copyOf: step.copyOf + early.length }),
      ...(i === 0 ? { after: 30_000 } : {}),
    }));
    const analysis = await observe([...early, ...late]);
    const [first] = analysis.worst("all");
    expect([first!.client.captureDuplicates, first!.server.captureDuplicates]).toEqual([1, 1]);
    expect(analysis.summary()).toMatchObject({
      captureDuplicates: 2 + 2 * OF_A_SIDE,
      networkDuplicates: 0,
    });
  });

  it("is of one lag: copies that come at any time are the network's", async () => {
    const lags = [0.002, 0.03, 0.5, 6, 0.002, 0.03, 0.5, 6];
    const steps = [...HANDSHAKE, ...exchanges(18)];
    let at = 0;
    const spread = copied(steps, (_, i) => i % 5 === 4).map((step) =>
      step.copyOf === undefined ? step : { ...step, after: lags[at++ % lags.length]! },
    );
    const { capture, network } = await told(spread, { timestamps: true });
    expect(capture).toEqual([0, 0]);
    expect(network[0]! + network[1]!).toBe(at);
  });

  it("is the same where headers are predicted and where they are not", async () => {
    const steps = copied(
      [...HANDSHAKE, ...exchanges(40), ...CLOSE],
      (step, i) => !isPureAck(step) && i % 4 < 3,
    );
    const records = async (predicts: boolean) => (await observe(steps, {}, predicts)).worst("all");
    expect(await records(true)).toEqual(await records(false));
  });
});

it("a burst that the capture copies as a whole is recognised by the sender's clock", async () => {
  const steps = [...HANDSHAKE];
  for (let turn = 0; turn < 4; turn++) {
    const first = steps.length;
    for (let i = 0; i < 3; i++) steps.push(c("ACK", { bytes: 10, after: i === 0 ? 10 : 0.01 }));
    for (let i = 0; i < 3; i++) steps.push(c("", { copyOf: first + i, after: 0.01 }));
    steps.push(s("ACK"));
  }
  const { capture, network } = await told(steps, { timestamps: true });
  expect({ capture, network }).toEqual({ capture: [12, 0], network: [0, 0] });
});

describe("what is no copy made by the capture", () => {
  it("duplicate ACKs, though they are the same byte for byte", async () => {
    const acks = [s("ACK", { ack: 11, seq: 61 }), s("ACK", { ack: 11, seq: 61, after: 0.02 })];
    const steps = [
      ...copied([...HANDSHAKE, ...exchanges(3)], (step) => !isPureAck(step)),
      c("ACK", { seq: 41, bytes: 10 }),
      ...acks.map((step) => ({ ...step, ack: 31 })),
      ...acks.map((step) => ({ ...step, ack: 31 })),
    ];
    const { record, capture, network } = await told(steps);
    expect(record.server.duplicateAcks).toBe(4);
    // SYN-ACK and three answers.
    expect([capture[1], network[1]]).toEqual([4, 0]);
  });

  it("a copy of which its receiver complains", async () => {
    const steps = copied([...HANDSHAKE, ...exchanges(2)], (step) => step.side === 0 && !isPureAck(step));
    steps.push(c("ACK", { bytes: 10 }), c("", { copyOf: steps.length, after: 0.02 }));
    const { capture } = await told(steps);
    expect(capture[0]).toBe(4);
    const complained = await told([...steps, s("ACK", { sack: [[21, 31]], ack: 31 })]);
    expect(complained.capture[0]).toBe(3);
    expect(complained.network[0]).toBe(1);
  });

  it("a burst that is sent again after a timeout, the same byte for byte", async () => {
    const steps = [...HANDSHAKE];
    for (let turn = 0; turn < 4; turn++) {
      const burst = [0, 10, 20, 30].map((at) =>
        c("ACK", { seq: 1 + turn * 40 + at, bytes: 10, after: 0.05 }),
      );
      steps.push(...burst, ...burst.map((step, i) => ({ ...step, after: i === 0 ? 1000 : 0.05 })));
      steps.push(s("ACK", { ack: 41 + turn * 40, after: 10 }));
    }
    expect((await told(steps)).capture).toEqual([0, 0]);
  });

  it("a repeat of the same bytes with a newer TSval", async () => {
    const steps = [...HANDSHAKE, c("ACK", { bytes: 10 }), c("ACK", { seq: 1, bytes: 10, after: 5 })];
    const { record, capture } = await told(steps, { timestamps: true });
    expect(record.client.retransmissions).toBe(1);
    expect(capture[0]).toBe(0);
  });
});

describe("counts of several parts of a capture", () => {
  /** So many SYNs on interface 0 and the copies of some of them. */
  function part(originals: number, copies: number): SystematicCopies {
    const connections = new Connections(4);
    const syn = Object.assign(new Segment(), { flags: SYN, length: 1, timeNs: 5e4 });
    const row = connections.create(syn, 0, false);
    connections.endpoints.lastAt[row] = 0;
    for (let i = 0; i < originals; i++) connections.copies.noteOriginal(connections, row, syn);
    for (let i = 0; i < copies; i++) connections.copies.noteCopy(connections, row, syn);
    return connections.copies;
  }

  it("are added, whichever of them saw copies", () => {
    const whole = part(4, 2);
    expect(whole.isSystematic(0)).toBe(false);
    whole.merge(part(4, 2));
    expect(whole.isSystematic(0)).toBe(true);
    whole.merge(part(100, 0));
    expect(whole.isSystematic(0)).toBe(false);
    const without = part(4, 0);
    without.merge(part(4, 4));
    expect(without.isSystematic(0)).toBe(true);
  });
});
