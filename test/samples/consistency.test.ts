/**
 * What every record must satisfy by itself, whatever the capture: counts that add up, times that fill the life of the
 * connection, transitions that follow one another.
 */
import { describe, expect, it } from "vitest";
import type { ConnectionRecord, EndpointRecord, Side } from "../../src/report/record.js";
import { STATE_NAMES } from "../../src/tcp/states.js";
import { EVENT, nextState, STATE_BEFORE_RESET } from "../../src/tcp/transitions.js";
import { analyse, SAMPLES } from "./samples.js";

const TIME_WAIT_MS = 60_000;
/** Sums of float64 milliseconds. */
const ROUNDING_MS = 1e-5;

/** `isInOrder`: the capture's clock was never set back. */
function checkTransitions(
  record: ConnectionRecord,
  side: Side,
  end: EndpointRecord,
  isInOrder: boolean,
): void {
  const own = record.transitions.filter((transition) => transition.side === side);
  let state = "CLOSED";
  let at = -1;
  for (const transition of own) {
    expect(transition.from).toBe(state);
    if (isInOrder) expect(transition.atMs).toBeGreaterThanOrEqual(at);
    const next = nextState(STATE_NAMES.indexOf(transition.from), EVENT[transition.event]);
    if (next !== STATE_BEFORE_RESET) expect(STATE_NAMES[next]).toBe(transition.to);
    state = transition.to;
    at = transition.atMs;
  }
  const isExpired = state === "TIME_WAIT" && end.state === "CLOSED";
  if (!isExpired) expect(end.state).toBe(state);
}

/**
 * From its first transition on an endpoint is always in one state; only CLOSED is not counted. What a retraction takes
 * back was never left: the time belongs to the state it restores.
 */
function checkTimes(record: ConnectionRecord, side: Side, end: EndpointRecord, untilMs: number): void {
  const own = record.transitions.filter((transition) => transition.side === side);
  const counted = Object.values(end.stateTimesMs).reduce((sum, ms) => sum + ms, 0);
  let expected = 0;
  own.forEach((transition, i) => {
    const endMs = own[i + 1]?.atMs ?? untilMs - record.startMs;
    const next = own[i + 1];
    const held = next?.event.startsWith("retracted") ? next.to : transition.to;
    if (held === "CLOSED") return;
    const ms = endMs - transition.atMs;
    expected += held === "TIME_WAIT" ? Math.min(ms, TIME_WAIT_MS) : ms;
  });
  expect(Math.abs(counted - expected), `${side}: ${counted} ms counted, ${expected} ms passed`).toBeLessThan(
    ROUNDING_MS,
  );
}

describe.each(SAMPLES)("$name", (sample) => {
  it("has records and a summary that add up", async () => {
    const analysis = await analyse(sample.file);
    const records = analysis.worst("all");
    const summary = analysis.summary();
    let segments = 0;
    for (const record of records) {
      const { client, server } = record;
      expect(record.packets).toBe(client.packets + server.packets);
      expect(record.bytes).toBe(client.bytes + server.bytes);
      expect(record.retransmissions).toBe(client.retransmissions + server.retransmissions);
      if (record.serverLegMs !== null && record.clientLegMs !== null && record.retryWaitMs !== null) {
        const parts = record.retryWaitMs + record.serverLegMs + record.clientLegMs;
        expect(parts).toBeLessThanOrEqual(record.connectTimeMs! + ROUNDING_MS);
      }
      for (const [side, end] of [
        ["client", client],
        ["server", server],
      ] as const) {
        expect(end.retransmittedBytes).toBeLessThanOrEqual(end.bytes);
        expect(end.retransmissions).toBeGreaterThanOrEqual(end.finRetransmissions);
        checkTransitions(record, side, end, summary.clockSteps === 0);
        if (summary.clockSteps === 0) checkTimes(record, side, end, summary.durationMs);
        segments += end.packets + end.networkDuplicates + end.captureDuplicates;
      }
      segments += record.refusedSyns;
    }
    expect(segments + summary.lateSegments).toBe(summary.segments);
    expect(summary.connections).toBe(records.length);
    expect(summary.seenTwice).toBe(0);
    expect(summary.retransmissions).toBe(records.reduce((sum, record) => sum + record.retransmissions, 0));
    const { retransmissions, retransmissionsByReason } = summary.timeline;
    retransmissions.forEach((all, step) => {
      expect(Object.values(retransmissionsByReason).reduce((sum, steps) => sum + steps[step]!, 0)).toBe(all);
    });
    expect(Object.values(summary.outcomes).reduce((sum, n) => sum + n, summary.outcomesUnknown)).toBe(
      records.length,
    );
    expect(Object.values(summary.closes).reduce((sum, n) => sum + n, 0)).toBe(records.length);
  });

  it("draws a ladder that ends as the record does", async () => {
    const analysis = await analyse(sample.file);
    for (const record of analysis.worst("all")) {
      const ladder = await analysis.ladder(record.id);
      expect(ladder.absent).toBeNull();
      const rows = ladder.rows.filter((row) => row.flags !== "ICMP");
      const copies = [record.client, record.server].reduce(
        (n, end) => n + end.networkDuplicates + end.captureDuplicates,
        0,
      );
      expect(rows.length).toBe(record.packets + copies + record.refusedSyns);
      const labels = rows.filter((row) => row.label === "retransmission").length;
      expect(labels).toBe(record.retransmissions);
      const count = (label: string, from: Side) =>
        rows.filter((row) => row.label === label && row.from === from).length;
      for (const [side, end] of [
        ["client", record.client],
        ["server", record.server],
      ] as const) {
        expect(count("network-duplicate", side)).toBe(end.networkDuplicates);
        expect(count("capture-duplicate", side)).toBe(end.captureDuplicates);
        expect(count("reordered", side)).toBe(end.reordered);
        expect(count("keep-alive", side)).toBe(end.keepAlives);
        expect(count("zero-window-probe", side)).toBe(end.zeroWindowProbes);
      }
      for (const row of rows) {
        const [, frame] = row.remarks.join("; ").match(/copy of frame (\d+)/) ?? [];
        if (frame === undefined) continue;
        // A copy is one of the same kind: an acknowledgment is none of data.
        const { from, flags, sequence, end } = rows.find((other) => String(other.frame) === frame)!;
        expect([from, flags, sequence, end]).toEqual([row.from, row.flags, row.sequence, row.end]);
      }
      const lastOf = (side: "clientState" | "serverState") =>
        rows.findLast((row) => row[side] !== null)?.[side];
      const settled = (state: string, last: string | null | undefined) =>
        state === last || (state === "CLOSED" && (last === "TIME_WAIT" || last === undefined));
      expect(settled(record.client.state, lastOf("clientState")), `client ${record.client.state}`).toBe(true);
      expect(settled(record.server.state, lastOf("serverState")), `server ${record.server.state}`).toBe(true);
    }
  });
});
