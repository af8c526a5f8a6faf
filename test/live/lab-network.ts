/**
 * A network of the tests' own: two namespaces with a veth pair between them, and clients and servers in them.
 *
 * Needs root, and iproute2; where either is missing, the tests that need it say so and are left out.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PROGRAM_FILE } from "../cli/built-program.js";

const isRoot = process.getuid?.() === 0;

/** Why no network can be made here; null where it can. */
export const NO_NETWORK =
  process.platform !== "linux" ? "this is no Linux" : !isRoot ? "not root" : failure();

function failure(): string | null {
  const probe = `tfa-probe-${process.pid}`;
  try {
    execFileSync("ip", ["netns", "add", probe], { stdio: "pipe" });
    execFileSync("ip", ["netns", "del", probe], { stdio: "pipe" });
    return null;
  } catch {
    return "no network namespaces can be made";
  }
}

export const CLIENT_ADDRESS = "10.213.7.1";
export const SERVER_ADDRESS = "10.213.7.2";

/** `c0` in the client's namespace, `s0` in the server's. */
export class LabNetwork {
  readonly client: string;
  readonly server: string;

  /** `mark` tells it from others of the same process. */
  constructor(mark = "") {
    this.client = `tfa-c-${process.pid}${mark}`;
    this.server = `tfa-s-${process.pid}${mark}`;
    for (const name of [this.client, this.server]) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    ip("link", "add", "c0", "netns", this.client, "type", "veth", "peer", "name", "s0", "netns", this.server);
    this.setUp(this.client, "c0", CLIENT_ADDRESS);
    this.setUp(this.server, "s0", SERVER_ADDRESS);
  }

  private setUp(name: string, link: string, address: string): void {
    ip("-n", name, "address", "add", `${address}/24`, "dev", link);
    ip("-n", name, "link", "set", link, "up");
  }

  /** Takes the interface of both namespaces away. */
  removeLink(): void {
    ip("-n", this.client, "link", "del", "c0");
  }

  remove(): void {
    for (const name of [this.client, this.server]) ip("netns", "del", name);
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}

const SERVER = `
const server = require("node:net").createServer((socket) => {
  socket.on("error", () => {}).pipe(socket);
});
server.listen(7007, "0.0.0.0", () => console.log("ready"));
`;

const CLIENT = `
const net = require("node:net");
const [address, count] = process.argv.slice(-2);
(async () => {
  for (let i = 0; i < Number(count); i++)
    await new Promise((resolve) => {
      const socket = net.connect(7007, address, () => socket.write("x".repeat(100 * (i + 1))));
      socket.on("data", () => socket.end()).on("close", resolve).on("error", () => {});
    });
})();
`;

/** Runs an echo server in one namespace and so many clients after each other in the other; null: this one. */
export async function converse(
  count: number,
  server: string | null,
  client: string | null,
  address: string,
): Promise<void> {
  const listening = spawn(...inside(server, ["-e", SERVER]), { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => listening.stdout!.once("data", resolve));
  const [file, args] = inside(client, ["-e", CLIENT, address, `${count}`]);
  const talking = spawn(file, args, { stdio: "inherit" });
  await new Promise((resolve) => talking.once("exit", resolve));
  listening.kill("SIGKILL");
  await new Promise((resolve) => listening.once("exit", resolve));
}

function inside(namespace: string | null, args: readonly string[]): [string, string[]] {
  return namespace === null
    ? [process.execPath, [...args]]
    : ["ip", ["netns", "exec", namespace, process.execPath, ...args]];
}

export interface Capturing {
  readonly child: ChildProcess;
  /** What it wrote and its status, once it has ended. */
  readonly ended: Promise<{ status: number | null; out: string; error: string }>;
}

export interface CaptureRun {
  readonly args: readonly string[];
  readonly namespace?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** Starts the built program. */
export function startCapture({ args, namespace, environment, uid }: CaptureRun): Capturing {
  const [file, all] = inside(namespace ?? null, [PROGRAM_FILE, ...args]);
  const child = spawn(file, all, {
    env: { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let out = "";
  let error = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (error += text));
  const ended = new Promise<{ status: number | null; out: string; error: string }>((resolve) => {
    child.on("close", (status) => resolve({ status, out, error }));
  });
  return { child, ended };
}

/** Waits until the capture has written the beginning of its file: from then on nothing is missed. */
export async function untilBegun(file: string, { child }: Capturing): Promise<void> {
  for (let waited = 0; waited < 15_000 && child.exitCode === null; waited += 20) {
    if (existsSync(file) && statSync(file).size > 0) return;
    await sleep(20);
  }
}
