/** Data lost between the capture point and the client. */
import type { Rule } from "../rule.js";
import { lookForLosses, tellHostLosses, tellLosses } from "./path-losses.js";

export const lossClientSide: Rule = {
  id: "loss-client-side",
  title: "Data lost on the client's side of the capture point",
  severity: "warning",
  actor: "network",
  confidence: "likely",
  what: "Bytes of the server were captured and had to be sent again, or bytes of the client were missing here until it sent them again: they were lost between the capture point and the client.",
  why: "Every loss halves a sender's pace or makes it wait for a timer; from a few percent on, a transfer is as slow as its losses let it be.",
  advice:
    "look at what lies between the capture point and the clients: interface errors and drops (`ip -s link`, `ethtool -S`), queues that overflow (`tc -s qdisc`), radio links; a capture nearer to the client narrows it down",
  mistakenFor:
    "reordering, copies, and packets that the capture missed, none of which count here; a packet that is held up for longer than its sender waits looks the same from its side",
  look: (record) => lookForLosses(record, "client"),
  tell: (group, summary) => tellLosses(group, "client", summary),
  tellHost: (server, summary) => tellHostLosses(server, "client", summary),
};
