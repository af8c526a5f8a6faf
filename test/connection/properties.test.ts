/**
 * What must not change a record: which address is whose, where sequence numbers begin, when the capture was made, how
 * the file is cut into chunks, copies of packets, other connections among the packets. On made-up conversations and on
 * every sample capture.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { recordsOf as recordsOfFile, SAMPLES } from "../samples/samples.js";
import { c, type Options, recordsOf, type Step } from "./conversation.js";
import { conversation, isn } from "./random-conversation.js";

const RUNS = { numRuns: 60 };

/** The records without the parts that a change is meant to change. */
function without(records: readonly ConnectionRecord[], ...paths: readonly string[]): unknown[] {
  return records.map((record) =>
    JSON.parse(JSON.stringify(record, (key, value: unknown) => (paths.includes(key) ? undefined : value))),
  );
}

describe("made-up conversations", () => {
  it("are the same wherever their sequence numbers begin", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, isn, isn, async (steps, clientIsn, serverIsn) => {
        const plain = await recordsOf(steps);
        const shifted = await recordsOf(steps, { clientIsn, serverIsn });
        expect(without(shifted, "isn")).toEqual(without(plain, "isn"));
      }),
      RUNS,
    );
  });

  it("are the same whenever they were captured", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        fc.integer({ min: 1, max: 4_000_000_000_000 }),
        async (steps, startMs) => {
          const plain = await recordsOf(steps);
          expect(without(await recordsOf(steps, { startMs }), "start")).toEqual(without(plain, "start"));
        },
      ),
      RUNS,
    );
  });

  it("are the same over IPv6", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (steps) => {
        const plain = await recordsOf(steps);
        expect(without(await recordsOf(steps, { version: 6 }), "address")).toEqual(without(plain, "address"));
      }),
      RUNS,
    );
  });

  it("keep their records when every packet is captured twice", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (steps) => {
        const given = steps.map((step, i) => ({ ...step, id: step.side === 0 ? 100 + i : 7000 + i }));
        const doubled = given.flatMap((step, i): Step[] => [
          step,
          { ...c("", { copyOf: i * 2, after: 0, ttl: 63 }), side: step.side },
        ]);
        const renumbered = (records: readonly ConnectionRecord[]) =>
          without(
            records,
            "id",
            "frame",
            "lastFrame",
            "heldBackFrame",
            "slowAnswerFrame",
            "provokedByFrame",
            "lossEvidence",
            "captureDuplicates",
            "ttl",
            "transitions",
            "previousId",
            "fromFrame",
            "toFrame",
            // Copies make the ends be followed, and then more samples are to be had, and more is known of their time.
            "roundTrip",
            "pathRoundTripMs",
            "recovery",
            "busyMs",
            "limitedBy",
            "initialWindowBytes",
            "windowFulls",
            "filledWindowBytes",
          );
        const plain = await recordsOf(given);
        const copied = await recordsOf(doubled);
        expect(renumbered(copied)).toEqual(renumbered(plain));
        const copies = copied.reduce(
          (sum, { client, server }) => sum + client.captureDuplicates + server.captureDuplicates,
          0,
        );
        expect(copies).toBe(given.length);
      }),
      RUNS,
    );
  });

  /** A segment of nobody's, so much later that every attempt without an answer counts as unanswered. */
  const PATIENCE = c("ACK", { clientPort: 60_000, after: 5000 });

  it("do not touch one another", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        conversation,
        fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }),
        async (one, another, turns) => {
          const other = inOtherNumbers(another);
          const apart = async (steps: readonly Step[], clientPort: number, options: Options = {}) =>
            without(
              (await recordsOf([...atTimes(steps, clientPort), PATIENCE], options)).filter(
                (record) => record.client.port === clientPort,
              ),
              "id",
              "frame",
              "lastFrame",
              "heldBackFrame",
              "slowAnswerFrame",
              "fromFrame",
              "toFrame",
              "transitions",
              "start",
              "startMs",
              "provokedByFrame",
              "lossEvidence",
              // What is told hangs on the whole capture.
              "findings",
              // All handshakes of an interface tell where it listens.
              "capturePoint",
            );
          const merged = merge(atTimes(one, 40_000), atTimes(other, 50_000), turns);
          const [first] = await apart(one, 40_000);
          const [second] = await apart(other, 50_000);
          const together = without(
            await recordsOf([...merged, PATIENCE]),
            "id",
            "frame",
            "lastFrame",
            "heldBackFrame",
            "slowAnswerFrame",
            "fromFrame",
            "toFrame",
            "transitions",
            "start",
            "startMs",
            "provokedByFrame",
            "lossEvidence",
            "findings",
            // All handshakes of an interface tell where it listens.
            "capturePoint",
          );
          const ofPort = (port: number) =>
            together.filter((record) => (record as ConnectionRecord).client.port === port);
          // Silence at the end of the capture counts as time in a state: both orders are read to the same last moment.
          expect(pick(ofPort(40_000)[0])).toEqual(pick(first));
          expect(pick(ofPort(50_000)[0])).toEqual(pick(second));
        },
      ),
      RUNS,
    );
  });
});

/** The steps with other initial sequence numbers: with the same ones it would be one connection seen twice. */
function inOtherNumbers(steps: readonly Step[]): Step[] {
  const shift = 40_000_000;
  return steps.map((step) => ({
    ...step,
    seq: step.seq! + shift,
    ack: step.ack! + shift,
    ...(step.sack ? { sack: step.sack.map(([left, right]) => [left + shift, right + shift] as const) } : {}),
  }));
}

/** The steps with their own numbers and IP identifications, on one client port. */
function atTimes(steps: readonly Step[], clientPort: number): Step[] {
  return steps.map((step, i) => ({ ...step, clientPort, id: step.side === 0 ? 100 + i : 7000 + i }));
}

/** Both lists in one, each in its own order; what waits longer keeps its time by waiting for both. */
function merge(one: readonly Step[], other: readonly Step[], turns: readonly boolean[]): Step[] {
  const timed = (steps: readonly Step[]) => {
    let at = 0;
    return steps.map((step, i) => ({ step, at: (at += i === 0 ? 0 : (step.after ?? 10)) }));
  };
  const all = [...timed(one), ...timed(other)].sort(
    (a, b) => a.at - b.at || (turns[a.at % turns.length] ? 1 : -1),
  );
  let last = 0;
  return all.map(({ step, at }) => {
    const after = at - last;
    last = at;
    return { ...step, after };
  });
}

function pick(record: unknown): unknown {
  const { stateTimesMs: _times, ...client } = (record as ConnectionRecord).client;
  const { stateTimesMs: _others, ...server } = (record as ConnectionRecord).server;
  const { gaveUp: _gaveUp, ...rest } = record as ConnectionRecord;
  return { ...rest, client, server };
}

/** Analyses bytes that are in memory, read `chunkBytes` at a time. */
async function recordsOfBytes(
  bytes: Uint8Array,
  name: string,
  chunkBytes?: number,
): Promise<ConnectionRecord[]> {
  const capture = await openCapture(
    [new MemorySource(bytes, name)],
    chunkBytes === undefined ? {} : { chunkBytes },
  );
  const analysis = new Analysis(capture, { ...DEFAULT_OPTIONS, fileNames: [name] });
  await analysis.run();
  return analysis.worst("all");
}

/** The lab's two hosts, over IPv4 and over IPv6. */
const PARTNERS: Readonly<Record<string, string>> = {
  "10.77.0.1": "10.77.0.2",
  "10.77.0.2": "10.77.0.1",
  "fd77::1": "fd77::2",
  "fd77::2": "fd77::1",
};

/** Exchanges the lab's two addresses in every packet of a classic capture: ten bytes at fixed places, IPv4 and IPv6. */
function exchanged(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const [oneV4, twoV4] = ["\x0a\x4d\x00\x01", "\x0a\x4d\x00\x02"];
  const [oneV6, twoV6] = ["\x01", "\x02"].map((last) => `\xfd\x77${"\0".repeat(13)}${last}`) as [
    string,
    string,
  ];
  const swap = (whole: string, a: string, b: string) =>
    whole
      .split(a)
      .map((part) => part.replaceAll(b, a))
      .join(b);
  return Uint8Array.from(Buffer.from(swap(swap(text, oneV4, twoV4), oneV6, twoV6), "latin1"));
}

describe.each(SAMPLES)("$name", (sample) => {
  const bytes = Uint8Array.from(readFileSync(sample.file));

  it("is the same in chunks of any size", async () => {
    const whole = await recordsOfFile(sample.file);
    for (const chunkBytes of [61, 200, 4097]) {
      expect(
        await recordsOfBytes(bytes, sample.file.slice(sample.file.lastIndexOf("/") + 1), chunkBytes),
      ).toEqual(whole);
    }
  });

  it("is the same with the hosts' addresses exchanged, but for the addresses", async () => {
    const swapped = await recordsOfBytes(exchanged(bytes), "swapped");
    const whole = await recordsOfBytes(bytes, "whole");
    const other = (address: string) => PARTNERS[address] ?? address;
    for (const side of ["client", "server"] as const) {
      expect(swapped.map((record) => record[side].address)).toEqual(
        whole.map((record) => other(record[side].address)),
      );
    }
    expect(without(swapped, "address", "sender")).toEqual(without(whole, "address", "sender"));
  });
});
