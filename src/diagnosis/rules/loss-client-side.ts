/** Data lost between the capture point and the client. */
import type { Rule } from "../rule.js";
import { lookForLosses, PATH_LOSS, tellHostLosses, tellLosses } from "./path-losses.js";

export const lossClientSide: Rule = {
  id: "loss-client-side",
  title: "Data lost on the client's side of the capture point",
  ...PATH_LOSS,
  what: "Bytes of the server were captured and had to be sent again, or bytes of the client were missing here until it sent them again: they were lost between the capture point and the client.",
  advice:
    "look at what lies between the capture point and the clients: interface errors and drops (`ip -s link`, `ethtool -S`), queues that overflow (`tc -s qdisc`), radio links; a capture nearer to the client narrows it down",
  look: (record) => lookForLosses(record, "client"),
  tell: (group, summary) => tellLosses(group, "client", summary),
  tellHost: (server, summary) => tellHostLosses(server, "client", summary),
};
