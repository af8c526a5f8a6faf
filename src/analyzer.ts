/**
 * THE path, on one screen: packets from a capture, decoded into one reused segment, observed by the tracker.
 *
 * Everything a screen or a report asks of an analysis is answered here too: progress, the summary, a page of
 * connections, the ladder of one. Records are made when they are asked for; no packet is kept.
 */

import { readLadder, readLadders } from "./analysis-ladder.js";
import { Ledger } from "./analysis-ledger.js";
import { LiveWatch } from "./analysis-live.js";
import { type AnalysisOptions, HOLDS_SYNS_FROM } from "./analysis-options.js";
import { PacketCounts } from "./analysis-packets.js";
import { RecentRate } from "./analysis-rate.js";
import { followedBy, summarize } from "./analysis-summary.js";
import type { Capture } from "./capture/packet.js";
import { Amendments } from "./connection/amendments.js";
import { Checksums, noteWrongChecksum } from "./connection/checksums.js";
import { type DescribeContext, describeConnection } from "./connection/describe.js";
import type { Repeat } from "./connection/early-repeats.js";
import {
  FinishedConnections,
  type KeptConnections,
  RENEWAL_SHARE,
} from "./connection/finished-connections.js";
import { LOOK_AHEAD, LookAhead } from "./connection/look-ahead.js";
import { nameOf } from "./connection/packet-names.js";
import { isHandshaking } from "./connection/second-sights.js";
import { SegmentRows } from "./connection/segment-rows.js";
import { Tally } from "./connection/tally.js";
import { Tracker } from "./connection/tracker.js";
import { Handshake, isSecondSight, markSecondSight } from "./connection/translated-connections.js";
import { compileSearch } from "./query/search.js";
import type { ConnectionRecord } from "./report/record.js";
import type { Sockets } from "./report/socket.js";
import type { CaptureSummary } from "./report/summary.js";
import type { Traffic } from "./report/traffic.js";
import type { AnalysisView, Ladder, Page, PageQuery, Progress } from "./report/view.js";
import { decode, SKIPPED } from "./wire/decode.js";
import { Segment } from "./wire/segment.js";
import { BAD_CHECKSUM } from "./wire/skip-reasons.js";

/** Connections made final in one go at the end, before what was said of them is waited for. */
const ENDED_AT_ONCE = 256;
/** What is told is looked at again, for records that are handed on, once so much more was seen. */
const MORE_SEEN = 1.25;
/** With more connections open than this, a summary under way counts the finished ones only. */
const MOST_OPEN_COUNTED = 20_000;

export class Analysis implements AnalysisView {
  readonly #capture: Capture;
  readonly #options: AnalysisOptions;
  readonly #tracker: Tracker;
  readonly #ledger: Ledger;
  readonly #handshake = new Handshake();
  readonly #finished: FinishedConnections;
  readonly #live: DescribeContext;
  /** Present where somebody wants to hear of them. */
  readonly #amendments: Amendments | null = null;
  readonly #segmentRows: SegmentRows | null = null;
  /** Present where checksums are verified. */
  readonly #checksums: Checksums | null = null;
  readonly #packets = new PacketCounts();
  readonly #recent = new RecentRate();
  /** Present where the input comes as time passes. */
  readonly live: LiveWatch | null = null;
  #startedAt = 0;
  #endedAt = 0;
  #isComplete = false;
  #promised: Promise<void>[] = [];
  /** The last summary, which may be shown again while the file is read. */
  #summary: CaptureSummary | null = null;
  #summaryGoodUntil = 0;
  /** Changes of what rules see, at which what is told is looked at again. */
  #tellAt = 1;
  /** The reading before this one, of the whole capture, where a filter asks for what is told of that; its bytes. */
  #first: Analysis | null = null;
  #firstBytes = 0;

  constructor(capture: Capture, options: AnalysisOptions) {
    this.#capture = capture;
    this.#options = options;
    const sink = {
      count: (connection: number, weight: 1 | -1) => this.#count(connection, weight),
      repeat: (connection: number, atNs: number, reason: number) =>
        this.#repeat(connection, { atNs, reason }),
      handshake: (connection: number) => this.#compare(connection),
      wants: (connection: number) =>
        options.onFinished !== undefined || this.#finished.wants(this.#live, connection),
      finish: (connection: number) => this.#finish(connection),
      ...(options.onAmended && { late: this.#noteLate }),
    };
    this.#tracker = new Tracker(sink, {
      mslNs: options.mslNs,
      predictsHeaders: options.predictsHeaders ?? true,
      mostConnections: options.mostConnections,
      holdsSynsFrom: options.holdsSynsFrom ?? HOLDS_SYNS_FROM,
    });
    const tracker = this.#tracker;
    const { connections } = tracker;
    this.#ledger = new Ledger(tracker.pairs, connections.copies, connections.bursts, options);
    this.#live = {
      scene: this.#ledger.scene,
      connections,
      unreachable: (connection) => tracker.unreachable.get(connection),
    };
    const { keptInMemory: inMemory, openSpill, keepsLatest: latest } = options;
    this.#finished = new FinishedConnections(
      options.keep,
      this.#live,
      latest === undefined ? { inMemory, openSpill } : { inMemory, latest },
      options.where,
    );
    if (options.isLive)
      this.live = new LiveWatch(connections, this.#ledger.scene, this.#packets, () => this.#dropped());
    if (options.checksums) this.#checksums = new Checksums();
    const { onAmended, onSegment } = options;
    if (onSegment)
      this.#segmentRows = new SegmentRows(tracker, options.fileNames, (row) => this.#promise(onSegment(row)));
    if (onAmended)
      this.#amendments = new Amendments(this.#ledger.scene, (one) => this.#promise(onAmended(one)));
  }

  /** Reads the whole capture; `signal` stops it between two chunks, and what was read is reported. */
  async run(signal?: AbortSignal): Promise<void> {
    this.#startedAt = performance.now();
    await this.#readFirst(signal);
    const capture = this.#capture;
    const tracker = this.#tracker;
    const segments = Array.from({ length: LOOK_AHEAD }, () => new Segment());
    const ahead = new LookAhead();
    const rows = this.#segmentRows;
    const checksums = this.#checksums;

    while (!signal?.aborted && (await capture.fill())) {
      this.live?.tick();
      for (let count = this.#decode(segments); count > 0; count = this.#decode(segments)) {
        ahead.read(tracker.connections, segments, count);
        for (let i = 0; i < count; i++) {
          const segment = segments[i]!;
          if (segment.isQuoted) tracker.observeError(segment);
          else if (checksums === null || this.#counts(checksums, segment)) {
            rows?.begin(segment);
            tracker.observe(segment);
            rows?.observe(segment);
          }
        }
      }
      this.#ledger.scene.nowNs = tracker.latestNs;
      this.#ledger.scene.originNs = capture.originNs ?? 0n;
      this.#amendments?.sweep(tracker.latestNs);
      if (this.#promised.length > 0) await this.#keepPromises();
    }

    this.#isComplete = !signal?.aborted;
    tracker.connections.bursts.settle(tracker.connections, tracker.latestNs);
    while (tracker.end(ENDED_AT_ONCE)) await this.#keepPromises();
    if (this.#amendments) this.#summarize(this.#ledger.tally);
    this.#amendments?.end();
    rows?.end();
    await this.#keepPromises();
    await capture.close();
    this.#endedAt = performance.now();
    this.#summaryGoodUntil = 0;
  }

  /** What is told of the whole capture is known before the first connection is chosen by it. */
  async #readFirst(signal?: AbortSignal): Promise<void> {
    const { where, reopen, isLive } = this.#options;
    if (!where || where.readsFindings === false || !reopen || isLive) return;
    const { where: _, onFinished, onAmended, onSegment, openSpill, ...options } = this.#options;
    this.#first = new Analysis(await reopen(), { ...options, keep: "none" });
    await this.#first.run(signal);
    this.#first.summary();
    this.#ledger.whole = this.#first.#ledger.told;
    this.#firstBytes = this.#first.#capture.bytesRead;
    this.#first = null;
  }

  /** Decodes the next packets held in memory, as many as there are segments for; returns how many segments that gave. */
  #decode(segments: readonly Segment[]): number {
    const capture = this.#capture;
    const packets = this.#packets;
    let count = 0;
    while (count < LOOK_AHEAD && capture.next()) {
      packets.packets++;
      packets.wireBytes += capture.originalLength;
      const segment = segments[count]!;
      if (decode(capture, segment) === SKIPPED) packets.skip(capture, segment.skipReason);
      else count++;
    }
    return count;
  }

  /** Revisions of segments that came to light after their rows were handed on: two seconds of capture time. */
  get lateAmendments(): number {
    return this.#segmentRows?.lateAmendments ?? 0;
  }

  progress(): Progress {
    const seconds = ((this.#endedAt || performance.now()) - this.#startedAt) / 1000;
    const fatal = this.#capture.problems.find((problem) => problem.isFatal);
    const { capturing } = this.#options;
    const { bytesRead, bytesTotal } = this.#capture;
    // Two readings are one piece of work to whoever waits.
    const isSecond = this.#endedAt === 0 && (this.#first !== null || this.#firstBytes > 0);
    const firstBytes = this.#first?.progress().bytesRead ?? this.#firstBytes;
    return {
      bytesRead: isSecond ? bytesRead + firstBytes : bytesRead,
      bytesTotal: isSecond && bytesTotal !== null ? 2 * bytesTotal : bytesTotal,
      packets: this.#packets.packets,
      packetsPerSecond: this.#rate(seconds),
      // What is done may wait in its place or elsewhere: adding up who is where would count it twice, or not at all.
      connections: this.#tracker.connections.begun - this.#ledger.tally.seenTwice,
      isDone: this.#endedAt > 0,
      problem: fatal ? fatal.sentence : null,
      capturing: capturing === undefined ? null : { name: capturing, droppedPackets: this.#dropped() },
    };
  }

  /** What came second by second, where the input comes as time passes; null elsewhere. */
  traffic(): Traffic | null {
    return this.live?.traffic(this.#endedAt === 0) ?? null;
  }

  sockets(): Sockets | null {
    return this.live?.sockets() ?? null;
  }

  /** Of the whole reading; of the last second where an interface gives what comes. */
  #rate(seconds: number): number {
    const { packets } = this.#packets;
    if (this.#options.capturing !== undefined && this.#endedAt === 0) return this.#recent.of(packets);
    return seconds > 0 ? packets / seconds : 0;
  }

  #dropped(): number {
    return this.#capture.interfaces.reduce((sum, one) => sum + (one.droppedPackets ?? 0), 0);
  }

  summary(): CaptureSummary {
    const startedAt = performance.now();
    if (this.#summary && startedAt < this.#summaryGoodUntil) return this.#summary;
    this.#summary = this.#summarize(this.#tallySoFar());
    const endedAt = performance.now();
    const isOver = this.#endedAt > 0;
    this.#summaryGoodUntil = isOver
      ? Number.POSITIVE_INFINITY
      : endedAt + RENEWAL_SHARE * (endedAt - startedAt);
    return this.#summary;
  }

  #summarize(tally: Tally): CaptureSummary {
    return summarize({
      capture: this.#capture,
      followed: followedBy(this.#tracker),
      tally,
      ledger: this.#ledger,
      fileNames: this.#options.fileNames,
      kept: this.#finished.kept,
      filter: this.#options.where,
      packets: this.#packets,
      unfollowedRecords: this.#amendments?.unfollowed ?? 0,
      isComplete: this.#isComplete,
      checksums: this.#checksums,
    });
  }

  /** The connections that deserve attention most, worst first; or all, in the order of their beginning. */
  worst(count: number | "all"): ConnectionRecord[] {
    return [...this.eachWorst(count)];
  }

  /** The same, each made when it is taken, for lists that need not stand in memory. */
  eachWorst(count: number | "all"): Iterable<ConnectionRecord> {
    // Records name what is told: that has to be known first.
    this.summary();
    return this.#finished.worst(count);
  }

  /** How many finished connections are kept, where, and in how many bytes. */
  get kept(): KeptConnections {
    return this.#finished.kept;
  }

  /** Gives the file of records back, where there is one: what stands in it cannot be asked for any more. */
  close(): void {
    this.#finished.close();
  }

  /** Gives the input back unread. */
  discard(): Promise<void> {
    return this.#capture.close();
  }

  page(query: PageQuery): Promise<Page> {
    this.summary();
    return this.#finished.page(query, compileSearch(query.search));
  }

  async ladder(id: string): Promise<Ladder> {
    this.summary();
    const record = this.#finished.findById(id);
    if (!record) throw new RangeError(`no connection ${id}`);
    return readLadder(record, this.#ledger, this.#options);
  }

  /** The ladders of several connections, in one reading of the input. */
  ladders(records: readonly ConnectionRecord[]): Promise<readonly Ladder[]> {
    return readLadders(records, this.#ledger, this.#options);
  }

  /** Whether the segment counts: its checksum does not say that its receiver dropped it. */
  #counts(checksums: Checksums, segment: Segment): boolean {
    const isCounted = checksums.verify(segment);
    if (checksums.isWrong) noteWrongChecksum(this.#tracker.connections, segment);
    if (!isCounted) this.#packets.note(BAD_CHECKSUM, segment);
    return isCounted;
  }

  /** A connection is done: it counts, or no longer. */
  #count(connection: number, weight: 1 | -1): void {
    this.#ledger.scene.nowNs = this.#tracker.latestNs;
    this.#ledger.count(this.#live, connection, weight);
    if (weight > 0) this.#finished.judge(this.#live, connection);
  }

  #repeat(connection: number, repeat: Repeat): void {
    const { connections } = this.#tracker;
    const name = nameOf(connections.columns, connection);
    const isSecond = isSecondSight(connections, connection);
    this.#ledger.sights.repeat(name, isSecond, repeat, isHandshaking(connections, connection));
  }

  #compare(connection: number): void {
    const { connections } = this.#tracker;
    const isComparable = this.#handshake.read(connections, connection);
    const isSecond = isSecondSight(connections, connection);
    const earlier = this.#ledger.sights.handshake(this.#handshake, isComparable, isSecond);
    if (earlier > 0) markSecondSight(connections, connection, earlier);
  }

  /** A connection's record is final: it is kept or handed on. */
  #finish(connection: number): void {
    this.#ledger.scene.nowNs = this.#tracker.latestNs;
    if (!this.#ledger.finish(this.#live, connection)) return;
    this.#finished.add(this.#live, connection);
    if (!this.#options.onFinished) return;
    this.#tellByNow();
    const record = describeConnection(this.#live, connection);
    this.#promise(this.#options.onFinished(record));
    this.#amendments?.noteHandedOn(this.#live, connection, record);
  }

  /** At moments that hang on what was captured alone, so that what is said of a connection does not hang on speed. */
  #tellByNow(): void {
    const { changes } = this.#ledger.diagnosis;
    if (this.#ledger.whole !== null || changes < this.#tellAt) return;
    this.#tellAt = changes * MORE_SEEN;
    this.#summarize(this.#ledger.tally);
  }

  readonly #noteLate = (name: number, endedAt: number, segment: Segment): void => {
    this.#amendments?.noteLate(name, endedAt, segment);
  };

  /** Reading waits for it, where there is something to wait for. */
  #promise(promise: void | Promise<void>): void {
    if (promise) this.#promised.push(promise);
  }

  async #keepPromises(): Promise<void> {
    await Promise.all(this.#promised);
    this.#promised = [];
  }

  /** Finished connections, and the open ones as they stand, where they are not too many. */
  #tallySoFar(): Tally {
    const { connections } = this.#tracker;
    const { open } = this.#tracker;
    if (open === 0 || open > MOST_OPEN_COUNTED) return this.#ledger.tally;
    const tally = new Tally();
    tally.merge(this.#ledger.tally);
    connections.forEach((connection) => {
      if (
        this.#tracker.isCounted(connection) ||
        !(this.#ledger.selected?.matches(this.#live, connection) ?? true)
      )
        return;
      tally.add(this.#live, connection, 1);
    });
    return tally;
  }
}
