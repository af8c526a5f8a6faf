/** Findings about how data moved, on made-up conversations: look-alikes above all, and what no recording of the lab shows. */
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import type { Finding } from "../../src/report/finding.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { NANOSECONDS, type WrittenPacket, writePcap } from "../capture/pcap-writer.js";
import {
  CLOSE,
  c,
  HANDSHAKE,
  observe,
  observePackets,
  packetsOf,
  type Step,
  s,
} from "../connection/conversation.js";

const IDS = [
  "loss-client-side",
  "loss-server-side",
  "path-mtu-black-hole",
  "timeout-stall",
  "tail-loss",
  "reordering",
  "spurious-retransmissions",
  "no-sack",
  "vanished-peer",
  "receive-window-limited",
];

async function movingIn(steps: readonly Step[]): Promise<readonly Finding[]> {
  const { findings } = (await observe(steps)).summary();
  return findings.filter(({ id }) => IDS.includes(id));
}

const names = (findings: readonly Finding[]) => findings.map(({ id }) => id);

const opened = (fields: Partial<Step> = {}): Step[] => [
  c("SYN", { sackPermitted: true, ...fields }),
  s("SYN ACK", { sackPermitted: true, ...fields }),
  c("ACK", { ...fields }),
];

const REQUEST = [c("PSH ACK", { bytes: 200 }), s("ACK")];
/** An answer of two full segments and a small one. */
const ANSWER = [
  s("ACK", { bytes: 1460 }),
  s("ACK", { bytes: 1460, after: 1 }),
  s("PSH ACK", { bytes: 300, after: 1 }),
];
/** The timer of the server runs out over its first segment, with so many bytes in each repeat. */
const repeats = (...sizes: number[]) =>
  sizes.map((bytes, i) => s("ACK", { bytes, seq: 1, ack: 201, after: 300 * 2 ** i }));

describe("paths that swallow large packets", () => {
  const small = c("ACK", { ack: 1, sack: [[2921, 3221]] });

  it("are told by the small segment that came through while the large ones never do", async () => {
    const findings = await movingIn([
      ...opened(),
      ...REQUEST,
      ...ANSWER,
      small,
      ...repeats(1460, 1460, 1460),
    ]);
    expect(names(findings)).toEqual(["path-mtu-black-hole"]);
    expect(findings[0]).toMatchObject({ where: "10.0.0.2:80", severity: "problem", actor: "network" });
    expect(findings[0]!.sentence).toContain(
      "1,460 bytes or more of payload from 10.0.0.2:80 never arrived, those with up to 300 bytes did",
    );
  });

  it("are told where the sender tries a smaller one, which arrives", async () => {
    const steps = [
      ...opened(),
      ...REQUEST,
      ...ANSWER,
      ...repeats(1460, 1460, 1460, 1024),
      c("ACK", { ack: 1025 }),
    ];
    expect(names(await movingIn(steps))).toContain("path-mtu-black-hole");
  });

  it("are none where the path is dead for all sizes", async () => {
    const steps = [...opened(), ...REQUEST, ...ANSWER, ...repeats(1460, 1460, 1460, 1460)];
    expect(names(await movingIn(steps))).toEqual(["vanished-peer"]);
  });

  it("are none where the large segment arrives in the end", async () => {
    const steps = [
      ...opened(),
      ...REQUEST,
      ...ANSWER,
      small,
      ...repeats(1460, 1460, 1460),
      c("ACK", { ack: 3221 }),
    ];
    expect(names(await movingIn(steps))).toEqual(["timeout-stall"]);
  });

  it("are none where one as large had arrived before", async () => {
    const before = [s("ACK", { bytes: 1460 }), c("ACK")];
    const again = [300, 600, 1200].map((after) => s("ACK", { bytes: 1460, seq: 1461, ack: 201, after }));
    const sack = c("ACK", { ack: 1461, sack: [[4381, 4681]] });
    const steps = [...opened(), ...REQUEST, ...before, ...ANSWER, sack, ...again];
    expect(names(await movingIn(steps))).not.toContain("path-mtu-black-hole");
  });

  it("are none where the sender's network card cuts what the capture holds in one piece", async () => {
    const large = s("ACK", { bytes: 14_600 });
    const steps = [...opened(), ...REQUEST, large, ...repeats(1460, 1460, 1460), c("ACK", { ack: 14_601 })];
    expect(names(await movingIn(steps))).not.toContain("path-mtu-black-hole");
  });
});

describe("data that was lost", () => {
  /** A short connection; of a lossy one the last segment of three comes only as it is repeated. */
  const short = (i: number, isLossy: boolean): Step[] => {
    const on = { clientPort: 20_000 + i };
    const at = (steps: readonly Step[]) => steps.map((step) => ({ ...step, ...on }));
    const lost = isLossy ? [s("PSH ACK", { bytes: 1000, seq: 2001, after: 250 })] : [];
    return [
      c("SYN", { isn: 1000 * (i + 1), ...on }),
      s("SYN ACK", { isn: 7000 * (i + 1), ...on }),
      ...at([c("ACK"), c("PSH ACK", { bytes: 100 }), s("ACK", { bytes: 1000 })]),
      ...at([s("ACK", { bytes: 1000 }), s("PSH ACK", { bytes: 1000 }), ...lost, c("ACK"), ...CLOSE]),
    ];
  };
  const many = (count: number, every: number) =>
    Array.from({ length: count }, (_, i) => short(i, i % every === 0)).flat();

  it("is told of a server whose connections lose a segment each now and then", async () => {
    const findings = await movingIn(many(120, 10));
    const loss = findings.find(({ id }) => id === "loss-client-side")!;
    expect(loss).toMatchObject({ where: "10.0.0.2:80", severity: "warning", connections: 12 });
    expect(loss.sentence).toBe(
      "between the capture point and the clients of 10.0.0.2:80 12 segments to the clients were lost, 3.1 % of the payload, on 12 of 120 connections",
    );
  });

  it("is no matter where it is less than one in a hundred", async () => {
    expect(names(await movingIn(many(480, 40)))).not.toContain("loss-client-side");
  });

  it("is no matter where it is few segments", async () => {
    expect(names(await movingIn(many(40, 5)))).not.toContain("loss-client-side");
  });
});

describe("what limits the capture", () => {
  const idsOf = async (files: WrittenPacket[][]) =>
    (await observePackets(files)).summary().findings.map(({ id }) => id);
  const packets = () => packetsOf([...HANDSHAKE, ...REQUEST, ...ANSWER, c("ACK"), ...CLOSE])[0]!;

  it("is nothing where all is well", async () => {
    expect(await idsOf([packets()])).toEqual([]);
  });

  it("is a clock that was set back, and not packets a little out of order", async () => {
    const set = packets().map((packet, i) => (i < 5 ? packet : { ...packet, seconds: packet.seconds - 7 }));
    expect(await idsOf([set])).toContain("clock-step");
    const mixed = packets().map((packet, i) =>
      i === 5 ? { ...packet, fraction: packet.fraction - 15e6 } : packet,
    );
    expect(await idsOf([mixed])).not.toContain("clock-step");
  });

  it("is one direction alone", async () => {
    const oneWay = packetsOf([...HANDSHAKE, ...REQUEST, c("PSH ACK", { bytes: 200 }), ...CLOSE])[0]!;
    const client = oneWay.filter((_, i) => ![1, 4, 7].includes(i));
    expect(await idsOf([client])).toContain("one-way-capture");
    // The capture ends before the answer to the second SYN.
    const ends = [...HANDSHAKE, ...REQUEST, ...CLOSE, c("SYN", { clientPort: 41_000, isn: 9 })];
    expect(await idsOf([packetsOf(ends)[0]!])).not.toContain("one-way-capture");
  });

  it("is a snapshot length that cuts headers off, and not a packet that never was longer", async () => {
    const cut = packets().map(({ data, ...packet }) => ({
      ...packet,
      data: data.subarray(0, 40),
      original: 1000,
    }));
    expect(await idsOfFile(writePcap(cut, { magic: NANOSECONDS, snapLength: 40 }))).toContain(
      "snaplen-short",
    );
    const short = cut.map((packet) => ({ ...packet, original: 40 }));
    expect(await idsOfFile(writePcap(short, { magic: NANOSECONDS }))).not.toContain("snaplen-short");
  });
});

async function idsOfFile(bytes: Uint8Array): Promise<string[]> {
  const open = () => openCapture([new MemorySource(bytes, "cut.pcap")]);
  const analysis = new Analysis(await open(), { ...DEFAULT_OPTIONS, fileNames: ["cut.pcap"], reopen: open });
  await analysis.run();
  return analysis.summary().findings.map(({ id }) => id);
}
