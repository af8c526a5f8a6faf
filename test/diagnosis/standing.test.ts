/** What findings tell of how many stood in a state, or of ports in use, at once. */
import { describe, expect, it } from "vitest";
import { timeWaitPressure } from "../../src/diagnosis/rules/time-wait-pressure.js";
import { openAround, standingText } from "../../src/report/standing.js";
import type { HostSummary } from "../../src/report/summary.js";
import { CLOSE, c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { makeHost, makeStanding, makeSummary } from "../report/record-fixture.js";
import { findingIn, UNREADABLE } from "./told.js";

/** So many connections, each beginning `after` ms after what came before it. */
const many = (n: number, after: number, steps: readonly Step[], first = 0): Step[] =>
  Array.from({ length: n }, (_, i) =>
    steps.map((step, at) => ({
      ...step,
      clientPort: 20_000 + i,
      ...(at === 0 && { isn: first + 1000 * i, after }),
      ...(step.side === 1 && step.flags & 2 && { isn: first + 2000 * i }),
    })),
  ).flat();

describe("words", () => {
  const start = "2026-03-14T14:02:00.500000000Z";

  it.each<[counts: number[], start: string | null, isWhole: boolean, text: string]>([
    [[3, 40, 40, 38], start, true, "40 at once at 14:02:02, 38 at the end"],
    [[3, 40], start, false, "at least 40 at once at 14:02:02 and at the end"],
    [[1200, 0], null, true, "1,200 at once 1.000 s after the capture began, none at the end"],
  ])("of %j", (counts, from, isWhole, text) => {
    expect(standingText(makeStanding(counts), { start: from }, isWhole)).toBe(text);
  });

  it("take for open what was so before, or is left", () => {
    const standing = makeStanding([5, 20, 20, 3, 3]);
    expect(openAround(standing, 1000, 3100, 3400, 17)).toBe(20);
    expect(openAround(standing, 1000, 300, 400, 2)).toBe(7);
    expect(openAround(standing, 1000, 4900, 5100, 2)).toBe(5);
  });
});

describe("findings", () => {
  it("tell how high sockets in CLOSE_WAIT pile up", async () => {
    const leak = many(12, 1000, [...HANDSHAKE, c("FIN ACK"), s("ACK")]);
    const late = many(1, 90_000, [...HANDSHAKE, ...CLOSE], 7).map((step) => ({ ...step, clientPort: 9 }));
    const told = await findingIn("close-wait-leak", [...leak, ...late]);
    expect(told?.sentence).toMatch(
      /^10\.0\.0\.2:80 left 12 sockets in CLOSE_WAIT, .* \(12 at once at \d\d:\d\d:\d\d and at the end\): the application/,
    );
    const few = await findingIn("close-wait-leak", [...leak.slice(0, 15), ...late]);
    expect(few?.sentence).toContain("at the longest: the application");
  });

  it("tell of ports how many were held at once", async () => {
    const life = [
      ...HANDSHAKE,
      c("PSH ACK", { bytes: 100 }),
      s("PSH ACK", { bytes: 500 }),
      c("ACK"),
      ...CLOSE,
    ];
    const again = many(60, 10, life, 50_000_000).map((step, i) => ({
      ...step,
      ...(i === 0 && { after: 54_000 }),
    }));
    const told = await findingIn("ephemeral-port-exhaustion", [...many(60, 10, life), ...again]);
    expect(told?.sentence).toContain("held 60 at once, those in TIME_WAIT among them");
    expect(told?.sentence).not.toMatch(UNREADABLE);
  });

  const pressure = (client: Partial<HostSummary>, connections: number) => {
    const one = makeHost({ name: "10.0.0.1", connections, ...client });
    const servers = [80, 81, 82].map((port) =>
      makeHost({ name: `10.0.0.2:${port}`, connections: connections / 3 }),
    );
    const summary = makeSummary({ connections, clients: [one], servers });
    return timeWaitPressure.tellHost(one, "client", summary);
  };

  it("tell ports in TIME_WAIT of the server that holds them, whatever the client has with others", () => {
    const held = (waiting: number) => ({
      server: "10.0.0.2:81",
      inUse: makeStanding([20_000]),
      timeWait: makeStanding([waiting]),
      missing: 0,
    });
    // By what the client closed in a minute alone nothing is certain: two thirds may be of the other servers.
    expect(pressure({ timeWaitPeak: 20_000 }, 60_000)).toBeNull();
    expect(pressure({ timeWaitPeak: 20_000, ports: held(14_000) }, 60_000)).toBeNull();
    const told = pressure({ timeWaitPeak: 20_000, ports: held(15_000) }, 60_000);
    expect(told?.sentence).toMatch(/15,000 connections to 10\.0\.0\.2:81 first/);
  });
});
