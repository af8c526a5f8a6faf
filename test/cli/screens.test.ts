/** The built program on a real terminal: its screens over a capture that a thread of its own analyses. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  driverPid,
  expectShell,
  hasTmux,
  openShell,
  press,
  run,
  screen,
  tmux,
  until,
} from "../ui/real-terminal.js";
import { buildProgram, PROGRAM_FILE } from "./built-program.js";
import { handshakeCapture } from "./handshake-capture.js";

const folder = mkdtempSync(join(tmpdir(), "screens-"));
const sample = new URL("../../captures/loss-spread.pcap", import.meta.url).pathname;
const leak = new URL("../../captures/close-wait-leak.pcap", import.meta.url).pathname;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

if (!hasTmux) console.log("left out: the program in a real terminal, since there is no tmux here");

describe.runIf(hasTmux)("the program in a real terminal", () => {
  beforeAll(() => {
    buildProgram();
    writeFileSync(join(folder, "many.pcap"), handshakeCapture(150_000));
  });
  afterEach(() => {
    tmux("kill-server");
  });

  it("opens, filters, shows a ladder and its graph, saves the connection, and leaves the shell as it was", async () => {
    await openShell(100, 30);
    run(`cd ${folder} && node ${PROGRAM_FILE} ${sample}`);
    await until(" done");
    await until("client leg");
    press("2", "/");
    await until("▏");
    press("retransmissions > 1 and state = TIME_WAIT", "Enter");
    await until(/ \/ retransmissions > 1 and state = TIME_WAIT .* of /);
    press("Enter");
    await until(/state client .* server/);
    press("v");
    await until("acknowledged");
    press("e");
    await until(/packets saved as \.\/loss-spread-\d+\.pcap/);
    press("E");
    await until(/saved as \.\/loss-spread-\d+\.json/);
    const saved = readdirSync(folder).filter((name) => name.startsWith("loss-spread-"));
    expect(saved).toHaveLength(2);
    for (const name of saved) expect(readFileSync(join(folder, name)).length).toBeGreaterThan(500);
    press("q");
    await expectShell(0);
  });

  it("goes all the way: sorts, filters, opens, jumps from a finding to its packet, keeps the selection at any size", async () => {
    await openShell(100, 30);
    run(`cd ${folder} && node ${PROGRAM_FILE} ${leak}`);
    await until(" done");
    press("2");
    await until("sort: start");
    press("s", "s", "S");
    await until(/sort: server .*/);
    press("j");
    const port = /^▸.*?(:\d+)/m.exec(await until(/ 2\/2 /))![1]!;
    for (const [columns, rows] of [
      [60, 20],
      [200, 60],
      [100, 30],
    ] as const) {
      tmux("resize-window", "-t", "ui", "-x", String(columns), "-y", String(rows));
      await until(new RegExp(`^▸.*${port}`, "m"));
    }
    press("4");
    const finding = await until("what to do");
    const [, frame] = /connection \d+ .*packets? (\d+)/.exec(finding)!;
    press("Enter");
    await until(new RegExp(`^▸ *${frame} `, "m"));
    press("Escape");
    await until("[4 Findings");
    press("2", "/", "zzz");
    await until("nothing matches");
    press("Escape");
    await until(/ \d\/2 /);
    press("Enter");
    await until(/state client .* server/);
    press("?");
    await until("Ctrl-Z");
    press("q");
    await expectShell(0);
  });

  it("answers keys while the thread reads, and ends at once on Ctrl-C, with status 130", async () => {
    await openShell();
    run(`node ${PROGRAM_FILE} ${join(folder, "many.pcap")}`);
    await until(/reading .*%/);
    press("2");
    await until("sort: start");
    expect(screen()).toContain("reading");
    press("C-c");
    await expectShell(130);
  });

  it("follows a file until it is left", async () => {
    const path = join(folder, "growing.pcap");
    const whole = readFileSync(sample);
    writeFileSync(path, whole.subarray(0, 24));
    await openShell();
    run(`node ${PROGRAM_FILE} -f ${path}`);
    await until("1 Overview");
    writeFileSync(path, whole);
    await until(/reading .* 372 packets/);
    press("q");
    await expectShell(0);
  });

  it("says on the ordinary screen what cannot be read, and what is wrong with a filter", async () => {
    await openShell();
    run(`node ${PROGRAM_FILE} ${join(folder, "none.pcap")}`);
    expect(await expectShell(1)).toContain("none.pcap: ");
    run(`node ${PROGRAM_FILE} --where 'rtt >' ${sample}`);
    expect(await expectShell(2)).toContain("--where, column 6: the filter ends here");
    expect(existsSync(join(folder, "none.pcap"))).toBe(false);
  });

  it("leaves the terminal whole when it is killed by SIGTERM while the thread reads", async () => {
    await openShell();
    run(`node ${PROGRAM_FILE} ${join(folder, "many.pcap")}`);
    await until(/reading .*%/);
    process.kill(driverPid(), "SIGTERM");
    await expectShell(143);
  });
});
