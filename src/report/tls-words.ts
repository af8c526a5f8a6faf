/**
 * A TLS handshake in words: its parts where they happened, and the whole on one line.
 *
 * Pure: a record in, text out. Names from the capture are escaped in the record already.
 */
import { formatDuration } from "./quantities.js";
import type { ConnectionRecord } from "./record.js";
import type { TlsAlertRecord, TlsRecord } from "./tls-record.js";

/** Longest name in a sentence: a longer one is no name that anybody reads. */
const MOST_CHARACTERS = 64;

/** "ClientHello, SNI example.org, ALPN h2 http/1.1, TLS 1.3". */
export function clientHelloText(tls: TlsRecord): string {
  const parts = ["ClientHello"];
  if (tls.sni !== null) parts.push(`SNI ${nameText(tls)}`);
  else if (tls.isTruncated) parts.push("SNI truncated");
  if (tls.alpnOffered.length > 0) parts.push(`ALPN ${short(tls.alpnOffered.join(" "))}`);
  if (tls.versionOffered !== null) parts.push(tls.versionOffered);
  return parts.join(", ");
}

/** "ServerHello, TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, ALPN h2". */
export function serverHelloText(tls: TlsRecord): string {
  const parts = ["ServerHello"];
  if (tls.version !== null) parts.push(tls.version);
  if (tls.cipher !== null) parts.push(cipherText(tls)!);
  if (tls.alpn !== null) parts.push(`ALPN ${short(tls.alpn)}`);
  return parts.join(", ");
}

/** "alert handshake_failure (fatal)", "alert, encrypted", "possibly an alert". */
export function alertText({ kind, level, description }: TlsAlertRecord): string {
  if (kind === "possible") return "possibly an alert";
  if (kind === "protected") return "alert, encrypted";
  return description === null ? "alert, cut by the capture" : `alert ${description} (${level})`;
}

/** The name of the cipher suite, or its number; null where the ServerHello was not captured. */
export function cipherText({ cipher, cipherName }: TlsRecord): string | null {
  return cipherName ?? (cipher === null ? null : `cipher suite ${cipher}`);
}

/** What the handshake took and agreed on, part by part, the name of the server first. */
export function tlsParts(tls: TlsRecord): string[] {
  const parts: string[] = [];
  if (tls.sni !== null || tls.isTruncated) parts.push(nameText(tls));
  if (tls.handshakeMs !== null) parts.push(`handshake ${formatDuration(tls.handshakeMs)}`);
  if (tls.serverHelloMs !== null) parts.push(`ServerHello ${formatDuration(tls.serverHelloMs)}`);
  const version = tls.version ?? (tls.versionOffered === null ? null : `${tls.versionOffered} offered`);
  if (version !== null) parts.push(version);
  if (tls.alpn !== null) parts.push(short(tls.alpn));
  else if (tls.alpnOffered.length > 0) parts.push(`offers ${short(tls.alpnOffered.join(" "))}`);
  if (tls.helloRetryRequests > 0) parts.push("HelloRetryRequest");
  for (const alert of tls.alerts) parts.push(`${alert.by}: ${alertText(alert)}`);
  const cipher = cipherText(tls);
  if (cipher !== null) parts.push(cipher);
  return parts;
}

/** What is to be said of it in the connection's sentence, after how it was opened. */
export function tlsClauses({ tls, captured }: ConnectionRecord): string[] {
  if (tls === null) return [];
  const name = tls.sni === null ? "" : ` to ${nameText(tls)}`;
  const whose = tls.sni === null ? "" : ` for ${nameText(tls)}`;
  const fatal = tls.alerts.find(({ level }) => level === "fatal");
  if (fatal !== undefined)
    return [`the ${fatal.by} broke off the TLS handshake${whose}: ${fatal.description ?? "alert"}`];
  const retried = tls.helloRetryRequests > 0 ? ", a HelloRetryRequest among it" : "";
  if (tls.handshakeMs !== null) return [`TLS${name} in ${formatDuration(tls.handshakeMs)}${retried}`];
  const isUnanswered = captured === "both" && tls.serverHelloMs === null;
  return [`TLS${name}${isUnanswered ? ", of which no ServerHello was seen" : ""}${retried}`];
}

/** The name of the server, with the word for what the capture lacks of it. */
function nameText({ sni, isTruncated }: TlsRecord): string {
  if (sni === null) return "truncated";
  return `${short(sni)}${isTruncated ? " (truncated)" : ""}`;
}

function short(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 3)}...` : text;
}
