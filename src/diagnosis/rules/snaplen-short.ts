/** Packets that the capture cut off within their headers. */
import { formatBytes, formatNumberOf } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

/** All headers of a packet without tunnels fit into so many bytes: Ethernet with VLANs, IPv6, TCP with its options. */
const SHORT_BYTES = 128;

export const snaplenShort: CaptureRule = {
  id: "snaplen-short",
  title: "The snapshot length cuts headers off",
  severity: "warning",
  actor: "capture",
  confidence: "certain",
  what: "Packets were captured so short that their headers are not whole: nobody can tell what they were.",
  why: "Each is missing in its connection, where it looks as if the capture had lost it.",
  advice:
    "capture with a longer snapshot length (`tcpdump -s 128`; 200 or more with tunnels); payload is not needed",
  mistakenFor: "a damaged file, whose packets contradict themselves",
  tellCapture({ skipped, interfaces }) {
    const cut = skipped.filter(({ reason }) => reason.startsWith("cut-in-"));
    const packets = cut.reduce((sum, one) => sum + one.packets, 0);
    // A packet that never was longer is no matter of the capture: only with a length to cut at there is one.
    const lengths = interfaces.map(({ snapLength }) => snapLength).filter((length) => length > 0);
    const shortest = Math.min(...lengths);
    if (packets === 0 || !(shortest < SHORT_BYTES)) return null;
    return {
      sentence: `${formatNumberOf(packets, "packet ends", "packets end")} within a header: the capture keeps ${formatBytes(shortest)} of each`,
    };
  },
};
