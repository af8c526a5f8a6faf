/**
 * Records scenarios afresh: builds what is missing, records as root, joins the truth, makes the damaged copies, indexes.
 *
 *   npm run lab:record -- [--seed N] [--out DIR] [--list] [GLOB …]
 *
 * Another seed makes captures that nobody has seen: other losses, other initial sequence numbers, other times. All
 * scenarios take about seven minutes. DIR: $GT_OUT or test/lab/out; what else lies there stays.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const lab = dirname(fileURLToPath(import.meta.url));
const { values: options, positionals: globs } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: process.env.GT_SEED ?? "0" },
    out: { type: "string", default: process.env.GT_OUT ?? `${lab}/out` },
    list: { type: "boolean", default: false },
  },
});
if (!/^\d+$/.test(options.seed)) {
  console.error(`--seed is a whole number, not ${JSON.stringify(options.seed)}`);
  process.exit(2);
}
const out = resolve(options.out);

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: lab,
    stdio: "inherit",
    env: { ...process.env, GT_OUT: out, GT_SEED: options.seed },
  });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

/** Ends with the first failure; a scenario that failed leaves the others to be joined. */
function record() {
  mkdirSync(out, { recursive: true });
  const built = run("make", ["--no-print-directory"]);
  if (built !== 0) return built;
  const recorded = run("python3", ["run.py", ...globs]);
  return run("python3", ["derive.py"]) || run("python3", ["index.py"]) || recorded;
}

if (options.list) {
  process.exitCode = run("python3", ["run.py", "-n", ...globs]);
} else if (process.getuid?.() !== 0) {
  console.error("Recording needs root: network namespaces, eBPF and raw sockets.");
  process.exitCode = 2;
} else {
  process.exitCode = record();
}
