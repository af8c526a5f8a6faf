/** Times of the capture that run backwards or leap ahead. */

import { timesOf } from "../../report/wording.js";
import type { CaptureRule } from "../rule.js";

export const clockStep: CaptureRule = {
  id: "clock-step",
  title: "The capture's clock was set",
  severity: "note",
  actor: "capture",
  confidence: "likely",
  what: "A packet bears a time more than a second earlier than the one before it in the same file, or one that lies more than an hour ahead of all others.",
  why: "Round trips, waits and timeouts across such a place are wrong by as much.",
  advice:
    "let the capturing host's clock be slewed, not set (chrony, `ntpd -x`), while it captures; `reordercap` sorts a file whose packets are merely out of order",
  mistakenFor:
    "packets that several queues or interfaces deliver a little out of order, which are not counted; files that were joined out of order",
  tellCapture({ clockSteps }) {
    if (clockSteps === 0) return null;
    return { sentence: `the clock of the capture leaps ${timesOf(clockSteps)}` };
  },
};
