/** Many connections that lose something at one moment: a queue or a link that they share. */
import { formatCount, formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

/** Of the connections that were sending. */
const LEAST_SHARE = 0.2;

export const retransmissionBurst: CaptureRule = {
  id: "retransmission-burst",
  title: "Losses of many connections at one moment",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "Within the same 100 ms five connections and more, and a fifth of those that were sending, lost what they sent; around that moment far fewer did.",
  why: "Losses that have nothing in common but their time come from something that the connections share: a queue that overflowed (a microburst, a backup that began), a link that failed for a moment, a switch or firewall that changed over.",
  advice:
    "look at that time for drops and changes of state on what these connections share: interface counters of hosts and switches (`ip -s link`, `ethtool -S`), the log of the firewall pair, a job that starts then; if it comes again at regular times, look for what runs at them",
  mistakenFor:
    "losses at random, which are spread over time; a host that is gone, whose connections never hear of it again",
  tellCapture({ lossBursts }) {
    const bursts = lossBursts.filter(({ connections, senders }) => connections >= LEAST_SHARE * senders);
    const [worst] = bursts;
    if (!worst) return null;
    const others =
      bursts.length > 1 ? `; at ${formatNumberOf(bursts.length - 1, "other moment")} it was alike` : "";
    return {
      connections: worst.connections,
      examples: worst.examples.map(({ connection, frame }) => ({
        connection,
        frames: [frame],
        lostMs: null,
      })),
      sentence: `${formatNumberOf(worst.connections, "connection")} of ${formatCount(worst.senders)} that were sending lost ${formatNumberOf(worst.segments, "segment")} within the same ${worst.spanMs} ms, ${formatDuration(worst.atMs)} after the capture began${others}`,
    };
  },
};
