/** What the rules on lost packets of the handshake share: which was lost, and what the wait cost. */
import { formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord, HandshakeLoss, Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, serverOf } from "../places.js";
import type { Group, Rule, Sighting, Verdict } from "../rule.js";

/** Whichever of the three packets it was: what it means and what to do about it is the same. */
export const HANDSHAKE_LOSS = {
  severity: "warning",
  actor: "network",
  confidence: "likely",
  why: "The first wait is a whole second (RFC 6298 §2.1), longer than anything else a user waits for.",
  advice:
    "look for loss on the side of the capture point that the sentence names (interface errors with `ip -s link`, a full queue with `tc -s qdisc`); at the server for dropped SYNs and an overflowing accept queue (`nstat -az TcpExtListenOverflows TcpExtListenDrops`)",
  mistakenFor:
    "a listener whose queue is full: it drops the same packets, for as long as its application does not accept",
} satisfies Partial<Rule>;

export function lookForLoss(record: ConnectionRecord, loss: HandshakeLoss): Sighting | null {
  const evidence = record.lossEvidence.find((one) => one.loss === loss);
  if (!record.losses.includes(loss)) return null;
  // What was captured beside the server and not answered, its own system dropped (syn-dropped-at-server.ts).
  const isServers = record.capturePoint === "near-server" && evidence?.where === "after-capture";
  if (loss === "syn-lost" && isServers) return null;
  // It arrived, and met a TIME_WAIT that did not yield to it (port-reuse-dropped.ts).
  if (loss === "syn-lost" && record.reuseRefused) return null;
  return {
    where: serverOf(record),
    frames: [...(evidence?.frames ?? []), ...(evidence?.repeatFrames ?? []), evidence?.answerFrame ?? null],
    ...(record.retryWaitMs !== null && record.retryWaitMs > 0 && { lostMs: record.retryWaitMs }),
    sums: { before: evidence?.where === "before-capture" ? 1 : 0 },
    ranges: { waitedMs: record.retryWaitMs ?? 0 },
  };
}

/** `sender`: the side that sends such packets. */
export function tellLoss(group: Group, packet: string, sender: Side): Verdict {
  const { connections, where } = group;
  const cost = group.most("waitedMs") > 0 ? `, which cost ${formatLongest(group, "waitedMs")}` : "";
  const before = group.sum("before");
  const place =
    before === connections
      ? `between the ${sender} and the capture point`
      : before === 0
        ? `between the capture point and the ${otherSide(sender)}`
        : "on both sides of the capture point";
  return {
    sentence: `the ${packet} was lost in ${formatNumberOf(connections, "handshake")} with ${where}, ${place}${cost}`,
  };
}
