/** A listener whose queue of connections to accept is full: it forgets what its client takes for open. */
import { formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord } from "../../report/record.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

/** One connection alone must show it by so many repeats. */
const LEAST_REPEATS = 2;

export const acceptQueueOverflow: Rule = {
  id: "accept-queue-overflow",
  title: "Listeners whose accept queue overflows",
  severity: "problem",
  actor: "server",
  confidence: "likely",
  what: "The client completed the handshake and sent its request, and the server behaves as if it had not: it repeats its SYN-ACK, answers nothing at all, or resets what comes (`net.ipv4.tcp_abort_on_overflow`).",
  why: "The client believes that it is connected; its request waits through timeouts of a second or more, or fails.",
  advice:
    "the application does not call accept() fast enough: see `ss -ltn` (the listener's Recv-Q at or above its Send-Q) and `nstat -az TcpExtListenOverflows` on the server; more workers or less to do before accept(), then a longer queue (listen(), `net.core.somaxconn`)",
  mistakenFor:
    "a lost ACK of the handshake, which heals at the first repeat; TCP_DEFER_ACCEPT, where the client sent no data; a path that died just then",
  look(record) {
    const { client, server, outcome } = record;
    if (outcome !== "completed" || client.bytes === 0 || server.bytes > 0) return null;
    const form = formOf(record);
    if (form === null) return null;
    return {
      where: serverOf(record),
      frames: [firstFrame(record), server.lastFrame],
      lostMs: record.durationMs,
      sums: { repeats: record.synAckCount - 1 + client.unansweredRepeats, [form]: 1 },
    };
  },
  tell(group) {
    const [ignored, reset] = [group.sum("ignored"), group.sum("reset")];
    if (group.connections < 2 && (reset > 0 || group.sum("repeats") < LEAST_REPEATS)) return null;
    const how =
      reset > 0
        ? "reset what came on"
        : ignored > 0
          ? "ignored all that came on"
          : "ignored the last packet of the handshake, and all that followed, on";
    return {
      sentence: `${group.where} ${how} ${formatNumberOf(group.connections, "connection")} that the client takes for open: its application does not accept connections, and the queue of those that wait is full`,
      ...(group.connections < 2 && { confidence: "possible" as const }),
    };
  },
};

/** By what its server does: it repeats its SYN-ACK, is silent (SYN cookies keep nothing), or resets. */
function formOf(record: ConnectionRecord): "repeated" | "ignored" | "reset" | null {
  const { client, server, synAckCount, reset } = record;
  const saidNothingElse = server.packets === synAckCount;
  if (saidNothingElse && synAckCount > LEAST_REPEATS) return "repeated";
  if (saidNothingElse && synAckCount === 1 && client.unansweredRepeats > LEAST_REPEATS) return "ignored";
  const isReset = record.close === "reset" && reset?.by === "server" && reset.kind === "unknown-connection";
  return isReset && server.packets === synAckCount + server.resets && reset.suspicion === null
    ? "reset"
    : null;
}
