/**
 * What each sample capture must lead to, by how it was made (captures/README.md): the findings of severity `problem` and
 * `warning`, each with who has to act and how many connections stand behind it. Nothing else of those severities may
 * appear; of the notes some may.
 */
import type { Actor } from "../../src/report/finding.js";

export type Expected = readonly [id: string, actor: Actor, connections: number];

/** By the name of the capture, without its ending; a sample that is not listed here must lead to none. */
export const EXPECTED: Readonly<Record<string, readonly Expected[]>> = {
  "abort-in-flight": [["abortive-close", "server", 1]],
  "abort-unread-data": [["abortive-close", "client", 1]],
  abort: [["abortive-close", "client", 1]],
  "close-wait-leak": [
    ["close-wait-leak", "server", 2],
    ["fin-wait-2-hang", "server", 1],
  ],
  embryonic: [["embryonic", "client", 1]],
  "fast-open-new-key": [["fast-open-fallback", "server", 1]],
  "fast-open-syn-lost": [
    ["fast-open-fallback", "middlebox", 2],
    ["syn-lost", "network", 2],
  ],
  "fin-lost": [["fin-lost", "network", 1]],
  "fin-unanswered": [["fin-unanswered", "network", 1]],
  "handshake-ack-lost": [["handshake-ack-lost", "network", 1]],
  // The second server needs as long each time.
  "handshake-slow": [["handshake-slow", "unknown", 2]],
  "idle-timeout": [
    ["idle-timeout-middlebox", "middlebox", 3],
    ["reset-unknown-connection", "unknown", 3],
  ],
  "keep-alive-dead": [["keep-alive-dead", "network", 1]],
  "keep-alive-race": [["keep-alive-race", "client", 1]],
  "listen-queue-full": [["syn-dropped-at-server", "server", 1]],
  "loss-burst": [
    ["loss-server-side", "network", 10],
    ["retransmission-burst", "network", 10],
    ["tail-loss", "network", 6],
  ],
  "loss-spread": [["loss-server-side", "network", 8]],
  "middlebox-reset": [["reset-injected", "middlebox", 1]],
  "nagle-delayed-ack": [["nagle-delayed-ack", "client", 1]],
  "options-stripped": [["handshake-options-stripped", "middlebox", 4]],
  "path-mtu-black-hole": [["path-mtu-black-hole", "network", 1]],
  "reconnect-storm": [
    ["connection-refused", "server", 10],
    ["connection-refused", "server", 5],
    ["reconnect-storm", "client", 10],
  ],
  refused: [
    ["connection-refused", "server", 1],
    ["connection-refused", "server", 1],
  ],
  "reset-after-close": [["reset-after-close", "client", 1]],
  "second-fin-lost": [["fin-lost", "network", 1]],
  "server-killed": [["abortive-close", "server", 1]],
  "server-stopped": [["mass-close", "server", 12]],
  "slow-server": [["slow-server", "server", 1]],
  "syn-ack-lost-server": [["syn-ack-lost", "network", 1]],
  "syn-ack-lost": [["syn-ack-lost", "network", 1]],
  "syn-cookies": [["syn-cookies", "server", 16]],
  "syn-lost": [["syn-lost", "network", 1]],
  "tls-alert": [["tls-failed", "unknown", 1]],
  // Refused, closed, closed and silent; the fifth answers at once, the sixth late.
  // Silent for 11 s, until its client gave up; the others were answered.
  "no-answer": [
    ["accepted-but-silent", "server", 1],
    ["client-gave-up", "server", 1],
  ],
  "client-timeout": [["client-gave-up", "server", 3]],
  // The fourth connection, to another port, was read and closed in order.
  "closed-at-once": [["accepted-then-closed", "server", 3]],
  "port-scan": [["port-scan", "client", 24]],
  "tls-up-app-down": [["tls-up-app-down", "server", 4]],
  timeout: [["timeout-stall", "network", 1]],
  "timed-out": [["vanished-peer", "network", 1]],
  "user-timeout": [["vanished-peer", "network", 1]],
  unanswered: [["connect-unanswered", "network", 1]],
  "unknown-connection": [["reset-unknown-connection", "unknown", 1]],
  "unreachable-admin": [["connect-unreachable", "network", 1]],
  "unreachable-host": [["connect-unreachable", "network", 1]],
  "unreachable-ipv6": [
    ["connect-unreachable", "network", 1],
    ["connect-unreachable", "network", 1],
  ],
  "unreachable-port": [["connect-unreachable", "network", 1]],
  "window-update-lost": [["zero-window", "server", 1]],
  "zero-window": [["zero-window", "server", 1]],
};

/** By rule: the samples that must lead to its note, no other may, each with what the connections behind it share. */
export const EXPECTED_NOTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "health-check": { "health-checks": "10.77.0.1 to 10.77.0.2:8000" },
  "local-ack-proxy": { "local-ack": "10.77.0.1 to 10.77.0.2:8000" },
  "mss-clamped": { "mss-clamped": "client MSS 1460 to 1300, server MSS 1460 to 1340" },
  "request-limit": { "request-limit": "10.77.0.2:8000" },
};

/**
 * Notes that a sample must lead to, by how it was made; of a rule that is named here no sample may lead to another one.
 */
export const NOTED_SAMPLES: Readonly<Record<string, readonly Expected[]>> = {
  // Set back once. The same traffic with a pause in place of that: long-pause.
  "clock-set-back": [["clock-step", "capture", 0]],
  // ECN was agreed on for the second connection too, and never needed.
  "ecn-marks": [["ecn-congestion", "network", 1]],
  // The short exchange on its second connection lost nothing by it.
  "no-window-scale": [["no-window-scale", "server", 1]],
};
