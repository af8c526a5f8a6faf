/** The ACK of the SYN-ACK of a handshake was lost. */
import type { Rule } from "../rule.js";
import { lookForLoss, tellLoss } from "./handshake-losses.js";

export const handshakeAckLost: Rule = {
  id: "handshake-ack-lost",
  title: "ACK of the SYN-ACKs lost in handshakes",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "The client's last packet of the handshake was lost, or could not be accepted: the server repeated its SYN-ACK after it.",
  why: "The first wait is a whole second (RFC 6298 §2.1), longer than anything else a user waits for.",
  advice:
    "look for loss on the side of the capture point that the sentence names (interface errors with `ip -s link`, a full queue with `tc -s qdisc`); at the server for dropped SYNs and an overflowing accept queue (`nstat -az TcpExtListenOverflows TcpExtListenDrops`)",
  mistakenFor:
    "a listener whose queue is full: it drops the same packets, for as long as its application does not accept",
  look: (record) => lookForLoss(record, "handshake-ack-lost"),
  tell: (group) => tellLoss(group, "ACK of the SYN-ACK"),
};
