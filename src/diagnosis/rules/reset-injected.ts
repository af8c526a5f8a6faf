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
  what: "At least two independent signs say that the reset was made between the two hosts: its TTL or its IP identification is not that side's, its window or its timestamps are unlike that side's, the side went on sending as if nothing had happened, or both sides were reset at once.",
  why: "Both ends believe that the other one gave up: both applications are searched in vain.",
  advice:
    "capture at both ends (`tcpdump 'tcp[tcpflags] & tcp-rst != 0'`): a reset that its side never sent was made between them; then ask who runs the firewall, intrusion prevention, proxy or filter on that path for its log",
  mistakenFor: "a change of route, which alters the TTL by one; a kernel's own bare reset, which has IP ID 0",
  look(record) {
    const { reset } = record;
    if (reset?.suspicion !== "middlebox") return null;
    const frames = [reset.frame];
    if (isLikeHealthCheck(record)) return { where: pathOf(record), frames, sums: { checks: 1 } };
    return { where: serverOf(record), isOfClientToo: true, frames, sums: { [reset.by]: 1 } };
  },
  tell(group) {
    // A monitor that makes its own packets resets unlike its host's system.
    if (group.sum("checks") > 0 && isPeriodic(group)) return null;
    const { clients, servers } = endsOf(group);
    const by =
      group.sum("client") === 0 ? "the server" : group.sum("server") === 0 ? "the client" : "one of the ends";
    return {
      sentence: `a box between ${clients} and ${servers} cut ${formatNumberOf(group.connections, "connection")}: the reset bears the address of ${by}, which did not send it`,
    };
  },
};
