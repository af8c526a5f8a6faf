/** Small segments that wait for delayed acknowledgments (RFC 9293 §3.7.4, RFC 9293 §3.8.6.3). */

import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { SIDES } from "../../report/record.js";
import { ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

/** Fewer than this may be chance. */
const LEAST_WAITS = 3;

export const nagleDelayedAck: Rule = {
  id: "nagle-delayed-ack",
  title: "Small writes that wait for delayed ACKs",
  severity: "warning",
  actor: "unknown",
  confidence: "likely",
  what: "A side sends a small segment, and the next small one only when the first is acknowledged, which the peer holds back for 40 to 200 ms.",
  why: "Every such exchange costs that delay, on a network that could do it in a fraction.",
  advice:
    "set TCP_NODELAY in the application that writes, or let it write header and body in one call (writev, a buffered stream)",
  mistakenFor:
    "an application that has nothing to write meanwhile: its next bytes would not follow the ACK at once",
  look(record) {
    for (const side of SIDES) {
      const { heldBackSegments, heldBackMs, heldBackFrame } = record[side];
      if (heldBackSegments < LEAST_WAITS) continue;
      return {
        ...ofSide(record, side),
        actor: side,
        frames: [heldBackFrame],
        lostMs: heldBackMs ?? 0,
        sums: { segments: heldBackSegments },
      };
    }
    return null;
  },
  tell(group) {
    const each = formatDuration(group.lostMs / group.sum("segments"));
    return {
      sentence: `${whoOf(group)}: ${formatNumberOf(group.sum("segments"), "small segment")} waited in the sender, about ${each} each, until the one before was acknowledged (Nagle's algorithm), which the receiver delayed`,
    };
  },
};
