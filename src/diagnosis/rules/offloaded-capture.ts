/** Packets that never were on a wire as they were captured: several segments in one. */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

const FEW = 0.001;

export const offloadedCapture: CaptureRule = {
  id: "offloaded-capture",
  title: "The capture holds several segments in one packet",
  severity: "note",
  actor: "capture",
  confidence: "certain",
  what: "Packets carry more payload than both sides agreed on for a segment: the capturing host leaves cutting them to its network card, or has joined them on receipt.",
  why: "Counts of packets, sizes and times of single segments are not those of the wire; bytes and times of transfers hold.",
  advice:
    "capture on another host or at a mirror port, or switch it off while capturing (`ethtool -K DEVICE tso off gso off gro off lro off`)",
  mistakenFor: "jumbo frames, which both sides announce in their SYNs, and packets too large for the path",
  tellCapture({ extraSegments, segments }) {
    if (extraSegments <= FEW * segments) return null;
    return {
      sentence: `${formatNumberOf(segments, "packet")} stand for about ${formatCount(segments + extraSegments)} segments of the wire (segmentation offload)`,
    };
  },
};
