/** The farewell of TLS that comes to a closed socket is no request, and nothing is lost with it. */
import { describe, expect, it } from "vitest";
import { c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { WHOLE_13 } from "../connection/tls-conversations.js";
import { encrypted } from "../connection/tls-messages.js";
import { idsIn } from "./told.js";

const FAREWELL = 19;
/** The server closes after so long a silence; the client's next bytes meet its FIN, and are reset. */
const closed = (open: readonly Step[], silence: number, bytes: number): Step[] => [
  ...open,
  c("ACK"),
  s("FIN ACK", { after: silence }),
  c("PSH ACK", { payload: encrypted(bytes) }),
  s("RST", { window: 0 }),
];
const TLS = [...HANDSHAKE, ...WHOLE_13];
const PLAIN = [...HANDSHAKE, c("PSH ACK", { bytes: 80 }), s("PSH ACK", { bytes: 300 })];

describe("what comes after a server has closed", () => {
  it.each<[string, Step[], string[]]>([
    ["a farewell of TLS", closed(TLS, 100, FAREWELL), []],
    ["a farewell of TLS, after a silence", closed(TLS, 5000, FAREWELL), []],
    ["data in TLS", closed(TLS, 100, 400), ["reset-after-close"]],
    ["a request in TLS, after a silence", closed(TLS, 5000, 400), ["keep-alive-race"]],
    ["as few bytes without TLS", closed(PLAIN, 100, FAREWELL), ["reset-after-close"]],
    ["as few bytes without TLS, after a silence", closed(PLAIN, 5000, FAREWELL), ["keep-alive-race"]],
  ])("%s", async (_, steps, expected) => {
    const ids = await idsIn(steps);
    expect(ids.filter((id) => /reset-after|race/.test(id))).toEqual(expected);
  });
});
