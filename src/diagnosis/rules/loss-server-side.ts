/** Data lost between the capture point and the server. */
import type { Rule } from "../rule.js";
import { lookForLosses, PATH_LOSS, tellHostLosses, tellLosses } from "./path-losses.js";

export const lossServerSide: Rule = {
  id: "loss-server-side",
  title: "Data lost on the server's side of the capture point",
  ...PATH_LOSS,
  what: "Bytes of the client were captured and had to be sent again, or bytes of the server were missing here until it sent them again: they were lost between the capture point and the server.",
  advice:
    "look at what lies between the capture point and the server: interface errors and drops (`ip -s link`, `ethtool -S`), queues that overflow (`tc -s qdisc`), a rate limit; a capture nearer to the server narrows it down",
  look: (record) => lookForLosses(record, "server"),
  tell: (group, summary) => tellLosses(group, "server", summary),
  tellHost: (server, summary) => tellHostLosses(server, "server", summary),
};
