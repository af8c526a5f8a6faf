/** Two interfaces of one file: copies that the capture makes, or two capture points of the same connections. */
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { PcapngWriter } from "../capture/pcapng-writer.js";
import { CLOSE, c, HANDSHAKE, packetsOf, type Step, s } from "./conversation.js";

const NANOSECONDS = [{ code: 9, value: Uint8Array.of(9) }];
const CONVERSATION = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK", { bytes: 20 }), ...CLOSE];

/** A step that passes interface 0 and interface 1, so many milliseconds later or, from the server, earlier. */
interface Lags {
  readonly fromClient: number;
  readonly fromServer: number;
  /** What every time on interface 1 is off by. */
  readonly clock?: number;
}

/** One file of two interfaces, each of which sees every packet of the conversation. */
async function observe(steps: readonly Step[], { fromClient, fromServer, clock = 0 }: Lags) {
  const [packets] = packetsOf(steps);
  const seen = packets!.flatMap(({ seconds, fraction, data }, i) => {
    const ns = BigInt(seconds) * 1_000_000_000n + BigInt(fraction);
    const lag = BigInt(Math.round(((steps[i]!.side === 0 ? fromClient : fromServer) + clock) * 1e6));
    return [
      { index: 0, ns, data },
      { index: 1, ns: ns + lag, data },
    ];
  });
  const writer = new PcapngWriter().section().interface(1, 0, NANOSECONDS).interface(1, 0, NANOSECONDS);
  seen
    .sort((a, b) => Number(a.ns - b.ns))
    .forEach(({ index, ns, data }) => {
      writer.enhanced(index, ns, Uint8Array.from(data));
    });
  const open = () => openCapture([new MemorySource(writer.bytes(), "made.pcapng")]);
  const analysis = new Analysis(await open(), {
    ...DEFAULT_OPTIONS,
    fileNames: ["made.pcapng"],
    reopen: open,
  });
  await analysis.run();
  return { records: analysis.worst("all"), summary: analysis.summary(), analysis };
}

const withoutIds = CONVERSATION.map((step, i) => ({ ...step, id: 0, ts: [100 + i, 0] as const }));
const POINTS = /two capture points/;

describe.each([
  ["with an IP identification", CONVERSATION],
  ["without one, with timestamps", withoutIds],
])("%s, two interfaces of one file", (_, steps) => {
  it.each<[string, Lags, string]>([
    [
      "milliseconds apart, the server's packets seen at the other first",
      { fromClient: 4, fromServer: -4 },
      "4.000 ms",
    ],
    ["far apart", { fromClient: 25, fromServer: -25 }, "25.000 ms"],
    ["with clocks that differ", { fromClient: 4, fromServer: -4, clock: 700 }, "704.000 ms"],
  ])("are two capture points, %s", async (_, lags, offset) => {
    const spaced = steps.map((step) => ({ ...step, after: 60 }));
    const { records, summary, analysis } = await observe(spaced, lags);
    expect(records.map(({ packets, close, sameAs }) => [packets, close, sameAs])).toEqual([
      [8, "graceful", null],
      [8, "graceful", null],
    ]);
    for (const { client, server, synCount, durationMs } of records) {
      expect(durationMs).toBeCloseTo(7 * 60, 0);
      expect([synCount, client.reordered]).toEqual([1, 0]);
      expect([client.captureDuplicates, client.networkDuplicates]).toEqual([0, 0]);
      expect([server.captureDuplicates, server.networkDuplicates]).toEqual([0, 0]);
    }
    // The client's point has the long way to the server, the server's point the one to the client.
    expect(records[0]!.serverLegMs).toBeCloseTo(60, 6);
    expect(records[1]!.serverLegMs).toBeCloseTo(60 + lags.fromServer - lags.fromClient, 6);
    expect(summary.notes).toContain(
      `interface 1 and interface 2 show 1 of the same connections, ${offset} apart: two capture points, reported one by one.`,
    );
    for (const { id } of records) {
      const { rows } = await analysis.ladder(id);
      expect(rows.map(({ flags }) => flags)).toEqual([
        ...["SYN", "SYN ACK", "ACK", "ACK", "ACK", "FIN ACK", "FIN ACK", "ACK"],
      ]);
      expect(rows[0]!.atMs).toBe(0);
    }
  });

  it.each<[string, Lags]>([
    ["a capture of all interfaces of a router", { fromClient: 0.05, fromServer: -0.05 }],
    ["a mirror port, in a fixed order", { fromClient: 0.02, fromServer: 0.02 }],
    ["a slow mirror port, in a fixed order", { fromClient: 3, fromServer: 3 }],
  ])("show copies of one connection, made by %s", async (_, lags) => {
    const { records, summary } = await observe(steps, lags);
    expect(records).toHaveLength(1);
    const { client, server } = records[0]!;
    expect(client.captureDuplicates + client.networkDuplicates).toBeGreaterThan(0);
    expect(server.captureDuplicates + server.networkDuplicates).toBeGreaterThan(0);
    expect(records[0]).toMatchObject({ retransmissions: 0, close: "graceful" });
    expect(summary.notes.some((note) => POINTS.test(note))).toBe(false);
  });
});

it("a SYN that comes to the other interface after its repeat is no repeat here", async () => {
  const steps = [
    c("SYN", { ts: [100, 0] }),
    c("SYN", { ts: [1100, 0], after: 1000 }),
    s("SYN ACK", { ts: [9000, 1100], after: 2060 }),
    c("ACK", { ts: [3170, 9000] }),
  ];
  const { records, summary } = await observe(steps, { fromClient: 1004, fromServer: -1004 });
  expect(summary.notes.some((note) => POINTS.test(note))).toBe(true);
  // Frame 3 is the first SYN at the other interface.
  expect(records[0]).toMatchObject({ synCount: 2, legsAmbiguous: false, retryWaitMs: 1000 });
  expect(records[0]!.lossEvidence).toMatchObject([{ loss: "syn-lost", frames: [1], repeatFrames: [2] }]);
});

it("one SYN that the network copies onto another interface begins no connection there", async () => {
  const [packets] = packetsOf(CONVERSATION.map((step) => ({ ...step, after: 60 })));
  const writer = new PcapngWriter().section().interface(1, 0, NANOSECONDS).interface(1, 0, NANOSECONDS);
  packets!.forEach(({ seconds, fraction, data }, i) => {
    const ns = BigInt(seconds) * 1_000_000_000n + BigInt(fraction);
    writer.enhanced(0, ns, Uint8Array.from(data));
    if (i === 0) writer.enhanced(1, ns + 20_000_000n, Uint8Array.from(data));
  });
  const analysis = new Analysis(
    await openCapture([new MemorySource(writer.bytes(), "made.pcapng")]),
    DEFAULT_OPTIONS,
  );
  await analysis.run();
  expect(analysis.worst("all").map(({ client, outcome }) => [client.networkDuplicates, outcome])).toEqual([
    [1, "completed"],
  ]);
});
