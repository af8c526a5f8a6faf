/** A request that crosses the FIN of a server that gives an idle connection up (RFC 9112 §9.5). */
import { formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { formatRange, serverOf } from "../places.js";
import type { Rule } from "../rule.js";
import { isTlsGoodbye } from "./tls-goodbye.js";

/** A server that said its last word so long before its FIN was idle. */
const LEAST_IDLE_MS = 1000;
/** The reset comes within a round trip of the FIN, as the handshake and the samples showed it at its shortest. */
const SLACK = 1.5;
const SLACK_MS = 5;

/** How long the server had been silent when it closed and the client's request crossed its FIN; null where none did. */
export function raceOf(record: ConnectionRecord): { idleMs: number } | null {
  const { reset, server, client, firstByteMs, pathRoundTripMs } = record;
  if (reset?.kind !== "after-close" || reset.by !== "server" || reset.suspicion !== null) return null;
  if (record.closedFirst !== "server" || record.captured !== "both" || isTlsGoodbye(record)) return null;
  if (client.bytes === 0 || firstByteMs === null || server.transferMs === null) return null;
  const fin = record.transitions.find(({ side, event }) => side === "server" && event === "sentFin");
  if (!fin || pathRoundTripMs === null) return null;
  if (reset.atMs - fin.atMs > SLACK * pathRoundTripMs + SLACK_MS) return null;
  const idleMs = fin.atMs - firstByteMs - server.transferMs;
  return idleMs >= LEAST_IDLE_MS ? { idleMs } : null;
}

export const keepAliveRace: Rule = {
  id: "keep-alive-race",
  title: "Requests that cross the close of an idle connection",
  severity: "problem",
  actor: "client",
  confidence: "likely",
  what: "A server closed a connection that had been idle; within that round trip the client sent its next request on it, which the server's system answered with a reset.",
  why: 'The client reads "connection reset by peer" for a request to a healthy server, now and then, and under load more often.',
  advice:
    "let the client (or the proxy in front) drop idle connections some seconds before the server does, so that the server never closes first (raise the server's limit: `keepalive_timeout` of nginx, `KeepAliveTimeout` of Apache, `server.keepAliveTimeout` of Node; or lower the idle time of the client's pool); let it try a request again that got no byte of an answer on a used connection",
  mistakenFor: "a server that fails: it closed in order, and answered all that came before",
  look(record) {
    const race = raceOf(record);
    if (!race) return null;
    const { reset, transitions } = record;
    return {
      where: serverOf(record),
      frames: [
        transitions.find(({ side, event }) => side === "server" && event === "sentFin")?.frame ?? null,
        reset?.provokedByFrame ?? null,
        reset?.frame ?? null,
      ],
      ranges: { idleMs: race.idleMs },
    };
  },
  tell(group) {
    const idle = formatRange(group, "idleMs");
    const requests = group.connections === 1 ? "a request was" : "requests were";
    return {
      sentence: `${group.where} closed ${formatNumberOf(group.connections, "connection")} after ${idle} without a request; the client's next one crossed the close on the way: ${requests} reset`,
    };
  },
};
