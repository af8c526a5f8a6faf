/** A dead peer that took its side more than ten minutes to notice (RFC 9293 §3.8.4). */
import { formatNumberOf } from "../../report/quantities.js";
import { otherSide } from "../../report/wording.js";
import { formatLongest, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";
import { givenUpByProbes } from "./keep-alive-dead.js";

const LATE_MS = 600_000;

export const keepAliveLate: Rule = {
  id: "keep-alive-late",
  title: "Dead peers noticed late",
  severity: "note",
  actor: "unknown",
  confidence: "certain",
  what: "From the last sign of life of a peer to the moment when its side gave it up, ten minutes or more went by.",
  why: "The systems' own limits are long: keep-alives begin after 2 hours of silence and end after 9 probes, 75 s apart; repeats of data go on for about a quarter of an hour.",
  advice:
    "where the application cannot wait that long: heartbeats of its own, TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT on its sockets, and TCP_USER_TIMEOUT for what it sends",
  mistakenFor: null,
  look(record) {
    const { gaveUp } = record;
    const isSegment = gaveUp?.what === "segment" && record.close === "timed-out";
    const side = givenUpByProbes(record) ?? (isSegment ? gaveUp.side : null);
    if (side === null) return null;
    const noticedMs = record[side].unansweredMs ?? 0;
    if (noticedMs < LATE_MS) return null;
    return {
      ...ofSide(record, otherSide(side)),
      actor: side,
      frames: [record[side].lastFrame],
      lostMs: noticedMs,
      ranges: { noticedMs },
    };
  },
  tell(group) {
    return {
      sentence: `it took ${formatLongest(group, "noticedMs")} to notice that ${whoOf(group)} had gone, on ${formatNumberOf(group.connections, "connection")}`,
    };
  },
};
