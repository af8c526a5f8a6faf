/** Servers whose TLS answers and whose application does not, on made-up conversations: look-alikes above all. */
import { describe, expect, it } from "vitest";
import { CLOSE, c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { FLIGHT_13, HELLO, segments } from "../connection/tls-conversations.js";
import { alert, encrypted, FINISHED_13 } from "../connection/tls-messages.js";
import { findingIn } from "./told.js";

const ID = "tls-up-app-down";
const TICKETS = [...encrypted(234), ...encrypted(234)];
const ALERT_13 = encrypted(19);

const tls = (...steps: Step[]): Step[] => [
  ...HANDSHAKE,
  ...segments(c, HELLO),
  ...segments(s, FLIGHT_13, 1460, 20),
  c("PSH ACK", { payload: FINISHED_13, after: 1 }),
  ...steps,
];
/** The same by a capture that keeps so little of the server's flight that no record behind its certificate is seen. */
const cutTls = (...steps: Step[]): Step[] =>
  tls(...steps).map((step) =>
    step.payload === undefined || step.side === 0 ? step : { ...step, snap: 600 },
  );
const says = (side: typeof c, payload: readonly number[], after = 20) =>
  side("PSH ACK", { payload: [...payload], after });
const request = says(c, encrypted(200), 1);
/** The server's system acknowledges the request; the client gives up 12 s later. */
const silence = [s("ACK"), c("FIN ACK", { after: 12_000 }), s("FIN ACK"), c("ACK")];
const serverCloses = [s("FIN ACK"), c("FIN ACK"), s("ACK")];

describe("TLS without an application", () => {
  it("is told of silence, of an alert, and of a close at once", async () => {
    const silent = (await findingIn(ID, tls(request, says(s, TICKETS), ...silence)))!;
    // It is all that this server was ever asked.
    expect(silent).toMatchObject({ severity: "warning", confidence: "possible", actor: "server" });
    expect(silent.sentence).toContain("1 stayed silent after the request, for up to 12.0 s");
    const alerted = (await findingIn(ID, tls(says(s, ALERT_13), ...serverCloses)))!;
    expect(alerted).toMatchObject({ severity: "problem", confidence: "likely" });
    expect(alerted.sentence).toContain("sent no application data: 1 ended with an alert");
    const closed = (await findingIn(ID, tls(request, says(s, TICKETS), ...serverCloses)))!;
    expect(closed.sentence).toContain("1 was closed at once");
  });

  it("is told where the client says close_notify as it gives up", async () => {
    const goodbye = says(c, ALERT_13, 12_000);
    const steps = tls(request, says(s, TICKETS), s("ACK"), goodbye, ...CLOSE);
    expect((await findingIn(ID, steps))!.sentence).toContain("silent after the request, for up to 12.0 s");
  });

  it.each<[string, Step[]]>([
    ["an answer that comes late", tls(request, says(s, TICKETS), says(s, encrypted(900), 12_000), ...CLOSE)],
    ["one record, which may be an answer", tls(request, says(s, encrypted(234)), ...silence)],
    [
      "a client that goes on without waiting",
      tls(request, says(s, TICKETS), says(c, encrypted(90), 6000), says(c, encrypted(90), 6000), ...silence),
    ],
    ["an answer behind a flight that was cut", cutTls(request, says(s, encrypted(900)), ...serverCloses)],
    ["a client that asks nothing, and leaves", tls(says(s, TICKETS), ...CLOSE)],
    ["a client that says goodbye first", tls(says(c, ALERT_13), says(s, ALERT_13), ...serverCloses)],
    [
      "a server that closes an idle connection",
      tls(says(s, TICKETS), s("FIN ACK", { after: 60_000 }), c("FIN ACK"), s("ACK")),
    ],
    [
      "a silence that is short",
      tls(request, says(s, TICKETS), c("FIN ACK", { after: 5000 }), s("FIN ACK"), c("ACK")),
    ],
    [
      "a request that was not acknowledged",
      tls(
        request,
        ...[1000, 2000, 4000, 8000].map((after) =>
          c("PSH ACK", { payload: encrypted(200), seq: 1 + HELLO.length + FINISHED_13.length, after }),
        ),
      ),
    ],
    ["a handshake that fails", [...HANDSHAKE, ...segments(c, HELLO), says(s, alert(2, 40)), ...serverCloses]],
  ])("is not told of %s", async (_, steps) => {
    expect(await findingIn(ID, steps)).toBeUndefined();
  });
});
