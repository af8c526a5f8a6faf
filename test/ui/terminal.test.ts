/**
 * The user interface in a real terminal (tmux): what a person sees, and that the terminal is whole afterwards.
 */
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { grammars } from "../../tsup.config.js";
import {
  driverPid,
  expectShell,
  hasTmux,
  openShell,
  press,
  run as runInShell,
  tmux,
  until,
} from "./real-terminal.js";

if (!hasTmux) console.log("left out: the user interface in a real terminal, since there is no tmux here");

// Below node_modules, so that the built file finds the packages.
const folder = fileURLToPath(new URL("../../node_modules/.ui-terminal-test/", import.meta.url));
const driver = `${folder}driver.mjs`;
function run(...args: readonly string[]): void {
  runInShell(`node ${driver} ${args.join(" ")}`);
}

describe.runIf(hasTmux)("in a real terminal", () => {
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    await build({
      entryPoints: [fileURLToPath(new URL("driver.ts", import.meta.url))],
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      packages: "external",
      jsx: "automatic",
      plugins: [grammars],
    });
    return () => rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => {
    tmux("kill-server");
  });

  it("opens, sorts, searches, opens a connection, resizes and quits", async () => {
    await openShell();
    run("0");
    await until("Time to connect");
    await until(" done");
    press("4");
    expect(await until("what to do")).toMatch(/^▸✗ PROBLEM {2}server .* refused 12 connections/m);
    press("t");
    await until("/ connection-refused 10.20.0.9:5432");
    press("Escape");
    await until("[4 Findings (2)]");
    press("2");
    await until("sort: start");
    press("s");
    await until("sort: client ");
    press("/", "refused");
    await until("/ refused");
    press("Enter", "Enter");
    await until(/refused by 10\.20\.0\.8:8081/);
    tmux("resize-window", "-t", "ui", "-x", "120", "-y", "40");
    expect(await until(/time in state/)).toMatch(/state client .* server/);
    tmux("resize-window", "-t", "ui", "-x", "70", "-y", "20");
    const small = await until(/^(?![\s\S]*time in state)[\s\S]*state client/);
    expect(small.split("\n")[0]).toContain("tcpflow-analyze  made-up.pcap");
    press("Escape");
    await until("/ refused");
    press("q");
    await expectShell(0);
  });

  it("shows the reading while it goes on, and takes keys meanwhile", async () => {
    await openShell();
    run("3000");
    await until(/reading .* left/);
    press("2");
    await until("sort: start");
    await until(" done");
    press("q");
    await expectShell(0);
  });

  it("leaves on Ctrl-C in the middle of the reading, with status 130", async () => {
    await openShell();
    run("60000");
    await until(/reading .*%/);
    press("C-c");
    await expectShell(130);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("leaves on %s with status %i", async (signal, status) => {
    await openShell();
    run("60000");
    await until(/reading .*%/);
    process.kill(driverPid(), signal);
    await expectShell(status);
  });

  it("leaves the terminal whole when the program crashes", async () => {
    await openShell(100, 40);
    run("400", "crash");
    expect(await expectShell(1)).toContain("crashed on purpose");
  });

  it("closes at once where nothing can be read", async () => {
    await openShell();
    run("0", "unreadable");
    expect(await expectShell(1)).toContain("failed: this is no capture");
  });

  it("reads keys from the terminal while the capture comes on standard input", async () => {
    await openShell();
    press(`printf x | node ${driver} 0; echo status=$?`, "Enter");
    await until(" done");
    press("2");
    await until("sort: start");
    press("q");
    await expectShell(0);
  });

  it("stops on Ctrl-Z and comes back with fg", async () => {
    await openShell();
    run("0");
    await until(" done");
    press("C-z");
    await until(/Stopped/);
    press("fg", "Enter");
    await until("Time to connect");
    press("2");
    await until("sort: start");
    press("q");
    await until("shell>");
    expect(tmux("display-message", "-p", "-t", "ui", "#{alternate_on} #{cursor_flag}").trim()).toBe("0 1");
  });

  it("draws ASCII where the locale is no UTF-8", async () => {
    await openShell();
    press("export LANG=C", "Enter");
    run("0");
    const seen = await until(" done");
    expect(seen).toMatch(/^[\x20-\x7e\n]*$/);
    press("q");
    await expectShell(0);
  });
});
