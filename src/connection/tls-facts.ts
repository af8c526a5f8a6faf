/**
 * What the records of a TLS connection tell of its handshake (RFC 8446 §2, RFC 5246 §7.3), and the same in some sixty
 * bytes for as long as the connection is remembered.
 *
 * Up to TLS 1.2 a Finished is the record of handshake type behind a side's ChangeCipherSpec, and application data has a
 * type of its own. In TLS 1.3 both stand in records of that type: a client's Finished is told by its length, and what
 * the server sends after it may be a session ticket. docs/decisions/0055 says what follows.
 */
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  CLIENT_HELLO,
  HANDSHAKE,
  Hello,
  isTls13,
  readHello,
  SERVER_HELLO,
} from "../wire/tls.js";
import { latin1 } from "./byte-cursor.js";
import type { RecordSink } from "./tls-stream.js";

/** Bytes of a host name that are kept: no name of the DNS is longer (RFC 1035 §2.3.4). */
export const MOST_NAME_BYTES = 255;
/** Bytes of a list of protocols that are kept. */
export const MOST_PROTOCOL_BYTES = 128;
export const MOST_ALERTS = 4;
const ALERT_BYTES = 2;

/** Records that may be session tickets: so many at most, none of them shorter or longer (RFC 8446 §4.6.1). */
export const MOST_TICKETS = 8;
const LEAST_TICKET_BYTES = 48;
const MOST_TICKET_BYTES = 4096;

const CLIENT = 0;
const SERVER = 1;

/** Hash and tag of the cipher suites of TLS 1.3 that have other ones than SHA-256 and 16 bytes (RFC 8446 §9.1). */
const AES_256_GCM_SHA384 = 0x1302;
const AES_128_CCM_8_SHA256 = 0x1305;
/** Header of the message, and the type within the record (RFC 8446 §4.4.4, §5.2). */
const FINISHED_OVERHEAD = 4 + 1;
/** A client without a certificate sends one protected record before its data; with one, up to this many. */
const MOST_BEFORE_FINISHED = 4;

export interface TlsAlert {
  /** 0 the client's, 1 the server's. */
  readonly side: number;
  /** `clear`: as captured. `protected`: an alert of which nothing but that is known. `possible`: of an alert's size. */
  readonly kind: (typeof ALERT_KINDS)[number];
  /** -1 where it was not captured, or is protected. */
  readonly level: number;
  readonly description: number;
  readonly timeNs: number;
  readonly name: number;
}

export const ALERT_KINDS = ["clear", "protected", "possible"] as const;

/** What is noted, for who draws it where it happened. */
export type TlsNote = "client-hello" | "server-hello" | "retry-request" | "alert";
export type TlsListener = (facts: TlsFacts, note: TlsNote) => void;

const hello = new Hello();

export class TlsFacts implements RecordSink {
  /** When the last byte of the ClientHello was sent, and its packet (packet-names.ts); NaN while it is not there. */
  helloAt = Number.NaN;
  helloName = 0;
  /** The ClientHello was not captured whole, or a name in it is longer than what is kept: what it lacks is unknown. */
  isTruncated = false;
  /** The records of a side could not be followed as far as `isKnown`. */
  isBrokenOff = false;
  hasEarlyData = false;
  versionOffered = 0;
  /** The host name, one character a byte; null none. */
  serverName: string | null = null;
  /** Lists of protocols, each behind its length, likewise; empty none. */
  protocolsOffered = "";
  protocols = "";
  serverHelloAt = Number.NaN;
  version = 0;
  cipher = -1;
  retryRequests = 0;
  /** Of each side, NaN where it is not known: when its Finished began, and its first application data. */
  readonly finishedAt: [number, number] = [Number.NaN, Number.NaN];
  readonly dataAt: [number, number] = [Number.NaN, Number.NaN];
  /**
   * Records of the server directly behind the handshake that are all of one length, as session tickets are that it sends
   * together; one alone may be anything.
   */
  #alike = 0;
  #alikeBytes = 0;
  /** The server's first record behind those; NaN while there is none. */
  #unlikeAt = Number.NaN;
  /** The client's last record of application data before the server's answer; NaN while there is none. */
  requestAt = Number.NaN;
  readonly alerts: TlsAlert[] = [];
  alertsOmitted = 0;

  /** Hears of what is noted; only while somebody follows one connection. */
  listener: TlsListener | null = null;
  readonly #hasChangedCipher = [false, false];
  /** Records of the client that are protected by keys of TLS 1.3, its early data left out, and the first two of them. */
  #protected = 0;
  readonly #protectedAt: [number, number] = [Number.NaN, Number.NaN];
  /** The last of them behind the first. */
  #lastProtectedAt = Number.NaN;

  /** Whether nothing that is told of the side can come any more. */
  isKnown(side: number): boolean {
    if (!isTime(this.dataAt[side]!) || !this.#isAnswered()) return false;
    return side === SERVER || this.#isOlder() || isTime(this.finishedAt[CLIENT]);
  }

  #isAnswered(): boolean {
    return isTime(this.#isOlder() ? this.dataAt[SERVER] : this.#unlikeAt);
  }

  /** The client's last application data before the server's answer, as far as that can be told by now; NaN unknown. */
  get request(): number {
    return this.#hasToGuess(CLIENT) ? this.#lastProtectedAt : this.requestAt;
  }

  /** Session tickets that the server sent behind the handshake; 0 where none are told from other data. */
  get tickets(): number {
    return this.#alike > 1 && this.#alike <= MOST_TICKETS ? this.#alike : 0;
  }

  /** The server's first application data that is no such ticket; NaN while there is none. */
  get answerAt(): number {
    return this.tickets > 0 ? this.#unlikeAt : this.dataAt[SERVER];
  }

  /** When the side's Finished began, as far as that can be told by now; NaN unknown. */
  finished(side: number): number {
    return this.#hasToGuess(side) ? this.#protectedAt[0] : this.finishedAt[side]!;
  }

  /** Likewise its first application data. */
  data(side: number): number {
    return this.#hasToGuess(side) ? this.#protectedAt[1] : this.dataAt[side]!;
  }

  /**
   * No record of a client's has the length of a Finished: it was padded, or others stand before it in one record. The
   * first one is taken for it.
   */
  #hasToGuess(side: number): boolean {
    return side === CLIENT && this.#protected > 0 && !this.hasEarlyData && !isTime(this.finishedAt[CLIENT]);
  }

  record(side: number, type: number, length: number, timeNs: number, name: number): void {
    if (type === CHANGE_CIPHER_SPEC) this.#hasChangedCipher[side] = true;
    else if (type === ALERT && length !== ALERT_BYTES)
      this.#noteAlert(side, "protected", -1, -1, timeNs, name);
    else if (type === HANDSHAKE) this.#noteFinished(side, timeNs);
    else if (type !== APPLICATION_DATA) return;
    else if (this.#isOlder()) this.#noteData(side, timeNs);
    else if (isTls13(this.version)) this.#noteProtected(side, length, timeNs, name);
    else if (side === CLIENT && this.hasEarlyData) this.#noteData(side, timeNs);
  }

  alert(side: number, level: number, description: number, timeNs: number, name: number): void {
    this.#noteAlert(side, "clear", level, description, timeNs, name);
  }

  message(
    side: number,
    block: Uint8Array,
    end: number,
    beganAt: number,
    endedAt: number,
    name: number,
  ): boolean {
    if (side === CLIENT) {
      if (readHello(block, 0, end, CLIENT_HELLO, hello)) this.#noteClientHello(block, endedAt, name);
      return false;
    }
    if (!readHello(block, 0, end, SERVER_HELLO, hello)) return false;
    if (hello.isRetryRequest) {
      this.retryRequests++;
      this.listener?.(this, "retry-request");
      return true;
    }
    this.serverHelloAt = beganAt;
    this.version = hello.version;
    this.cipher = hello.cipher;
    this.protocols = protocolsIn(block);
    this.listener?.(this, "server-hello");
    return false;
  }

  #noteClientHello(block: Uint8Array, endedAt: number, name: number): void {
    this.helloAt = endedAt;
    this.helloName = name;
    this.versionOffered = hello.version;
    this.hasEarlyData = hello.hasEarlyData;
    this.isTruncated = hello.isCut;
    this.protocolsOffered = protocolsIn(block);
    const length = hello.nameEnd - hello.nameStart;
    if (hello.nameStart >= 0) {
      this.serverName = latin1(block, hello.nameStart, hello.nameStart + Math.min(length, MOST_NAME_BYTES));
      if (length > MOST_NAME_BYTES) this.isTruncated = true;
    }
    this.listener?.(this, "client-hello");
  }

  /** Whether it is no TLS 1.3: the ServerHello says so, or the client offers nothing newer. */
  #isOlder(): boolean {
    const version = this.version > 0 ? this.version : this.versionOffered;
    return version > 0 && !isTls13(version);
  }

  #noteFinished(side: number, timeNs: number): void {
    if (this.#isOlder() && this.#hasChangedCipher[side] && !isTime(this.finishedAt[side]!))
      this.finishedAt[side] = timeNs;
  }

  #noteData(side: number, timeNs: number): void {
    if (!isTime(this.dataAt[side]!)) this.dataAt[side] = timeNs;
    if (side === CLIENT && !this.#isAnswered()) this.requestAt = timeNs;
  }

  /** A record of TLS 1.3 that may hold anything. One of an alert's size is not taken for data, which is rarely so short. */
  #noteProtected(side: number, length: number, timeNs: number, name: number): void {
    if (length === ALERT_BYTES + 1 + this.#tagBytes()) {
      this.#noteAlert(side, "possible", -1, -1, timeNs, name);
      return;
    }
    const isFinished = isTime(this.finishedAt[CLIENT]);
    if (side === SERVER) {
      if (!isFinished && (this.#protected === 0 || this.hasEarlyData)) return;
      this.#noteData(side, timeNs);
      this.#noteAlike(length, timeNs);
      return;
    }
    if (isFinished || (this.hasEarlyData && !isTime(this.dataAt[CLIENT]))) {
      this.#noteData(side, timeNs);
      return;
    }
    if (this.#protected < 2) this.#protectedAt[this.#protected] = timeNs;
    if (this.#protected > 0) this.#lastProtectedAt = timeNs;
    this.#protected++;
    if (length === this.#finishedBytes()) this.finishedAt[CLIENT] = timeNs;
    else if (this.#protected > MOST_BEFORE_FINISHED && !this.hasEarlyData) this.#takeFirstForFinished(timeNs);
  }

  #takeFirstForFinished(timeNs: number): void {
    [this.finishedAt[CLIENT], this.dataAt[CLIENT]] = this.#protectedAt;
    this.requestAt = timeNs;
  }

  #noteAlike(length: number, timeNs: number): void {
    if (isTime(this.#unlikeAt)) return;
    const isTicket = length >= LEAST_TICKET_BYTES && length <= MOST_TICKET_BYTES;
    const isAlike = this.#alike === 0 || length === this.#alikeBytes;
    if (isTicket && isAlike && this.#alike <= MOST_TICKETS) {
      this.#alike++;
      this.#alikeBytes = length;
    } else this.#unlikeAt = timeNs;
  }

  #tagBytes(): number {
    return this.cipher === AES_128_CCM_8_SHA256 ? 8 : 16;
  }

  #finishedBytes(): number {
    return FINISHED_OVERHEAD + (this.cipher === AES_256_GCM_SHA384 ? 48 : 32) + this.#tagBytes();
  }

  #noteAlert(
    side: number,
    kind: TlsAlert["kind"],
    level: number,
    description: number,
    timeNs: number,
    name: number,
  ): void {
    if (this.alerts.length === MOST_ALERTS) this.alertsOmitted++;
    else this.alerts.push({ side, kind, level, description, timeNs, name });
    this.listener?.(this, "alert");
  }
}

function protocolsIn(block: Uint8Array): string {
  if (hello.protocolsStart < 0) return "";
  let end = hello.protocolsStart;
  // As many whole names as are kept.
  while (end < hello.protocolsEnd) {
    const next = end + 1 + block[end]!;
    if (next - hello.protocolsStart > MOST_PROTOCOL_BYTES) break;
    end = next;
  }
  return latin1(block, hello.protocolsStart, end);
}

function isTime(timeNs: number): boolean {
  return timeNs === timeNs;
}
