/**
 * Compares every connection of the lab's recordings with what the two kernels say of it (conns.tsv), field by field.
 *
 *   GT_OUT=out node test/lab/compare-connections.mjs [GLOB ...] [--point client,mid,server] [--show FIELD]
 *
 * Runs on the built library (`npm run build`; TCPFLOW_DIST names another folder). Prints, for each capture point and
 * field, how many connections agree, and lists those that do not, unless a rule below says why the capture cannot show
 * what the kernel knows. Ends with status 1 where a field agrees in less than 99 % of the connections that can tell.
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
const points = (option("--point") ?? "client,mid,server").split(",");
const shown = option("--show");
const ENOUGH = 0.99;
const CONNECT_TOLERANCE_MS = 0.2;

const STATES = {
  FIN_WAIT1: "FIN_WAIT_1",
  FIN_WAIT2: "FIN_WAIT_2",
  CLOSE: "CLOSED",
  SYN_RECV: "SYN_RECEIVED",
};
const stateName = (name) => STATES[name] ?? name;

/** conns.tsv as objects. */
function readTable(path) {
  const [head, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = head.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((value, i) => [names[i], value])));
}

/** The kernel's word for a connection → how our record may say it. */
const ENDINGS = {
  closed: (r) => r.close === "graceful" || r.close === "graceful-unfinished",
  refused: (r) => r.outcome === "refused",
  unanswered: (r) => r.outcome === "unanswered" || r.outcome === "embryonic",
  halfopen: (r) => ["unanswered", "embryonic", "aborted"].includes(r.outcome),
  reset: (r) => r.close === "reset",
  timeout: (r) =>
    r.close === "timed-out" ||
    (r.close === "reset" && ["keep-alive-expired", "abort"].includes(r.reset.kind)),
  "half-closed": (r) => ["half-closed", "graceful-unfinished", "reset", "timed-out"].includes(r.close),
  open: (r) => ["open", "idle", "half-closed", "timed-out", "reset"].includes(r.close),
};

/** The kernel's word where conns.tsv is coarser than its own state path: a socket closed while it still called. */
function endingOf(k) {
  return k.outcome === "open" && k.path_c === "SYN_SENT>CLOSE" ? "unanswered" : k.outcome;
}

/** The lab's client host: the columns ending in c and s are the hosts', whoever opened. */
const CLIENT_HOST = ["10.77.0.1", "fd77::1"];

/** The record's side of each host: of a simultaneous open either may have been captured first. */
function sidesOf(r) {
  return CLIENT_HOST.includes(r.client.address) ? { c: "client", s: "server" } : { c: "server", s: "client" };
}

/**
 * The state that the record gives a side. Linux has no tracepoint for the end of TIME_WAIT and of an orphan's
 * FIN_WAIT_2 (both are mini-sockets): there the state before CLOSED is the one to compare.
 */
function stateOf(kernelState, r, side) {
  const last = r.transitions.findLast((t) => t.side === side);
  const isMini = kernelState === "TIME_WAIT" || kernelState === "FIN_WAIT_2";
  return isMini && last?.to === "CLOSED" && last.event !== "receivedAckOfFin" ? last.from : r[side].state;
}

/** Each field: what the kernel says and what the record says, or null where the kernel does not tell. */
const FIELDS = {
  outcome: (k, r) => [endingOf(k), ENDINGS[endingOf(k)](r) ? endingOf(k) : `${r.outcome}, ${r.close}`],
  closedFirst: (k, r, sides) => {
    if (!sides[k.first_fin]) return null;
    const isCrossed = k.path_c.includes("CLOSING") && k.path_s.includes("CLOSING");
    return [isCrossed ? "both" : sides[k.first_fin], r.closedFirst];
  },
  reset: (k, r, sides) => {
    if (k.reset_by === "m") return null;
    const by = r.reset?.by ?? (r.client.resets > 0 ? "client" : r.server.resets > 0 ? "server" : "nobody");
    return [sides[k.reset_by] ?? "nobody", by];
  },
  stateC: (k, r, sides) =>
    k.final_c === "-" ? null : [stateName(k.final_c), stateOf(stateName(k.final_c), r, sides.c)],
  stateS: (k, r, sides) =>
    k.final_s === "-" ? null : [stateName(k.final_s), stateOf(stateName(k.final_s), r, sides.s)],
  connect: (k, r, _sides, point) => {
    if (point !== "client" || k.connect_us === "" || k.outcome === "halfopen") return null;
    const kernelMs = Number(k.connect_us) / 1000;
    const isNear = r.connectTimeMs !== null && Math.abs(r.connectTimeMs - kernelMs) <= CONNECT_TOLERANCE_MS;
    return [kernelMs.toFixed(3), isNear ? kernelMs.toFixed(3) : String(r.connectTimeMs)];
  },
};

const FIN = 1;
const RST = 4;
const REPEATS = ["rto", "loss", "fast", "tlp", "syn", "synack", "pmtu", "other"];

/** What of each connection passed a capture point, by the recorder's list of its frames: `passed[conn][c|s]`. */
function framesOf(scenario, point) {
  const path = join(out, scenario, `${point}.frames.tsv`);
  const passed = {};
  if (!existsSync(path)) return passed;
  for (const f of readTable(path)) {
    passed[f.conn] ??= { c: { frames: 0 }, s: { frames: 0 } };
    const side = passed[f.conn][f.sender];
    if (!side) continue;
    side.frames++;
    if (f.flags & FIN) side.fin = true;
    if (f.flags & RST) side.rst = true;
    if (REPEATS.includes(f.kind)) side.repeated = true;
  }
  return passed;
}

/** Where the capture cannot show what the kernel knows, and why. `seen`: framesOf() of the connection. */
const BLIND = [
  {
    why: "packets of it were cut out of this capture",
    fields: Object.keys(FIELDS),
    when: (_k, _r, { seen, whole }) =>
      whole && seen.c.frames + seen.s.frames < whole.c.frames + whole.s.frames,
  },
  {
    why: "the reset never passed this point",
    fields: ["reset", "outcome", "stateC", "stateS"],
    when: (k, _r, { seen }) => seen[k.reset_by] && !seen[k.reset_by].rst,
  },
  {
    why: "a socket that gives up its SYNs or its repeats, or is closed while it calls, sends nothing",
    fields: ["stateC", "stateS"],
    when: (k) => ["unanswered", "timeout"].includes(endingOf(k)),
  },
  {
    why: "the repeats that were given up never passed this point",
    fields: ["outcome"],
    when: (k, _r, { seen }) => k.outcome === "timeout" && !seen.c.repeated && !seen.s.repeated,
  },
  {
    why: "the application closed, but its FIN waits behind unacknowledged bytes and was never sent",
    fields: ["stateC", "outcome"],
    when: (k, _r, { seen }) => k.final_c === "FIN_WAIT1" && !seen.c.fin,
  },
];

function whyBlind(field, k, r, frames) {
  return BLIND.find((rule) => rule.fields.includes(field) && rule.when(k, r, frames))?.why ?? null;
}

const matches = (name) =>
  args.length === 0 ||
  args.some((glob) => new RegExp(`^${glob.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(name));
const scenarios = readdirSync(out)
  .filter((name) => existsSync(join(out, name, "conns.tsv")) && matches(name))
  .sort();
const tallies = new Map();
const reasons = new Map();
const disagreements = [];
let unmatched = 0;

function nameOf(side) {
  return side.address.includes(":") ? `[${side.address}]:${side.port}` : `${side.address}:${side.port}`;
}

/** The record of a kernel's connection: by tuple and ISN, or by tuple and the nearest beginning. */
function recordOf(k, byTuple) {
  const candidates = [
    ...(byTuple.get(`${k.client} ${k.server}`) ?? []),
    ...(byTuple.get(`${k.server} ${k.client}`) ?? []),
  ];
  return (
    candidates.find((r) => String(r.client.isn) === k.isn || String(r.server.isn) === k.isn) ??
    (candidates.length === 1 ? candidates[0] : candidates.find((r) => r.client.isn === null))
  );
}

for (const scenario of scenarios) {
  const truth = JSON.parse(readFileSync(join(out, scenario, "truth.json"), "utf8"));
  const kernels = readTable(join(out, scenario, "conns.tsv"));
  for (const point of points) {
    const file = truth.captures[point]?.file;
    if (!file || !existsSync(join(out, scenario, file))) continue;
    const analysis = await openAnalysis([join(out, scenario, file)]);
    await analysis.run();
    const byTuple = groups(analysis.worst("all"));
    const passed = framesOf(scenario, point);
    const whole = scenario.startsWith("cut_")
      ? framesOf(scenario.replace(/^cut_[a-z0-9]+(_only)?_/, ""), point)
      : {};
    for (const k of kernels) {
      const frames = { seen: passed[k.id], whole: whole[k.id] };
      if (!frames.seen) continue;
      const r = recordOf(k, byTuple);
      if (!r) {
        unmatched++;
        disagreements.push(["missing", scenario, point, k.id, "a connection", "none"]);
        continue;
      }
      for (const [field, compare] of Object.entries(FIELDS))
        compareField(field, compare, k, r, scenario, point, frames);
    }
  }
}

function groups(records) {
  const map = new Map();
  for (const r of records) {
    const name = `${nameOf(r.client)} ${nameOf(r.server)}`;
    if (!map.has(name)) map.set(name, []);
    map.get(name).push(r);
  }
  return map;
}

function compareField(field, compare, k, r, scenario, point, frames) {
  const pair = compare(k, r, sidesOf(r), point);
  if (!pair) return;
  const key = `${field} ${point}`;
  const tally = tallies.get(key) ?? { agree: 0, all: 0, blind: 0 };
  tallies.set(key, tally);
  if (pair[0] === pair[1]) {
    tally.all++;
    tally.agree++;
    return;
  }
  const why = whyBlind(field, k, r, frames);
  if (why) {
    tally.blind++;
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
    if (shown !== why) return;
  } else tally.all++;
  disagreements.push([field, scenario, point, `${k.id} (${r.id})`, pair[0], pair[1]]);
}

let isEnough = unmatched === 0;
for (const field of Object.keys(FIELDS)) {
  const cells = points.flatMap((point) => {
    const tally = tallies.get(`${field} ${point}`);
    if (!tally) return [];
    if (tally.agree < ENOUGH * tally.all) isEnough = false;
    const share = ((100 * tally.agree) / Math.max(1, tally.all)).toFixed(2);
    return [
      `${point} ${tally.agree} of ${tally.all} (${share} %)${tally.blind > 0 ? `, ${tally.blind} not to be seen` : ""}`,
    ];
  });
  console.log(`${field.padEnd(12)} ${cells.join(" · ")}`);
}
for (const [why, count] of reasons) console.log(`not to be seen, ${count}: ${why}`);
if (disagreements.length > 0)
  console.log(`\n${disagreements.length} disagree: field, scenario, point, connection (id), kernel, record`);
for (const row of disagreements.filter((row) => !shown || row[0] === shown || shown === "all"))
  console.log(row.join("\t"));
process.exitCode = isEnough ? 0 : 1;
