/** Handshakes that many addresses begin and none completes. */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import { standingText } from "../../report/standing.js";
import { firstFrame, formatHosts, serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

/** So many within a second are a flood, however many others are completed. */
const LEAST_PER_SECOND = 100;
const LEAST_CLIENTS = 20;
/** Where hardly any other connection is ever completed, fewer are. A trickle is none: clients of a server that is gone. */
const LEAST = 100;
const LEAST_SHARE = 0.9;
const LEAST_ALONE_PER_SECOND = 20;

export const synFlood: Rule = {
  id: "syn-flood",
  title: "SYN floods",
  severity: "problem",
  actor: "network",
  confidence: "likely",
  what: "SYNs from many addresses, each sent once and no handshake of them completed: a hundred and more within a second, or 20 where hardly any other connection of that server is completed.",
  why: "The listener's queue fills; without SYN cookies real clients get no answer.",
  advice:
    "see that SYN cookies are on (`sysctl net.ipv4.tcp_syncookies`), that the queue is large (`net.ipv4.tcp_max_syn_backlog`), and filter in front of the server; the addresses are likely forged",
  mistakenFor:
    "a client that repeats its SYN to a port that does not answer; a server behind which a path back is broken",
  look(record) {
    const { outcome, synCount } = record;
    if ((outcome !== "embryonic" && outcome !== "unanswered") || synCount !== 1) return null;
    return { where: serverOf(record), frames: [firstFrame(record)], atMs: record.startMs };
  },
  tell(group, summary) {
    const server = summary.servers.find(({ name }) => name === group.where);
    if (!isFlood(group, server?.connections ?? group.connections)) return null;
    const halfOpen = server?.states?.SYN_RECEIVED;
    // With SYN cookies they take no place at the server, and an attempt that nothing answered takes none anyhow.
    const standing = halfOpen ? `; answered and half open: ${standingText(halfOpen, summary)}` : "";
    const rate = `, up to ${formatCount(group.mostInSecond)} a second`;
    const many = formatHosts(group.clients, "address", "addresses");
    return {
      sentence: `${group.where} got ${formatNumberOf(group.connections, "SYN")} from ${many}${rate}, of handshakes that nobody completed${standing}`,
    };
  },
};

function isFlood({ clients, connections, mostInSecond }: Group, all: number): boolean {
  if (clients < LEAST_CLIENTS) return false;
  if (mostInSecond >= LEAST_PER_SECOND) return true;
  return connections >= LEAST && connections > LEAST_SHARE * all && mostInSecond >= LEAST_ALONE_PER_SECOND;
}
