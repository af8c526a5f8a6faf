/** A FIN that had arrived and was repeated: the acknowledgment of it was lost (RFC 9293 §3.6). */
import type { Rule } from "../rule.js";
import { closesOf, lookForFinLoss } from "./fin-losses.js";

export const finAckLost: Rule = {
  id: "fin-ack-lost",
  title: "Acknowledgments of FINs lost",
  severity: "note",
  actor: "network",
  confidence: "likely",
  what: "The side that closed first sent its FIN again, though its peer had acknowledged it: that acknowledgment did not arrive.",
  why: "The peer knows of the end, so that nobody waits; only the closing system keeps the connection a little longer.",
  advice: "nothing for this alone; loss of acknowledgments elsewhere on this path shows in other findings",
  mistakenFor: "a lost FIN: then no acknowledgment of the first one exists",
  look: (record) => lookForFinLoss(record, "fin-ack-lost"),
  tell: (group) => ({ sentence: `the acknowledgment of a FIN was lost ${closesOf(group)}` }),
};
