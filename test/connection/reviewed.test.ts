/** Faults that were found once, kept from coming back: each a short conversation and what must be said of it. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, recordsOf, type Step, s } from "./conversation.js";

const OPEN: readonly Step[] = [...HANDSHAKE, c("ACK", { bytes: 10 }), s("ACK")];

describe("a port used again over a connection that the client forgot", () => {
  const steps = [
    ...OPEN,
    c("SYN", { isn: 77, after: 1000 }),
    s("ACK", { seq: 1, ack: 500_000 - 499_989 + 923 }),
    c("RST", { isn: 1000, seq: 11 }),
    c("SYN", { isn: 77, after: 900 }),
    s("SYN ACK", { isn: 88 }),
    c("ACK"),
  ];

  it("loses no SYN: the first one met the old connection", async () => {
    const records = await recordsOf(steps);
    expect(records[1]).toMatchObject({ outcome: "completed", synCount: 2, losses: [], legsAmbiguous: false });
  });
});

describe("an acknowledgment of more than any link carries", () => {
  it("is taken for nothing", async () => {
    const steps = [...OPEN, s("ACK", { ack: 125_000_000 }), c("ACK", { bytes: 10 }), s("ACK")];
    const records = await recordsOf(steps);
    expect(records[0]!.client).toMatchObject({ missingBytes: 0, retransmissions: 0, bytes: 20 });
  });

  it("is believed after a silence in which it may have passed", async () => {
    const records = await recordsOf([...OPEN, s("ACK", { ack: 1_000_011, after: 1000 })]);
    expect(records[0]!.client.missingBytes).toBe(1_000_000);
  });
});

describe("connections that are open when the capture ends", () => {
  it("are final in the order of their beginning", async () => {
    const later = (port: number, after: number): Step => c("SYN", { clientPort: port, after });
    const records = await recordsOf([later(1003, 5), later(1001, 5), later(1002, 5)]);
    expect(records.map((record) => record.client.port)).toEqual([1003, 1001, 1002]);
  });
});
