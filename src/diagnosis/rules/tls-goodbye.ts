/** The farewell of TLS that comes to a side that has closed already (RFC 8446 §6.1): nothing is lost with it. */
import type { ConnectionRecord } from "../../report/record.js";

/** close_notify as the largest record of two bytes that any cipher makes, after a frame of HTTP/2 that takes leave. */
const MOST_BYTES = 128;

/** Whether all that was refused after a close is small enough to be no more than that. */
export function isTlsGoodbye({ tls, reset }: ConnectionRecord): boolean {
  const bytes = reset?.refusedBytes ?? null;
  return tls !== null && bytes !== null && bytes <= MOST_BYTES;
}
