/** Accepted and closed at once, without a byte: nobody behind the door. */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** Within so many round trips of the handshake or the first request. */
const SOON_ROUND_TRIPS = 2;
const SLACK_MS = 5;

export const acceptedThenClosed: Rule = {
  id: "accepted-then-closed",
  title: "Servers that accept and close at once",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "After the handshake, or the first request, the server's side closed or reset the connection within a round trip or two, without one byte.",
  why: '"Connected" was a false success: a proxy, a load balancer or a container\'s port accepts, and has nothing to hand it on to.',
  advice:
    "look whether the service behind that port runs and is healthy: the proxy's or balancer's log, `docker ps`, `kubectl get endpoints`; a server that closes for a reason of its own says so in its log",
  mistakenFor: "a server whose protocol needs no answer; a limit on connections from one client",
  look(record) {
    const { client, server, outcome, reset } = record;
    if (outcome !== "completed" || server.bytes > 0 || server.missingBytes > 0) return null;
    if (
      record.closedFirst !== "server" ||
      reset?.suspicion === "middlebox" ||
      reset?.kind === "unknown-connection"
    )
      return null;
    const soonMs = SOON_ROUND_TRIPS * (record.initialRttMs ?? 0) + SLACK_MS;
    const openedMs = record.ackAtMs ?? 0;
    if (record.durationMs - openedMs > 2 * soonMs) return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), reset?.frame ?? server.lastFrame],
      sums: { asked: client.bytes > 0 ? 1 : 0 },
    };
  },
  tell(group) {
    const asked = group.sum("asked") > 0 ? "a request or without one" : "no request yet";
    return {
      sentence: `${group.where} accepted ${formatNumberOf(group.connections, "connection")} and closed at once, without a byte (${asked})`,
    };
  },
};
