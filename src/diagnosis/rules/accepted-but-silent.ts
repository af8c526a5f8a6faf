/** Connected, asked, acknowledged, and no answer: the kernel is there, the application is not. */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatLongest, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_SILENCE_MS = 10_000;

export const acceptedButSilent: Rule = {
  id: "accepted-but-silent",
  title: "Servers that accept and do not answer",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "The handshake succeeded, the request was acknowledged, and not one byte of an answer came in ten seconds or more.",
  why: '"Connected" was a false success: the server\'s system accepts connections by itself until its queue is full, whatever its application does.',
  advice:
    "look at the server's application: is it blocked, out of threads, waiting for something behind it? On the server `ss -ltn` shows in the listener's Recv-Q connections that wait to be accepted, `ss -tnp` in Recv-Q requests that nobody read",
  mistakenFor: "a long poll, which answers in the end; a server that never speaks by its protocol",
  look(record) {
    const { client, server, outcome } = record;
    const wasOpen = outcome === "completed" || outcome === "simultaneous";
    if (!wasOpen || client.bytes === 0 || server.bytes > 0 || record.captured !== "both") return null;
    if (record.close === "graceful" && record.closedFirst === "server") return null;
    const openedMs = record.ackAtMs ?? 0;
    const silentMs = record.durationMs - openedMs;
    if (silentMs < LEAST_SILENCE_MS || server.missingBytes > 0) return null;
    // Its system acknowledged the request: nothing of it is still repeated into silence.
    if (client.unansweredRepeats > 1 || record.close === "timed-out") return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), client.lastFrame, server.lastFrame],
      lostMs: silentMs,
      ranges: { silentMs },
    };
  },
  tell(group, { servers }) {
    // A server that never answers anybody may have nothing to say.
    const all = servers.find(({ name }) => name === group.where)?.connections ?? 0;
    const isAlways = all <= group.connections;
    return {
      ...(isAlways && { severity: "warning" as const, confidence: "possible" as const }),
      sentence: `${group.where} accepted ${formatNumberOf(group.connections, "connection")} with a request and sent no byte in answer, for ${formatLongest(group, "silentMs")}`,
    };
  },
};
