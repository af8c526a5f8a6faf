/**
 * Scores the labels and causes of segments against what the kernels say of them, beside tshark's and tcptrace's.
 *
 *   npm run lab:score -- [--from DIR] [--by point|scenario] [--hide id,timestamps,sack] [--against tshark,tcptrace|none]
 *                        [--show TRUTH=WORD] [GLOB …] ['!GLOB' …]
 *
 * DIR: $GT_OUT or test/lab/out; `--from test/lab/recorded` scores the recordings that come with the project. `--hide`
 * scores copies of the captures without those header fields. `--show` lists the frames of one cell of the confusion
 * matrix. Everything is built from the sources at each start.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { HIDEABLE, type Hideable, hideFields } from "./hidden-fields.js";
import { type Grouping, groupsOf, scoreLabels, scoreTcptrace } from "./label-accuracy.js";
import { LabelScore, truthWord } from "./label-score.js";
import { type Column, labelTables } from "./label-tables.js";
import { isInstalled, ownLabels, TCPTRACE_METRICS, TSHARK_METRICS, tsharkLabels } from "./programs.js";
import { recordings, trueFrames } from "./recordings.js";

const MOST_FRAMES_SHOWN = 20;

const { values: options, positionals: globs } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string", default: process.env.GT_OUT ?? "test/lab/out" },
    by: { type: "string", default: "kind" },
    hide: { type: "string", default: "" },
    against: { type: "string", default: "tshark,tcptrace" },
    show: { type: "string" },
  },
});

function words<T extends string>(option: string, text: string, allowed: readonly T[]): T[] {
  const given = text.split(",").filter((word) => word !== "" && word !== "none");
  const unknown = given.find((word) => !allowed.includes(word as T));
  if (unknown !== undefined)
    throw new Error(`--${option} knows ${allowed.join(", ")}, not ${JSON.stringify(unknown)}`);
  return given as T[];
}

const [by = "kind"] = words<Grouping>("by", options.by, ["kind", "point", "scenario"]);
const hidden = new Set<Hideable>(words("hide", options.hide, HIDEABLE));
const rivals = words("against", options.against, ["tshark", "tcptrace"]).filter((name) => {
  if (isInstalled(name)) return true;
  console.log(`left out: ${name}, which is not installed`);
  return false;
});

const own = new LabelScore();
const tshark = new LabelScore();
const tcptrace = new LabelScore();
const shown: string[] = [];
const unreadable: string[] = [];
const folder = mkdtempSync(join(tmpdir(), "lab-score-"));
try {
  for (const recording of recordings(options.from, globs)) {
    const { scenario, point } = recording;
    let path = recording.path;
    if (hidden.size > 0) {
      path = join(folder, "hidden.pcap");
      await hideFields(recording.path, path, hidden);
    }
    const groups = groupsOf(recording, by);
    const frames = trueFrames(options.from, scenario, point);
    const found: number[] = [];
    scoreLabels(own, groups, frames, await ownLabels(path), (truth, said) => {
      if (`${truthWord(truth)}=${said.word}` === options.show) found.push(truth.frame);
    });
    if (found.length > 0) shown.push(`${scenario}/${point}: ${found.slice(0, MOST_FRAMES_SHOWN).join(" ")}`);
    if (rivals.includes("tshark")) scoreLabels(tshark, groups, frames, await tsharkLabels(path));
    if (rivals.includes("tcptrace")) {
      const isRead = await scoreTcptrace(tcptrace, groups, options.from, recording, path);
      if (!isRead) unreadable.push(`${scenario}/${point}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const columns: Column[] = [
  { name: "tcpflow-analyze", score: own, metrics: null },
  ...(rivals.includes("tshark") ? [{ name: "tshark", score: tshark, metrics: TSHARK_METRICS }] : []),
  ...(rivals.includes("tcptrace")
    ? [{ name: "tcptrace (counts)", score: tcptrace, metrics: new Set(TCPTRACE_METRICS) }]
    : []),
];
if (hidden.size > 0) console.log(`hidden: ${[...hidden].join(", ")}`);
console.log(labelTables(columns));
if (unreadable.length > 0)
  console.log(
    `\ntcptrace cannot read ${unreadable.length} captures, which its column leaves out: ${unreadable.join(", ")}`,
  );
if (shown.length > 0) console.log(`\n${options.show}\n${shown.join("\n")}`);
