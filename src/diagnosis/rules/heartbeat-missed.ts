/** Even exchanges of the application that stop for a while. */
import { formatNumberOf } from "../../report/quantities.js";
import { firstFrame, formatRange, ofSide, whoOf } from "../places.js";
import type { Rule } from "../rule.js";

/** Six and more alike come about by chance now and then, among many connections whose users pause. */
const LEAST_BEATS = 9;
const LEAST_MISSED = 2;

export const heartbeatMissed: Rule = {
  id: "heartbeat-missed",
  title: "Heartbeats that did not come",
  severity: "note",
  actor: "unknown",
  confidence: "possible",
  what: "A small exchange that one side begins at even intervals failed to come two times or more, while the connection stood; then it came again.",
  why: "Whoever watches the heartbeat may have taken that side for dead. Where nothing was lost, its application stood still: a long collection of garbage, a blocked loop, a virtual machine that was paused.",
  advice:
    "see what that side's application did at the time (its log, the log of its garbage collector; `sar -u` or `vmstat 1`, column st, for time that the machine was not given)",
  mistakenFor: "an application that leaves a heartbeat out where it has other things to say",
  look(record) {
    const { heartbeat } = record;
    if (!heartbeat || heartbeat.count < LEAST_BEATS || heartbeat.missed < LEAST_MISSED) return null;
    // Where half of them are missing they are none.
    if (2 * heartbeat.missed > heartbeat.count) return null;
    const side = record[heartbeat.by];
    const isDisturbed = side.retransmissions > side.synRetransmissions || side.missingBytes > 0;
    if (isDisturbed) return null;
    return {
      ...ofSide(record, heartbeat.by),
      actor: heartbeat.by,
      frames: [firstFrame(record), side.lastFrame],
      sums: { missed: heartbeat.missed },
      ranges: { intervalMs: heartbeat.intervalMs },
    };
  },
  tell(group) {
    return {
      sentence: `${whoOf(group)} left out ${formatNumberOf(group.sum("missed"), "heartbeat")} on ${formatNumberOf(group.connections, "connection")}, where one comes every ${formatRange(group, "intervalMs")}, though nothing was lost`,
    };
  },
};
