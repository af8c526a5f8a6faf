/** Initial sequence numbers that can be guessed (RFC 6528 §1). */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import type { GuessableIsns } from "../../report/summary.js";
import type { HostRule } from "../rule.js";

export const weakIsn: HostRule = {
  id: "weak-isn",
  title: "Initial sequence numbers that can be guessed",
  severity: "note",
  actor: "unknown",
  confidence: "likely",
  what: "A host begins its connections, eight and more on different ports, with sequence numbers that only count: each lies as far from the one before as connections or time went on.",
  why: "Whoever sees one connection can guess the next one's numbers, and reset it, put data into it, or open one in another's name without seeing the answers.",
  advice:
    "update that host's system, or the firmware of the device: current systems follow RFC 6528 (a secret for each four-tuple); until then keep it behind a firewall that changes sequence numbers, and let nothing trust it by its address",
  mistakenFor:
    "one four-tuple that is used again, whose numbers should go on; a scanner, which completes no handshake; traffic from a generator",
  tellHost({ name }, side, { guessableIsns }) {
    const isns = guessableIsns.find((one) => one.host === name && one.side === side);
    if (!isns) return null;
    return {
      actor: side,
      connections: isns.handshakes,
      sentence: `the initial sequence numbers of ${name} can be guessed: in ${formatNumberOf(isns.handshakes, "handshake")} they ${growth(isns)}`,
    };
  },
};

function growth({ perHandshake, perSecond, within }: GuessableIsns): string {
  if (perSecond === 0 && Math.abs(perHandshake) <= within)
    return within === 0
      ? "were the same each time"
      : `lay within ${formatCount(Math.abs(perHandshake) + within)} of the one before`;
  const steps = [
    ...(perHandshake !== 0 ? [`${formatCount(perHandshake)} with each handshake`] : []),
    ...(perSecond !== 0 ? [`${formatCount(perSecond)} a second`] : []),
  ].join(" and ");
  return `went on by ${steps}${within === 0 ? "" : `, give or take ${formatCount(within)}`}`;
}
