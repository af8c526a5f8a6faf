/**
 * Columns → ConnectionRecord, when somebody looks: at the end of a connection that is streamed, for a row on screen,
 * for the report. Whatever depends on other connections is asked of the context here and stands nowhere before.
 */
import type {
  ConnectionRecord,
  EndpointRecord,
  OfferedOptions,
  TransitionRecord,
  UnreachableRecord,
} from "../report/record.js";
import type { SocketRecord } from "../report/socket.js";
import type { CapturePoint } from "../report/summary.js";
import { FAST_OPEN_FATES, REUSES } from "../report/verdicts.js";
import { CLOSED, LISTEN, STATE_NAMES, type StateName, TIME_WAIT } from "../tcp/states.js";
import { EVENT_NAMES } from "../tcp/transitions.js";
import { addressText } from "./addresses.js";
import {
  beganAt,
  lastPacketAt,
  MARK_ACK_WITH_DATA,
  MARK_ACTIVE,
  MARK_ISN_KNOWN,
  OFFER_ACC_ECN,
  OFFER_AUTHENTICATION,
  OFFER_ECN,
  OFFER_FAST_OPEN,
  OFFER_FAST_OPEN_COOKIE,
  OFFER_MD5,
  OFFER_MPTCP,
  OFFER_SACK,
  OFFER_TIMESTAMPS,
  OFFERS_CUT,
  STRIDE,
} from "./columns.js";
import { type Conclusions, withFindings } from "./conclusions.js";
import {
  CLIENT_GUESSED,
  type Connections,
  HAS_FRAGMENTS,
  IS_SELF,
  REUSE_PROVEN,
  REUSE_REFUSED,
} from "./connections.js";
import { closedFirst, closeName, closeOf, resetRecord } from "./describe-close.js";
import { gaveUpRecord } from "./describe-giving-up.js";
import {
  capturedSides,
  type HandshakeFacts,
  handshakeFacts,
  handshakeTimes,
  newFacts,
  outcomeName,
} from "./describe-handshake.js";
import { lossesOf, lossRecords } from "./describe-losses.js";
import { flightFacts, pauseFacts, turnTimes, windowFacts } from "./describe-times.js";
import { tlsRecord } from "./describe-tls.js";
import { transferFacts } from "./describe-transfer.js";
import type { HostPairs } from "./host-pairs.js";
import { unreachableReason } from "./icmp-reasons.js";
import { joined } from "./joined.js";
import { frameOf, idOf, idOfName, nameOf } from "./packet-names.js";
import { segmentLimit } from "./segment-limit.js";
import { timesInStates } from "./state-machine.js";
import type { SystematicCopies } from "./systematic-copies.js";
import { timeOfDay } from "./time-of-day.js";
import type { Unreachable } from "./unreachable.js";

/** What records need beyond the connection's own columns; one for a whole analysis. */
export interface Scene {
  readonly pairs: HostPairs;
  readonly copies: SystematicCopies;
  /** Time of the newest packet: what is open stands as of then. */
  nowNs: number;
  /** Epoch time of the capture's first packet. */
  originNs: bigint;
  readonly idleNs: number;
  readonly timeWaitNs: number;
  /** Names of the input files; ids carry them where there are several. */
  readonly fileNames: readonly string[];
  /** Where the interface listens, by the handshakes that are counted so far. */
  capturePoint(interfaceId: number): CapturePoint;
  /** Shortest server leg among that server's unambiguous handshakes, or null. */
  usualLegNs(connections: Connections, connection: number): number | null;
  /** Whether checksums are verified: otherwise nobody knows of wrong ones. */
  readonly verifiesChecksums?: boolean;
  /** Nobody concludes anything where it is absent. */
  readonly conclusions?: Conclusions;
  /** What the kernel of the capturing host said last of the socket of one end; absent where it is not asked. */
  socketOf?(name: number, side: 0 | 1): SocketRecord | null;
}

/** The scene over the connections that stand in one place: the live ones, or a scratch place. */
export interface DescribeContext {
  readonly scene: Scene;
  readonly connections: Connections;
  /** The ICMP error that answered a connection of that place. */
  unreachable(connection: number): Unreachable | undefined;
}

const facts = newFacts();

/** The record of one connection in memory. */
export function describeConnection(context: DescribeContext, connection: number): ConnectionRecord {
  const record = describeFacts(context, connection);
  return withFindings(record, context.scene.conclusions?.namesOf(record));
}

/** The same without what is concluded from it. */
export function describeFacts(context: DescribeContext, connection: number): ConnectionRecord {
  const { connections } = context;
  const { endpoints: e, columns, rare } = connections;
  const client = connection;
  const server = client + STRIDE;
  const [clientRare, serverRare] = [e.rareRow[client]!, e.rareRow[server]!];
  handshakeFacts(context, connection, facts);
  const startNs = beganAt(e, connection);
  const file = columns.file[connection]!;
  const frame = columns.frame[connection]!;
  const overlay = connections.overlay(connection);
  const losses = lossesOf(context, connection, facts);
  const unreachable = context.unreachable(connection);
  const endNs = Math.max(startNs, lastPacketAt(e, client), unreachable?.atNs ?? startNs);
  const { fileNames } = context.scene;
  const twin = rare.sameAs[clientRare]!;
  const ms = (ns: number) => (ns === ns ? ns / 1e6 : null);
  return joined(
    {
      id: idOf(fileNames, file, frame),
      frame,
      file,
      start: timeOfDay(context.scene.originNs, startNs),
      startMs: startNs / 1e6,
      durationMs: Math.max(0, endNs - startNs) / 1e6,
      client: withSocket(context, connection, 0),
      server: withSocket(context, connection, 1),
      clientGuessed: (columns.marks[connection]! & CLIENT_GUESSED) !== 0,
      captured: capturedSides(context, connection),
      overlay: overlay > 0 ? overlay - 1 : null,
      vlans: vlansOf(e.synVlan[client]! || e.synVlan[server]!),
      outcome: outcomeName(facts.outcome),
      losses,
      lossEvidence: lossRecords(context, connection, losses),
    },
    handshakeTimes(context, connection, startNs),
    {
      connectTimeMs: ms(facts.connectNs),
      serverLegMs: ms(facts.serverLegNs),
      clientLegMs: ms(facts.clientLegNs),
      initialRttMs: ms(facts.serverLegNs + facts.clientLegNs),
      retryWaitMs: ms(facts.retryWaitNs),
      legsAmbiguous: facts.isAmbiguous,
      capturePoint: hasLegs(facts) ? context.scene.capturePoint(columns.interfaceId[connection]!) : null,
      ackCarriedData: (e.marks[client]! & MARK_ACK_WITH_DATA) !== 0,
      synCount: e.synCount[client]!,
      synAckCount: e.synCount[server]!,
      fastOpenData: FAST_OPEN_FATES[rare.synPayloadFate[clientRare]!]!,
      unreachable: unreachable ? unreachableRecord(unreachable, startNs, fileNames) : null,
      close: closeName(closeOf(context, connection, facts.outcome)),
      closedFirst: closedFirst(context, connection),
      reset: resetRecord(context, connection, startNs),
      gaveUp: gaveUpRecord(context, connection, facts.outcome),
    },
    reuseFacts(context, connection),
    turnTimes(context, connection, facts.serverLegNs + facts.clientLegNs),
    {
      tls: tlsRecord(connections, connection, startNs, fileNames),
      packets: e.packets[client]! + e.packets[server]!,
      bytes: e.bytes[client]! + e.bytes[server]!,
      retransmissions: rare.retransmissions[clientRare]! + rare.retransmissions[serverRare]!,
      hasFragments: (columns.marks[connection]! & HAS_FRAGMENTS) !== 0,
      refusedSyns: rare.refusedSyns[clientRare]!,
      sameAs: twin > 0 ? idOfName(fileNames, twin) : null,
      findings: [],
      transitions: transitionRecords(context, connection, startNs),
      transitionsDropped: rare.transitionsDropped[clientRare]!,
      evicted: rare.evictedAt[clientRare]! > 0,
    },
  );
}

function unreachableRecord(
  { ipVersion, code, sender, name, atNs }: Unreachable,
  startNs: number,
  fileNames: readonly string[],
): UnreachableRecord {
  return {
    reason: unreachableReason(ipVersion, code),
    sender: addressText(ipVersion, ...sender),
    frame: frameOf(fileNames, name)!,
    atMs: (atNs - startNs) / 1e6,
  };
}

/** Whether a time was measured that means something else at another capture point. */
function hasLegs({ connectNs, serverLegNs, clientLegNs }: HandshakeFacts): boolean {
  return connectNs >= 0 || serverLegNs >= 0 || clientLegNs >= 0;
}

/** How the tuple came to be used again. */
function reuseFacts({ scene, connections }: DescribeContext, connection: number) {
  const { reuse, reusedAfterNs, previous, marks } = connections.columns;
  const afterNs = reusedAfterNs[connection]!;
  return {
    reuse: REUSES[reuse[connection]! - 1] ?? null,
    reusedAfterMs: Number.isNaN(afterNs) ? null : afterNs / 1e6,
    reuseProven: (marks[connection]! & REUSE_PROVEN) !== 0,
    reuseRefused: (marks[connection]! & REUSE_REFUSED) !== 0,
    previousId: previous[connection]! > 0 ? idOfName(scene.fileNames, previous[connection]!) : null,
  };
}

/** The two outermost VLAN identifiers, of which either may be missing. */
function vlansOf(tags: number): number[] {
  return [(tags >>> 12) & 0xfff, tags & 0xfff].filter((tag) => tag > 0);
}

function withSocket(context: DescribeContext, connection: number, side: 0 | 1): EndpointRecord {
  const record = endpointRecord(context, connection, side);
  const socket = context.scene.socketOf?.(nameOf(context.connections.columns, connection), side) ?? null;
  return socket === null ? record : { ...record, socket };
}

function endpointRecord(context: DescribeContext, connection: number, side: number): EndpointRecord {
  const { connections } = context;
  const { endpoints: e, rare } = connections;
  const row = connection + side * STRIDE;
  // Connected to itself: the one socket's states are those of both ends; what it sent is counted once.
  const socket = connections.columns.marks[connection]! & IS_SELF ? connection : row;
  const at = e.rareRow[row]!;
  const captureDuplicates = context.scene.copies.captureCopies(rare, at);
  const unseenSide = side === 1 ? "client-only" : "server-only";
  const isUncaptured = capturedSides(context, connection) === unseenSide;
  const isPassive = !(e.marks[row]! & MARK_ACTIVE);
  return joined(
    {
      address: addressText(
        connections.ipVersion(connection),
        connections.addressWord(connection, side, 0),
        connections.addressWord(connection, side, 1),
        connections.addressWord(connection, side, 2),
        connections.addressWord(connection, side, 3),
      ),
      port: connections.port(connection, side),
      state: stateNow(context, socket),
      stateTimesMs: stateTimes(context, socket),
      packets: e.packets[row]!,
      segments: segmentLimit(e, row, row ^ STRIDE) > 0 ? e.packets[row]! + rare.extraSegments[at]! : null,
      bytes: e.bytes[row]!,
      retransmissions: rare.retransmissions[at]!,
      retransmittedBytes: rare.retransmittedBytes[at]!,
      synRetransmissions: Math.max(0, e.synCount[row]! - 1),
      finRetransmissions: rare.finRetransmissions[at]!,
      finAckGapMs: rare.finAckGapNs[at]! > 0 ? rare.finAckGapNs[at]! / 1e6 : null,
      finCameTwice: rare.finCameTwice[at] === 1,
      fastRetransmissions: rare.fastRetransmissions[at]!,
      timeouts: rare.timeouts[at]!,
      timeoutRepeats: rare.timeoutRepeats[at]!,
      tailLossProbes: rare.tailLossProbes[at]!,
      spuriousRetransmissions: rare.spurious[at]!,
      inferredRetransmissions: rare.inferred[at]!,
      reordered: rare.reordered[at]!,
      forgottenRanges: rare.forgottenRanges[at]!,
      networkDuplicates: rare.copies[at]! - captureDuplicates,
      captureDuplicates,
      duplicateAcks: rare.duplicateAcks[at]!,
    },
    unanswered(context, row),
    pauseFacts(context, row),
    windowFacts(context, row),
    {
      zeroWindowProbes: rare.zeroWindowProbes[at]!,
      timeoutMinMs: leastOf(rare.timeoutMinUs[at]!, rare.soonTimeoutUs[at]!),
    },
    flightFacts(context, row),
    transferFacts(context, row),
    {
      missingBytes: rare.missingBytes[at]!,
      reportedGaps: isUncaptured ? rare.reportedGaps[e.rareRow[row ^ STRIDE]!]! : null,
      resets: rare.rstCount[at]!,
      unexpectedEvents: rare.unexpected[at]!,
      isn: e.marks[row]! & MARK_ISN_KNOWN ? e.isn[row]! >>> 0 : null,
      rewrittenMss: rare.rewrittenMss[at]! || null,
      offered: e.synCount[row]! > 0 ? offeredOptions(context, row, isPassive) : null,
      ttl: e.ttl[row]! || null,
      synPayloadBytes: rare.synPayload[at]!,
      userTimeoutMs: userTimeoutMs(rare.userTimeout[at]!),
      badChecksums: context.scene.verifiesChecksums ? rare.badChecksums[at]! : null,
      badChecksumFrame: frameOf(context.scene.fileNames, rare.firstBadChecksum[at]!),
      congestionMarks: rare.ceMarks[at]!,
      congestionEchoes: rare.eceFlags[at]!,
      windowReductions: rare.cwrFlags[at]!,
      lastFrame: frameOf(context.scene.fileNames, e.lastFrame[row]!),
    },
  );
}

/** What this side sent again since it last heard its peer. */
function unanswered(context: DescribeContext, row: number) {
  const { endpoints, rare } = context.connections;
  const at = endpoints.rareRow[row]!;
  const repeats = rare.repeatsSincePeer[at]!;
  return {
    unansweredRepeats: repeats,
    unansweredMs: repeats > 0 ? unheardMs(context, row) : null,
    unansweredGapMs: repeats > 1 ? rare.repeatGapNs[at]! / 1e6 : null,
    unansweredBackoffs: repeats > 1 ? rare.backoffs[at]! : 0,
  };
}

/** The smaller of two times in microseconds, 0 for unknown ones, in milliseconds. */
function leastOf(one: number, other: number): number | null {
  const least = one > 0 && other > 0 ? Math.min(one, other) : one + other;
  return least > 0 ? least / 1e3 : null;
}

/** The option's 15 bits of seconds, or of minutes where the highest bit says so (RFC 5482 §3). */
function userTimeoutMs(option: number): number | null {
  const time = option & 0x7fff;
  if (time === 0) return null;
  return time * (option & 0x8000 ? 60_000 : 1000);
}

/** Time from the peer's last packet, or without one from this side's first, to this side's last. */
function unheardMs(context: DescribeContext, row: number): number {
  const { lastAt, firstAt } = context.connections.endpoints;
  const heardAt = lastAt[row ^ STRIDE]!;
  return Math.max(0, lastAt[row]! - (heardAt === heardAt ? heardAt : firstAt[row]!)) / 1e6;
}

function offeredOptions(context: DescribeContext, row: number, isPassive: boolean): OfferedOptions | null {
  const e = context.connections.endpoints;
  const bits = e.options[row]!;
  if (bits & OFFERS_CUT) return null;
  const hasFastOpen = (bits & OFFER_FAST_OPEN) !== 0;
  return {
    mss: e.mss[row]! > 0 ? e.mss[row]! : null,
    windowScale: e.offeredScale[row]! >= 0 ? e.offeredScale[row]! : null,
    sack: (bits & OFFER_SACK) !== 0,
    timestamps: (bits & OFFER_TIMESTAMPS) !== 0,
    ecn: bits & OFFER_ACC_ECN ? "accecn" : bits & OFFER_ECN ? "ecn" : "no",
    fastOpen: !hasFastOpen ? "no" : bits & OFFER_FAST_OPEN_COOKIE || isPassive ? "cookie" : "requested",
    mptcp: (bits & OFFER_MPTCP) !== 0,
    md5: (bits & OFFER_MD5) !== 0,
    authentication: (bits & OFFER_AUTHENTICATION) !== 0,
  };
}

/** The state at `nowNs`: TIME_WAIT ends by itself after 2MSL (RFC 9293 §3.10.8), without a packet. */
function stateNow(context: DescribeContext, row: number): StateName {
  const e = context.connections.endpoints;
  const state = e.state[row]!;
  const isExpired =
    state === TIME_WAIT && context.scene.nowNs - e.stateSince[row]! >= context.scene.timeWaitNs;
  return STATE_NAMES[isExpired ? CLOSED : state]!;
}

function stateTimes(context: DescribeContext, row: number): Partial<Record<StateName, number>> {
  const times: Partial<Record<StateName, number>> = {};
  const spent = timesInStates(context.connections, row, context.scene.nowNs);
  for (let state = LISTEN; state <= TIME_WAIT; state++) {
    const ns = state === TIME_WAIT ? Math.min(spent[state]!, context.scene.timeWaitNs) : spent[state]!;
    if (ns > 0) times[STATE_NAMES[state]!] = ns / 1e6;
  }
  return times;
}

function transitionRecords(
  context: DescribeContext,
  connection: number,
  startNs: number,
): TransitionRecord[] {
  const { columns, log } = context.connections;
  const records: TransitionRecord[] = [];
  log.forEach(
    columns.firstTransition[connection]!,
    columns.transitions[connection]!,
    (at, name, side, event, from, to) => {
      records.push({
        atMs: (at - startNs) / 1e6,
        frame: frameOf(context.scene.fileNames, name)!,
        side: side === 1 ? "server" : "client",
        event: EVENT_NAMES[event]!,
        from: STATE_NAMES[from]!,
        to: STATE_NAMES[to]!,
      });
    },
  );
  return records;
}
