/** Handshakes that took much longer than that server's usually do. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatRange, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const SLOW_MS = 100;
/** Times the server's median; a server of which most handshakes are slow is far away, or slow for all. */
const TIMES_USUAL = 3;

export const handshakeSlow: Rule = {
  id: "handshake-slow",
  title: "Slow handshakes",
  severity: "warning",
  actor: "unknown",
  confidence: "certain",
  what: "Connecting took more than 100 ms and three times what it usually takes with that server, though nothing was lost.",
  why: "Each new connection begins with it: pages, queries and calls wait before their first byte.",
  advice:
    "look which leg is long (`mtr -T -P PORT HOST` from either end): the server's, where its system answers late (load, a firewall or proxy in front of it), or the client's; connection pools and keep-alive make handshakes rare",
  mistakenFor: "a server that is far away: then all its handshakes take long",
  look(record) {
    const { connectTimeMs, serverLegMs, clientLegMs } = record;
    if (connectTimeMs === null || connectTimeMs < SLOW_MS || record.losses.length > 0) return null;
    const isServers = (serverLegMs ?? 0) > (clientLegMs ?? 0);
    return {
      where: serverOf(record),
      frames: [firstFrame(record)],
      lostMs: connectTimeMs,
      ranges: { connectMs: connectTimeMs },
      sums: { server: isServers ? 1 : 0 },
    };
  },
  tell(group, { servers }) {
    const usual = servers.find(({ name }) => name === group.where)?.connectTime.p50Ms ?? null;
    const longest = group.most("connectMs");
    if (usual === null || longest < TIMES_USUAL * usual) return null;
    const leg =
      group.sum("server") * 2 >= group.connections
        ? "between the capture point and the server"
        : "between the capture point and the client";
    return {
      sentence: `${formatNumberOf(group.connections, "handshake")} with ${group.where} took ${formatRange(group, "connectMs")}, usually ${formatDuration(usual)}: mostly ${leg}`,
    };
  },
};
