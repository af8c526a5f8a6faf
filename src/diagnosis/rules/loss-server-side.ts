/** Data lost between the capture point and the server. */
import type { Rule } from "../rule.js";
import { lookForLosses, tellHostLosses, tellLosses } from "./path-losses.js";

export const lossServerSide: Rule = {
  id: "loss-server-side",
  title: "Data lost on the server's side of the capture point",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "Bytes of the client were captured and had to be sent again, or bytes of the server were missing here until it sent them again: they were lost between the capture point and the server.",
  why: "Every loss halves a sender's pace or makes it wait for a timer; from a few percent on, a transfer is as slow as its losses let it be.",
  advice:
    "look at what lies between the capture point and the server: interface errors and drops (`ip -s link`, `ethtool -S`), queues that overflow (`tc -s qdisc`), a rate limit; a capture nearer to the server narrows it down",
  mistakenFor:
    "reordering, copies, and packets that the capture missed, none of which count here; a packet that is held up for longer than its sender waits looks the same from its side",
  look: (record) => lookForLosses(record, "server"),
  tell: (group, summary) => tellLosses(group, "server", summary),
  tellHost: (server, summary) => tellHostLosses(server, "server", summary),
};
