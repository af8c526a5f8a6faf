/** Keep-alives that were not answered, and the end of the connection (RFC 9293 §3.8.4). */
import { formatNumberOf } from "../../report/quantities.js";
import { type ConnectionRecord, SIDES, type Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

/** Probes in a row that make a dead peer. */
const LEAST_PROBES = 3;

/** The side whose keep-alives found nobody, and which gave the connection up; null for none. */
export function givenUpByProbes(record: ConnectionRecord): Side | null {
  const isOver = record.reset?.kind === "keep-alive-expired" || record.close === "timed-out";
  const hasProbed = (side: Side) => record[side].keepAlivesUnanswered >= LEAST_PROBES;
  return (isOver && SIDES.find(hasProbed)) || null;
}

export const keepAliveDead: Rule = {
  id: "keep-alive-dead",
  title: "Keep-alives without an answer",
  severity: "problem",
  actor: "network",
  confidence: "likely",
  what: "One side probed an idle connection and got no answer; then it gave the connection up, often with a reset.",
  why: "The peer was gone, or something on the way had forgotten the connection, for as long as nobody sent anything.",
  advice:
    "where it happens after about the same silence each time, a NAT or firewall drops idle connections: keep-alives must come sooner than that (`net.ipv4.tcp_keepalive_time`, or TCP_KEEPIDLE on the socket); else see what became of the peer",
  mistakenFor: null,
  look(record) {
    const side = givenUpByProbes(record);
    if (side === null) return null;
    const { keepAlivesUnanswered, keepAliveIdleMs, lastFrame } = record[side];
    return {
      ...ofSide(record, otherSide(side)),
      frames: [lastFrame],
      sums: { probes: keepAlivesUnanswered },
      ...(keepAliveIdleMs !== null && { ranges: { idleMs: keepAliveIdleMs } }),
    };
  },
  tell(group) {
    const after = group.most("idleMs") > 0 ? ` after ${formatLongest(group, "idleMs")} of silence` : "";
    return {
      sentence: `${whoOf(group)} did not answer ${formatNumberOf(group.sum("probes"), "keep-alive")} on ${formatNumberOf(group.connections, "connection")}${after}: given up for dead`,
    };
  },
};
