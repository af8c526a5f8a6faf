/** Options of the SYN that one client never gets from a server that grants them to others (RFC 9293 §3.1). */
import { formatNumberOf } from "../../report/quantities.js";
import type { Negotiated, StrippedPath } from "../../report/summary.js";
import type { HostRule } from "../rule.js";

const NAMES: Readonly<Record<Negotiated, string>> = {
  windowScale: "window scale",
  sack: "SACK",
  timestamps: "timestamps",
};
/** Clients that the sentence names. */
const MOST_NAMED = 3;
const MOST_EXAMPLES = 20;

export const handshakeOptionsStripped: HostRule = {
  id: "handshake-options-stripped",
  title: "Options lost on the way of a SYN",
  severity: "warning",
  actor: "middlebox",
  confidence: "likely",
  what: "A client offers window scale, SACK or timestamps in its SYNs and never gets them, on three handshakes and more, from a server that grants them to three other clients and more: something on the way takes them out of the SYN or the SYN-ACK.",
  why: "Without window scale no more than 64 kB are on the way at a time, without SACK each loss of a flight costs a round trip, without timestamps old segments and needless repeats are not told.",
  advice:
    "capture on both sides of the firewalls, proxies and accelerators of that client's path and compare the options of the SYN; there, switch TCP normalization, option filters (nftables: `reset tcp option`) or the proxy off",
  mistakenFor:
    "SYN cookies, which grant nothing without timestamps; a server that grants nobody; several servers behind one address, of which one does not have the options",
  tellHost({ name }, side, { strippedPaths }) {
    const paths = side === "server" ? strippedPaths.filter(({ server }) => server === name) : [];
    if (paths.length === 0) return null;
    const more =
      paths.length > MOST_NAMED ? ` and ${formatNumberOf(paths.length - MOST_NAMED, "more client")}` : "";
    const told = paths.slice(0, MOST_NAMED).map(lackOf).join(", ");
    return {
      connections: paths.reduce((sum, { handshakes }) => sum + handshakes, 0),
      sentence: `${name} grants other clients what is lost on the way of ${told}${more}`,
      examples: paths
        .slice(0, MOST_EXAMPLES)
        .map(({ firstId, firstFrame }) => ({ connection: firstId, frames: [firstFrame], lostMs: null })),
    };
  },
};

/** "192.0.2.7 (SACK and timestamps, in 4 handshakes)". */
function lackOf({ client, options, handshakes }: StrippedPath): string {
  const names = options.map((option) => NAMES[option]);
  const list = names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
  return `${client} (${list}, in ${formatNumberOf(handshakes, "handshake")})`;
}
