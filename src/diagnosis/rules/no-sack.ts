/** Losses that had to be repaired without selective acknowledgments (RFC 2018 §2). */
import { formatNumberOf } from "../../report/quantities.js";
import { endsOf, firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_LOST = 5;

export const noSack: Rule = {
  id: "no-sack",
  title: "Losses repaired without SACK",
  severity: "note",
  actor: "unknown",
  confidence: "certain",
  what: "One side did not offer selective acknowledgments in its SYN, and segments were lost: its peer learns of one loss in each round trip.",
  why: "Several losses in one flight take as many round trips, or a timeout, where SACK needs one.",
  advice:
    "switch SACK on at the side named (`net.ipv4.tcp_sack = 1`); where it is on, look for a box on the way that strips options from SYNs",
  mistakenFor: "a connection without losses, which SACK would not change",
  look(record) {
    const [client, server] = [record.client.offered, record.server.offered];
    if (client === null || server === null || (client.sack && server.sack)) return null;
    const lostOf = ({ lost }: (typeof record)["client"]) =>
      (lost?.beforeCapture ?? 0) + (lost?.afterCapture ?? 0);
    const lost = lostOf(record.client) + lostOf(record.server);
    if (lost < LEAST_LOST) return null;
    return {
      where: serverOf(record),
      // A server grants only what its client offers.
      actor: client.sack ? "server" : "client",
      frames: [firstFrame(record)],
      sums: {
        lost,
        timeouts: record.client.timeouts + record.server.timeouts,
        clients: client.sack ? 0 : 1,
      },
    };
  },
  tell(group) {
    const { clients, servers } = endsOf(group);
    const who = 2 * group.sum("clients") > group.connections ? clients : servers;
    const timeouts = group.sum("timeouts");
    const cost = timeouts === 0 ? "" : `: ${formatNumberOf(timeouts, "repair")} had to wait for a timer`;
    return {
      sentence: `${who} did not offer SACK on ${formatNumberOf(group.connections, "connection")} that lost ${formatNumberOf(group.sum("lost"), "segment")}${cost}`,
    };
  },
};
