/**
 * How long the longest insertion of a connection takes: node bench/growth.mjs [CONNECTIONS] (a million unless told otherwise).
 * Prints the longest ones and the mean, of the table of four-tuples by itself and of connections with all their columns, each
 * the best of three rounds, for other work on the processor makes pauses too. Builds what it needs from src.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

const ROUNDS = 3;
const SHOWN = 3;
const count = Number(process.argv[2] ?? 1_000_000);
const out = mkdtempSync(join(tmpdir(), "growth-"));
const source = (name) => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
try {
  const entry = {
    tuples: source("connection/four-tuples"),
    connections: source("connection/connections"),
    segment: source("wire/segment"),
  };
  await build({ entry, outDir: out, format: "esm", target: "node20", config: false, silent: true });
  const load = (name) => import(join(out, `${name}.js`));
  const [{ FourTuples }, { Connections }, { Segment }] = await Promise.all(
    ["tuples", "connections", "segment"].map(load),
  );
  const segment = Object.assign(new Segment(), {
    ipVersion: 4,
    destination0: 0x0a000001,
    destinationPort: 443,
  });
  const ofTuples = () => {
    const table = new FourTuples(4096, 7);
    // Its keys grow with the columns of connections, which are the other row.
    table.reserve(count);
    return (number) => table.add(number, segment, 0, false);
  };
  const ofConnections = () => {
    const connections = new Connections();
    return () => connections.create(segment, 0, false);
  };
  show("tuples in their table", best(ofTuples, segment));
  show("connections with all of their columns", best(ofConnections, segment));
} finally {
  rmSync(out, { recursive: true });
}

function best(begin, segment) {
  let least = null;
  for (let round = 0; round < ROUNDS; round++) {
    const one = insert(begin(), segment);
    if (least === null || one.longest[0].ms < least.longest[0].ms) least = one;
  }
  return least;
}

/** Inserts them all; the longest of the insertions, and the mean. */
function insert(add, segment) {
  const longest = [];
  const startedAt = performance.now();
  let last = startedAt;
  for (let number = 0; number < count; number++) {
    segment.source0 = 0x0b000000 + Math.floor(number / 50_000);
    segment.sourcePort = 1024 + (number % 50_000);
    add(number);
    const now = performance.now();
    const ms = now - last;
    last = now;
    if (longest.length === SHOWN && ms <= longest[SHOWN - 1].ms) continue;
    longest.push({ ms, number });
    longest.sort((a, b) => b.ms - a.ms);
    longest.length = Math.min(longest.length, SHOWN);
  }
  return { longest, meanUs: ((last - startedAt) * 1000) / count };
}

function show(what, { longest, meanUs }) {
  const ones = longest.map(({ ms, number }) => `${ms.toFixed(2)} ms (number ${number})`);
  console.log(`${count} ${what}: longest ${ones.join(", ")}; mean ${meanUs.toFixed(2)} µs`);
}
