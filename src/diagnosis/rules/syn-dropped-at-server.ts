/** A SYN that was seen beside its server and not answered: the listener dropped it. */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import { serverOf } from "../places.js";
import type { Rule } from "../rule.js";

export const synDroppedAtServer: Rule = {
  id: "syn-dropped-at-server",
  title: "SYNs that the server's system dropped",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "Beside the server a SYN was captured that was not answered, while a repeat of it was, and others are.",
  why: "The client waits a whole second for its first repeat, three for its second: connecting becomes slow at random.",
  advice:
    "see whether the application accepts fast enough: `ss -ltn` (Recv-Q against Send-Q of the listener), `nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop`; a longer queue (listen(), `net.core.somaxconn`) helps against bursts only",
  mistakenFor: "loss between the capture point and the server, where those are not on one machine",
  look(record) {
    const evidence = record.lossEvidence.find(({ loss }) => loss === "syn-lost");
    if (record.capturePoint !== "near-server" || evidence?.where !== "after-capture") return null;
    // It met a TIME_WAIT that did not yield to it (port-reuse-dropped.ts).
    if (record.reuseRefused) return null;
    return {
      where: serverOf(record),
      frames: [...evidence.frames, ...evidence.repeatFrames, evidence.answerFrame],
      lostMs: record.retryWaitMs ?? 0,
      sums: { syns: evidence.frames.length },
    };
  },
  tell(group) {
    const syns = formatNumberOf(group.sum("syns"), "SYN");
    return {
      sentence: `${group.where} left ${syns} of ${formatNumberOf(group.connections, "connection")} unanswered and took the repeats, which cost ${formatDuration(group.lostMs)}: most likely its queue of connections to accept was full`,
    };
  },
};
