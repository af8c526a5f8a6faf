/** This host's sockets: what the kernel says of real ones, and what is made of it beside the wire. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wordsText as write } from "../../src/connection/addresses.js";
import type { KernelSocket } from "../../src/host/kernel-socket.js";
import { Owners } from "../../src/host/owners.js";
import { readProcSockets } from "../../src/host/proc-sockets.js";
import { SockDiag } from "../../src/host/sock-diag.js";
import { SocketWatch } from "../../src/host/socket-watch.js";
import type { OpenEnd } from "../../src/report/socket-view.js";
import type { StateName } from "../../src/tcp/states.js";
import { buildProgram, PROGRAM_FILE } from "../cli/built-program.js";

const isLinux = process.platform === "linux";
if (!isLinux) console.log("left out: the sockets of this host, of which only Linux tells");

describe.skipIf(!isLinux).each(["127.0.0.1", "::1"])("sockets on %s", (address) => {
  let server: Server;
  let client: Socket;
  let accepted: Socket;
  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true }).listen(0, address, 7);
    await once(server, "listening");
    client = connect((server.address() as AddressInfo).port, address);
    [accepted] = (await once(server, "connection")) as [Socket];
    // Nobody reads it: it stays in the kernel, as far as the library has not taken it.
    accepted.pause();
    client.end("x".repeat(10));
    await sleep(100);
  });
  afterAll(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });

  const readers: readonly (readonly [string, () => readonly KernelSocket[] | null])[] = [
    ["netlink", () => SockDiag.open()?.read(write) ?? null],
    ["/proc", () => readProcSockets(write)],
  ];
  it.each(readers)("by %s: addresses, ports, states and who listens", (name, read) => {
    const all = read();
    if (all === null) {
      console.log("left out: sockets by netlink, which needs koffi");
      return;
    }
    const port = (server.address() as AddressInfo).port;
    const own = all.filter(({ localPort, remotePort }) => localPort === port || remotePort === port);
    const seen = own.map((one) => [one.localAddress, one.localPort === port, one.remoteAddress, one.state]);
    expect(seen).toHaveLength(3);
    expect(seen).toContainEqual([address, true, address === "::1" ? "::" : "0.0.0.0", "LISTEN"]);
    expect(seen).toContainEqual([address, true, address, "CLOSE_WAIT"]);
    expect(seen).toContainEqual([address, false, address, "FIN_WAIT_2"]);
    const ended = own.find(({ state }) => state === "FIN_WAIT_2")!;
    expect(ended.localPort).toBe(client.localPort);
    expect(own.every(({ inode }) => inode > 0)).toBe(true);
    if (name === "netlink") {
      expect(ended.info).toMatchObject({ unacknowledged: 0, retransmits: 0, backoffs: 0 });
      expect(ended.info!.congestionWindow).toBeGreaterThan(1);
      expect(ended.info!.roundTripMs).toBeGreaterThan(0);
      expect(own.find(({ state }) => state === "LISTEN")).toMatchObject({ receiveQueue: 0, sendQueue: 7 });
    }
  });
});

describe.skipIf(!isLinux)("who has a socket open", () => {
  beforeAll(() => buildProgram());

  it("is told by a process that answers nothing else, and ends with its parent", async () => {
    const owners = new Owners(new URL(`file://${PROGRAM_FILE.replace("cli.js", "owners.js")}`));
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = (server.address() as AddressInfo).port;
    const { inode } = readProcSockets(write).find((one) => one.localPort === port)!;
    for (let tries = 0; tries < 200 && owners.of(inode) === null; tries++) {
      owners.ask([inode, 999_999_999]);
      await sleep(50);
    }
    expect(owners.of(inode)?.pid).toBe(process.pid);
    expect(owners.of(999_999_999)).toBeNull();
    owners.close();
    for (let tries = 0; tries < 100 && !owners.isGone; tries++) await sleep(50);
    expect(owners.isGone).toBe(true);
    server.close();
  });

  it("is no more asked when whoever asks is killed", async () => {
    const child = spawn(process.execPath, [PROGRAM_FILE.replace("cli.js", "owners.js")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.write("nonsense -1 1e99\n");
    expect(String((await once(child.stdout, "data"))[0])).toBe("[]\n");
    child.kill("SIGINT");
    await sleep(100);
    expect(child.exitCode).toBeNull();
    child.stdin.destroy();
    expect((await once(child, "exit"))[0]).toBe(0);
  });
});

const socket: KernelSocket = {
  localAddress: "10.0.0.1",
  localPort: 80,
  remoteAddress: "10.0.0.2",
  remotePort: 5000,
  state: "CLOSE_WAIT",
  receiveQueue: 101,
  sendQueue: 0,
  inode: 7,
  info: null,
};
const end: OpenEnd = { ...socket, name: 12, side: 1, state: "CLOSE_WAIT" };
const owners = {
  isGone: false,
  ask: () => undefined,
  of: (inode: number) => (inode === 7 ? { pid: 4312, name: "java" } : null),
};
const open = (...ends: readonly OpenEnd[]) => ({
  count: ends.length,
  forEach: (ports: ReadonlySet<number>, visit: (one: OpenEnd) => void) => {
    for (const one of ends) if (ports.has(one.localPort)) visit(one);
  },
});

describe("beside the wire", () => {
  it("a connection's socket is found by its addresses and ports, and keeps its owner", () => {
    const watch = new SocketWatch(owners);
    watch.look([socket, { ...socket, remotePort: 5001, inode: 8 }], open(end), 0);
    // The FIN is a byte for the kernel, and none that an application can read.
    expect(watch.of(12, 1)).toMatchObject({ state: "CLOSE_WAIT", process: "java", receiveQueueBytes: 100 });
    expect(watch.of(12, 0)).toBeNull();
    expect(watch.sockets()!.sockets.map(({ remote, wire }) => [remote, wire])).toEqual([
      ["10.0.0.2:5000", "CLOSE_WAIT"],
      ["10.0.0.2:5001", null],
    ]);
    watch.look([{ ...socket, inode: 0, state: "LAST_ACK" }], open(end), 1000);
    expect(watch.of(12, 1)).toMatchObject({ state: "LAST_ACK", process: "java", pid: 4312 });
  });

  it.each([
    ["at one look only", [[0, "ESTABLISHED"]], null],
    [
      "for less than a round trip",
      [
        [0, "ESTABLISHED"],
        [1000, "ESTABLISHED"],
      ],
      null,
      3000,
    ],
    [
      "for longer than that",
      [
        [0, "ESTABLISHED"],
        [1000, "ESTABLISHED"],
      ],
      "ESTABLISHED",
      10,
    ],
    [
      "but about something else each time",
      [
        [0, "SYN_RECEIVED"],
        [1000, "ESTABLISHED"],
      ],
      null,
    ],
    [
      "until it no longer does",
      [
        [0, "ESTABLISHED"],
        [1000, "ESTABLISHED"],
        [2000, "CLOSE_WAIT"],
      ],
      null,
    ],
  ] as [string, [number, StateName][], StateName | null, number?][])(
    "what differs %s",
    (_, looks, expected, roundTripMs = 0) => {
      const watch = new SocketWatch(null);
      const info = {
        roundTripMs,
        congestionWindow: 10,
        unacknowledged: 0,
        retransmitsInFlight: 0,
        retransmits: 0,
        backoffs: 0,
      };
      for (const [atMs, state] of looks) watch.look([{ ...socket, info }], open({ ...end, state }), atMs);
      expect(watch.of(12, 1)!.wireState).toBe(expected);
    },
  );

  it("says where it cannot see all", () => {
    const watch = new SocketWatch(null);
    watch.look([socket], open(end), 0);
    expect(watch.sockets()!.lacking).toBe("which process has a socket open is not known");
    watch.look([socket], { ...open(end), count: 20_001 }, 0);
    expect(watch.sockets()!.lacking).toMatch(/^more connections are open than can be compared/);
  });
});
