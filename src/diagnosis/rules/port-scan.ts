/** One client that tries many doors. */
import { formatNumberOf } from "../../report/quantities.js";
import { clientOf, firstFrame, formatHosts } from "../places.js";
import { MOST_HOSTS, type Rule } from "../rule.js";

const LEAST_DOORS = 20;
const DOORS_PER_SECOND = 2;
const LEAST_SHARE = 0.8;
/** Who comes back to each door as often as this checks, or tries again. */
const MOST_TRIES = 3;

export const portScan: Rule = {
  id: "port-scan",
  title: "Port scans",
  severity: "warning",
  actor: "client",
  confidence: "likely",
  what: "One address tried many ports or hosts within seconds, and was refused, ignored, or dropped the handshake itself.",
  why: "It explains resets and unanswered SYNs that are nobody's fault, and may be the first step of something else.",
  advice:
    "find out whose address it is (`dig -x ADDRESS`, `whois ADDRESS`): a security scanner of your own, a monitoring tool, or a stranger",
  mistakenFor:
    "a client that opens many good connections; a monitor, which comes back to each port; a service that moved, which many clients miss",
  look(record) {
    const isFailed =
      record.outcome === "refused" || record.outcome === "unanswered" || record.outcome === "aborted";
    if (!isFailed) return null;
    return { where: clientOf(record), frames: [firstFrame(record)], ranges: { startMs: record.startMs } };
  },
  tell(group, { clients }) {
    const doors = group.servers;
    const seconds = (group.most("startMs") - group.least("startMs")) / 1000;
    const all = clients.find(({ name }) => name === group.where)?.connections ?? group.connections;
    if (doors < LEAST_DOORS || doors < DOORS_PER_SECOND * seconds) return null;
    if (group.connections < LEAST_SHARE * all) return null;
    if (doors < MOST_HOSTS && group.connections >= MOST_TRIES * doors) return null;
    return {
      sentence: `${group.where} tried ${formatHosts(doors, "port")}, ${formatNumberOf(group.connections, "attempt")} in vain`,
    };
  },
};
