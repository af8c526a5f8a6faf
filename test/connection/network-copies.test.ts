/** Copies that look like the capture's, and that their receiver reports as received twice (RFC 2883). */
import { expect, it } from "vitest";
import { c, HANDSHAKE, observe, type Step, s } from "./conversation.js";

/** Bytes 1 to 10 and, at once, their copy; then bytes 11 to 20. */
const COPIED: readonly Step[] = [
  ...HANDSHAKE,
  c("ACK", { bytes: 10 }),
  c("", { copyOf: 3, after: 0.02 }),
  c("ACK", { bytes: 10 }),
];
const repeat = (seq: number): Step => c("ACK", { seq, bytes: 10, after: 500 });

it.each<[string, readonly Step[], capture: number, network: number]>([
  ["nothing is reported", [s("ACK", { ack: 21 })], 1, 0],
  ["its bytes are reported twice", [s("ACK", { ack: 21, sack: [[1, 11]] })], 0, 1],
  [
    "they are reported below a hole",
    [
      c("ACK", { seq: 31, bytes: 10 }),
      s("ACK", {
        ack: 1,
        sack: [
          [1, 11],
          [1, 21],
        ],
      }),
    ],
    0,
    1,
  ],
  ["other bytes were sent again before", [repeat(11), s("ACK", { ack: 21, sack: [[1, 11]] })], 0, 1],
  ["other bytes are reported twice", [s("ACK", { ack: 21, sack: [[11, 21]] })], 1, 0],
  [
    "its bytes were sent again, and the report is of the repeat",
    [repeat(1), s("ACK", { ack: 21, sack: [[1, 11]] })],
    1,
    0,
  ],
  [
    "a hole above it is reported",
    [c("ACK", { seq: 31, bytes: 10 }), s("ACK", { ack: 21, sack: [[31, 41]] })],
    1,
    0,
  ],
  [
    "it is reported twice",
    [s("ACK", { ack: 21, sack: [[1, 11]] }), s("ACK", { ack: 21, sack: [[1, 11]] })],
    0,
    1,
  ],
])("where %s", async (_, rest, capture, network) => {
  const analysis = await observe([...COPIED, ...rest]);
  const [record] = analysis.worst("all");
  expect([record!.client.captureDuplicates, record!.client.networkDuplicates]).toEqual([capture, network]);
  expect(analysis.summary()).toMatchObject({ captureDuplicates: capture, networkDuplicates: network });
  const { rows } = await analysis.ladder(record!.id);
  expect(rows[4]!.label).toBe(capture === 1 ? "capture-duplicate" : "network-duplicate");
});

it("names the copy that was reported, not the newest", async () => {
  const steps = [...COPIED, c("", { copyOf: 5, after: 0.02 }), s("ACK", { ack: 21, sack: [[1, 11]] })];
  const analysis = await observe(steps);
  const { rows, record } = await analysis.ladder("1");
  expect(rows.map(({ label }) => label).slice(3, 7)).toEqual([
    "new",
    "network-duplicate",
    "new",
    "capture-duplicate",
  ]);
  expect([record.client.captureDuplicates, record.client.networkDuplicates]).toEqual([1, 1]);
});
