/**
 * The two messages of a TLS handshake that travel in the clear, ClientHello and ServerHello (RFC 8446 §4.1.2, §4.1.3;
 * RFC 5246 §7.4.1), and the numbers of the record layer (RFC 8446 §5.1).
 *
 * A message may end before it is whole, because the capture cut it: what stands before the cut is read. Nothing is read
 * outside of the bounds given, nothing throws, nothing is decrypted; each result is one reused object.
 */

// ---- content types of records
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
export const HEARTBEAT = 24;

/** Bytes of a record's header: type, version, length. */
export const RECORD_HEADER = 5;
/** Most bytes of a record behind its header: 2^14 and what TLS 1.2 allows for protection (RFC 5246 §6.2.3). */
export const MOST_RECORD_BYTES = 2 ** 14 + 2048;

// ---- types of handshake messages
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
/** Bytes of a message's header: type, length. */
export const MESSAGE_HEADER = 4;

export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;
/** The drafts of TLS 1.3 announced themselves as 0x7f00 + their number. */
const DRAFT_OF_1_3 = 0x7f;

// ---- extensions
const SERVER_NAME = 0;
const ALPN = 16;
const EARLY_DATA = 42;
const SUPPORTED_VERSIONS = 43;
const HOST_NAME = 0;

/** What a ServerHello that is a HelloRetryRequest has for its random (RFC 8446 §4.1.3). */
const RETRY_RANDOM = [
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
  0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
const RANDOM = 32;

/** What a hello says. Ranges are places in the bytes that were read; -1 where the field was not there. */
export class Hello {
  /** The highest version that a client offers, or the one that a server chose; 0 where the message does not tell. */
  version = 0;
  /** The cipher suite that a server chose, -1 none. */
  cipher = -1;
  /** The host name (RFC 6066 §3). */
  nameStart = -1;
  nameEnd = -1;
  /** The list of protocol names, each behind its length (RFC 7301 §3.1). */
  protocolsStart = -1;
  protocolsEnd = -1;
  /** A client announces early data (RFC 8446 §4.2.10). */
  hasEarlyData = false;
  isRetryRequest = false;
  /** It ends before it is whole: what is missing here may have been there. */
  isCut = false;

  clear(): void {
    this.version = 0;
    this.cipher = -1;
    this.nameStart = -1;
    this.nameEnd = -1;
    this.protocolsStart = -1;
    this.protocolsEnd = -1;
    this.hasEarlyData = false;
    this.isRetryRequest = false;
    this.isCut = false;
  }
}

/** Whether a connection whose client's first bytes are these may be TLS: as many of them as there are fit a ClientHello. */
export function mayBeClientHello(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < 1 || bytes[start] !== HANDSHAKE) return false;
  if (length > 1 && bytes[start + 1] !== 3) return false;
  return length <= RECORD_HEADER || bytes[start + RECORD_HEADER] === CLIENT_HELLO;
}

/** Whether records of that version are those of TLS 1.3. */
export function isTls13(version: number): boolean {
  return version === TLS_1_3 || version >> 8 === DRAFT_OF_1_3;
}

/** Reads bytes in order; past the end it gives zeros and says so. */
class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  isPast = false;

  u8(): number {
    if (this.at >= this.end) {
      this.isPast = true;
      return 0;
    }
    return this.bytes[this.at++]!;
  }

  u16(): number {
    const high = this.u8();
    return (high << 8) | this.u8();
  }

  skip(length: number): void {
    this.at += length;
    if (this.at <= this.end) return;
    this.at = this.end;
    this.isPast = true;
  }
}

const reader = new Reader();

/**
 * Reads a ClientHello or ServerHello (its header included) from `start`; `end` is where the captured bytes of it end.
 * False where the bytes are no such message.
 */
export function readHello(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: typeof CLIENT_HELLO | typeof SERVER_HELLO,
  into: Hello,
): boolean {
  into.clear();
  reader.bytes = bytes;
  reader.at = start;
  reader.end = end;
  reader.isPast = false;
  const isOfType = reader.u8() === type;
  const length = (reader.u8() << 16) | reader.u16();
  const messageEnd = start + MESSAGE_HEADER + length;
  into.isCut = messageEnd > end;
  if (!into.isCut) reader.end = messageEnd;
  if (reader.isPast) return end > start ? isOfType : false;
  if (!isOfType) return false;
  const legacyVersion = reader.u16();
  if (!reader.isPast && legacyVersion >> 8 !== 3) return false;
  into.isRetryRequest = type === SERVER_HELLO && isRetry(reader.at);
  reader.skip(RANDOM);
  reader.skip(reader.u8());
  if (type === CLIENT_HELLO) {
    reader.skip(reader.u16());
    reader.skip(reader.u8());
  } else {
    const cipher = reader.u16();
    if (!reader.isPast) into.cipher = cipher;
    reader.skip(1);
  }
  if (reader.at < reader.end) readExtensions(type, into);
  // Without the extension that TLS 1.3 negotiates by, the old field is meant as it stands.
  if (into.version === 0 && !into.isCut) into.version = legacyVersion;
  return true;
}

function isRetry(at: number): boolean {
  if (at + RANDOM > reader.end) return false;
  for (let i = 0; i < RANDOM; i++) if (reader.bytes[at + i] !== RETRY_RANDOM[i]) return false;
  return true;
}

function readExtensions(type: number, into: Hello): void {
  const length = reader.u16();
  const end = Math.min(reader.at + length, reader.end);
  while (reader.at < end) {
    const extension = reader.u16();
    const size = reader.u16();
    const from = reader.at;
    const to = from + size;
    // One that is cut says nothing whole, and nothing follows it.
    if (reader.isPast || to > reader.end) return;
    if (extension === SERVER_NAME && type === CLIENT_HELLO) readServerName(to, into);
    else if (extension === ALPN) readProtocols(to, into);
    else if (extension === SUPPORTED_VERSIONS) readVersions(type, to, into);
    else if (extension === EARLY_DATA && type === CLIENT_HELLO) into.hasEarlyData = true;
    reader.at = to;
    reader.isPast = false;
  }
}

/** The first host name of the list (RFC 6066 §3). */
function readServerName(end: number, into: Hello): void {
  reader.u16();
  while (reader.at + 3 <= end) {
    const type = reader.u8();
    const length = reader.u16();
    if (reader.at + length > end) return;
    if (type === HOST_NAME && into.nameStart < 0) {
      into.nameStart = reader.at;
      into.nameEnd = reader.at + length;
    }
    reader.skip(length);
  }
}

/** The list is taken where its lengths fit into each other (RFC 7301 §3.1). */
function readProtocols(end: number, into: Hello): void {
  if (reader.at + 2 > end) return;
  const length = reader.u16();
  const start = reader.at;
  if (start + length !== end) return;
  while (reader.at < end) reader.skip(reader.u8());
  if (reader.at !== end || into.protocolsStart >= 0) return;
  into.protocolsStart = start;
  into.protocolsEnd = end;
}

/** A client's list, of which the highest counts, or a server's choice (RFC 8446 §4.2.1). */
function readVersions(type: number, end: number, into: Hello): void {
  if (type === SERVER_HELLO) {
    if (reader.at + 2 <= end) into.version = reader.u16();
    return;
  }
  const listEnd = Math.min(reader.u8() + reader.at, end);
  let highest = 0;
  while (reader.at + 2 <= listEnd) {
    const version = reader.u16();
    if (isVersion(version) && rank(version) > rank(highest)) highest = version;
  }
  into.version = highest;
}

/** Whether it is one, and not there to see whether the peer passes over what it does not know (RFC 8701 §2). */
function isVersion(version: number): boolean {
  return version >> 8 === 3 || version >> 8 === DRAFT_OF_1_3;
}

/** Drafts come below the version that they became. */
function rank(version: number): number {
  return version >> 8 === DRAFT_OF_1_3 ? TLS_1_2 + (version & 0xff) / 256 : version;
}
