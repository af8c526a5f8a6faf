/** Capturing from interfaces: what is reported, what is written, and how it ends. Real interfaces, real connections. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Libpcap } from "../../src/source/live-libpcap.js";
import { buildProgram, runProgram } from "../cli/built-program.js";
import {
  type CaptureRun,
  type Capturing,
  converse,
  LabNetwork,
  NO_NETWORK,
  SERVER_ADDRESS,
  startCapture,
  untilBegun,
} from "./lab-network.js";

const hasLibpcap = Libpcap.available() !== null;
const hasTcpdump = spawnSync("tcpdump", ["--version"]).status === 0;
if (NO_NETWORK !== null) console.log(`left out: capturing from interfaces (${NO_NETWORK})`);
if (!hasLibpcap) console.log("left out: capturing with libpcap, which is not installed");
if (!hasTcpdump) console.log("left out: capturing with tcpdump, which is not installed");

const backends = [...(hasLibpcap ? ["libpcap"] : []), ...(hasTcpdump ? ["tcpdump"] : [])];
const folder = mkdtempSync(join(tmpdir(), "tcpflow-live-"));
/** Anybody may write there, so that rights decide by user alone. */
const at = (name: string): string => join(folder, name);
let files = 0;
const fresh = (): string => at(`seen-${++files}.pcapng`);

beforeAll(() => {
  buildProgram();
  chmodSync(folder, 0o777);
  mkdirSync(at("roots"), { mode: 0o700 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  readonly capture: {
    readonly packets: number;
    readonly isComplete: boolean;
    readonly interfaces: readonly { readonly name: string; readonly droppedPackets: number | null }[];
  };
  readonly connections: readonly Record<string, unknown>[];
}

/** Captures while something happens, then stops; the report and the file. */
async function captureWhile(
  run: CaptureRun,
  action: (capturing: Capturing) => Promise<void>,
  signal: NodeJS.Signals | null = "SIGINT",
) {
  const file = fresh();
  const capturing = startCapture({
    ...run,
    args: ["--json", "--connections", "all", "-w", file, ...run.args],
  });
  await untilBegun(file, capturing);
  await action(capturing);
  if (signal !== null) capturing.child.kill(signal);
  const ended = await capturing.ended;
  return { ...ended, file, report: ended.out === "" ? null : (JSON.parse(ended.out) as Report) };
}

async function reportOf(file: string): Promise<Report> {
  const { out } = await runProgram({ args: ["--json", "--connections", "all", file] });
  return JSON.parse(out) as Report;
}

describe.skipIf(NO_NETWORK !== null).each(backends)("a capture with %s", (backend) => {
  let network: LabNetwork;
  beforeAll(() => {
    network = new LabNetwork();
  });
  afterAll(() => network.remove());

  it("reports connections over a veth pair as the file written meanwhile does", async () => {
    const { status, error, report, file } = await captureWhile(
      { args: ["-i", "s0", "--backend", backend], namespace: network.server },
      () => converse(12, network.server, network.client, SERVER_ADDRESS),
    );
    expect([status, error]).toEqual([0, ""]);
    expect(report!.capture).toMatchObject({
      isComplete: true,
      interfaces: [{ name: "s0", droppedPackets: 0 }],
    });
    expect(report!.connections).toHaveLength(12);
    expect(report!.connections.every((one) => one.outcome === "completed")).toBe(true);
    const written = await reportOf(file);
    // Times are parts of it: each to the nanosecond.
    expect(report!.connections).toEqual(written.connections);
    expect(written.capture.packets).toBe(report!.capture.packets);
    expect(written.capture.interfaces).toMatchObject([{ name: "s0", droppedPackets: 0 }]);
  });

  it("reports what goes one way on lo, where it is narrowed by a filter", async () => {
    const run = {
      args: ["-i", "lo", "--backend", backend, "--", "dst", "port", "7007"],
      namespace: network.server,
    };
    const { status, report } = await captureWhile(run, () =>
      converse(3, network.server, network.server, "127.0.0.1"),
    );
    expect(status).toBe(0);
    expect(report!.connections).toHaveLength(3);
    const answers = report!.connections.map(({ server }) => (server as { packets: number }).packets);
    expect(answers).toEqual([0, 0, 0]);
  });

  it.each([
    ["no such interface", ["-i", "s1"], /^s1: there is no such interface; is s0 or lo meant\?\n$/],
    [
      "a filter that is wrong",
      ["-i", "s0", "--bpf", "tcp and prot 80"],
      /^s0: the filter ".*" is wrong at column 9: /,
    ],
    [
      "a filter that lacks its end",
      ["-i", "s0", "--", "tcp", "port"],
      /^s0: the filter ".*" is wrong at its end: .*syntax error/,
    ],
  ])("says of %s in one sentence what is wrong", async (_, args, sentence) => {
    const { ended } = startCapture({
      args: ["--text", "--backend", backend, ...args],
      namespace: network.server,
    });
    const { status, out, error } = await ended;
    expect([status, out]).toEqual([1, ""]);
    expect(error).toMatch(sentence);
    expect(error.trimEnd().split("\n")).toHaveLength(1);
  });

  it("says what an ordinary user lacks", async () => {
    const { status, error } = await startCapture({
      args: ["-i", "lo", "--text", "--backend", backend],
      uid: 65_534,
    }).ended;
    expect([status, error]).toEqual([
      1,
      "lo: capturing needs root or CAP_NET_RAW; try: sudo tcpflow-analyze -i lo\n",
    ]);
  });

  it("ends by itself after so many packets, or so long", async () => {
    const some = await captureWhile(
      { args: ["-i", "s0", "--backend", backend, "--packets", "17"], namespace: network.server },
      () => converse(12, network.server, network.client, SERVER_ADDRESS),
      null,
    );
    expect([some.status, some.report!.capture.packets]).toEqual([0, 17]);
    const startedAt = performance.now();
    const timed = await captureWhile(
      { args: ["-i", "s0", "--backend", backend, "--duration", "1"], namespace: network.server },
      () => Promise.resolve(),
      null,
    );
    expect([timed.status, timed.report!.capture.packets]).toEqual([0, 0]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("ends on %s with a report and a whole file", async (signal) => {
    const { status, report, file } = await captureWhile(
      { args: ["-i", "s0", "--backend", backend], namespace: network.server },
      () => converse(2, network.server, network.client, SERVER_ADDRESS),
      signal,
    );
    expect(status).toBe(signal === "SIGHUP" ? 129 : 0);
    expect(report!.connections).toHaveLength(2);
    expect((await reportOf(file)).connections).toEqual(report!.connections);
  });

  it("ends where the disk is full, with all in the file that had room", async () => {
    const disk = at(`disk-${backend}`);
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", disk]).status).toBe(0);
    try {
      const file = join(disk, "seen.pcapng");
      const capturing = startCapture({
        args: ["-i", "s0", "--backend", backend, "--json", "-w", file],
        namespace: network.server,
      });
      await untilBegun(file, capturing);
      await converse(40, network.server, network.client, SERVER_ADDRESS);
      const { status, out, error } = await capturing.ended;
      expect(status).toBe(4);
      expect(error).toMatch(/^s0: packets cannot be written any more \(there is no space left\); /);
      const written = await reportOf(file);
      expect(written.capture.packets).toBeGreaterThan(50);
      expect(written.capture.isComplete).toBe(true);
      expect((JSON.parse(out) as Report).capture.packets).toBeGreaterThan(0);
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  it("gives up root in every thread once the interface is open", async () => {
    const { report } = await captureWhile(
      { args: ["-i", "s0", "--backend", backend], namespace: network.server },
      async ({ child }) => {
        await sleep(300);
        const threads = threadsOf(child.pid!);
        expect(threads.length).toBeGreaterThan(2);
        for (const status of threads) {
          expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
          expect(status).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
          expect(status).toMatch(/^Cap(Prm|Eff):\t0{16}$/m);
        }
        await converse(1, network.server, network.client, SERVER_ADDRESS);
      },
    );
    expect(report!.connections).toHaveLength(1);
  });

  it("ends with what it has where the interface goes away", async () => {
    const lost = new LabNetwork("x");
    try {
      const { status, error, report, file } = await captureWhile(
        { args: ["-i", "s0", "--backend", backend], namespace: lost.server },
        async () => {
          await converse(2, lost.server, lost.client, SERVER_ADDRESS);
          // What the kernel has not handed over by then is gone with it; tcpdump asks once a second.
          await sleep(backend === "tcpdump" ? 1500 : 300);
          lost.removeLink();
        },
        null,
      );
      expect(status).toBe(4);
      expect(error).toMatch(
        /^s0: the interface went away or down; the capture ended there; the \d+ packets before it are reported\n$/,
      );
      expect(report!.connections).toHaveLength(2);
      expect((await reportOf(file)).connections).toEqual(report!.connections);
    } finally {
      lost.remove();
    }
  });
});

/** The status of each thread, as the kernel tells it. */
function threadsOf(pid: number): string[] {
  const { stdout } = spawnSync("sh", ["-c", `cat /proc/${pid}/task/*/status`], { encoding: "utf8" });
  return stdout.split(/^(?=Name:)/m).filter((text) => text !== "");
}

describe.skipIf(NO_NETWORK !== null || !hasLibpcap)("with root's rights", () => {
  const short = ["-i", "lo", "--text", "--duration", "0.1"];
  const caller = { SUDO_UID: "1234", SUDO_GID: "1234", SUDO_USER: "nobody-else" };

  it("a report is written where only root may, and belongs to the lesser user", async () => {
    const path = at("roots/report.txt");
    const { status, out, error } = await startCapture({ args: [...short, "-o", path] }).ended;
    expect([status, out, error]).toEqual([0, "", ""]);
    expect(readFileSync(path, "utf8")).toMatch(/^lo /);
    expect(statSync(path)).toMatchObject({ uid: 65_534 });
  });

  it("a capture that cannot begin leaves no file behind, and one that was there as it was", async () => {
    const [file, report] = [at("roots/none.pcapng"), fresh()];
    spawnSync("sh", ["-c", `echo older > ${report}`]);
    const args = ["-i", "no-such-interface", "--text", "-w", file, "-o", report];
    const { status, error } = await startCapture({ args }).ended;
    expect(status).toBe(1);
    expect(error).toMatch(/^no-such-interface: there is no such interface/);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(report, "utf8")).toBe("older\n");
  });

  it("figures are served while a capture goes on, and what listens there already is told", async () => {
    const port = 20_000 + (process.pid % 20_000);
    const args = ["-i", "lo", "--text", "--duration", "8", "--metrics", String(port)];
    const { ended } = startCapture({ args });
    let text = "";
    for (let tries = 0; tries < 300 && text === ""; tries++) {
      await sleep(20);
      text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (answer) => answer.text(),
        () => "",
      );
    }
    expect(text).toMatch(/^tcpflow_dropped_packets_total\{interface="lo"\} 0$/m);
    const second = await startCapture({ args }).ended;
    expect([second.status, second.error]).toEqual([
      1,
      "--metrics: something else listens there already; choose another port for --metrics\n",
    ]);
    expect((await ended).status).toBe(0);
  });

  it("packets and report do not go into one file", async () => {
    const file = fresh();
    const { status, error } = await startCapture({ args: [...short, "-w", file, "-o", file] }).ended;
    expect(status).toBe(1);
    expect(error).toBe(`${file}: is written to by -w; name another file for the report\n`);
    expect(existsSync(file)).toBe(false);
  });

  it("files belong to who called sudo, and are written with his rights", async () => {
    const file = fresh();
    expect((await startCapture({ args: [...short, "-w", file], environment: caller }).ended).status).toBe(0);
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 1234 });
    const target = at("roots/seen.pcapng");
    for (const option of ["-w", "-o"]) {
      const { status, error } = await startCapture({ args: [...short, option, target], environment: caller })
        .ended;
      expect([status, error]).toEqual([
        1,
        `${target}: may not be written by this user; check its permissions\n`,
      ]);
    }
  });

  it("no link is followed, and no file of somebody else is overwritten", async () => {
    const link = fresh();
    symlinkSync(at("elsewhere"), link);
    const followed = await startCapture({ args: [...short, "-w", link] }).ended;
    expect(followed.error).toBe(
      `${link}: is a symbolic link, which root does not follow; name the file itself\n`,
    );
    expect([existsSync(at("elsewhere")), lstatSync(link).isSymbolicLink()]).toEqual([false, true]);
    const others = fresh();
    spawnSync("sh", ["-c", `echo kept > ${others}`]);
    chownSync(others, 1234, 1234);
    const { error } = await startCapture({ args: [...short, "-w", others] }).ended;
    expect(error).toBe(`${others}: is no file of root's own, and is not overwritten; name another\n`);
    expect(readFileSync(others, "utf8")).toBe("kept\n");
  });
});

const LEAK = `
import os, socket, sys, time
listener = socket.create_server(("127.0.0.1", 7009))
client = socket.create_connection(("127.0.0.1", 7009))
accepted, _ = listener.accept()
client.sendall(b"x" * 100)
client.shutdown(socket.SHUT_WR)
print(os.getpid(), flush=True)
time.sleep(30)
`;

describe.skipIf(NO_NETWORK !== null || !hasLibpcap)("this host's own sockets", () => {
  let network: LabNetwork;
  beforeAll(() => {
    network = new LabNetwork("k");
  });
  afterAll(() => network.remove());

  /** Captures while a server does not close what its client has closed; the report, and who that is. */
  async function captureLeak(format: string): Promise<{ out: string; pid: number; owners: string }> {
    const file = fresh();
    const capturing = startCapture({
      args: [format, "-i", "lo", "-w", file],
      namespace: network.server,
    });
    await untilBegun(file, capturing);
    const leaking = spawn("ip", ["netns", "exec", network.server, "python3", "-c", LEAK], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) =>
      leaking.stdout.once("data", (text) => resolve(Number(text))),
    );
    await sleep(4000);
    const owners = spawnSync("pgrep", ["-P", `${capturing.child.pid}`, "-f", "owners.js"], {
      encoding: "utf8",
    });
    capturing.child.kill("SIGINT");
    const { status, out } = await capturing.ended;
    leaking.kill("SIGKILL");
    expect(status).toBe(0);
    return { out, pid, owners: owners.stdout.trim() };
  }

  it("stand beside the wire's view of their connections, with the process that does not close", async () => {
    const { out, pid, owners } = await captureLeak("--json");
    const [connection] = (JSON.parse(out) as Report).connections as Record<string, Record<string, unknown>>[];
    expect(connection!.server!.socket).toMatchObject({
      state: "CLOSE_WAIT",
      process: "python3",
      pid,
      receiveQueueBytes: 100,
      sendQueueBytes: 0,
      wireState: null,
    });
    expect(connection!.client!.socket).toMatchObject({ state: "FIN_WAIT_2", process: "python3", pid });
    // Who answers has the right to look, and is gone with the program.
    expect(owners).toMatch(/^\d+$/);
    for (let tries = 0; tries < 100 && existsSync(`/proc/${owners}`); tries++) await sleep(20);
    expect(existsSync(`/proc/${owners}`)).toBe(false);
  });

  it("are told in the text report", async () => {
    const { out, pid } = await captureLeak("--text");
    const text = out.replace(/\s+/g, " ");
    expect(text).toContain(
      `the server's socket on this host of python3 (${pid}) is in CLOSE_WAIT by its kernel, 100 B not read by its application`,
    );
    expect(text).toContain(`python3 (${pid}) has not closed it`);
  });
});

describe("without capturing", () => {
  it("-D lists the interfaces", async () => {
    const { status, out } = await runProgram({ args: ["-D"] });
    expect(status).toBe(0);
    if (process.platform === "linux") expect(out).toMatch(/^lo +(up|down), loopback/m);
  });
});
