/** A side that closed, waited for its peer's FIN and forgot (Linux: 60 s, tcp_fin_timeout). */
import { formatNumberOf } from "../../report/quantities.js";
import { otherSide } from "../../report/wording.js";
import { ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

export const finWait2Hang: Rule = {
  id: "fin-wait-2-hang",
  title: "Peers that do not close",
  severity: "warning",
  actor: "unknown",
  confidence: "likely",
  what: "A side closed and was acknowledged, heard nothing for a minute, and answered what came then with a bare reset: it had given the connection up.",
  why: "The peer kept a socket in CLOSE_WAIT all that time; what it sends in the end is refused.",
  advice:
    "in the application of the side that did not close look for the path that forgets to (`ss -tnp state close-wait` there)",
  mistakenFor: null,
  look(record) {
    const { reset } = record;
    if (reset?.kind !== "fin-wait-2-expired" || reset.suspicion !== null) return null;
    const forgetful = otherSide(reset.by);
    return {
      ...ofSide(record, forgetful),
      actor: forgetful,
      frames: [reset.provokedByFrame, reset.frame],
    };
  },
  tell(group) {
    const { connections } = group;
    const them = connections === 1 ? "it" : "them";
    return {
      sentence: `${whoOf(group)} left ${formatNumberOf(connections, "connection")} open for a minute and more after its peer had closed; what it sent then was reset, for the peer's system had forgotten ${them}`,
    };
  },
};
