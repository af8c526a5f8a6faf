/** How a connection comes about: outcomes, legs, losses, what the capture does not show. One scenario a row. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, HANDSHAKE, type Options, recordsOf, type Step, s } from "./conversation.js";

type Row = readonly [name: string, steps: readonly Step[], expected: object, options?: Options];

const stamped: Options = { timestamps: true };

// biome-ignore format: a row a line, to be read as a table
const OUTCOMES: readonly Row[] = [
  ["completed", [...HANDSHAKE, ...CLOSE], { outcome: "completed", connectTimeMs: 20, serverLegMs: 10, clientLegMs: 10, initialRttMs: 20, retryWaitMs: 0, losses: [] }],
  ["refused by RST,ACK", [c("SYN"), s("RST ACK", { seq: -500_000, window: 0 })], { outcome: "refused", close: "reset", reset: { kind: "refused", by: "server" } }],
  ["refused with data in the SYN acknowledged", [c("SYN", { bytes: 20, cookie: 8 }), s("RST ACK", { seq: -500_000, ack: 21, window: 0 })], { outcome: "refused" }],
  ["a reset of another number refuses nothing", [c("SYN"), s("RST ACK", { seq: -500_000, ack: 77, window: 0 }), s("SYN ACK"), c("ACK")], { outcome: "completed", reset: null, server: { resets: 1 } }],
  ["unanswered", [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 2000 })], { outcome: "unanswered", close: "never-established", synCount: 3, client: { state: "SYN_SENT", synRetransmissions: 2 } }],
  ["not answered yet", [c("SYN"), c("SYN", { clientPort: 40_001, after: 200 })], { outcome: null, close: "open" }],
  ["embryonic", [c("SYN"), s("SYN ACK"), s("SYN ACK", { after: 1000 }), s("SYN ACK", { after: 2000 })], { outcome: "embryonic", close: "never-established", synAckCount: 3, server: { state: "SYN_RECEIVED", retransmissions: 2 } }],
  ["aborted by the opener", [c("SYN"), s("SYN ACK"), c("RST", { seq: 1 })], { outcome: "aborted", reset: { kind: "handshake-abort", by: "client" }, server: { state: "LISTEN" } }],
  ["mid-stream by data", [s("ACK", { seq: 1, bytes: 10 }), c("ACK", { seq: 1, ack: 11 })], { outcome: "mid-stream", clientGuessed: true, client: { port: 40_000, state: "ESTABLISHED" } }],
  ["simultaneous open", [c("SYN"), s("SYN"), c("SYN ACK", { seq: 0 }), s("SYN ACK", { seq: 0 }), c("ACK")], { outcome: "simultaneous", connectTimeMs: 30, serverLegMs: null, synCount: 1, synAckCount: 1, retransmissions: 0, client: { state: "ESTABLISHED" }, server: { state: "ESTABLISHED" } }],
  ["split handshake of four", [c("SYN"), s("SYN"), c("SYN ACK", { seq: 0 }), s("ACK"), c("ACK", { bytes: 5 }), s("ACK")], { outcome: "simultaneous", connectTimeMs: 30, client: { state: "ESTABLISHED" }, server: { state: "ESTABLISHED" } }],
  ["split handshake of five", [c("SYN"), s("ACK", { seq: 1 }), s("SYN"), c("SYN ACK", { seq: 0 }), s("ACK"), c("ACK", { bytes: 5 })], { outcome: "simultaneous", client: { state: "ESTABLISHED" }, server: { state: "ESTABLISHED" } }],
  ["SYN-ACK first", [s("SYN ACK", { ack: 1 }), c("ACK", { seq: 1 })], { outcome: "completed", connectTimeMs: null, clientLegMs: 10, client: { port: 40_000, isn: 1000, state: "ESTABLISHED" }, clientGuessed: false }],
  ["SYN-ACK not captured", [c("SYN"), c("ACK", { seq: 1, ack: 1 }), c("ACK", { bytes: 9, ack: 1 }), s("ACK", { seq: 1, ack: 10 })], { outcome: "completed", connectTimeMs: 10, serverLegMs: null, ackCarriedData: false }],
  ["the ACK carries data", [c("SYN"), s("SYN ACK"), c("ACK", { bytes: 4 }), s("ACK")], { outcome: "completed", ackCarriedData: true }],
  ["Fast Open data taken", [c("SYN", { bytes: 50, cookie: 8 }), s("SYN ACK", { ack: 51 }), c("ACK")], { outcome: "completed", client: { synPayloadBytes: 50, bytes: 50, offered: { fastOpen: "cookie" } } }],
  ["Fast Open data left out", [c("SYN", { bytes: 50, cookie: 8 }), s("SYN ACK", { ack: 1 }), c("ACK", { seq: 1, bytes: 50 }), s("ACK")], { outcome: "completed", retransmissions: 1 }],
  ["Fast Open cookie asked", [c("SYN", { cookie: 0 }), s("SYN ACK", { cookie: 8 }), c("ACK")], { client: { offered: { fastOpen: "requested" } }, server: { offered: { fastOpen: "cookie" } } }],
];

// biome-ignore format: a row a line, to be read as a table
const LOSSES: readonly Row[] = [
  ["SYN lost, no timestamps: the last SYN, ambiguous", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK")], { losses: ["syn-lost"], legsAmbiguous: true, serverLegMs: 10, retryWaitMs: 1000, connectTimeMs: 1020 }],
  ["SYN lost: the echo names the last SYN", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK")], { losses: ["syn-lost"], legsAmbiguous: false, serverLegMs: 10, retryWaitMs: 1000 }, stamped],
  ["two SYNs lost: the echo names the one between", [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 1000 }), s("SYN ACK", { after: 5, ts: [105_000, 11_000] }), c("ACK")], { losses: ["syn-lost"], retryWaitMs: 1000, serverLegMs: 1005 }, stamped],
  ["SYN-ACK lost after the capture", [c("SYN"), s("SYN ACK"), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK")], { losses: ["syn-ack-lost"], serverLegMs: 10, clientLegMs: 10, synAckCount: 2 }],
  ["SYN-ACK lost before the capture: the first SYN is echoed", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK", { ts: [101_010, 10_000] }), c("ACK"), s("ACK")], { losses: ["syn-ack-lost"], legsAmbiguous: true }, stamped],
  ["SYN-ACK late, not lost: the server's clock", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK", { after: 200, ts: [100_020, 10_000] }), c("ACK"), s("ACK", { after: 50 })], { losses: [], legsAmbiguous: false, serverLegMs: 1200, retryWaitMs: 0 }, stamped],
  ["the client's ACK echoes the first of two SYN-ACKs", [c("SYN"), s("SYN ACK"), s("SYN ACK", { after: 1000 }), c("ACK", { ts: [11_020, 100_010], after: 5 })], { clientLegMs: 1005 }, stamped],
  ["handshake ACK lost", [...HANDSHAKE, s("SYN ACK", { after: 1000 }), c("ACK"), s("ACK", { bytes: 10 }), c("ACK")], { losses: ["handshake-ack-lost"], clientLegMs: 10, server: { state: "ESTABLISHED" } }],
  ["SYN-ACK that was on its way proves nothing", [c("SYN"), c("SYN", { after: 50 }), s("SYN ACK", { after: 60 }), c("ACK", { after: 1 }), s("SYN ACK", { after: 5 }), c("ACK"), s("ACK", { bytes: 1 })], { losses: ["syn-lost"], server: { state: "ESTABLISHED" } }],
];

const frames = (loss: object) => ({ lossEvidence: [loss] });

// biome-ignore format: a row a line, to be read as a table
const EVIDENCE: readonly Row[] = [
  ["SYN lost", [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK")], frames({ loss: "syn-lost", where: "after-capture", frames: [1, 2], repeatFrames: [3], answerFrame: 4 }), stamped],
  ["of a long series the first few", [c("SYN"), ...[1, 2, 3, 4, 5].map(() => c("SYN", { after: 1000 })), s("SYN ACK"), c("ACK")], frames({ frames: [1, 2, 3], repeatFrames: [6], answerFrame: 7 }), stamped],
  ["SYN-ACK lost after the capture", [c("SYN"), s("SYN ACK"), c("SYN", { after: 1000 }), s("SYN ACK"), c("ACK")], frames({ loss: "syn-ack-lost", where: "after-capture", frames: [2], repeatFrames: [3], answerFrame: 4 })],
  ["SYN-ACK lost before the capture", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK", { ts: [101_010, 10_000] }), c("ACK"), s("ACK")], frames({ loss: "syn-ack-lost", where: "before-capture", frames: [], repeatFrames: [2], answerFrame: 3 }), stamped],
  ["handshake ACK lost", [...HANDSHAKE, s("SYN ACK", { after: 1000 }), c("ACK"), s("ACK", { bytes: 10 }), c("ACK")], frames({ loss: "handshake-ack-lost", where: "after-capture", frames: [3], repeatFrames: [4], answerFrame: 5 })],
  ["nothing lost", [...HANDSHAKE, ...CLOSE], { lossEvidence: [] }],
  ["late, not lost", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK", { after: 200, ts: [100_020, 10_000] }), c("ACK"), s("ACK", { after: 50 })], { lossEvidence: [] }, stamped],
];

// biome-ignore format: a row a line, to be read as a table
const MOMENTS: readonly Row[] = [
  ["of the first of each", [c("SYN"), c("SYN", { after: 1000 }), s("SYN ACK", { after: 30 }), s("SYN ACK", { after: 1000 }), c("ACK", { after: 5 }), c("ACK", { bytes: 3 })], { synAtMs: 0, synAckAtMs: 1030, ackAtMs: 2035 }],
  ["an ACK that does not cover the server's SYN is none", [c("SYN"), s("SYN ACK"), c("ACK", { ack: 0 }), c("ACK", { after: 20 })], { ackAtMs: 40 }],
  ["unanswered", [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 2000 })], { synAtMs: 0, synAckAtMs: null, ackAtMs: null }],
  ["SYN-ACK first", [s("SYN ACK", { ack: 1 }), c("ACK", { seq: 1 })], { synAtMs: null, synAckAtMs: 0, ackAtMs: 10 }],
  ["mid-stream", [s("ACK", { seq: 1, bytes: 10 }), c("ACK", { seq: 1, ack: 11 })], { synAtMs: null, synAckAtMs: null, ackAtMs: null }],
  ["both at once: no SYN-ACK opened it", [c("SYN"), s("SYN"), c("SYN ACK", { seq: 0 }), s("SYN ACK", { seq: 0 }), c("ACK")], { synAtMs: 0, synAckAtMs: null, ackAtMs: null }],
];

// biome-ignore format: a row a line, to be read as a table
const OFFERS: readonly Row[] = [
  ["data on the SYN, taken", [c("SYN", { bytes: 50, cookie: 8 }), s("SYN ACK", { ack: 51 }), c("ACK")], { fastOpenData: "accepted" }],
  ["data on the SYN, left out", [c("SYN", { bytes: 50, cookie: 8 }), s("SYN ACK", { ack: 1 }), c("ACK", { seq: 1, bytes: 50 }), s("ACK")], { fastOpenData: "not-accepted" }],
  ["data on the SYN, no answer", [c("SYN", { bytes: 50, cookie: 8 }), c("SYN", { after: 1000 })], { fastOpenData: null }],
  ["a cookie alone", [c("SYN", { cookie: 8 }), s("SYN ACK"), c("ACK")], { fastOpenData: null }],
  ["user timeouts in seconds and in minutes", [c("SYN", { userTimeout: 30 }), s("SYN ACK", { userTimeout: 0x8002 }), c("ACK")], { client: { userTimeoutMs: 30_000 }, server: { userTimeoutMs: 120_000 } }],
  ["the last one counts, on whatever segment", [c("SYN", { userTimeout: 30 }), s("SYN ACK"), c("ACK"), c("ACK", { bytes: 5, userTimeout: 90 }), s("ACK")], { client: { userTimeoutMs: 90_000 }, server: { userTimeoutMs: null } }],
  ["0 is none", [c("SYN", { userTimeout: 0x8000 }), s("SYN ACK"), c("ACK")], { client: { userTimeoutMs: null } }],
];

// biome-ignore format: a row a line, to be read as a table
const REPEATS: readonly Row[] = [
  ["same ISN is a repeat", [c("SYN"), c("SYN", { after: 1000 }), ...HANDSHAKE.slice(1)], { synCount: 2, client: { synRetransmissions: 1 } }],
  ["same ISN soon after a refusal is a repeat", [c("SYN"), s("RST ACK", { seq: -500_000 }), c("SYN", { after: 500 }), s("RST ACK", { seq: -500_000 })], { outcome: "refused", synCount: 2 }],
  ["wrap of the client's ISN", [c("SYN"), s("SYN ACK"), c("ACK"), c("ACK", { bytes: 10 }), s("ACK"), ...CLOSE], { outcome: "completed", close: "graceful", client: { isn: 0xffff_ffff, bytes: 10, missingBytes: 0 } }, { clientIsn: -1 }],
  ["wrap of the server's ISN", [...HANDSHAKE, s("ACK", { bytes: 10 }), c("ACK"), ...CLOSE], { outcome: "completed", close: "graceful", server: { isn: 0xffff_fffb, bytes: 10 } }, { serverIsn: -5 }],
];

// biome-ignore format: a row a line, to be read as a table
const UNREACHABLE: readonly Row[] = [
  ["IPv4, host", [c("SYN"), s("", { copyOf: 0, icmpCode: 1 })], { outcome: "unreachable", close: "never-established", unreachable: { reason: "host unreachable", sender: "10.0.0.2", frame: 2, atMs: 10 } }],
  ["IPv4, administratively prohibited", [c("SYN"), s("", { copyOf: 0, icmpCode: 13 })], { outcome: "unreachable", unreachable: { reason: "communication administratively prohibited" } }],
  ["IPv4, fragmentation needed is no dead end", [c("SYN"), s("", { copyOf: 0, icmpCode: 4 }), s("SYN ACK"), c("ACK")], { outcome: "completed", unreachable: null }],
  ["IPv6, port", [c("SYN"), s("", { copyOf: 0, icmpCode: 4 })], { outcome: "unreachable", unreachable: { reason: "port unreachable", sender: "2001:db8::2" } }, { version: 6 }],
  ["IPv6, no route", [c("SYN"), s("", { copyOf: 0, icmpCode: 0 })], { outcome: "unreachable", unreachable: { reason: "no route to destination" } }, { version: 6 }],
  ["after a SYN-ACK it says nothing of the attempt", [...HANDSHAKE, s("", { copyOf: 0, icmpCode: 1 })], { outcome: "completed", unreachable: null }],
];

describe.each([
  ["outcomes", OUTCOMES],
  ["what was lost, and which SYN was answered", LOSSES],
  ["the frames of a loss", EVIDENCE],
  ["when each packet came", MOMENTS],
  ["early data and user timeouts", OFFERS],
  ["repeats and wraps", REPEATS],
  ["ICMP errors", UNREACHABLE],
] as const)("%s", (_subject, rows) => {
  it.each(rows.map(([name, steps, expected, options]) => ({ name, steps, expected, options })))(
    "$name",
    async ({ steps, expected, options }) => {
      const [record] = await recordsOf(steps, options);
      expect(record).toMatchObject(expected);
    },
  );
});
