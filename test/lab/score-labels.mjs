/**
 * Scores the labels of segments against what the kernels say of them: precision, recall and F1 of each label and cause.
 *
 *   GT_OUT=out node test/lab/score-labels.mjs [GLOB ...] [--by point|scenario] [--show TRUTH=OURS] [--hide id,timestamps,sack]
 *
 * Runs on the built library (`npm run build`; TCPFLOW_DIST names another folder). A repeat is visible where its bytes or
 * the hole that it fills are in the capture. `--show` lists the frames of one cell of the confusion matrix at the end.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.TCPFLOW_DIST ?? join(here, "../../dist");
const out = process.env.GT_OUT ?? join(here, "out");
const { openAnalysis } = await import(pathToFileURL(join(dist, "index.js")).href);

const args = process.argv.slice(2);
const option = (name) => {
  const at = args.indexOf(name);
  return at < 0 ? null : args.splice(at, 2)[1];
};
const by = option("--by");
const shown = option("--show");

const patternOf = (glob) => new RegExp(`^${glob.replace(/[.]/g, "\\.").replace(/\*/g, ".*")}$`);
const included = args.filter((glob) => !glob.startsWith("!")).map(patternOf);
const excluded = args.filter((glob) => glob.startsWith("!")).map((glob) => patternOf(glob.slice(1)));

const SYN_FLAG = 2;
/** The kernel's words for a segment sent again, and our causes for each. */
const REPEATS = new Set(["syn", "synack", "rto", "loss", "fast", "tlp", "pmtu", "other"]);
const TIMEOUTS = new Set(["rto", "rto-recovery"]);
const COPIES = new Set(["network-duplicate", "capture-duplicate"]);

const scores = new Map();
const confusion = new Map();
const cells = new Map();
let originals = 0;
let falseAlarms = 0;

function score(group, metric, isTrue, isSaid) {
  if (!isTrue && !isSaid) return;
  const key = `${group}\t${metric}`;
  const counts = scores.get(key) ?? { hit: 0, wrong: 0, missed: 0 };
  if (isTrue && isSaid) counts.hit++;
  else if (isSaid) counts.wrong++;
  else counts.missed++;
  scores.set(key, counts);
}

/** Our rows of a capture, by frame number. */
async function labelled(path) {
  const rows = new Map();
  const analysis = await openAnalysis([path], {
    keep: "none",
    onSegment: (row) => {
      rows.set(Number(row.frame), row);
    },
  });
  await analysis.run();
  return rows;
}

function compare(groups, place, truth, row) {
  const label = row?.label ?? "";
  const isSaid = label === "retransmission";
  const isRepeat = REPEATS.has(truth.kind);
  const isVisible = truth.seen || truth.gap;
  const isHidden = isRepeat && !isVisible;
  const isOriginal = truth.kind === "orig" || truth.kind === "tlpnew";
  const said = isSaid ? (row.repeats.startsWith("syn") ? row.repeats : row.cause) : label || "none";
  const cell = `${truth.kind}${truth.late ? "-late" : ""}${truth.spurious ? "-needless" : ""}${isHidden ? "-hidden" : ""}=${said}${row?.spurious ? "+spurious" : ""}`;
  confusion.set(cell, (confusion.get(cell) ?? 0) + 1);
  if (cell === shown) cells.set(place, [...(cells.get(place) ?? []), truth.frame]);
  for (const group of groups) {
    const add = (metric, isTrue, says) => score(group, metric, isTrue, says);
    if (truth.kind !== "netdup") {
      add("retransmission", isRepeat, isSaid);
      if (!isHidden) add("retransmission, visible", isRepeat, isSaid);
      if (isHidden || (isSaid && row.inferred)) add("retransmission, inferred", isRepeat, isSaid);
    }
    if (!isHidden) {
      add("fast", truth.kind === "fast", isSaid && row.cause === "fast");
      add("tail-loss-probe", truth.kind === "tlp", isSaid && row.cause === "tail-loss-probe");
      add("rto", truth.kind === "rto" || truth.kind === "loss", isSaid && TIMEOUTS.has(row.cause));
    }
    if (!(truth.flags & SYN_FLAG)) add("spurious", isRepeat && truth.spurious, row?.spurious ?? false);
    add("reordered", isOriginal && truth.late, label === "reordered");
    add("copies", truth.kind === "netdup", COPIES.has(label));
    if (truth.length > 0) add("copies of data", truth.kind === "netdup", COPIES.has(label));
    add("zero-window-probe", truth.kind === "zwp", label === "zero-window-probe");
    add("keep-alive", truth.kind === "ka", label === "keep-alive");
  }
  if (isOriginal && !truth.late) {
    originals++;
    const isAlarm =
      isSaid ||
      COPIES.has(label) ||
      label === "reordered" ||
      label === "keep-alive" ||
      label === "zero-window-probe";
    if (isAlarm || row?.spurious) falseAlarms++;
  }
}

for (const scenario of readdirSync(out).sort()) {
  const folder = join(out, scenario);
  if (!existsSync(join(folder, "truth.json"))) continue;
  if (included.length > 0 && !included.some((pattern) => pattern.test(scenario))) continue;
  if (excluded.some((pattern) => pattern.test(scenario))) continue;
  for (const file of readdirSync(folder).sort()) {
    const point = /^(client|server|mid)\.(pcap|pcapng)$/.exec(file)?.[1];
    if (!point || !existsSync(join(folder, `${point}.frames.tsv`))) continue;
    const rows = await labelled(join(folder, file));
    const kind = scenario.startsWith("cut_") ? "damaged" : "recorded";
    const groups = [kind, ...(by === "point" ? [`${kind} ${point}`] : by === "scenario" ? [scenario] : [])];
    for (const line of readFileSync(join(folder, `${point}.frames.tsv`), "utf8").split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const word = line.split("\t");
      if (word[7] === "unknown") continue;
      const truth = {
        frame: Number(word[0]),
        length: Number(word[5]),
        flags: Number(word[6]),
        kind: word[7],
        late: word[9] === "1",
        spurious: word[10] === "1",
        seen: word[11] === "1",
        gap: word[14] === "1",
      };
      compare(groups, `${scenario}/${point}`, truth, rows.get(truth.frame));
    }
  }
}

const percent = (x) => (Number.isNaN(x) ? "-" : (100 * x).toFixed(2)).padStart(7);
let group = "";
for (const [key, { hit, wrong, missed }] of [...scores].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const [name, metric] = key.split("\t");
  if (name !== group)
    console.log(`\n${name}\n${"".padEnd(26)}  truth    hit  wrong missed  precision  recall      F1`);
  group = name;
  const [precision, recall] = [hit / (hit + wrong), hit / (hit + missed)];
  const f1 = (2 * hit) / (2 * hit + wrong + missed);
  console.log(
    `${metric.padEnd(26)} ${[hit + missed, hit, wrong, missed].map((n) => String(n).padStart(6)).join(" ")}    ${percent(precision)} ${percent(recall)} ${percent(f1)}`,
  );
}
console.log(`\nfalse alarms on originals in order: ${falseAlarms} of ${originals}\n`);
for (const [cell, count] of [...confusion].sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (!cell.startsWith("orig=none") && !cell.startsWith("orig=new"))
    console.log(`${cell.padEnd(50)} ${count}`);
}
for (const [place, frames] of cells) console.log(`${place}: ${frames.slice(0, 20).join(" ")}`);
