/**
 * What the search of the table has to be given for a host or a finding: it looks for words in `address:port`.
 */
import type { Finding } from "../report/finding.js";

/**
 * The word that finds a host: a server's name ("192.0.2.1:443", "[2001:db8::1]:443") as it is, a client's address with
 * the colon before its ports, so that 192.0.2.1 does not find 192.0.2.10.
 */
export function searchForHost(name: string): string {
  if (name.startsWith("[") || /^[\d.]+:\d+$/.test(name)) return name;
  return name.includes(":") ? `[${name}]:` : `${name}:`;
}

/** What finds the connections behind a finding: its name, and whose it is. */
export function searchForFinding({ id, where, connections, examples }: Finding): string {
  // What was counted over a host stands in no connection's list of findings.
  const isCounted = connections > 0 && examples.length === 0;
  // "192.0.2.7 to 192.0.2.1:443"; behind a colon and a blank stand words, no addresses.
  const hosts = (where ?? "").split(": ")[0]!.split(" ");
  return [
    ...(isCounted ? [] : [id]),
    ...hosts.filter((word) => word !== "" && word !== "to").map(searchForHost),
  ].join(" ");
}
