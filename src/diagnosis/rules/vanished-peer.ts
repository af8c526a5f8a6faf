/** A side that repeats into silence until it gives up (RFC 9293 §3.8.3). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { otherSide } from "../../report/wording.js";
import { clientOf, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

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
    const { gaveUp } = record;
    if (record.close !== "timed-out" || gaveUp === null || gaveUp.what === "probe") return null;
    return {
      where: otherSide(gaveUp.side) === "server" ? serverOf(record) : clientOf(record),
      frames: [record[gaveUp.side].lastFrame],
      lostMs: gaveUp.leastMs,
      sums: { repeats: gaveUp.repeats },
      ranges: { triedMs: gaveUp.leastMs },
    };
  },
  tell(group) {
    return {
      sentence: `${group.where} vanished from ${formatNumberOf(group.connections, "open connection")}: ${formatNumberOf(group.sum("repeats"), "repeat")} over up to ${formatDuration(group.most("triedMs"))} got no answer`,
    };
  },
};
