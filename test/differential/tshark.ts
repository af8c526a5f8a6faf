/**
 * Lists every segment of which tshark's sequence analysis and this program say something else.
 *
 *   npm run diff:tshark -- [--most N] [--context N] [--only WORD] [FILE|FOLDER …]
 *
 * Without a file: the public captures beside the project. First how often each pair of words occurs, then at most `--most`
 * (20) of each pair, each with `--context` (0) segments of its connection before and after. `--only` lists the pairs whose
 * name holds the word. Everything is built from the sources at each start.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { CaptureError, SourceError } from "../../src/index.js";
import { printable } from "../../src/output/format.js";
import { isInstalled } from "../lab/scoring/programs.js";
import { differenceList, groupTable } from "./difference-text.js";
import { type Comparison, compare } from "./differences.js";

const CAPTURES = "../shared/captures";
const CAPTURE_NAME = /\.(pcap|pcapng|cap)(\.(gz|zst|lz4|xz))?$/;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: "string", default: "20" },
    context: { type: "string", default: "0" },
    only: { type: "string", default: "" },
  },
});

function wholeNumber(option: "most" | "context"): number {
  if (/^\d+$/.test(options[option])) return Number(options[option]);
  throw new Error(`--${option} is a whole number, not ${JSON.stringify(options[option])}`);
}

function capturesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => CAPTURE_NAME.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** Our sentence where we refuse the capture, else the last thing that tshark says. */
function reasonOf(error: unknown): string {
  if (error instanceof CaptureError || error instanceof SourceError) return error.message;
  const { stderr = "" } = error as { stderr?: string };
  return stderr.slice(stderr.lastIndexOf("tshark: ")).trim() || String(error);
}

async function main(): Promise<void> {
  const [most, context] = [wholeNumber("most"), wholeNumber("context")];
  if (!isInstalled("tshark")) {
    console.log("left out: tshark, which is not installed; there is nothing to compare with");
    return;
  }
  if (positionals.length === 0 && !existsSync(CAPTURES)) {
    console.log(`left out: the public captures, which are not in ${CAPTURES}`);
    return;
  }
  const paths = (positionals.length > 0 ? positionals : [CAPTURES]).flatMap(capturesIn);
  // Captures of the lab have the same name in each folder.
  const isNamedOnce = new Set(paths.map((path) => basename(path))).size === paths.length;
  const comparisons: Comparison[] = [];
  for (const path of paths) {
    try {
      comparisons.push(await compare(path, isNamedOnce ? basename(path) : path));
    } catch (error) {
      console.log(`left out: ${printable(path)}: ${printable(reasonOf(error))}`);
    }
  }
  const wanted = comparisons.map((comparison) => ({
    ...comparison,
    differences: comparison.differences.filter(({ theirs, ours }) =>
      `${theirs} -> ${ours}`.includes(options.only),
    ),
  }));
  const segments = wanted.reduce((sum, { rows }) => sum + rows.length, 0);
  console.log(`\n${segments} segments of ${wanted.length} captures\n`);
  console.log(groupTable(wanted.flatMap(({ differences }) => differences)));
  if (most > 0) console.log(`\n${differenceList(wanted, { most, context })}`);
}

await main();
