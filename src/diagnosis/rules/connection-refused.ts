/** A reset answers the SYN: nobody listens (RFC 9293 §3.10.7.1). */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatHosts, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const connectionRefused: Rule = {
  id: "connection-refused",
  title: "Connections refused",
  severity: "problem",
  actor: "server",
  confidence: "certain",
  isExplainedByScan: true,
  what: "The SYN was answered by a reset that acknowledges it: the host is there, and no program listens on that port.",
  why: "Every attempt fails at once (ECONNREFUSED); clients that try again in a loop add load and hide the cause.",
  advice:
    "see whether the service runs and on which address and port it listens (`ss -ltnp` on the server); where it does, look for a firewall rule that rejects with a reset (`nft list ruleset`)",
  mistakenFor:
    "a firewall that rejects with a reset: then its TTL differs from that of the host's other packets; one client that tries many ports is a scan",
  look(record) {
    if (record.outcome !== "refused") return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), record.reset?.frame ?? null],
      lostMs: record.durationMs,
      sums: { forged: record.reset?.suspicion === "middlebox" ? 1 : 0 },
    };
  },
  tell(group) {
    const { where, connections, clients } = group;
    const from = clients > 1 ? ` from ${formatHosts(clients, "client")}` : "";
    const refused = `${where} refused ${formatNumberOf(connections, "connection")}${from}`;
    if (2 * group.sum("forged") <= connections)
      return { sentence: `${refused}: nobody listens on that port` };
    return {
      actor: "middlebox",
      confidence: "likely",
      sentence: `${refused}: by its marks the reset is that of a box in front of it`,
    };
  },
};
