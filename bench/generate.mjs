/**
 * Writes the bench's traces: node bench/generate.mjs KIND [--scale 0.01] [--seed 1] [--out DIR|-] [--truth FILE]
 * A trace is NAME.pcap or NAME.pcapng with NAME.truth.json beside it: what was put into it. The same seed and scale
 * give the same bytes. A new kind of trace is one file in kinds/ and one line in KINDS.
 */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PcapngWriter, PcapWriter } from "./generator/capture-writer.mjs";
import { Random } from "./generator/random.mjs";
import { Truth } from "./generator/truth.mjs";
import { flood } from "./kinds/flood.mjs";
import { full } from "./kinds/full.mjs";
import { long } from "./kinds/long.mjs";
import { lossy } from "./kinds/lossy.mjs";
import { mixed } from "./kinds/mixed.mjs";
import { narrow } from "./kinds/narrow.mjs";
import { pcapng } from "./kinds/pcapng.mjs";
import { wide } from "./kinds/wide.mjs";

/**
 * A kind of trace.
 * @typedef {object} Kind
 * @property {string} name as on the command line and in the file's name
 * @property {"pcap" | "pcapng"} format of the file
 * @property {number} [snapBytes] how much of each packet a pcap file keeps; absent, all
 * @property {boolean} [isStreamed] the bench never stores it, but pipes it into this program alone
 * @property {number} [smokeScale] the scale of `--smoke`, where the usual one takes too long
 * @property {readonly (readonly string[])[]} [ways] this program's arguments instead of the usual ones
 * @property {(context: KindContext) => void} generate writes all packets in order of time
 *
 * What a kind works with; `scaled` multiplies a kind's numbers of connections by the scale asked for.
 * @typedef {object} KindContext
 * @property {<T extends { connections: number, concurrent: number }>(settings: T) => T} scaled
 * @property {Random} random
 * @property {PcapWriter | PcapngWriter} writer
 * @property {Truth} truth
 */

/** All kinds, in the order in which the bench runs them. */
export const KINDS = [narrow, wide, full, lossy, pcapng, mixed, flood, long];

/** Where traces lie unless told otherwise; not kept under version control. */
export const TRACES = fileURLToPath(new URL("traces", import.meta.url));

/** This file, to be run as a program. */
export const GENERATOR = fileURLToPath(import.meta.url);

/** Raised by every change that changes a trace's bytes, so that old files are not taken for new ones. */
export const GENERATOR_VERSION = 1;

/**
 * Writes one trace.
 * @param {Kind} kind which
 * @param {{ scale: number, seed: number, out: string, truthFile?: string }} options `out` is a folder, or `-` for
 *   standard output, where the truth goes to standard error or to `truthFile`
 * @returns {{ path: string, truth: Record<string, unknown> }} the file and what it holds
 */
export function generate(kind, { scale, seed, out, truthFile }) {
  const toPipe = out === "-";
  const path = toPipe ? "-" : join(resolve(out), `${kind.name}.${kind.format}`);
  if (!toPipe) mkdirSync(resolve(out), { recursive: true });
  const partial = `${path}.partial`;
  const descriptor = toPipe ? 1 : openSync(partial, "w");
  const writer =
    kind.format === "pcapng" ? new PcapngWriter(descriptor) : new PcapWriter(descriptor, kind.snapBytes);
  const counted = new Truth();
  const scaled = (settings) => ({
    ...settings,
    connections: Math.max(1, Math.round(settings.connections * scale)),
    concurrent: Math.max(1, Math.round(settings.concurrent * scale)),
  });
  kind.generate({ scaled, random: new Random(seed), writer, truth: counted });
  const fileBytes = writer.finish();
  const truth = {
    trace: kind.name,
    generatorVersion: GENERATOR_VERSION,
    seed,
    scale,
    format: kind.format,
    fileBytes,
    ...counted.toJSON(),
  };
  const text = `${JSON.stringify(truth, null, 2)}\n`;
  if (toPipe && truthFile === undefined) process.stderr.write(text);
  else if (toPipe) writeFileSync(truthFile, text);
  else {
    closeSync(descriptor);
    // A trace cut short by an interruption never carries the trace's name.
    renameSync(partial, path);
    writeFileSync(truthPath(path), text);
  }
  return { path, truth };
}

/** @param {string} tracePath a trace; @returns {string} where its truth lies */
export function truthPath(tracePath) {
  return tracePath.replace(/\.pcap(ng)?$/, ".truth.json");
}

function main() {
  const usage = `usage: node bench/generate.mjs ${KINDS.map((kind) => kind.name).join("|")} [--scale N] [--seed N] [--out DIR|-] [--truth FILE]`;
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        scale: { type: "string", default: "1" },
        seed: { type: "string", default: "1" },
        out: { type: "string", default: TRACES },
        truth: { type: "string" },
      },
    });
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
  const { values, positionals } = parsed;
  const kind = KINDS.find((candidate) => candidate.name === positionals[0]);
  const scale = Number(values.scale);
  const seed = Number(values.seed);
  if (!kind || positionals.length !== 1 || !(scale > 0) || !Number.isInteger(seed)) {
    console.error(usage);
    return 2;
  }
  const began = process.hrtime.bigint();
  const { path, truth } = generate(kind, { scale, seed, out: values.out, truthFile: values.truth });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const megabytes = (truth.fileBytes / 1e6).toFixed(1);
  console.error(`${path}: ${truth.packets} packets, ${megabytes} MB in ${seconds.toFixed(1)} s`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
