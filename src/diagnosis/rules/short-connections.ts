/** A client that opens a connection for every request. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { HostRule } from "../rule.js";
import { mainServerOf } from "./pairs-of-hosts.js";

const LEAST = 20;
const LEAST_SHARE = 0.8;

export const shortConnections: HostRule = {
  id: "short-connections",
  title: "A connection for every request",
  severity: "note",
  actor: "client",
  confidence: "certain",
  what: "Nearly all connections of a client with a server carry one request and its response, and are closed.",
  why: "Each pays the handshake first (with TLS two or three round trips), begins with a small congestion window, and leaves a port in TIME_WAIT.",
  advice:
    "let the client keep its connections and use them again (a pool, `Connection: keep-alive`, HTTP/2), and see that the server or a proxy between does not close them after each answer",
  mistakenFor: "many users behind one address (NAT, a proxy), each of whom asks once",
  tellHost(client, side, summary) {
    if (side !== "client" || client.oneTurn < LEAST) return null;
    const main = mainServerOf(client, summary);
    if (!main) return null;
    // What the client has with others, or the server, may be of one turn too.
    const least = Math.max(
      client.oneTurn - (client.connections - main.connections),
      main.server.oneTurn - (main.server.connections - main.connections),
    );
    if (least < LEAST || least < LEAST_SHARE * main.connections) return null;
    const isLeast = main.connections < client.connections && main.connections < main.server.connections;
    const { p50Ms } = client.connectTime;
    const cost = p50Ms === null ? "" : `, after a handshake of ${formatDuration(p50Ms)} each (median)`;
    return {
      connections: least,
      sentence: `${client.name} opened ${isLeast ? "at least " : ""}${formatNumberOf(least, "connection")} to ${main.server.name} for one request each${cost}`,
    };
  },
};
