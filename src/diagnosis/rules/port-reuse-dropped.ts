/** A SYN that met a TIME_WAIT which must not yield to it (RFC 6191 §2, RFC 9293 §3.6.1). */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatLongest, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const portReuseDropped: Rule = {
  id: "port-reuse-dropped",
  title: "Ports used again too early",
  severity: "warning",
  actor: "client",
  confidence: "likely",
  what: "A client used a port again while the server still held the connection before it in TIME_WAIT, with a sequence number or timestamp that is not above that one's: the SYN was dropped, or answered by an old acknowledgment that the client had to reject.",
  why: "The connect waits for the next SYN, up to a second or more, although both hosts are well.",
  advice:
    "let the client's side close first or keep its connections, so that ports come back later; behind a NAT give it more addresses, or a longer time before it uses a port again; leave timestamps on (`net.ipv4.tcp_timestamps`) at both ends",
  mistakenFor: "a lost SYN; a port used again that the server takes at once, as the rules allow",
  look(record) {
    const { reuseRefused, retryWaitMs, outcome } = record;
    const hasWaited = retryWaitMs !== null && retryWaitMs > 0;
    if (!reuseRefused || (!hasWaited && outcome !== "unanswered")) return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), record.reset?.frame ?? null, record.lossEvidence[0]?.answerFrame ?? null],
      ...(hasWaited && { lostMs: retryWaitMs, ranges: { waitedMs: retryWaitMs } }),
      sums: { failed: outcome === "unanswered" ? 1 : 0 },
    };
  },
  tell(group) {
    const cost = group.most("waitedMs") > 0 ? `, which cost ${formatLongest(group, "waitedMs")}` : "";
    const failed = group.sum("failed");
    const lost = failed > 0 ? `; ${formatNumberOf(failed, "attempt")} got no answer at all` : "";
    return {
      sentence: `${formatNumberOf(group.connections, "connection")} to ${group.where} met the TIME_WAIT of the one before on the same ports and were not taken${cost}${lost}`,
    };
  },
};
