/** The SYN of a handshake was lost. */
import type { Rule } from "../rule.js";
import { lookForLoss, tellLoss } from "./handshake-losses.js";

export const synLost: Rule = {
  id: "syn-lost",
  title: "SYNs lost in handshakes",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "The first SYN was not answered, a repeat was: it was lost on its way, or the listener dropped it.",
  why: "The first wait is a whole second (RFC 6298 §2.1), longer than anything else a user waits for.",
  advice:
    "look for loss on the side of the capture point that the sentence names (interface errors with `ip -s link`, a full queue with `tc -s qdisc`); at the server for dropped SYNs and an overflowing accept queue (`nstat -az TcpExtListenOverflows TcpExtListenDrops`)",
  mistakenFor:
    "a listener whose queue is full: it drops the same packets, for as long as its application does not accept",
  look: (record) => lookForLoss(record, "syn-lost"),
  tell: (group) => tellLoss(group, "SYN"),
};
