/** Accepted and closed at once, without a byte: nobody behind the door. */
import { formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** What the server's system takes beside the round trip. */
const SLACK_MS = 5;

export const acceptedThenClosed: Rule = {
  id: "accepted-then-closed",
  title: "Servers that accept and close at once",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "Within a round trip of the handshake, or of the first request, the server's side closed or reset the connection, without one byte.",
  why: '"Connected" was a false success: a proxy, a load balancer or a container\'s port accepts, and has nothing to hand it on to.',
  advice:
    "look whether the service behind that port runs and is healthy: the proxy's or balancer's log, `docker ps`, `kubectl get endpoints`; a server that closes for a reason of its own says so in its log",
  mistakenFor:
    "a limit on connections from one client, or a list of those that it serves; a server whose protocol needs no answer reads the request first, and closes in order",
  look(record) {
    const { client, server, outcome, reset } = record;
    if (outcome !== "completed" || server.bytes > 0 || server.missingBytes > 0) return null;
    // A health check closes first (health-check.ts).
    if (record.closedFirst !== "server" || reset?.suspicion === "middlebox") return null;
    // A listener without room does not know the connection (accept-queue-overflow.ts).
    if (reset?.kind === "unknown-connection") return null;
    const fin = record.transitions.find(({ side, event }) => side === "server" && event === "sentFin");
    const resetByServer = reset?.by === "server" ? reset : null;
    const first = fin ?? resetByServer;
    if (!first || !isAtOnce(record, first.atMs)) return null;
    // A request that was read and got a FIN may need no answer; what was not read is reset.
    const hasAsked = client.bytes > 0;
    if (hasAsked && !(resetByServer && isAtOnce(record, resetByServer.atMs))) return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), first.frame, resetByServer?.frame ?? null],
      sums: { asked: hasAsked ? 1 : 0 },
    };
  },
  tell(group) {
    const [all, asked] = [group.connections, group.sum("asked")];
    const them = all === 1 ? "it" : "them";
    const what =
      asked === 0
        ? `closed ${them} at once, before any request`
        : asked === all
          ? `reset ${them} at the first request, without a byte`
          : `closed ${them} at once, without a byte, ${asked} of them by a reset at the first request`;
    return { sentence: `${group.where} accepted ${formatNumberOf(all, "connection")} and ${what}` };
  },
};

/** Whether it came within a round trip of the handshake's end, or of the first request. */
function isAtOnce(record: ConnectionRecord, atMs: number): boolean {
  const { ackAtMs, requestAtMs, initialRttMs, pathRoundTripMs } = record;
  const soonMs = (initialRttMs ?? pathRoundTripMs ?? 0) + SLACK_MS;
  return [ackAtMs, requestAtMs].some(
    (sinceMs) => sinceMs !== null && atMs >= sinceMs && atMs - sinceMs <= soonMs,
  );
}
