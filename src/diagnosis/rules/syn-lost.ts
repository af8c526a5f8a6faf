/** The SYN of a handshake was lost. */
import type { Rule } from "../rule.js";
import { HANDSHAKE_LOSS, lookForLoss, tellLoss } from "./handshake-losses.js";

export const synLost: Rule = {
  id: "syn-lost",
  title: "SYNs lost in handshakes",
  ...HANDSHAKE_LOSS,
  what: "The first SYN was not answered, a repeat was: it was lost on its way, or the listener dropped it.",
  look: (record) => lookForLoss(record, "syn-lost"),
  tell: (group) => tellLoss(group, "SYN", "client"),
};
