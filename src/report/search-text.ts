/** The words of a connection: what a search without fields looks through. */
import { formatEndpoint } from "./quantities.js";
import type { ConnectionRecord } from "./record.js";

/** Addresses, ports, states, verdicts, server name and findings, in lower case. */
export function searchText(record: ConnectionRecord): string {
  const { client, server, reset } = record;
  return [
    `${formatEndpoint(client.address, client.port)} ${formatEndpoint(server.address, server.port)}`,
    `${client.state} ${server.state} ${record.outcome ?? ""} ${record.close} ${record.losses.join(" ")}`,
    reset ? `rst reset ${reset.kind}` : "",
    record.reuse ?? "",
    record.captured === "both" ? "" : record.captured,
    record.tls === null
      ? ""
      : `tls ${record.tls.sni ?? ""} ${record.tls.version ?? ""} ${record.tls.alpn ?? ""}`,
    record.findings.join(" "),
  ]
    .join(" ")
    .toLowerCase();
}
