/** An ICMP error quotes the SYN (RFC 792, RFC 4443 §3.1). */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const connectUnreachable: Rule = {
  id: "connect-unreachable",
  title: "Servers that cannot be reached",
  severity: "problem",
  actor: "network",
  confidence: "certain",
  what: "A router or a host answered the SYN with an ICMP error that says why it was not delivered.",
  why: "The attempt fails (EHOSTUNREACH, ENETUNREACH), on some systems only after all repeats.",
  advice:
    'look at the host that sent the error: its routes (`ip route get ADDRESS`), its neighbours (`ip neigh`), its firewall; "administratively prohibited" is a rule that somebody wrote',
  mistakenFor: null,
  look(record) {
    const { unreachable } = record;
    if (record.outcome !== "unreachable" || unreachable === null) return null;
    return {
      where: `${serverOf(record)}: ${unreachable.sender} says ${unreachable.reason}`,
      frames: [firstFrame(record), unreachable.frame],
      lostMs: record.durationMs,
    };
  },
  tell({ where, connections }) {
    return { sentence: `${formatNumberOf(connections, "attempt")} failed to reach ${where}` };
  },
};
