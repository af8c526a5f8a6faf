/**
 * A real terminal for tests: tmux, its screen as text, keys, and the shell that has to be as it was afterwards.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { expect } from "vitest";

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

/** A server of its own for each test: one that is ending takes no new session. */
let server = 0;

export function tmux(...args: readonly string[]): string {
  return execFileSync("tmux", ["-u", "-L", `ui-test-${process.pid}-${server}`, ...args], {
    encoding: "utf8",
  });
}

/** Ends the terminal, where it has not ended by itself. */
export function killTerminal(): void {
  spawnSync("tmux", ["-L", `ui-test-${process.pid}-${server}`, "kill-server"]);
}

export function screen(): string {
  return tmux("capture-pane", "-p", "-t", "ui");
}

export async function until(what: string | RegExp, where: () => string = screen): Promise<string> {
  let seen = "";
  for (let tries = 0; tries < 200; tries++) {
    seen = where();
    if (typeof what === "string" ? seen.includes(what) : what.test(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited for ${what}, saw:\n${seen}`);
}

export function press(...keys: readonly string[]): void {
  tmux("send-keys", "-t", "ui", ...keys);
}

/** A shell in a terminal of the given size, with a line on its screen that has to be there afterwards. */
export async function openShell(columns = 80, rows = 24): Promise<void> {
  // Whoever runs the tests may have set what decides about colours and drawing.
  const clean = [
    "-u",
    "NO_COLOR",
    "-u",
    "FORCE_COLOR",
    "-u",
    "NODE_ENV",
    "-u",
    "LC_ALL",
    "CI=true",
    "LANG=C.UTF-8",
    "PS1=shell> ",
  ];
  server++;
  const size = ["-x", String(columns), "-y", String(rows)];
  tmux(
    "-f",
    "/dev/null",
    "new-session",
    "-d",
    "-s",
    "ui",
    ...size,
    "env",
    ...clean,
    "bash",
    "--norc",
    "--noprofile",
  );
  await until("shell>");
  press("echo here before", "Enter");
  await until(/^here before$/m);
}

/** Runs a command in the shell, which then says its exit status. */
export function run(command: string): void {
  press(`${command}; echo status=$?`, "Enter");
}

/** Asserts that the shell is back as it was, with the given exit status. */
export async function expectShell(status: number): Promise<string> {
  const seen = await until(`status=${status}`);
  expect(seen).toMatch(/^here before$/m);
  expect(seen).not.toContain("1 Overview");
  expect(tmux("display-message", "-p", "-t", "ui", "#{alternate_on} #{cursor_flag}").trim()).toBe("0 1");
  press("stty -a", "Enter");
  const settings = await until(/ echok /);
  expect(settings).toMatch(/(^|\s)icanon/m);
  expect(settings).toMatch(/(^|\s)echo\s/m);
  expect(settings).toMatch(/(^|\s)isig/m);
  return seen;
}

/** Process of the program that the shell runs. */
export function driverPid(): number {
  const shell = tmux("display-message", "-p", "-t", "ui", "#{pane_pid}").trim();
  return Number(execFileSync("ps", ["-o", "pid=", "--ppid", shell], { encoding: "utf8" }).trim());
}
