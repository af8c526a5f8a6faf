/** Packets that a router marked in place of dropping them, and senders that slowed down for it (RFC 3168 §5, RFC 3168 §6.1). */
import { formatCount, formatDuration, formatNumberOf, formatPercent } from "../../report/quantities.js";
import type { ConnectionRecord, Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { firstFrame, serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

export const ecnCongestion: Rule = {
  id: "ecn-congestion",
  title: "Congestion told by marks (ECN)",
  severity: "note",
  actor: "network",
  confidence: "certain",
  what: "Both sides agreed on explicit congestion notification, and a router whose queue was long marked packets (CE) where it would have dropped them; the receiver echoed that (ECE), the sender made its window smaller and said so (CWR).",
  why: "The path is as full as with losses; nothing has to be sent again, but the sender takes back a third or a half of its window each time.",
  advice:
    "find the queue: it stands between the sender and the first point at which the marks are captured (`tc -s qdisc` shows `ecn_mark`, routers count the like); give the path more room, or the transfer a time at which others need it less; where nearly all packets are marked, look for a box that overwrites the bits",
  mistakenFor: "ECN that was agreed on and never needed; old uses of the same two bits, which nobody echoes",
  look(record) {
    for (const side of ["client", "server"] as const) {
      if (!isCongested(record, side)) continue;
      const { congestionMarks, packets, windowReductions, lost, limitedBy, transferMs } = record[side];
      const echoes = record[otherSide(side)].congestionEchoes;
      const isMarked = congestionMarks > 0;
      return {
        where: serverOf(record),
        confidence: isMarked ? "certain" : "likely",
        frames: [firstFrame(record)],
        sums: {
          marks: congestionMarks,
          packets: isMarked ? packets : 0,
          echoes,
          reductions: windowReductions,
          lost: (lost?.beforeCapture ?? 0) + (lost?.afterCapture ?? 0),
          toClients: side === "server" ? 1 : 0,
          pacedMs: (limitedBy?.congestionWindow ?? 0) * (transferMs ?? 0),
        },
      };
    }
    return null;
  },
  tell(group) {
    const { connections, where } = group;
    const from = 2 * group.sum("toClients") >= connections ? where : `the clients of ${where}`;
    const reductions = formatNumberOf(group.sum("reductions"), "time");
    const pacedMs = group.sum("pacedMs");
    const pace =
      pacedMs > 0 ? `, and for ${formatDuration(pacedMs)} it was congestion that set the pace` : "";
    const lost = group.sum("lost");
    const losses =
      lost > 0
        ? `${formatNumberOf(lost, "segment was", "segments were")} lost all the same`
        : "nothing was lost";
    return {
      sentence: `congestion on the way from ${from} on ${formatNumberOf(connections, "connection")}: ${marksOf(group)}; senders slowed down ${reductions}${pace}; ${losses}`,
    };
  },
};

/** Marks of a side's packets count where ECN was agreed on, or the peer echoes them; echoes alone need the sender's answer. */
function isCongested(record: ConnectionRecord, side: Side): boolean {
  const { congestionMarks, windowReductions, offered } = record[side];
  const { congestionEchoes, offered: peers } = record[otherSide(side)];
  const isKnown = offered !== null && peers !== null;
  if (isKnown && (offered.ecn === "no" || peers.ecn === "no")) return false;
  if (congestionMarks > 0) return isKnown || congestionEchoes > 0;
  return isKnown && congestionEchoes > 0 && windowReductions > 0;
}

/** Captured before the queue, the packets are not marked yet. */
function marksOf(group: Group): string {
  const [marks, packets] = [group.sum("marks"), group.sum("packets")];
  if (marks === 0)
    return `marks beyond the capture point, echoed by ${formatNumberOf(group.sum("echoes"), "segment")}`;
  return `${formatCount(marks)} of ${formatNumberOf(packets, "packet")} marked (${formatPercent(marks / packets)})`;
}
