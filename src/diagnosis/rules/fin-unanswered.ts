/** A FIN that is repeated and never acknowledged: FIN_WAIT_1 or LAST_ACK to the end (RFC 9293 §3.6). */
import { formatNumberOf } from "../../report/quantities.js";
import { type ConnectionRecord, SIDES, type Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

/** So many repeats over so long are no accident at the end of a capture. */
const LEAST_REPEATS = 3;
const LEAST_SILENCE_MS = 1000;
const UNACKNOWLEDGED = ["FIN_WAIT_1", "CLOSING", "LAST_ACK"];

/** The side whose FINs, and nothing else, go into silence; null for none. */
export function unansweredFinOf(record: ConnectionRecord): Side | null {
  if (record.captured !== "both" || record.reset !== null) return null;
  const isUnanswered = (side: Side) => {
    const { state, finRetransmissions, unansweredRepeats, unansweredMs } = record[side];
    return (
      UNACKNOWLEDGED.includes(state) &&
      finRetransmissions >= LEAST_REPEATS &&
      finRetransmissions >= unansweredRepeats &&
      unansweredRepeats >= LEAST_REPEATS &&
      (unansweredMs ?? 0) >= LEAST_SILENCE_MS
    );
  };
  return SIDES.find(isUnanswered) ?? null;
}

export const finUnanswered: Rule = {
  id: "fin-unanswered",
  title: "FINs without an answer",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "A side closed and repeated its FIN into silence: it stands in FIN_WAIT_1, CLOSING or LAST_ACK to the end.",
  why: "The peer is gone, or something on the way has forgotten the connection. The closing system keeps the socket, without an owner, until its repeats run out: many of them fill memory (`net.ipv4.tcp_max_orphans`).",
  advice:
    "see what became of the peer; where it lives, a NAT or firewall on the way drops the connection before it is closed: compare with how long it was idle. `net.ipv4.tcp_orphan_retries` bounds how long such sockets stay",
  mistakenFor: "a capture that holds one direction only, or ends soon after the FIN",
  look(record) {
    const side = unansweredFinOf(record);
    if (side === null) return null;
    const { finRetransmissions, unansweredMs, lastFrame } = record[side];
    return {
      ...ofSide(record, otherSide(side)),
      frames: [
        record.transitions.find((one) => one.side === side && one.event === "sentFin")?.frame ?? null,
        lastFrame,
      ],
      sums: { repeats: finRetransmissions },
      ranges: { triedMs: unansweredMs ?? 0 },
    };
  },
  tell(group) {
    return {
      sentence: `${whoOf(group)} never acknowledged the FIN of ${formatNumberOf(group.connections, "connection")}: ${formatNumberOf(group.sum("repeats"), "repeat")} over ${formatLongest(group, "triedMs")} went into silence`,
    };
  },
};
