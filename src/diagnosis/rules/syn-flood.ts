/** Handshakes that many addresses begin and none completes. */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import { standingText } from "../../report/standing.js";
import { firstFrame, formatHosts, serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

const LEAST = 100;
const LEAST_PER_SECOND = 100;
const LEAST_CLIENTS = 20;
/** Of all connections with that server, so many are never completed. */
const LEAST_SHARE = 0.9;

export const synFlood: Rule = {
  id: "syn-flood",
  title: "SYN floods",
  severity: "problem",
  actor: "network",
  confidence: "likely",
  what: "SYNs from many addresses, each sent once, of which hardly any handshake is ever completed.",
  why: "The listener's queue fills; without SYN cookies real clients get no answer.",
  advice:
    "see that SYN cookies are on (`sysctl net.ipv4.tcp_syncookies`), that the queue is large (`net.ipv4.tcp_max_syn_backlog`), and filter in front of the server; the addresses are likely forged",
  mistakenFor:
    "a client that repeats its SYN to a port that does not answer; a server behind which a path back is broken",
  look(record) {
    const { outcome, synCount } = record;
    if ((outcome !== "embryonic" && outcome !== "unanswered") || synCount !== 1) return null;
    return { where: serverOf(record), frames: [firstFrame(record)], ranges: { startMs: record.startMs } };
  },
  tell(group, summary) {
    const server = summary.servers.find(({ name }) => name === group.where);
    if (!isFlood(group, server?.connections ?? group.connections)) return null;
    const halfOpen = server?.states?.SYN_RECEIVED;
    // With SYN cookies they take no place at the server, and an attempt that nothing answered takes none anyhow.
    const standing = halfOpen ? `; answered and half open: ${standingText(halfOpen, summary)}` : "";
    const seconds = spanSeconds(group);
    const rate = seconds > 0 ? `, ${formatCount(Math.round(group.connections / seconds))} a second` : "";
    const many = formatHosts(group.clients, "address", "addresses");
    return {
      sentence: `${group.where} got ${formatNumberOf(group.connections, "SYN")} from ${many}${rate}, of handshakes that nobody completed${standing}`,
    };
  },
};

function isFlood(group: Group, all: number): boolean {
  if (group.connections < LEAST || group.clients < LEAST_CLIENTS) return false;
  return group.connections >= LEAST_PER_SECOND * spanSeconds(group) || group.connections > LEAST_SHARE * all;
}

function spanSeconds(group: Group): number {
  return (group.most("startMs") - group.least("startMs")) / 1000;
}
