/** An application that was told that its peer is done and does not close (RFC 9293 §3.6). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { Side } from "../../report/record.js";
import { standingText } from "../../report/standing.js";
import type { CaptureSummary } from "../../report/summary.js";
import { firstFrame, ofSide, whoOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

/** A side that stays this long in CLOSE_WAIT has forgotten to close. */
const FORGOTTEN_MS = 60_000;
/** From so many at once on their number is worth a word. */
const PILE = 10;

export const closeWaitLeak: Rule = {
  id: "close-wait-leak",
  title: "Sockets left in CLOSE_WAIT",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "One side acknowledged the other's FIN and sent neither data nor a FIN of its own for a minute or more.",
  why: "Its application never calls close(): descriptors and memory run out in the end, and the peer hangs in FIN_WAIT_2.",
  advice:
    "in that side's application find the path that does not close the socket after read() returned 0, often an error path or a pool; `ss -tnp state close-wait` names the process",
  mistakenFor: "a half-close on purpose: then that side still sends data, or closes soon after",
  look(record) {
    if (record.close !== "half-closed" && record.close !== "reset" && record.close !== "timed-out")
      return null;
    for (const side of ["server", "client"] as const satisfies readonly Side[]) {
      const waitedMs = record[side].stateTimesMs.CLOSE_WAIT ?? 0;
      if (waitedMs < FORGOTTEN_MS) continue;
      return {
        ...ofSide(record, side),
        actor: side,
        frames: [firstFrame(record), record[side].lastFrame],
        ranges: { waitedMs },
      };
    }
    return null;
  },
  tell(group, summary) {
    const longest = formatDuration(group.most("waitedMs"));
    return {
      sentence: `${whoOf(group)} left ${formatNumberOf(group.connections, "socket")} in CLOSE_WAIT, for ${longest} at the longest${pile(group, summary)}: the application does not call close()`,
    };
  },
};

/** How many stood there at once: of one host that the summary lists, short ones among them. */
function pile(group: Group, summary: CaptureSummary): string {
  const hosts = group.isOfClients ? summary.clients : summary.servers;
  const name = group.isOfClients ? group.client : group.server;
  const host = hosts.find((one) => one.name === name);
  const standing = host?.states?.CLOSE_WAIT;
  if (!host || !standing || standing.peak < PILE) return "";
  return ` (${standingText(standing, summary, host.statesMissing === 0)})`;
}
