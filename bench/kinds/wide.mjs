/**
 * wide: 11 million small packets, 500,000 connections, 300,000 at a time: between two packets of a connection stand
 * tens of thousands of others, so almost every packet finds its connection outside the processor's cache.
 */
import { Conversations } from "../generator/conversations.mjs";

/** Settings whose mean is 22 packets a connection. */
const WIDE = {
  connections: 500_000,
  concurrent: 300_000,
  turns: [2, 6],
  requestBytes: [20, 200],
  responseBytes: [20, 260],
  requestAckChance: 0.85,
  repeatChance: 0.0275,
  resetChance: 0.05,
  processingUs: [200, 6_000],
  thinkUs: [300_000, 4_000_000],
  gapUs: [100, 50_000],
  rampUs: 4_000_000,
};

/** @type {import("../generate.mjs").Kind} */
export const wide = {
  name: "wide",
  format: "pcap",
  generate({ scaled, random, writer, truth }) {
    new Conversations(scaled(WIDE), random, writer, truth).run();
  },
};
