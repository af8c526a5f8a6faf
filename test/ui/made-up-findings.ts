/** Findings of the fixture's connections: of every severity, with many examples, few and none, one with a hostile name. */
import type { Finding } from "../../src/report/finding.js";

/** Ids of every seventh connection of the fixture from `first` on. */
function examples(first: number, count: number, lostMs: number | null): Finding["examples"] {
  return Array.from({ length: count }, (_, i) => {
    const frame = (first + i * 7) * 11 + 1;
    return {
      connection: String(frame),
      frames: [2, 8, frame + 90],
      lostMs: lostMs === null ? null : lostMs - i,
    };
  });
}

export const FINDINGS: readonly Finding[] = [
  {
    id: "close-wait-leak",
    title: "Sockets left in CLOSE_WAIT",
    severity: "problem",
    actor: "server",
    confidence: "likely",
    where: "10.20.0.8:8080",
    sentence:
      "10.20.0.8:8080 left 72 sockets in CLOSE_WAIT, for 98.2 s at the longest: its application does not close",
    advice: "in that side's application find the path that does not close the socket after read() returned 0",
    mistakenFor: "a half-close on purpose: then that side still sends data, or closes soon after",
    connections: 72,
    lostMs: null,
    examples: examples(1, 20, null),
  },
  {
    id: "connection-refused",
    title: "Connections refused",
    severity: "problem",
    actor: "unknown",
    confidence: "certain",
    where: "10.20.0.8:8081",
    sentence: "10.20.0.8:8081 refused 2 connections: nobody listens on that port",
    advice: "see whether the service runs and on which address and port it listens",
    mistakenFor: null,
    connections: 2,
    lostMs: 61,
    examples: examples(2, 2, 31),
  },
  {
    id: "nagle-delayed-ack",
    title: "Nagle waits for a delayed acknowledgment",
    severity: "warning",
    actor: "client",
    confidence: "possible",
    where: "10.20.0.31 to 10.20.0.8:8080",
    sentence: "10.20.0.31 to 10.20.0.8:8080 held back \x1b[31m 1 segment",
    advice: "set TCP_NODELAY",
    mistakenFor: "an application that has nothing to write meanwhile",
    connections: 1,
    lostMs: 40,
    examples: examples(3, 1, 40),
  },
  {
    id: "capture-loss",
    title: "The capture lost packets",
    severity: "note",
    actor: "capture",
    confidence: "certain",
    where: null,
    sentence:
      "12.0 kB (0.1 % of the payload) were acknowledged by their receivers and are not in the capture",
    advice: "capture with a larger buffer",
    mistakenFor: "loss on the network: that is never acknowledged",
    connections: 0,
    lostMs: null,
    examples: [],
  },
];
