/** The ACK of the SYN-ACK of a handshake was lost. */
import type { Rule } from "../rule.js";
import { HANDSHAKE_LOSS, lookForLoss, tellLoss } from "./handshake-losses.js";

export const handshakeAckLost: Rule = {
  id: "handshake-ack-lost",
  title: "Last ACKs lost in handshakes",
  ...HANDSHAKE_LOSS,
  what: "The client's last packet of the handshake was lost, or could not be accepted: the server repeated its SYN-ACK after it.",
  look: (record) => lookForLoss(record, "handshake-ack-lost"),
  tell: (group) => tellLoss(group, "ACK of the SYN-ACK", "client"),
};
