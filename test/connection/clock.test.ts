/** The capture's clock: one damaged timestamp changes nothing but what is said of it. */
import { describe, expect, it } from "vitest";
import { Clock } from "../../src/connection/clock.js";
import { CLOSE, c, HANDSHAKE, observe, type Step, s } from "./conversation.js";

const HOUR = 3600_000;
const OPEN = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK")];
/** One segment of another connection, `ahead` milliseconds later than it was, and back again. */
const astray = (ahead: number, next: Step): Step[] => [
  c("ACK", { clientPort: 50_000, seq: 1, ack: 1, after: ahead }),
  { ...next, after: 10 - ahead },
];

async function told(steps: readonly Step[]) {
  const analysis = await observe(steps);
  const { durationMs, notes: all, timeline } = analysis.summary();
  const notes = all.filter((note) => note.includes("hour"));
  const record = analysis.worst("all").find(({ client }) => client.port === 40_000)!;
  return { durationMs, notes, timeline, record, analysis };
}

describe("one packet far ahead", () => {
  it("does not stretch the span, nor make what is open idle, and is told", async () => {
    const { durationMs, notes, timeline, record } = await told([
      ...OPEN,
      ...astray(1000 * HOUR, c("ACK", { bytes: 5 })),
      s("ACK"),
    ]);
    expect(durationMs).toBe(60);
    expect(record).toMatchObject({ close: "open", packets: 7, durationMs: 60 });
    expect(timeline.stepMs).toBe(1);
    expect(notes).toEqual([expect.stringContaining("Packet 6 lies more than an hour ahead")]);
  });

  it("does not at the end either", async () => {
    const { durationMs, record, notes } = await told([...OPEN, astray(1000 * HOUR, s("ACK"))[0]!]);
    expect([durationMs, record.close, notes.length]).toEqual([40, "open", 1]);
  });

  it("does not finish what waits for stragglers, nor forget what ended", async () => {
    const straggler = s("FIN ACK", { seq: 1 });
    const { analysis, record } = await told([...HANDSHAKE, ...CLOSE, ...astray(1000 * HOUR, straggler)]);
    expect(record.server.finRetransmissions).toBe(1);
    expect(analysis.summary().lateSegments).toBe(0);
    const late = s("ACK", { seq: 2, after: 5000 });
    const other = c("SYN", { clientPort: 50_001, after: 4000 });
    const later = await told([...HANDSHAKE, ...CLOSE, other, ...astray(1000 * HOUR, other), late]);
    expect(later.analysis.summary().lateSegments).toBe(1);
  });

  it("that is confirmed by the next is a pause", async () => {
    const { durationMs, record, notes } = await told([
      ...OPEN,
      c("SYN", { clientPort: 50_000, after: 9 * HOUR }),
      c("SYN", { clientPort: 50_000, after: 1000 }),
    ]);
    expect(durationMs).toBe(40 + 9 * HOUR + 1000);
    expect([record.close, notes]).toEqual(["idle", []]);
  });
});

describe("the clock", () => {
  const HOUR_NS = 3600e9;
  it("follows within an hour, and further when another packet is near", () => {
    const clock = new Clock();
    clock.follow(HOUR_NS, 0, 1);
    expect(clock.nowNs).toBe(HOUR_NS);
    clock.follow(3 * HOUR_NS, 0, 2);
    expect([clock.nowNs, clock.jumps, clock.firstJump]).toEqual([HOUR_NS, 1, 2]);
    clock.follow(100 * HOUR_NS, 0, 3);
    expect([clock.nowNs, clock.jumps, clock.firstJump]).toEqual([HOUR_NS, 2, 2]);
    clock.follow(99.5 * HOUR_NS, 0, 4);
    expect([clock.nowNs, clock.jumps, clock.firstJump]).toEqual([100 * HOUR_NS, 1, 2]);
  });
});
