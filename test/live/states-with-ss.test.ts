/**
 * How many ends stand in which state: what the kernels' socket tables (`ss -tan`) say at the end of a capture, and what the
 * summary says of the same hosts. Real sockets in namespaces: leaked, half closed, never accepted, half open, unanswered, plain.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CaptureSummary, openAnalysis } from "../../src/index.js";
import { COUNTED_STATES, type CountedState, type HostSummary } from "../../src/report/summary.js";
import { CLIENT_ADDRESS, LabNetwork, NO_NETWORK, SERVER_ADDRESS } from "./lab-network.js";

const isMissing = (tool: string) => spawnSync(tool, ["--version"]).error !== undefined;
const missing = ["tcpdump", "ss"].filter(isMissing);
const isPossible = NO_NETWORK === null && missing.length === 0;
if (!isPossible)
  console.log(`left out: states of connections against ss (${NO_NETWORK ?? `no ${missing.join(", no ")}`})`);

const LEAKED = 7001;
const HALF_CLOSED = 7002;
const PLAIN = 7003;
const NEVER_ACCEPTED = 7004;
/** Answers to this address go to a card that nobody has; to the other one the server has no way. */
const DEAF_ADDRESS = "10.213.7.56";
const UNREACHABLE_ADDRESS = "10.213.7.57";

const SERVERS = `
const net = require("node:net");
const kept = [];
const listen = (port, serve) =>
  new Promise((done) => net.createServer({ allowHalfOpen: true }, (s) => (kept.push(s), s.on("error", () => {}), serve(s))).listen(port, "0.0.0.0", done));
Promise.all([
  listen(${LEAKED}, (s) => s.resume()),
  listen(${HALF_CLOSED}, (s) => s.once("data", () => s.end("bye"))),
  listen(${PLAIN}, (s) => s.on("data", (d) => s.write(d)).on("end", () => s.end())),
]).then(() => console.log("ready"));
`;

/** Its program is stopped before anybody comes: nobody takes what the kernel accepts, of which there is room for three. */
const STOPPED = `require("node:net").createServer().listen(${NEVER_ACCEPTED}, "0.0.0.0", 2, () => console.log("ready"));`;

const CLIENTS = `
const net = require("node:net");
const kept = [];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const open = async (port, n, then, from = "${CLIENT_ADDRESS}") => {
  for (let i = 0; i < n; i++) {
    const s = net.connect({ port, host: "${SERVER_ADDRESS}", localAddress: from, allowHalfOpen: true }, () => then(s));
    kept.push(s.on("error", () => {}));
    await wait(50);
  }
};
(async () => {
  await open(${LEAKED}, 5, (s) => s.end("hello"));
  await open(${HALF_CLOSED}, 3, (s) => s.resume().write("hello"));
  await open(${PLAIN}, 4, (s) => s.resume().write("hello"));
  await open(${PLAIN}, 6, (s) => s.resume().end("hello"));
  await open(${NEVER_ACCEPTED}, 6, (s) => s.write("hello"));
  await open(${PLAIN}, 2, () => {}, "${DEAF_ADDRESS}");
  await open(${PLAIN}, 3, () => {}, "${UNREACHABLE_ADDRESS}");
  await wait(1600);
  console.log("ready");
})();
`;

const SS_NAMES: Readonly<Record<string, CountedState>> = {
  "SYN-RECV": "SYN_RECEIVED",
  ESTAB: "ESTABLISHED",
  "FIN-WAIT-2": "FIN_WAIT_2",
  "CLOSE-WAIT": "CLOSE_WAIT",
  "TIME-WAIT": "TIME_WAIT",
};

type Counts = Record<string, Partial<Record<CountedState, number>>>;

/** By what `nameOf` makes of the local end: how many stand in each of the states that are counted. */
function socketTable(namespace: string, nameOf: (local: string) => string): Counts {
  const table: Counts = {};
  const lines = execFileSync("ip", ["netns", "exec", namespace, "ss", "-Htan"], { encoding: "utf8" });
  for (const line of lines.split("\n")) {
    const [state = "", , , local = ""] = line.split(/\s+/);
    const counted = SS_NAMES[state];
    if (counted === undefined) continue;
    const name = nameOf(local);
    const ends = (table[name] ??= {});
    ends[counted] = (ends[counted] ?? 0) + 1;
  }
  return table;
}

/** The same of the summary's hosts, as the capture ends. */
function told(hosts: readonly HostSummary[]): Counts {
  const table: Counts = {};
  for (const { name, states } of hosts) {
    const ends = COUNTED_STATES.flatMap((state) => {
      const { atEnd = 0 } = states?.[state] ?? {};
      return atEnd > 0 ? [[state, atEnd] as const] : [];
    });
    if (ends.length > 0) table[name] = Object.fromEntries(ends);
  }
  return table;
}

describe.skipIf(!isPossible)("the ends of connections", () => {
  const folder = mkdtempSync(join(tmpdir(), "tcpflow-ss-"));
  const file = join(folder, "server.pcap");
  let kernels: { readonly servers: Counts; readonly clients: Counts };
  let summary: CaptureSummary;

  beforeAll(async () => {
    const network = new LabNetwork("ss");
    const started: ChildProcess[] = [];
    const start = async (namespace: string, ...command: string[]): Promise<ChildProcess> => {
      const child = spawn("ip", ["netns", "exec", namespace, ...command], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      started.push(child);
      // tcpdump says on standard error that it listens.
      const stream = command[0] === "tcpdump" ? child.stderr! : child.stdout!;
      await new Promise((resolve) => stream.once("data", resolve));
      return child;
    };
    const run = (namespace: string, words: string) =>
      execFileSync("ip", ["-n", namespace, ...words.split(" ")]);
    try {
      for (const address of [DEAF_ADDRESS, UNREACHABLE_ADDRESS])
        run(network.client, `address add ${address}/24 dev c0`);
      run(network.server, `neigh replace ${DEAF_ADDRESS} lladdr 02:00:00:00:00:99 dev s0 nud permanent`);
      run(network.server, `route add blackhole ${UNREACHABLE_ADDRESS}/32`);
      const capture = ["-Z", "root", "-i", "s0", "-U", "--immediate-mode", "-s", "128", "-w", file, "tcp"];
      const tcpdump = await start(network.server, "tcpdump", ...capture);
      await start(network.server, process.execPath, "-e", SERVERS);
      const stopped = await start(network.server, process.execPath, "-e", STOPPED);
      process.kill(stopped.pid!, "SIGSTOP");
      await start(network.client, process.execPath, "-e", CLIENTS);
      kernels = {
        servers: socketTable(network.server, (local) => local),
        clients: socketTable(network.client, (local) => local.slice(0, local.lastIndexOf(":"))),
      };
      const ended = new Promise((resolve) => tcpdump.once("exit", resolve));
      tcpdump.kill("SIGINT");
      await ended;
    } finally {
      for (const child of started) child.kill("SIGKILL");
      await sleep(50);
      network.remove();
    }
    const analysis = await openAnalysis([file]);
    await analysis.run();
    summary = analysis.summary();
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("stand as they were brought about", () => {
    const server = (port: number) => `${SERVER_ADDRESS}:${port}`;
    expect(kernels.servers).toEqual({
      [server(LEAKED)]: { CLOSE_WAIT: 5 },
      [server(HALF_CLOSED)]: { FIN_WAIT_2: 3 },
      [server(PLAIN)]: { ESTABLISHED: 4, SYN_RECEIVED: 2 },
      [server(NEVER_ACCEPTED)]: { ESTABLISHED: 3 },
    });
    expect(kernels.clients).toEqual({
      [CLIENT_ADDRESS]: { FIN_WAIT_2: 5, CLOSE_WAIT: 3, ESTABLISHED: 7, TIME_WAIT: 6 },
    });
  });

  it("are told of each server as its kernel has them", () => {
    expect(told(summary.servers)).toEqual(kernels.servers);
  });

  it("are told of each client as its kernel has them", () => {
    expect(told(summary.clients)).toEqual(kernels.clients);
  });

  it("and those that no kernel has are attempts that nothing answered", () => {
    // Three that found the queue full, and three to which the server has no way.
    expect(summary.outcomes).toMatchObject({ unanswered: 6, embryonic: 2 });
  });
});
