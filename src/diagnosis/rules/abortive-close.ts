/** A live socket that was dropped by a reset (RFC 9293 §3.6, RFC 1122 §4.2.2.13). */
import { formatNumberOf } from "../../report/quantities.js";
import { endsOf, ofSide } from "../places.js";
import type { Rule } from "../rule.js";
import { acceptedThenClosed } from "./accepted-then-closed.js";

export const abortiveClose: Rule = {
  id: "abortive-close",
  title: "Connections dropped by a reset",
  severity: "warning",
  actor: "unknown",
  confidence: "possible",
  isExplainedByScan: true,
  what: "One side, whose system still knew the connection, ended it with a reset instead of a FIN.",
  why: "What was on its way is lost, the peer reads ECONNRESET, and nobody can tell whether the last request was done.",
  advice:
    "in that side's application look for SO_LINGER with a time of 0, for close() before everything was read, for a limit or a crash; `strace -f -e trace=network,close -p PID` on its host shows the call",
  mistakenFor:
    "a health check that drops its connection on purpose once it has its answer (HAProxy does); a browser whose user leaves the page",
  look(record) {
    const { reset } = record;
    // Nothing was lost with a connection that carried nothing (health-check.ts).
    if (record.bytes === 0) return null;
    if (record.close !== "reset" || reset?.kind !== "abort" || reset.suspicion !== null) return null;
    // It never began to answer (accepted-then-closed.ts).
    if (acceptedThenClosed.look(record)) return null;
    return {
      ...ofSide(record, reset.by),
      actor: reset.by,
      frames: [reset.provokedByFrame, reset.frame],
      sums: { unread: reset.unreadData === "likely" ? 1 : 0 },
      ...(reset.unreadData === "likely" && { confidence: "likely" }),
    };
  },
  tell(group) {
    const unread = group.sum("unread");
    const how =
      unread === 0
        ? "SO_LINGER 0, data unread, or a limit"
        : unread === group.connections
          ? "it closed with data unread, most likely, or with SO_LINGER 0"
          : `on ${formatNumberOf(unread, "connection")} most likely with data unread`;
    const dropped = formatNumberOf(group.connections, "connection");
    const { clients, servers } = endsOf(group);
    const what = group.isOfClients
      ? `${clients} dropped ${dropped} to ${servers}`
      : `${servers} dropped ${dropped}`;
    return { sentence: `${what} by a reset: ${how}` };
  },
};
