/** A reset that the side whose name it bears did not send. */
import { formatNumberOf } from "../../report/quantities.js";
import { pathOf } from "../places.js";
import type { Rule } from "../rule.js";

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
    return { where: pathOf(record), frames: [reset.frame], sums: { [reset.by]: 1 } };
  },
  tell(group) {
    const { where, connections } = group;
    const by =
      group.sum("client") === 0 ? "the server" : group.sum("server") === 0 ? "the client" : "one of the ends";
    return {
      sentence: `a box on the way from ${where} cut ${formatNumberOf(connections, "connection")}: the reset bears the address of ${by}, which did not send it`,
    };
  },
};
