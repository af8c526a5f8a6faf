/** A host that closes first so often that TIME_WAIT takes its ports (RFC 9293 §3.6). */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
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
    if (host.timeWaitPeak < WARN_FROM) return null;
    if (side === "server") {
      return {
        severity: "note",
        actor: "server",
        connections: host.timeWaitPeak,
        sentence: `${host.name} closed ${formatNumberOf(host.timeWaitPeak, "connection")} first within a minute and held them in TIME_WAIT: it costs memory, no ports`,
      };
    }
    const main = mainServerOf(host, summary);
    if (!main) return null;
    const least = host.timeWaitPeak - (host.connections - main.connections);
    if (least < WARN_FROM) return null;
    const share = Math.round((100 * least) / PORTS);
    const short = host.oneTurn >= 0.8 * host.connections ? ", most of them after one request" : "";
    return {
      connections: least,
      sentence: `${host.name} closed ${formatNumberOf(least, "connection")} to ${main.server.name} first within a minute${short}: TIME_WAIT held ${share} % of the ${formatCount(PORTS)} ports that Linux gives to clients`,
    };
  },
};
