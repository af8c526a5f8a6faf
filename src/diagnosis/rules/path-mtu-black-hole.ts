/** Paths that swallow large packets in silence (RFC 2923 §2.1). */
import { formatBytes, formatDuration, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const pathMtuBlackHole: Rule = {
  id: "path-mtu-black-hole",
  title: "Paths that swallow large packets",
  severity: "problem",
  actor: "network",
  confidence: "likely",
  what: "A sender's timer ran out again and again over a full segment, of which none as large ever arrived, while smaller ones did, and no ICMP message told it that they are too big.",
  why: "Connections open and small requests work; the first large message hangs until its sender tries smaller segments by itself, which most systems never do.",
  advice:
    "let ICMP fragmentation-needed and packet-too-big through all firewalls; clamp the MSS at the tunnel (`iptables -j TCPMSS --clamp-mss-to-pmtu`); as a stopgap let senders find out (`net.ipv4.tcp_mtu_probing = 1`)",
  mistakenFor:
    "loss, which does not ask for sizes; a peer that vanished; packets larger than the MSS that the sender's own network card cuts",
  look(record) {
    for (const side of ["client", "server"] as const) {
      const { blackHole, pathMtuRetransmissions, stall } = record[side];
      if (blackHole === null || pathMtuRetransmissions > 0) continue;
      return {
        where: serverOf(record),
        frames: [stall?.fromFrame ?? firstFrame(record), stall?.toFrame ?? null],
        ...(stall && { lostMs: stall.totalMs }),
        sums: { [side]: 1 },
        ranges: { ...blackHole },
      };
    }
    return null;
  },
  tell(group) {
    const way = group.sum("server") >= group.sum("client") ? `from ${group.where}` : `to ${group.where}`;
    const cost = group.lostMs > 0 ? `, which cost ${formatDuration(group.lostMs)} in all` : "";
    return {
      sentence: `segments of ${formatBytes(group.least("tooBigBytes"))} ${way} never arrived, those of ${formatBytes(group.most("fittingBytes"))} did, and no ICMP message said why, on ${formatNumberOf(group.connections, "connection")}${cost}`,
    };
  },
};
