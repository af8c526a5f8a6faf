/**
 * TLS was agreed on, and nobody behind it answered (RFC 8446 §2, RFC 8446 §4.6.1): the handshake is the work of a library
 * or a proxy, whatever the application does.
 *
 * In TLS 1.3 session tickets look like data; where they cannot be told apart (one alone) this rule sees an answer.
 */
import { formatCount, formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord, EndpointRecord, Side } from "../../report/record.js";
import type { TlsAlertRecord, TlsRecord } from "../../report/tls-record.js";
import { serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

const LEAST_SILENCE_MS = 10_000;
/** A close is the handshake's, or the request's, own consequence within so many round trips and a proxy's next hop. */
const SOON_ROUND_TRIPS = 2;
const SLACK_MS = 100;

export const tlsUpAppDown: Rule = {
  id: "tls-up-app-down",
  title: "TLS answers, the application does not",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "The TLS handshake succeeded, and then the server sent no application data: it stayed silent for ten seconds or more after a request, sent an alert, or closed at once.",
  why: "To a monitor that checks the connection or the certificate all is well; no user gets an answer.",
  advice:
    "look behind what ends TLS (proxy, load balancer, ingress): does the service that it hands on to run, and is it healthy? Its log names the failed hop (`curl -v https://NAME/` shows what a user sees); an alert straight after the handshake of TLS 1.3 is also how a server refuses a client's certificate, or the lack of one (`openssl s_client -connect HOST:PORT -servername NAME -cert FILE`)",
  mistakenFor:
    "a handshake that fails, whose alert is in the clear; a check that connects and closes by itself; an answer that comes late; a protocol in which the server never speaks",
  look(record) {
    const { tls, server } = record;
    if (!tls || !isConclusive(record, tls)) return null;
    const end = endOf(record, tls);
    if (end === null) return null;
    const { kind, silentMs } = end;
    return {
      where: serverOf(record),
      frames: [tls.helloFrame, end.frame ?? server.lastFrame],
      ...(kind === "silent" && { lostMs: silentMs }),
      sums: { [kind]: 1 },
      ranges: kind === "silent" ? { silentMs } : {},
    };
  },
  tell(group, { servers }) {
    // A server that never answers anybody may have nothing to say.
    const all = servers.find(({ name }) => name === group.where)?.connections ?? 0;
    const isAlways = group.sum("silent") === group.connections && all <= group.connections;
    return {
      ...(isAlways && { severity: "warning" as const, confidence: "possible" as const }),
      sentence: `${group.where} finished the TLS handshake on ${formatNumberOf(group.connections, "connection")} and sent no application data: ${endsOf(group)}`,
    };
  },
};

type Kind = "alert" | "closed" | "silent";

interface End {
  readonly kind: Kind;
  readonly silentMs: number;
  readonly frame: TlsRecord["helloFrame"] | null;
}

/** The handshake was seen to its end, both directions whole, and nothing that may be an answer. */
function isConclusive(record: ConnectionRecord, tls: TlsRecord): boolean {
  const { client, server } = record;
  if (record.captured !== "both" || tls.handshakeMs === null || tls.answerMs !== null) return false;
  // Behind records that were not captured there may have been an answer.
  if (tls.isBrokenOff) return false;
  // What answers early data may come before the handshake ends.
  if (tls.hasEarlyData) return false;
  if (server.missingBytes + client.missingBytes > 0 || server.forgottenRanges > 0) return false;
  if (tls.alerts.some(({ kind, level }) => kind === "clear" && level === "fatal")) return false;
  // What the server's system did not acknowledge never reached the application.
  if (client.unansweredRepeats > 1 || record.close === "timed-out") return false;
  return record.reset?.suspicion !== "middlebox" && record.reset?.kind !== "unknown-connection";
}

/** How it went on; null where nothing is shown: it was too short, or the client left first. */
function endOf(record: ConnectionRecord, tls: TlsRecord): End | null {
  const soonMs = SOON_ROUND_TRIPS * (record.pathRoundTripMs ?? record.initialRttMs ?? 0) + SLACK_MS;
  const doneMs = tls.helloAtMs + tls.handshakeMs!;
  const alertOf = (side: Side) => tls.alerts.find(({ by, atMs }) => by === side && atMs >= doneMs);
  const [alert, clientAlert] = [alertOf("server"), alertOf("client")];
  const closedMs = closedAtMs(record);
  const leftMs = Math.min(closedMs.client, clientAlert?.atMs ?? Number.POSITIVE_INFINITY);
  const askedMs = waitsSince(record, tls, clientAlert, soonMs);
  const isOwn = (atMs: number) => atMs <= leftMs && atMs - Math.max(doneMs, askedMs ?? 0) <= soonMs;
  if (alert && isOwn(alert.atMs)) return { kind: "alert", silentMs: 0, frame: alert.frame };
  if (isOwn(closedMs.server))
    return { kind: "closed", silentMs: 0, frame: record.reset?.frame ?? record.server.lastFrame };
  if (askedMs === null) return null;
  const untilMs = Math.min(leftMs, closedMs.server, alert?.atMs ?? record.durationMs, record.durationMs);
  const saidMs = tls.helloAtMs + (tls.serverHelloMs ?? 0) + (record.server.transferMs ?? 0);
  // Nothing but tickets, which come with the handshake's end, and perhaps an alert.
  const saidNothing = saidMs - doneMs <= soonMs || Math.abs(saidMs - (alert?.atMs ?? 0)) <= soonMs;
  const silentMs = untilMs - askedMs;
  return saidNothing && silentMs >= LEAST_SILENCE_MS ? { kind: "silent", silentMs, frame: null } : null;
}

/** Since when the client waits for an answer; null where it asked for none, or went on sending all the same. */
function waitsSince(
  { client }: ConnectionRecord,
  tls: TlsRecord,
  alert: TlsAlertRecord | undefined,
  soonMs: number,
): number | null {
  if (tls.clientDataMs === null || tls.requestMs === null) return null;
  const askedMs = tls.helloAtMs + tls.requestMs;
  const saidMs = tls.helloAtMs + (client.transferMs ?? 0);
  const isAll = saidMs - askedMs <= soonMs || Math.abs(saidMs - (alert?.atMs ?? 0)) <= soonMs;
  return isAll && tls.requestMs - tls.clientDataMs <= soonMs ? askedMs : null;
}

/** When each side sent its FIN, or the reset; Infinity where it did not close first. */
function closedAtMs(record: ConnectionRecord): { client: number; server: number } {
  const { client, server, reset, closedFirst } = record;
  const never = Number.POSITIVE_INFINITY;
  const finAt = ({ stateTimesMs: { ESTABLISHED } }: EndpointRecord) =>
    record.ackAtMs === null || ESTABLISHED === undefined ? never : record.ackAtMs + ESTABLISHED;
  const isClients = closedFirst === "client" || closedFirst === "both";
  const isServers = closedFirst === "server" || closedFirst === "both";
  const resetAt = (side: Side) => (reset?.by === side ? reset.atMs : never);
  return {
    client: Math.min(isClients ? finAt(client) : never, resetAt("client")),
    server: Math.min(isServers ? finAt(server) : never, resetAt("server")),
  };
}

function endsOf(group: Group): string {
  const ends: string[] = [];
  const [closed, alerts, silent] = [group.sum("closed"), group.sum("alert"), group.sum("silent")];
  if (closed > 0) ends.push(`${formatNumberOf(closed, "was", "were")} closed at once`);
  if (alerts > 0) ends.push(`${formatCount(alerts)} ended with an alert`);
  if (silent > 0)
    ends.push(
      `${formatCount(silent)} stayed silent after the request, for up to ${formatDuration(group.most("silentMs"))}`,
    );
  return ends.join(", ");
}
