/**
 * Compares every connection of the lab's recordings with what the two kernels say of it (conns.tsv), field by field.
 *
 *   npm run lab:connections -- [--from DIR] [--point client,mid,server] [--show FIELD|all] [GLOB …] ['!GLOB' …]
 *
 * DIR: $GT_OUT or test/lab/out. Prints, for each field and capture point, how many connections agree, and lists those
 * that do not; `--show` lists those of a field, and those that the capture cannot show, too. Ends with status 1 where a
 * field agrees in less than 99 % of the connections that can tell, or a connection has no record.
 */
import { parseArgs } from "node:util";
import { ConnectionScore, scoreConnections } from "./connection-accuracy.js";
import { FIELD_NAMES } from "./connection-rules.js";
import { POINTS, recordings } from "./recordings.js";

const ENOUGH = 0.99;
/** Of shares of time, which the kernel counts from inside (limit-rules.ts). */
const ENOUGH_OF_SHARES = 0.9;

const { values: options, positionals: globs } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string", default: process.env.GT_OUT ?? "test/lab/out" },
    point: { type: "string", default: POINTS.join(",") },
    show: { type: "string" },
  },
});

const points = options.point.split(",");
const score = new ConnectionScore();
for (const recording of recordings(options.from, globs)) {
  if (points.includes(recording.point)) await scoreConnections(score, options.from, recording);
}

let isEnough = score.missing === 0;
for (const field of FIELD_NAMES) {
  const cells = POINTS.flatMap((point) => {
    const agreement = score.agreements.get(`${field} ${point}`);
    if (!agreement) return [];
    const { agree, all, blind } = agreement;
    const enough = /^(window|busy|sending)/.test(field) ? ENOUGH_OF_SHARES : ENOUGH;
    if (agree < enough * all) isEnough = false;
    const share = ((100 * agree) / Math.max(1, all)).toFixed(2);
    return [`${point} ${agree} of ${all} (${share} %)${blind > 0 ? `, ${blind} not to be seen` : ""}`];
  });
  console.log(`${field.padEnd(12)} ${cells.join(" · ")}`);
}
const reasons = new Map<string, number>();
for (const { blind } of score.disagreements)
  if (blind !== null) reasons.set(blind, (reasons.get(blind) ?? 0) + 1);
for (const [why, count] of reasons) console.log(`not to be seen, ${count}: ${why}`);
const listed = score.disagreements.filter(({ field, blind }) =>
  options.show ? options.show === "all" || options.show === field : blind === null,
);
if (listed.length > 0)
  console.log(`\n${listed.length} differ: field, scenario, point, connection (id), kernel, record`);
for (const { field, recording, connection, kernel, record } of listed)
  console.log([field, recording.scenario, recording.point, connection, kernel, record].join("\t"));
process.exitCode = isEnough ? 0 : 1;
