/** Connections that carry nothing: somebody looks whether the port is open. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { firstFrame, pathOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST = 3;
const LONGEST_MS = 5000;

export const healthCheck: Rule = {
  id: "health-check",
  title: "Health checks",
  severity: "note",
  actor: "client",
  confidence: "likely",
  what: "One client connects to one port again and again and closes or resets at once, without a byte from either side.",
  why: "It is what load balancers and monitors do; their resets and short connections are no fault, and stand in no other finding.",
  advice:
    "nothing is wrong; a check that asks the application something finds more than one that only connects",
  mistakenFor: "a client whose connections fail",
  look(record) {
    const { client, server, outcome } = record;
    const isClients =
      record.close === "reset" ? record.reset?.by === "client" : record.closedFirst === "client";
    if (outcome !== "completed" && outcome !== "aborted") return null;
    if (client.bytes + server.bytes > 0 || !isClients || record.durationMs > LONGEST_MS) return null;
    return { where: pathOf(record), frames: [firstFrame(record)], ranges: { startMs: record.startMs } };
  },
  tell(group) {
    if (group.connections < LEAST) return null;
    const everyMs = (group.most("startMs") - group.least("startMs")) / (group.connections - 1);
    return {
      sentence: `${group.where}: ${formatNumberOf(group.connections, "connection")} without a byte, about every ${formatDuration(everyMs)}`,
    };
  },
};
