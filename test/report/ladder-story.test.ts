/**
 * What the rows of a ladder say together: each story raised by a conversation that has it, and by none that only looks
 * like it.
 */
import { describe, expect, it } from "vitest";
import { storyOf } from "../../src/report/ladder-story.js";
import { CLOSE, c, HANDSHAKE, observe, type Step, s } from "../connection/conversation.js";

async function read(steps: readonly Step[]) {
  const analysis = await observe(steps);
  const ladder = await analysis.ladder(analysis.worst("all")[0]!.id);
  return { story: storyOf(ladder), remarks: ladder.rows.map((row) => row.remarks.join("; ")) };
}

type Row = readonly [name: string, steps: readonly Step[], story: readonly RegExp[]];

const request = [c("PSH ACK", { bytes: 100 }), s("ACK")];
const backoff = [230, 240, 480, 960].map((after) => c("PSH ACK", { seq: 101, bytes: 100, after }));
const large = (seq: number, after = 10) => s("ACK", { seq, bytes: 1400, after });

// biome-ignore format: a row a line, to be read as a table
const STORIES: readonly Row[] = [
  ["an ordinary connection has none", [...HANDSHAKE, ...request, ...CLOSE], []],
  ["a segment repeated once has none", [...HANDSHAKE, c("PSH ACK", { bytes: 100 }), c("PSH ACK", { seq: 1, bytes: 100, after: 300 }), s("ACK"), ...CLOSE], []],
  ["repeats into silence, never answered", [...HANDSHAKE, ...request, c("PSH ACK", { bytes: 100 }), ...backoff], [/^the client sent 101:201 \(frame 6\) 5 times, at 0, 0.23, 0.47, 0.95, 1.91 s, the pauses doubling \(backoff\); never answered: unanswered for 1.910 s up to the last, and no FIN or RST ended it$/]],
  ["repeats into silence, answered", [...HANDSHAKE, ...request, c("PSH ACK", { bytes: 100 }), ...backoff, s("ACK"), ...CLOSE], [/5 times.*; answered 1.920 s after the first$/]],
  ["repeats with answers in between are no silence", [...HANDSHAKE, ...request, c("PSH ACK", { bytes: 100 }), ...backoff.flatMap((step) => [step, s("ACK", { ack: 101 })])], []],
  ["SYNs into silence", [c("SYN"), c("SYN", { after: 1000 }), c("SYN", { after: 2000 })], [/^the client sent SYN \(frame 1\) 3 times, at 0, 1, 3 s, the pauses doubling \(backoff\); never answered: unanswered for 3.000 s up to the last$/]],
  ["only large segments vanish", [...HANDSHAKE, ...request, large(1), large(1, 300), large(1, 600), s("ACK", { seq: 1, bytes: 1000, after: 1200 }), c("ACK", { ack: 1001 }), s("ACK", { seq: 1001, bytes: 400 }), c("ACK", { ack: 1401 })], [/^all 3 large segments of the server \(1,400 bytes of payload and more\) vanished, all 2 small ones \(up to 1,000 bytes\) arrived: .*no ICMP "fragmentation needed" was captured/, /^the server sent 1:1401/]],
  ["large segments that also arrive blame no size", [...HANDSHAKE, ...request, large(1), large(1, 300), large(1, 600), large(1, 1200), c("ACK", { ack: 1401 })], [/^the server sent 1:1401/]],
  ["a dead path blames no size, though smaller ones arrived before", [...HANDSHAKE, ...request, large(1), large(1, 300), large(1, 600), large(1, 1200)], [/^the server sent 1:1401/]],
  ["a repeat after its acknowledgment", [...HANDSHAKE, ...request, c("PSH ACK", { seq: 1, bytes: 100, after: 300 }), s("ACK", { ack: 101, sack: [[1, 101]] }), ...CLOSE], [/^needless: 1 of the client's 1 repeat \(frame 6\) came after the bytes had been acknowledged here/, /^the server says by DSACK \(frame 7\) that repeated bytes came twice/]],
  ["a SACK of what lies beyond is no DSACK", [...HANDSHAKE, c("ACK", { bytes: 100 }), c("ACK", { bytes: 100 }), s("ACK", { ack: 1, sack: [[101, 201]] }), c("ACK", { seq: 1, bytes: 100 }), s("ACK", { ack: 201 })], []],
  ["FIN not acknowledged", [...HANDSHAKE, ...request, c("FIN ACK"), c("FIN ACK", { seq: 101, after: 230 }), s("FIN ACK"), c("ACK")], [/^the client's FIN \(frame 6\) was not acknowledged and was repeated in frame 7 230 ms later: the FIN was lost after it passed here .*; only the close was late: all data had arrived$/]],
  ["ACK of the FIN lost", [...HANDSHAKE, ...request, c("FIN ACK"), s("ACK"), c("FIN ACK", { seq: 101, after: 230 }), s("ACK")], [/^the server's ACK of the FIN \(frame 7\) did not reach the client, which repeated its FIN \(frame 6\) in frame 8 240 ms later, needlessly; frame 9 answers again \(server in CLOSE_WAIT\); only the close was late/]],
  ["last ACK lost", [...HANDSHAKE, ...request, ...CLOSE, s("FIN ACK", { seq: 1, after: 230 }), c("ACK")], [/^the client's last ACK \(frame 8\) did not reach the server, which repeated its FIN \(frame 7\) in frame 9 240 ms later, needlessly; frame 10 answers again \(client in TIME_WAIT\)/]],
  ["ACK under way when the FIN was repeated", [...HANDSHAKE, ...request, c("FIN ACK"), s("ACK", { after: 230 }), c("FIN ACK", { seq: 101, after: 2 }), s("ACK")], [/was repeated in frame 8 while the server's ACK of it \(frame 7\) was under way$/]],
  ["ACK of the FIN late", [...HANDSHAKE, ...request, c("FIN ACK"), c("FIN ACK", { seq: 101, after: 230 }), s("FIN ACK", { after: 3 }), c("ACK")], [/^the client's FIN \(frame 6\) was repeated in frame 7 230 ms later, needlessly: the server's ACK of it \(frame 8\) was under way$/]],
  ["reset with everything delivered", [...HANDSHAKE, ...request, c("RST ACK")], [/^at the reset the client had sent 100 B, the server 0 B: everything sent had been acknowledged \(no data lost on the way\); no FIN was sent; the server's application sees ECONNRESET$/]],
  ["reset in the middle of a transfer", [...HANDSHAKE, ...request, large(1), s("RST ACK")], [/: 1,400 bytes of the server were not acknowledged yet; no FIN was sent; the client's application sees ECONNRESET$/]],
  ["a refused attempt has no more to tell", [c("SYN"), s("RST ACK", { seq: -500_000, window: 0 })], []],
];

describe("the story of a ladder", () => {
  it.each(STORIES)("%s", async (_, steps, expected) => {
    const { story } = await read(steps);
    expect(story).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it("tells of keep-alive probes whether they were answered", async () => {
    const probe = c("ACK", { seq: 100, after: 10_000 });
    const answered = await read([...HANDSHAKE, ...request, probe, s("ACK"), probe, s("ACK"), ...CLOSE]);
    expect(answered.story).toEqual([
      expect.stringMatching(
        /^2 keep-alive probes of the client \(frames 6, 8\), about 10\.\d+ s apart, each answered by the server$/,
      ),
    ]);
    const silent = await read([...HANDSHAKE, ...request, probe, probe]);
    expect(silent.story[0]).toMatch(/none answered$/);
  });

  it("holds where relative sequence numbers are beyond 2^31", async () => {
    const far = 2 ** 31 + 50;
    const { story } = await read([
      ...HANDSHAKE,
      ...request,
      c("ACK", { seq: far - 2 ** 30, bytes: 10 }),
      s("ACK", { ack: far - 2 ** 30 + 10 }),
      c("ACK", { seq: far, bytes: 10 }),
      s("ACK", { ack: far + 10 }),
      c("FIN ACK", { seq: far + 10 }),
      s("ACK", { ack: far + 11 }),
    ]);
    expect(story).toEqual([]);
  });
});

describe("the remarks of a row", () => {
  it("name the frame that is repeated, its acknowledgment and the DSACK", async () => {
    const { remarks } = await read([
      ...HANDSHAKE,
      ...request,
      c("PSH ACK", { seq: 1, bytes: 100, after: 300 }),
      s("ACK", { ack: 101, sack: [[1, 101]] }),
    ]);
    expect(remarks[5]).toContain("repeat of frame 4 after 310 ms; already acknowledged in frame 5");
    expect(remarks[6]).toContain("DSACK: 1:101 came twice");
  });

  it("say a window that shrinks or grows materially, and a TTL unlike the side's", async () => {
    const { remarks } = await read([
      ...HANDSHAKE,
      s("ACK", { bytes: 10, window: 900 }),
      s("ACK", { bytes: 10, window: 400 }),
      s("ACK", { bytes: 10, window: 410, ttl: 61 }),
      s("ACK", { bytes: 10, window: 4000 }),
    ]);
    expect(remarks.slice(3)).toEqual(["", "win 400", "TTL 61, not 64 as before", "win 4000"]);
  });
});
