/** What can be wrong with the input: each has its counter by name, says where it is, and the analysis goes on. */
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { textReport } from "../../src/output/text.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import { PcapngWriter } from "../capture/pcapng-writer.js";
import { CLOSE, c, HANDSHAKE, packetsOf, s } from "./conversation.js";

const STEPS = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK"), ...CLOSE];
const [PACKETS] = packetsOf(STEPS);
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Where the record of packet n, from 1, begins. */
const recordAt = (n: number) =>
  PACKETS!.slice(0, n - 1).reduce((at, { data }) => at + RECORD_HEADER + data.length, FILE_HEADER);
const SECOND = recordAt(2);

type Change = (bytes: Uint8Array) => Uint8Array | undefined;
const put =
  (at: number, ...values: number[]): Change =>
  (bytes) => {
    bytes.set(values, at);
    return undefined;
  };
const IN_SECOND = SECOND + RECORD_HEADER + 14;

/** What is done to the file; name of the counter; where the report says it is; whether the rest is read. */
const ERRORS: readonly [what: string, change: Change, name: string, place: RegExp, goesOn: boolean][] = [
  [
    "a record cut short",
    (bytes) => bytes.slice(0, recordAt(8) + 30),
    "cut-in-record",
    new RegExp(`byte ${recordAt(8)}\\b`),
    true,
  ],
  [
    "an impossible length",
    put(SECOND + 8, 0xff, 0xff, 0xff, 0x7f),
    "length-impossible",
    new RegExp(`byte ${SECOND}\\b`),
    false,
  ],
  ["captured above original", put(SECOND + 12, 20, 0, 0, 0), "captured-exceeds-original", /packet 2\b/, true],
  ["options of a bad length", put(IN_SECOND + 20 + 21, 77), "bad-option-length", /packet 2\b/, true],
  [
    "a data offset beyond the segment",
    put(IN_SECOND + 20 + 12, 0xf0),
    "bad-data-offset",
    /first: packet 2\)/,
    true,
  ],
  ["a later fragment", put(IN_SECOND + 6, 0x00, 0x05), "ip-fragment", /first: packet 2\)/, true],
  [
    "a first fragment too short",
    put(IN_SECOND + 2, 0, 28, 0, 0, 0x20, 0),
    "tiny-fragment",
    /first: packet 2\)/,
    true,
  ],
];

async function read(bytes: Uint8Array, fileNames = ["made.pcap"]) {
  const analysis = new Analysis(await openCapture(fileNames.map((name) => new MemorySource(bytes, name))), {
    ...DEFAULT_OPTIONS,
    fileNames,
  });
  await analysis.run();
  const summary = analysis.summary();
  const counters = [
    ...summary.problems.map(({ kind, count }) => [kind, count]),
    ...summary.skipped.map(({ reason, packets }) => [reason, packets]),
  ];
  const text = textReport(summary, [], { width: 200, hasColor: false, isAscii: true });
  return { summary, counters: Object.fromEntries(counters) as Record<string, number>, text };
}

describe.each(ERRORS)("%s", (_, change, name, place, goesOn) => {
  const file = (): Uint8Array => {
    const bytes = Uint8Array.from(writePcap(PACKETS!, { magic: NANOSECONDS }));
    return change(bytes) ?? bytes;
  };

  it("is counted by its name, told with its place, and what follows is read", async () => {
    const { summary, counters, text } = await read(file());
    expect(counters[name]).toBe(1);
    const line = text.split("\n").find((one) => place.test(one.replaceAll(",", "")));
    expect(line, text).toBeDefined();
    if (goesOn) expect(summary.packets).toBeGreaterThanOrEqual(STEPS.length - 1);
    expect(summary.connections).toBe(1);
  });

  it("is not told of the file as it was made", async () => {
    const { counters } = await read(Uint8Array.from(writePcap(PACKETS!, { magic: NANOSECONDS })));
    expect(counters).toEqual({});
  });

  it("names its file where there are several", async () => {
    const { text } = await read(file(), ["a.pcap", "b.pcap"]);
    const line = text.split("\n").find((one) => /a\.pcap/.test(one) && /note|PROBLEM/.test(one));
    expect(line, text).toBeDefined();
  });
});

it("packets of an unknown link type are counted, with their first and the type", async () => {
  const { counters, text } = await read(
    Uint8Array.from(writePcap(PACKETS!, { magic: NANOSECONDS, linkType: 12_345 })),
  );
  expect(counters["unknown-link-type"]).toBe(STEPS.length);
  expect(text).toMatch(/first: packet 1\)/);
  expect(text).toMatch(/12345/);
});

it("a block of an unknown type is counted, with its place", async () => {
  const writer = new PcapngWriter().section().interface(1).block(0x7777);
  for (const { seconds, data } of PACKETS!)
    writer.enhanced(0, BigInt(seconds) * 1_000_000n, Uint8Array.from(data));
  const { counters, text, summary } = await read(writer.bytes());
  expect(counters).toEqual({ "unknown-block": 1 });
  expect(text).toMatch(/block at byte 48 .*unknown type 0x7777/);
  expect(summary.problems[0]).toMatchObject({ offset: 48, firstId: null });
  expect(summary.packets).toBe(STEPS.length);
});
