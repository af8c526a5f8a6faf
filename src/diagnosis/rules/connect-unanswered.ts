/** SYNs to which nothing came back. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatHosts, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** So many attempts of one SYN each are no clients that wait. */
const MOST_UNREPEATED = 100;

const BUSY_ADVICE =
  "see whether the application accepts fast enough: `ss -ltn` there (Recv-Q against Send-Q of the listener), `nstat -az TcpExtListenOverflows TcpExtListenDrops`; where nothing is dropped, look for a rule that limits or filters some of the clients (`nft list ruleset`), and capture beside the server: do these SYNs arrive?";

export const connectUnanswered: Rule = {
  id: "connect-unanswered",
  title: "Connection attempts without any answer",
  severity: "problem",
  actor: "network",
  confidence: "likely",
  isExplainedByScan: true,
  isExplainedByFlood: true,
  what: "The SYN was sent, mostly several times, and neither a SYN-ACK nor a reset nor an ICMP error came back.",
  why: "The client waits in SYN_SENT until its own timeout, two minutes on Linux by default, and cannot know why.",
  advice:
    "look for a firewall that drops without a word, a route that leads nowhere, or a host that is down (`traceroute -T -p PORT HOST`, `tcpdump` beside the server: does the SYN arrive?); where SYNs arrive and are dropped, see `nstat -az TcpExtListenDrops` there",
  mistakenFor:
    "a capture that holds one direction only: then no attempt to that host is ever answered, and connections go on all the same",
  look(record) {
    if (record.outcome !== "unanswered") return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), record.client.lastFrame],
      lostMs: record.durationMs,
      sums: { syns: record.synCount },
      ranges: { waitedMs: record.durationMs },
    };
  },
  tell(group, { outcomes, servers }) {
    // SYNs that nobody repeats, from many addresses, are told as what they are (syn-flood.ts).
    if (group.connections >= MOST_UNREPEATED && group.sum("syns") < 1.1 * group.connections) return null;
    const attempts = formatNumberOf(group.connections, "attempt");
    const from = group.clients > 1 ? ` of ${formatHosts(group.clients, "client")}` : "";
    const waited =
      group.most("waitedMs") > 0 ? `; the longest waited ${formatDuration(group.most("waitedMs"))}` : "";
    // A listener that answers others drops what its queue has no room for.
    const isBusy = (servers.find(({ name }) => name === group.where)?.completed ?? 0) > 0;
    const others = isBusy ? ", though it answered others" : "";
    const allFail = outcomes.completed === 0 && outcomes["mid-stream"] === 0;
    return {
      sentence: `${group.where} answered none of ${formatNumberOf(group.sum("syns"), "SYN")} of ${attempts}${from}${others}${waited}`,
      ...(isBusy && { actor: "server" as const, advice: BUSY_ADVICE }),
      ...(allFail && { confidence: "possible" as const }),
    };
  },
};
