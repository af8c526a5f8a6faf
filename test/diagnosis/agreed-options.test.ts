/** Findings about what both sides agreed on in their SYNs, on made-up conversations: look-alikes above all. */
import { describe, expect, it } from "vitest";
import { c, type Step, s } from "../connection/conversation.js";
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
