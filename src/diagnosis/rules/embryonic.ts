/** A SYN-ACK that nobody acknowledged. */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatHosts, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const embryonic: Rule = {
  id: "embryonic",
  title: "Handshakes that stop half-way",
  severity: "warning",
  actor: "client",
  confidence: "possible",
  isExplainedByScan: true,
  isExplainedByFlood: true,
  what: "The server answered with a SYN-ACK, repeated it, and neither an acknowledgment nor a reset came.",
  why: "Each takes a place in the server's SYN queue for up to a minute; many of them are a flood.",
  advice:
    "see whether the SYN-ACK reaches the client (`tcpdump` there); `ss -tn state syn-recv` on the server shows those under way; where the addresses are many and none ever completes, it is a SYN flood: SYN cookies (`sysctl net.ipv4.tcp_syncookies`)",
  mistakenFor: "a way back that differs from the way there, or a firewall that saw only one of them",
  look(record) {
    if (record.outcome !== "embryonic") return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), record.server.lastFrame],
      sums: { answers: record.synAckCount },
    };
  },
  tell(group) {
    const handshakes = formatNumberOf(group.connections, "handshake");
    return {
      sentence: `${handshakes} with ${group.where} stopped half-way: ${formatNumberOf(group.sum("answers"), "SYN-ACK")} to ${formatHosts(group.clients, "client")} got no answer`,
    };
  },
};
