/**
 * Connections that fared badly in different ways, for reports of several lines.
 */
import type { ConnectionRecord } from "../../src/report/record.js";
import { makeRecord, makeReset } from "../report/record-fixture.js";

const notOpened = { connectTimeMs: null, serverLegMs: null, clientLegMs: null, initialRttMs: null } as const;

/** Worst first, the last one ordinary. */
export const worstConnections: readonly ConnectionRecord[] = [
  makeRecord({
    ...notOpened,
    id: "812",
    outcome: "unanswered",
    close: "never-established",
    synCount: 7,
    synAckCount: 0,
    durationMs: 127_000,
    retransmissions: 6,
    bytes: 0,
    client: { retransmissions: 6, synRetransmissions: 6 },
  }),
  makeRecord({
    id: "99",
    losses: ["syn-lost"],
    lossEvidence: [
      { loss: "syn-lost", where: "after-capture", frames: [99, 101], repeatFrames: [102], answerFrame: 103 },
    ],
    synCount: 3,
    connectTimeMs: 3020,
    retryWaitMs: 3000,
    initialRttMs: 20,
    close: "half-closed",
    server: { state: "CLOSE_WAIT", stateTimesMs: { CLOSE_WAIT: 98_000 } },
  }),
  makeRecord({
    ...notOpened,
    id: "5",
    outcome: "refused",
    close: "reset",
    bytes: 0,
    reset: makeReset({ kind: "refused", atMs: 0.3 }),
  }),
  makeRecord({
    id: "6",
    retransmissions: 3,
    client: {
      address: "2001:db8:1234:5678:9abc:def0:1234:5678",
      retransmissions: 3,
      retransmittedBytes: 4344,
    },
    server: { address: "2001:db8:1234:5678:9abc:def0:1234:9999" },
    close: "reset",
    reset: makeReset({ unreadData: "likely" }),
  }),
  makeRecord({ id: "7" }),
];
