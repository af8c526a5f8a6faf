/**
 * full: 2.3 million packets, 0.9 GB, 100,000 connections whose responses fill whole segments: bytes more than packets
 * decide the time. Nothing is lost or reset here.
 */
import { Conversations } from "../generator/conversations.mjs";

/** Settings whose mean is 23 packets a connection and 390 bytes a packet. */
const FULL = {
  connections: 100_000,
  concurrent: 2_000,
  turns: [2, 4],
  requestBytes: [40, 400],
  responseBytes: [100, 4_400],
  requestAckChance: 1,
  repeatChance: 0,
  resetChance: 0,
  processingUs: [200, 6_000],
  thinkUs: [2_000, 40_000],
  gapUs: [100, 4_000],
  rampUs: 300_000,
};

/** @type {import("../generate.mjs").Kind} */
export const full = {
  name: "full",
  format: "pcap",
  generate({ scaled, random, writer, truth }) {
    new Conversations(scaled(FULL), random, writer, truth).run();
  },
};
