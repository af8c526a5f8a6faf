/** A request that was acknowledged, no answer, and a client that closed: its own timeout. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { endsOf, formatRange, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_WAIT_MS = 1000;
/** Waits within 2 % of each other on several connections are one setting. */
const SAME = 0.02;
const LEAST_ALIKE = 3;

export const clientGaveUp: Rule = {
  id: "client-gave-up",
  title: "Clients that gave up waiting for an answer",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "The request was acknowledged, no byte of an answer came, and the client closed or reset the connection.",
  why: "The server may go on with work whose answer nobody reads; the user saw an error.",
  advice:
    "look in the server's log why it did not answer in time; where the waits are all alike they are a timeout in the client's settings (of its HTTP library, pool or driver; `--max-time` of curl), which must be longer than the slowest answer that is to be expected",
  mistakenFor: "a user who went away; a client that needs no answer",
  look(record) {
    const { client, server, outcome } = record;
    if (outcome !== "completed" || client.bytes === 0 || server.bytes > 0 || record.captured !== "both")
      return null;
    const byClient =
      record.close === "reset" ? record.reset?.by === "client" : record.closedFirst === "client";
    if (!byClient || server.missingBytes > 0 || client.unansweredRepeats > 1) return null;
    const waitedMs = record.durationMs - (record.ackAtMs ?? 0);
    if (waitedMs < LEAST_WAIT_MS) return null;
    return {
      where: serverOf(record),
      frames: [client.lastFrame, record.reset?.frame ?? null],
      lostMs: waitedMs,
      ranges: { waitedMs },
    };
  },
  tell(group, { servers }) {
    // A server that never answers anybody may have nothing to say.
    const all = servers.find(({ name }) => name === group.where)?.connections ?? 0;
    const [least, most] = [group.least("waitedMs"), group.most("waitedMs")];
    const isOne = group.connections >= LEAST_ALIKE && most - least <= SAME * most;
    if (all <= group.connections) return null;
    const after = isOne
      ? `always after ${formatDuration(most)}: the client's timeout`
      : `after ${formatRange(group, "waitedMs")}`;
    return {
      sentence: `${endsOf(group).clients} gave up waiting for ${group.where} on ${formatNumberOf(group.connections, "connection")}, ${after}`,
    };
  },
};
