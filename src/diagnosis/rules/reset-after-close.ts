/** Data that came after its receiver had closed (RFC 9293 §3.5.2, RFC 1122 §4.2.2.13). */
import { formatNumberOf } from "../../report/quantities.js";
import { ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";
import { acceptedThenClosed } from "./accepted-then-closed.js";
import { raceOf } from "./keep-alive-race.js";
import { isTlsGoodbye } from "./tls-goodbye.js";

export const resetAfterClose: Rule = {
  id: "reset-after-close",
  title: "Connections closed while data was still coming",
  severity: "warning",
  actor: "unknown",
  confidence: "certain",
  what: "A side closed, its peer went on sending, and the closed side's system answered those segments with resets.",
  why: "What came after the close is lost, and the sender reads ECONNRESET or EPIPE, sometimes for a request that was done.",
  advice:
    "in the side that closed: read until the peer's end before close() (shutdown(SHUT_WR) first), or agree on who closes; in the side that sent: a retry must know that the request may have been done",
  mistakenFor:
    "a harmless reset after both sides had closed; the farewell of TLS, which its receiver need not await",
  look(record) {
    const { reset } = record;
    if (reset?.kind !== "after-close" || reset.suspicion !== null) return null;
    // What came crossed the close of an idle server (keep-alive-race.ts), or of one that never began to answer.
    if (raceOf(record) || isTlsGoodbye(record) || acceptedThenClosed.look(record)) return null;
    return {
      ...ofSide(record, reset.by),
      actor: reset.by,
      frames: [reset.provokedByFrame, reset.frame],
    };
  },
  tell(group) {
    return {
      sentence: `${whoOf(group)} closed ${formatNumberOf(group.connections, "connection")} while the peer was still sending: what came after that was refused`,
    };
  },
};
