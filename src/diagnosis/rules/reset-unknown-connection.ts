/** A host that knows no such connection (RFC 9293 §3.5.2, group 1). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { hostOf } from "../places.js";
import type { Rule } from "../rule.js";

export const resetUnknownConnection: Rule = {
  id: "reset-unknown-connection",
  title: "Resets from hosts that no longer know the connection",
  severity: "warning",
  actor: "unknown",
  confidence: "likely",
  what: "A bare reset answers a segment of a connection that was open: its sender holds no state of it.",
  why: "It was restarted, or a NAT, firewall or load balancer on the way dropped the connection while it was idle: the next request fails.",
  advice:
    "where it comes after a silence of about the same length each time, set TCP keep-alives or heartbeats below that time (`net.ipv4.tcp_keepalive_time`, SO_KEEPALIVE); else look for a restart of that host or a fail-over",
  mistakenFor: null,
  look(record) {
    const { reset } = record;
    if (reset?.kind !== "unknown-connection" || reset.suspicion !== null) return null;
    // A server that said nothing else never took the connection (accept-queue-overflow.ts).
    if (reset.by === "server" && record.server.packets === record.synAckCount + record.server.resets)
      return null;
    return {
      where: hostOf(record, reset.by),
      frames: [reset.provokedByFrame, reset.frame],
      ...(reset.idleMs !== null && { ranges: { idleMs: reset.idleMs } }),
    };
  },
  tell(group) {
    const most = group.most("idleMs");
    const [from, to] = [formatDuration(group.least("idleMs")), formatDuration(most)];
    const idle = most >= 1000 ? ` after ${from === to ? "" : `${from} to `}${to} of silence` : "";
    return {
      sentence: `${group.where} answered ${formatNumberOf(group.connections, "open connection")} with a reset${idle}: it knows no such connection`,
    };
  },
};
