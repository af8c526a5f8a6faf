/** TLS records however TCP splits, reorders and repeats them, damaged ones, and what memory they take. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import { PARKED } from "../../src/connection/parked-connections.js";
import { MOST_BLOCKS, MOST_FOLLOWED, TlsHandshakes } from "../../src/connection/tls-handshakes.js";
import { packTls, unpackTls } from "../../src/connection/tls-result.js";
import { Tracker } from "../../src/connection/tracker.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { decode, SEGMENT } from "../../src/wire/decode.js";
import { Segment } from "../../src/wire/segment.js";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import "../property-seed.js";
import type { Bytes } from "../wire/packet-builder.js";
import { CLOSE, c, HANDSHAKE, observe, packetsOf, type Step, s } from "./conversation.js";
import { FLIGHT_13, HELLO, NAME, tlsOf, WHOLE_13 } from "./tls-conversations.js";
import { encrypted, FINISHED_13 } from "./tls-messages.js";

describe("however TCP splits them", () => {
  /** Where a direction is split, and in which order two neighbours come. */
  const plan = fc.record({
    cuts: fc.array(fc.nat(400), { maxLength: 12 }),
    swap: fc.nat(11),
    again: fc.nat(11),
  });
  it("the same records tell the same", async () => {
    const whole = (await tlsOf([
      c("ACK", { payload: HELLO, after: 0 }),
      s("ACK", { payload: FLIGHT_13, after: 0 }),
      c("ACK", { payload: [...FINISHED_13, ...encrypted(77)], after: 0 }),
      s("ACK", { payload: encrypted(99), after: 0 }),
    ]))!;
    await fc.assert(
      fc.asyncProperty(plan, plan, async (ofClient, ofServer) => {
        const tls = await tlsOf([
          ...splitUp(c, HELLO, 1, 1, ofClient),
          ...splitUp(s, FLIGHT_13, 1, 1 + HELLO.length, ofServer),
          ...splitUp(c, [...FINISHED_13, ...encrypted(77)], 1 + HELLO.length, 1 + FLIGHT_13.length, ofServer),
          ...splitUp(s, encrypted(99), 1 + FLIGHT_13.length, 300, ofClient),
        ]);
        expect({ ...tls, helloFrame: 0 }).toEqual({ ...whole, helloFrame: 0 });
      }),
      { numRuns: 150 },
    );
  });
});

describe("damaged records", () => {
  const change = fc.tuple(fc.nat(3000), fc.integer({ min: 0, max: 255 }));
  const damage = (bytes: Bytes, changes: readonly (readonly [number, number])[]) => {
    const damaged = [...bytes];
    for (const [at, value] of changes) damaged[at % bytes.length] = value;
    return damaged;
  };
  it("are read without throwing, cut anywhere and in any order, and told in printable words", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 6 }),
        fc.array(change, { maxLength: 6 }),
        fc.array(fc.nat(1460), { minLength: 6, maxLength: 6 }),
        fc.nat(5),
        async (ofClient, ofServer, snaps, swap) => {
          const flight = damage(FLIGHT_13, ofServer);
          const answer = damage([...FINISHED_13, ...encrypted(77)], ofClient);
          const steps = [
            ...splitUp(c, damage(HELLO, ofClient), 1, 1, { cuts: [60], swap, again: swap }),
            ...splitUp(s, flight, 1, 1 + HELLO.length, { cuts: [1460], swap, again: swap }),
            ...splitUp(c, answer, 1 + HELLO.length, 1 + flight.length, { cuts: [50], swap, again: swap }),
          ].map((step, i) => ({ ...step, snap: snaps[i % snaps.length]! }));
          expect(JSON.stringify(await tlsOf(steps))).toMatch(/^[ -~]*$/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The bytes in pieces at the same time, two of them exchanged, one twice. */
function splitUp(
  side: typeof c,
  bytes: Bytes,
  seq: number,
  ack: number,
  { cuts, swap, again }: { cuts: readonly number[]; swap: number; again: number },
): Step[] {
  const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
  const pieces = places
    .slice(1)
    .map((end, i) => ({ from: places[i]!, end }))
    .filter(({ from, end }) => end > from);
  const at = swap % pieces.length;
  pieces.splice(at, 0, ...pieces.splice(at + 1, 1));
  pieces.push(pieces[again % pieces.length]!);
  return pieces.map(({ from, end }) =>
    side("ACK", { payload: bytes.slice(from, end), seq: seq + from, ack, after: 0 }),
  );
}

describe("the handshakes in memory", () => {
  const hello = Uint8Array.from(HELLO);
  /** Half of a ClientHello. */
  function beginHalf(tls: TlsHandshakes, connection: number): void {
    const followed = tls.begin(connection);
    tls.openStream(followed, 0, 1).segment(followed.facts, 0, hello, 0, 100, 100, connection, connection);
  }

  it("are bounded: the oldest is closed with what is known of it", () => {
    const tls = new TlsHandshakes();
    for (let connection = 0; connection < MOST_BLOCKS + 10; connection++) beginHalf(tls, connection * 32);
    expect(tls.closedEarly).toBe(10);
    expect(tls.followed(0)).toBeUndefined();
    expect(unpackTls(tls.resultOf(0)!)).toMatchObject({ isTruncated: true, isBrokenOff: true, helloAt: 0 });
    expect(tls.resultOf(32 * 20)).toBeUndefined();
    for (let connection = 0; connection < MOST_FOLLOWED + 5; connection++) tls.begin(1e6 + connection);
    expect(tls.closedEarly).toBeGreaterThanOrEqual(MOST_BLOCKS);
    tls.release(0);
    expect(tls.resultOf(0)).toBeUndefined();
  });

  it("that were closed early stand in a note", async () => {
    const many = MOST_BLOCKS + 3;
    const steps = Array.from({ length: many }, (_, i) => [
      c("SYN", { clientPort: 10_000 + i, isn: 1000 }),
      s("SYN ACK", { clientPort: 10_000 + i, isn: 500_000, after: 0 }),
      c("ACK", { clientPort: 10_000 + i, after: 0, payload: HELLO.slice(0, 100) }),
    ]).flat();
    const analysis = await observe(steps);
    expect(analysis.summary().notes.join()).toContain("3 TLS handshakes are told as far as they had come");
    expect(analysis.worst("all").filter(({ tls }) => tls?.isTruncated)).toHaveLength(many);
  });

  it("take some sixty bytes each beside the name of the server", () => {
    const tls = new TlsHandshakes();
    const followed = tls.begin(0);
    tls
      .openStream(followed, 0, 1)
      .segment(followed.facts, 0, hello, 0, hello.length, hello.length, 3e12, 5e6);
    const flight = Uint8Array.from(FLIGHT_13);
    tls
      .openStream(followed, 1, 1)
      .segment(followed.facts, 0, flight, 0, flight.length, flight.length, 3.02e12, 5e6);
    const packed = packTls(followed.facts);
    expect(packed.length - NAME.length).toBeLessThan(70);
    expect(packed).toMatch(/^[\0-\xff]*$/);
    expect(unpackTls(packed)).toMatchObject({
      serverName: NAME,
      helloAt: 3e12,
      helloName: 5e6,
      version: 0x0304,
    });
  });

  it("go with a connection that is parked, comes back, and is forgotten", async () => {
    const known: string[] = [];
    const steps = [
      ...HANDSHAKE,
      ...WHOLE_13,
      ...CLOSE,
      s("FIN ACK", { copyOf: HANDSHAKE.length + WHOLE_13.length + 1 }),
    ];
    const [packets] = packetsOf(steps);
    const capture = await openCapture([
      new MemorySource(writePcap(packets!, { magic: NANOSECONDS }), "memory"),
    ]);
    const tracker = new Tracker({ count() {}, repeat() {}, handshake() {}, wants: () => false, finish() {} });
    const { tls } = tracker.connections;
    const segment = new Segment();
    while (await capture.fill()) {
      while (capture.next()) {
        if (decode(capture, segment) === SEGMENT) tracker.observe(segment);
        const places = [0, PARKED, PARKED + 1].filter((at) => tls.resultOf(at) !== undefined);
        known.push(places.map((at) => (at >= PARKED ? "parked" : "in place")).join());
      }
    }
    expect(known.slice(3, -1)).toEqual([...WHOLE_13.map(() => "in place"), "in place", "in place", "parked"]);
    expect(known.at(-1)).toMatch(/^(parked|in place)$/);
    tracker.end();
    expect([0, PARKED, PARKED + 1].map((at) => tls.resultOf(at))).toEqual([undefined, undefined, undefined]);
  });

  it("are forgotten with their connections when each is handed on", async () => {
    const records: ConnectionRecord[] = [];
    const one = [...HANDSHAKE, ...WHOLE_13, ...CLOSE];
    const steps = Array.from({ length: 5 }, (_, i) =>
      one.map((step, at) => ({
        ...step,
        clientPort: 40_000 + i,
        isn: at === 0 ? 1000 : at === 1 ? 500_000 : undefined,
      })),
    ).flat();
    await observe(steps as Step[], { onFinished: (one) => void records.push(one) });
    expect(records.map(({ tls }) => tls?.sni)).toEqual(Array.from({ length: 5 }, () => NAME));
  });
});
