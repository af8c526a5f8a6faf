/** Connections that lose something at one moment, and connections that lose as much at moments of their own. */
import { describe, expect, it } from "vitest";
import type { WrittenPacket } from "../capture/pcap-writer.js";
import { c, HANDSHAKE, observePackets, packetsOf, type Step, s } from "../connection/conversation.js";

const START_MS = 1_700_000_000_000;
const BEAT_MS = 100;
const BEATS = 60;
const TIMER_MS = 300;

interface Life {
  /** Beats whose segment is lost and sent again as the timer runs out. */
  readonly lost: readonly number[];
  /** The repeat was needless: the receiver reports that it had the bytes (RFC 2883). */
  readonly isNeedless?: boolean;
  /** Nothing comes back any more from the first loss on. */
  readonly isLast?: boolean;
  /** When it begins, in ms. */
  readonly at?: number;
}

/** Sends 100 bytes at each beat, from 30 ms after its handshake on. */
function steps({ lost, isNeedless = false, isLast = false }: Life): Step[] {
  const list: Step[] = [
    c("SYN", { sackPermitted: true }),
    { ...HANDSHAKE[1]!, sackPermitted: true },
    HANDSHAKE[2]!,
  ];
  let seq = 1;
  for (let beat = 0; beat < BEATS; beat++) {
    const isLost = lost.includes(beat);
    list.push(c("PSH ACK", { bytes: 100, seq, after: BEAT_MS - 10 }));
    if (isLost) list.push(c("PSH ACK", { bytes: 100, seq, after: TIMER_MS }));
    if (isLost && isLast) {
      for (const n of [2, 4]) list.push(c("PSH ACK", { bytes: 100, seq, after: n * TIMER_MS }));
      return list;
    }
    list.push(s("ACK", { after: 10, ...(isLost && isNeedless && { sack: [[seq, seq + 100]] }) }));
    seq += 100;
    // It keeps to its beat.
    if (isLost) beat += TIMER_MS / BEAT_MS;
  }
  return list;
}

async function burstOf(lives: readonly Life[]) {
  const packets = lives.flatMap((life, i) =>
    packetsOf(
      steps(life).map((step) => ({ ...step, clientPort: 30_000 + i })),
      { startMs: START_MS + (life.at ?? 7 * i), clientIsn: 1_000_000 * i, serverIsn: 9_000_000 * i },
    ).flat(),
  );
  const time = ({ seconds, fraction }: WrittenPacket) => seconds * 1e3 + fraction / 1e6;
  const merged = packets.sort((a, b) => time(a) - time(b));
  const { findings, lossBursts } = (await observePackets([merged])).summary();
  return { told: findings.find(({ id }) => id === "retransmission-burst"), lossBursts };
}

const several = (n: number, life: (i: number) => Life) => Array.from({ length: n }, (_, i) => life(i));
/** Moments of their own, each more than 200 ms from the others. */
const own = (i: number) => [4 + 5 * i];

describe("losses of several connections", () => {
  it("at one moment are told once, with the packets that sent them again", async () => {
    const lives = [...several(6, () => ({ lost: [20] })), ...several(4, () => ({ lost: [] }))];
    const { told, lossBursts } = await burstOf(lives);
    expect(lossBursts).toMatchObject([{ connections: 6, segments: 6, senders: 10 }]);
    expect(told).toMatchObject({ connections: 6, severity: "warning", actor: "network", where: null });
    expect(told?.sentence).toMatch(
      /^6 connections of 10 that were sending lost 6 segments within the same 100 ms/,
    );
    expect(told?.examples).toHaveLength(6);
  });

  it("over more than a moment are told together, with how long it lasted", async () => {
    const lives = [
      ...several(12, (i) => ({ lost: [20], at: 14 * i })),
      // One alone, a little later, is chance.
      { lost: [20], at: 14 * 12 + 150 },
      ...several(12, () => ({ lost: [] })),
    ];
    const { told, lossBursts } = await burstOf(lives);
    expect(lossBursts).toMatchObject([{ connections: 12, segments: 12, senders: 25, spanMs: 200 }]);
    expect(told?.sentence).toMatch(/ lost 12 segments within the same 200 ms, /);
  });

  it("at two moments are told as two", async () => {
    const { told } = await burstOf(several(6, () => ({ lost: [10, 45] })));
    expect(told?.sentence).toMatch(/; at 1 other moment it was alike$/);
  });

  it.each<[string, Life[]]>([
    ["at moments of their own", several(10, (i) => ({ lost: own(i) }))],
    ["of four", [...several(4, () => ({ lost: [20] })), ...several(4, () => ({ lost: [] }))]],
    ["of few among many", [...several(6, () => ({ lost: [20] })), ...several(40, () => ({ lost: [] }))]],
    ["that proved needless", several(8, () => ({ lost: [20], isNeedless: true }))],
    ["to a host that is gone", several(8, () => ({ lost: [20], isLast: true }))],
    [
      "all the time",
      several(18, (i) => ({ lost: [4, 10, 16, 22, 28, 34, 40, 46, 52].map((beat) => beat + 2 * (i % 3)) })),
    ],
    ["in their first flight, at a listener's door", several(8, () => ({ lost: [0] }))],
  ])("%s are not told", async (_, lives) => {
    expect((await burstOf(lives)).told).toBeUndefined();
  });
});
