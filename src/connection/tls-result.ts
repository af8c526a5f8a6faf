/**
 * What is remembered of a TLS handshake in as few bytes as it needs, one character a byte: some sixty and the name of
 * the server. A string takes less memory than an object or an array of so few bytes.
 */
import { ByteCursor, latin1, MOST_INTEGER_BYTES, MOST_NUMBER_BYTES } from "./byte-cursor.js";
import {
  ALERT_KINDS,
  MOST_ALERTS,
  MOST_NAME_BYTES,
  MOST_PROTOCOL_BYTES,
  type TlsAlert,
  type TlsFacts,
} from "./tls-facts.js";

/** What `pack` wrote. Times are nanoseconds since the first packet, NaN unknown; texts are one character a byte. */
export interface TlsResult {
  readonly helloAt: number;
  readonly helloName: number;
  readonly isTruncated: boolean;
  readonly isBrokenOff: boolean;
  readonly hasEarlyData: boolean;
  readonly versionOffered: number;
  readonly serverName: string | null;
  readonly protocolsOffered: string;
  readonly serverHelloAt: number;
  readonly version: number;
  readonly cipher: number;
  readonly protocols: string;
  readonly retryRequests: number;
  /** Of the client, of the server. */
  readonly finishedAt: readonly [number, number];
  readonly dataAt: readonly [number, number];
  readonly requestAt: number;
  readonly tickets: number;
  readonly answerAt: number;
  readonly alerts: readonly TlsAlert[];
  readonly alertsOmitted: number;
}

const IS_TRUNCATED = 1 << 0;
const HAS_EARLY_DATA = 1 << 1;
const HAS_NAME = 1 << 2;
const IS_BROKEN_OFF = 1 << 3;

const MOST_TEXT_LENGTH_BYTES = 2;

/** Bytes that no result exceeds. */
export const MOST_RESULT_BYTES =
  1 +
  9 * MOST_NUMBER_BYTES +
  7 * MOST_INTEGER_BYTES +
  MOST_NAME_BYTES +
  2 * MOST_PROTOCOL_BYTES +
  3 * MOST_TEXT_LENGTH_BYTES +
  MOST_ALERTS * (2 * MOST_NUMBER_BYTES + 2 * MOST_INTEGER_BYTES + 1);

const scratch = new ByteCursor(new Uint8Array(MOST_RESULT_BYTES));

/** Packs what is known by now. */
export function packTls(facts: TlsFacts): string {
  const out = scratch;
  out.at = 0;
  const { helloAt } = facts;
  out.putByte(
    (facts.isTruncated ? IS_TRUNCATED : 0) |
      (facts.hasEarlyData ? HAS_EARLY_DATA : 0) |
      (facts.isBrokenOff ? IS_BROKEN_OFF : 0) |
      (facts.serverName === null ? 0 : HAS_NAME),
  );
  out.putNumber(helloAt, 0);
  out.putNumber(facts.helloName, 0);
  out.putInteger(facts.versionOffered, 0);
  putText(facts.serverName ?? "", out);
  putText(facts.protocolsOffered, out);
  out.putNumber(facts.serverHelloAt, helloAt);
  out.putInteger(facts.version, facts.versionOffered);
  out.putInteger(facts.cipher, 0);
  putText(facts.protocols, out);
  out.putInteger(facts.retryRequests, 0);
  for (const side of [0, 1]) {
    out.putNumber(facts.finished(side), helloAt);
    out.putNumber(facts.data(side), helloAt);
  }
  out.putNumber(facts.request, helloAt);
  out.putInteger(facts.tickets, 0);
  out.putNumber(facts.answerAt, helloAt);
  out.putInteger(facts.alertsOmitted, 0);
  out.putInteger(facts.alerts.length, 0);
  for (const { side, kind, level, description, timeNs, name } of facts.alerts) {
    out.putByte(side | (ALERT_KINDS.indexOf(kind) << 1));
    out.putInteger(level, 0);
    out.putInteger(description, 0);
    out.putNumber(timeNs, helloAt);
    out.putNumber(name, facts.helloName);
  }
  return latin1(out.bytes, 0, out.at);
}

/** Unpacks what `packTls` wrote. */
export function unpackTls(packed: string): TlsResult {
  const from = scratch;
  from.at = 0;
  for (let i = 0; i < packed.length; i++) from.bytes[i] = packed.charCodeAt(i);
  const has = from.takeByte();
  const helloAt = from.takeNumber(0);
  const helloName = from.takeNumber(0);
  const versionOffered = from.takeInteger(0);
  const serverName = takeText(from);
  const protocolsOffered = takeText(from);
  const serverHelloAt = from.takeNumber(helloAt);
  const version = from.takeInteger(versionOffered);
  const cipher = from.takeInteger(0);
  const protocols = takeText(from);
  const retryRequests = from.takeInteger(0);
  const times = [0, 1, 2, 3].map(() => from.takeNumber(helloAt)) as [number, number, number, number];
  const requestAt = from.takeNumber(helloAt);
  const tickets = from.takeInteger(0);
  const answerAt = from.takeNumber(helloAt);
  const alertsOmitted = from.takeInteger(0);
  const alerts = Array.from({ length: from.takeInteger(0) }, () => takeAlert(from, helloAt, helloName));
  return {
    helloAt,
    helloName,
    isTruncated: (has & IS_TRUNCATED) !== 0,
    isBrokenOff: (has & IS_BROKEN_OFF) !== 0,
    hasEarlyData: (has & HAS_EARLY_DATA) !== 0,
    versionOffered,
    serverName: has & HAS_NAME ? serverName : null,
    protocolsOffered,
    serverHelloAt,
    version,
    cipher,
    protocols,
    retryRequests,
    finishedAt: [times[0], times[2]],
    dataAt: [times[1], times[3]],
    requestAt,
    tickets,
    answerAt,
    alerts,
    alertsOmitted,
  };
}

function takeAlert(from: ByteCursor, helloAt: number, helloName: number): TlsAlert {
  const what = from.takeByte();
  return {
    side: what & 1,
    kind: ALERT_KINDS[what >> 1]!,
    level: from.takeInteger(0),
    description: from.takeInteger(0),
    timeNs: from.takeNumber(helloAt),
    name: from.takeNumber(helloName),
  };
}

function putText(text: string, out: ByteCursor): void {
  out.putInteger(text.length, 0);
  for (let i = 0; i < text.length; i++) out.putByte(text.charCodeAt(i));
}

function takeText(from: ByteCursor): string {
  const length = from.takeInteger(0);
  const text = latin1(from.bytes, from.at, from.at + length);
  from.at += length;
  return text;
}

/** Writes a packed result into other bytes, and back. */
export function putTls(packed: string, out: ByteCursor): void {
  putText(packed, out);
}

export function takeTls(from: ByteCursor): string {
  return takeText(from);
}
