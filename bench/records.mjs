/**
 * What finished connections cost on a trace: node bench/records.mjs [FILE] [--keep N] [--runs 3] (narrow unless told
 * otherwise). Kept: prints bytes a connection, packed and for sorting, how many stand in the temporary file, and how
 * long a pass over all records takes. Streamed as NDJSON, which keeps none: packets a second and peak memory, the median
 * of so many runs. Needs `npm run build`.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TRACES } from "./generate.mjs";
import { measure } from "./measure.mjs";

const LIMIT_SECONDS = 300;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "string", default: "2000000" }, runs: { type: "string", default: "3" } },
});
const path = positionals[0] ?? join(TRACES, "narrow.pcap");
const { openAnalysis } = await import("../dist/index.js");

const analysis = await openAnalysis([path], { keep: "all", keptInMemory: Number(values.keep) });
await analysis.run();
const { records, spilled, packedBytes, sortBytes, unkept } = analysis.kept;
const each = (bytes) => `${(bytes / records).toFixed(1)} bytes a connection`;
console.log(`${records} records, ${spilled} of them in the file, ${unkept} not kept`);
console.log(`packed ${each(packedBytes)}, for sorting ${each(sortBytes)} with room for more`);

const query = { sort: "start", isDescending: false, search: "no such words", offset: 0, limit: 1 };
const since = performance.now();
await analysis.page(query);
const usEach = ((performance.now() - since) * 1000) / records;
console.log(`a search through all of them takes ${usEach.toFixed(1)} µs a connection`);
analysis.close();

const { packets } = analysis.progress();
const program = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const runs = [];
for (let run = 0; run < Number(values.runs); run++)
  runs.push(await measure([process.execPath, program, "--ndjson", path], LIMIT_SECONDS));
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
if (runs.some(({ outcome }) => outcome !== "ok")) throw new Error("a run of --ndjson failed");
const seconds = median(runs.map((run) => run.seconds));
const peakMiB = median(runs.map((run) => run.peakKiB)) / 1024;
console.log(
  `--ndjson: ${seconds.toFixed(2)} s, ${(packets / seconds / 1e6).toFixed(2)} M packets/s, ` +
    `${((seconds * 1e6) / records).toFixed(1)} µs a connection, peak RSS ${peakMiB.toFixed(0)} MiB`,
);
