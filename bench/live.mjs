/**
 * What a capture loses, by backend: packets sent at a rate over a veth pair, and how many of them were reported.
 *
 *   npm run build && make -C test/lab bin/sender && node bench/live.mjs [--rate 500000] [--seconds 10] [--only libpcap,ui]
 *
 * As root, on Linux with two processors. The sender (test/lab/src/sender.c) runs on the last one, with all that the
 * kernel does for its packets; the program has what is left. `ui` draws its screen in tmux meanwhile.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "500000" },
    seconds: { type: "string", default: "10" },
    only: { type: "string", default: "libpcap,write,ui,tcpdump,dumpcap" },
    syn: { type: "boolean", default: false },
  },
});
const sender = `${root}test/lab/bin/sender`;
const program = `${root}dist/cli.js`;
const folder = mkdtempSync(join(tmpdir(), "tcpflow-bench-live-"));
const namespace = `tfa-bench-${process.pid}`;
const TICKS_PER_SECOND = 100;
const tmux = (...args) => execFileSync("tmux", ["-L", namespace, ...args], { encoding: "utf8" });

/** Each way to capture: how it is started, and how many packets it says came and were dropped. */
const ways = {
  libpcap: () => capture(["--backend", "libpcap"]),
  write: () => capture(["--backend", "libpcap", "-w", join(folder, "seen.pcapng")]),
  tcpdump: () => capture(["--backend", "tcpdump"]),
  ui: captureOnScreen,
  dumpcap: captureWithDumpcap,
};

async function capture(args) {
  const child = spawn(process.execPath, [program, "-i", "s0", "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (text) => (out += text));
  await sleep(2000);
  const measured = await measure(child.pid);
  child.kill("SIGINT");
  await new Promise((resolve) => child.on("close", resolve));
  const { packets, interfaces } = JSON.parse(out).capture;
  return { ...measured, packets, dropped: interfaces[0]?.droppedPackets ?? 0 };
}

/** Sends all packets; what was sent, and what the process has taken when they are through. */
async function measure(pid) {
  const sent = send();
  await drained();
  return { sent, cpu: processorSeconds(pid), memory: residentMegabytes(pid) };
}

async function captureOnScreen() {
  const command = `${process.execPath} ${program} -i s0; echo status=$?`;
  tmux(
    "-f",
    "/dev/null",
    "new-session",
    "-d",
    "-s",
    "bench",
    "-x",
    "160",
    "-y",
    "50",
    "env",
    "LANG=C.UTF-8",
    "bash",
    "--norc",
  );
  tmux("send-keys", "-t", "bench", command, "Enter");
  await sleep(3000);
  tmux("send-keys", "-t", "bench", "2");
  const pid = Number(
    spawnSync("pgrep", ["-f", `^${process.execPath} ${program} -i s0`], { encoding: "utf8" }).stdout,
  );
  const measured = await measure(pid);
  tmux("send-keys", "-t", "bench", "C-c");
  await sleep(4000);
  const seen = tmux("capture-pane", "-p", "-S", "-200", "-t", "bench");
  tmux("kill-server");
  const count = (pattern) => Number((pattern.exec(seen)?.[1] ?? "0").replaceAll(",", ""));
  return { ...measured, packets: count(/([\d,]+) packets ·/), dropped: count(/s0: ([\d,]+) packets/) };
}

async function captureWithDumpcap() {
  const file = join(folder, "dumpcap.pcapng");
  const child = spawn("dumpcap", ["-i", "s0", "-q", "-B", "32", "-s", "2048", "-f", "tcp", "-w", file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.on("data", (more) => (text += more));
  await sleep(2000);
  const measured = await measure(child.pid);
  child.kill("SIGINT");
  await new Promise((resolve) => child.on("close", resolve));
  rmSync(file, { force: true });
  const [, packets = 0, dropped = 0] = /received\/dropped on interface[^:]*: (\d+)\/(\d+)/.exec(text) ?? [];
  return { ...measured, packets: Number(packets), dropped: Number(dropped) };
}

/** Sends all packets; how many those were, and how fast. Nothing else is done here meanwhile. */
function send() {
  const last = String(cpus().length - 1);
  const args = ["-c", last, sender, "c0", values.rate, values.seconds, ...(values.syn ? ["syn"] : [])];
  const command = spawnSync("taskset", args, { encoding: "utf8" });
  return JSON.parse(command.stdout);
}

function drained() {
  return sleep(1500);
}

/** Of the program, with its children; null where it has ended early. */
function processorSeconds(pid) {
  const children = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout.split("\n");
  try {
    return [pid, ...children.filter(Boolean)].reduce((sum, one) => {
      const fields = readFileSync(`/proc/${one}/stat`, "utf8").split(") ")[1].split(" ");
      return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    }, 0);
  } catch {
    return null;
  }
}

function residentMegabytes(pid) {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024);
  } catch {
    return null;
  }
}

function ip(...args) {
  execFileSync("ip", args);
}

if (!existsSync(sender) || !existsSync(program) || !statSync(program).isFile())
  throw new Error("build first: npm run build && make -C test/lab bin/sender");
execFileSync("chmod", ["777", folder]);
ip("link", "add", "c0", "type", "veth", "peer", "name", "s0");
try {
  for (const link of ["c0", "s0"]) {
    execFileSync("sysctl", ["-qw", `net.ipv6.conf.${link}.disable_ipv6=1`]);
    ip("link", "set", link, "up");
  }
  console.log(
    "| way | sent | packets/s | lost | CPU, s | memory, MB |\n| --- | --- | --- | --- | --- | --- |",
  );
  for (const name of values.only.split(",")) {
    const { sent, packets, cpu, memory } = await ways[name]();
    const lost = `${(100 * (1 - packets / sent.sent)).toFixed(2)} % (${sent.sent - packets})`;
    console.log(`| ${name} | ${sent.sent} | ${sent.perSecond} | ${lost} | ${cpu?.toFixed(1)} | ${memory} |`);
  }
} finally {
  ip("link", "del", "c0");
  rmSync(folder, { recursive: true, force: true });
}
