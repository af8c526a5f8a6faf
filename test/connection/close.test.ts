/** How connections end: who closed first, by which states, what repeats take back (RFC 9293 §3.6, figures 12 and 13). */
import { describe, expect, it } from "vitest";
import { CLOSE, c, HANDSHAKE, type Options, recordsOf, type Step, s } from "./conversation.js";

type Row = readonly [name: string, steps: readonly Step[], expected: object, options?: Options];

const OPEN = [...HANDSHAKE, c("ACK", { bytes: 100 }), s("ACK")];

// biome-ignore format: a row a line, to be read as a table
const CLOSES: readonly Row[] = [
  ["graceful, by the client", [...OPEN, ...CLOSE], { close: "graceful", closedFirst: "client", client: { state: "TIME_WAIT" }, server: { state: "CLOSED" } }],
  ["graceful, by the server", [...OPEN, s("FIN ACK"), c("FIN ACK"), s("ACK")], { close: "graceful", closedFirst: "server", client: { state: "CLOSED" }, server: { state: "TIME_WAIT" } }],
  ["both at once (figure 13)", [...OPEN, c("FIN ACK"), s("FIN ACK", { ack: 101 }), c("ACK"), s("ACK", { ack: 102 })], { close: "graceful", closedFirst: "both", client: { state: "TIME_WAIT" }, server: { state: "TIME_WAIT" } }],
  ["the last ACK is missing", [...OPEN, c("FIN ACK"), s("FIN ACK")], { close: "graceful-unfinished", client: { state: "FIN_WAIT_1" }, server: { state: "LAST_ACK" } }],
  ["half-closed", [...OPEN, c("FIN ACK"), s("ACK")], { close: "half-closed", closedFirst: "client", client: { state: "FIN_WAIT_2" }, server: { state: "CLOSE_WAIT" } }],
  ["half-closed, data goes on", [...OPEN, c("FIN ACK"), s("ACK", { bytes: 50 }), c("ACK"), ...[s("FIN ACK"), c("ACK")]], { close: "graceful", closedFirst: "client", client: { state: "TIME_WAIT" } }],
  ["open", OPEN, { close: "open", closedFirst: null }],
  ["idle", [...OPEN, c("SYN", { clientPort: 40_001, isn: 5, after: 301_000 })], { close: "idle" }],
  ["idle is an option", [...OPEN, c("SYN", { clientPort: 40_001, isn: 5, after: 5000 })], { close: "idle" }, { idleNs: 4e9 }],
  ["timed out", [...OPEN, c("ACK", { bytes: 10 }), ...[400, 800, 1600].map((after) => c("ACK", { seq: 101, bytes: 10, after })), c("SYN", { clientPort: 40_001, isn: 5, after: 60_000 })], { close: "timed-out", gaveUp: { side: "client", repeats: 3 }, client: { retransmissions: 3 } }],
  ["a capture that ends early shows no end", [...OPEN, c("ACK", { bytes: 10 }), ...[400, 800, 1600].map((after) => c("ACK", { seq: 101, bytes: 10, after }))], { close: "open", gaveUp: null, client: { unansweredRepeats: 3, unansweredMs: 2810 }, server: { unansweredMs: null } }],
  ["FIN first of what is captured", [c("FIN ACK", { seq: 500, ack: 1 }), s("FIN ACK", { seq: 1, ack: 501 }), c("ACK")], { outcome: "mid-stream", close: "graceful", closedFirst: "client", client: { state: "TIME_WAIT" }, server: { state: "CLOSED" } }],
  ["FIN with the last data, across the wrap", [...HANDSHAKE, c("FIN ACK", { bytes: 20 }), s("FIN ACK"), c("ACK")], { close: "graceful", bytes: 20, client: { missingBytes: 0 } }, { clientIsn: -12 }],
  ["FIN exactly at the wrap", [...HANDSHAKE, c("ACK", { bytes: 9 }), s("ACK"), ...CLOSE], { close: "graceful", client: { state: "TIME_WAIT" } }, { clientIsn: -11 }],
  ["closed in SYN_RECEIVED", [c("SYN"), s("SYN ACK"), s("FIN ACK"), c("ACK"), c("FIN ACK"), s("ACK")], { close: "graceful", closedFirst: "server", server: { state: "TIME_WAIT" } }],
  ["TIME_WAIT runs out", [...OPEN, ...CLOSE, c("SYN", { clientPort: 40_001, isn: 5, after: 60_000 })], { client: { state: "CLOSED", stateTimesMs: { TIME_WAIT: 60_000 } } }],
];

// biome-ignore format: a row a line, to be read as a table
const RETRACTED: readonly Row[] = [
  ["FIN repeated after its ACK was captured", [...OPEN, c("FIN ACK"), s("ACK"), c("FIN ACK", { seq: 101, after: 300 })], { client: { state: "FIN_WAIT_1", finRetransmissions: 1 } }],
  ["and acknowledged again", [...OPEN, c("FIN ACK"), s("ACK"), c("FIN ACK", { seq: 101, after: 300 }), s("ACK")], { client: { state: "FIN_WAIT_2" } }],
  ["FIN repeated from LAST_ACK", [...OPEN, ...CLOSE, s("FIN ACK", { seq: 1, after: 300 })], { server: { state: "LAST_ACK" }, client: { state: "TIME_WAIT" } }],
  ["new data acknowledges less than a FIN", [...OPEN, c("FIN ACK"), s("ACK"), s("ACK", { bytes: 10, ack: 101 })], { server: { state: "ESTABLISHED" } }],
  ["SYN-ACK repeated after its ACK", [...HANDSHAKE, s("SYN ACK", { after: 1000 })], { server: { state: "SYN_RECEIVED" }, outcome: "completed" }],
  ["the ACK of a SYN travels with data that is lost", [c("SYN"), s("SYN ACK"), c("ACK", { bytes: 10 }), c("ACK", { seq: 1, bytes: 10, after: 300 })], { server: { state: "SYN_RECEIVED" }, client: { state: "ESTABLISHED" } }],
  ["and counts when that arrives", [c("SYN"), s("SYN ACK"), c("ACK", { bytes: 10 }), c("ACK", { seq: 1, bytes: 10, after: 300 }), s("ACK")], { server: { state: "ESTABLISHED" } }],
];

describe.each([
  ["close", CLOSES],
  ["taken back", RETRACTED],
] as const)("%s", (_subject, rows) => {
  it.each(rows.map(([name, steps, expected, options]) => ({ name, steps, expected, options })))(
    "$name",
    async ({ steps, expected, options }) => {
      const [record] = await recordsOf(steps, options);
      expect(record).toMatchObject(expected);
    },
  );
});
