/** `--keep`: records that go to a temporary file, as a process; that nothing of it is left; what is said without room. */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, PROGRAM_FILE, runProgram } from "./built-program.js";
import { handshakeCapture } from "./handshake-capture.js";

const folder = mkdtempSync(join(tmpdir(), "spill-"));
const temporary = join(folder, "temporary");
const many = join(folder, "many.pcap");
const CONNECTIONS = 3000;
const bytes = handshakeCapture(CONNECTIONS);
const ALL = ["--json", "--connections", "all"];

beforeAll(() => {
  buildProgram();
  mkdirSync(temporary);
  writeFileSync(many, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Targets of the descriptors that a process has in the directory for temporary files. */
function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${name}`);
      return target.startsWith(temporary) ? [target] : [];
    } catch {
      return [];
    }
  });
}

describe("--keep", () => {
  it.each([
    ALL,
    ["--text", "--connections", "all"],
    ["--connection", "9"],
    ["--json", "--connection", "8001"],
  ])("10 with %s %s %s gives the same report", async (...args: string[]) => {
    const plain = await runProgram({ args: [...args, many] });
    const environment = { TMPDIR: temporary };
    const spilled = await runProgram({ args: [...args, "--keep", "10", many], environment });
    expect(plain.status).toBe(0);
    expect(spilled).toEqual(plain);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.runIf(existsSync("/proc/self/fd")).each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)("leaves nothing behind after %s", async (signal, expected) => {
    const child = spawn(process.execPath, [PROGRAM_FILE, ...ALL, "--keep", "10", "-"], {
      env: { PATH: process.env.PATH ?? "", TMPDIR: temporary },
      stdio: ["pipe", "ignore", "ignore"],
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.stdin.on("error", () => undefined);
    child.stdin.write(bytes);
    for (let tries = 0; tries < 200 && openFiles(child.pid!).length === 0; tries++) await pause(50);
    expect(openFiles(child.pid!)).toHaveLength(1);
    expect(readdirSync(temporary)).toEqual([]);
    child.kill(signal);
    expect(await ended).toBe(expected);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("says in the report what could not be kept, and reports everything else", async () => {
    const plain = await runProgram({ args: [...ALL, many] });
    const missing = join(folder, "missing");
    const short = await runProgram({
      args: [...ALL, "--keep", "10", many],
      environment: { TMPDIR: missing },
    });
    expect({ status: short.status, error: short.error }).toEqual({ status: 0, error: "" });
    const [whole, part] = [JSON.parse(plain.out), JSON.parse(short.out)];
    const unkept = whole.connections.length - part.connections.length;
    expect(unkept).toBeGreaterThan(1000);
    expect(part.capture.notes).toEqual([
      `${unkept} finished connections are not listed, and counted all the same: ${missing}, the directory for temporary files, does not exist.`,
    ]);
    expect({ ...part.capture, notes: [] }).toEqual({ ...whole.capture, notes: [] });
    expect(part.servers).toEqual(whole.servers);
    // The first to be listed, and the last, which has no place.
    const last = whole.connections.at(-1).id;
    for (const [id, status] of [
      [whole.connections[0].id, 0],
      [last, 2],
    ]) {
      const one = await runProgram({
        args: ["--connection", id, "--keep", "10", many],
        environment: { TMPDIR: missing },
      });
      expect(one.status).toBe(status);
      expect(one.error.includes("finished connections are not listed")).toBe(status === 2);
    }
  });

  it.runIf(existsSync("/bin/sh"))("goes on where the file may not grow any more", async () => {
    // A limit of the shell on the size of files, in units of 512 bytes, stands for a disk that is full.
    const script = `ulimit -f 300; exec "$0" "$@"`;
    const args = ["-c", script, process.execPath, PROGRAM_FILE, ...ALL, "--keep", "10", many];
    const child = spawn("/bin/sh", args, {
      env: { PATH: process.env.PATH ?? "", TMPDIR: temporary },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    const document = JSON.parse(out);
    expect(document.capture.connections).toBe(CONNECTIONS);
    expect(document.connections.length).toBeGreaterThan(1000);
    const unkept = CONNECTIONS - document.connections.length;
    expect(document.capture.notes).toEqual([
      `${unkept} finished connections are not listed, and counted all the same: ${temporary}, the directory for temporary files, allows no larger file.`,
    ]);
  });
});
