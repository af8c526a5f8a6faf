/** Idle connections that die after the same silence each time: something on the way forgets them (RFC 5382 §5). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_CONNECTIONS = 3;
/** Silences within 5 % of each other are one. */
const SAME = 0.05;
const LEAST_SILENCE_MS = 5000;

export const idleTimeoutMiddlebox: Rule = {
  id: "idle-timeout-middlebox",
  title: "Idle connections forgotten on the way",
  severity: "problem",
  actor: "middlebox",
  confidence: "likely",
  what: "Several connections with one server died after the same silence: what was sent after it was answered by a reset of a host that knows no such connection, or by nothing, while shorter pauses did no harm.",
  why: "A NAT, firewall or load balancer drops connections that are idle for longer than its limit and tells nobody: the next request fails, or hangs until its sender gives up.",
  advice:
    "set keep-alives well below that time, on the side that keeps the connection (SO_KEEPALIVE with TCP_KEEPIDLE, or `net.ipv4.tcp_keepalive_time`), or heartbeats of the application; or raise the limit of the box",
  mistakenFor:
    "a server that closes idle connections itself: it says so with a FIN; a server that was restarted: then all die at one time",
  look(record) {
    const silenceMs = silenceBeforeDeath(record);
    if (silenceMs === null || silenceMs < LEAST_SILENCE_MS) return null;
    if (record.client.bytes === 0 || record.server.bytes === 0) return null;
    const survivedMs = longestPauseBelow((1 - SAME) * silenceMs, record);
    const { reset, client, server } = record;
    return {
      where: serverOf(record),
      frames: [
        reset?.provokedByFrame ?? null,
        reset?.frame ?? (client.unansweredRepeats > 0 ? client : server).lastFrame,
      ],
      sums: { resets: reset === null ? 0 : 1 },
      ranges: {
        silenceMs,
        endMs: record.startMs + (reset?.atMs ?? record.durationMs),
        ...(survivedMs !== null && { survivedMs }),
      },
    };
  },
  tell(group) {
    const [least, most] = [group.least("silenceMs"), group.most("silenceMs")];
    if (group.connections < LEAST_CONNECTIONS || most - least > SAME * most) return null;
    // One restart takes all connections whose silence spans it: they die within one such silence.
    if (group.most("endMs") - group.least("endMs") <= most) return null;
    const survived = group.most("survivedMs");
    const resets = group.sum("resets");
    const how =
      resets === group.connections ? "reset" : resets === 0 ? "met by silence" : "reset or met by silence";
    const shorter = survived > 0 ? `, while pauses of ${formatDuration(survived)} did no harm` : "";
    const n = formatNumberOf(group.connections, "connection");
    return {
      confidence: survived > 0 ? "likely" : "possible",
      sentence: `something on the way to ${group.where} forgot ${n} while idle: at different times, after the same silence of ${formatDuration(least)} each, what came next was ${how}${shorter}`,
    };
  },
};

/** How long nothing had been heard of the side that turned out to be gone, in ms; null where none did. */
function silenceBeforeDeath(record: ConnectionRecord): number | null {
  const { reset, gaveUp } = record;
  if (reset !== null) return reset.kind === "unknown-connection" ? reset.idleMs : null;
  if (gaveUp?.what !== "segment") return null;
  const { unansweredMs } = record[gaveUp.side];
  return unansweredMs === null ? null : unansweredMs - gaveUp.leastMs;
}

/** The longest pause between an answer and the next request, as far as it is known, that was shorter than this. */
function longestPauseBelow(mostMs: number, { thinkTime }: ConnectionRecord): number | null {
  if (!thinkTime) return null;
  const { maxMs, p95Ms, p50Ms, minMs } = thinkTime;
  return [maxMs, p95Ms, p50Ms, minMs].find((ms) => ms < mostMs) ?? null;
}
