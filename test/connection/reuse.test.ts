/** One four-tuple, several lives; several tuples that look like one; what comes late. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, HANDSHAKE, type Options, observe, recordsOf, type Step, s } from "./conversation.js";

type Row = readonly [name: string, steps: readonly Step[], expected: readonly object[], options?: Options];

const OPEN = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK")];
const CLOSED_BY_CLIENT = [...HANDSHAKE, ...CLOSE];
const CLOSED_BY_SERVER = [...HANDSHAKE, s("FIN ACK"), c("FIN ACK"), s("ACK")];
/** A second life with other ISNs. */
const again = (after: number, clientIsn = 9_000_000, serverIsn = 8_000_000): Step[] => [
  c("SYN", { isn: clientIsn, after }),
  s("SYN ACK", { isn: serverIsn }),
  c("ACK"),
];

// biome-ignore format: a row a line, to be read as a table
const NEW_ISN: readonly Row[] = [
  ["on a tuple that was reset", [...HANDSHAKE, c("RST ACK"), ...again(100)], [{ id: "1", close: "reset" }, { id: "5", previousId: "1", outcome: "completed" }]],
  ["on a refused one", [c("SYN"), s("RST ACK", { seq: -500_000 }), ...again(100)], [{ outcome: "refused" }, { outcome: "completed", previousId: "1" }]],
  ["on one that was never answered", [c("SYN"), ...again(5000)], [{ outcome: "unanswered" }, { outcome: "completed" }]],
  ["TIME_WAIT of the client, within seconds", [...CLOSED_BY_CLIENT, ...again(1100)], [{ client: { state: "CLOSED" } }, { reuse: "tw-reuse", reusedAfterMs: 1100 }]],
  ["TIME_WAIT of the server: Linux goes 65537 on", [...CLOSED_BY_SERVER, ...again(500, 9_000_000, 500_002 + 65_537)], [{ server: { state: "CLOSED" }, closedFirst: "server" }, { reuse: "server-reopen", reusedAfterMs: 500 }]],
  ["TIME_WAIT of the server, when its record is final", [...CLOSED_BY_SERVER, ...again(10_000)], [{}, { reuse: "server-reopen", reusedAfterMs: 10_000, previousId: "1" }]],
  ["TIME_WAIT of the client, when its record is final", [...CLOSED_BY_CLIENT, ...again(10_000)], [{}, { reuse: "tw-reuse", previousId: "1" }]],
  ["long after a reset: nobody was in TIME_WAIT", [...HANDSHAKE, c("RST ACK"), ...again(10_000)], [{}, { reuse: null, previousId: "1", reusedAfterMs: 10_000 }]],
  ["after 2MSL", [...CLOSED_BY_SERVER, ...again(61_000)], [{}, { previousId: "1", reuse: "after-time-wait", outcome: "completed" }]],
  ["long after it was forgotten", [...CLOSED_BY_SERVER, ...again(121_000)], [{}, { previousId: null, reuse: null, outcome: "completed" }]],
  ["open, confirmed by a SYN-ACK", [...OPEN, c("SYN", { isn: 77, after: 1000 }), s("SYN ACK", { isn: 88 }), c("ACK")], [{ id: "1", refusedSyns: 0, client: { state: "CLOSED" } }, { id: "6", startMs: 1040, connectTimeMs: 20, previousId: "1" }]],
  ["open, challenged, then its sender resets", [...OPEN, c("SYN", { isn: 77, after: 1000 }), s("ACK", { seq: 1, ack: 500_000 - 499_989 + 923 }), c("RST", { isn: 1000, seq: 11 }), c("SYN", { isn: 77, after: 900 }), s("SYN ACK", { isn: 88 }), c("ACK")], [{ id: "1", close: "reset" }, { id: "6", synCount: 2, outcome: "completed" }]],
  ["open, and it stays open", [...OPEN, c("SYN", { isn: 77 }), s("ACK", { seq: 1, ack: 934 }), c("ACK", { isn: 1000, seq: 11, bytes: 5 }), s("ACK")], [{ refusedSyns: 1, outcome: "completed", close: "open", client: { state: "ESTABLISHED", bytes: 15 } }]],
];

/** The second life without its SYN. */
const answered = (after: number, serverIsn: number): Step[] => [
  s("SYN ACK", { isn: serverIsn, after, ack: 8_999_001 }),
  c("ACK", { isn: 9_000_000, seq: 1 }),
];

// biome-ignore format: a row a line, to be read as a table
const ONLY_SYN_ACK: readonly Row[] = [
  ["after a reset", [...HANDSHAKE, c("RST ACK"), ...answered(100, 8_000_000)], [{ close: "reset", packets: 4 }, { id: "5", previousId: "1", outcome: "completed", clientGuessed: false, client: { port: 40_000 } }]],
  ["in TIME_WAIT of the server", [...CLOSED_BY_SERVER, ...answered(500, 500_002 + 65_537)], [{ server: { state: "CLOSED" }, packets: 6 }, { reuse: "server-reopen", outcome: "completed" }]],
  ["in TIME_WAIT of the client", [...CLOSED_BY_CLIENT, ...answered(500, 8_000_000)], [{ client: { state: "CLOSED" } }, { reuse: "tw-reuse" }]],
  ["when the record is final", [...CLOSED_BY_SERVER, ...answered(10_000, 500_002 + 65_537)], [{ packets: 6 }, { reuse: "server-reopen", previousId: "1", outcome: "completed" }]],
  ["the same once more is late, not new", [...CLOSED_BY_SERVER, s("SYN ACK", { seq: 0, ack: 1, after: 10_000 })], [{ packets: 6 }]],
  ["on an open connection it is none", [...OPEN, ...answered(100, 8_000_000).slice(0, 1)], [{ close: "open" }]],
];

const stamped: Options = { timestamps: true };
/** SND.NXT of both sides at the end of CLOSED_BY_…, and what Linux makes of it. */
const [CLIENT_NEXT, SERVER_NEXT, STEP] = [1002, 500_002, 65_537];
/** A second life whose client's clock stands at `tsVal`. */
const clocked = (after: number, isn: number, tsVal: number): Step[] => [
  c("SYN", { isn, after, ts: [tsVal, 0] }),
  s("SYN ACK", { isn: 8_000_000 }),
  c("ACK", { ts: [tsVal + 20, 0] }),
];

// biome-ignore format: a row a line, to be read as a table
const PROOF: readonly Row[] = [
  ["the client's ISN", [...CLOSED_BY_CLIENT, ...again(1100, CLIENT_NEXT + STEP)], [{}, { reuse: "tw-reuse", reuseProven: true }]],
  ["the client's ISN, when the record is final", [...CLOSED_BY_CLIENT, ...again(10_000, CLIENT_NEXT + STEP)], [{}, { reuse: "tw-reuse", reuseProven: true, reusedAfterMs: 10_000 }]],
  ["the server's ISN", [...CLOSED_BY_SERVER, ...again(500, 9_000_000, SERVER_NEXT + STEP)], [{}, { reuse: "server-reopen", reuseProven: true }]],
  ["the server's ISN, when the record is final", [...CLOSED_BY_SERVER, ...again(10_000, 9_000_000, SERVER_NEXT + STEP)], [{}, { reuse: "server-reopen", reuseProven: true }]],
  ["the server's ISN, without the SYN", [...CLOSED_BY_SERVER, ...answered(10_000, SERVER_NEXT + STEP)], [{}, { reuse: "server-reopen", reuseProven: true }]],
  ["though the close was not seen to lead to TIME_WAIT", [...OPEN, c("RST ACK"), ...again(10_000, 1011 + STEP)], [{ close: "reset" }, { reuse: "tw-reuse", reuseProven: true }]],
  ["longer than 2MSL as it is set", [...CLOSED_BY_CLIENT, ...again(61_000, CLIENT_NEXT + STEP)], [{}, { reuse: "tw-reuse", reuseProven: true }]],
  ["across the wrap", [...CLOSED_BY_CLIENT, ...again(10_000, -65_530 + 2 + STEP)], [{}, { reuse: "tw-reuse", reuseProven: true }], { clientIsn: -65_530 }],
  ["one more is none", [...CLOSED_BY_CLIENT, ...again(10_000, CLIENT_NEXT + STEP + 1)], [{}, { reuse: "tw-reuse", reuseProven: false }]],
  ["another ISN of the server is none", [...CLOSED_BY_SERVER, ...again(10_000)], [{}, { reuse: "server-reopen", reuseProven: false }]],
];

// biome-ignore format: a row a line, to be read as a table
const YIELDING: readonly Row[] = [
  ["a newer timestamp", [...CLOSED_BY_SERVER, ...clocked(500, 5, 20_000)], [{ server: { state: "CLOSED" } }, { reuse: "server-reopen", reuseRefused: false }], stamped],
  ["a newer timestamp, when the record is final", [...CLOSED_BY_SERVER, ...clocked(10_000, 5, 30_000)], [{}, { reuse: "server-reopen", reuseRefused: false }], stamped],
  ["an older timestamp", [...CLOSED_BY_SERVER, ...clocked(500, 9_000_000, 900)], [{ server: { state: "TIME_WAIT" } }, { reuse: null, reuseRefused: true, previousId: "1" }], stamped],
  ["an older timestamp, when the record is final", [...CLOSED_BY_SERVER, ...clocked(10_000, 9_000_000, 900)], [{}, { reuse: null, reuseRefused: true, previousId: "1" }], stamped],
  ["the same timestamp and a higher ISN, when the record is final", [...CLOSED_BY_SERVER, ...clocked(10_000, 9_000_000, 10_040)], [{}, { reuse: "server-reopen", reuseRefused: false }], stamped],
  ["the same timestamp and a lower ISN, when the record is final", [...CLOSED_BY_SERVER, ...clocked(10_000, 5, 10_040)], [{}, { reuse: null, reuseRefused: true }], stamped],
  ["no timestamps and a higher ISN, when the record is final", [...CLOSED_BY_SERVER, ...again(10_000, CLIENT_NEXT)], [{}, { reuse: "server-reopen", reuseRefused: false }]],
  ["no timestamps and a lower ISN, when the record is final", [...CLOSED_BY_SERVER, ...again(10_000, 5)], [{}, { reuse: null, reuseRefused: true }]],
  ["a lower ISN, but its ISN shows that the server took it", [...CLOSED_BY_SERVER, ...again(10_000, 5, SERVER_NEXT + STEP)], [{}, { reuse: "server-reopen", reuseRefused: false, reuseProven: true }]],
  ["the client's own TIME_WAIT asks nobody", [...CLOSED_BY_CLIENT, ...again(10_000, 5)], [{}, { reuse: "tw-reuse", reuseRefused: false }]],
  ["after 2MSL nobody is asked", [...CLOSED_BY_SERVER, ...again(61_000, 5)], [{}, { reuse: "after-time-wait", reuseRefused: false }]],
  ["refused: the old ACK comes back, the client resets, and calls again", [...CLOSED_BY_SERVER, c("SYN", { isn: 5, after: 10_000 }), s("ACK", { seq: 2, ack: 997 }), c("RST", { seq: 997 }), c("SYN", { after: 1000 }), s("SYN ACK", { isn: 8_000_000 }), c("ACK")], [{}, { reuseRefused: true, outcome: "completed", synCount: 2, close: "open", client: { missingBytes: 0 }, server: { missingBytes: 0, isn: 8_000_000, state: "ESTABLISHED" } }]],
];

// biome-ignore format: a row a line, to be read as a table
const SPLIT: readonly Row[] = [
  ["two VLANs carry the same tuple at once", [c("SYN", { vlan: 1 }), c("SYN", { vlan: 2, isn: 5000, after: 100 }), s("SYN ACK", { vlan: 1, ack: -3999 }), c("ACK", { vlan: 1, seq: -3999 }), s("SYN ACK", { vlan: 2, isn: 9000, ack: 1 }), c("ACK", { vlan: 2, seq: 1 })], [{ id: "1" }, { id: "2" }]],
  ["VLAN tags may differ by direction", [c("SYN", { vlan: 1 }), s("SYN ACK", { vlan: 2 }), c("ACK", { vlan: 1 }), ...CLOSE], [{ close: "graceful", packets: 6 }]],
  ["overlays are part of the identity", [c("SYN", { vni: 5 }), c("SYN", { vni: 6, isn: 3 }), s("SYN ACK", { vni: 6 }), c("ACK", { vni: 6 })], [{ overlay: 5, packets: 1 }, { overlay: 6, packets: 3 }]],
];

// biome-ignore format: a row a line, to be read as a table
const LATE: readonly Row[] = [
  ["a segment soon after the end still counts", [...CLOSED_BY_CLIENT, s("FIN ACK", { seq: 1, after: 300 }), c("ACK")], [{ server: { finRetransmissions: 1, state: "CLOSED" }, client: { state: "TIME_WAIT" }, packets: 8 }]],
  ["one that comes later is late", [...CLOSED_BY_CLIENT, s("ACK", { seq: 2, after: 5000 })], [{ packets: 6 }]],
];

describe.each([
  ["a SYN with another ISN", NEW_ISN],
  ["a SYN-ACK with another ISN, without its SYN", ONLY_SYN_ACK],
  ["proof by the ISN", PROOF],
  ["whether a TIME_WAIT yields", YIELDING],
  ["several at once", SPLIT],
  ["late segments", LATE],
] as const)("%s", (_subject, rows) => {
  it.each(rows.map(([name, steps, expected, options]) => ({ name, steps, expected, options })))(
    "$name",
    async ({ steps, expected, options }) => {
      const records = await recordsOf(steps, options);
      expect(records.map(({ id }) => id).length).toBe(expected.length);
      expected.forEach((one, i) => {
        expect(records[i]).toMatchObject(one);
      });
    },
  );
});

it("counts late segments of a connection that is forgotten", async () => {
  const analysis = await observe([...CLOSED_BY_CLIENT, s("ACK", { seq: 2, after: 5000 })]);
  expect(analysis.summary()).toMatchObject({ connections: 1, lateSegments: 1, segments: 7 });
});

it("takes two files as two capture points, and says how far apart they are", async () => {
  const near = [c("SYN"), s("SYN ACK"), c("ACK")];
  const steps = [
    { ...near[0]!, after: 0 },
    c("", { copyOf: 0, file: 1, after: 15 }),
    { ...near[1]!, file: 1, after: 1 },
    s("", { copyOf: 2, after: 15 }),
    { ...near[2]!, after: 1 },
    c("", { copyOf: 4, file: 1, after: 15 }),
  ];
  const analysis = await observe(steps);
  const records = analysis.worst("all");
  expect(records.map(({ id }) => id)).toEqual(["file0.pcap:1", "file1.pcap:1"]);
  expect(records.map(({ connectTimeMs }) => connectTimeMs)).toEqual([32, 32]);
  expect(records.map(({ serverLegMs }) => serverLegMs)).toEqual([31, 1]);
  expect(analysis.summary().notes.join(" ")).toContain("15.000 ms apart");
});

it("names the file of the previous connection where several files are read", async () => {
  const inSecond = (steps: readonly Step[]): Step[] => steps.map((step) => ({ ...step, file: 1 }));
  const other = c("SYN", { clientPort: 50_000 });
  const afterReset = [other, ...inSecond([...HANDSHAKE, c("RST ACK"), ...again(100)])];
  expect((await recordsOf(afterReset)).map(({ previousId }) => previousId)).toEqual([
    null,
    null,
    "file1.pcap:1",
  ]);
  // Out of memory by then: the tomb knows the file.
  const fromTomb = [other, ...inSecond([...CLOSED_BY_SERVER, ...again(10_000)])];
  expect((await recordsOf(fromTomb)).at(-1)!.previousId).toBe("file1.pcap:1");
});

it("knows a direction that is not in the capture", async () => {
  const clientOnly = [
    c("SYN"),
    c("ACK", { seq: 1, ack: 1 }),
    c("ACK", { bytes: 5, ack: 1 }),
    c("ACK", { ack: 900 }),
  ];
  const [record] = await recordsOf(clientOnly);
  expect(record).toMatchObject({ captured: "client-only", outcome: "completed", server: { packets: 0 } });
  const serverOnly = [
    s("SYN ACK", { ack: 1 }),
    s("ACK", { ack: 40 }),
    s("ACK", { bytes: 100, ack: 40 }),
    s("FIN ACK", { ack: 40 }),
  ];
  const [other] = await recordsOf(serverOnly);
  expect(other).toMatchObject({
    captured: "server-only",
    outcome: "completed",
    server: { state: "FIN_WAIT_1" },
    client: { state: "ESTABLISHED" },
  });
});

it("says nothing of an unanswered SYN where that direction is never captured", async () => {
  const steps = [
    c("SYN"),
    c("ACK", { seq: 1, ack: 1 }),
    c("ACK", { ack: 900 }),
    c("SYN", { clientPort: 40_001, isn: 5, after: 100 }),
    c("SYN", { clientPort: 40_001, after: 3000 }),
  ];
  const records = await recordsOf(steps);
  expect(records.map(({ outcome }) => outcome)).toEqual(["completed", null]);
});
