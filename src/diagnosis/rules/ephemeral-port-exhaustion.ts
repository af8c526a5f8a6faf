/** A client that has used all its ports to one server within the time that TIME_WAIT takes (RFC 9293 §3.6). */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatRange, pathOf } from "../places.js";
import type { Rule } from "../rule.js";

/**
 * Where none is free a port is taken again as soon as its TIME_WAIT lets it go: after 60 s on Linux, whose timer may run four
 * seconds late (a thousand ticks a second), or with tcp_tw_reuse after one. What comes back in between was free before.
 */
const AFTER_TIME_WAIT_MS = [58_000, 66_000] as const;
const REUSE_MS = 2000;
const LEAST = 50;
/** Where ports are drawn by lot, a few come back soon by chance; where all are in use, most do. */
const LEAST_SHARE = 0.3;

export const ephemeralPortExhaustion: Rule = {
  id: "ephemeral-port-exhaustion",
  title: "Clients that run out of ports",
  severity: "warning",
  actor: "client",
  confidence: "likely",
  what: "A client opens so many connections to one server that it uses its ports again as soon as TIME_WAIT lets them go, after a minute, or with tcp_tw_reuse after a second: its range of ports is used up.",
  why: "Where no port is free connect() fails (EADDRNOTAVAIL) without a packet: the capture does not show the attempts that failed, only a rate that does not rise any more.",
  advice:
    "keep connections and use them again; else widen `net.ipv4.ip_local_port_range`, allow `net.ipv4.tcp_tw_reuse` at the client, or spread over more addresses of client or server",
  mistakenFor:
    "a client that binds one port of its own and connects again and again; many hosts behind one NAT address",
  look(record) {
    const { reuse, reusedAfterMs, client } = record;
    const isHeld = reuse === "tw-reuse" || reuse === "after-time-wait";
    if (!isHeld || reusedAfterMs === null || !isAtOnce(reusedAfterMs)) return null;
    return {
      where: pathOf(record),
      frames: [firstFrame(record)],
      ranges: { afterMs: reusedAfterMs, port: client.port },
    };
  },
  tell(group, { clients }) {
    const client = clients.find(({ name }) => group.where.startsWith(`${name} to `));
    const ports = group.most("port") - group.least("port") + 1;
    if (!client || group.connections < LEAST || ports < LEAST / 2) return null;
    if (group.connections < LEAST_SHARE * client.connections) return null;
    const held = client.ports?.server === group.server ? (client.ports?.inUse.peak ?? 0) : 0;
    const atOnce =
      held > 0 ? `; of its ports it held ${formatCount(held)} at once, those in TIME_WAIT among them` : "";
    const path = `${group.where}: ${formatNumberOf(group.connections, "connection")}`;
    return {
      sentence: `${path} took a port again ${formatRange(group, "afterMs")} after its last use, of ports ${group.least("port")} to ${group.most("port")}: no others were free${atOnce}`,
    };
  },
};

/** Whether the port was taken as soon as it could be. */
function isAtOnce(afterMs: number): boolean {
  const [least, most] = AFTER_TIME_WAIT_MS;
  return afterMs <= REUSE_MS || (afterMs >= least && afterMs <= most);
}
