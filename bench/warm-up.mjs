/**
 * How fast a trace is read as time goes on: node bench/warm-up.mjs [FILE] (narrow unless told otherwise).
 * Prints nanoseconds a packet for every quarter million packets, then what the start cost beside the median: loading the
 * program, and code that the engine has not compiled yet. Needs `npm run build`.
 */
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { TRACES } from "./generate.mjs";

const STRETCH = 250_000;
/** Stretches at the beginning that are held against the others. */
const EARLY = 4;

const path = process.argv[2] ?? join(TRACES, "narrow.pcap");
const { openAnalysis } = await import("../dist/index.js");
const loadedAt = performance.now();
const analysis = await openAnalysis([path], { keep: "none" });
const running = analysis.run();

const stretches = [];
let [packets, since] = [0, performance.now()];
for (let progress = analysis.progress(); !progress.isDone; progress = analysis.progress()) {
  if (progress.packets - packets >= STRETCH) {
    const now = performance.now();
    const nsPerPacket = ((now - since) * 1e6) / (progress.packets - packets);
    stretches.push({ packets: progress.packets - packets, nsPerPacket });
    console.log(
      `${String(progress.packets).padStart(10)} packets ${nsPerPacket.toFixed(0).padStart(5)} ns a packet`,
    );
    [packets, since] = [progress.packets, now];
  }
  await turn();
}
await running;

const later = stretches.slice(EARLY).map(({ nsPerPacket }) => nsPerPacket);
later.sort((a, b) => a - b);
const median = later[Math.floor(later.length / 2)];
const extraMs = stretches
  .slice(0, EARLY)
  .reduce((sum, stretch) => sum + (stretch.packets * (stretch.nsPerPacket - median)) / 1e6, 0);
console.log(`once warm ${median.toFixed(0)} ns a packet: ${(1000 / median).toFixed(2)} M packets/s`);
console.log(`warming up took ${extraMs.toFixed(0)} ms more than that, loading ${loadedAt.toFixed(0)} ms`);
