/** A host that closes first so often that TIME_WAIT takes its ports (RFC 9293 §3.6). */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import type { CaptureSummary, HostSummary } from "../../report/summary.js";
import type { HostRule } from "../rule.js";
import { mainServerOf } from "./pairs-of-hosts.js";

/** Ports that Linux gives to clients (`net.ipv4.ip_local_port_range`), and the part of them that is worth a word. */
const PORTS = 28_232;
const WARN_FROM = 0.5 * PORTS;

export const timeWaitPressure: HostRule = {
  id: "time-wait-pressure",
  title: "Ports held by TIME_WAIT",
  severity: "warning",
  actor: "client",
  confidence: "likely",
  what: "The side that closes first holds the connection's ports in TIME_WAIT for a minute; so many of a client's stood there at once that half of its ports to one server were taken.",
  why: "When all are taken, connect() fails at once (EADDRNOTAVAIL) and no packet shows it. At a server it costs some memory, no ports.",
  advice:
    "keep connections and use them again; a wider `net.ipv4.ip_local_port_range`, `net.ipv4.tcp_tw_reuse` at the client, or more addresses put the limit off",
  mistakenFor: "many hosts behind one address: then the ports of the NAT are at stake",
  tellHost(host, side, summary) {
    if (side === "server") {
      const most = Math.max(host.timeWaitPeak, host.states?.TIME_WAIT?.peak ?? 0);
      if (most < WARN_FROM) return null;
      return {
        severity: "note",
        actor: "server",
        connections: most,
        sentence: `${host.name} closed ${formatNumberOf(most, "connection")} first within a minute and held them in TIME_WAIT: it costs memory, no ports`,
      };
    }
    const { server, least } = mostWaiting(host, summary);
    if (least < WARN_FROM) return null;
    const share = Math.round((100 * least) / PORTS);
    const short = host.oneTurn >= 0.8 * host.connections ? ", most of them after one request" : "";
    return {
      connections: least,
      sentence: `${host.name} closed ${formatNumberOf(least, "connection")} to ${server} first within a minute${short}: TIME_WAIT held ${share} % of the ${formatCount(PORTS)} ports that Linux gives to clients`,
    };
  },
};

/**
 * The server towards which most of a client's ports stood in TIME_WAIT for certain, and how many: as counted for the two,
 * or, where too many others are busier, by what the client closed first in a minute and may not be another server's.
 */
function mostWaiting(client: HostSummary, summary: CaptureSummary): { server: string; least: number } {
  const { ports } = client;
  const counted = { server: ports?.server ?? "", least: ports?.timeWait?.peak ?? 0 };
  const main = mainServerOf(client, summary);
  if (!main) return counted;
  const least = client.timeWaitPeak - (client.connections - main.connections);
  return least > counted.least ? { server: main.server.name, least } : counted;
}
