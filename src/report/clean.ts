/**
 * When nothing is wrong: the one definition behind every "no problems found".
 */
import type { CaptureSummary } from "./summary.js";

/** Whether the capture is whole and holds no failed, slow, repeated or broken connection. */
export function isClean(summary: CaptureSummary): boolean {
  const { outcomes, closes, resetKinds, handshake } = summary;
  const failures =
    outcomes.refused + outcomes.unanswered + outcomes.embryonic + outcomes.aborted + outcomes.unreachable;
  // Harmless ones count too: the sentence says that nothing was reset.
  const resets = Object.values(resetKinds).filter((count) => count > 0);
  const losses = handshake.synLost + handshake.synAckLost + handshake.handshakeAckLost;
  const badEnds = closes["half-closed"] + closes["timed-out"] + closes["never-established"];
  const defects = summary.skipped.filter(({ isDefect, packets }) => isDefect && packets > 0).length;
  const dropped = summary.interfaces.filter(({ droppedPackets }) => (droppedPackets ?? 0) > 0).length;
  const lacking = summary.missingBytes + summary.unseenBytes;
  const doubts = defects + dropped + lacking + summary.problems.length + summary.outcomesUnknown;
  return (
    summary.isComplete &&
    summary.findings.every(({ severity }) => severity === "note") &&
    outcomes["mid-stream"] +
      failures +
      resets.length +
      summary.resetsNotTaken +
      summary.silentPeers +
      losses +
      badEnds +
      doubts +
      summary.retransmissions ===
      0
  );
}
