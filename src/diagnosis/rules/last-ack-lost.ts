/** The last acknowledgment of a close was lost: LAST_ACK repeats its FIN, TIME_WAIT answers (RFC 9293 §3.6). */
import type { Rule } from "../rule.js";
import { closesOf, lookForFinLoss } from "./fin-losses.js";

export const lastAckLost: Rule = {
  id: "last-ack-lost",
  title: "Last ACKs lost",
  severity: "note",
  actor: "network",
  confidence: "likely",
  what: "The side that closed second sent its FIN again, though its peer had acknowledged it: the last packet of the close did not arrive.",
  why: "Both applications are done. It is what TIME_WAIT is there for: the side that holds it acknowledges once more.",
  advice:
    "nothing for this alone; where TIME_WAIT was cut short (a reset, tcp_tw_reuse), the repeat meets a new connection or a reset instead",
  mistakenFor: "a second FIN that was lost: then no acknowledgment of the first one exists",
  look: (record) => lookForFinLoss(record, "last-ack-lost"),
  tell: (group) => ({ sentence: `the last acknowledgment was lost ${closesOf(group)}` }),
};
