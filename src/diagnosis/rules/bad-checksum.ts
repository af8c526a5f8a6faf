/** Wrong TCP checksums (RFC 9293 §3.1): left to the network card, or damaged on the way. Only where they are verified. */
import { isDamage } from "../../report/damage.js";
import { formatCount, formatNumberOf, formatPercent } from "../../report/quantities.js";
import { serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const badChecksum: Rule = {
  id: "bad-checksum",
  title: "Wrong TCP checksums",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "With `--checksums`: segments whose checksum does not fit their bytes. The sum of the addresses alone is no damage, but a checksum that the network card fills in after the capture; anything else was damaged before it was captured.",
  why: "A receiver drops a damaged segment without a word: to its sender it is lost. What damages one segment in view damages others in ways that no checksum shows.",
  advice:
    "damaged on the way: look for the box or link that changes segments (a faulty card, memory of a router or switch, software that rewrites payload): captures at both of its sides show where the checksum breaks; `nstat -az TcpInCsumErrors` counts them at the receiver. Left to the card: nothing is wrong; to capture what is on the wire, `ethtool -K DEVICE tx off` while capturing, or capture on another host",
  mistakenFor:
    "checksum offload at the capturing host, which is told as such; captures whose addresses were rewritten, in which nearly all are wrong",
  look(record) {
    const { client, server } = record;
    const count = (client.badChecksums ?? 0) + (server.badChecksums ?? 0);
    if (count === 0) return null;
    return {
      where: serverOf(record),
      frames: [client.badChecksumFrame, server.badChecksumFrame],
      sums: { count, toClients: server.badChecksums ?? 0 },
    };
  },
  tell(group, { checksums }) {
    if (checksums === null || !isDamage(checksums)) return null;
    const count = group.sum("count");
    const toClients = group.sum("toClients");
    const way = toClients === count ? "to its clients" : toClients === 0 ? "to it" : "of both directions";
    return {
      sentence: `${formatNumberOf(count, "segment")} ${way} on ${formatNumberOf(group.connections, "connection")} with ${group.where} ${count === 1 ? "was" : "were"} damaged before the capture point: the receiver drops what comes so, and the sender has to send it again`,
    };
  },
  tellCapture({ checksums }) {
    if (checksums === null) return null;
    const { right, uncomputed, wrong, leftOut } = checksums;
    const all = right + uncomputed + wrong;
    if (!isDamage(checksums))
      return {
        severity: "note",
        actor: "capture",
        confidence: "possible",
        sentence: `${formatCount(wrong)} of ${formatNumberOf(all, "checksum")} (${formatPercent(wrong / all)}) are wrong, too many for damage: the capture was probably rewritten (addresses made anonymous); ${leftOut > 0 ? `${formatCount(leftOut)} segments were left out, the others` : "they"} count as sent`,
      };
    if (uncomputed === 0) return null;
    return {
      severity: "note",
      actor: "capture",
      confidence: "certain",
      sentence: `${formatCount(uncomputed)} of ${formatNumberOf(all, "checksum")} are not computed: the capturing host leaves that to its network card (checksum offload), and nothing was damaged`,
    };
  },
};
