/** Servers that end their connections at one moment; and connections that only happen to end together. */
import { expect, it } from "vitest";
import type { WrittenPacket } from "../capture/pcap-writer.js";
import { c, HANDSHAKE, observePackets, packetsOf, type Step, s } from "../connection/conversation.js";

const START_MS = 1_700_000_000_000;
const BY_SERVER: readonly Step[] = [s("FIN ACK"), c("FIN ACK"), s("ACK")];
const BY_CLIENT: readonly Step[] = [c("FIN ACK"), s("FIN ACK"), c("ACK")];

interface Life {
  /** When it opens and when its end begins, in ms of the capture, and how long it is idle before that. */
  readonly at: number;
  readonly end: number;
  readonly idle: number;
  readonly close?: readonly Step[];
}

/** Names of the findings of connections that live side by side. */
async function idsOf(lives: readonly Life[]): Promise<string[]> {
  const packets = lives.flatMap(({ at, end, idle, close = BY_SERVER }, i) => {
    const opening = [
      ...HANDSHAKE,
      c("PSH ACK", { bytes: 100, after: end - idle - at - 30 }),
      s("PSH ACK", { bytes: 500 }),
    ];
    const ending = close.map((step, n) => (n === 0 ? { ...step, after: idle } : step));
    const steps = [...opening, ...ending].map((step) => ({ ...step, clientPort: 30_000 + i }));
    return packetsOf(steps, { startMs: START_MS + at, clientIsn: 1000 * i, serverIsn: 9000 * i }).flat();
  });
  const time = ({ seconds, fraction }: WrittenPacket) => seconds * 1e3 + fraction / 1e6;
  const merged = packets.sort((a, b) => time(a) - time(b));
  return (await observePackets([merged])).summary().findings.map(({ id }) => id);
}

const twelve = (life: (i: number) => Life) => Array.from({ length: 12 }, (_, i) => life(i));

it.each<[string, boolean, Life[]]>([
  [
    "of different ages and silences, together",
    true,
    twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i })),
  ],
  [
    "by resets",
    true,
    twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i, close: [s("RST ACK")] })),
  ],
  [
    "one after the other",
    false,
    twelve((i) => ({ at: 500 * i, end: 20_000 + 1000 * i, idle: 1000 + 300 * i })),
  ],
  ["after the same silence", false, twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 5000 }))],
  ["at the same age", false, twelve((i) => ({ at: 10 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i }))],
  ["as they answer", false, twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 20 }))],
  [
    "by the client",
    false,
    twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i, close: BY_CLIENT })),
  ],
  ["few", false, twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i })).slice(0, 9)],
  [
    "most of those that are open, after many that were closed before",
    true,
    [
      ...twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i })),
      ...Array.from({ length: 40 }, (_, i) => ({
        at: 200 * i,
        end: 200 * i + 3000,
        idle: 1000,
        close: BY_CLIENT,
      })),
    ],
  ],
  [
    "less than half of all",
    false,
    [
      ...twelve((i) => ({ at: 500 * i, end: 20_000 + 10 * i, idle: 1000 + 300 * i })),
      ...Array.from({ length: 13 }, (_, i) => ({
        at: 600 * i,
        end: 30_000 + 900 * i,
        idle: 1000,
        close: BY_CLIENT,
      })),
    ],
  ],
])("connections that end %s: %s", async (_, isTold, lives) => {
  expect((await idsOf(lives)).includes("mass-close")).toBe(isTold);
});
