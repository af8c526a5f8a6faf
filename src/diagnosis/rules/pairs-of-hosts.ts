/** How many connections a client and a server have together, at least, where hosts are counted one by one. */
import type { CaptureSummary, HostSummary } from "../../report/summary.js";

/** The server with which the client has the most connections for certain, and how many; null for none. */
export function mainServerOf(
  client: HostSummary,
  { servers, connections }: CaptureSummary,
): { server: HostSummary; connections: number } | null {
  // Servers come the busiest first; what is not of one of them is of the rest.
  const server = servers[0];
  const shared = server ? client.connections + server.connections - connections : 0;
  return server && shared > 0 ? { server, connections: shared } : null;
}
