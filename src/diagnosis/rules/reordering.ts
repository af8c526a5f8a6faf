/** Segments that overtake one another on the way. */

import { formatNumberOf, formatPercent } from "../../report/quantities.js";
import { SIDES } from "../../report/record.js";
import { firstFrame, serverOf } from "../places.js";
import type { Rule } from "../rule.js";

const LEAST_SHARE = 0.01;
/** Of a connection, and of all with a server. */
const LEAST_IN_CONNECTION = 3;
const LEAST_SEGMENTS = 10;

export const reordering: Rule = {
  id: "reordering",
  title: "Segments overtaken on the way",
  severity: "note",
  actor: "network",
  confidence: "likely",
  what: "Segments came by the capture point after others that had been sent later: their timestamps, their IP identifications, or what the receiver says of them show that they are no repeats.",
  why: "A receiver asks for what is merely late, and a sender that takes that for a loss sends needlessly and slows down.",
  advice:
    "look for packets of one connection that take several ways: link aggregation or load balancing by packet instead of by connection, radio links that repeat frames, receive queues that are not chosen by connection (`xmit_hash_policy` of a bond, `ethtool -n DEVICE rx-flow-hash tcp4`)",
  mistakenFor:
    "loss, which is repaired by a repeat; a capture that mixes the order itself, as those of several queues or interfaces may",
  look(record) {
    const sums = { client: 0, server: 0, packets: 0, needless: 0 };
    for (const side of SIDES) {
      const { reordered, packets, fastRetransmissions, spuriousRetransmissions } = record[side];
      if (reordered < LEAST_IN_CONNECTION || reordered <= LEAST_SHARE * packets) continue;
      sums[side] = reordered;
      sums.packets += packets;
      sums.needless += Math.min(fastRetransmissions, spuriousRetransmissions);
    }
    if (sums.packets === 0) return null;
    return { where: serverOf(record), frames: [firstFrame(record)], sums };
  },
  tell(group) {
    const [client, server] = [group.sum("client"), group.sum("server")];
    if (client + server < LEAST_SEGMENTS) return null;
    const way =
      client === 0
        ? `from ${group.where}`
        : server === 0
          ? `to ${group.where}`
          : `from and to ${group.where}`;
    const needless = group.sum("needless");
    const effect = needless > 0 ? `, and led to ${formatNumberOf(needless, "needless retransmission")}` : "";
    return {
      sentence: `${formatNumberOf(client + server, "segment")} ${way} were overtaken (${formatPercent((client + server) / group.sum("packets"))} of the packets there), on ${formatNumberOf(group.connections, "connection")}${effect}`,
      ...(needless >= LEAST_SEGMENTS && { severity: "warning" as const }),
    };
  },
};
