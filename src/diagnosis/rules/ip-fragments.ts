/** TCP in IP fragments (RFC 8900 §3). */
import { formatNumberOf } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

export const ipFragments: CaptureRule = {
  id: "ip-fragments",
  title: "TCP in IP fragments",
  severity: "note",
  actor: "network",
  confidence: "certain",
  what: "IP packets were cut into fragments. Segments should never need it: their senders ask for the path's size and keep below it.",
  why: "One lost fragment costs the whole segment, and many firewalls and load balancers drop later fragments, which bear no ports.",
  advice:
    "look for a tunnel whose inner packets are too large, and for senders that let their packets be cut (`net.ipv4.ip_no_pmtu_disc` is to be 0); clamp the MSS at the tunnel (`iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu`)",
  mistakenFor:
    "fragments of other protocols, which are counted with these where only later ones were captured",
  tellCapture({ skipped }) {
    const fragments = skipped.find(({ reason }) => reason === "ip-fragment")?.packets ?? 0;
    if (fragments === 0) return null;
    return {
      sentence: `${formatNumberOf(fragments, "packet is a later fragment", "packets are later fragments")} of others: only the first fragment of each was read`,
    };
  },
};
