/**
 * lossy: 3 million packets of bulk transfers, 200 at a time, of which one segment in a hundred is lost and one in two
 * hundred overtaken: holes, SACK blocks, fast retransmissions, timeouts. The first 128 bytes of each packet are kept.
 */
import { Transfers } from "../generator/transfers.mjs";

/** Settings whose mean is 460 packets a connection. */
const LOSSY = {
  connections: 6_500,
  concurrent: 200,
  segments: [60, 540],
  firstFlight: 10,
  lossChance: 0.01,
  overtakenChance: 0.005,
  gapUs: [100, 4_000],
  rampUs: 300_000,
};

/** @type {import("../generate.mjs").Kind} */
export const lossy = {
  name: "lossy",
  format: "pcap",
  snapBytes: 128,
  generate({ scaled, random, writer, truth }) {
    new Transfers(scaled(LOSSY), random, writer, truth).run();
  },
};
