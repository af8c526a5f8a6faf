/** Transfers that stood still until a retransmission timer ran out (RFC 6298 §5). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { type EndpointRecord, SIDES } from "../../report/record.js";
import { timesOf } from "../../report/wording.js";
import { serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** A stall is worth a word that took so long, or this share of the transfer. */
const LONG_MS = 1000;
const LARGE_SHARE = 0.1;

export const timeoutStall: Rule = {
  id: "timeout-stall",
  title: "Transfers that waited for a retransmission timeout",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "Data was lost and nothing told its sender of it, so that it waited for its timer: for all that time nothing was delivered.",
  why: "Linux waits for 200 ms at least and doubles that each time, on a path of a few milliseconds; afterwards the sender begins again with one segment.",
  advice:
    "look for the loss itself (bursts, whole flights, repeats that were lost again: the ladder of an example shows which); SACK and RACK on both sides (`net.ipv4.tcp_sack = 1`, `net.ipv4.tcp_recovery = 1`) repair most losses without a timer; for small messages keep the connection's writes together",
  mistakenFor: "a slow application: the bytes of a stall had been sent before it",
  look(record) {
    for (const side of SIDES) {
      const { stall, blackHole } = record[side];
      // A stall that never ended is a peer's that vanished.
      if (stall === null || blackHole !== null || stall.toFrame === null || !isOfLostData(record[side]))
        continue;
      const transferMs = record[side].transferMs || record.durationMs;
      if (stall.longestMs <= LONG_MS && stall.totalMs <= LARGE_SHARE * transferMs) continue;
      return {
        where: serverOf(record),
        frames: [stall.fromFrame, stall.toFrame],
        lostMs: stall.totalMs,
        sums: { stalls: stall.count },
        ranges: { longestMs: stall.longestMs },
      };
    }
    return null;
  },
  tell(group) {
    const [stalls, longest] = [group.sum("stalls"), formatDuration(group.most("longestMs"))];
    const cost = stalls === 1 ? longest : `up to ${longest} and ${formatDuration(group.lostMs)} in all`;
    return {
      sentence: `transfers with ${group.where} stood still ${timesOf(stalls)} until a timer ran out, for ${cost}, on ${formatNumberOf(group.connections, "connection")}`,
      ...(group.lostMs < LONG_MS && { severity: "note" as const }),
    };
  },
};

/** A FIN's timer holds nothing up, and what was needless was not lost. */
function isOfLostData({ timeouts, finRetransmissions, spuriousRetransmissions }: EndpointRecord): boolean {
  return timeouts > finRetransmissions && timeouts > spuriousRetransmissions;
}
