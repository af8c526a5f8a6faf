/** Data sent again that had arrived, or was to arrive (RFC 2883 §4, RFC 3522 §3.2). */
import { formatNumberOf } from "../../report/quantities.js";
import { type ConnectionRecord, SIDES, type Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { firstFrame, serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

const LEAST_REPEATS = 5;

const REASONS = {
  lostAcks: "acknowledgments that were lost",
  late: "delays beyond the sender's timer",
  overtaken: "segments that were overtaken",
} as const;
type Reason = keyof typeof REASONS;

export const spuriousRetransmissions: Rule = {
  id: "spurious-retransmissions",
  title: "Data sent again needlessly",
  severity: "note",
  actor: "network",
  confidence: "likely",
  what: "Data was sent again though it had arrived: the receiver reports a duplicate (DSACK), or acknowledges the first copy by its timestamp.",
  why: "The sender slows down as if the path had lost something.",
  advice:
    "look for what the sentence names: packets that overtake one another (link aggregation by packet), sudden delays (a radio link, a virtual machine that was paused, a queue far too long), lost acknowledgments (the opposite direction)",
  mistakenFor: "loss: here nothing was missing",
  look(record) {
    for (const side of SIDES) {
      const { spuriousRetransmissions: needless, finRetransmissions } = record[side];
      const repeats = needless - finRetransmissions;
      // A closed window's probe repeats what it may.
      if (repeats <= 0 || record[otherSide(side)].zeroWindows > 0) continue;
      return {
        where: serverOf(record),
        frames: [record[side].recovery?.fromFrame ?? firstFrame(record)],
        sums: { repeats, [reasonOf(record, side)]: repeats },
      };
    }
    return null;
  },
  tell(group) {
    const repeats = group.sum("repeats");
    if (repeats < LEAST_REPEATS) return null;
    return {
      sentence: `${formatNumberOf(repeats, "segment")} on ${formatNumberOf(group.connections, "connection")} with ${group.where} were sent again needlessly, because of ${REASONS[mostOf(group)]}`,
    };
  },
};

function reasonOf(record: ConnectionRecord, side: Side): Reason {
  const { timeouts, tailLossProbes, fastRetransmissions } = record[side];
  if (timeouts + tailLossProbes <= fastRetransmissions) return "overtaken";
  return record[otherSide(side)].lostAcks > 0 ? "lostAcks" : "late";
}

function mostOf(group: Group): Reason {
  const reasons = Object.keys(REASONS) as Reason[];
  return reasons.reduce((most, reason) => (group.sum(reason) > group.sum(most) ? reason : most));
}
