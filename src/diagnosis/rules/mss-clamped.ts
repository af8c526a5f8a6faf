/** A box on the way that lowers the maximum segment size in SYNs (RFC 9293 §3.7.1). */
import { formatNumberOf, formatPercent } from "../../report/quantities.js";
import type { ConnectionRecord, Side } from "../../report/record.js";
import { firstFrame } from "../places.js";
import type { Rule } from "../rule.js";

interface Change {
  readonly offered: number;
  readonly read: number;
}

export const mssClamped: Rule = {
  id: "mss-clamped",
  title: "Segment sizes lowered on the way",
  severity: "note",
  actor: "middlebox",
  confidence: "certain",
  what: "The same SYN stands in the capture twice, and with another maximum segment size (MSS): a box between the two capture points changed it. From one capture point alone nobody can tell that from a host that offers less.",
  why: "It keeps segments small enough for a tunnel or a line behind the box, and spares both hosts path MTU discovery. Where the size is smaller than the path needs, each transfer takes more packets than it would have to.",
  advice:
    "nothing, where the size fits the path (`tracepath` to the other host tells its MTU; the MSS is 40 bytes less, with IPv6 60); else raise it at the box (nftables `tcp option maxseg size set rt mtu`, iptables `TCPMSS --clamp-mss-to-pmtu`)",
  mistakenFor: "a host with a smaller MTU: what it offers is the same at every capture point",
  look(record) {
    const changes = (["client", "server"] as const).flatMap((side) => {
      const change = changeOf(record, side);
      return change ? [{ side, ...change }] : [];
    });
    if (changes.length === 0) return null;
    return {
      // By sizes, and not by host: a box has the same for all that pass it.
      where: changes.map(({ side, offered, read }) => `${side} MSS ${offered} to ${read}`).join(", "),
      frames: [firstFrame(record)],
      ranges: { share: Math.max(...changes.map(({ offered, read }) => 1 - read / offered)) },
    };
  },
  tell(group) {
    const who = `${formatNumberOf(group.clients, "client")} and ${formatNumberOf(group.servers, "server")}`;
    return {
      sentence: `a box on the way lowered the segment size in the SYNs of ${formatNumberOf(group.connections, "connection")} between ${who} (${group.where}): full segments hold up to ${formatPercent(group.most("share"))} less`,
    };
  },
};

/** What the side offered, and what its peer read instead; null where nothing shows a difference. A box only lowers it. */
function changeOf(record: ConnectionRecord, side: Side): Change | null {
  const { offered, rewrittenMss } = record[side];
  if (rewrittenMss === null || offered === null || offered.mss === null) return null;
  return {
    offered: Math.max(offered.mss, rewrittenMss),
    read: Math.min(offered.mss, rewrittenMss),
  };
}
