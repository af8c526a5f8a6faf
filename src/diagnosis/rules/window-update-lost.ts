/** A window that opened unheard (RFC 9293 §3.8.6.1). */

import { formatNumberOf } from "../../report/quantities.js";
import { SIDES } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const windowUpdateLost: Rule = {
  id: "window-update-lost",
  title: "Window updates that were lost",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "A receiver opened its window again, the capture holds that update, and the sender went on probing a closed one.",
  why: "The sender waits for its next probe, which it sends ever more rarely: seconds for nothing.",
  advice:
    "look for loss between the capture point and the sender (`ip -s link`, `tc -s qdisc`); why the window was closed is another matter: the receiving application reads too slowly",
  mistakenFor: null,
  look(record) {
    for (const side of SIDES) {
      const { windowUpdatesLost } = record[side];
      if (windowUpdatesLost === 0) continue;
      return {
        where: serverOf(record),
        frames: [record[otherSide(side)].lastFrame],
        sums: { updates: windowUpdatesLost },
      };
    }
    return null;
  },
  tell(group) {
    return {
      sentence: `${formatNumberOf(group.sum("updates"), "window update")} on ${formatNumberOf(group.connections, "connection")} with ${group.where} never reached the sender`,
    };
  },
};
