/**
 * One part of an analysis in several threads: reads the whole capture, and follows every n-th of its connections.
 *
 * Time, which decides when a connection's record is final, is that of all segments, so that each connection fares as it
 * would alone on one thread. What concerns others goes out as events (part-events.ts); the whole puts them in order
 * (analysis-in-parts.ts).
 */
import { PacketCounts, type PacketFigures } from "./analysis-packets.js";
import type { Capture } from "./capture/packet.js";
import { LOOK_AHEAD, LookAhead } from "./connection/look-ahead.js";
import { nameOf } from "./connection/packet-names.js";
import { COUNT, EventWriter, FINISH, type TakeBatch, UNCOUNT } from "./connection/part-events.js";
import { isHandshaking } from "./connection/second-sights.js";
import { Tracker } from "./connection/tracker.js";
import { MOST_KEPT } from "./connection/unreachable.js";
import { decode, ETHERNET_LINK, SKIPPED } from "./wire/decode.js";
import { hashOfEnds, hashOfPlain } from "./wire/fast-path.js";
import { Segment } from "./wire/segment.js";

/** What a part is told. */
export interface PartOrder {
  readonly part: number;
  readonly parts: number;
  readonly mslNs: number;
  readonly mostConnections: number;
  readonly holdsSynsFrom: number;
  /** Whether final records are asked for, or only counts. */
  readonly keeps: boolean;
  readonly predictsHeaders: boolean;
  readonly control: SharedArrayBuffer;
}

/** What a part knows at its end. Each of them has read the whole capture; figures of segments are of its own. */
export interface PartFacts {
  readonly packets: PacketFigures;
  readonly capture: CaptureFacts;
  readonly latestNs: number;
  readonly jumps: number;
  readonly firstJump: number;
  readonly segments: number;
  readonly lateSegments: number;
  readonly strayErrors: number;
  readonly badOptions: First;
  readonly errors: First;
  readonly isComplete: boolean;
}

/** A count, the first of its packets by name (packet-names.ts), and that one's number in the capture. */
export interface First {
  readonly count: number;
  readonly name: number;
  readonly packet: number;
}

/** What a capture tells once it is read. */
export type CaptureFacts = Readonly<
  Pick<
    Capture,
    "format" | "originNs" | "interfaces" | "problems" | "backwardSteps" | "bytesRead" | "bytesTotal"
  >
>;

/** Words of the control block that all parts share with the whole, and of each part behind them. */
export const STOPPING = 0;
export const STOP_AFTER = 1;
const FIRST_PART = 4;
const WORDS_A_PART = 4;
const READ_BATCHES = 0;
const FILLS = 1;
/** Doubles behind the words: packets, bytes read and connections of each part so far. */
const DOUBLES_A_PART = 4;
/** Batches that may wait to be read. */
const MOST_WAITING = 16;

/** The memory that parts and the whole share: how far each is, and when to stop. */
export class PartControl {
  readonly words: Int32Array;
  readonly progress: Float64Array;

  constructor(buffer: SharedArrayBuffer, parts: number) {
    const words = FIRST_PART + parts * WORDS_A_PART;
    this.words = new Int32Array(buffer, 0, words);
    this.progress = new Float64Array(buffer, words * 4, parts * DOUBLES_A_PART);
  }

  static bytes(parts: number): number {
    return (FIRST_PART + parts * WORDS_A_PART) * 4 + parts * DOUBLES_A_PART * 8;
  }

  /** Of a part: packets, bytes read, connections. */
  of(part: number): { readonly packets: number; readonly bytesRead: number; readonly connections: number } {
    const [packets, bytesRead, connections] = this.progress.subarray(part * DOUBLES_A_PART);
    return { packets: packets!, bytesRead: bytesRead!, connections: connections! };
  }

  note(part: number, packets: number, bytesRead: number, connections: number): void {
    this.progress.set([packets, bytesRead, connections], part * DOUBLES_A_PART);
  }

  /** The whole has read that many more batches of the part. */
  acknowledge(part: number, batches: number): void {
    const at = FIRST_PART + part * WORDS_A_PART + READ_BATCHES;
    Atomics.add(this.words, at, batches);
    Atomics.notify(this.words, at);
  }

  /** Waits until no more than `MOST_WAITING` of the part's batches, of which there were `sent`, wait to be read. */
  waitForReader(part: number, sent: number): void {
    const at = FIRST_PART + part * WORDS_A_PART + READ_BATCHES;
    for (
      let read = Atomics.load(this.words, at);
      sent - read > MOST_WAITING;
      read = Atomics.load(this.words, at)
    )
      Atomics.wait(this.words, at, read);
  }

  /** The part is about to take its `fill`-th piece of the capture: whether it may, for all stop after the same one. */
  mayFill(part: number, fill: number): boolean {
    Atomics.store(this.words, FIRST_PART + part * WORDS_A_PART + FILLS, fill);
    if (Atomics.load(this.words, STOPPING) === 0) return true;
    Atomics.wait(this.words, STOP_AFTER, 0);
    return fill <= Atomics.load(this.words, STOP_AFTER);
  }

  /** Has all parts stop after the piece at which the first of them is. */
  stop(parts: number): void {
    if (Atomics.exchange(this.words, STOPPING, 1) === 1) return;
    let most = 1;
    for (let part = 0; part < parts; part++)
      most = Math.max(most, Atomics.load(this.words, FIRST_PART + part * WORDS_A_PART + FILLS));
    Atomics.store(this.words, STOP_AFTER, most);
    Atomics.notify(this.words, STOP_AFTER);
  }
}

/** A part is looked at between two pieces of the capture: it must not reach its share of a bound meanwhile. */
const NEARLY = 0.9;
const NO_NAMES = { files: [], interfaces: [] };

/** Thrown by a part where the report would depend on how connections are parted: a single thread has to do it. */
export class NeedsOneThread extends Error {
  override readonly name = "NeedsOneThread";
}

export class AnalysisPart {
  readonly #capture: Capture;
  readonly #order: PartOrder;
  readonly #control: PartControl;
  readonly #events: EventWriter;
  readonly #tracker: Tracker;
  readonly #packets = new PacketCounts();
  /** Of the segments that are observed next: those that this part follows, and the number of each one's packet. */
  readonly #own: Segment[] = [];
  readonly #numbers = new Float64Array(LOOK_AHEAD);
  #batches = 0;
  #badOptionsAt = 0;
  #errorAt = 0;

  constructor(capture: Capture, order: PartOrder, take: TakeBatch) {
    this.#capture = capture;
    this.#order = order;
    this.#control = new PartControl(order.control, order.parts);
    const events = new EventWriter((bytes, used, packet) => {
      this.#control.waitForReader(order.part, ++this.#batches);
      take(bytes, used, packet);
    });
    this.#events = events;
    const say = (kind: number, connection: number) => this.#say(kind, connection);
    this.#tracker = new Tracker(
      {
        count: (connection, weight) => say(weight > 0 ? COUNT : UNCOUNT, connection),
        repeat: (connection, timeNs, reason) => {
          const { connections } = this.#tracker;
          const name = nameOf(connections.columns, connection);
          events.repeat(name, timeNs, reason, isHandshaking(connections, connection));
        },
        handshake: (connection) => events.handshake(this.#tracker.connections, connection),
        wants: () => order.keeps,
        finish: (connection) => {
          if (order.keeps) say(FINISH, connection);
        },
      },
      {
        mslNs: order.mslNs,
        predictsHeaders: order.predictsHeaders,
        mostConnections: order.mostConnections,
        holdsSynsFrom: order.holdsSynsFrom,
      },
    );
    const { pairs, connections } = this.#tracker;
    pairs.journal = events;
    connections.copies.journal = events;
    connections.bursts.journal = events;
  }

  /** Reads the whole capture; every event has gone out when it resolves. */
  async run(): Promise<PartFacts> {
    const { part } = this.#order;
    const capture = this.#capture;
    const tracker = this.#tracker;
    const events = this.#events;
    const segments = Array.from({ length: LOOK_AHEAD }, () => new Segment());
    const ahead = new LookAhead();
    let fill = 1;
    while (this.#control.mayFill(part, fill) && (await capture.fill())) {
      fill++;
      for (let count = this.#decode(segments); count > 0; count = this.#decode(segments)) {
        ahead.read(tracker.connections, this.#own, this.#own.length);
        for (let i = 0, next = 0; i < count; i++) {
          events.packet = this.#numbers[i]!;
          if (this.#own[next] === segments[i]) {
            next++;
            this.#observe(segments[i]!);
          } else tracker.pass(segments[i]!);
        }
      }
      this.#check();
      events.flush(this.#packets.packets);
      this.#control.note(part, this.#packets.packets, capture.bytesRead, tracker.connections.begun);
    }
    const isComplete = Atomics.load(this.#control.words, STOPPING) === 0;
    this.#end();
    const facts = this.#facts(isComplete);
    await capture.close();
    return facts;
  }

  /** What is left is final, in the order of its beginning; what it shows of hosts is known before. */
  #end(): void {
    const events = this.#events;
    events.packet = this.#packets.packets + 1;
    this.#tracker.end(0);
    this.#check();
    events.flush(events.packet);
    events.packet++;
    for (let isLeft = true; isLeft; )
      isLeft = this.#tracker.end(1, (connection) => events.left(this.#tracker.connections, connection));
    events.flush(Number.POSITIVE_INFINITY);
  }

  #observe(segment: Segment): void {
    const tracker = this.#tracker;
    if (segment.isQuoted) tracker.observeError(segment);
    else tracker.observe(segment);
    if (this.#badOptionsAt === 0 && tracker.badOptions > 0) this.#badOptionsAt = this.#events.packet;
    if (this.#errorAt === 0 && tracker.errors > 0) this.#errorAt = this.#events.packet;
  }

  /** Decodes the next packets held in memory; of segments that others follow, little more than their time. */
  #decode(segments: readonly Segment[]): number {
    const capture = this.#capture;
    const packets = this.#packets;
    const own = this.#own;
    own.length = 0;
    let count = 0;
    while (count < LOOK_AHEAD && capture.next()) {
      packets.packets++;
      packets.wireBytes += capture.originalLength;
      const segment = segments[count]!;
      const hash = capture.linkType === ETHERNET_LINK ? hashOfPlain(capture) : -1;
      if (hash >= 0 && !this.#isOwn(hash)) {
        segment.timeNs = capture.timeNs;
        segment.file = capture.file;
        segment.number = capture.number;
      } else if (decode(capture, segment) === SKIPPED) {
        packets.skip(capture, segment.skipReason);
        continue;
      } else if (this.#isOwn(hash >= 0 ? hash : hashOfEnds(segment))) own.push(segment);
      this.#numbers[count++] = packets.packets;
    }
    return count;
  }

  #isOwn(hash: number): boolean {
    return hash % this.#order.parts === this.#order.part;
  }

  #say(kind: number, connection: number): void {
    const { connections, unreachable, latestNs } = this.#tracker;
    this.#events.connection(kind, latestNs, connections, connection, unreachable.get(connection));
  }

  /** Bounds are those of the whole: before a part of them could be the reason for anything, one thread does it all. */
  #check(): void {
    const { parts } = this.#order;
    const { reuse, eviction, connections, unreachable } = this.#tracker;
    const share = Math.max(reuse.share, connections.tls.share, unreachable.size / MOST_KEPT);
    if (share > NEARLY / parts || eviction.evicted > 0 || reuse.notes(NO_NAMES).length > 0)
      throw new NeedsOneThread();
  }

  #facts(isComplete: boolean): PartFacts {
    const tracker = this.#tracker;
    const { format, originNs, interfaces, problems, backwardSteps, bytesRead, bytesTotal } = this.#capture;
    return {
      packets: this.#packets,
      capture: {
        format,
        originNs,
        interfaces: interfaces.map((one) => ({ ...one })),
        problems: problems.map((one) => ({ ...one })),
        backwardSteps,
        bytesRead,
        bytesTotal,
      },
      latestNs: tracker.latestNs,
      jumps: tracker.clock.jumps,
      firstJump: tracker.clock.firstJump,
      segments: tracker.segments,
      lateSegments: tracker.lateSegments,
      strayErrors: tracker.strayErrors,
      badOptions: { count: tracker.badOptions, name: tracker.firstBadOptions, packet: this.#badOptionsAt },
      errors: { count: tracker.errors, name: tracker.firstError, packet: this.#errorAt },
      isComplete,
    };
  }
}
