/** Initial sequence numbers on a line, on made-up handshakes; the sample that shows it, and Linux, which does not. */
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { Finding } from "../../src/report/finding.js";
import { CLOSE, c, type Step, s } from "../connection/conversation.js";
import { findingIn } from "./told.js";

/** Recorded in 1997: a server that counts connections and half seconds, as 4.3BSD did. */
const OF_OLD = resolve(import.meta.dirname, "../../../shared/captures/mix-http-61-streams-be.pcap.gz");
if (!existsSync(OF_OLD))
  console.log("left out: sequence numbers of a system of old, whose capture is not there");

const FOLDER = new URL("../../captures", import.meta.url).pathname;

/** A number that nobody guesses from the one before. */
const random = (i: number) => Math.imul(Math.imul(i + 1, 0x9e3779b1) ^ ((i + 7) << 11), 0x85ebca77) | 0;
const STEP = 10;
/** Milliseconds between two connections, never twice the same. */
const pause = (i: number) => 100 + ((i * 3719) % 4000);

interface Numbers {
  readonly client?: (i: number, ms: number) => number;
  readonly server?: (i: number, ms: number) => number;
  readonly port?: (i: number) => number;
}

/** n connections whose sides choose these numbers, random ones where nothing is said. */
function connections(n: number, { client = random, server = (i) => random(i + 100), port }: Numbers): Step[] {
  let ms = 0;
  return Array.from({ length: n }, (_, i) => {
    if (i > 0) ms += pause(i);
    const steps = [
      c("SYN", { isn: client(i, ms) | 0, after: pause(i) }),
      s("SYN ACK", { isn: server(i, ms) | 0 }),
      c("ACK"),
      c("PSH ACK", { bytes: 40 }),
      s("PSH ACK", { bytes: 100 }),
      ...CLOSE,
    ].map((step) => ({ ...step, clientPort: port?.(i) ?? 20_000 + i }));
    ms += (steps.length - 1) * STEP;
    return steps;
  }).flat();
}

const told = (steps: readonly Step[]) => findingIn("weak-isn", steps);

describe("initial sequence numbers that can be guessed", () => {
  it.each<[string, Numbers, string, string]>([
    [
      "count connections",
      { client: (i) => 0xfffa0000 + 64_000 * i },
      "10.0.0.1",
      "64,000 with each handshake",
    ],
    [
      "count the time",
      { server: (_, ms) => 250_000 + 250 * ms },
      "10.0.0.2:80",
      "went on by 250,000 a second",
    ],
    [
      "count both",
      { client: (i, ms) => 900 * ms + 1_000_000 * i },
      "10.0.0.1",
      "1,000,000 with each handshake and 900,000 a second",
    ],
    ["are the same each time", { server: () => 6510 }, "10.0.0.2:80", "were the same each time"],
  ])("%s: told of that host", async (_, numbers, where, words) => {
    const finding = await told(connections(10, numbers));
    expect(finding).toMatchObject({ where, severity: "note", connections: 10 });
    expect(finding?.actor).toBe(where === "10.0.0.1" ? "client" : "server");
    expect(finding?.sentence).toContain(words);
  });

  it.each<[string, Step[]]>([
    ["of seven handshakes", connections(7, { client: (i) => 64_000 * i })],
    ["where they are random", connections(40, {})],
    [
      "where one of ten is off the line",
      connections(10, { client: (i) => 64_000 * i + (i === 4 ? 900_000 : 0) }),
    ],
    ["of one four-tuple used again", connections(10, { client: (i) => 70_000 * i, port: () => 20_000 })],
    [
      "of a scanner, which completes none",
      Array.from({ length: 20 }, (_, i) => [
        c("SYN", { isn: 7, clientPort: 30_000 + i }),
        s("SYN ACK", { isn: random(i), clientPort: 30_000 + i }),
        c("RST", { clientPort: 30_000 + i }),
      ]).flat(),
    ],
  ])("are not told %s", async (_, steps) => {
    expect(await told(steps)).toBeUndefined();
  });
});

async function toldIn(path: string): Promise<readonly Finding[]> {
  const analysis = await openAnalysis([path]);
  await analysis.run();
  return analysis.summary().findings.filter(({ id }) => id === "weak-isn");
}

it("shows in the sample that was made with such numbers, and in no other", async () => {
  const found: Record<string, readonly Finding[]> = {};
  for (const name of readdirSync(FOLDER).filter((one) => /\.pcap(ng)?$/.test(one))) {
    const findings = await toldIn(`${FOLDER}/${name}`);
    if (findings.length > 0) found[name] = findings;
  }
  expect(Object.keys(found)).toEqual(["weak-isn.pcap"]);
  expect(found["weak-isn.pcap"]).toMatchObject([{ where: "10.77.0.1", actor: "client", connections: 10 }]);
  expect(found["weak-isn.pcap"]![0]!.sentence).toMatch(/went on by 64,000 with each handshake$/);
});

it.skipIf(!existsSync(OF_OLD))("shows in what a system of old sent", async () => {
  const server = (await toldIn(OF_OLD)).find(({ where }) => where === "132.235.1.2:80");
  // 64,000 a connection and as many each half second, as its SYN-ACKs say; the line through twelve of them bends a little.
  expect(server?.sentence).toMatch(
    / went on by [56]\d,\d{3} with each handshake and 1[234]\d,\d{3} a second, give or take/,
  );
});
