/** What finds a connection again in Wireshark. */
import type { ConnectionRecord } from "./record.js";

/** A display filter for all packets of the connection's four-tuple (wireshark-filter). */
export function displayFilter({ client, server }: ConnectionRecord): string {
  const family = client.address.includes(":") ? "ipv6" : "ip";
  return [
    `${family}.addr == ${client.address}`,
    `tcp.port == ${client.port}`,
    `${family}.addr == ${server.address}`,
    `tcp.port == ${server.port}`,
  ].join(" && ");
}
