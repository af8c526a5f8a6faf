/**
 * What each case must lead to, by how it was made (test/lab/cases): the findings of severity `problem` and `warning`, and
 * the notes, each with who has to act and how many connections stand behind it. Nothing else may appear but what `may`
 * names.
 */
import type { Expected } from "./expected-findings.js";

export interface CaseFindings {
  readonly findings?: readonly Expected[];
  readonly notes?: readonly Expected[];
  /** Findings of any severity that are as true and may be missing: chance decides. */
  readonly may?: readonly string[];
}

/** What a path that loses two in a hundred segments of both directions may lead to. */
const LOSSES = [
  "fin-ack-lost",
  "fin-lost",
  "handshake-ack-lost",
  "last-ack-lost",
  "loss-client-side",
  "retransmission-burst",
  "spurious-retransmissions",
  "syn-ack-lost",
  "syn-lost",
  "tail-loss",
  "timeout-stall",
];

/** By the name of the case. */
export const CASE_FINDINGS: Readonly<Record<string, CaseFindings>> = {
  // The SYNs of the flood, without those of the six clients.
  "syn-flood": { findings: [["syn-flood", "network", 450]] },
  "syn-flood-cookies": {
    findings: [["syn-flood", "network", 450]],
    may: ["syn-cookies", "short-connections"],
  },
  // Beside 120 connections that are served.
  "syn-flood-busy": {
    findings: [["syn-flood", "network", 450]],
    may: ["syn-cookies", "short-connections"],
  },
  // No flood, at four a second.
  "syn-trickle": { findings: [["embryonic", "client", 120]] },
  "many-clients": {},
  "many-in-vain": { findings: [["connect-unanswered", "network", 120]] },
  // All but the first 60, which find their ports new.
  "ports-run-out": {
    findings: [["ephemeral-port-exhaustion", "client", 90]],
    notes: [["short-connections", "client", 150]],
  },
  "ports-pressed": {
    findings: [["ephemeral-port-exhaustion", "client", 340]],
    notes: [["short-connections", "client", 400]],
  },
  // No connect() failed in these.
  "ports-taken-back": { notes: [["short-connections", "client", 150]] },
  "ports-enough": { notes: [["short-connections", "client", 250]] },
  "time-wait": { findings: [["time-wait-pressure", "client", 14_500]] },
  "time-wait-spread": {},
  "keep-alive-late": {
    findings: [["keep-alive-dead", "network", 1]],
    notes: [["keep-alive-late", "client", 1]],
  },
  "keep-alive-soon": {},
  // Thirty seconds may be a long poll.
  "silent-to-the-end": { findings: [["accepted-but-silent", "server", 2]] },
  "captured-twice": {
    notes: [
      ["capture-duplicates", "capture", 0],
      ["short-connections", "client", 20],
    ],
    may: LOSSES,
  },
  "captured-once": { notes: [["short-connections", "client", 20]], may: LOSSES },
  "cut-short": { findings: [["snaplen-short", "capture", 0]] },
  // What is behind the fixed header may be missing: the packets can be told.
  "cut-in-options": {},
  fragments: { notes: [["ip-fragments", "network", 0]] },
};
