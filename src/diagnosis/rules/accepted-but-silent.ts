/** Connected, asked, acknowledged, and no answer: the kernel is there, the application is not. */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { firstFrame, formatLongest, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_SILENCE_MS = 10_000;
/** Where the client still waits when the capture ends, an answer may yet come: longer than long polls wait. */
const LEAST_WAIT_MS = 60_000;

export const acceptedButSilent: Rule = {
  id: "accepted-but-silent",
  title: "Servers that accept and do not answer",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "The handshake succeeded, the request was acknowledged, and not one byte of an answer came in ten seconds or more; in a minute or more where the client still waited when the capture ended.",
  why: '"Connected" was a false success: the server\'s system accepts connections by itself until its queue is full, whatever its application does.',
  advice:
    "look at the server's application: is it blocked, out of threads, waiting for something behind it? On the server `ss -ltn` shows in the listener's Recv-Q connections that wait to be accepted, `ss -tnp` in Recv-Q requests that nobody read",
  mistakenFor: "a long poll, which answers in the end; a server that never speaks by its protocol",
  look(record) {
    const { client, server, outcome } = record;
    const wasOpen = outcome === "completed" || outcome === "simultaneous";
    if (!wasOpen || client.bytes === 0 || server.bytes > 0 || record.captured !== "both") return null;
    if (record.close === "graceful" && record.closedFirst === "server") return null;
    const askedMs = record.requestAtMs ?? record.ackAtMs ?? 0;
    const waits = waitsUntilMs(record) - askedMs;
    const silentMs = Math.max(record.durationMs - askedMs, waits);
    if (silentMs < (waits > 0 ? LEAST_WAIT_MS : LEAST_SILENCE_MS) || server.missingBytes > 0) return null;
    // Its system acknowledged the request: nothing of it is still repeated into silence.
    if (client.unansweredRepeats > 1 || record.close === "timed-out") return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), client.lastFrame, server.lastFrame],
      lostMs: silentMs,
      sums: { waiting: waits > 0 ? 1 : 0 },
      ranges: { silentMs },
    };
  },
  tell(group, { servers }) {
    // A server that never answers anybody may have nothing to say.
    const all = servers.find(({ name }) => name === group.where)?.connections ?? 0;
    const isAlways = all <= group.connections;
    const waiting = group.sum("waiting");
    const still = waiting > 0 ? `; ${formatCount(waiting)} still waited when the capture ended` : "";
    return {
      ...((isAlways || waiting === group.connections) && {
        severity: "warning" as const,
        confidence: "possible" as const,
      }),
      sentence: `${group.where} accepted ${formatNumberOf(group.connections, "connection")} with a request and sent no byte in answer, for ${formatLongest(group, "silentMs")}${still}`,
    };
  },
};

/** When the capture ends, in ms since the connection began, where it is open and the client waits; 0 where it does not. */
function waitsUntilMs({ ackAtMs, client }: ConnectionRecord): number {
  const openMs = client.state === "ESTABLISHED" ? client.stateTimesMs.ESTABLISHED : undefined;
  return openMs === undefined ? 0 : (ackAtMs ?? 0) + openMs;
}
