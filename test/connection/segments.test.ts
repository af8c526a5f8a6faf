/** Packets that hold several segments, as hosts with segmentation offload are captured. */
import { describe, expect, it } from "vitest";
import { connectionReport } from "../../src/output/connection-text.js";
import { c, HANDSHAKE, type Options, observe, recordsOf, type Step, s } from "./conversation.js";

/** The MSS of every SYN here is 1460. */
const request = [c("ACK", { bytes: 100 }), s("ACK")];
const response = (bytes: number): Step[] => [...HANDSHAKE, ...request, s("ACK", { bytes }), c("ACK")];

// biome-ignore format: a row a line, to be read as a table
const ROWS: readonly (readonly [name: string, steps: readonly Step[], packets: number, segments: number | null, options?: Options])[] = [
  ["one that fits", response(1460), 3, 3],
  ["one byte more", response(1461), 3, 4],
  ["ten segments in one packet", response(14_600), 3, 12],
  ["timestamps leave 12 bytes less", response(14_600), 3, 13, { timestamps: true }],
  ["ten of 1448 bytes", response(14_480), 3, 12, { timestamps: true }],
  ["sent again, they count again", [...response(4000), s("ACK", { seq: 1, bytes: 4000, after: 300 })], 4, 8],
  ["without a handshake nobody knows", [c("ACK", { seq: 1, ack: 1, bytes: 10 }), s("ACK", { seq: 1, bytes: 9000 })], 1, null],
  ["without the SYN neither", response(9000).slice(1), 3, null],
];

const cases = ROWS.map(([name, steps, packets, segments, options]) => ({
  name,
  steps,
  packets,
  segments,
  options,
}));

it.each(cases)("$name", async ({ steps, packets, segments, options }) => {
  const [record] = await recordsOf(steps, options);
  expect(record!.server).toMatchObject({ packets, segments });
});

describe("the report of one connection", () => {
  const medium = { width: 80, isAscii: true, color: false } as never;
  const textOf = async (steps: readonly Step[]) =>
    connectionReport(await (await observe(steps)).ladder("1"), medium);

  it("lists segments only where they are more than packets", async () => {
    expect(await textOf(response(14_600))).toMatch(/^segments +4 +12$/m);
    expect(await textOf(response(1460))).not.toMatch(/^segments/m);
  });
});
