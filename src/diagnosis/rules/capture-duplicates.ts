/** Packets that the capture holds twice. */
import { formatNumberOf, formatPercent } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

const FEW = 0.001;

export const captureDuplicates: CaptureRule = {
  id: "capture-duplicates",
  title: "The capture holds packets twice",
  severity: "note",
  actor: "capture",
  confidence: "likely",
  what: "The same packets, with the same headers, follow one another within milliseconds: a mirror port that copies both ways, or an interface and the bridge above it.",
  why: "Tools that do not notice take them for retransmissions; here they are left out of every figure.",
  advice:
    "mirror one direction of each port only, or capture on one interface; `editcap -d` takes them out of a file",
  mistakenFor: "retransmissions, which carry a new IP identification and a new timestamp",
  tellCapture({ captureDuplicates, segments }) {
    if (captureDuplicates <= FEW * segments) return null;
    const copies = formatNumberOf(captureDuplicates, "packet is a copy", "packets are copies");
    return {
      sentence: `${copies} that the capture made (${formatPercent(captureDuplicates / segments)} of all): what is copied counts once`,
    };
  },
};
