/** The evidence on which the cause of the last repeat rests, in a few words with its numbers; and why not the next cause. */
import {
  CAUSE_FAST,
  CAUSE_FAST_OPEN,
  CAUSE_PATH_MTU,
  CAUSE_RTO,
  CAUSE_RTO_RECOVERY,
  CAUSE_TAIL_LOSS_PROBE,
  CAUSE_UNKNOWN,
} from "../report/labels.js";
import { formatDuration } from "../report/quantities.js";
import type { Connections } from "./connections.js";

/** Linux's least timeout. */
const LEAST_TIMEOUT_NS = 200e6;

const span = (ns: number): string => formatDuration(ns / 1e6);

/** What `connections.evidence` says for a repeat with that cause; "" for one that has none. */
export function evidenceWords(connections: Connections, cause: number): string {
  const x = connections.evidence;
  if (connections.isInferred)
    return "an IP ID is missing before it, after a silence: its first sending had not come by";
  switch (cause) {
    case CAUSE_FAST:
      return x.isOneWay ? oneWayWords(x) : `${lossWords(x)}${notDue(x)}`;
    case CAUSE_RTO:
      return `the timer ran out, ${timerWords(x)}`;
    case CAUSE_RTO_RECOVERY:
      return "sent again after the timeout, as ACKs come in";
    case CAUSE_TAIL_LOSS_PROBE:
      return `the last bytes, unanswered for ${span(x.sent - x.previousSent)}`;
    case CAUSE_PATH_MTU:
      return "smaller than before, after a router told that the path does not carry such segments";
    case CAUSE_FAST_OPEN:
      return "the SYN-ACK did not acknowledge the SYN's data";
    case CAUSE_UNKNOWN:
      return `${span(x.sent - x.previousSent)} after it was last sent is no timer, and no ACK told of a loss`;
    default:
      return "";
  }
}

function lossWords(x: Connections["evidence"]): string {
  const { hasSackAbove, duplicates, isOvertaken, isFromBefore, hasComeLate } = x;
  if (hasSackAbove) return "SACK told of bytes above it";
  if (duplicates >= 3) return `${duplicates} duplicate ACKs`;
  if (isOvertaken) return "something sent later had arrived";
  if (isFromBefore) return "its first copy precedes the capture";
  if (hasComeLate) return "its first copy came late";
  if (x.isLossKnown) return "within a recovery";
  return `no ACK told of a loss, yet a round trip had passed since it was last sent (${span(x.sent - x.previousSent)})`;
}

/** How long the retransmission timer would still have run. */
function notDue({ sent, restarted, fullRtt, shownTimeout }: Connections["evidence"]): string {
  const left = restarted + (shownTimeout || LEAST_TIMEOUT_NS + fullRtt) - sent;
  return left > 0 && Number.isFinite(left) ? `; the timer was due ${span(left)} later` : "";
}

function oneWayWords({ sinceData, hasJustHeard }: Connections["evidence"]): string {
  const data = `${span(sinceData)} after its sender's last data`;
  return hasJustHeard ? `${data}, as an ACK came in: it echoes a newer TSval` : `only ${data}`;
}

function timerWords({ sinceAck, sent, previousSent, clockNs }: Connections["evidence"]): string {
  // Both were held up on the way.
  if (clockNs > 2 * (sent - previousSent))
    return `${span(clockNs)} after it was last sent by the sender's clock`;
  return Number.isFinite(sinceAck) ? `nothing heard for ${span(sinceAck)}` : "nothing heard before";
}
