/** A server that ends its connections all at one moment. */
import { formatCount, formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { openAround } from "../../report/standing.js";
import type { HostSummary } from "../../report/summary.js";
import { serverOf } from "../places.js";
import type { Group, Rule } from "../rule.js";

const LEAST = 10;
const LEAST_SHARE = 0.5;
const WITHIN_MS = 1000;
/** A close that comes so soon after the answer belongs to it. */
const LEAST_SILENCE_MS = 200;
/** Silences, or ages, as alike as this are a limit on them that connections of one time run into together. */
const ALIKE = 0.1;

export const massClose: Rule = {
  id: "mass-close",
  title: "Servers that end all connections at once",
  severity: "warning",
  actor: "server",
  confidence: "likely",
  what: "A server closed or reset ten or more connections within a second, which were most of those that it had, though they had been open and idle for different times; it closed none at other times.",
  why: "It was stopped, restarted or taken out of a pool. All its clients connect again together, and requests on the way then may fail.",
  advice:
    "see what happened on the server at that time (a deployment, a crash, the out-of-memory killer: `journalctl -k`); let it drain: take no new connections first, and close idle ones over some time",
  mistakenFor: "an idle limit, or a greatest age, that connections opened together reach together",
  look(record) {
    const endMs = endByServer(record);
    if (endMs === null || record.captured !== "both" || record.outcome !== "completed") return null;
    const { server, firstByteMs, reset } = record;
    const spokeMs = firstByteMs === null ? (record.ackAtMs ?? 0) : firstByteMs + (server.transferMs ?? 0);
    const silenceMs = endMs - spokeMs;
    if (silenceMs < LEAST_SILENCE_MS) return null;
    return {
      where: serverOf(record),
      frames: [reset?.frame ?? record.transitions.find(isServersFin)?.frame ?? null],
      sums: { resets: reset === null ? 0 : 1 },
      ranges: { endMs: record.startMs + endMs, silenceMs, ageMs: endMs },
    };
  },
  tell(group, { servers, states }) {
    const server = servers.find(({ name }) => name === group.where);
    if (!server || group.connections < LEAST) return null;
    const open = openThen(group, server, states.stepMs);
    if (group.connections < LEAST_SHARE * open) return null;
    const withinMs = spread(group, "endMs");
    if (withinMs > WITHIN_MS || isAlike(group, "silenceMs") || isAlike(group, "ageMs")) return null;
    const resets = group.sum("resets");
    const how =
      resets === 0
        ? ""
        : resets === group.connections
          ? ", by resets"
          : `, ${formatCount(resets)} of them by resets`;
    return {
      sentence: `${group.where} ended ${formatCount(group.connections)} of ${open < server.connections ? "the" : "its"} ${formatNumberOf(open, "connection")}${open < server.connections ? " that were open" : ""} within ${formatDuration(withinMs)}${how}`,
    };
  },
};

/** How many of the server's connections were open at that moment; all of them where that is not known. */
function openThen(group: Group, { states, statesMissing, connections }: HostSummary, stepMs: number): number {
  const established = states?.ESTABLISHED;
  if (!established || statesMissing > 0) return connections;
  const [fromMs, toMs] = [group.least("endMs"), group.most("endMs")];
  return Math.min(connections, openAround(established, stepMs, fromMs, toMs, group.connections));
}

/** When the server ended it, of itself; null where it did not. */
function endByServer(record: ConnectionRecord): number | null {
  const { reset } = record;
  if (
    record.closedFirst !== "server" ||
    (reset !== null && (reset.by !== "server" || reset.suspicion !== null))
  )
    return null;
  return record.transitions.find(isServersFin)?.atMs ?? reset?.atMs ?? null;
}

function isServersFin({ side, event }: ConnectionRecord["transitions"][number]): boolean {
  return side === "server" && event === "sentFin";
}

function spread(group: Group, name: string): number {
  return group.most(name) - group.least(name);
}

function isAlike(group: Group, name: string): boolean {
  return spread(group, name) <= ALIKE * group.most(name);
}
