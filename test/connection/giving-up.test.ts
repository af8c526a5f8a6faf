/** Who stopped sending into silence, and the bounds of that moment (RFC 9293 §3.8.3): series whole, cut short, unknown. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, recordsOf, type Step, s } from "./conversation.js";

type Row = readonly [name: string, steps: readonly Step[], gaveUp: object | null];

/** The capture goes on for so many milliseconds. */
const goesOn = (after: number): Step => c("SYN", { clientPort: 40_001, isn: 5, after });
const syns = (...gaps: number[]): Step[] => [c("SYN"), ...gaps.map((after) => c("SYN", { after }))];
const LINEAR = [1000, 1000, 1000, 1000, 1000, 2000, 4000, 8000, 16_000, 32_000];
const DOUBLING = [1000, 2000, 4000, 8000, 16_000, 32_000];

// biome-ignore format: a row a line, to be read as a table
const SYNS: readonly Row[] = [
  ["Linux since 6.5, cut short", [...syns(1000, 1000, 1000), goesOn(5000)], { side: "client", what: "SYN", repeats: 3, leastMs: 3000, mostMs: 4125, timetable: "linear-then-doubling", limit: "earlier" }],
  ["timers that are late", [...syns(1005, 1024, 1024, 1024, 1024, 2016), goesOn(6000)], { repeats: 6, leastMs: 7117, mostMs: 11_617, limit: "earlier" }],
  ["older Linux, cut short", [...syns(1000, 2000), goesOn(6000)], { leastMs: 3000, mostMs: 7500, timetable: "doubling", limit: "earlier" }],
  ["one repeat fits both: the later one bounds", [...syns(1000), goesOn(3000)], { leastMs: 1000, mostMs: 3250, timetable: null, limit: "earlier" }],
  ["a single SYN", [...syns(), goesOn(4000)], { repeats: 0, leastMs: 0, mostMs: 1125, limit: "earlier" }],
  ["all of Linux since 6.5", [...syns(...LINEAR), goesOn(80_000)], { repeats: 10, leastMs: 67_000, mostMs: 139_000, timetable: "linear-then-doubling", limit: "default" }],
  ["all of older Linux", [...syns(...DOUBLING), goesOn(80_000)], { repeats: 6, leastMs: 63_000, timetable: "doubling", limit: "default" }],
  ["the client's reset takes it back", [...syns(1000, 1000), c("RST", { seq: 1, after: 500 })], { side: "client", leastMs: 2000, mostMs: 2500, limit: "earlier" }],
  ["the capture ends before the next is due", [...syns(1000, 1000, 1000), goesOn(1100)], null],
  ["a single SYN, not long enough", [...syns(), goesOn(2000)], null],
  ["all repeats made, and it may still wait", [...syns(...LINEAR), goesOn(60_000)], null],
  ["a timetable that nobody knows", [...syns(3000, 3000), goesOn(60_000)], null],
  ["a SYN that the capture lacks", [...syns(1000, 1000, 2000, 1000), goesOn(60_000)], null],
  ["more repeats than any default", [...syns(...DOUBLING, 64_000), goesOn(200_000)], null],
  ["an ICMP error made an end", [...syns(1000), s("", { copyOf: 0, icmpCode: 1 }), goesOn(60_000)], null],
];

const synAcks = (...gaps: number[]): Step[] => [
  c("SYN"),
  s("SYN ACK"),
  ...gaps.map((after) => s("SYN ACK", { after })),
];

// biome-ignore format: a row a line, to be read as a table
const SYN_ACKS: readonly Row[] = [
  ["all five repeats", [...synAcks(1000, 2000, 4000, 8000, 16_000), goesOn(40_000)], { side: "server", what: "SYN-ACK", repeats: 5, leastMs: 31_000, mostMs: 67_000, timetable: "doubling", limit: "default" }],
  ["fewer", [...synAcks(1000, 2000), goesOn(40_000)], { side: "server", repeats: 2, leastMs: 3000, mostMs: 7500, limit: "earlier" }],
  ["the capture ends first", [...synAcks(1000, 2000), goesOn(2000)], null],
  ["one SYN-ACK is no series (SYN cookies)", [...synAcks(), goesOn(40_000)], null],
  ["linear gaps are no SYN-ACKs of a kernel", [...synAcks(1000, 1000, 1000), goesOn(40_000)], null],
];

const OPEN = [...HANDSHAKE, c("ACK", { bytes: 100 }), s("ACK")];
/** 700 ms after the last exchange a request that is sent again at these gaps. */
const request = (...gaps: number[]): Step[] => [
  c("ACK", { bytes: 10, after: 700 }),
  ...gaps.map((after) => c("ACK", { seq: 101, bytes: 10, after })),
];
const probes = (...gaps: number[]): Step[] => gaps.map((after) => c("ACK", { seq: 100, after }));

// biome-ignore format: a row a line, to be read as a table
const DATA: readonly Row[] = [
  ["stopped early: the wait counts from the request", [...OPEN, ...request(234, 236, 476, 960), goesOn(60_000)], { side: "client", what: "segment", repeats: 4, leastMs: 1906, mostMs: 1906 + 2160, timetable: "doubling", limit: "earlier" }],
  ["fifteen repeats are Linux's own end", [...OPEN, ...request(...Array.from({ length: 15 }, (_, i) => Math.min(120_000, 200 * 2 ** i))), goesOn(400_000)], { repeats: 15, limit: "default" }],
  ["after its FIN eight are", [...OPEN, c("FIN ACK"), ...Array.from({ length: 8 }, (_, i) => c("FIN ACK", { seq: 101, after: 200 * 2 ** i })), goesOn(200_000)], { repeats: 8, limit: "default" }],
  ["keep-alives come at even intervals, as many as the socket likes", [...OPEN, ...probes(2000, 1000, 1000, 1000), goesOn(60_000)], { what: "probe", repeats: 4, leastMs: 3000, mostMs: 4125, timetable: null, limit: null }],
  ["the capture ends before the next is due", [...OPEN, ...request(234, 236, 476, 960), goesOn(1500)], null],
  ["an answer came", [...OPEN, ...request(234, 236, 476, 960), s("ACK", { after: 30 }), goesOn(60_000)], null],
];

describe.each([
  ["SYNs", SYNS],
  ["SYN-ACKs", SYN_ACKS],
  ["data and probes", DATA],
] as const)("%s", (_subject, rows) => {
  it.each(rows.map(([name, steps, gaveUp]) => ({ name, steps, gaveUp })))(
    "$name",
    async ({ steps, gaveUp }) => {
      const [record] = await recordsOf(steps);
      if (gaveUp === null) expect(record!.gaveUp).toBeNull();
      else expect(record!.gaveUp).toMatchObject(gaveUp);
    },
  );
});

it("says at which intervals a side repeats into silence while nobody has given up", async () => {
  const [record] = await recordsOf([...OPEN, ...request(234, 236, 476, 960)]);
  expect(record!.client).toMatchObject({
    unansweredRepeats: 4,
    unansweredGapMs: 960,
    unansweredBackoffs: 2,
  });
  expect(record!.server).toMatchObject({ unansweredGapMs: null, unansweredBackoffs: 0 });
});
