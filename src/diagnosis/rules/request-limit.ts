/** A server that ends each connection after so many requests (RFC 9112 §9.6). */
import { formatCount, formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { HostRule } from "../rule.js";

const LEAST = 5;
/** Of all connections that the server ended with an answer; the others may have been refused something. */
const LEAST_SHARE = 0.8;
/** After one answer it does not keep connections at all (short-connections.ts). */
const LEAST_REQUESTS = 2;
/** A dialogue of a protocol that ends of itself is hardly as long. */
const MANY_REQUESTS = 10;

export const requestLimit: HostRule = {
  id: "request-limit",
  title: "Connections closed after a number of requests",
  severity: "note",
  actor: "server",
  confidence: "possible",
  what: "A server closed connections as soon as it had given the same number of answers on each, and none is known to have carried more. A TLS handshake counts as one answer, in TLS 1.2 as two.",
  why: "Clients have to connect again after every so many requests: each time a handshake, a small congestion window, and a port in TIME_WAIT at the server. A request that the client sends before it sees the close fails.",
  advice:
    "raise the server's limit where nobody means it (nginx `keepalive_requests`, Apache `MaxKeepAliveRequests`, Envoy `max_requests_per_connection`); let clients take the server's `Connection: close` for what it says, and try again a request that got no byte of an answer",
  mistakenFor:
    "a dialogue that is over: a client that always asks as much and says `Connection: close` with its last request, or a protocol with a last word",
  tellHost(server, side) {
    const { name, mostExchanges, closedAtMostExchanges, closedWithAnswer } = server;
    if (side !== "server" || mostExchanges < LEAST_REQUESTS || closedAtMostExchanges < LEAST) return null;
    if (closedAtMostExchanges < LEAST_SHARE * closedWithAnswer) return null;
    const { p50Ms } = server.connectTime;
    const cost = p50Ms === null ? "" : `; a new handshake takes ${formatDuration(p50Ms)} (median)`;
    return {
      connections: closedAtMostExchanges,
      confidence: mostExchanges >= MANY_REQUESTS ? "likely" : "possible",
      sentence: `${name} closed ${formatNumberOf(closedAtMostExchanges, "connection")} as soon as it had given ${formatCount(mostExchanges)} answers on each, and none is known to have carried more${cost}`,
    };
  },
};
