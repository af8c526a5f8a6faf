/**
 * A socket that is connected to itself: its SYN comes back to it, and every segment is sent and received by one end.
 *
 * The segments are those of Linux (bind and connect to the same port of 127.0.0.1).
 */
import { expect, it } from "vitest";
import { sentenceFor } from "../../src/report/sentence.js";
import { c, observePackets, packetsOf, type Step } from "./conversation.js";

const OPENING = [c("SYN"), c("SYN ACK", { ack: 1 }), c("ACK", { ack: 1 })];
const DATA = [c("PSH ACK", { bytes: 100, ack: 1 }), c("ACK", { ack: 101 })];
const CLOSING = [c("FIN ACK", { ack: 101 }), c("ACK", { ack: 102 })];

/** The conversation with the client's address and port on both ends. */
async function observeSelf(steps: readonly Step[], version: 4 | 6) {
  const ported = steps.map((step) => ({ ...step, clientPort: 45_454, serverPort: 45_454 }));
  const [packets] = packetsOf(ported, { clientIsn: 1000, serverIsn: 1000, version });
  const [source, length] = version === 4 ? [14 + 12, 4] : [14 + 8, 16];
  for (const { data } of packets!) data.copyWithin(source + length, source, source + length);
  return observePackets([packets!]);
}

it.each([4, 6] as const)("is told as what it is, in IPv%i", async (version) => {
  const analysis = await observeSelf([...OPENING, ...DATA, ...CLOSING], version);
  const [record, ...others] = analysis.worst("all");
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    outcome: "simultaneous",
    connectTimeMs: 20,
    captured: "both",
    close: "graceful",
    closedFirst: "both",
    clientGuessed: false,
    retransmissions: 0,
    client: { state: "TIME_WAIT", packets: 7, bytes: 100, missingBytes: 0, unexpectedEvents: 0 },
    server: { state: "TIME_WAIT", packets: 0, bytes: 0, missingBytes: 0, unexpectedEvents: 0 },
  });
  expect(record!.transitions.map(({ to }) => to)).toEqual([
    "SYN_SENT",
    "SYN_RECEIVED",
    "ESTABLISHED",
    "FIN_WAIT_1",
    "CLOSING",
    "TIME_WAIT",
  ]);
  expect(sentenceFor(record!)).toContain("connected to itself in 20.0 ms: one socket is both ends; closed");
  const { missingBytes, notes } = analysis.summary();
  expect([missingBytes, notes]).toEqual([0, []]);
});

it("claims nothing of what came before the capture", async () => {
  for (const steps of [DATA, OPENING.slice(1), [...DATA, ...CLOSING]]) {
    const analysis = await observeSelf(
      steps.map((step, i) => (i === 0 ? { ...step, seq: step.seq ?? 1 } : step)),
      4,
    );
    const [record] = analysis.worst("all");
    expect(record).toMatchObject({ captured: "both", server: { packets: 0, missingBytes: 0 } });
    expect(record!.client.missingBytes).toBe(0);
    expect(analysis.summary().notes).toEqual([]);
  }
});

it("may be open, or not answered", async () => {
  const [open] = (await observeSelf([...OPENING, ...DATA], 4)).worst("all");
  expect(open).toMatchObject({ close: "open", closedFirst: null, client: { state: "ESTABLISHED" } });
  const again = [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 2000 })];
  const [unanswered] = (await observeSelf(again, 4)).worst("all");
  expect(unanswered).toMatchObject({ outcome: "unanswered", client: { state: "SYN_SENT" } });
});
