/** Servers that accept and close at once; and servers that close for other reasons. */
import { expect, it } from "vitest";
import { c, HANDSHAKE, type Step, s } from "../connection/conversation.js";
import { findingIn, idsIn } from "./told.js";

/** A round trip of 20 ms, half of it on each side of the capture point, and one without a network. */
const NEAR: readonly Step[] = [c("SYN"), s("SYN ACK", { after: 0.1 }), c("ACK", { after: 0.1 })];
const ask = (after = 1) => c("PSH ACK", { bytes: 100, after });
const fin = (after: number) => s("FIN ACK", { after });
const THEN_CLIENT: readonly Step[] = [c("FIN ACK"), s("ACK")];

it.each<[string, string, Step[]]>([
  ["before any request", "closed it at once, before any request", [...HANDSHAKE, fin(10), ...THEN_CLIENT]],
  ["after a round trip", "closed it at once, before any request", [...HANDSHAKE, fin(22), ...THEN_CLIENT]],
  ["on one host", "closed it at once, before any request", [...NEAR, fin(0.5), ...THEN_CLIENT]],
  ["and its client resets", "closed it at once, before any request", [...HANDSHAKE, fin(10), c("RST ACK")]],
  [
    "with the request unread",
    "reset it at the first request, without a byte",
    [...HANDSHAKE, ask(), s("RST ACK", { after: 15 })],
  ],
  [
    "and the request crosses its FIN",
    "reset it at the first request, without a byte",
    [...HANDSHAKE, ask(), s("FIN ACK", { ack: 1, after: 5 }), s("RST", { seq: 2, after: 10 })],
  ],
  [
    "when the first request comes late",
    "reset it at the first request, without a byte",
    [...HANDSHAKE, ask(8000), s("RST ACK", { after: 15 })],
  ],
])("a server that closes %s has nobody behind it", async (_, what, steps) => {
  const told = await findingIn("accepted-then-closed", steps);
  expect(told).toMatchObject({ where: "10.0.0.2:80", severity: "problem", actor: "server", connections: 1 });
  expect(told?.sentence).toBe(`10.0.0.2:80 accepted 1 connection and ${what}`);
  expect(await idsIn(steps)).toEqual(["accepted-then-closed"]);
});

it.each<[string, Step[]]>([
  ["that needs no answer and closes in order", [...HANDSHAKE, ask(), s("ACK"), fin(5), ...THEN_CLIENT]],
  [
    "that needs no answer, of a client that sends more later",
    [...HANDSHAKE, ask(), s("ACK"), fin(5), c("ACK"), ask(5000), s("RST", { seq: 2 })],
  ],
  ["that waits for a request and gives up", [...HANDSHAKE, fin(5000), ...THEN_CLIENT]],
  ["that takes longer than the way", [...HANDSHAKE, fin(40), ...THEN_CLIENT]],
  ["that thinks before it resets", [...HANDSHAKE, ask(), s("RST ACK", { after: 300 })]],
  ["that answers", [...HANDSHAKE, ask(), s("PSH ACK", { bytes: 1 }), fin(1), ...THEN_CLIENT]],
  ["whose client closes first", [...HANDSHAKE, c("FIN ACK"), s("RST ACK")]],
  ["that a health check visits", [...HANDSHAKE, c("RST ACK")]],
  ["without room for it", [...HANDSHAKE, ask(), s("RST", { seq: 1 })]],
])("a server %s is none", async (_, steps) => {
  expect(await idsIn(steps)).not.toContain("accepted-then-closed");
});

it("says of how many the request was reset", async () => {
  const on = (clientPort: number, steps: readonly Step[]) =>
    steps.map((step, i) => ({ ...step, clientPort, ...(i < 2 && { isn: clientPort * 1000 }) }));
  const told = await findingIn("accepted-then-closed", [
    ...on(40_001, [...HANDSHAKE, fin(10), ...THEN_CLIENT]),
    ...on(40_002, [...HANDSHAKE, ask(), s("RST ACK", { after: 15 })]),
  ]);
  expect(told?.sentence).toBe(
    "10.0.0.2:80 accepted 2 connections and closed them at once, without a byte, 1 of them by a reset at the first request",
  );
});
