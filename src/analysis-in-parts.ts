/**
 * An analysis in several threads, for reports: each thread reads the capture and follows a part of its connections
 * (analysis-part.ts); here all of them are counted, compared, looked at and kept, as one thread would have done it.
 *
 * The parts' events are taken in the order of packets, so that nothing depends on how many parts there are or which is
 * ahead. Where a bound that all connections share comes near, a single thread begins anew.
 */
import { readLadder, readLadders } from "./analysis-ladder.js";
import { Ledger } from "./analysis-ledger.js";
import type { AnalysisOptions } from "./analysis-options.js";
import { HOLDS_SYNS_FROM } from "./analysis-options.js";
import { NeedsOneThread, PartControl, type PartFacts, type PartOrder } from "./analysis-part.js";
import { type Followed, summarize } from "./analysis-summary.js";
import { Analysis } from "./analyzer.js";
import type { Capture } from "./capture/packet.js";
import { Connections } from "./connection/connections.js";
import type { DescribeContext } from "./connection/describe.js";
import { FinishedConnections, type KeptConnections } from "./connection/finished-connections.js";
import { HostPairs } from "./connection/host-pairs.js";
import { LossBursts } from "./connection/loss-bursts.js";
import { nameOf } from "./connection/packet-names.js";
import {
  COPY,
  COUNT,
  EventReader,
  FINISH,
  HANDSHAKE,
  LEFT,
  LOSS,
  NO_LOSS,
  ONE_WAY,
  ORIGINAL,
  REPEAT,
  SEEN,
  UNCOUNT,
} from "./connection/part-events.js";
import { loadScratch, scratchConnections } from "./connection/record-store.js";
import { SystematicCopies } from "./connection/systematic-copies.js";
import { markSecondSight } from "./connection/translated-connections.js";
import type { Unreachable } from "./connection/unreachable.js";
import type { ConnectionRecord } from "./report/record.js";
import type { CaptureSummary } from "./report/summary.js";
import type { Ladder, Progress } from "./report/view.js";

/** What a part sends. */
export type PartMessage =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly used: number; readonly packet: number }
  | { readonly facts: PartFacts }
  | { readonly failure: Error; readonly needsOneThread: boolean };

/** Starts the thread of a part; what it sends goes to `hear`. Returns what ends it. */
export type StartPart = (order: PartOrder, hear: (message: PartMessage) => void) => () => void;

/** What a report asks of an analysis, in however many threads. */
export type ReportedAnalysis = Pick<
  Analysis,
  | "run"
  | "progress"
  | "summary"
  | "worst"
  | "eachWorst"
  | "kept"
  | "close"
  | "ladder"
  | "ladders"
  | "lateAmendments"
>;

/** Second sights that are remembered until their records are final: those before them are forgotten. */
const MOST_SECOND_SIGHTS = 2 ** 20;

export class AnalysisInParts implements ReportedAnalysis {
  readonly lateAmendments = 0;

  readonly #capture: Capture;
  readonly #options: AnalysisOptions;
  readonly #parts: number;
  readonly #start: StartPart;
  readonly #control: SharedArrayBuffer;
  readonly #shared: PartControl;
  readonly #readers: EventReader[];
  readonly #facts: PartFacts[] = [];
  readonly #ledger: Ledger;
  readonly #finished: FinishedConnections;
  /** The scratch place, and the ICMP error of the connection in it. */
  readonly #scratch = scratchConnections();
  readonly #context: DescribeContext;
  #unreachable: Unreachable | undefined;
  /** By name: of which connection one is a second sight, and how bad one is that counts and is not final yet. */
  readonly #seconds = new Map<number, number>();
  readonly #badness = new Map<number, number>();
  #areBurstsChecked = false;
  #startedAt = 0;
  #endedAt = 0;
  /** Does it all, where parts must not. */
  #single: Analysis | null = null;

  /** `capture`: the same that each part opens for itself, to begin anew from where that is needed; unread. */
  constructor(capture: Capture, options: AnalysisOptions, parts: number, start: StartPart) {
    this.#capture = capture;
    this.#options = options;
    this.#parts = parts;
    this.#start = start;
    this.#control = new SharedArrayBuffer(PartControl.bytes(parts));
    this.#shared = new PartControl(this.#control, parts);
    this.#readers = Array.from({ length: parts }, () => new EventReader());
    this.#ledger = new Ledger(new HostPairs(), new SystematicCopies(), new LossBursts(), options);
    const { scene } = this.#ledger;
    this.#context = { scene, connections: this.#scratch, unreachable: () => this.#unreachable };
    const none = { scene, connections: new Connections(1), unreachable: () => undefined };
    const { keptInMemory: inMemory, openSpill } = options;
    this.#finished = new FinishedConnections(options.keep, none, { inMemory, openSpill }, options.where);
  }

  /** Runs all parts to the end; `signal` stops them after the same packet. */
  async run(signal?: AbortSignal): Promise<void> {
    this.#startedAt = performance.now();
    const stop = () => this.#shared.stop(this.#parts);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      await this.#runParts();
      await this.#capture.close();
    } catch (error) {
      if (!(error instanceof NeedsOneThread)) throw error;
      this.#single = new Analysis(this.#capture, this.#options);
      await this.#single.run(signal);
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#endedAt = performance.now();
    }
  }

  async #runParts(): Promise<void> {
    const { checksums, mostConnections, where } = this.#options;
    // What is told of the whole has to be known first.
    if (where && where.readsFindings !== false) throw new NeedsOneThread();
    // Which segments count hangs on all those before, and verifying them is most of the work.
    if (checksums) throw new NeedsOneThread();
    // A part of so small a bound would be 0, which is none.
    if (mostConnections > 0 && mostConnections < this.#parts) throw new NeedsOneThread();
    const ends: (() => void)[] = [];
    try {
      await new Promise<void>((resolve, reject) => {
        for (let part = 0; part < this.#parts; part++)
          ends.push(
            this.#start(this.#orderOf(part), (message) => {
              try {
                if (this.#hear(part, message)) resolve();
              } catch (error) {
                reject(error);
              }
            }),
          );
      });
    } finally {
      for (const end of ends) end();
    }
  }

  #orderOf(part: number): PartOrder {
    const { mslNs, mostConnections, holdsSynsFrom, predictsHeaders, keep } = this.#options;
    return {
      part,
      parts: this.#parts,
      mslNs,
      mostConnections: Math.floor(mostConnections / this.#parts),
      holdsSynsFrom: holdsSynsFrom ?? HOLDS_SYNS_FROM,
      predictsHeaders: predictsHeaders ?? true,
      keeps: keep !== "none" && keep !== 0,
      control: this.#control,
    };
  }

  /** Takes what a part sends; true once all parts have come to their end. */
  #hear(part: number, message: PartMessage): boolean {
    if ("failure" in message) throw message.needsOneThread ? new NeedsOneThread() : message.failure;
    if ("facts" in message) {
      this.#facts[part] = message.facts;
      this.#ledger.scene.originNs = message.facts.capture.originNs ?? 0n;
      if (Object.keys(this.#facts).length < this.#parts) return false;
      this.#checkBursts();
      return true;
    }
    this.#acknowledge(part, this.#readers[part]!.push(message.bytes, message.used, message.packet));
    this.#merge();
    return false;
  }

  #acknowledge(part: number, batches: number): void {
    if (batches > 0) this.#shared.acknowledge(part, batches);
  }

  /** Takes events in order, as far as it is known that none comes before them. */
  #merge(): void {
    const readers = this.#readers;
    for (;;) {
      let first = 0;
      for (let part = 1; part < readers.length; part++)
        if (readers[part]!.isBefore(readers[first]!)) first = part;
      const reader = readers[first]!;
      if (reader.kind === 0) return;
      this.#take(reader);
      this.#acknowledge(first, reader.next());
    }
  }

  #take(reader: EventReader): void {
    const { pairs, copies, bursts, sights } = this.#ledger;
    const { in: from } = reader;
    switch (reader.kind) {
      case SEEN:
        pairs.note(from.takeNumber(0));
        return;
      case ONE_WAY:
        pairs.noteOneWay(from.takeNumber(0));
        return;
      case ORIGINAL:
        copies.countOriginal(from.takeInteger(0), from.takeInteger(0) as 1 | -1);
        return;
      case COPY:
        copies.countCopy(from.takeInteger(0), from.takeInteger(0) as 1 | -1);
        return;
      case REPEAT: {
        const name = from.takeNumber(0);
        const repeat = { atNs: from.takeNumber(0), reason: from.takeByte() };
        sights.repeat(name, this.#seconds.has(name), repeat, from.takeByte() !== 0);
        return;
      }
      case HANDSHAKE:
        this.#compare(reader);
        return;
      case COUNT:
      case UNCOUNT:
        this.#count(reader, reader.kind === COUNT ? 1 : -1);
        return;
      case FINISH:
        this.#finish(reader);
        return;
      case LOSS: {
        const name = from.takeNumber(0);
        const row = from.takeInteger(0);
        const [lostAtNs, frame] = [from.takeNumber(0), from.takeNumber(0)];
        if (!this.#seconds.has(name)) bursts.noteOf(null, name, row, lostAtNs, frame);
        return;
      }
      case NO_LOSS:
        bursts.takeBackOf(from.takeNumber(0), 0, from.takeNumber(0));
        return;
      case LEFT:
        this.#checkBursts();
        return;
      default:
        throw new Error(`a part sent an event of kind ${reader.kind}`);
    }
  }

  /**
   * Before the first of those that are left is final: how many connections were sending in a moment of many losses is known
   * where all of them stand alone.
   */
  #checkBursts(): void {
    if (this.#areBurstsChecked) return;
    this.#areBurstsChecked = true;
    if (this.#ledger.bursts.summary(null, Number.POSITIVE_INFINITY).length > 0) throw new NeedsOneThread();
  }

  #compare(reader: EventReader): void {
    const { handshake, isComparable } = reader.takeHandshake();
    const { name } = handshake;
    const earlier = this.#ledger.sights.handshake(handshake, isComparable, this.#seconds.has(name));
    if (earlier === 0) return;
    this.#seconds.set(name, earlier);
    if (this.#seconds.size > MOST_SECOND_SIGHTS) this.#seconds.delete(this.#seconds.keys().next().value!);
  }

  #count(reader: EventReader, weight: 1 | -1): void {
    const name = this.#load(reader);
    this.#ledger.count(this.#context, 0, weight);
    if (weight < 0 || this.#options.keep === "all" || this.#options.keep === "none") return;
    this.#finished.judge(this.#context, 0);
    this.#badness.set(name, this.#scratch.columns.badness[0]!);
  }

  #finish(reader: EventReader): void {
    const name = this.#load(reader);
    this.#scratch.columns.badness[0] = this.#badness.get(name) ?? 0;
    if (this.#ledger.finish(this.#context, 0)) this.#finished.add(this.#context, 0);
    this.#badness.delete(name);
    this.#seconds.delete(name);
  }

  /** Unpacks the event's connection into the scratch place; returns its name. */
  #load(reader: EventReader): number {
    const scratch = this.#scratch;
    this.#ledger.scene.nowNs = reader.takeNowNs();
    this.#unreachable = loadScratch(scratch, reader.in);
    const name = nameOf(scratch.columns, 0);
    const earlier = this.#seconds.size > 0 ? this.#seconds.get(name) : undefined;
    if (earlier !== undefined) markSecondSight(scratch, 0, earlier);
    return name;
  }

  progress(): Progress {
    if (this.#single) return this.#single.progress();
    const parts = Array.from({ length: this.#parts }, (_, part) => this.#shared.of(part));
    const packets = Math.min(...parts.map((part) => part.packets));
    const seconds = ((this.#endedAt || performance.now()) - this.#startedAt) / 1000;
    const fatal = this.#facts[0]?.capture.problems.find(({ isFatal }) => isFatal);
    return {
      bytesRead: Math.min(...parts.map((part) => part.bytesRead)),
      bytesTotal: this.#capture.bytesTotal,
      packets,
      packetsPerSecond: seconds > 0 ? packets / seconds : 0,
      connections: parts.reduce((sum, part) => sum + part.connections, 0) - this.#ledger.tally.seenTwice,
      isDone: this.#endedAt > 0,
      problem: fatal ? fatal.sentence : null,
      capturing: null,
    };
  }

  /** Once all is read. */
  summary(): CaptureSummary {
    if (this.#single) return this.#single.summary();
    const [facts] = this.#facts;
    if (!facts) throw new Error("the parts of the analysis have not come to their end");
    this.#ledger.scene.nowNs = facts.latestNs;
    return summarize({
      capture: facts.capture,
      followed: this.#followed(facts),
      ledger: this.#ledger,
      tally: this.#ledger.tally,
      fileNames: this.#options.fileNames,
      kept: this.#finished.kept,
      filter: this.#options.where,
      packets: facts.packets,
      unfollowedRecords: 0,
      isComplete: facts.isComplete,
      checksums: null,
    });
  }

  #followed({ latestNs, jumps, firstJump }: PartFacts): Followed {
    const parts = this.#facts;
    const sum = (count: (facts: PartFacts) => number) => parts.reduce((all, part) => all + count(part), 0);
    const first = (name: "badOptions" | "errors") =>
      parts
        .map((part) => part[name])
        .filter(({ count }) => count > 0)
        .sort((a, b) => a.packet - b.packet)[0]?.name ?? 0;
    return {
      latestNs,
      clock: { jumps, firstJump },
      segments: sum(({ segments }) => segments),
      lateSegments: sum(({ lateSegments }) => lateSegments),
      strayErrors: sum(({ strayErrors }) => strayErrors),
      badOptions: sum(({ badOptions }) => badOptions.count),
      firstBadOptions: first("badOptions"),
      errors: sum(({ errors }) => errors.count),
      firstError: first("errors"),
      closedEarly: 0,
      // A part that comes near one of the bounds leaves the whole to a single thread.
      evictions: { evicted: 0, unanswered: 0, servers: [], omitted: 0 },
      lossBursts: [],
      notes: () => [],
    };
  }

  worst(count: number | "all"): ConnectionRecord[] {
    return [...this.eachWorst(count)];
  }

  eachWorst(count: number | "all"): Iterable<ConnectionRecord> {
    if (this.#single) return this.#single.eachWorst(count);
    // Records name what is told: that has to be known first.
    this.summary();
    return this.#finished.worst(count);
  }

  get kept(): KeptConnections {
    return this.#single ? this.#single.kept : this.#finished.kept;
  }

  close(): void {
    this.#single?.close();
    this.#finished.close();
  }

  async ladder(id: string): Promise<Ladder> {
    if (this.#single) return this.#single.ladder(id);
    this.summary();
    const record = this.#finished.findById(id);
    if (!record) throw new RangeError(`no connection ${id}`);
    return readLadder(record, this.#ledger, this.#options);
  }

  ladders(records: readonly ConnectionRecord[]): Promise<readonly Ladder[]> {
    return this.#single ? this.#single.ladders(records) : readLadders(records, this.#ledger, this.#options);
  }
}
