/** A host that knows no such connection (RFC 9293 §3.5.2, group 1). */
import { formatNumberOf } from "../../report/quantities.js";
import { formatRange, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";
import { isLikeHealthCheck } from "./health-check.js";

/** A shorter silence is nothing to speak of. */
const LONG_MS = 1000;

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
    // A monitor that makes its own packets: its host's system never knew the connection.
    if (isLikeHealthCheck(record)) return null;
    return {
      ...ofSide(record, reset.by),
      frames: [reset.provokedByFrame, reset.frame],
      ...(reset.idleMs !== null && { ranges: { idleMs: reset.idleMs } }),
    };
  },
  tell(group) {
    const isLong = group.most("idleMs") >= LONG_MS;
    const idle = isLong ? ` after ${formatRange(group, "idleMs")} of silence` : "";
    return {
      sentence: `${whoOf(group)} answered on ${formatNumberOf(group.connections, "open connection")} with a reset${idle}: no such connection is known there`,
    };
  },
};
