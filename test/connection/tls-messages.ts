/** Records and messages of TLS for the tests, byte by byte from RFC 8446 and RFC 5246; nothing here knows the analyser. */
import { type Bytes, u16 } from "../wire/packet-builder.js";

const u24 = (value: number): Bytes => [(value >> 16) & 255, (value >> 8) & 255, value & 255];
const vector8 = (bytes: Bytes): Bytes => [bytes.length, ...bytes];
const vector16 = (bytes: Bytes): Bytes => [...u16(bytes.length), ...bytes];
export const ascii = (text: string): Bytes => [...text].map((character) => character.charCodeAt(0) & 255);
const extension = (type: number, body: Bytes): Bytes => [...u16(type), ...vector16(body)];
const filler = (length: number, value = 0x41): Bytes => Array.from({ length }, () => value);

/** A record: its type, and what stands in it. */
export const record = (type: number, content: Bytes, version = 0x0303): Bytes => [
  type,
  ...u16(version),
  ...vector16(content),
];
/** A record of so many bytes whose content is encrypted. */
export const encrypted = (length: number, type = 23): Bytes => record(type, filler(length, 0xee));
export const CHANGE = record(20, [1]);
export const alert = (level: number, description: number): Bytes => record(21, [level, description]);
/** What a lone Finished is long in TLS 1.3 with SHA-256. */
export const FINISHED_13 = encrypted(4 + 32 + 1 + 16);
export const message = (type: number, body: Bytes): Bytes => [type, ...u24(body.length), ...body];

export interface HelloFields {
  /** Host name, one character a byte; absent, there is no such extension. */
  name?: string;
  protocols?: readonly string[];
  versions?: readonly number[];
  earlyData?: boolean;
  /** Bytes of padding (RFC 7685), before or behind what else there is. */
  padding?: number;
  isPaddedFirst?: boolean;
  legacyVersion?: number;
  hasNoExtensions?: boolean;
}

/** A ClientHello, its message header included. */
export function clientHello(fields: HelloFields = {}): Bytes {
  const { name, protocols, versions, earlyData, padding = 0, isPaddedFirst = false } = fields;
  const pad = padding > 0 ? extension(21, filler(padding, 0)) : [];
  const extensions: Bytes = [
    ...(isPaddedFirst ? pad : []),
    ...extension(0x0a0a, []),
    ...(name === undefined ? [] : extension(0, vector16([0, ...vector16(ascii(name))]))),
    ...(protocols ? extension(16, vector16(protocols.flatMap((one) => vector8(ascii(one))))) : []),
    ...(versions ? extension(43, vector8(versions.flatMap(u16))) : []),
    ...(earlyData ? extension(42, []) : []),
    ...(isPaddedFirst ? [] : pad),
  ];
  return message(1, [
    ...u16(fields.legacyVersion ?? 0x0303),
    ...filler(32, 7),
    ...vector8(filler(32, 9)),
    ...vector16([0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2f]),
    ...vector8([0]),
    ...(fields.hasNoExtensions ? [] : vector16(extensions)),
  ]);
}

export interface ServerFields {
  version?: number;
  cipher?: number;
  protocol?: string;
  isRetry?: boolean;
  legacyVersion?: number;
}

/** SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3). */
const RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/** A ServerHello; TLS 1.3 is told by `version`. */
export function serverHello({
  version,
  cipher = 0x1301,
  protocol,
  isRetry,
  legacyVersion,
}: ServerFields = {}): Bytes {
  const random = isRetry ? RETRY.match(/../g)!.map((byte) => Number.parseInt(byte, 16)) : filler(32, 3);
  const extensions: Bytes = [
    ...(version === undefined ? [] : extension(43, u16(version))),
    ...(protocol === undefined ? [] : extension(16, vector16(vector8(ascii(protocol))))),
  ];
  return message(2, [
    ...u16(legacyVersion ?? 0x0303),
    ...random,
    ...vector8(filler(32, 9)),
    ...u16(cipher),
    0,
    ...(extensions.length > 0 ? vector16(extensions) : []),
  ]);
}
