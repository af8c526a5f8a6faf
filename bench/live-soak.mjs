/**
 * Whether a capture's memory stays flat: new connections at a rate over a veth pair, and what the program holds meanwhile.
 *
 *   npm run build && make -C test/lab bin/sender && node bench/live-soak.mjs [--seconds 600] [--connections 2000] [--flood]
 *
 * As root, on Linux, with tmux: the screen is open, as for somebody who watches. A line every ten seconds; the last one
 * compares the end with the end of the first third. `--flood` sends SYNs alone, so many a second.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    connections: { type: "string", default: "2000" },
    flood: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
/** Packets of one conversation of the sender's. */
const PACKETS = values.flood ? 1 : 102;
const EVERY_SECONDS = 10;
const socket = `tfa-soak-${process.pid}`;
const tmux = (...args) => execFileSync("tmux", ["-L", socket, ...args], { encoding: "utf8" });
const ip = (...args) => execFileSync("ip", args);

function residentMegabytes(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024);
}

ip("link", "add", "c0", "type", "veth", "peer", "name", "s0");
try {
  for (const link of ["c0", "s0"]) {
    execFileSync("sysctl", ["-qw", `net.ipv6.conf.${link}.disable_ipv6=1`]);
    ip("link", "set", link, "up");
  }
  const command = `${process.execPath} ${root}dist/cli.js -i s0`;
  tmux(
    "-f",
    "/dev/null",
    "new-session",
    "-d",
    "-s",
    "soak",
    "-x",
    "120",
    "-y",
    "40",
    "env",
    "LANG=C.UTF-8",
    ...command.split(" "),
  );
  await sleep(3000);
  tmux("send-keys", "-t", "soak", "6");
  const pid = Number(spawnSync("pgrep", ["-f", `^${command}`], { encoding: "utf8" }).stdout.split("\n")[0]);
  const rate = String(Number(values.connections) * PACKETS);
  const args = ["c0", rate, values.seconds, ...(values.flood ? ["syn"] : [])];
  const sender = spawn(`${root}test/lab/bin/sender`, args, { stdio: ["ignore", "pipe", "inherit"] });
  let sent = "";
  sender.stdout.on("data", (text) => (sent += text));
  const ended = new Promise((resolve) => sender.once("close", resolve));
  const held = [];
  for (let second = EVERY_SECONDS; second <= seconds; second += EVERY_SECONDS) {
    await sleep(EVERY_SECONDS * 1000);
    held.push(residentMegabytes(pid));
    console.log(`${String(second).padStart(4)} s  ${held.at(-1)} MB`);
  }
  await ended;
  const [early, late] = [held[Math.floor(held.length / 3)], held.at(-1)];
  console.log(`sent ${sent.trim()}\nat a third ${early} MB, at the end ${late} MB`);
  console.log(tmux("capture-pane", "-p", "-t", "soak").split("\n").slice(0, 18).join("\n"));
} finally {
  spawnSync("tmux", ["-L", socket, "kill-server"]);
  ip("link", "del", "c0");
}
