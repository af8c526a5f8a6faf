/** What becomes of segments whose checksum is wrong, where checksums are verified. */
import { describe, expect, it } from "vitest";
import { storyOf } from "../../src/report/ladder-story.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import type { CaptureSummary } from "../../src/report/summary.js";
import type { Ladder } from "../../src/report/view.js";
import type { WrittenPacket } from "../capture/pcap-writer.js";
import { withChecksum, withField, withPseudoSum } from "../wire/true-checksum.js";
import {
  CLOSE,
  c,
  HANDSHAKE,
  type Options,
  observePackets,
  packetsOf,
  type Step,
  s,
} from "./conversation.js";

const REQUEST = [c("PSH ACK", { bytes: 201 }), s("ACK")];
const PIECES = [...Array.from({ length: 6 }, () => [s("PSH ACK", { bytes: 999 }), c("ACK")]).flat()];
/** The seventh piece is damaged on the way; the client asks for it, and it comes again. */
const DAMAGED_AT = HANDSHAKE.length + REQUEST.length + PIECES.length;
const REPAIR = [
  s("PSH ACK", { bytes: 999 }),
  s("PSH ACK", { bytes: 999, after: 1 }),
  c("ACK", { ack: 5995, sack: [[6994, 7993]] }),
  s("PSH ACK", { bytes: 999, seq: 5995, after: 20 }),
  c("ACK"),
];
const open = [c("SYN", { sackPermitted: true }), s("SYN ACK", { sackPermitted: true }), c("ACK")];
const STEPS: readonly Step[] = [...open, ...REQUEST, ...PIECES, ...REPAIR, ...CLOSE];

type Change = (packet: WrittenPacket, at: number) => WrittenPacket;
const right: Change = (packet) => ({ ...packet, data: withChecksum(packet.data) });
const flipped = (data: Uint8Array, at = data.length - 1) =>
  data.map((byte, i) => (i === at ? byte ^ 1 : byte));
const damaged: Change = (packet, at) => {
  const whole = right(packet, at);
  return at === DAMAGED_AT ? { ...whole, data: flipped(whole.data) } : whole;
};

async function told(
  change: Change,
  options: Options = { checksums: true },
  steps = STEPS,
): Promise<{ record: ConnectionRecord; summary: CaptureSummary; ladder: Ladder }> {
  const [packets] = packetsOf(steps, options);
  const analysis = await observePackets([packets!.map(change)], options);
  const [record] = analysis.worst("all");
  const ladder = await analysis.ladder(record!.id);
  expect(ladder.rows.length).toBe(record!.packets);
  return { record: record!, summary: analysis.summary(), ladder };
}

/** Its remarks about checksums, each behind the number of its packet. */
function remarksOf({ rows }: Ladder): string[] {
  return rows.flatMap(({ frame, remarks }) =>
    remarks.filter((text) => /checksum|damaged/.test(text)).map((text) => `${frame}: ${text}`),
  );
}

/** Another source address than the one that was summed up. */
const rewritten: Change = (packet, at) => ({
  ...packet,
  data: flipped(flipped(right(packet, at).data, 27), 31),
});

describe("checksums", () => {
  it.each([4, 6] as const)("that are wrong leave out what its receiver dropped (IPv%i)", async (version) => {
    const { record, summary } = await told(damaged, { version, checksums: true });
    expect(summary.checksums).toEqual({ right: STEPS.length - 1, uncomputed: 0, wrong: 1, leftOut: 1 });
    expect(summary.skipped).toMatchObject([{ reason: "bad-checksum", packets: 1, isDefect: true }]);
    // As if the path had lost it: the repeat is the first that came.
    expect(record.server).toMatchObject({
      badChecksums: 1,
      badChecksumFrame: DAMAGED_AT + 1,
      bytes: 8 * 999,
      spuriousRetransmissions: 0,
      lost: { beforeCapture: 1, afterCapture: 0 },
    });
    expect(record.client.badChecksums).toBe(0);
    expect(record).toMatchObject({ close: "graceful", packets: STEPS.length - 1 });
    const finding = summary.findings.find(({ id }) => id === "bad-checksum")!;
    expect(finding).toMatchObject({
      severity: "warning",
      actor: "network",
      confidence: "likely",
      connections: 1,
    });
    expect(finding.examples[0]!.frames).toEqual([DAMAGED_AT + 1]);
    expect(finding.sentence).toMatch(/^1 segment to its clients on 1 connection with .* was damaged/);
  });

  it("are not looked at unless asked for", async () => {
    const { record, summary } = await told(damaged, {});
    expect(summary.checksums).toBeNull();
    expect(record.server.badChecksums).toBeNull();
    expect(record.server.bytes).toBe(9 * 999);
    expect(summary.findings.map(({ id }) => id)).not.toContain("bad-checksum");
  });

  it("change nothing where they are right", async () => {
    const { record, summary } = await told(right);
    expect(summary.checksums).toEqual({ right: STEPS.length, uncomputed: 0, wrong: 0, leftOut: 0 });
    const { record: unasked } = await told(right, {});
    const asked = JSON.parse(JSON.stringify(record).replaceAll('"badChecksums":0', '"badChecksums":null'));
    expect(asked).toEqual(JSON.parse(JSON.stringify(unasked)));
    expect(summary.findings.map(({ id }) => id)).not.toContain("bad-checksum");
  });

  it.each<[string, Change]>([
    ["the sum of the pseudo-header", (packet) => ({ ...packet, data: withPseudoSum(packet.data) })],
    ["nothing", (packet) => ({ ...packet, data: withField(packet.data, 0) })],
  ])("that hold %s were left to the network card", async (_, change) => {
    const { record, summary } = await told(change);
    expect(summary.checksums).toEqual({ right: 0, uncomputed: STEPS.length, wrong: 0, leftOut: 0 });
    expect(record.packets).toBe(STEPS.length);
    const finding = summary.findings.find(({ id }) => id === "bad-checksum");
    expect(finding).toMatchObject({ severity: "note", actor: "capture", confidence: "certain" });
  });

  it("of a capture that was rewritten are all wrong, and everything counts", async () => {
    const { record, summary } = await told(rewritten);
    expect(summary.checksums).toEqual({ right: 0, uncomputed: 0, wrong: STEPS.length, leftOut: 0 });
    expect(record.packets).toBe(STEPS.length);
    expect(summary.findings.filter(({ id }) => id === "bad-checksum")).toMatchObject([
      { severity: "note", actor: "capture", confidence: "possible" },
    ]);
  });

  it("are told in a ladder even where they are not asked for", async () => {
    const { ladder } = await told(damaged, {});
    const [frame, repeat] = [DAMAGED_AT + 1, DAMAGED_AT + 4];
    expect(remarksOf(ladder)).toEqual([
      `${frame}: wrong checksum: damaged, and dropped by its receiver`,
      expect.stringMatching(
        new RegExp(`^${repeat}: repeat of frame ${frame} \\(damaged\\) after 3\\d\\.\\d ms$`),
      ),
    ]);
    expect(storyOf(ladder)).toEqual([
      `1 segment of the server (frame ${frame}) bears a wrong checksum: it was damaged on the way, and the client drops it without a word: for TCP it is lost, and is sent again`,
    ]);
    const { ladder: whole } = await told(right, {});
    expect([...remarksOf(whole), ...storyOf(whole)]).toEqual([]);
    expect(new Set(whole.rows.map(({ checksum }) => checksum))).toEqual(new Set(["right"]));
  });

  it("are told once a ladder where a card or whoever rewrote the capture made them all", async () => {
    const offload = await told((packet) => ({ ...packet, data: withPseudoSum(packet.data) }), {});
    expect(remarksOf(offload.ladder)).toEqual([
      expect.stringMatching(/^1: checksum offload: all of the client's \d+ segments .*; nothing is damaged$/),
      expect.stringMatching(/^2: checksum offload: all of the server's \d+ segments /),
    ]);
    const strange = await told(rewritten, {});
    expect(remarksOf(strange.ladder)).toEqual([
      `1: wrong checksum, as in ${STEPS.length} of the connection's segments: the capture was probably rewritten`,
    ]);
    expect([...storyOf(offload.ladder), ...storyOf(strange.ladder)]).toEqual([]);
  });

  it("of segments that were cut, or are fragments, are not judged", async () => {
    const { summary } = await told((packet, at) => {
      const { data } = right(packet, at);
      if (at === 3) return { ...packet, data: data.subarray(0, data.length - 1), original: data.length };
      return at === 5
        ? { ...packet, data: data.map((byte, i) => (i === 20 ? 0x20 : byte)) }
        : { ...packet, data };
    });
    expect(summary.checksums).toEqual({ right: STEPS.length - 2, uncomputed: 0, wrong: 0, leftOut: 0 });
  });

  it("that are wrong begin no connection: the ports may be what was damaged", async () => {
    const stray = c("SYN", { clientPort: 41_000, isn: 5 });
    const at = STEPS.length;
    const { summary } = await told(
      (packet, i) => {
        const whole = right(packet, i);
        return i === at ? { ...whole, data: flipped(whole.data, 40) } : whole;
      },
      { checksums: true },
      [...STEPS, stray],
    );
    expect(summary).toMatchObject({ connections: 1, checksums: { wrong: 1, leftOut: 1 } });
  });
});
