/** A FIN that had to be sent again before anything acknowledged it (RFC 9293 §3.6). */
import type { Rule } from "../rule.js";
import { closesOf, lookForFinLoss } from "./fin-losses.js";

export const finLost: Rule = {
  id: "fin-lost",
  title: "FINs lost",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "A side sent its FIN again, and no acknowledgment of the first one was captured: that FIN was lost, or its acknowledgment on the way to the capture point.",
  why: "Until the repeat comes the peer does not know that the stream has ended: where the end of the connection is the end of the answer, its user waits for a timeout.",
  advice:
    "look for loss on the path as for lost data (interface errors with `ip -s link`, a full queue with `tc -s qdisc`); a protocol that says how long its answers are does not wait for the FIN",
  mistakenFor: "a lost ACK of the FIN: a second capture beside the peer tells them apart",
  look: (record) => lookForFinLoss(record, "fin-lost"),
  tell: (group) => ({ sentence: `a FIN, or the acknowledgment of it, was lost ${closesOf(group)}` }),
};
