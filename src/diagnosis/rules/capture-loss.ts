/** Bytes that were acknowledged and are not in the capture. */
import { formatBytes, formatPercent } from "../../report/quantities.js";
import type { CaptureRule } from "../rule.js";

/** From this share of the payload on, other figures mislead. */
const MUCH = 0.01;

export const captureLoss: CaptureRule = {
  id: "capture-loss",
  title: "The capture lost packets",
  severity: "note",
  actor: "capture",
  confidence: "certain",
  what: "Receivers acknowledged bytes that the capture does not hold: it missed them, not the network.",
  why: "In a capture with holes of its own, losses and retransmissions are counted too low or too high.",
  advice:
    "capture with a larger buffer (`tcpdump -B 16384`) and a shorter snapshot length (`-s 128`), to a fast disk, with a filter; from a mirror port compare its rate with what it mirrors",
  mistakenFor: "loss on the network: that is never acknowledged",
  tellCapture({ missingBytes, payloadBytes }) {
    if (missingBytes === 0) return null;
    const share = missingBytes / (payloadBytes + missingBytes);
    const sentence = `${formatBytes(missingBytes)} (${formatPercent(share)} of the payload) were acknowledged by their receivers and are not in the capture`;
    return share >= MUCH ? { sentence, severity: "warning" } : { sentence };
  },
};
