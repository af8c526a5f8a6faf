/** Rules over hosts: what is counted of all their connections, and what it takes to say something. */
import { describe, expect, it } from "vitest";
import { timeWaitPressure } from "../../src/diagnosis/rules/time-wait-pressure.js";
import type { HostSummary } from "../../src/report/summary.js";
import { CLOSE, c, HANDSHAKE, observe, type Step, s } from "../connection/conversation.js";
import { makeHost, makeSummary } from "../report/record-fixture.js";
import { findingIn } from "./told.js";

const ask = (after = 10): Step[] => [
  c("PSH ACK", { bytes: 100, after }),
  s("PSH ACK", { bytes: 500 }),
  c("ACK"),
];
const BY_SERVER: readonly Step[] = [s("FIN ACK"), c("FIN ACK"), s("ACK")];

/** So many connections, one after the other, each with these exchanges and this close. */
function many(n: number, turns: number, close: readonly Step[] = CLOSE, after = 10, serverPort = 80): Step[] {
  const steps = [...HANDSHAKE, ...Array.from({ length: turns }, () => ask()).flat(), ...close];
  return Array.from({ length: n }, (_, i) =>
    steps.map((step, at) => ({
      ...step,
      clientPort: 20_000 + serverPort + i,
      serverPort,
      ...(at === 0 && { isn: 1000 * i, after }),
      ...(at === 1 && { isn: 2000 * i }),
    })),
  ).flat();
}

describe("a connection for every request", () => {
  it("is told of the client, with the server and what each handshake took", async () => {
    const told = await findingIn("short-connections", many(24, 1));
    expect(told).toMatchObject({ where: "10.0.0.1", actor: "client", severity: "note", connections: 24 });
    expect(told?.sentence).toMatch(
      /24 connections to 10\.0\.0\.2:80 for one request each, after a handshake of 2/,
    );
  });

  it("is told of the busier of two servers where the other's may be of any kind", async () => {
    const told = await findingIn("short-connections", [...many(40, 1), ...many(5, 3, CLOSE, 10, 443)]);
    expect(told?.sentence).toContain("40 connections to 10.0.0.2:80");
  });

  it.each<[string, Step[]]>([
    ["where each carries two", many(24, 2)],
    ["where there are few", many(19, 1)],
    [
      "where many carry more",
      [
        ...many(24, 1),
        ...many(10, 4, CLOSE, 10, 80).map((step) => ({ ...step, clientPort: step.clientPort! + 9000 })),
      ],
    ],
    ["where they carry nothing", many(24, 0)],
  ])("is not told %s", async (_, steps) => {
    expect(await findingIn("short-connections", steps)).toBeUndefined();
  });
});

describe("a server that ends connections with an answer", () => {
  /** A connection with so many exchanges, which the server ends so long after the last. */
  const one = (i: number, turns: number, close = BY_SERVER, idle = 0, before: readonly Step[] = []) =>
    [
      ...HANDSHAKE,
      ...before,
      ...Array.from({ length: turns }, () => ask()).flat(),
      ...close.map((step, at) => (at === 0 ? { ...step, after: 10 + idle } : step)),
    ].map((step, at) => ({
      ...step,
      clientPort: 20_000 + i,
      ...(at === 0 && { isn: 1000 * i, after: 10 }),
      ...(at === 1 && { isn: 2000 * i }),
    }));
  const several = (turns: readonly number[], ...rest: [close?: readonly Step[], idle?: number]) =>
    turns.flatMap((n, i) => one(i, n, ...rest));

  it("is told with the number of answers", async () => {
    const steps = [...several([4, 4, 4, 4, 4, 4]), ...one(10, 2, CLOSE), ...one(11, 3, BY_SERVER, 5000)];
    const told = await findingIn("request-limit", steps);
    expect(told).toMatchObject({ where: "10.0.0.2:80", actor: "server", severity: "note", connections: 6 });
    expect(told?.confidence).toBe("possible");
    expect(told?.sentence).toMatch(
      /10\.0\.0\.2:80 closed 6 connections as soon as it had given 4 answers on each/,
    );
  });

  it("is surer of a number that no dialogue has", async () => {
    const told = await findingIn("request-limit", several([12, 12, 12, 12, 12]));
    expect(told?.confidence).toBe("likely");
  });

  it.each<[string, Step[]]>([
    ["after different numbers", several([2, 3, 4, 5, 6, 4, 3])],
    ["after one each", several([1, 1, 1, 1, 1, 1])],
    ["on few connections", several([4, 4, 4, 4])],
    ["by the client's close", several([4, 4, 4, 4, 4], CLOSE)],
    ["some time after it", several([4, 4, 4, 4, 4], BY_SERVER, 5000)],
    ["though one carried more", [...several([4, 4, 4, 4, 4]), ...one(10, 5, CLOSE)]],
    [
      "though it spoke first",
      [0, 1, 2, 3, 4].flatMap((i) => one(i, 4, BY_SERVER, 0, [s("PSH ACK", { bytes: 40 })])),
    ],
    ["as often after one as after two", several([2, 1, 2, 1, 2, 1, 2, 1, 2, 1])],
  ])("is not told %s", async (_, steps) => {
    expect(await findingIn("request-limit", steps)).toBeUndefined();
  });
});

describe("TIME_WAIT", () => {
  const peaks = async (steps: Step[]) => {
    const { servers, clients } = (await observe(steps)).summary();
    return [clients[0]!.timeWaitPeak, servers[0]!.timeWaitPeak];
  };

  it("is counted where the first FIN came from, a minute at a time", async () => {
    expect(await peaks(many(12, 1))).toEqual([12, 0]);
    expect(await peaks(many(12, 1, BY_SERVER))).toEqual([0, 12]);
    // One every 20 s and a little: three or fewer in each minute.
    expect(await peaks(many(12, 1, CLOSE, 20_000))).toEqual([3, 0]);
    expect(await peaks(many(3, 1, [c("RST ACK")]))).toEqual([0, 0]);
  });

  const told = (client: Partial<HostSummary>, server: Partial<HostSummary>, connections: number) => {
    const [one, other] = [
      makeHost({ name: "10.0.0.1", ...client }),
      makeHost({ name: "10.0.0.2:80", ...server }),
    ];
    return timeWaitPressure.tellHost(
      one,
      "client",
      makeSummary({ connections, clients: [one], servers: [other] }),
    );
  };

  it.each<[string, boolean, number, number, number, number]>([
    ["half of all ports to one server", true, 20_000, 15_000, 20_000, 20_000],
    ["fewer than that", false, 20_000, 14_000, 20_000, 20_000],
    ["connections that may be another server's", false, 20_000, 15_000, 18_000, 20_000],
    ["connections of many clients with that server", true, 20_000, 15_000, 90_000, 90_000],
  ])("that holds %s: %s", (_, isTold, connections, timeWaitPeak, ofServer, all) => {
    expect(told({ connections, timeWaitPeak }, { connections: ofServer }, all) !== null).toBe(isTold);
  });

  it("at a server costs no ports", () => {
    const server = makeHost({ name: "10.0.0.2:80", connections: 30_000, timeWaitPeak: 20_000 });
    const verdict = timeWaitPressure.tellHost(server, "server", makeSummary({ servers: [server] }));
    expect(verdict).toMatchObject({ severity: "note", actor: "server", connections: 20_000 });
  });
});

describe("ports that come back at once", () => {
  /** `ports` ports twice, the second time so long after the first. */
  const twice = (ports: number, pause: number, close: readonly Step[] = CLOSE) => {
    const once = many(ports, 1, close);
    const again = once.map((step, i) => ({
      ...step,
      ...(i === 0 && { after: pause }),
      ...(step.isn !== undefined && { isn: step.isn + 50_000_000 }),
    }));
    return [...once, ...again];
  };

  it("are told of the client and the server", async () => {
    const told = await findingIn("ephemeral-port-exhaustion", twice(60, 54_000));
    expect(told).toMatchObject({ where: "10.0.0.1 to 10.0.0.2:80", actor: "client", connections: 60 });
    expect(told?.sentence).toContain("of ports 20080 to 20139");
  });

  it.each<[string, Step[]]>([
    ["long after TIME_WAIT", twice(60, 120_000)],
    ["after some seconds, where tcp_tw_reuse allows one", twice(60, 15_000)],
    ["where the server closes first and the client holds none", twice(60, 50_000, BY_SERVER)],
    ["where they are few", twice(20, 54_000)],
    [
      "where it is one port over and over",
      Array.from({ length: 60 }, (_, i) =>
        many(1, 1, CLOSE, 1500).map((step) => ({
          ...step,
          ...(step.isn !== undefined && { isn: step.isn + i * 1_000_000 }),
        })),
      ).flat(),
    ],
  ])("are not told %s", async (_, steps) => {
    expect(await findingIn("ephemeral-port-exhaustion", steps)).toBeUndefined();
  });
});
