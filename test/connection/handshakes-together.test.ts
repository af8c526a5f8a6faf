/** What handshakes tell together does not depend on how they are shared out: parts can be merged, and taken out again. */
import { describe, expect, it } from "vitest";
import { OFFER_SACK, OFFER_TIMESTAMPS, STRIDE } from "../../src/connection/columns.js";
import type { Connections } from "../../src/connection/connections.js";
import { HandshakePaths } from "../../src/connection/handshake-paths.js";
import { IsnLines } from "../../src/connection/isn-lines.js";

/** A handshake: the client's host number, its port, what the server grants of SACK and timestamps, both ISNs. */
interface Shake {
  readonly client: number;
  readonly port: number;
  readonly granted: number;
  readonly isns: readonly [client: number, server: number];
}

const BOTH = OFFER_SACK | OFFER_TIMESTAMPS;

/** A table with this handshake only, in its first row; its packets come in the order of ports. */
function tableWith({ client, port, granted, isns }: Shake): Connections {
  const rows = (ofClient: number, ofServer: number) => ({ 0: ofClient, [STRIDE]: ofServer });
  return {
    port: (_: number, side: number) => (side === 0 ? port : 80),
    ipVersion: () => 4,
    addressWord: (_: number, side: number, word: number) => (word > 0 ? 0 : side === 0 ? client : 7),
    columns: { file: [0], frame: [port] },
    endpoints: {
      synCount: rows(1, 1),
      options: rows(BOTH, granted),
      offeredScale: rows(-1, -1),
      isn: rows(isns[0], isns[1]),
      synAt: rows(port * 1e7, port * 1e7 + 1e6),
    },
  } as unknown as Connections;
}

const shakes = Array.from({ length: 60 }, (_, i): Shake => {
  const client = 1 + (i % 5);
  // The fifth client never gets SACK; the server counts, the clients do not.
  return {
    client,
    port: 100 + i,
    granted: client === 5 ? OFFER_TIMESTAMPS : BOTH,
    isns: [Math.imul(i * i + 3, 0x9e3779b1), 64_000 * i],
  };
});

const told = (all: readonly Shake[]) => {
  const [paths, isns] = [new HandshakePaths(), new IsnLines()];
  for (const shake of all) {
    paths.add(tableWith(shake), 0, 1);
    isns.add(tableWith(shake), 0);
  }
  return { paths, isns };
};

describe("handshakes together", () => {
  const whole = told(shakes);
  const expected = {
    paths: [
      {
        server: "0.0.0.7:80",
        client: "0.0.0.5",
        options: ["sack"],
        handshakes: 12,
        firstId: "104",
        firstFrame: 104,
      },
    ],
    omitted: 0,
  };

  it("tell of the client without SACK, and of the server that counts", () => {
    expect(whole.paths.summary(["a"])).toEqual(expected);
    expect(whole.isns.summary()).toEqual([
      { host: "0.0.0.7:80", side: "server", handshakes: 12, perHandshake: 64_000, perSecond: 0, within: 0 },
    ]);
  });

  it.each<[string, (i: number) => boolean]>([
    ["every second one", (i) => i % 2 === 0],
    ["by client", (i) => i % 5 < 2],
    ["the later ones first", (i) => i >= 30],
  ])("tell the same in two parts, merged: %s", (_, isFirst) => {
    const parts = [told(shakes.filter((_, i) => isFirst(i))), told(shakes.filter((_, i) => !isFirst(i)))];
    parts[0]!.paths.merge(parts[1]!.paths);
    parts[0]!.isns.merge(parts[1]!.isns);
    expect(parts[0]!.paths.summary(["a"])).toEqual(expected);
    expect(parts[0]!.isns.summary()).toEqual(whole.isns.summary());
  });

  it("are taken out again", () => {
    const { paths } = told(shakes);
    for (const shake of shakes.filter(({ client }) => client === 5).slice(2))
      paths.add(tableWith(shake), 0, -1);
    expect(paths.summary(["a"]).paths).toEqual([]);
  });

  it("tell the same however late an earlier one is done", () => {
    expect(told([...shakes].reverse()).isns.summary()).toEqual(whole.isns.summary());
    expect(told([...shakes].reverse()).paths.summary(["a"])).toEqual(expected);
  });
});
