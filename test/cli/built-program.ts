/**
 * The program as it is shipped, built into a folder of the test process's own, and run as a process.
 *
 * It lies below node_modules, so that it finds its packages, and never touches the project's own dist; a build of another
 * test file, or of another checkout with the same packages, does not take it away while it runs.
 */
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const builds = `${root}node_modules/.cli-tests`;
const home = `${builds}/${process.pid}`;

/** Path of the built command. */
export const PROGRAM_FILE = `${home}/dist/cli.js`;

/** Takes away what processes left that are gone: a test's process is ended without a word. */
function removeOldBuilds(): void {
  for (const name of existsSync(builds) ? readdirSync(builds) : []) {
    try {
      process.kill(Number(name), 0);
    } catch {
      rmSync(`${builds}/${name}`, { recursive: true, force: true });
    }
  }
}

/** Builds the program from the sources as they are. */
export function buildProgram(): void {
  removeOldBuilds();
  mkdirSync(home, { recursive: true });
  copyFileSync(`${root}package.json`, `${home}/package.json`);
  const bundler = `${root}node_modules/tsup/dist/cli-default.js`;
  execFileSync(process.execPath, [bundler, "--out-dir", `${home}/dist`], { cwd: root, stdio: "pipe" });
}

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

export interface Run {
  readonly args: readonly string[];
  readonly stdin?: Uint8Array;
  /** Leaves standard input open after what was given. */
  readonly isStdinKeptOpen?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sent as soon as the program has had time to begin. */
  readonly signal?: NodeJS.Signals;
  /** Closes the reading end of standard output after so many bytes. */
  readonly closeAfterBytes?: number;
}

/** Runs the built program to its end. */
export function runProgram(run: Run): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM_FILE, ...run.args], {
      env: { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", ...run.environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let out = "";
    let error = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (run.closeAfterBytes !== undefined && out.length >= run.closeAfterBytes) child.stdout.destroy();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (error += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, out, error }));
    // The program may end before it has read everything.
    child.stdin.on("error", () => undefined);
    if (run.stdin !== undefined) child.stdin.write(run.stdin);
    if (!run.isStdinKeptOpen) child.stdin.end();
    if (run.signal !== undefined) setTimeout(() => child.kill(run.signal), 1500);
  });
}
