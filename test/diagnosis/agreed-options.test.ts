/** Findings about what both sides agreed on in their SYNs, on made-up conversations: look-alikes above all. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, type Step, s } from "../connection/conversation.js";
import { findingIn } from "./told.js";

const FULL = 1460;

describe("windows without scaling", () => {
  /** The server's window lets so many segments through in each round trip of 200 ms, or in what `pauseMs` makes of it. */
  const upload = (window: number, scale: number | undefined, pauseMs = 200): Step[] => {
    const segments = Math.floor(window / FULL);
    const offered = scale === undefined ? {} : { windowScale: scale };
    const sent = scale === undefined ? window : window >> scale;
    const round = (i: number): Step[] => [
      ...Array.from({ length: segments }, (_, k) => c("ACK", { bytes: FULL, after: k === 0 ? 0.1 : 0.01 })),
      s("ACK", { ack: 1 + FULL * segments * (i + 1), window: sent, after: pauseMs }),
    ];
    return [
      c("SYN", { sackPermitted: true, ...offered }),
      s("SYN ACK", { sackPermitted: true, window: Math.min(window, 65_535), ...offered, after: 200 }),
      c("ACK", { after: 0.1 }),
      s("ACK", { window: sent, after: 0.1 }),
      ...Array.from({ length: 8 }, (_, i) => round(i)).flat(),
      c("PSH ACK", { bytes: FULL }),
    ];
  };

  it("are told where 64 KiB in each round trip held a transfer", async () => {
    const finding = (await findingIn("no-window-scale", upload(65_535, undefined)))!;
    expect(finding).toMatchObject({ severity: "note", actor: "client", connections: 1 });
    expect(finding.lostMs).toBeGreaterThan(1500);
    expect(finding.sentence).toContain("at a round trip of 200 ms makes 2.6 Mbit/s at the most");
  });

  it("are not told where both sides scale, where the window is a small buffer's, or where its reader is slow", async () => {
    expect(await findingIn("no-window-scale", upload(65_535, 1))).toBeUndefined();
    expect(await findingIn("no-window-scale", upload(16_384, undefined))).toBeUndefined();
    expect(await findingIn("no-window-scale", upload(65_535, undefined, 900))).toBeUndefined();
  });
});

describe("congestion marks", () => {
  const ask = { flags: { client: "SYN ECE CWR", server: "SYN ACK ECE" } };
  /** A download of which one segment was echoed as marked; `ecn`: the two bits of that segment's IP header. */
  const download = ({ client, server } = ask.flags, ecn = 0, answer = "ACK CWR"): Step[] => [
    c(client, { sackPermitted: true }),
    s(server, { sackPermitted: true }),
    c("ACK"),
    c("PSH ACK", { bytes: 100 }),
    s("ACK", { bytes: FULL, ecn: 2 }),
    s("ACK", { bytes: FULL, ecn: ecn || 2 }),
    c("ACK ECE"),
    s(answer, { bytes: FULL, ecn: 2 }),
    c("ACK"),
    ...CLOSE,
  ];

  it("are told behind the queue by the packets, and before it by what the two sides make of them", async () => {
    const behind = (await findingIn("ecn-congestion", download(ask.flags, 3)))!;
    expect(behind).toMatchObject({ severity: "note", actor: "network", confidence: "certain" });
    expect(behind.sentence).toContain(
      "from 10.0.0.2:80 on 1 connection: 1 of 5 packets marked (20.0 %); senders slowed down 1 time; nothing was lost",
    );
    const before = (await findingIn("ecn-congestion", download()))!;
    expect(before).toMatchObject({ confidence: "likely" });
    expect(before.sentence).toContain(
      "marks beyond the capture point, echoed by 1 segment; senders slowed down 1 time",
    );
  });

  it("are not told where the bits mean something else: nobody agreed on ECN, or the sender did not answer", async () => {
    const none = { client: "SYN", server: "SYN ACK" };
    expect(await findingIn("ecn-congestion", download(none, 3))).toBeUndefined();
    expect(await findingIn("ecn-congestion", download(none))).toBeUndefined();
    expect(await findingIn("ecn-congestion", download(ask.flags, 0, "ACK"))).toBeUndefined();
  });
});
