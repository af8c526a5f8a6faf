/** The SYN-ACK of a handshake was lost. */
import type { Rule } from "../rule.js";
import { HANDSHAKE_LOSS, lookForLoss, tellLoss } from "./handshake-losses.js";

export const synAckLost: Rule = {
  id: "syn-ack-lost",
  title: "SYN-ACKs lost in handshakes",
  ...HANDSHAKE_LOSS,
  what: "The server answered and had to answer again: its SYN-ACK did not reach the client.",
  look: (record) => lookForLoss(record, "syn-ack-lost"),
  tell: (group) => tellLoss(group, "SYN-ACK", "server"),
};
