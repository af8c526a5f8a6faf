/**
 * Runs one command and says how long it took from start to exit and how much memory it held at most. Its standard
 * output goes nowhere; a command that takes too long is stopped together with what it started.
 * Peak memory comes from GNU time where that is installed, else from VmHWM in /proc, polled.
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const GNU_TIME = "/usr/bin/time";
const POLL_MS = 20;
/** Of standard error, enough for a sentence. */
const STDERR_BYTES = 4096;

const hasGnuTime = spawnSync(GNU_TIME, ["-f", "%M", "true"], { stdio: "ignore" }).status === 0;

/** How peak memory is found on this machine, for the table's foot. */
export const MEMORY_SOURCE = hasGnuTime ? "GNU time" : "VmHWM polled each 20 ms";

/**
 * What a run gave.
 * @typedef {object} Run
 * @property {number} seconds from start to exit
 * @property {number | null} peakKiB largest resident set, null where it could not be found
 * @property {"ok" | "failed" | "stopped"} outcome stopped: it exceeded the limit
 * @property {string} reason for a failure: exit status and what it last said; else empty
 */

/**
 * Runs a command.
 * @param {readonly string[]} command program and arguments
 * @param {number} limitSeconds after which it is stopped
 * @param {readonly string[]} [feeder] a command whose output is its input; the figures are not of that one
 * @returns {Promise<Run>} what it took
 */
export function measure(command, limitSeconds, feeder) {
  const memoryFile = join(tmpdir(), `bench-memory-${process.pid}`);
  const measured = hasGnuTime ? [GNU_TIME, "-f", "%M", "-o", memoryFile, ...command] : command;
  const [program, ...rest] = feeder ? piped(feeder, measured) : measured;
  return new Promise((resolve) => {
    const began = process.hrtime.bigint();
    // A group of its own, so that a stop reaches the program behind GNU time too.
    const child = spawn(program, rest, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    let peakKiB = null;
    let wasStopped = false;
    let said = "";
    child.stderr.on("data", (chunk) => {
      said = (said + chunk).slice(-STDERR_BYTES);
    });
    // Being in another group it would outlive an interrupted bench.
    const interrupted = () => {
      process.kill(-child.pid, "SIGKILL");
      process.exit(130);
    };
    process.once("SIGINT", interrupted);
    process.once("SIGTERM", interrupted);
    const limit = setTimeout(() => {
      wasStopped = true;
      process.kill(-child.pid, "SIGKILL");
    }, limitSeconds * 1000);
    // Behind a pipe it is a child of the shell: without GNU time its memory is not known.
    const poll =
      hasGnuTime || feeder
        ? null
        : setInterval(() => {
            peakKiB = highWaterKiB(child.pid) ?? peakKiB;
          }, POLL_MS);
    const done = (status, reason) => {
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", interrupted);
      clearTimeout(limit);
      clearInterval(poll);
      if (hasGnuTime) peakKiB = takeMemoryFile(memoryFile);
      if (wasStopped) resolve({ seconds, peakKiB, outcome: "stopped", reason: "" });
      else resolve({ seconds, peakKiB, outcome: status === 0 ? "ok" : "failed", reason });
    };
    child.on("error", (error) => done(null, error.message));
    child.on("exit", (status, signal) => done(status, failure(status, signal, said)));
  });
}

/** One command whose output goes into another, in a shell that ends as the second one does. */
function piped(feeder, command) {
  const quoted = feeder.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return ["sh", "-c", `${quoted} | "$@"`, "sh", ...command];
}

function failure(status, signal, said) {
  if (status === 0) return "";
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  return `${signal ?? `exit ${status}`}${lines.length > 0 ? `: ${lines.at(-1).trim().slice(0, 120)}` : ""}`;
}

function highWaterKiB(pid) {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return found ? Number(found[1]) : null;
  } catch {
    // The process has just ended, or the system has no /proc.
    return null;
  }
}

function takeMemoryFile(path) {
  try {
    // A failed command puts a sentence in front of the figure.
    const figure = Number(readFileSync(path, "latin1").trim().split("\n").at(-1));
    rmSync(path);
    return figure > 0 ? figure : null;
  } catch {
    // GNU time was stopped before it could write.
    return null;
  }
}
