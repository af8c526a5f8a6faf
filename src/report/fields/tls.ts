/** Fields of a connection: what the clear part of its TLS handshake tells (RFC 8446 §2). */

import type { TlsRecord } from "../record.js";
import type { Row } from "./field.js";

export const tls: readonly Row<TlsRecord>[] = [
  [
    "sni",
    "server name",
    "text",
    "Host name that the client asks for in the clear (RFC 6066 §3), bytes that are not printable ASCII escaped; null where it names none, or where isTruncated is true perhaps not captured. With Encrypted ClientHello it is the outer name.",
    24,
  ],
  [
    "isTruncated",
    "cut",
    "flag",
    "True where the ClientHello was not captured whole, is longer than the 4 kB that are kept, or has a name of more than 255 bytes.",
    4,
  ],
  [
    "versionOffered",
    "TLS offered",
    "text",
    "Highest version of TLS that the client offers (RFC 8446 §4.2.1); null where the capture cut that part.",
    11,
  ],
  [
    "version",
    "TLS",
    "text",
    "Version of TLS that the server chose (RFC 8446 §4.2.1); null where its ServerHello was not captured.",
    8,
  ],
  [
    "alpnOffered",
    "ALPN offered",
    "list",
    "Application protocols that the client offers, its favourite first (RFC 7301 §3.1).",
  ],
  [
    "alpn",
    "ALPN",
    "text",
    "Application protocol that the server chose (RFC 7301 §3.1); null in TLS 1.3, where the choice is encrypted.",
    8,
  ],
  ["cipher", "cipher", "count", "Number of the cipher suite that the server chose (RFC 8446 §4.1.3)."],
  [
    "cipherName",
    "cipher suite",
    "text",
    "Name of that cipher suite in the registry of the IANA; null for one that is rarely used.",
    28,
  ],
  [
    "helloAtMs",
    "hello at",
    "ms",
    "Time of the last byte of the ClientHello (RFC 8446 §4.1.2) since the connection's first packet; the TLS times below count from it.",
  ],
  [
    "helloFrame",
    "hello frame",
    "count",
    "Packet with that byte, as file:frame where several files were read.",
  ],
  [
    "serverHelloMs",
    "ServerHello",
    "ms",
    "ClientHello to the first byte of the ServerHello (RFC 8446 §4.1.3): a round trip from the capture point to the server, and the server's thinking; one more round trip for each HelloRetryRequest.",
    11,
  ],
  [
    "handshakeMs",
    "TLS time",
    "ms",
    "ClientHello to the end of the handshake: in TLS 1.3 the client's Finished, told by its length (RFC 8446 §4.4.4), before it the later of both Finished (RFC 5246 §7.4.9).",
  ],
  [
    "clientDataMs",
    "client data",
    "ms",
    "ClientHello to the client's first record of application data (RFC 8446 §5.1): in TLS 1.3 the first behind its Finished, or its early data; null where none was seen.",
    11,
  ],
  [
    "serverDataMs",
    "server data",
    "ms",
    "ClientHello to the server's first record of application data (RFC 8446 §5.1): in TLS 1.3 the first after the client's Finished, which may be a session ticket, so the data itself may be later; null where none was seen.",
    11,
  ],
  ["hasEarlyData", "0-RTT", "flag", "Whether the client announces early data (RFC 8446 §4.2.10).", 5],
  [
    "helloRetryRequests",
    "retries",
    "count",
    "HelloRetryRequests of the server (RFC 8446 §4.1.4): each cost a round trip.",
    7,
  ],
  [
    "alerts",
    "alerts",
    "list",
    "Alerts up to the first application data (RFC 8446 §6): who sent it, level and description where it was in the clear, protected where it is encrypted, possible where a record of TLS 1.3 has an alert's size.",
  ],
  ["alertsOmitted", "more alerts", "count", "Alerts beyond the four that are listed.", 11],
];
