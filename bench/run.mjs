/**
 * The bench: npm run bench [-- --only narrow,wide --runs 5 --scale 1 --limit 300 --smoke]
 * Generates the traces that are missing, runs this program and every installed peer on the same files by rounds, and
 * prints Markdown tables on standard output, progress on standard error. It asserts no time: figures are for people.
 * --smoke takes traces of a two-hundredth of the size (of less for some), one round, and fails where this program fails.
 */
import { createReadStream, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { GENERATOR, GENERATOR_VERSION, generate, KINDS, TRACES, truthPath } from "./generate.mjs";
import { MEMORY_SOURCE } from "./measure.mjs";
import {
  isBuilt,
  isOnPath,
  NOT_BUILT,
  ourCommand,
  ourContenders,
  peerContenders,
  peerVersions,
} from "./peers.mjs";
import { measureByRounds } from "./rounds.mjs";
import { startCapture } from "./start-capture.mjs";
import { startTable, traceTable } from "./table.mjs";

const SMOKE_SCALE = 0.005;
const SEED = 1;
/** Start-up is short and noisy: more rounds than for the traces. */
const START_RUNS = 9;

const USAGE = "usage: npm run bench -- [--only KIND,KIND] [--runs N] [--scale N] [--limit SECONDS] [--smoke]";

function progress(line) {
  console.error(`  ${line}`);
}

/** @returns {{ path: string, truth: { packets: number, connections: number, fileBytes: number } }} an up-to-date trace */
function prepareTrace(kind, scale) {
  const out = scale === 1 ? TRACES : join(TRACES, `scale-${scale}`);
  const path = join(out, `${kind.name}.${kind.format}`);
  if (existsSync(path) && existsSync(truthPath(path))) {
    const truth = JSON.parse(readFileSync(truthPath(path), "utf8"));
    const isCurrent =
      truth.generatorVersion === GENERATOR_VERSION && truth.seed === SEED && truth.scale === scale;
    if (isCurrent && statSync(path).size === truth.fileBytes) return { path, truth };
  }
  progress(`generating ${path}`);
  return generate(kind, { scale, seed: SEED, out });
}

/** Reads the file once, so that no program pays for the disk. */
async function warmPageCache(path) {
  for await (const _ of createReadStream(path, { highWaterMark: 1 << 20 }));
}

/** A trace that nobody stores: the generator writes it into the pipe from which this program reads, each time anew. */
async function benchStream(kind, options) {
  const truthFile = join(tmpdir(), `bench-truth-${process.pid}`);
  const scale = ["--scale", String(options.scale), "--seed", String(SEED)];
  const generator = [process.execPath, GENERATOR, kind.name, ...scale, "--out", "-", "--truth", truthFile];
  console.error(`${kind.name}:`);
  const contenders = ourContenders(kind);
  const measured = await measureByRounds(contenders, "-", { ...options, feeder: generator, progress });
  if (!existsSync(truthFile)) return measured;
  const truth = JSON.parse(readFileSync(truthFile, "utf8"));
  rmSync(truthFile);
  const missing = [{ label: "the others", reason: "left out: the trace is piped, not stored" }];
  printTable(kind, truth, measured, missing, options);
  return measured;
}

async function benchTrace(kind, asked) {
  const options = asked.isSmoke && kind.smokeScale ? { ...asked, scale: kind.smokeScale } : asked;
  if (kind.isStreamed) return benchStream(kind, options);
  const ours = ourContenders(kind);
  const { path, truth } = prepareTrace(kind, options.scale);
  await warmPageCache(path);
  const all = [...ours, ...peerContenders()];
  const missing = ours.length > 0 ? [] : [{ label: "tcpflow-analyze", reason: "not built" }];
  const able = all.filter((one) => {
    const reason = one.absence ?? (one.formats.includes(kind.format) ? null : `does not read ${kind.format}`);
    if (reason !== null) missing.push({ label: one.label, reason });
    return reason === null;
  });
  console.error(`${kind.name}:`);
  const measured = await measureByRounds(able, path, { ...options, progress });
  printTable(kind, truth, measured, missing, options);
  return measured;
}

function printTable(kind, truth, measured, missing, { limitSeconds }) {
  if (measured.length === 0) return;
  const millions = (truth.packets / 1e6).toFixed(truth.packets < 1e6 ? 3 : 1);
  const size = (truth.fileBytes / 1e9).toFixed(truth.fileBytes < 1e8 ? 4 : 2);
  const title = `${kind.name}: ${millions} M packets, ${truth.connections} connections, ${size} GB`;
  console.log(traceTable({ title, packets: truth.packets, measured, missing, limitSeconds }));
}

async function benchStart(options) {
  const { path, packets } = startCapture(TRACES);
  const contenders = [];
  const missing = [];
  const offer = (label, isOurs, absence, command) => {
    if (absence !== null) missing.push({ label, reason: absence });
    else contenders.push({ label, isOurs, absence, formats: [], command: () => command });
  };
  const ourAbsence = isBuilt() ? null : "not built";
  offer("tcpflow-analyze --version", true, ourAbsence, ourCommand("--version"));
  offer("tcpflow-analyze F --format text", true, ourAbsence, ourCommand(path, "--format", "text"));
  offer("node -e 0", false, null, [process.execPath, "-e", "0"]);
  offer("tshark -r F", false, isOnPath("tshark") ? null : "not installed", ["tshark", "-r", path]);
  offer("tcptrace -n F", false, isOnPath("tcptrace") ? null : "not installed", ["tcptrace", "-n", path]);
  console.error("start-up:");
  const runs = options.runs === 1 ? 1 : Math.max(START_RUNS, options.runs);
  const measured = await measureByRounds(contenders, path, { ...options, runs, progress });
  console.log(startTable(`start-up, F of ${packets} packets`, measured, missing));
  return measured;
}

/** What the figures were measured with. */
function printCircumstances(options) {
  const processors = cpus();
  console.log(
    `- ${new Date().toISOString().slice(0, 10)}; ${processors.length} × ${processors[0].model.trim()}`,
  );
  console.log(
    `- ${Math.round(totalmem() / 2 ** 30)} GiB of memory; ${type()} ${release()}; Node ${process.version}`,
  );
  console.log(`- peers: ${peerVersions().join("; ") || "none installed"}`);
  console.log(`- scale ${options.scale}, seed ${SEED}, ${options.runs} rounds, files in the page cache`);
  console.log(`- peak RSS: ${MEMORY_SOURCE}\n`);
}

function parseOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      runs: { type: "string" },
      scale: { type: "string" },
      limit: { type: "string", default: "300" },
      smoke: { type: "boolean", default: false },
    },
  });
  const names = values.only?.split(",") ?? KINDS.map((kind) => kind.name);
  const kinds = names.map((name) => {
    const kind = KINDS.find((candidate) => candidate.name === name);
    if (!kind)
      throw new Error(`no trace is called ${name}; there are ${KINDS.map((one) => one.name).join(", ")}`);
    return kind;
  });
  const runs = Number(values.runs ?? (values.smoke ? 1 : 5));
  const scale = Number(values.scale ?? (values.smoke ? SMOKE_SCALE : 1));
  const limitSeconds = Number(values.limit);
  if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs takes a whole number from 1");
  if (!(scale > 0)) throw new Error("--scale takes a number above 0");
  if (!(limitSeconds > 0)) throw new Error("--limit takes seconds above 0");
  return { kinds, runs, scale, limitSeconds, isSmoke: values.smoke };
}

async function main() {
  let options;
  try {
    options = parseOptions();
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
  if (!isBuilt()) console.error(NOT_BUILT);
  printCircumstances(options);
  const measured = [];
  for (const kind of options.kinds) measured.push(...(await benchTrace(kind, options)));
  measured.push(...(await benchStart(options)));
  const failures = measured.filter(
    (one) => one.contender.isOurs && one.runs.some((run) => run && run.outcome !== "ok"),
  );
  for (const one of failures) console.error(`failed: ${one.contender.label}`);
  if (options.isSmoke && !isBuilt()) return 1;
  return failures.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
