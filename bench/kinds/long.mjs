/**
 * long: 10 million connections in a row, 4,000 at a time, some 120 million packets: what a program keeps of the ones that
 * are over shows in its memory. Nobody stores it: it goes from the generator into the program's standard input.
 */
import { Conversations } from "../generator/conversations.mjs";

/** Settings whose mean is 12 packets a connection, and as many connections a second as in narrow. */
const LONG = {
  connections: 10_000_000,
  concurrent: 4_000,
  turns: [1, 2],
  requestBytes: [20, 200],
  responseBytes: [20, 260],
  requestAckChance: 0.72,
  repeatChance: 0.01,
  resetChance: 0.05,
  processingUs: [200, 6_000],
  thinkUs: [20_000, 340_000],
  gapUs: [100, 4_000],
  rampUs: 500_000,
};

/** @type {import("../generate.mjs").Kind} */
export const long = {
  name: "long",
  format: "pcap",
  isStreamed: true,
  smokeScale: 0.0005,
  ways: [["--ndjson"]],
  generate({ scaled, random, writer, truth }) {
    new Conversations(scaled(LONG), random, writer, truth).run();
  },
};
