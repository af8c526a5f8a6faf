/** Several interfaces at once, all of them, and files that follow each other; with libpcap, real interfaces and connections. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Libpcap } from "../../src/source/live-libpcap.js";
import { buildProgram, runProgram } from "../cli/built-program.js";
import { converse, LabNetwork, NO_NETWORK, SERVER_ADDRESS, startCapture, untilBegun } from "./lab-network.js";

const canRun = NO_NETWORK === null && Libpcap.available() !== null;
if (!canRun) console.log("left out: several interfaces at once, which needs root and libpcap");

const folder = mkdtempSync(join(tmpdir(), "tcpflow-several-"));
const ETHERNET = 1;
const RAW_IP = 101;
const LINUX_SLL2 = 276;

/** A device of raw IP (`t0`) in each of two namespaces, and what comes out of one goes into the other. */
const WIRE = `
import ctypes, fcntl, os, select, struct, sys
def device(namespace):
    there = os.open("/run/netns/" + namespace, os.O_RDONLY)
    ctypes.CDLL(None).setns(there, 0x40000000)
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, 0x400454ca, struct.pack("16sH22x", b"t0", 0x1001))
    return end
ends = [device(name) for name in sys.argv[1:]]
print("ready", flush=True)
while True:
    for end in select.select(ends, [], [])[0]:
        packet = os.read(end, 65536)
        try:
            os.write(ends[1 - ends.index(end)], packet)
        except OSError:
            pass # The other end is not up yet.
`;

interface Report {
  readonly capture: {
    readonly packets: number;
    readonly interfaces: readonly { readonly name: string; readonly linkType: number }[];
  };
  readonly connections: readonly { readonly server: { readonly address: string } }[];
}

async function reportOf(...files: readonly string[]): Promise<Report> {
  const { out } = await runProgram({ args: ["--json", "--connections", "all", ...files] });
  return JSON.parse(out) as Report;
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}

describe.skipIf(!canRun)("from several interfaces", () => {
  let network: LabNetwork;
  let wire: ChildProcess;
  beforeAll(async () => {
    buildProgram();
    chmodSync(folder, 0o777);
    network = new LabNetwork("v");
    // A wire between the two namespaces whose packets have no Ethernet in front.
    wire = spawn("python3", ["-c", WIRE, network.client, network.server], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => wire.stdout!.once("data", resolve));
    for (const [name, inner] of [
      [network.client, "10.213.9.1"],
      [network.server, "10.213.9.2"],
    ] as const) {
      ip("-n", name, "address", "add", `${inner}/24`, "dev", "t0");
      ip("-n", name, "link", "set", "t0", "up");
    }
  });
  afterAll(() => {
    wire.kill("SIGKILL");
    network.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function capture(args: readonly string[], file: string, action: () => Promise<void>, begun = file) {
    const capturing = startCapture({
      args: ["--json", "--connections", "all", "-w", file, ...args],
      namespace: network.server,
    });
    await untilBegun(begun, capturing);
    await action();
    capturing.child.kill("SIGINT");
    const { status, out, error } = await capturing.ended;
    expect([status, error]).toEqual([0, ""]);
    return JSON.parse(out) as Report;
  }

  it("each has its own link type, and the report is that of the file written meanwhile", async () => {
    const file = join(folder, "two.pcapng");
    const report = await capture(["-i", "s0", "-i", "t0", "-i", "lo"], file, async () => {
      await converse(3, network.server, network.client, "10.213.9.2");
      await converse(2, network.server, network.client, SERVER_ADDRESS);
      await converse(1, network.server, network.server, "127.0.0.1");
    });
    expect(report.capture.interfaces).toMatchObject([
      { name: "s0", linkType: ETHERNET, droppedPackets: 0 },
      { name: "t0", linkType: RAW_IP, droppedPackets: 0 },
      { name: "lo", linkType: ETHERNET, droppedPackets: 0 },
    ]);
    const servers = report.connections.map(({ server }) => server.address);
    expect(servers.sort()).toEqual([
      "10.213.7.2",
      "10.213.7.2",
      "10.213.9.2",
      "10.213.9.2",
      "10.213.9.2",
      "127.0.0.1",
    ]);
    const written = await reportOf(file);
    expect(written.connections).toEqual(report.connections);
    expect(written.capture.packets).toBe(report.capture.packets);
    expect(written.capture.interfaces).toEqual(report.capture.interfaces);
  });

  it("any takes them all, and each packet says by which it came", async () => {
    const file = join(folder, "any.pcapng");
    const report = await capture(["-i", "any"], file, async () => {
      await converse(2, network.server, network.client, SERVER_ADDRESS);
      await converse(1, network.server, network.server, "127.0.0.1");
    });
    expect(report.capture.interfaces).toMatchObject([{ name: "any", linkType: LINUX_SLL2 }]);
    expect(report.connections).toHaveLength(3);
    expect((await reportOf(file)).connections).toEqual(report.connections);
  });

  it("one that is not there is named", async () => {
    const { status, error } = await startCapture({
      args: ["-i", "s0", "-i", "s1", "--text"],
      namespace: network.server,
    }).ended;
    expect([status, error]).toEqual([1, "s1: there is no such interface; is s0 or lo or t0 meant?\n"]);
  });

  it("-C begins a file after so many bytes, -W writes over the oldest, and together they are the capture", async () => {
    const place = join(folder, "ring");
    mkdirSync(place);
    chmodSync(place, 0o777);
    const file = join(place, "seen");
    const ringOf = (files: string[]) => capture(["-i", "s0", "-C", "1", ...files], file, talk, `${file}0`);
    const talk = () => converse(160, network.server, network.client, SERVER_ADDRESS);
    const report = await ringOf(["-W", "20"]);
    const names = readdirSync(place).sort();
    expect(names.slice(0, 2)).toEqual(["seen00", "seen01"]);
    for (const name of names.slice(0, -1)) {
      expect(statSync(join(place, name)).size).toBeGreaterThan(1_000_000);
      expect(statSync(join(place, name)).size).toBeLessThan(1_070_000);
    }
    const together = await reportOf(...names.map((name) => join(place, name)));
    expect(together.capture.packets).toBe(report.capture.packets);
    expect(together.connections).toHaveLength(160);
  });

  it("-G begins a file after so many seconds, with its time in its name, and -W ends the capture", async () => {
    const place = join(folder, "timed");
    mkdirSync(place);
    chmodSync(place, 0o777);
    const startedAt = performance.now();
    const { status } = await startCapture({
      args: ["-i", "s0", "--json", "-w", join(place, "seen-%H%M%S"), "-G", "1", "-W", "2"],
      namespace: network.server,
    }).ended;
    expect(status).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(readdirSync(place)[0]).toMatch(/^seen-\d{6}$/);
  });

  it("says before it begins where further files could not be made", async () => {
    const place = join(folder, "roots");
    mkdirSync(place, { mode: 0o700 });
    const file = join(place, "seen");
    const { status, error } = await startCapture({ args: ["-i", "lo", "--text", "-w", file, "-C", "1"] })
      .ended;
    expect([status, error]).toEqual([
      1,
      `${file}: further files are made as the user nobody, who may not write into this folder; name another one\n`,
    ]);
    expect(readdirSync(place)).toEqual([]);
  });
});
