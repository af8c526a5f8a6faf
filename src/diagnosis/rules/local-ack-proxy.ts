/** Acknowledgments that a box on the way makes in a host's place (RFC 3135 §3.1). */
import { formatDuration, formatNumberOf } from "../../report/quantities.js";
import type { ConnectionRecord, Side } from "../../report/record.js";
import { otherSide } from "../../report/wording.js";
import { firstFrame, pathOf } from "../places.js";
import type { Rule } from "../rule.js";

/** Nearly all acknowledgments come so many times sooner than the answer to the SYN, and by so much. */
const TIMES_SOONER = 4;
const LEAST_SOONER_MS = 20;
const LEAST_SAMPLES = 3;
/** What senders begin to count down from. */
const FIRST_TTLS = [32, 64, 128, 255];

export const localAckProxy: Rule = {
  id: "local-ack-proxy",
  title: "Acknowledgments made on the way",
  severity: "note",
  actor: "middlebox",
  confidence: "likely",
  what: "A host's answer to the SYN took far longer than its acknowledgments of data do, and came over more hops, as the TTL tells: a box in between acknowledges in its place (an accelerator for satellite or mobile links, a WAN optimizer).",
  why: "Round trips measured from data are those to the box, not to the host. An acknowledgment does not mean that the host has the data, and losses behind the box are not to be seen here.",
  advice:
    "take the handshake's time for the distance, not the round trip that `ss -ti` shows; capture behind the box as well to see what happens there; have it switched off for these hosts where it does harm",
  mistakenFor:
    "a host that was slow to accept, or a link that had to wake up first: both keep their TTL; a load balancer that answers the SYN for hosts behind it: it is nearer than they are",
  look(record) {
    for (const side of ["client", "server"] as const) {
      const legMs = legBeyond(record, side);
      const { roundTrip } = record[side];
      const { synTtl, answerTtl } = record[otherSide(side)];
      if (legMs === null || roundTrip === null || synTtl === null || answerTtl === null) continue;
      if (roundTrip.count < LEAST_SAMPLES || roundTrip.p95Ms > legMs / TIMES_SOONER) continue;
      if (legMs - roundTrip.p95Ms < LEAST_SOONER_MS || hopsOf(answerTtl) >= hopsOf(synTtl)) continue;
      return {
        where: pathOf(record),
        frames: [firstFrame(record)],
        sums: { clients: side === "client" ? 1 : 0 },
        ranges: { legMs, ackMs: roundTrip.p50Ms, hops: hopsOf(answerTtl), farHops: hopsOf(synTtl) },
      };
    }
    return null;
  },
  tell(group) {
    const inPlaceOf = group.sum("clients") > 0 ? "server" : "client";
    const [leg, ack] = [group.least("legMs"), group.most("ackMs")].map(formatDuration);
    return {
      confidence: group.connections > 1 ? "likely" : "possible",
      sentence: `${group.where}: data is acknowledged in the ${inPlaceOf}'s place by a box on the way, after ${ack} and over ${formatNumberOf(group.most("hops"), "hop")}, while the handshake took ${leg} or more over ${formatNumberOf(group.least("farHops"), "hop")} (${formatNumberOf(group.connections, "connection")})`,
    };
  },
};

/** How long the other side's part of the handshake took, from the capture point to it and back; null where that is not sure. */
function legBeyond(record: ConnectionRecord, side: Side): number | null {
  if (record.captured !== "both" || record.legsAmbiguous) return null;
  if (record.synCount !== 1 || record.synAckCount !== 1) return null;
  if (side === "client") return record.serverLegMs;
  return record.ackCarriedData ? null : record.clientLegMs;
}

/** Hops that a packet has come, by what its sender must have begun with. */
function hopsOf(ttl: number): number {
  return FIRST_TTLS.find((first) => first >= ttl)! - ttl;
}
