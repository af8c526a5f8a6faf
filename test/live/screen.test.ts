/** A capture on the screen, in a real terminal (tmux): it fills while packets come, and ends with the report. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Libpcap } from "../../src/source/live-libpcap.js";
import { buildProgram, PROGRAM_FILE, runProgram } from "../cli/built-program.js";
import { hasTmux, killTerminal, openShell, press, run, tmux, until } from "../ui/real-terminal.js";
import { converse, LabNetwork, NO_NETWORK, SERVER_ADDRESS } from "./lab-network.js";

const canRun = hasTmux && NO_NETWORK === null && Libpcap.available() !== null;
if (!canRun) console.log("left out: a capture on the screen, which needs root, libpcap and tmux");

const folder = mkdtempSync(join(tmpdir(), "tcpflow-live-screen-"));
const file = join(folder, "seen.pcapng");
/** Where root alone may write. */
const roots = join(folder, "roots");

/** Processes that run the built program now. */
function running(): string[] {
  const { stdout } = spawnSync("pgrep", ["-f", `cli.js -i s0 -w ${file}`], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "");
}

describe.skipIf(!canRun)("a capture on the screen", () => {
  let network: LabNetwork;
  beforeAll(() => {
    buildProgram();
    mkdirSync(roots, { mode: 0o700 });
    network = new LabNetwork("s");
  });
  afterAll(() => {
    network.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    killTerminal();
    rmSync(file, { force: true });
  });

  async function open(): Promise<void> {
    await openShell(100, 40);
    run(`cd ${roots}; ip netns exec ${network.server} ${process.execPath} ${PROGRAM_FILE} -i s0 -w ${file}`);
    await until(/capturing s0 {2}0 packets\/s {2}0 dropped/);
  }

  it("fills while packets come, and Ctrl-C leaves the report and a clean terminal", async () => {
    await open();
    press("2");
    await converse(3, network.server, network.client, SERVER_ADDRESS);
    const seen = await until(/10\.213\.7\.1:\d+[\s\S]*10\.213\.7\.1:\d+[\s\S]*10\.213\.7\.1:\d+/);
    expect(seen).toContain("capturing s0");
    press("6");
    // Three conversations of more than ten packets, in one of the last seconds or two.
    await until(/\[6 Live\][\s\S]*packets\/s +\d+ [\s\S]*new connections\/s +\d+ [\s\S]* [123]\n/);
    press("p");
    await until(/paused/);
    press("C-c");
    const after = await until(/status=0/);
    expect(after).toMatch(/Connections, worst first \(3\)/);
    expect(tmux("display-message", "-p", "-t", "ui", "#{alternate_on} #{cursor_flag}").trim()).toBe("0 1");
    expect(running()).toEqual([]);
  });

  it("writes nothing any more where only root may", async () => {
    await open();
    press("2");
    await converse(1, network.server, network.client, SERVER_ADDRESS);
    await until(/10\.213\.7\.1:\d+/);
    press("E");
    await until(/not saved: may not be written by this user/);
    press("q");
    await until(/status=0/);
  });

  it("leaves no process behind and a whole file where the terminal is closed", async () => {
    await open();
    await converse(2, network.server, network.client, SERVER_ADDRESS);
    await sleep(300);
    tmux("kill-session", "-t", "ui");
    for (let tries = 0; tries < 100 && running().length > 0; tries++) await sleep(50);
    expect(running()).toEqual([]);
    expect(existsSync(file)).toBe(true);
    const { status, out } = await runProgram({ args: ["--json", file] });
    expect([status, JSON.parse(out).connections.length]).toEqual([0, 2]);
  });
});
