/**
 * The capture as a whole: counts and distributions over connections, added up as each becomes final.
 *
 * Everything here can be merged. What depends on other connections (which SYN was answered, where a server's usual leg
 * decides) is kept as a candidate and decided when the summary is asked for.
 */
import {
  type CaptureSummary,
  HANDSHAKE_TIMES,
  type HandshakeHistograms,
  type HandshakeTime,
  type HandshakeTimes,
} from "../report/summary.js";
import { type DistributionSeries, REPEAT_REASONS, type RepeatReason } from "../report/timeline.js";
import { CLOSES, OUTCOMES, RESET_KINDS } from "../report/verdicts.js";
import { CapturePoints } from "./capture-points.js";
import { beganAt, MARK_ACK_WITH_DATA, MARK_SYN_LOST, STRIDE } from "./columns.js";
import { type Connections, IS_SELF, WAS_RESET } from "./connections.js";
import type { DescribeContext } from "./describe.js";
import { closeOf } from "./describe-close.js";
import { handshakeFacts, isUnderWay, newFacts } from "./describe-handshake.js";
import { FINE, TimeDistribution } from "./distribution.js";
import type { Repeat } from "./early-repeats.js";
import { HandshakePaths } from "./handshake-paths.js";
import type { HostPairs } from "./host-pairs.js";
import { newSample, noteCloser } from "./host-sample.js";
import { type Host, HostTable } from "./host-table.js";
import { IsnLines } from "./isn-lines.js";
import { type LegCandidate, LegCandidates } from "./leg-candidates.js";
import { PairSuspects } from "./pair-suspects.js";
import { StateCounts } from "./state-counts.js";
import { answerOf, UNCLOCKED } from "./syn-cookies.js";
import type { SystematicCopies } from "./systematic-copies.js";
import { addSums, newSums, sumLosses } from "./tally-sums.js";
import { TimeSeries } from "./time-series.js";
import { isSecondSight } from "./translated-connections.js";
import { exchangesOf, isClosedWithAnswer, onlyResponseNs } from "./turns.js";

/** Series over time: connections, retransmissions, resets, handshakes that repeated something; then repeats by reason. */
const SERIES = 4;
/** Indexes into HANDSHAKE_TIMES, in its order. */
const [CONNECT, SERVER_LEG, CLIENT_LEG, INITIAL_RTT, RETRY_WAIT] = [0, 1, 2, 3, 4];

const facts = newFacts();
const sample = newSample();

export class Tally {
  connections = 0;
  /** Connections under a second tuple: they stand in no figure but this one. */
  seenTwice = 0;
  readonly outcomes = new Float64Array(OUTCOMES.length);
  outcomesUnknown = 0;
  readonly closes = new Float64Array(CLOSES.length);
  readonly resetKinds = new Float64Array(RESET_KINDS.length);
  readonly sums = newSums();
  /** In the order of HANDSHAKE_TIMES. */
  readonly times = HANDSHAKE_TIMES.map(() => new TimeDistribution(FINE));
  readonly servers = new HostTable(1);
  readonly clients = new HostTable(0);
  /** What servers grant to whom, and initial sequence numbers by host. */
  readonly paths = new HandshakePaths();
  readonly isns = new IsnLines();
  readonly series = new TimeSeries(SERIES + REPEAT_REASONS.length, HANDSHAKE_TIMES.length);
  readonly states = new StateCounts();
  readonly capturePoints = new CapturePoints();
  /** Attempts that count as never answered while nothing shows that the answers were not captured. */
  readonly suspects = new PairSuspects();
  /** Candidates whose answered SYN cannot be told. */
  #ambiguous = 0;
  readonly #candidates = new LegCandidates();
  /** Copies that their pair of interfaces decides on, by pair. */
  readonly #copyCandidates = new Map<number, number>();

  /** Adds a connection that is done; with weight -1 takes it out again, as it stood when it was added. */
  add(context: DescribeContext, connection: number, weight: 1 | -1): void {
    const { endpoints: e, columns, rare } = context.connections;
    const client = connection;
    const server = client + STRIDE;
    const [clientRare, serverRare] = [e.rareRow[client]!, e.rareRow[server]!];
    if (isSecondSight(context.connections, connection)) {
      this.seenTwice += weight;
      return;
    }
    handshakeFacts(context, connection, facts);
    this.connections += weight;
    if (facts.outcome < 0) this.outcomesUnknown += weight;
    else this.outcomes[facts.outcome]! += weight;
    const close = closeOf(context, connection, facts.outcome);
    this.closes[close]! += weight;
    const isUnanswered = rare.repeatsSincePeer[clientRare]! > 1 || rare.repeatsSincePeer[serverRare]! > 1;
    if (isUnanswered && isOpen(close)) this.sums.silentPeers += weight;
    const side = PairSuspects.silentSide(context, connection, facts.outcome);
    if (side >= 0) this.#suspect(context, connection, side as 0 | 1, close, isUnanswered, weight);
    const wasReset = (columns.marks[connection]! & WAS_RESET) !== 0;
    if (wasReset) this.resetKinds[rare.resetKind[clientRare]!]! += weight;
    this.#addSums(context, client, server, weight);
    // A time that nothing confirms would stretch the timeline (clock.ts).
    const untilNs = context.scene.nowNs;
    const startNs = Math.min(Math.max(0, beganAt(e, connection)), untilNs);
    this.series.add(0, startNs, weight);
    const repeats = rare.retransmissions[clientRare]! + rare.retransmissions[serverRare]!;
    if (wasReset) this.series.add(2, Math.min(rare.resetAt[clientRare]!, untilNs), weight);
    if (e.synCount[client]! > 1 || e.synCount[server]! > 1) this.series.add(3, startNs, weight);
    this.#addTimes(context, connection, startNs, weight);
    this.#addHosts(context, connection, client, repeats, wasReset, weight);
  }

  /** The outcome hangs on whether that side was captured; where it was not, the close is another too. */
  #suspect(
    context: DescribeContext,
    connection: number,
    side: 0 | 1,
    close: number,
    isUnanswered: boolean,
    weight: 1 | -1,
  ): void {
    const otherwise = closeOf(context, connection, -1);
    const isSilent = isUnanswered && isOpen(otherwise);
    this.suspects.note(context, connection, side, close, otherwise, isSilent, this, weight);
  }

  /** A segment was sent again: it counts at once, in whatever connection; weight -1 takes it back. */
  addRepeat({ atNs, reason }: Repeat, weight: 1 | -1): void {
    this.series.add(1, Math.max(0, atNs), weight);
    this.series.add(SERIES + reason, Math.max(0, atNs), weight);
  }

  /** Shortest leg of the connection's server, or null. */
  usualLegNs(connections: Connections, connection: number): number | null {
    const shortest = this.servers.shortestLegOf(this.servers.hostOf(connections, connection));
    return shortest < Number.POSITIVE_INFINITY ? shortest : null;
  }

  merge(other: Tally): void {
    this.connections += other.connections;
    this.seenTwice += other.seenTwice;
    this.outcomesUnknown += other.outcomesUnknown;
    other.outcomes.forEach((n, i) => {
      this.outcomes[i]! += n;
    });
    other.closes.forEach((n, i) => {
      this.closes[i]! += n;
    });
    other.resetKinds.forEach((n, i) => {
      this.resetKinds[i]! += n;
    });
    for (const name of Object.keys(this.sums) as (keyof Tally["sums"])[]) this.sums[name] += other.sums[name];
    this.times.forEach((time, at) => {
      time.merge(other.times[at]!);
    });
    this.servers.merge(other.servers);
    this.clients.merge(other.clients);
    this.paths.merge(other.paths);
    this.isns.merge(other.isns);
    this.series.merge(other.series);
    this.states.merge(other.states);
    this.capturePoints.merge(other.capturePoints);
    this.suspects.merge(other.suspects);
    this.#candidates.merge(other.#candidates);
    for (const [pair, n] of other.#copyCandidates) this.#addCopyCandidates(pair, n);
  }

  /** The part of the capture summary that connections tell. */
  summary(untilNs: number, most: number, copies: SystematicCopies, pairs: HostPairs) {
    return (this.#candidates.count > 0 ? this.#settled() : this).#told(untilNs, most, copies, pairs);
  }

  /** All of it once more, with the candidates decided by what their servers usually take. */
  #settled(): Tally {
    const settled = new Tally();
    settled.merge(this);
    this.#candidates.forEach((candidate) => {
      settled.#settle(candidate);
    });
    return settled;
  }

  #settle(candidate: LegCandidate): void {
    const { server, client, startNs, fromFirstNs, fromLastNs, clientLegNs, retryWaitNs } = candidate;
    const count = (time: number, ns: number) => {
      if (ns !== ns) return;
      this.times[time]!.add(ns, 1);
      this.servers.addTime(server, time, ns);
      this.clients.addTime(client, time, ns);
      this.series.addTime(time, startNs, ns, 1);
    };
    if (fromLastNs > 3 * this.servers.shortestLegOf(server)) {
      count(SERVER_LEG, fromFirstNs);
      count(INITIAL_RTT, fromFirstNs + clientLegNs);
    } else {
      this.#ambiguous++;
      this.sums.synAckLost++;
      count(RETRY_WAIT, retryWaitNs);
    }
  }

  #told(untilNs: number, most: number, copies: SystematicCopies, pairs: HostPairs) {
    const moved = this.suspects.settle(pairs);
    const states = this.states.summary(untilNs);
    const statesOf = (side: 0 | 1) => (host: Host) => this.states.ofHost(host, side, untilNs);
    const servers = this.servers.summary(most, moved.servers, statesOf(1));
    const clients = this.clients.summary(most, moved.clients, statesOf(0));
    this.series.cover(untilNs);
    const { synLost, handshakeAckLost, oneDirection, synAckLost, stallNs, ...sums } = this.sums;
    for (const [pair, n] of this.#copyCandidates) {
      if (!copies.isSystematic(pair)) continue;
      sums.captureDuplicates += n;
      sums.networkDuplicates -= n;
    }
    sums.silentPeers += moved.silentPeers;
    return {
      ...sums,
      stallMs: stallNs / 1e6,
      oneDirection: oneDirection + moved.oneDirection,
      connections: this.connections,
      seenTwice: this.seenTwice,
      outcomes: names(OUTCOMES, this.outcomes, moved.outcomes),
      outcomesUnknown: this.outcomesUnknown + moved.outcomesUnknown,
      closes: names(CLOSES, this.closes, moved.closes),
      resetKinds: names(
        RESET_KINDS.map((kind) => kind.name),
        this.resetKinds,
      ),
      handshake: {
        ...this.#timesTold(),
        ambiguous: this.#ambiguous,
        synLost,
        synAckLost,
        handshakeAckLost,
      },
      ...this.#histogramsTold(),
      servers: servers.hosts,
      serversOmitted: servers.omitted,
      clients: clients.hosts,
      clientsOmitted: clients.omitted,
      states,
      timeline: {
        stepMs: this.series.stepNs / 1e6,
        connections: this.series.steps(0, untilNs),
        retransmissions: this.series.steps(1, untilNs),
        retransmissionsByReason: Object.fromEntries(
          REPEAT_REASONS.map((name, reason) => [name, this.series.steps(SERIES + reason, untilNs)]),
        ) as Record<RepeatReason, number[]>,
        resets: this.series.steps(2, untilNs),
        slowHandshakes: this.series.steps(3, untilNs),
        handshake: Object.fromEntries(
          HANDSHAKE_TIMES.map(({ name }, time) => [name, this.series.spread(time, untilNs)]),
        ) as Record<HandshakeTime, DistributionSeries>,
      },
    } satisfies Partial<CaptureSummary>;
  }

  #timesTold(): HandshakeTimes {
    const told = HANDSHAKE_TIMES.map(({ name }, time) => [name, this.times[time]!.summary()]);
    return Object.fromEntries(told) as HandshakeTimes;
  }

  #histogramsTold(): HandshakeHistograms {
    const told = HANDSHAKE_TIMES.map(({ histogram }, time) => [histogram, this.times[time]!.histogram()]);
    return Object.fromEntries(told) as HandshakeHistograms;
  }

  #addSums(context: DescribeContext, client: number, server: number, weight: number): void {
    const { endpoints: e, rare, columns } = context.connections;
    addSums(this.sums, context.connections, client, weight);
    for (const at of [e.rareRow[client]!, e.rareRow[server]!]) {
      if (rare.copyCandidates[at]! > 0)
        this.#addCopyCandidates(context.scene.copies.pairOf(rare, at), weight * rare.copyCandidates[at]!);
    }
    const isAttempt = ATTEMPTS.includes(facts.outcome) || isUnderWay(context, client, facts);
    const isSelf = (columns.marks[client]! & IS_SELF) !== 0;
    const isServerMissing = e.packets[server] === 0 && !isAttempt && !isSelf;
    if (e.packets[client] === 0 || isServerMissing) this.sums.oneDirection += weight;
  }

  #addCopyCandidates(pair: number, n: number): void {
    this.#copyCandidates.set(pair, (this.#copyCandidates.get(pair) ?? 0) + n);
  }

  #addHosts(
    context: DescribeContext,
    connection: number,
    client: number,
    repeats: number,
    wasReset: boolean,
    weight: 1 | -1,
  ): void {
    const { endpoints: e } = context.connections;
    sumLosses(context.connections, client, sample);
    sample.outcome = facts.outcome;
    sample.wasReset = wasReset;
    sample.repeats = repeats;
    sample.bytes = e.bytes[client]! + e.bytes[client + STRIDE]!;
    const isCompleted = facts.outcome === COMPLETED;
    sample.isOneTurn = isCompleted && onlyResponseNs(context.connections, connection) >= 0;
    sample.exchanges = exchangesOf(context.connections, connection);
    noteCloser(sample, e, client);
    sample.isClosedWithAnswer =
      isCompleted && sample.closer === 1 && isClosedWithAnswer(context.connections, connection);
    sample.legNs = facts.isAmbiguous ? Number.NaN : facts.serverLegNs;
    sample.answer = isCompleted ? answerOf(context.connections, client, sample.legNs) : UNCLOCKED;
    const ofServer = this.servers.add(context.connections, connection, sample, weight);
    const ofClient = this.clients.add(context.connections, connection, sample, weight);
    this.states.add(context, connection, this.clients.counted, this.servers.counted, weight);
    if (!isCompleted) return;
    this.paths.add(context.connections, client, weight);
    if (weight > 0) this.isns.add(context.connections, client, ofClient, ofServer);
  }

  /** Fills `sample.times` with what is known for certain of a completed handshake, and counts it in. */
  #addTimes(context: DescribeContext, connection: number, startNs: number, weight: 1 | -1): void {
    const { endpoints: e, columns } = context.connections;
    const client = connection;
    const known = sample.times;
    known.fill(Number.NaN);
    const { connectNs, serverLegNs, clientLegNs, retryWaitNs } = facts;
    if (connectNs !== connectNs && clientLegNs !== clientLegNs) return;
    const isHeld = (e.marks[client]! & MARK_ACK_WITH_DATA) !== 0;
    const isCandidate = facts.isAmbiguous && !(e.marks[client]! & MARK_SYN_LOST);
    known[CONNECT] = connectNs;
    if (!isHeld) known[CLIENT_LEG] = clientLegNs;
    if (isCandidate) this.#addCandidate(context, connection, startNs, isHeld, weight);
    else if (retryWaitNs > 0) known[RETRY_WAIT] = retryWaitNs;
    if (!facts.isAmbiguous) {
      known[SERVER_LEG] = serverLegNs;
      if (!isHeld) known[INITIAL_RTT] = serverLegNs + clientLegNs;
    }
    for (let time = 0; time < known.length; time++) {
      const ns = known[time]!;
      if (ns !== ns) continue;
      this.times[time]!.add(ns, weight);
      this.series.addTime(time, startNs, ns, weight);
    }
    if (known[INITIAL_RTT] !== known[INITIAL_RTT]) return;
    const [clientTtl, serverTtl] = [e.ttl[client]!, e.ttl[client + STRIDE]!];
    const interfaceId = columns.interfaceId[connection]!;
    this.capturePoints.note(interfaceId, serverLegNs, clientLegNs, clientTtl, serverTtl, weight);
  }

  /** A handshake whose legs are decided when all of its server's others are known. */
  #addCandidate(
    context: DescribeContext,
    connection: number,
    startNs: number,
    isHeld: boolean,
    weight: 1 | -1,
  ): void {
    const { endpoints: e } = context.connections;
    const answeredAt = e.synAt[connection + STRIDE]!;
    const fromFirstNs = answeredAt - e.synAt[connection]!;
    const fromLastNs = answeredAt - e.lastSynAt[connection]!;
    const { retryWaitNs } = facts;
    const clientLegNs = isHeld ? Number.NaN : facts.clientLegNs;
    const client = this.clients.hostOf(context.connections, connection);
    const server = this.servers.hostOf(context.connections, connection);
    const times = { startNs, fromFirstNs, fromLastNs, clientLegNs, retryWaitNs };
    this.#candidates.add({ server, client, ...times }, weight);
  }
}

const OPEN = CLOSES.indexOf("open");
const IDLE = CLOSES.indexOf("idle");

function isOpen(close: number): boolean {
  return close === OPEN || close === IDLE;
}

const COMPLETED = OUTCOMES.indexOf("completed");
const ATTEMPTS = [OUTCOMES.indexOf("unanswered"), OUTCOMES.indexOf("unreachable")];

/** Counts by name; `moved`: what is added to them. */
function names<T extends string>(
  list: readonly T[],
  counts: Float64Array,
  moved: readonly number[] = [],
): Record<T, number> {
  return Object.fromEntries(list.map((name, i) => [name, counts[i]! + (moved[i] ?? 0)])) as Record<T, number>;
}
