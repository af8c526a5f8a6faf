/** A side that repeats into silence until it gives up (RFC 9293 §3.8.3). */
import { formatNumberOf } from "../../report/quantities.js";
import { type ConnectionRecord, SIDES, type Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";
import { unansweredFinOf } from "./fin-unanswered.js";

/** So many repeats in a row, over so long, are no accident, though the capture ends before the sender gives up. */
const LEAST_REPEATS = 3;
const LEAST_SILENCE_MS = 1000;

export const vanishedPeer: Rule = {
  id: "vanished-peer",
  title: "Peers that vanished",
  severity: "problem",
  actor: "network",
  confidence: "likely",
  what: "An open connection's one side sent again and again, and nothing came back any more: no acknowledgment, no reset.",
  why: "The application hears of it only when its system gives up, after a quarter of an hour by default.",
  advice:
    "look for the peer's end (crash, lost link, firewall that began to drop); TCP_USER_TIMEOUT or heartbeats of the application end the wait sooner",
  mistakenFor: "a capture that stops too early: the repeats must be overdue by then",
  look(record) {
    const { gaveUp, outcome } = record;
    if (outcome !== "completed" && outcome !== "simultaneous" && outcome !== "mid-stream") return null;
    // A server that said nothing but its SYN-ACK never took the connection (accept-queue-overflow.ts).
    if (record.server.packets === record.synAckCount) return null;
    // What it repeats is too big for the path (path-mtu-black-hole.ts).
    if (record.client.blackHole || record.server.blackHole) return null;
    // Nobody waits for the answer to a FIN (fin-unanswered.ts).
    if (unansweredFinOf(record) !== null) return null;
    const side = gaveUp?.side ?? silentSince(record);
    if (side === null || gaveUp?.what === "probe" || record.reset !== null) return null;
    const { unansweredRepeats, unansweredMs, lastFrame } = record[side];
    const triedMs = gaveUp?.leastMs ?? unansweredMs ?? 0;
    return {
      ...ofSide(record, otherSide(side)),
      frames: [lastFrame],
      lostMs: triedMs,
      sums: { repeats: unansweredRepeats },
      ranges: { triedMs },
    };
  },
  tell(group) {
    return {
      sentence: `${whoOf(group)} vanished from ${formatNumberOf(group.connections, "open connection")}: ${formatNumberOf(group.sum("repeats"), "repeat")} over ${formatLongest(group, "triedMs")} got no answer`,
    };
  },
};

/** The side that repeats into silence at the end, its data still being acknowledged before; null for none. */
function silentSince(record: ConnectionRecord): Side | null {
  if (record.close !== "open" && record.close !== "idle") return null;
  const isSilent = (side: Side) =>
    record[side].unansweredRepeats >= LEAST_REPEATS &&
    (record[side].unansweredMs ?? 0) >= LEAST_SILENCE_MS &&
    record[side].keepAlivesUnanswered === 0;
  return SIDES.find(isSilent) ?? null;
}
