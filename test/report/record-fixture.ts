/**
 * Records, summaries and ladders for tests of everything that is said: valid as a whole, changed where a test needs it.
 *
 * The default connection is an ordinary one: opened in 1.4 ms, one request and one answer, closed by the client first.
 * Overrides are merged into objects and replace arrays and plain values; nothing here is computed from packets.
 */
import type {
  ConnectionRecord,
  EndpointRecord,
  GaveUpRecord,
  OfferedOptions,
  ResetRecord,
} from "../../src/report/record.js";
import type {
  CaptureSummary,
  Distribution,
  Histogram,
  HostSummary,
  Standing,
} from "../../src/report/summary.js";
import type { DistributionSeries } from "../../src/report/timeline.js";
import type { TlsRecord } from "../../src/report/tls-record.js";
import type { Ladder, LadderRow } from "../../src/report/view.js";

/** What a test may replace: any leaf; arrays and null as a whole. */
export type Overrides<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Overrides<T[K]> }
    : T;

function merge<T>(base: T, overrides: unknown): T {
  if (!isPlainObject(base) || !isPlainObject(overrides)) return overrides as T;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    merged[key] = key in merged ? merge(merged[key], value) : value;
  }
  return merged as T;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const offered: OfferedOptions = {
  mss: 1460,
  windowScale: 7,
  sack: true,
  timestamps: true,
  ecn: "no",
  fastOpen: "no",
  mptcp: false,
  md5: false,
  authentication: false,
};

const quietEndpoint: EndpointRecord = {
  address: "10.20.0.31",
  port: 51324,
  state: "TIME_WAIT",
  stateTimesMs: { SYN_SENT: 1.31, ESTABLISHED: 98.2, FIN_WAIT_1: 0.9, FIN_WAIT_2: 0.4, TIME_WAIT: 0.1 },
  packets: 6,
  segments: null,
  bytes: 416,
  retransmissions: 0,
  retransmittedBytes: 0,
  synRetransmissions: 0,
  finRetransmissions: 0,
  finAckGapMs: null,
  finCameTwice: false,
  fastRetransmissions: 0,
  timeouts: 0,
  timeoutRepeats: 0,
  tailLossProbes: 0,
  pathMtuRetransmissions: 0,
  fastOpenRetransmissions: 0,
  unexplainedRetransmissions: 0,
  retransmissionShare: 0,
  repeatedBytes: null,
  lost: null,
  lostAcks: 0,
  recovery: null,
  stall: null,
  blackHole: null,
  spuriousRetransmissions: 0,
  inferredRetransmissions: 0,
  reordered: 0,
  forgottenRanges: 0,
  networkDuplicates: 0,
  captureDuplicates: 0,
  duplicateAcks: 0,
  unansweredRepeats: 0,
  unansweredMs: null,
  unansweredGapMs: null,
  unansweredBackoffs: 0,
  timeoutMinMs: null,
  keepAlives: 0,
  zeroWindows: 0,
  zeroWindowMs: null,
  longestZeroWindowMs: null,
  zeroWindowAtEnd: false,
  keepAliveIdleMs: null,
  keepAliveGapMs: null,
  keepAlivesUnanswered: 0,
  heldBackSegments: 0,
  heldBackMs: null,
  heldBackFrame: null,
  congestionEchoes: 0,
  windowReductions: 0,
  windowUpdatesLost: 0,
  zeroWindowProbes: 0,
  roundTrip: null,
  mostInFlightBytes: 416,
  initialWindowBytes: null,
  windowFulls: 0,
  filledWindowBytes: null,
  transferMs: 0,
  throughput: null,
  goodput: null,
  busyMs: null,
  limitedBy: null,
  missingBytes: 0,
  reportedGaps: null,
  resets: 0,
  unexpectedEvents: 0,
  isn: 1_000_000,
  offered,
  rewrittenMss: null,
  ttl: 64,
  synTtl: null,
  answerTtl: null,
  synPayloadBytes: 0,
  userTimeoutMs: null,
  badChecksums: null,
  badChecksumFrame: null,
  congestionMarks: 0,
  lastFrame: 11,
};

const ordinary: ConnectionRecord = {
  id: "1",
  frame: 1,
  file: 0,
  start: "2026-03-14T14:02:11.031000000Z",
  startMs: 0,
  durationMs: 101.1,
  client: quietEndpoint,
  server: {
    ...quietEndpoint,
    address: "10.20.0.8",
    port: 8080,
    state: "CLOSED",
    stateTimesMs: { SYN_RECEIVED: 0.09, ESTABLISHED: 98.3, CLOSE_WAIT: 0.3, LAST_ACK: 0.2 },
    packets: 5,
    bytes: 18_000,
    isn: 3_000_000_000,
    lastFrame: 10,
  },
  clientGuessed: false,
  captured: "both",
  overlay: null,
  vlans: [],
  outcome: "completed",
  losses: [],
  lossEvidence: [],
  synAtMs: 0,
  synAckAtMs: 1.31,
  ackAtMs: 1.4,
  requestAtMs: 1.5,
  connectTimeMs: 1.4,
  serverLegMs: 1.31,
  clientLegMs: 0.09,
  initialRttMs: 1.4,
  retryWaitMs: 0,
  legsAmbiguous: false,
  capturePoint: "near-client",
  ackCarriedData: false,
  synCount: 1,
  synAckCount: 1,
  fastOpenData: null,
  unreachable: null,
  tls: null,
  close: "graceful",
  closedFirst: "client",
  reset: null,
  gaveUp: null,
  reuse: null,
  reusedAfterMs: null,
  reuseProven: false,
  reuseRefused: false,
  firstByteMs: 3.2,
  slowAnswerFrame: null,
  responseTime: { count: 1, minMs: 1.4, meanMs: 1.4, p50Ms: 1.4, p95Ms: 1.4, maxMs: 1.4 },
  thinkTime: null,
  overlappingTurns: 0,
  heartbeat: null,
  pathRoundTripMs: null,
  synProxy: false,
  previousId: null,
  packets: 11,
  bytes: 18_416,
  retransmissions: 0,
  hasFragments: false,
  refusedSyns: 0,
  sameAs: null,
  transitions: [],
  findings: [],
  transitionsDropped: 0,
  evicted: false,
};

/** An ordinary finished connection with the given differences. */
export function makeRecord(overrides: Overrides<ConnectionRecord> = {}): ConnectionRecord {
  return merge(ordinary, overrides);
}

/** A reset, by the server and of a live socket unless told otherwise. */
export function makeReset(overrides: Overrides<ResetRecord> = {}): ResetRecord {
  return merge<ResetRecord>(
    {
      kind: "abort",
      by: "server",
      atMs: 50,
      frame: 9,
      provokedByFrame: null,
      anatomy: "RST ACK, window 501, at SND.NXT: sent by a socket that was alive",
      unreadData: null,
      idleMs: null,
      refusedBytes: null,
      suspicion: null,
      signs: [],
    },
    overrides,
  );
}

/** A sender that gave up: the client's SYNs, early, unless told otherwise. */
export function makeGaveUp(overrides: Overrides<GaveUpRecord>): GaveUpRecord {
  return merge<GaveUpRecord>(
    {
      side: "client",
      what: "SYN",
      repeats: 3,
      silentMs: 60_000,
      leastMs: 3000,
      mostMs: 5000,
      timetable: null,
      limit: "earlier",
    },
    overrides,
  );
}

/** A TLS handshake that an ordinary server answers in one round trip. */
export function makeTls(overrides: Overrides<TlsRecord>): TlsRecord {
  return merge<TlsRecord>(
    {
      sni: "www.example.org",
      isTruncated: false,
      isBrokenOff: false,
      versionOffered: "TLS 1.3",
      version: "TLS 1.3",
      alpnOffered: ["h2", "http/1.1"],
      alpn: null,
      cipher: 4865,
      cipherName: "TLS_AES_128_GCM_SHA256",
      helloAtMs: 21.5,
      helloFrame: 4,
      serverHelloMs: 22.1,
      handshakeMs: 42,
      clientDataMs: 42.2,
      serverDataMs: 65,
      requestMs: 42.2,
      sessionTickets: 0,
      answerMs: 65,
      hasEarlyData: false,
      helloRetryRequests: 0,
      alerts: [],
      alertsOmitted: 0,
    },
    overrides,
  );
}

/** Percentiles as of `count` handshakes; all null for none. */
export function makeDistribution(
  count: number,
  p50Ms = 0,
  p90Ms = p50Ms,
  p99Ms = p90Ms,
  maxMs = p99Ms,
): Distribution {
  if (count === 0) {
    return { count, minMs: null, p50Ms: null, p90Ms: null, p95Ms: null, p99Ms: null, maxMs: null };
  }
  return { count, minMs: p50Ms / 2, p50Ms, p90Ms, p95Ms: p90Ms, p99Ms, maxMs };
}

/** One time over four steps, the slowest handshakes in the second. */
function makeSeries(p50Ms: number, p99Ms: number): DistributionSeries {
  const steps = [1, 4, 2, 1];
  return {
    counts: [100, 200, 150, 120],
    minMs: steps.map(() => p50Ms / 2),
    p50Ms: steps.map(() => p50Ms),
    p90Ms: steps.map((step) => p50Ms + (step * (p99Ms - p50Ms)) / 8),
    p95Ms: steps.map((step) => p50Ms + (step * (p99Ms - p50Ms)) / 6),
    p99Ms: steps.map((step) => p50Ms + (step * (p99Ms - p50Ms)) / 4),
    maxMs: steps.map(() => p99Ms),
    edgesMs: [1, 2, 4],
    histogram: steps.map((step) => [100, step]),
  };
}

/** One server, without troubles unless told otherwise. */
export function makeHost(overrides: Overrides<HostSummary> = {}): HostSummary {
  return merge<HostSummary>(
    {
      name: "10.20.0.8:8080",
      connections: 100,
      completed: 100,
      refused: 0,
      unanswered: 0,
      resets: 0,
      retransmissions: 0,
      bytes: 1_800_000,
      lostClientSide: { clientSegments: 0, serverSegments: 0, bytes: 0, connections: 0 },
      lostServerSide: { clientSegments: 0, serverSegments: 0, bytes: 0, connections: 0 },
      oneTurn: 0,
      closedFirst: 0,
      closedByPeers: 100,
      timeWaitPeak: 0,
      mostExchanges: 0,
      closedWithAnswer: 0,
      closedAtMostExchanges: 0,
      clockedHandshakes: 0,
      synCookies: 0,
      withoutOptions: 0,
      states: {},
      statesMissing: 0,
      ports: null,
      connectTime: makeDistribution(100, 1.4, 2.1, 1020, 7010),
      serverLeg: makeDistribution(100, 1.3, 1.9, 3.4, 31),
      clientLeg: makeDistribution(100, 0.1, 0.1, 0.2, 2),
      initialRtt: makeDistribution(100, 1.4, 2.0, 3.5, 31.1),
      retryWait: makeDistribution(2, 1000, 1000, 1000, 7000),
      connectTimes: makeHistogram([0, 20, 50, 25, 3, 0, 0, 0, 0, 0, 0, 2]),
      serverLegs: makeHistogram([0, 22, 51, 25, 2]),
      clientLegs: makeHistogram([97, 2, 1]),
      initialRtts: makeHistogram([0, 20, 51, 26, 3]),
      retryWaits: makeHistogram([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
    },
    overrides,
  );
}

/** Counts at the ends of steps of a second. */
export function makeStanding(counts: readonly number[]): Standing {
  const peak = Math.max(...counts);
  return { counts, peak, peakAtMs: 1000 * (counts.indexOf(peak) + 1), atEnd: counts.at(-1)! };
}

/** Classes 1, 2, 5, 10 … of milliseconds with the given counts from the first class on. */
export function makeHistogram(counts: readonly number[]): Histogram {
  const edgesMs = [0, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
  return { edgesMs, counts: edgesMs.slice(1).map((_, index) => counts[index] ?? 0) };
}

const troubled: CaptureSummary = {
  files: ["checkout-slow.pcap"],
  format: "pcap",
  start: "2026-03-14T14:02:00.000000000Z",
  durationMs: 134_000,
  packets: 1_204_118,
  wireBytes: 184_000_000,
  segments: 1_203_900,
  extraSegments: 0,
  checksums: null,
  filter: null,
  clockSteps: 0,
  skipped: [
    { reason: "not-tcp", title: "not TCP", packets: 210, isDefect: false, firstId: "12" },
    {
      reason: "tcp-cut",
      title: "TCP header cut by the snap length",
      packets: 8,
      isDefect: true,
      firstId: "117",
    },
  ],
  interfaces: [
    {
      name: "eth0",
      linkType: 1,
      snapLength: 262_144,
      timestampUnitNs: 1000,
      capturePoint: "near-client",
      droppedPackets: 0,
    },
  ],
  capturePoint: "near-client",
  connections: 18_442,
  oneDirection: 0,
  seenTwice: 0,
  outcomes: {
    completed: 17_903,
    simultaneous: 0,
    refused: 301,
    unanswered: 212,
    embryonic: 26,
    aborted: 0,
    unreachable: 0,
    "mid-stream": 0,
  },
  outcomesUnknown: 0,
  closes: {
    graceful: 16_020,
    "graceful-unfinished": 0,
    "half-closed": 61,
    reset: 1_711,
    "timed-out": 0,
    open: 412,
    idle: 0,
    "never-established": 238,
  },
  resetKinds: {
    refused: 301,
    "handshake-abort": 0,
    "stale-syn-ack": 0,
    abort: 1_290,
    "after-close": 88,
    "instead-of-time-wait": 0,
    "unknown-connection": 32,
    "fin-wait-2-expired": 0,
    "keep-alive-expired": 0,
    challenge: 0,
  },
  handshake: {
    connectTime: makeDistribution(17_903, 1.4, 2.1, 1020, 7010),
    serverLeg: makeDistribution(17_903, 1.3, 1.9, 3.4, 31),
    clientLeg: makeDistribution(17_903, 0.1, 0.1, 0.2, 2),
    initialRtt: makeDistribution(17_903, 1.4, 2.0, 3.5, 31.1),
    retryWait: makeDistribution(318, 1000, 3000, 7000, 7000),
    ambiguous: 4,
    synLost: 300,
    synAckLost: 18,
    handshakeAckLost: 222,
  },
  connectTimes: makeHistogram([200, 2_000, 9_000, 5_000, 900, 300, 120, 60, 20, 5, 3, 200, 60, 35]),
  serverLegs: makeHistogram([200, 2_200, 9_100, 5_100, 900, 300, 103]),
  clientLegs: makeHistogram([17_000, 800, 103]),
  initialRtts: makeHistogram([190, 2_100, 9_150, 5_150, 950, 310, 53]),
  retryWaits: makeHistogram([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 220, 62, 36]),
  payloadBytes: 160_000_000,
  retransmissions: 8_542,
  retransmittedBytes: 1_440_000,
  synRetransmissions: 318,
  synAckRetransmissions: 240,
  finRetransmissions: 12,
  fastRetransmissions: 300,
  timeouts: 21,
  timeoutRepeats: 14,
  tailLossProbes: 9,
  spuriousRetransmissions: 7,
  recoveries: 0,
  stalls: 0,
  stallMs: 0,
  lostBeforeCapture: 0,
  lostAfterCapture: 0,
  lostAcks: 0,
  reordered: 77,
  networkDuplicates: 0,
  captureDuplicates: 0,
  missingBytes: 0,
  unseenBytes: 0,
  reportedGaps: 0,
  resetsNotTaken: 0,
  silentPeers: 0,
  lateSegments: 3,
  strayErrors: 0,
  unfollowedRecords: 0,
  evictedConnections: 0,
  evictedUnanswered: 0,
  evictedByServer: [],
  lossBursts: [],
  strippedPaths: [],
  strippedPathsOmitted: 0,
  guessableIsns: [],
  evictedServersOmitted: 0,
  servers: [
    makeHost({
      connections: 18_000,
      completed: 17_700,
      unanswered: 212,
      resets: 1_290,
      retransmissions: 8_500,
      bytes: 159_000_000,
    }),
    makeHost({
      name: "10.20.0.9:443",
      connections: 442,
      completed: 141,
      refused: 301,
      resets: 421,
      retransmissions: 42,
      bytes: 1_000_000,
      connectTime: makeDistribution(141, 2.4, 2.6, 3.1, 4),
      serverLeg: makeDistribution(141, 2.2, 2.4, 2.9, 3.8),
    }),
  ],
  clients: [makeHost({ name: "10.20.0.31", connections: 18_442, completed: 17_903 })],
  serversOmitted: 0,
  clientsOmitted: 0,
  findings: [
    {
      id: "connection-refused",
      title: "Connections refused",
      severity: "problem",
      actor: "server",
      confidence: "certain",
      where: "10.20.0.9:5432",
      sentence: "10.20.0.9:5432 refused 12 connections from 3 clients: nobody listens on that port",
      advice:
        "see whether the service runs and on which address and port it listens (`ss -ltnp` on the server)",
      mistakenFor: "a firewall that rejects with a reset",
      connections: 12,
      lostMs: 360,
      examples: [
        { connection: "17", frames: [17, 18], lostMs: 31 },
        { connection: "40", frames: [40, 44], lostMs: 30 },
      ],
    },
    {
      id: "abortive-close",
      title: "Connections dropped by a reset",
      severity: "warning",
      actor: "unknown",
      confidence: "possible",
      where: "10.20.0.8:8080",
      sentence: "10.20.0.8:8080 dropped 1 connection by a reset: SO_LINGER 0, unread data or a limit",
      advice: "in that side's application look for SO_LINGER with a time of 0",
      mistakenFor: "a health check that opens and drops connections on purpose",
      connections: 1,
      lostMs: null,
      examples: [{ connection: "99", frames: [], lostMs: null }],
    },
  ],
  findingsOmitted: [],
  states: {
    stepMs: 1000,
    client: { ESTABLISHED: makeStanding([310, 402, 412, 412]), TIME_WAIT: makeStanding([80, 120, 96, 90]) },
    server: { ESTABLISHED: makeStanding([310, 402, 412, 412]), CLOSE_WAIT: makeStanding([0, 20, 61, 61]) },
  },
  timeline: {
    stepMs: 1000,
    connections: [100, 200, 150, 120],
    retransmissions: [1, 40, 3, 0],
    retransmissionsByReason: {
      handshake: [0, 9, 2, 0],
      fast: [1, 20, 1, 0],
      timeout: [0, 8, 0, 0],
      tailLossProbe: [0, 3, 0, 0],
      other: [0, 0, 0, 0],
    },
    resets: [0, 12, 9, 1],
    slowHandshakes: [0, 9, 2, 0],
    handshake: {
      connectTime: makeSeries(1.4, 1020),
      serverLeg: makeSeries(1.3, 3.4),
      clientLeg: makeSeries(0.1, 0.2),
      initialRtt: makeSeries(1.4, 3.5),
      retryWait: makeSeries(1000, 7000),
    },
  },
  problems: [],
  notes: [],
  isComplete: true,
};

/** A capture with troubles of several kinds, finished, with the given differences. */
export function makeSummary(overrides: Overrides<CaptureSummary> = {}): CaptureSummary {
  return merge(troubled, overrides);
}

/** A capture of one flawless connection. */
export function makeCleanSummary(): CaptureSummary {
  const none = <T extends string>(counts: Readonly<Record<T, number>>): Record<T, number> =>
    Object.fromEntries(Object.keys(counts).map((key) => [key, 0])) as Record<T, number>;
  return makeSummary({
    files: ["fine.pcapng"],
    format: "pcapng",
    durationMs: 101.1,
    packets: 11,
    wireBytes: 19_200,
    segments: 11,
    skipped: [],
    findings: [],
    connections: 1,
    outcomes: { ...none(troubled.outcomes), completed: 1 },
    closes: { ...none(troubled.closes), graceful: 1 },
    resetKinds: none(troubled.resetKinds),
    handshake: {
      connectTime: makeDistribution(1, 1.4),
      serverLeg: makeDistribution(1, 1.31),
      clientLeg: makeDistribution(1, 0.09),
      initialRtt: makeDistribution(1, 1.4),
      retryWait: makeDistribution(0),
      ambiguous: 0,
      synLost: 0,
      synAckLost: 0,
      handshakeAckLost: 0,
    },
    connectTimes: makeHistogram([0, 0, 1]),
    serverLegs: makeHistogram([0, 0, 1]),
    clientLegs: makeHistogram([1]),
    initialRtts: makeHistogram([0, 0, 1]),
    retryWaits: makeHistogram([]),
    payloadBytes: 18_416,
    retransmissions: 0,
    retransmittedBytes: 0,
    synRetransmissions: 0,
    synAckRetransmissions: 0,
    finRetransmissions: 0,
    fastRetransmissions: 0,
    timeouts: 0,
    timeoutRepeats: 0,
    tailLossProbes: 0,
    spuriousRetransmissions: 0,
    reordered: 0,
    lateSegments: 0,
    servers: [
      makeHost({
        connections: 1,
        completed: 1,
        bytes: 18_416,
        connectTime: makeDistribution(1, 1.4),
        serverLeg: makeDistribution(1, 1.31),
      }),
    ],
    clients: [makeHost({ name: "10.20.0.31", connections: 1, completed: 1, bytes: 18_416 })],
  });
}

/** What `makeLadder` needs of a row; the rest is that of a pure acknowledgment. */
export type RowOverrides = Partial<LadderRow> & Pick<LadderRow, "from" | "flags">;

const ordinaryRows: readonly RowOverrides[] = [
  { from: "client", flags: "SYN", label: "new", end: 1, acknowledgment: null, clientState: "SYN_SENT" },
  {
    from: "server",
    flags: "SYN ACK",
    label: "new",
    deltaMs: 1.31,
    end: 1,
    serverState: "SYN_RECEIVED",
  },
  {
    from: "client",
    flags: "ACK",
    deltaMs: 0.09,
    sequence: 1,
    clientState: "ESTABLISHED",
    serverState: "ESTABLISHED",
    remarks: ["handshake 1.40 ms"],
  },
  { from: "client", flags: "PSH ACK", label: "new", deltaMs: 0.21, sequence: 1, payloadBytes: 416 },
  { from: "server", flags: "ACK", deltaMs: 1.33, sequence: 1, acknowledgment: 417 },
  {
    from: "server",
    flags: "ACK",
    label: "after-gap",
    deltaMs: 48.2,
    sequence: 1449,
    acknowledgment: 417,
    payloadBytes: 1448,
    remarks: ["hole 1:1449"],
  },
  {
    from: "client",
    flags: "ACK",
    deltaMs: 0.05,
    sequence: 417,
    sack: [[1449, 2897]],
    remarks: ["duplicate ACK 1"],
  },
  {
    from: "server",
    flags: "PSH ACK",
    label: "retransmission",
    deltaMs: 1.4,
    sequence: 1,
    acknowledgment: 417,
    payloadBytes: 1448,
    remarks: ["fills the hole"],
  },
  {
    from: "client",
    flags: "FIN ACK",
    label: "new",
    deltaMs: 0.4,
    sequence: 417,
    end: 418,
    acknowledgment: 2897,
    clientState: "FIN_WAIT_1",
  },
  {
    from: "server",
    flags: "ACK",
    deltaMs: 0.6,
    sequence: 2897,
    acknowledgment: 418,
    clientState: "FIN_WAIT_2",
    serverState: "CLOSE_WAIT",
  },
];

/** A ladder with the given rows (frames and times run on by themselves), by default one that loses a segment. */
export function makeLadder(
  overrides: Partial<Omit<Ladder, "rows">> & { readonly rows?: readonly RowOverrides[] } = {},
): Ladder {
  let atMs = 0;
  const rows = (overrides.rows ?? ordinaryRows).map((row, index): LadderRow => {
    const deltaMs = row.deltaMs ?? 0;
    const sequence = row.sequence ?? 0;
    const payloadBytes = row.payloadBytes ?? 0;
    atMs += deltaMs;
    return {
      frame: index + 1,
      atMs,
      deltaMs,
      sequence,
      end: sequence + payloadBytes,
      acknowledgment: 1,
      payloadBytes,
      window: 64_256,
      sack: [],
      label: payloadBytes > 0 ? "new" : "",
      cause: "",
      isSpurious: false,
      isInferred: false,
      checksum: "right",
      remarks: [],
      clientState: null,
      serverState: null,
      ...row,
    };
  });
  return { record: makeRecord(), findings: [], omitted: 0, absent: null, ...overrides, rows };
}
