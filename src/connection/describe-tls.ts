/**
 * What is remembered of a TLS handshake → its part of the record. Names from the capture become printable here: both the
 * names of hosts (RFC 6066 §3) and of protocols (RFC 7301 §3.2) are ASCII where they are in order, so every byte that is not
 * is escaped.
 */

import { tlsAlertLevel, tlsAlertName, tlsCipherName, tlsVersionName } from "../report/tls-names.js";
import type { TlsAlertRecord, TlsRecord } from "../report/tls-record.js";
import { isTls13 } from "../wire/tls.js";
import type { Connections } from "./connections.js";
import { frameOf } from "./packet-names.js";
import type { TlsAlert } from "./tls-facts.js";
import { type TlsResult, unpackTls } from "./tls-result.js";

/** What is known by now of the TLS handshake of a connection that began at `startNs`; null where it shows none. */
export function tlsRecord(
  { tls }: Connections,
  connection: number,
  startNs: number,
  fileNames: readonly string[],
): TlsRecord | null {
  const packed = tls.resultOf(connection);
  return packed === undefined ? null : tlsRecordOf(packed, startNs, fileNames);
}

/** The record of a result (tls-result.ts); its connection began at `startNs`. */
export function tlsRecordOf(packed: string, startNs: number, fileNames: readonly string[]): TlsRecord {
  const result = unpackTls(packed);
  const { helloAt, version, versionOffered, cipher } = result;
  const since = (timeNs: number) => (timeNs === timeNs ? (timeNs - helloAt) / 1e6 : null);
  const hasServerHello = result.serverHelloAt === result.serverHelloAt;
  return {
    sni: result.serverName === null ? null : visible(result.serverName),
    isTruncated: result.isTruncated,
    isBrokenOff: result.isBrokenOff,
    versionOffered: versionOffered > 0 ? tlsVersionName(versionOffered) : null,
    version: version > 0 ? tlsVersionName(version) : null,
    alpnOffered: protocolNames(result.protocolsOffered),
    alpn: protocolNames(result.protocols)[0] ?? null,
    cipher: cipher >= 0 ? cipher : null,
    cipherName: tlsCipherName(cipher),
    helloAtMs: (helloAt - startNs) / 1e6,
    helloFrame: frameOf(fileNames, result.helloName)!,
    serverHelloMs: hasServerHello ? since(result.serverHelloAt) : null,
    handshakeMs: since(handshakeEnd(result)),
    clientDataMs: since(result.dataAt[0]),
    serverDataMs: since(result.dataAt[1]),
    requestMs: since(result.requestAt),
    sessionTickets: result.tickets,
    answerMs: since(result.answerAt),
    hasEarlyData: result.hasEarlyData,
    helloRetryRequests: result.retryRequests,
    alerts: result.alerts.map((alert) => alertRecord(alert, startNs, fileNames)),
    alertsOmitted: result.alertsOmitted,
  };
}

/** The client's Finished ends it in TLS 1.3 (RFC 8446 §2), the later one of both before (RFC 5246 §7.3). */
function handshakeEnd({ version, finishedAt: [client, server] }: TlsResult): number {
  if (version === 0) return Number.NaN;
  return isTls13(version) ? client : Math.max(client, server);
}

function alertRecord(
  { side, kind, level, description, timeNs, name }: TlsAlert,
  startNs: number,
  fileNames: readonly string[],
): TlsAlertRecord {
  return {
    by: side === 1 ? "server" : "client",
    kind,
    level: level < 0 ? null : tlsAlertLevel(level),
    description: description < 0 ? null : tlsAlertName(description),
    atMs: (timeNs - startNs) / 1e6,
    frame: frameOf(fileNames, name)!,
  };
}

/** The names of a list in which each stands behind its length (RFC 7301 §3.1). */
function protocolNames(list: string): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length; at += 1 + list.charCodeAt(at))
    names.push(visible(list.slice(at + 1, at + 1 + list.charCodeAt(at))));
  return names;
}

/** One character a byte → text in which what is not printable ASCII stands as `\xNN`, and so does a backslash. */
function visible(bytes: string): string {
  return bytes.replace(/[^!-[\]-~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
