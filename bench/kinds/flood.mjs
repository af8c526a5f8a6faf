/**
 * flood: 10 million SYNs from as many addresses to one listener in some 50 seconds, which nobody answers, over 1,000
 * ordinary connections that stay open all the while and speak every few seconds.
 */
import { Conversations } from "../generator/conversations.mjs";
import { FLAGS, Frame } from "../generator/frame.mjs";

const SYNS_A_CONNECTION = 10_000;
const FLOOD_US = 50e6;
/** Every SYN has an address of its own: 10.0.0.0/8 has 2^24. */
const SOURCES = 2 ** 24;
const FIRST_SOURCE = 10 << 24;
const SCATTER = 0x9e3779b1;
/** 198.19.0.1:7411, which ordinary connections use too. */
const TARGET = (198 << 24) | (19 << 16) | 1;
const TARGET_PORT = 7411;

const ORDINARY = {
  connections: 1_000,
  concurrent: 1_000,
  turns: [14, 20],
  requestBytes: [20, 200],
  responseBytes: [20, 260],
  requestAckChance: 0.72,
  repeatChance: 0.01,
  resetChance: 0.05,
  processingUs: [200, 6_000],
  thinkUs: [2_000_000, 4_000_000],
  gapUs: [100, 4_000],
  rampUs: 4_000_000,
};

/** Puts the SYNs between the packets of others, at an even pace. */
class FloodWriter {
  constructor(writer, random, truth, syns) {
    this.writer = writer;
    this.random = random;
    this.truth = truth;
    this.syns = syns;
    this.frame = new Frame();
    this.frame.flags = FLAGS.SYN;
    this.frame.destinationAddress = TARGET;
    this.frame.destinationPort = TARGET_PORT;
    this.frame.window = 64_240;
  }

  write(timeUs, frame) {
    this.floodUntil(timeUs);
    this.writer.write(timeUs, frame);
  }

  /** Writes the SYNs that are due before `timeUs`. */
  floodUntil(timeUs) {
    const { truth, syns } = this;
    for (; truth.loneSyns < syns; truth.loneSyns++) {
      const dueUs = Math.floor((truth.loneSyns / syns) * FLOOD_US);
      if (dueUs >= timeUs) return;
      this.writeSyn(dueUs);
    }
  }

  writeSyn(timeUs) {
    const { frame, random, truth } = this;
    const host = Math.imul(truth.loneSyns, SCATTER) & (SOURCES - 1);
    frame.sourceAddress = FIRST_SOURCE | host;
    frame.sourcePort = random.within([1024, 65_535]);
    frame.identification = random.below(65_536);
    frame.timeToLive = random.within([40, 120]);
    frame.sequence = random.next() | 0;
    frame.timestampValue = random.next() | 0;
    truth.count(timeUs, frame);
    this.writer.write(timeUs, frame);
  }
}

/** @type {import("../generate.mjs").Kind} */
export const flood = {
  name: "flood",
  format: "pcap",
  ways: [
    ["--json", "--connections", "0"],
    ["--json", "--connections", "0", "--max-connections", "100000"],
  ],
  generate({ scaled, random, writer, truth }) {
    const settings = scaled(ORDINARY);
    const mixing = new FloodWriter(writer, random, truth, settings.connections * SYNS_A_CONNECTION);
    new Conversations(settings, random, mixing, truth).run();
    mixing.floodUntil(Number.POSITIVE_INFINITY);
  },
};
