/** Connections of which one direction is not in the capture. */
import { formatCount, formatNumberOf } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

export const oneWayCapture: CaptureRule = {
  id: "one-way-capture",
  title: "One direction is missing",
  severity: "note",
  actor: "capture",
  confidence: "likely",
  what: "Of some connections only one side's packets were captured, though their acknowledgments show that the other side sent as well.",
  why: "Whether something was answered, how long that took, and which repeats were needless cannot be told of those.",
  advice:
    "mirror both directions of the port, capture on both ways of an asymmetric route, and take filters on one address' source or destination away",
  mistakenFor: "attempts that nobody answered, of which there is one direction only",
  tellCapture({ oneDirection, connections }) {
    if (oneDirection === 0) return null;
    return {
      sentence: `only one direction of ${formatCount(oneDirection)} of ${formatNumberOf(connections, "connection")} was captured`,
    };
  },
};
