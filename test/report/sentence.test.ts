/** What is said of a connection, whole sentences for one case each. */
import { describe, expect, it } from "vitest";
import type { ConnectionRecord } from "../../src/report/record.js";
import { sentenceFor } from "../../src/report/sentence.js";
import { CLOSES, OUTCOMES, RESET_KINDS } from "../../src/report/verdicts.js";
import { makeGaveUp, makeRecord, makeReset, makeTls, type Overrides } from "./record-fixture.js";

const notOpened = { connectTimeMs: null, serverLegMs: null, clientLegMs: null, initialRttMs: null } as const;

const cases: readonly (readonly [name: string, overrides: Overrides<ConnectionRecord>, sentence: string])[] =
  [
    ["ordinary", {}, "opened in 1.40 ms; closed by the client first"],
    [
      "stalled",
      {
        server: {
          retransmissions: 3,
          retransmittedBytes: 3000,
          transferMs: 5000,
          stall: { count: 2, totalMs: 3200, longestMs: 2100, fromFrame: 812, toFrame: 815 },
        },
      },
      "opened in 1.40 ms; the server sent 3 segments again (3.0 kB); the server stalled 3.200 s in 2 timeouts, the longest 2.100 s (frame 812); closed by the client first",
    ],
    [
      "stalled once",
      {
        client: {
          transferMs: 400,
          stall: { count: 1, totalMs: 230, longestMs: 230, fromFrame: "b.pcap:8", toFrame: null },
        },
      },
      "opened in 1.40 ms; the client stalled 230 ms in 1 timeout (frame b.pcap:8); closed by the client first",
    ],
    [
      "stalled too shortly to be noticed",
      {
        client: {
          transferMs: 4000,
          stall: { count: 1, totalMs: 230, longestMs: 230, fromFrame: 8, toFrame: 9 },
        },
      },
      "opened in 1.40 ms; closed by the client first",
    ],
    [
      "limited by the receiver",
      {
        server: {
          transferMs: 4000,
          limitedBy: { application: 0.1, receiveWindow: 0.714, network: 0, congestionWindow: 0.186 },
        },
      },
      "opened in 1.40 ms; the server was limited by the client's receive window for 71.4 % of its transfer; closed by the client first",
    ],
    [
      "limited by losses",
      {
        client: {
          transferMs: 4000,
          limitedBy: { application: 0, receiveWindow: 0, network: 0.3, congestionWindow: 0.7 },
        },
      },
      "opened in 1.40 ms; the client repaired losses for 30.0 % of its transfer; closed by the client first",
    ],
    [
      "limited for too short a time to matter",
      {
        client: {
          transferMs: 100,
          limitedBy: { application: 0, receiveWindow: 0.5, network: 0.5, congestionWindow: 0 },
        },
      },
      "opened in 1.40 ms; closed by the client first",
    ],
    [
      "seen twice",
      { sameAs: "7" },
      "opened in 1.40 ms; the same connection as 7, seen under other addresses (NAT): counted once; closed by the client first",
    ],
    [
      "TLS",
      { tls: makeTls({}) },
      "opened in 1.40 ms; TLS to www.example.org in 42.0 ms; closed by the client first",
    ],
    [
      "TLS with a lost SYN and a HelloRetryRequest, without a name",
      {
        losses: ["syn-lost"],
        synCount: 2,
        connectTimeMs: 1020,
        initialRttMs: 20,
        tls: makeTls({ sni: null, helloRetryRequests: 1 }),
      },
      "SYN lost after the capture point, or dropped by the server: connect took 1.020 s = 1.000 s waiting for repeats + 20.0 ms path; TLS in 42.0 ms, a HelloRetryRequest among it; closed by the client first",
    ],
    [
      "TLS that the server refuses",
      {
        tls: makeTls({
          handshakeMs: null,
          alerts: [
            { by: "client", kind: "possible", level: null, description: null, atMs: 4, frame: 5 },
            {
              by: "server",
              kind: "clear",
              level: "fatal",
              description: "unrecognized_name",
              atMs: 5,
              frame: 6,
            },
          ],
        }),
      },
      "opened in 1.40 ms; the server broke off the TLS handshake for www.example.org: unrecognized_name; closed by the client first",
    ],
    [
      "TLS that nobody answers, with a name of which a part was captured",
      { tls: makeTls({ sni: "n".repeat(255), isTruncated: true, serverHelloMs: null, handshakeMs: null }) },
      `opened in 1.40 ms; TLS to ${"n".repeat(61)}... (truncated), of which no ServerHello was seen; closed by the client first`,
    ],
    [
      "TLS of which one side was captured",
      { captured: "client-only", tls: makeTls({ version: null, serverHelloMs: null, handshakeMs: null }) },
      "opened in 1.40 ms; TLS to www.example.org; closed by the client first; only the client's packets were captured",
    ],
    [
      "slow path",
      { connectTimeMs: 312, serverLegMs: 300, clientLegMs: 12 },
      "opened in 312 ms: 300 ms to the server and back, 12.0 ms to the client and back, seen near the client; closed by the client first",
    ],
    [
      "SYN lost twice",
      { losses: ["syn-lost"], synCount: 3, connectTimeMs: 3030, initialRttMs: 20 },
      "SYN lost twice after the capture point, or dropped by the server: connect took 3.030 s = 3.010 s waiting for repeats + 20.0 ms path; closed by the client first",
    ],
    [
      "SYN-ACK lost",
      { losses: ["syn-ack-lost"], synCount: 2, synAckCount: 2, connectTimeMs: 1021, initialRttMs: 21 },
      "SYN-ACK lost after the capture point, on its way to the client: connect took 1.021 s = 1.000 s waiting for repeats + 21.0 ms path; closed by the client first",
    ],
    [
      "answered SYN unknown",
      {
        losses: ["syn-ack-lost"],
        lossEvidence: [
          { loss: "syn-ack-lost", where: "before-capture", frames: [], repeatFrames: [2], answerFrame: 3 },
        ],
        legsAmbiguous: true,
        connectTimeMs: 1021,
      },
      "SYN-ACK lost before the capture point, on its way from the server: connect took 1.021 s; which SYN was answered cannot be told; closed by the client first",
    ],
    [
      "last ACK of the handshake lost",
      { losses: ["handshake-ack-lost"], synAckCount: 2 },
      "opened in 1.40 ms; the handshake's last ACK was lost after the capture point, or dropped by the server: the server sent its SYN-ACK twice; closed by the client first",
    ],
    [
      "refused",
      { ...notOpened, outcome: "refused", close: "reset", reset: makeReset({ kind: "refused", atMs: 0.3 }) },
      "refused by 10.20.0.8:8080 in 0.30 ms: nobody listens on that port",
    ],
    [
      "unanswered",
      { ...notOpened, outcome: "unanswered", close: "never-established", synCount: 7, durationMs: 127_000 },
      "no answer from 10.20.0.8:8080 to 7 SYNs in 2 min 07 s",
    ],
    [
      "unanswered, the waits doubling",
      {
        ...notOpened,
        outcome: "unanswered",
        close: "never-established",
        synCount: 8,
        durationMs: 11_148,
        client: { unansweredBackoffs: 2, unansweredGapMs: 4032 },
      },
      "no answer from 10.20.0.8:8080 to 8 SYNs in 11.1 s at intervals that doubled up to 4.032 s",
    ],
    [
      "embryonic, the waits doubling",
      {
        ...notOpened,
        outcome: "embryonic",
        close: "never-established",
        synAckCount: 6,
        server: { unansweredBackoffs: 3, unansweredGapMs: 16_128 },
      },
      "never opened: the client did not acknowledge the server's SYN-ACK, sent 6 times at intervals that doubled up to 16.1 s",
    ],
    [
      "unanswered once, IPv6",
      { ...notOpened, outcome: "unanswered", close: "never-established", server: { address: "2001:db8::8" } },
      "no answer from [2001:db8::8]:8080 to 1 SYN",
    ],
    [
      "embryonic",
      { ...notOpened, outcome: "embryonic", close: "never-established", synAckCount: 6 },
      "never opened: the client did not acknowledge the server's SYN-ACK, sent 6 times",
    ],
    [
      "aborted",
      {
        ...notOpened,
        outcome: "aborted",
        close: "reset",
        reset: makeReset({ kind: "handshake-abort", by: "client", atMs: 1.5 }),
      },
      "aborted by the client 1.50 ms after its start: the opener was gone, or only scanned, when the SYN-ACK came",
    ],
    [
      "unreachable",
      {
        ...notOpened,
        outcome: "unreachable",
        close: "never-established",
        unreachable: { reason: "host unreachable", sender: "10.0.0.1", frame: 2, atMs: 3000 },
      },
      'not reachable: 10.0.0.1 reported "host unreachable" after 3.000 s',
    ],
    [
      "half-closed",
      { close: "half-closed", server: { state: "CLOSE_WAIT", stateTimesMs: { CLOSE_WAIT: 98_000 } } },
      "opened in 1.40 ms; half-closed: the server acknowledged the client's FIN and never closed; CLOSE_WAIT for 98 s",
    ],
    [
      "half-closed for a while only",
      {
        close: "half-closed",
        closedFirst: "server",
        client: { state: "CLOSE_WAIT", stateTimesMs: { CLOSE_WAIT: 59_000 } },
      },
      "opened in 1.40 ms; half-closed: the client acknowledged the server's FIN and had not closed when the capture ended; CLOSE_WAIT for 59.0 s",
    ],
    [
      "half-closed for a minute",
      { close: "half-closed", server: { stateTimesMs: { CLOSE_WAIT: 60_000 } } },
      "opened in 1.40 ms; half-closed: the server acknowledged the client's FIN and never closed; CLOSE_WAIT for 60 s",
    ],
    [
      "resets without effect",
      { close: "open", client: { resets: 2 }, server: { resets: 1 } },
      "opened in 1.40 ms; 2 resets from the client were not taken; 1 reset from the server was not taken; still open at the end of the capture",
    ],
    [
      "a reset with effect is not said twice",
      { reset: makeReset({ kind: "instead-of-time-wait" }), server: { resets: 1 } },
      "opened in 1.40 ms; closed by the client first, then a harmless reset",
    ],
    [
      "another SYN into an open connection",
      { refusedSyns: 2 },
      "opened in 1.40 ms; 2 SYNs for a new connection came while it was open; closed by the client first",
    ],
    [
      "another SYN into a failed attempt",
      { ...notOpened, outcome: "unanswered", close: "never-established", synCount: 2, refusedSyns: 1 },
      "no answer from 10.20.0.8:8080 to 2 SYNs in 101 ms; 1 SYN with another initial sequence number came meanwhile",
    ],
    [
      "another SYN into an attempt without an answer yet",
      { ...notOpened, outcome: null, close: "open", synAckCount: 0, refusedSyns: 1 },
      "its SYN was not answered yet when the capture ended; 1 SYN with another initial sequence number came meanwhile",
    ],
    [
      "one byte not captured",
      { client: { missingBytes: 1 } },
      "opened in 1.40 ms; closed by the client first; 1 byte was delivered but not captured",
    ],
    [
      "reset with unread data",
      { close: "reset", reset: makeReset({ unreadData: "likely" }) },
      "opened in 1.40 ms; reset by the server after 50.0 ms: a live socket dropped the connection: SO_LINGER 0, close() with unread data, or a limit (data it had received was likely still unread)",
    ],
    [
      "reset by a middlebox",
      {
        close: "reset",
        reset: makeReset({
          kind: "unknown-connection",
          suspicion: "middlebox",
          signs: [
            "its TTL differs from that side's other packets",
            "the same side went on sending at or beyond it",
          ],
        }),
      },
      "reset after 50.0 ms, likely by a box on the way, not by the server whose name it bears: its TTL differs from that side's other packets, the same side went on sending at or beyond it; opened in 1.40 ms",
    ],
    [
      "harmless reset",
      { reset: makeReset({ kind: "instead-of-time-wait" }) },
      "opened in 1.40 ms; closed by the client first, then a harmless reset",
    ],
    [
      "timed out",
      {
        close: "timed-out",
        client: { unansweredBackoffs: 13, unansweredGapMs: 120_000 },
        gaveUp: makeGaveUp({ what: "segment", repeats: 15, limit: "default" }),
      },
      "opened in 1.40 ms; timed out: the client repeated 15 times without an answer at intervals that doubled up to 2 min 00 s, then fell silent for 60 s; it gave up between 3.000 s and 5.000 s after its first try: all repeats that Linux makes by default",
    ],
    [
      "timed out early",
      { close: "timed-out", gaveUp: makeGaveUp({ what: "segment", repeats: 4 }) },
      "opened in 1.40 ms; timed out: the client repeated 4 times without an answer, then fell silent for 60 s; it gave up between 3.000 s and 5.000 s after its first try, sooner than Linux does by default: TCP_USER_TIMEOUT, a timeout of its application, or a lower limit",
    ],
    [
      "timed out by probes",
      { close: "timed-out", gaveUp: makeGaveUp({ what: "probe", repeats: 9, limit: null }) },
      "opened in 1.40 ms; timed out: the client sent 9 repeats or probes without an answer, then fell silent for 60 s; it gave up between 3.000 s and 5.000 s after its first try",
    ],
    [
      "repeats into silence up to the end of the capture",
      {
        close: "open",
        client: { unansweredRepeats: 6, unansweredMs: 8238, unansweredBackoffs: 4, unansweredGapMs: 3744 },
      },
      "opened in 1.40 ms; the client's last 6 repeats or probes, over 8.238 s at intervals that doubled up to 3.744 s, were not answered; the capture ends before the next one was overdue: whether it gave up cannot be told; still open at the end of the capture",
    ],
    [
      "connect timeout of the application",
      {
        ...notOpened,
        outcome: "unanswered",
        close: "never-established",
        synCount: 4,
        gaveUp: makeGaveUp({}),
      },
      "no answer from 10.20.0.8:8080 to 4 SYNs in 101 ms; the client gave up between 3.000 s and 5.000 s after the first, sooner than Linux does by itself: a connect timeout of its application, or a lower limit",
    ],
    [
      "a SYN that was not repeated",
      { ...notOpened, outcome: "unanswered", close: "never-established", gaveUp: makeGaveUp({ repeats: 0 }) },
      "no answer from 10.20.0.8:8080 to 1 SYN; it was not repeated, as Linux does after 1 s: a shorter connect timeout, or a scan",
    ],
    [
      "ETIMEDOUT",
      {
        ...notOpened,
        outcome: "unanswered",
        close: "never-established",
        synCount: 7,
        gaveUp: makeGaveUp({ repeats: 6, limit: "default" }),
      },
      "no answer from 10.20.0.8:8080 to 7 SYNs in 101 ms; the client gave up between 3.000 s and 5.000 s after the first: its system had made all repeats that Linux makes by default (ETIMEDOUT)",
    ],
    [
      "SYN-ACK repeated to the end",
      {
        ...notOpened,
        outcome: "embryonic",
        close: "never-established",
        synAckCount: 6,
        gaveUp: makeGaveUp({ side: "server", what: "SYN-ACK", repeats: 5, limit: "default" }),
      },
      "never opened: the client did not acknowledge the server's SYN-ACK, sent 6 times; the server gave the attempt up between 3.000 s and 5.000 s after the first: it had made all repeats that Linux makes by default",
    ],
    [
      "SYN dropped beside the server",
      {
        losses: ["syn-lost"],
        synCount: 4,
        connectTimeMs: 3085,
        serverLegMs: 0.1,
        clientLegMs: 30,
        initialRttMs: 30.1,
      },
      "3 SYNs came as far as the server and were not answered there (a full listen queue drops them): connect took 3.085 s = 3.055 s waiting for repeats + 30.1 ms path; closed by the client first",
    ],
    [
      "early data not taken, a user timeout",
      { fastOpenData: "not-accepted", client: { synPayloadBytes: 100, userTimeoutMs: 30_000 } },
      "opened in 1.40 ms; 100 B travelled with the SYN (TCP Fast Open), and the server did not take them: it acknowledged the SYN alone; the client announced a user timeout of 30.0 s; closed by the client first",
    ],
    [
      "reset after silence",
      { close: "reset", reset: makeReset({ kind: "unknown-connection", idleMs: 20_000 }) },
      "opened in 1.40 ms; reset by the server after 50.0 ms: that host knows no such connection: restarted, or an expired NAT or firewall entry (it had been silent for 20.0 s before)",
    ],
    [
      "a TIME_WAIT that need not yield",
      { reuseRefused: true },
      "opened in 1.40 ms; the same port again: the server's TIME_WAIT need not yield to that SYN, whose timestamp is not newer nor its sequence number higher; closed by the client first",
    ],
    [
      "a TIME_WAIT taken up, proven",
      { reuse: "tw-reuse", reusedAfterMs: 1100, reuseProven: true },
      "opened in 1.40 ms; the same port again: the client took it up from its own TIME_WAIT (tcp_tw_reuse), as its initial sequence number proves, 1.100 s after the connection before it; closed by the client first",
    ],
    [
      "the answer to the SYN late, not lost",
      {
        client: { synRetransmissions: 2 },
        synCount: 3,
        connectTimeMs: 1215,
        serverLegMs: 1214.9,
        initialRttMs: 1215,
        clientLegMs: 0.1,
        retryWaitMs: 0,
        capturePoint: "near-client",
      },
      "opened in 1.215 s: 1.215 s to the server and back, 0.10 ms to the client and back, seen near the client; its SYN was sent again twice, needlessly: the answer to the first was late, not lost; closed by the client first",
    ],
    [
      "which SYN was answered cannot be told",
      { client: { synRetransmissions: 2 }, synCount: 3, retryWaitMs: 0, legsAmbiguous: true },
      "opened in 1.40 ms; closed by the client first",
    ],
    [
      "repeats of data, FIN and SYN kept apart",
      {
        client: {
          retransmissions: 5,
          retransmittedBytes: 4344,
          synRetransmissions: 1,
          finRetransmissions: 1,
        },
        server: { retransmissions: 2, finRetransmissions: 2 },
      },
      "opened in 1.40 ms; the client sent 3 segments again (4.3 kB); the client repeated its FIN; the server repeated its FIN twice; closed by the client first",
    ],
    [
      "zero window and keep-alives",
      { client: { zeroWindows: 2, keepAlives: 1 }, server: { zeroWindowProbes: 9 } },
      "opened in 1.40 ms; the client closed its receive window twice, the server probed it 9 times; 1 keep-alive from the client; closed by the client first",
    ],
    [
      "a window that stayed closed, and its time",
      {
        server: { zeroWindows: 2, zeroWindowMs: 2457, zeroWindowAtEnd: true },
        client: { zeroWindowProbes: 3 },
      },
      "opened in 1.40 ms; the server closed its receive window twice for 2.457 s and did not open it again, the client probed it 3 times; closed by the client first",
    ],
    [
      "a window update that was lost",
      { server: { zeroWindows: 1, zeroWindowMs: 1461, windowUpdatesLost: 1 } },
      "opened in 1.40 ms; the server closed its receive window once for 1.461 s; the server opened its window and the client went on probing: the update was lost; closed by the client first",
    ],
    [
      "a SYN proxy",
      { synProxy: true },
      "opened in 1.40 ms; the SYN-ACK came from a SYN proxy, which opened the window once the server had answered; closed by the client first",
    ],
    [
      "mid-stream, one direction, loss in the capture",
      {
        ...notOpened,
        outcome: "mid-stream",
        clientGuessed: true,
        captured: "client-only",
        close: "open",
        client: { missingBytes: 12_345 },
        server: { missingBytes: 5000, reportedGaps: 2 },
      },
      "open before the capture began; still open at the end of the capture; only the client's packets were captured, which tell of 5.0 kB from the server and of 2 gaps in between; 12,345 bytes were delivered but not captured; which side is the client is a guess from the ports",
    ],
    [
      "SYN just before the end",
      { ...notOpened, outcome: null, close: "open", synAckCount: 0 },
      "its SYN was not answered yet when the capture ended",
    ],
    [
      "simultaneous open and close",
      { outcome: "simultaneous", closedFirst: "both" },
      "opened by both sides at once in 1.40 ms: each sent a SYN (simultaneous open), one connection; closed by both sides at once",
    ],
    [
      "unfinished",
      { close: "graceful-unfinished", closedFirst: "server" },
      "opened in 1.40 ms; closed by the server first, but the last acknowledgment was not captured",
    ],
    ["idle", { close: "idle" }, "opened in 1.40 ms; still open, but idle at the end of the capture"],
  ];

describe("sentenceFor", () => {
  it.each(cases)("%s", (_, overrides, sentence) => expect(sentenceFor(makeRecord(overrides))).toBe(sentence));

  it("says something of every combination of verdicts, without undefined, null or NaN", () => {
    for (const outcome of [...OUTCOMES, null]) {
      for (const close of CLOSES) {
        for (const kind of [...RESET_KINDS.map(({ name }) => name), null]) {
          const reset = kind === null ? null : makeReset({ kind });
          for (const overrides of [{}, notOpened]) {
            const sentence = sentenceFor(makeRecord({ ...overrides, outcome, close, reset }));
            expect(sentence).not.toBe("");
            expect(sentence).not.toMatch(/undefined|null|NaN|^; |; ;|; $/);
          }
        }
      }
    }
  });
});
