/** What a connection's record says of its TLS handshake (RFC 8446). Pure types: nothing is computed here. */
import type { Frame } from "./frame.js";
import type { Side } from "./record.js";

/** An alert as it was seen (RFC 8446 §6). */
export interface TlsAlertRecord {
  readonly by: Side;
  /** `clear`: read as sent. `protected`: an alert, encrypted. `possible`: a record of TLS 1.3 of an alert's size. */
  readonly kind: "clear" | "protected" | "possible";
  /** "fatal" or "warning", and the name in the registry of the IANA; null where they were not read. */
  readonly level: string | null;
  readonly description: string | null;
  readonly atMs: number;
  readonly frame: Frame;
}

/** What the clear part of a TLS handshake tells (RFC 8446 §2). Names from it are escaped. */
export interface TlsRecord {
  /** The host name that the client asks for; null where it names none, or where the ClientHello was cut before it. */
  readonly sni: string | null;
  /** The ClientHello was not captured whole, or the name is longer than any: what is null may have been there. */
  readonly isTruncated: boolean;
  /** The records of a side could not be followed to the server's answer: what is null of the times may have been there. */
  readonly isBrokenOff: boolean;
  readonly versionOffered: string | null;
  readonly version: string | null;
  readonly alpnOffered: readonly string[];
  /** Null in TLS 1.3, where the choice is encrypted. */
  readonly alpn: string | null;
  readonly cipher: number | null;
  readonly cipherName: string | null;
  /** The last byte of the ClientHello, since the connection's first packet; the times below count from it. */
  readonly helloAtMs: number;
  readonly helloFrame: Frame;
  readonly serverHelloMs: number | null;
  readonly handshakeMs: number | null;
  readonly clientDataMs: number | null;
  /** In TLS 1.3 a session ticket cannot be told from it. */
  readonly serverDataMs: number | null;
  /** The client's last record of application data before the server's answer. */
  readonly requestMs: number | null;
  /** Two or more records alike, the server's first behind the handshake of TLS 1.3; 0 where none are told from data. */
  readonly sessionTickets: number;
  /** The server's first record of application data that is none of those. */
  readonly answerMs: number | null;
  readonly hasEarlyData: boolean;
  readonly helloRetryRequests: number;
  readonly alerts: readonly TlsAlertRecord[];
  /** Beyond the bound, counted only. */
  readonly alertsOmitted: number;
}
