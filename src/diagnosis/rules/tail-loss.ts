/** The last segment of a message was lost, which no later one can tell of (RFC 8985 §7). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { type EndpointRecord, SIDES } from "../../report/record.js";
import { otherSide, timesOf } from "../../report/wording.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** Fewer connections are an accident. */
const SEVERAL = 3;

export const tailLoss: Rule = {
  id: "tail-loss",
  title: "Messages whose last segment was lost",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "The last bytes that a side had to send were lost. Nothing came behind them, so that no acknowledgment told of it, and the sender found out by a probe of the tail.",
  why: "The message waits for that probe: two round trips at the least, and 200 ms more where the peer may hold its acknowledgment back.",
  advice:
    "look for loss on the path; short messages suffer most, for most of their segments are last ones. Where probes are missing and timeouts stand in their place, let senders use RACK and tail-loss probes (`net.ipv4.tcp_early_retrans`, `net.ipv4.tcp_recovery`)",
  mistakenFor: "a lost FIN, which holds no data up; a response that the application sent late",
  look(record) {
    for (const side of SIDES) {
      const probes = probesOf(record[side]);
      // With a closed window the probe is the window's.
      const { zeroWindows } = record[otherSide(side)];
      if (probes === 0 || zeroWindows > 0) continue;
      const { lost, limitedBy, transferMs, recovery } = record[side];
      // Only where the original was captured it shows since when the message waited.
      const isSeen = (lost?.afterCapture ?? 0) > 0 && limitedBy !== null && transferMs !== null;
      return {
        where: serverOf(record),
        frames: [recovery?.fromFrame ?? firstFrame(record)],
        ...(isSeen && { lostMs: limitedBy.network * transferMs }),
        sums: { probes, [side]: 1 },
      };
    }
    return null;
  },
  tell(group) {
    const of =
      group.sum("server") === 0
        ? "requests to"
        : group.sum("client") === 0
          ? "responses of"
          : "messages with";
    const cost = group.lostMs > 0 ? `, which cost ${formatDuration(group.lostMs)} in all` : "";
    return {
      sentence: `the last bytes of ${of} ${group.where} were lost ${timesOf(group.sum("probes"))}, on ${formatNumberOf(group.connections, "connection")}${cost}`,
      ...(group.connections < SEVERAL && { severity: "note" as const }),
    };
  },
};

/** Probes of the tail that repaired a loss of data; where a timer had to run out as well, timeout-stall.ts tells. */
function probesOf(endpoint: EndpointRecord): number {
  const { tailLossProbes, finRetransmissions, spuriousRetransmissions, timeouts, lost } = endpoint;
  if (lost === null || timeouts > 0) return 0;
  return Math.max(0, tailLossProbes - finRetransmissions - spuriousRetransmissions);
}
