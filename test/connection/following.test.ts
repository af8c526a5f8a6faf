/**
 * A connection is followed as two senders from its first disturbance on, or from where more is on the way than its last
 * packets tell: what is said of its segments is the same as if it had been followed from its first packet.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import { connectionOf } from "../../src/connection/columns.js";
import { DEFAULT_MSL_NS } from "../../src/connection/sink.js";
import { Tracker } from "../../src/connection/tracker.js";
import { beginFollowing } from "../../src/connection/undisturbed.js";
import { CAUSES, LABELS } from "../../src/report/labels.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { decode, SEGMENT } from "../../src/wire/decode.js";
import { Segment } from "../../src/wire/segment.js";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import { c, packetsOf, type Step, s, withTimestamps } from "./conversation.js";
import { isn, tangled } from "./random-conversation.js";

interface Ways {
  /** Every connection is followed from its first packet on. */
  followsAtOnce?: boolean;
  predictsHeaders?: boolean;
  /** Looks at the tracker after each segment. */
  eachSegment?: (tracker: Tracker) => void;
  clientIsn?: number;
  serverIsn?: number;
}

/** What is said of each segment, and what came to light of earlier ones, in a few words. */
async function told(steps: readonly Step[], ways: Ways = {}): Promise<string[]> {
  const tracker = new Tracker(
    { count: () => {}, repeat: () => {}, handshake: () => {}, wants: () => true, finish: () => {} },
    { mslNs: DEFAULT_MSL_NS, predictsHeaders: ways.predictsHeaders ?? true },
  );
  const { connections } = tracker;
  const words: string[] = [];
  connections.revisions = {
    spurious: (_, frame) => words.push(`${frame} needless`),
    revealed: (_, frame, cause) => words.push(`${frame} ${CAUSES[cause]!.name}`),
  };
  const capture = await openCapture([
    new MemorySource(writePcap(packetsOf(steps, ways)[0]!, { magic: NANOSECONDS }), "file"),
  ]);
  const segment = new Segment();
  while (await capture.fill()) {
    while (capture.next()) {
      if (decode(capture, segment) !== SEGMENT) continue;
      tracker.observe(segment);
      words.push(`${segment.number} ${LABELS[tracker.label]!.name} ${CAUSES[tracker.cause]!.name}`.trim());
      ways.eachSegment?.(tracker);
      if (ways.followsAtOnce && tracker.row >= 0) beginFollowing(connections, connectionOf(tracker.row));
    }
  }
  await capture.close();
  return words;
}

/** How senders are told apart from one another: by what they put into their headers. */
const KINDS: readonly (readonly [name: string, change: (steps: readonly Step[]) => readonly Step[]])[] = [
  ["count their packets", (steps) => steps],
  ["count their packets, with timestamps", withTimestamps],
  ["leave the IP identification at 0", (steps) => steps.map((step) => ({ ...step, id: 0 }))],
  ["have nothing but timestamps", (steps) => withTimestamps(steps.map((step) => ({ ...step, id: 0 })))],
  ["keep one identification", (steps) => steps.map((step) => ({ ...step, id: 4711 }))],
  ["roll dice", (steps) => steps.map((step, i) => ({ ...step, id: (i * 40_503 + 7) & 0xffff }))],
];

describe("made-up conversations of senders that", () => {
  it.each(KINDS)("%s are told alike however long they are followed", async (_, change) => {
    await fc.assert(
      fc.asyncProperty(tangled, isn, isn, async (steps, clientIsn, serverIsn) => {
        const changed = change(steps);
        const late = await told(changed, { clientIsn, serverIsn });
        expect(await told(changed, { clientIsn, serverIsn, followsAtOnce: true })).toEqual(late);
        expect(await told(changed, { clientIsn, serverIsn, predictsHeaders: false })).toEqual(late);
        expect(await told(changed)).toEqual(late);
      }),
      { numRuns: 40 },
    );
  });
});

const WITH_SACK: readonly Step[] = [
  c("SYN", { sackPermitted: true }),
  s("SYN ACK", { sackPermitted: true }),
  c("ACK"),
];
const data = (id: number, more: Parameters<typeof c>[1] = {}) => c("ACK", { bytes: 100, id, ...more });

describe("a followed sender's next bytes are told alike with and without header prediction", () => {
  it.each<readonly [name: string, steps: readonly Step[], last: string]>([
    [
      "after a packet of two segments, the first that was so large",
      [
        ...WITH_SACK,
        ...[data(103, { after: 1 }), data(104, { seq: 1, after: 240 }), s("ACK")],
        ...[data(105, { bytes: 2920 }), s("ACK"), data(108, { after: 260 })],
      ],
      "retransmission tail-loss-probe",
    ],
    [
      "after a packet that was held up: its sender was silent for longer than the capture",
      withTimestamps([
        ...WITH_SACK,
        ...[
          data(103),
          s("ACK"),
          data(104),
          data(105),
          data(106, { seq: 101, after: 260 }),
          s("ACK"),
          data(107),
          s("ACK"),
        ],
        ...[data(108, { after: 160 }), s("ACK", { after: 1 }), data(110, { after: 150 })],
      ]).map((step) => (step.id === 108 ? { ...step, ts: [step.ts![0] - 100, step.ts![1]] as const } : step)),
      "retransmission tail-loss-probe",
    ],
  ])("%s", async (_, steps, last) => {
    const general = await told(steps, { predictsHeaders: false });
    expect(general.at(-1)).toBe(`${steps.length} ${last}`);
    expect(await told(steps)).toEqual(general);
  });
});

describe("a lonely repeat, for which nobody is followed any longer, is told as if its sender were", () => {
  const opening = [...WITH_SACK, data(103), s("ACK"), data(104), s("ACK"), data(105)];
  const repeat = data(106, { seq: 201, after: 240 });
  const tlp = "9 retransmission tail-loss-probe";
  const stamped = withTimestamps([...opening, repeat]);
  /** The client's clock when it sent the original, and when it sent it again. */
  const [first, again] = [stamped[7]!.ts![0], stamped[8]!.ts![0]];
  const echo = (tsEcr: number, more: Parameters<typeof s>[1] = {}) =>
    s("ACK", { after: 20, ts: [90_400, tsEcr], ...more });
  const dsack = { sack: [[201, 301]] as const };
  const next = (id: number, more: Parameters<typeof c>[1] = {}) =>
    data(id, { ts: [again + 40, 90_400], after: 20, ...more });
  it.each<readonly [name: string, after: readonly Step[], words: readonly string[]]>([
    ["answered", [echo(again), next(107), echo(again + 40)], [tlp, "10", "11 new", "12"]],
    ["needless, by the echo of the original", [echo(first)], [tlp, "9 needless", "10"]],
    [
      "needless, by a duplicate SACK",
      [echo(again), next(107), echo(again + 40, dsack)],
      [tlp, "10", "11 new", "9 needless", "12"],
    ],
    [
      "sent again and again",
      [data(107, { seq: 201, after: 500, ts: [again + 500, 90_000] }), echo(again + 500)],
      [tlp, "10 retransmission rto", "11"],
    ],
    [
      "followed by new bytes before it is answered",
      [next(107, { ts: [again + 20, 90_000] }), echo(again + 20)],
      [tlp, "10 new", "11"],
    ],
    [
      "and a copy of it",
      [data(106, { seq: 201, after: 30, ts: [again, stamped[8]!.ts![1]] }), echo(again)],
      [tlp, "10 network-duplicate", "11"],
    ],
  ])("%s", async (_, rest, words) => {
    const steps = [...stamped, ...rest];
    const late = await told(steps);
    expect(late.slice(-words.length)).toEqual(words);
    expect(late).toEqual(await told(steps, { followsAtOnce: true }));
    expect(late).toEqual(await told(steps, { predictsHeaders: false }));
  });
});

it("a side that sent nothing lately is not taken for silent since the capture began", async () => {
  const opening = [
    ...WITH_SACK,
    data(103),
    s("ACK"),
    data(104),
    s("ACK"),
    data(105),
    s("ACK", { after: 120 }),
  ];
  const answer = [0, 1, 2, 3].map(() => s("ACK", { bytes: 100, after: 1 }));
  const steps = [
    ...opening,
    data(106, { after: 10 }),
    ...answer,
    s("ACK", { bytes: 100 }),
    data(113, { after: 10 }),
  ];
  expect(await told(steps)).toEqual(await told(steps, { followsAtOnce: true }));
  expect((await told(steps)).at(-1)).toBe(`${steps.length} new`);
});

describe("hosts whose packet numbers tell nothing", () => {
  it.each([500_000, -500_000])("a first number by chance, server's ISN %i", async (serverIsn) => {
    const steps = [c("SYN", { id: 100 }), s("SYN ACK"), c("ACK", { id: 4000 }), data(3990)];
    expect((await told(steps, { serverIsn })).at(-1)).toBe("4 new");
  });

  it.each([
    ["other numbers within one tick of the clock: sent again", 60_001, 30_007, "retransmission"],
    ["the same number: a copy", 60_001, 60_001, "network-duplicate"],
    ["no numbers: a copy, as far as anybody can tell", 0, 0, "network-duplicate"],
  ])("%s", async (_, first, second, label) => {
    const opening = [c("SYN", { id: 9000 }), s("SYN ACK"), c("ACK", { id: 40_000 }), data(50_000), s("ACK")];
    const tick = { ts: [77, 5] as const };
    const twice = [data(first, tick), data(second, { seq: 101, after: 30, ...tick })];
    const steps = [...opening, ...twice].map((step) => ({ ...step, ts: step.ts ?? ([70, 5] as const) }));
    expect((await told(steps)).at(-1)!.startsWith(`7 ${label}`)).toBe(true);
  });

  it("numbers by chance, or always the same: nothing was overtaken, nothing sent again", async () => {
    for (const id of [(i: number) => (i * 40_503 + 7) & 0xffff, () => 4711, (i: number) => i * 300]) {
      const flights = Array.from({ length: 6 }, () => [
        ...[
          c("ACK", { bytes: 100, after: 300 }),
          c("ACK", { bytes: 100, after: 1 }),
          s("ACK", { after: 20 }),
        ],
        ...[s("ACK", { bytes: 500, after: 1 }), s("ACK", { bytes: 500, after: 1 }), c("ACK")],
      ]).flat();
      for (const stamped of [flights, withTimestamps([...WITH_SACK, ...flights]).slice(3)]) {
        const steps = [...WITH_SACK, ...stamped].map((step, i) => ({ ...step, id: id(i + 3) }));
        const words = await told(stamped === flights ? steps : withTimestamps(steps));
        expect(words.filter((word) => !/^\d+( new)?$/.test(word))).toEqual([]);
      }
    }
  });

  it("a lower acknowledgment was overtaken, unless the clock says that it was sent later", async () => {
    const flight = [...WITH_SACK, ...[1, 2].flatMap(() => [s("ACK", { bytes: 100 }), c("ACK")])];
    const steps = [...flight, c("ACK", { ack: 101 })].map((step) => ({ ...step, id: 0 }));
    const stamped = withTimestamps(steps);
    expect((await told(steps)).at(-1)).toBe("8 reordered");
    expect((await told(stamped)).at(-1)).toBe("8");
    const overtaken = stamped.map((step, i) => (i === 7 ? { ...step, ts: [10_055, 90_000] as const } : step));
    expect((await told(overtaken)).at(-1)).toBe("8 reordered");
  });

  it("a host-wide counter: another connection's packets are no lost probe", async () => {
    const flight = [110, 130, 155, 170].map((id) => data(id, { after: 1 }));
    const probe = data(300, { seq: 301, after: 240 });
    const heard = s("ACK", { ack: 301, after: 20 });
    expect((await told([...WITH_SACK, ...flight, heard, probe])).at(-1)).toBe(
      "9 retransmission tail-loss-probe",
    );
    // One number is missing of a host that has counted this connection's packets alone: that was the probe.
    const alone = [103, 104, 105, 106].map((id) => data(id, { after: 1 }));
    const repeat = data(108, { seq: 301, after: 340 });
    expect((await told([...WITH_SACK, ...alone, heard, repeat])).at(-1)).toBe("9 retransmission rto");
  });
});

describe("a connection with a packet number missing after a silence", () => {
  /** After each segment: whether the connection is followed. */
  async function followed(steps: readonly Step[], predictsHeaders: boolean): Promise<string> {
    const seen: boolean[] = [];
    await told(steps, {
      predictsHeaders,
      eachSegment: ({ connections, row }) => seen.push(connections.endpoints.sender[row]! > 0),
    });
    return seen.map((is) => (is ? "F" : "-")).join("");
  }

  const opening = [...WITH_SACK, data(103), s("ACK"), data(104), s("ACK")];
  it.each<readonly [name: string, rest: readonly Step[], followed: string]>([
    ["another connection's, after a second: no longer than that segment", [data(106, { after: 900 })], "-"],
    [
      "several, which a timer may have sent: until that is acknowledged, and heard",
      [data(109, { after: 2000 }), s("ACK"), data(110), s("ACK"), data(111)],
      "FF---",
    ],
    [
      "several, and a loss: for good",
      [data(109, { after: 2000 }), data(110, { seq: 201, after: 250 }), s("ACK"), data(111), s("ACK")],
      "FFFFF",
    ],
    [
      "a probe's, when it is due: for good",
      [data(106, { after: 260 }), s("ACK"), data(107), s("ACK")],
      "FFFF",
    ],
  ])("%s", async (_, rest, expected) => {
    const steps = [...opening, ...rest];
    for (const predictsHeaders of [true, false])
      expect(await followed(steps, predictsHeaders)).toBe("-".repeat(opening.length) + expected);
    const late = await told(steps);
    expect(await told(steps, { followsAtOnce: true })).toEqual(late);
  });
});
