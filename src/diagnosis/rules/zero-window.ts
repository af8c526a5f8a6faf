/** A receiver whose application reads too slowly (RFC 9293 §3.8.6). */

import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { SIDES } from "../../report/record.js";
import { timesOf } from "../../report/wording.js";
import { firstFrame, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_CLOSED_MS = 500;

export const zeroWindow: Rule = {
  id: "zero-window",
  title: "Receivers that close their window",
  severity: "problem",
  actor: "unknown",
  confidence: "certain",
  what: "A side told its peer that it has no room for more bytes, for half a second or longer in all.",
  why: "The transfer stands still: it is as fast as that side's application reads, whatever the network can do.",
  advice:
    "look why that side's application does not read (blocked on a disk, a database, a lock; `ss -tmp` shows its receive queue full); a larger buffer only delays it",
  mistakenFor: "a SYN proxy, which opens the window of its SYN-ACK late: that is no stall",
  look(record) {
    for (const side of SIDES) {
      const { zeroWindowMs, zeroWindows } = record[side];
      if (zeroWindowMs === null || zeroWindowMs < LEAST_CLOSED_MS) continue;
      return {
        ...ofSide(record, side),
        actor: side,
        frames: [firstFrame(record)],
        lostMs: zeroWindowMs,
        sums: { times: zeroWindows },
      };
    }
    return null;
  },
  tell(group) {
    const times = group.sum("times");
    const inAll = times > 1 ? " in all" : "";
    return {
      sentence: `${whoOf(group)} had no room to receive for ${formatDuration(group.lostMs)}${inAll}, ${timesOf(times)} on ${formatNumberOf(group.connections, "connection")}: the application reads too slowly`,
    };
  },
};
