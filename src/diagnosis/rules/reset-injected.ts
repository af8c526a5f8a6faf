/** A reset that the side whose name it bears did not send. */
import { formatNumberOf } from "../../report/quantities.js";
import { endsOf, pathOf, serverOf } from "../places.js";
import type { Rule } from "../rule.js";
import { isLikeHealthCheck, isPeriodic } from "./health-check.js";

export const resetInjected: Rule = {
  id: "reset-injected",
  title: "Resets made by a box on the way",
  severity: "problem",
  actor: "middlebox",
  confidence: "likely",
  what: "At least two independent signs (TTL, IP ID, sequence, timing, what came after it) say that another host made the reset.",
  why: "Both ends believe that the other one gave up: both applications are searched in vain.",
  advice:
    "ask who runs the firewall, intrusion prevention, proxy or filter on that path; capture at both ends: a reset that one side never sent was made between them",
  mistakenFor: "a change of route, which alters the TTL by one; a kernel's own bare reset, which has IP ID 0",
  look(record) {
    const { reset } = record;
    if (reset?.suspicion !== "middlebox") return null;
    const frames = [reset.frame];
    if (isLikeHealthCheck(record)) return { where: pathOf(record), frames, sums: { checks: 1 } };
    return { where: serverOf(record), isOfClientToo: true, frames };
  },
  tell(group) {
    // A monitor that makes its own packets resets unlike its host's system.
    if (group.sum("checks") > 0 && isPeriodic(group)) return null;
    const { clients, servers } = endsOf(group);
    return {
      sentence: `${formatNumberOf(group.connections, "reset")} between ${clients} and ${servers} came from neither end`,
    };
  },
};
