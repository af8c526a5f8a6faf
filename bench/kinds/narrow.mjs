/**
 * narrow: 7 million small packets, 300,000 connections, 4,000 at a time: the connections in use fit the processor's
 * cache. One packet in a hundred is a data segment sent again; one connection in twenty ends by RST.
 */
import { Conversations } from "../generator/conversations.mjs";

/** Settings whose mean is 23.3 packets a connection. */
export const NARROW = {
  connections: 300_000,
  concurrent: 4_000,
  turns: [1, 8],
  requestBytes: [20, 200],
  responseBytes: [20, 260],
  requestAckChance: 0.72,
  repeatChance: 0.0259,
  resetChance: 0.05,
  processingUs: [200, 6_000],
  thinkUs: [5_000, 80_000],
  gapUs: [100, 4_000],
  rampUs: 500_000,
};

/** @type {import("../generate.mjs").Kind} */
export const narrow = {
  name: "narrow",
  format: "pcap",
  generate({ scaled, random, writer, truth }) {
    new Conversations(scaled(NARROW), random, writer, truth).run();
  },
};
